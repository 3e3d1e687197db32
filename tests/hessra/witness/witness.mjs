// Makes random tokens with the Rust implementation of Biscuit and asks it what it thinks of them:
//   node --experimental-wasm-modules witness.mjs PACKAGES SEED FIRST COUNT
// Prints one JSON object a line for each token: what to judge, and what the witness says. Token number n of a seed is
// always made of the same parts, up to its keys, so that a run can go on behind one that the witness hangs on.
import path from "node:path";
import { pathToFileURL } from "node:url";

const [packages, seed, first, count] = process.argv.slice(2);
const { AuthorizerBuilder, Biscuit, KeyPair, SignatureAlgorithm } = await import(
  pathToFileURL(path.join(packages, "node_modules/@biscuit-auth/biscuit-wasm/module/biscuit.js")).href
);

// splitmix32
let state = 0;
const next = () => {
  state = (state + 0x9e3779b9) | 0;
  let z = state;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
};
const below = (n) => next() % n;
const chance = (percent) => below(100) < percent;
const pick = (list) => list[below(list.length)];
const times = (n, make) => Array.from({ length: n }, make);

const SUBJECTS = ["alice", "bob", "alice:agent"];
const RESOURCES = ["orders", "prices"];
const OPERATIONS = ["read", "write"];
const NOW = 1800000000;

const newKey = () => new KeyPair(chance(50) ? SignatureAlgorithm.Ed25519 : SignatureAlgorithm.Secp256r1);

// Expressions by type. depth bounds them; wrong is how often, in percent, a part has another type than it should.
const TYPES = ["int", "string", "bool", "date", "bytes", "set", "array", "map", "null"];
const literal = {
  int: () => pick(["0", "1", "2", "-3", "7", "9223372036854775807", "-9223372036854775808"]),
  string: () => pick(['""', '"a"', '"ab"', '"orders"', '"ü"', '"a.c"', '"^a"', '"("']),
  bool: () => pick(["true", "false"]),
  date: () => pick(["1970-01-01T00:00:00Z", "2027-01-15T08:00:00Z", "2030-06-01T00:00:00Z"]),
  bytes: () => pick(["hex:00", "hex:00ff"]),
  set: () => pick(["{,}", "{1}", "{1, 2}", '{"a", "ab"}', "{2}"]),
  array: () => pick(["[]", "[1]", "[1, 2]", '["a", 1]', "[[1], [2]]"]),
  map: () => pick(["{}", '{"a": 1}', '{1: "a", 2: [3]}']),
  null: () => "null",
};
const value = (type, vars, depth, wrong) => {
  if (chance(wrong)) type = pick(TYPES);
  if (vars.length > 0 && chance(25)) return pick(vars);
  if (depth <= 0) return literal[type]();
  const sub = (t) => value(t, vars, depth - 1, wrong);
  const closure = (name) => `${name} -> ${value("bool", [...vars, name], depth - 1, wrong)}`;
  const forms = {
    int: [
      () => `(${sub("int")} ${pick(["+", "-", "*", "/", "&", "|", "^"])} ${sub("int")})`,
      () => `${sub(pick(["string", "bytes", "set", "array", "map"]))}.length()`,
      () => `${sub("array")}.get(${sub("int")})`,
      () => `${sub("map")}.get(${sub(pick(["string", "int"]))})`,
    ],
    string: [() => `(${sub("string")} + ${sub("string")})`, () => `${sub(pick(TYPES))}.type()`],
    bool: [
      () => `(${sub("int")} ${pick(["<", ">", "<=", ">="])} ${sub("int")})`,
      () => `(${sub("date")} ${pick(["<", ">", "<=", ">="])} ${sub("date")})`,
      () => {
        const type = pick(TYPES);
        return `(${sub(type)} ${pick(["===", "!==", "==", "!="])} ${sub(type)})`;
      },
      () => `(${sub("bool")} ${pick(["&&", "||"])} ${sub("bool")})`,
      () => `!${sub("bool")}`,
      () => `${sub("string")}.${pick(["contains", "starts_with", "ends_with", "matches"])}(${sub("string")})`,
      () => `${sub("set")}.contains(${sub(pick(["int", "string", "set"]))})`,
      () => `${sub("array")}.${pick(["contains", "starts_with", "ends_with"])}(${sub("array")})`,
      () => `${sub("map")}.contains(${sub("string")})`,
      () => `${sub(pick(["set", "array", "map"]))}.${pick(["any", "all"])}(${closure(pick(["$p", "$q"]))})`,
      () => `(${sub("bool")}).try_or(${sub("bool")})`,
    ],
    set: [() => `${sub("set")}.${pick(["intersection", "union"])}(${sub("set")})`],
  }[type];
  return forms && chance(75) ? pick(forms)() : literal[type]();
};

// Facts and rules in the words of Hessra tokens, and in others.
const name = () => pick(["p", "q", "r"]);
const term = () => (chance(70) ? literal[pick(["int", "string", "bool"])]() : literal[pick(TYPES)]());
const fact = () => {
  switch (below(4)) {
    case 0:
      return `right("${pick(SUBJECTS)}", "${pick(RESOURCES)}", "${pick(OPERATIONS)}")`;
    case 1:
      return `subject("${pick(SUBJECTS)}")`;
    default:
      return `${name()}(${times(1 + below(2), term).join(", ")})`;
  }
};
const predicate = (vars) =>
  chance(40)
    ? pick([
        "subject($s)",
        "resource($r)",
        "operation($o)",
        "right($s, $r, $o)",
        "time($t)",
        "actor($a)",
        `right($s, "orders", $o)`,
        `domain($d)`,
      ])
    : `${name()}(${times(1 + below(2), () => (chance(60) ? pick(vars) : term())).join(", ")})`;
const body = (wrong) => {
  const predicates = times(1 + below(3), () => predicate(["$x", "$y", "$z"]));
  const vars = [...new Set(predicates.join().match(/\$[a-z]/g) ?? [])];
  const expressions = times(below(3), () => value("bool", vars, 1 + below(3), wrong));
  return { text: [...predicates, ...expressions].join(", "), vars };
};
const scope = (keys) => (chance(25) ? ` trusting ${times(1 + below(2), () => pick(["authority", "previous", ...keys])).join(", ")}` : "");
const rule = (keys, wrong) => {
  const { text, vars } = body(wrong);
  const head = vars.length > 0 && chance(80) ? pick(vars) : term();
  return `${pick(["p", "q", "r", "subject", "actor"])}(${head}) <- ${text}${scope(keys)}`;
};
const check = (keys, wrong) => {
  if (chance(30)) return `check if time($t), $t ${pick(["<", "<="])} ${NOW + below(3) - 1}`;
  if (chance(30)) return `check if subject($s), resource($r), operation($o), right($s, $r, $o)`;
  const query = () => (chance(20) ? value("bool", [], 1 + below(3), wrong) : body(wrong).text) + scope(keys);
  return `${pick(["check if", "check if", "check all", "reject if"])} ${times(1 + below(2), query).join(" or ")}`;
};
const block = (keys, wrong) =>
  [
    ...times(below(4), fact),
    ...times(below(3), () => rule(keys, wrong)),
    ...times(below(3), () => check(keys, wrong)),
  ]
    .map((line) => line + ";\n")
    .join("") || "p(1);\n";

const request = () => {
  const texts = { subject: pick(SUBJECTS), resource: pick(RESOURCES), operation: pick(OPERATIONS) };
  const kind = 1 + below(5);
  const used = { 1: ["subject", "resource"], 4: ["resource", "operation"], 5: [] }[kind] ?? Object.keys(texts);
  const asked = { kind, now: NOW, ...Object.fromEntries(used.map((text) => [text, texts[text]])) };
  if (kind === 5 && chance(70)) asked.identity = pick(SUBJECTS);
  if (chance(30)) asked.domain = pick(["shop", "bank"]);
  if (kind !== 5 && chance(20)) asked.prefix = pick(["a", "b"]);
  return asked;
};

// The authorizer of each kind, as internal/hessra has it.
const authorizer = (asked, nodes) => {
  const lines = [`time(${asked.now})`];
  for (const text of ["subject", "resource", "operation", "domain", "prefix"])
    if (asked[text] !== undefined) lines.push(`${text}("${asked[text]}")`);
  if (asked.kind === 1) lines.push('operation("read")', 'operation("write")');
  let policy = "subject($s), resource($r), operation($o), right($s, $r, $o)";
  if (asked.kind === 4) {
    const right = `right($s, "${asked.resource}", "${asked.operation}")`;
    lines.push(`subject($s) <- ${right}`);
    policy = right;
  } else if (asked.kind === 5) {
    lines.push(asked.identity === undefined ? "actor($a) <- subject($a)" : `actor("${asked.identity}")`);
    policy = "subject($s)";
  }
  for (const node of nodes) lines.push(`check if node("${asked.resource}", "${node.component}") trusting authority, ${node.public_key}`);
  return lines.map((line) => line + ";\n").join("") + `allow if ${policy};`;
};

const make = (number) => {
  state = Math.imul(Number(seed) | 0, 0x9e3779b1) ^ Math.imul(number, 0x85ebca77);
  const wrong = pick([0, 0, 3, 15]);
  const root = newKey();
  const thirds = times(2, newKey);
  const keys = thirds.map((pair) => pair.getPublicKey().toString());
  const asked = request();
  const nodes = asked.kind === 3 ? keys.slice(0, below(3)).map((key, i) => ({ component: `c${i}`, public_key: key })) : [];
  const builder = Biscuit.builder();
  if (chance(70)) builder.addCode(`right("${asked.subject ?? pick(SUBJECTS)}", "${asked.resource ?? "orders"}", "${asked.operation ?? pick(OPERATIONS)}");`);
  if (asked.kind === 5) builder.addCode(`subject("${asked.identity ?? "alice"}"); check if actor($a), $a == "${asked.identity ?? "alice"}";`);
  for (const node of nodes) if (chance(90)) builder.addCode(`node($s, "${node.component}") <- service($s) trusting ${node.public_key};`);
  builder.addCode(block(keys, wrong));
  let token = builder.build(root.getPrivateKey());
  for (let i = 0, blocks = below(4) + nodes.length; i < blocks; i++) {
    const part = Biscuit.block_builder();
    const third = i < nodes.length ? thirds[i] : chance(50) ? pick(thirds) : null;
    if (i < nodes.length && chance(90)) part.addCode(`service("${asked.resource}");`);
    else part.addCode(block(keys, wrong));
    token = third
      ? token.appendThirdPartyBlock(third.getPublicKey(), token.getThirdPartyRequest().createBlock(third.getPrivateKey(), part))
      : token.appendBlock(part);
  }
  if (chance(25)) token = token.sealToken();
  return { number, asked, nodes, token: token.toBase64(), key: root.getPublicKey().toString(), parsed: token };
};

// The witness has a clock that a busy machine lets run out, so that it is asked again where it does.
const ask = (made) => {
  let said;
  for (let i = 0; i < 5; i++) {
    said = askOnce(made);
    if (said.result !== "limit" || !said.detail.includes("Timeout")) break;
  }
  return said;
};

const askOnce = ({ asked, nodes, parsed }) => {
  const builder = new AuthorizerBuilder();
  builder.addCode(authorizer(asked, nodes));
  try {
    const built = builder.buildAuthenticated(parsed);
    built.authorizeWithLimits({ max_facts: 1000, max_iterations: 100, max_time_micro: 20_000_000 });
    return { result: "ok" };
  } catch (error) {
    const text = error instanceof Error ? error.message : JSON.stringify(error);
    const limit = /RunLimit|TooManyFacts|TooManyIterations|Timeout/.test(text);
    return { result: limit ? "limit" : "VERIFICATION_FAILED", detail: text.slice(0, 300) };
  }
};

const print = (line) => new Promise((done) => process.stdout.write(JSON.stringify(line) + "\n", done));
for (let number = Number(first); number < Number(first) + Number(count); number++) {
  let made;
  try {
    made = make(number);
  } catch (error) {
    await print({ number, skipped: (error instanceof Error ? error.message : JSON.stringify(error)).slice(0, 300) });
    continue;
  }
  const { parsed, ...shown } = made;
  await print(shown);
  await print({ number, ...ask(made) });
}
