package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type vector struct {
	Name, Kind, Token, Expect string
	PublicKey                 string `json:"public_key"`
	Now                       *int64
	Args                      struct {
		Subject, Resource, Operation, Domain, Prefix, Component *string
		ServiceNodes                                            json.RawMessage `json:"service_nodes"`
	}
	RevocationIDs []string `json:"revocation_ids"`
}

func vectors(t *testing.T) map[string]vector {
	t.Helper()
	text, err := os.ReadFile("../../tests/hessra/vectors/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Cases []vector }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	byName := map[string]vector{}
	for _, v := range all.Cases {
		byName[v.Name] = v
	}
	return byName
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func runTool(in string, args ...string) (out, errs string, status int) {
	var o, e bytes.Buffer
	status = run(args, strings.NewReader(in), &o, &e)
	return o.String(), e.String(), status
}

// Every case that the flags can say comes out as through the library, and no output has the token in it.
func TestVerify(t *testing.T) {
	ran := 0
	for name, v := range vectors(t) {
		if v.Kind != "verify" && v.Kind != "verify_operation" && v.Kind != "verify_service_chain" || v.Now != nil ||
			v.Expect == "INVALID_KEY" || strings.TrimSpace(v.Token) != v.Token {
			continue
		}
		args := []string{"verify", "--key", file(t, "key.pem", v.PublicKey)}
		for flag, value := range map[string]*string{
			"--subject": v.Args.Subject, "--resource": v.Args.Resource, "--operation": v.Args.Operation, "--component": v.Args.Component,
			"--domain": v.Args.Domain, "--prefix": v.Args.Prefix,
		} {
			if value != nil {
				args = append(args, flag+"="+*value)
			}
		}
		if v.Args.ServiceNodes != nil {
			args = append(args, "--service-nodes", file(t, "nodes.json", string(v.Args.ServiceNodes)))
		}
		if strings.Contains(string(must(json.Marshal(v.Args))), `\u0000`) {
			continue
		}
		out, errs, status := runTool(v.Token+"\n", args...)
		if want := map[bool]int{true: exitOK, false: exitRefused}[v.Expect == "ok"]; status != want {
			t.Errorf("%s: status %d, want %d: %s%s", name, status, want, out, errs)
		}
		if len(v.Token) > 40 && strings.Contains(out+errs, v.Token[:40]) {
			t.Errorf("%s: the token is printed", name)
		}
		ran++
	}
	if ran < 100 {
		t.Errorf("%d cases only", ran)
	}
}

func must(text []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return text
}

func TestInspect(t *testing.T) {
	v := vectors(t)["chain_complete_ok"]
	out, errs, status := runTool(v.Token, "inspect")
	for _, want := range []string{
		"4 blocks, open to further blocks; no signature was judged",
		`    right("uri:urn:test:marta", "orders", "read");`,
		`    node($0, "gateway") <- service($0) trusting ed25519/`,
		"    check if subject($0), resource($1), operation($2), right($0, $1, $2);",
		"  expires        2100-01-01 00:00:00 UTC",
		"Block 2, of a third party, secp256r1/",
		"  revocation id  " + v.RevocationIDs[3],
	} {
		if status != exitOK || !strings.Contains(out, want) {
			t.Errorf("status %d, no %q in\n%s%s", status, want, out, errs)
		}
	}
	out, _, status = runTool(v.Token, "inspect", "--json")
	var info tokenInfo
	if err := json.Unmarshal([]byte(out), &info); err != nil || status != exitOK || len(info.Blocks) != 4 ||
		info.Blocks[1].RevocationID != v.RevocationIDs[1] || info.Blocks[0].SignedBy != "" || info.Blocks[1].SignedBy == "" {
		t.Errorf("status %d, %v: %s", status, err, out)
	}
	if _, errs, status := runTool("no token", "inspect"); status != exitRefused || !strings.Contains(errs, "format: ") {
		t.Errorf("status %d: %s", status, errs)
	}
	for _, nothing := range []string{"", "\n"} {
		if _, errs, status := runTool(nothing, "inspect"); status != exitRefused || !strings.Contains(errs, "format: the token is empty") {
			t.Errorf("%q: status %d: %s", nothing, status, errs)
		}
	}
}

func TestCheck(t *testing.T) {
	key := vectors(t)["chain_complete_ok"].PublicKey
	path := file(t, "hessra.json", `{"public_key": `+string(must(json.Marshal(key)))+`, "service_nodes": [{"component": "gateway",
		"public_key": "ed25519/2d6de5ff862df2230b5a6fa4ab6a237f085d068f71e894e5de78705c1ec3adf3"}]}`)
	out, errs, status := runTool("", "check", path)
	if status != exitOK || !strings.Contains(out, `key "default": `) || !strings.Contains(out, "valid: 1 keys, 1 service nodes") {
		t.Errorf("status %d: %s%s", status, out, errs)
	}
	if _, errs, status := runTool("", "check", file(t, "hessra.json", `{"port": 70000}`)); status != exitUsage || !strings.Contains(errs, "port") {
		t.Errorf("status %d: %s", status, errs)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{
		{},
		{"verify", "--resource", "r"},
		{"verify", "--key", "none.pem", "--resource", "r"},
		{"inspect", "none"},
		{"check"},
	} {
		if out, errs, status := runTool("x", args...); status == exitOK || errs == "" || strings.Contains(out, "allows") {
			t.Errorf("%q: status %d: %s", args, status, errs)
		}
	}
	// A key or a chain that cannot be read is told before a token that is none.
	nodes := []string{"verify", "--key", file(t, "key.pem", vectors(t)["chain_complete_ok"].PublicKey), "--service-nodes", "none.json"}
	for _, args := range [][]string{{"verify", "--key", "none.pem"}, {"verify", "--config", "none.json"}, nodes} {
		if _, errs, status := runTool("x", append(args, "--resource", "r")...); status != exitUsage || strings.Contains(errs, "token") {
			t.Errorf("%q: status %d: %s", args, status, errs)
		}
	}
	if out, _, status := runTool("", "--version"); status != exitOK || strings.TrimSpace(out) != version {
		t.Errorf("status %d, version %q", status, out)
	}
}
