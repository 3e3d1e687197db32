// Measures the Rust implementation of Biscuit, as its WebAssembly build in Node, on what bench.c measures, for
// orientation: node --experimental-wasm-modules witness.mjs PACKAGES < what tokens writes.
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const { AuthorizerBuilder, Biscuit, PublicKey, SignatureAlgorithm } = await import(
  pathToFileURL(path.join(process.argv[2], "node_modules/@biscuit-auth/biscuit-wasm/module/biscuit.js")).href
);
const ROUNDS = 31;

const request = (nodes) =>
  'subject("marta"); resource("orders"); operation("read"); time(1800000000);' +
  nodes.map((node) => `check if node("orders", "${node.component}") trusting authority, ${node.public_key};`).join("") +
  "allow if subject($s), resource($r), operation($o), right($s, $r, $o);";

// The root key is that of a token's first signature, a point of secp256r1 there in its long form.
const rootKey = (algorithm, hex) => {
  if (algorithm === "0") return PublicKey.fromString(hex, SignatureAlgorithm.Ed25519);
  const odd = parseInt(hex.slice(-1), 16) % 2;
  return PublicKey.fromString((odd ? "03" : "02") + hex.slice(2, 66), SignatureAlgorithm.Secp256r1);
};

// Its clock, which a busy machine lets run out, may refuse a token; any other refusal ends the program.
const judge = (token, key, code) => {
  const parsed = Biscuit.fromBase64(token.text, key);
  const builder = new AuthorizerBuilder();
  builder.addCode(code);
  const authorizer = builder.buildAuthenticated(parsed);
  try {
    authorizer.authorizeWithLimits({ max_facts: 1000, max_iterations: 100, max_time_micro: 10_000_000 });
  } catch (error) {
    if (error?.RunLimit !== "Timeout") throw new Error(`${token.name}: ${JSON.stringify(error)}`);
  }
  authorizer.free();
  parsed.free();
};

const tokens = [];
for (const line of readFileSync(0, "utf8").split("\n")) {
  const [kind, ...words] = line.split(" ");
  if (kind === "token") {
    const nodes = words.slice(3).join(" ");
    tokens.push({ name: words[0].replaceAll("_", " "), text: words[2], nodes: nodes === "-" ? [] : JSON.parse(nodes) });
  } else if (kind === "signature") {
    tokens.at(-1).root ??= rootKey(words[0], words[1]);
  }
}
console.log(`biscuit-wasm in Node ${process.versions.node}, for orientation; microseconds of processor time, medians of ${ROUNDS} rounds`);
for (const token of tokens) {
  const code = request(token.nodes);
  const rounds = Array.from({ length: ROUNDS }, () => {
    const start = process.cpuUsage();
    let calls = 0;
    let used;
    do {
      judge(token, token.root, code);
      calls++;
      const { user, system } = process.cpuUsage(start);
      used = user + system;
    } while (used < 20_000);
    return used / calls;
  });
  console.log(token.name.padEnd(18), rounds.sort((a, b) => a - b)[ROUNDS >> 1].toFixed(1).padStart(24));
}
