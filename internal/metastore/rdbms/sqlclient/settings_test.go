package sqlclient

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// login is what every string needs beside what is tested.
const loginText = ";User ID=sa;Password=hunter2"

func mustParse(t *testing.T, text string) *Settings {
	t.Helper()
	s, err := Parse(text)
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return s
}

// TestKeywords: every name leads to its keyword and to no other, and every default is of the keyword's kind.
func TestKeywords(t *testing.T) {
	seen := map[string]string{}
	for i := range keywords {
		k := &keywords[i]
		for _, name := range append([]string{strings.ToLower(k.name)}, k.synonyms...) {
			if other, ok := seen[name]; ok {
				t.Errorf("%q is a name of %q and of %q", name, other, k.name)
			}
			seen[name] = k.name
			if name != strings.ToLower(name) {
				t.Errorf("the synonym %q is not in lower case", name)
			}
			if got := find(name, true); got != k {
				t.Errorf("find(%q) = %v; want %q", name, got, k.name)
			}
			if got := find(name, false); (got == k) == k.url {
				t.Errorf("%q, which is for URLs only = %v, is found outside of a URL = %v", name, k.url, got == k)
			}
		}
		if k.note == "" {
			t.Errorf("%s is %v without a note", k.name, k.use)
		}
		if k.use == refused && !k.harmless(k.def) {
			t.Errorf("the default of %s is refused", k.name)
		}
	}
	for name, keyword := range urlSynonyms {
		if find(name, false) != nil || find(name, true).name != keyword {
			t.Errorf("%q leads to %v in a URL and %v outside", name, find(name, true), find(name, false))
		}
	}
}

// TestRefused: each refused keyword is refused with its reason, in text and URL, unless its value is harmless.
func TestRefused(t *testing.T) {
	values := map[string][]string{
		"AttachDbFilename": {"/keys.mdf"}, "Attestation Protocol": {"HGS", "AAS"}, "Authenticator": {"krb5"},
		"Authentication":            {"Active Directory Default", "ActiveDirectoryPassword", "Active Directory MSI"},
		"Column Encryption Setting": {"Enabled"}, "Enclave Attestation Url": {"https://host"},
		"Integrated Security": {"true", "SSPI", "yes"}, "User Instance": {"true"}, "Context Connection": {"true"},
		"Network Library": {"dbnmpntw", "dbmslpcn"}, "Change Password": {"new"}, "Protocol": {"np", "admin"},
		"Federated Authentication": {"ActiveDirectoryDefault"},
	}
	harmless := map[string]string{
		"Attestation Protocol": "None", "Authentication": "Sql Password", "Column Encryption Setting": "Disabled",
		"Integrated Security": "no", "User Instance": "false", "Context Connection": "false",
		"Network Library": "DBMSSOCN", "Protocol": "tcp",
	}
	for i := range keywords {
		k := &keywords[i]
		if k.use != refused {
			continue
		}
		if len(values[k.name]) == 0 {
			t.Errorf("no value of %s is tried", k.name)
		}
		names := append([]string{k.name}, k.synonyms...)
		for i, name := range names {
			value := values[k.name][i%len(values[k.name])]
			refuse(t, k, "sqlserver://sa:p@host?"+url.QueryEscape(name)+"="+url.QueryEscape(value))
			if !k.url {
				refuse(t, k, "Server=host;"+name+"="+value+loginText)
			}
		}
		if value, ok := harmless[k.name]; ok && !k.url {
			mustParse(t, "Server=host;"+k.name+"="+value+loginText)
		}
	}
}

func refuse(t *testing.T, k *keyword, text string) {
	t.Helper()
	if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), k.note) {
		t.Errorf("Parse(%q) = %v; want %q", text, err, k.note)
	}
}

func TestDefaults(t *testing.T) {
	s := mustParse(t, "Server=host"+loginText)
	if s.text(encrypt) != Mandatory || s.flag(trustServer) {
		t.Errorf("by default Encrypt=%v, TrustServerCertificate=%v", s.text(encrypt), s.flag(trustServer))
	}
	connect, given := s.ConnectTimeout()
	if connect != 15*time.Second || given {
		t.Errorf("ConnectTimeout = %v, %v", connect, given)
	}
	if _, given := s.CommandTimeout(); given {
		t.Error("a command time-out is given")
	}
	if s.MaxPoolSize() != 0 || s.MaxLifetime() != 0 || !s.Pooling() {
		t.Errorf("pool: %d, %v, %v", s.MaxPoolSize(), s.MaxLifetime(), s.Pooling())
	}
	if s.Warnings() != nil || s.Ignored() != nil {
		t.Errorf("warnings %q, ignored %q", s.Warnings(), s.Ignored())
	}

	s = mustParse(t, "Server=host;Timeout=7;Command Timeout=0;Max Pool Size=3;Connection Lifetime=60;Pooling=no"+loginText)
	connect, given = s.ConnectTimeout()
	command, commandGiven := s.CommandTimeout()
	if connect != 7*time.Second || !given || command != 0 || !commandGiven {
		t.Errorf("time-outs: %v, %v, %v, %v", connect, given, command, commandGiven)
	}
	if s.MaxPoolSize() != 3 || s.MaxLifetime() != time.Minute || s.Pooling() {
		t.Errorf("pool: %d, %v, %v", s.MaxPoolSize(), s.MaxLifetime(), s.Pooling())
	}
}

func TestWarnings(t *testing.T) {
	for text, want := range map[string]string{
		"TrustServerCertificate=yes":                       "TrustServerCertificate=True",
		"Encrypt=Mandatory;Trust Server Certificate=true":  "TrustServerCertificate=True",
		"Encrypt=False":                                    "Encrypt=False",
		"Encrypt=Optional;TrustServerCertificate=true":     "Encrypt=False",
		"Encrypt=Strict;TrustServerCertificate=true":       "",
		"Server Certificate=/x;TrustServerCertificate=yes": "", // it is compared all the same
	} {
		warnings := mustParse(t, "Server=host;"+text+loginText).Warnings()
		if joined := strings.Join(warnings, "\n"); !strings.HasPrefix(joined, want) || (want == "") != (joined == "") {
			t.Errorf("%q warns %q; want one that begins with %q", text, warnings, want)
		}
	}
	w := mustParse(t, "sqlserver://sa:p@host?tlsmin=1.0").Warnings()
	if len(w) != 1 || !strings.HasPrefix(w[0], "tlsmin") {
		t.Errorf("tlsmin=1.0 warns %q", w)
	}
}

func TestIgnored(t *testing.T) {
	got := mustParse(t, "Server=host;Enlist=true;MultipleActiveResultSets=true;Async=true;WSID=x"+loginText).Ignored()
	want := []string{
		"Enlist has no effect", "Multiple Active Result Sets has no effect", "Asynchronous Processing has no effect",
	}
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("ignored: %q; want %q", got, want)
	}
	strict := mustParse(t, "Server=host;Encrypt=Strict;TrustServerCertificate=true"+loginText).Ignored()
	if len(strict) != 1 || !strings.HasPrefix(strict[0], "Trust Server Certificate") {
		t.Errorf("ignored with Encrypt=Strict: %q", strict)
	}
}

// TestErrorsHideValues: whatever is wrong, and wherever, the error shows no value and no name of a server.
func TestErrorsHideValues(t *testing.T) {
	for _, text := range []string{
		"Server=hunter2:1433" + loginText, "Server=hunter2,x" + loginText, "Server=np:hunter2" + loginText,
		"Server=host;Password=a;hunter2=b", "Server=host;Password=hunter2'", "Server=host;Password='hunter2",
		"Server=host;Password=a;hunter2", "Server=host;Encrypt=hunter2" + loginText,
		"Server=host;Packet Size=hunter2" + loginText,
		"Server=host;User ID=dom\\hunter2;Password=hunter2", "Server=host;Password=hunter2",
		"Server=host;User ID=sa;Password=" + strings.Repeat("hunter2", 20),
		"Server=host;Authentication=hunter2" + loginText, "Server=host;Failover Partner=hunter2:1;Database=x" + loginText,
		"sqlserver://sa:hun#ter2@host", "sqlserver://sa:%hunter2@host", "sqlserver://sa:hunter2@host:port",
		"sqlserver://sa:p@host?hunter2=1", "sqlserver://sa:p@host?password=hunter2", "sqlserver://sa:p@hunter2:1433/x",
		"sqlserver://sa:p@host?encrypt=hunter2", "sqlserver://sa:p@host?a=%hunter2", "mssql://sa:p@host/hunter2/x",
		"mssql://sa:p@host;password={hunter2}", "mssql://host;user=sa;password=hunter2@x", "hunter2://sa:p@host",
		"sqlserver://hunter2", "postgres://sa:hunter2@host/db", "sqlserver://sa:hunter2@/x", "sqlserver://:hunter2@host",
	} {
		s, err := Parse(text)
		if err == nil {
			t.Errorf("Parse(%q) is taken", text)
			continue
		}
		if s != nil || strings.Contains(err.Error(), "hunt") || strings.Contains(err.Error(), "ter2") {
			t.Errorf("Parse(%q) = %v, %v", text, s, err)
		}
	}
}

func TestPrintingHidesEverything(t *testing.T) {
	s := mustParse(t, "Server=hunter2;Failover Partner=hunter2;Database=hunter2;User ID=hunter2;Password=hunter2")
	c, err := s.Connector()
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, value := range []any{s, c, struct{ A any }{s}, []any{c}, struct{ C *Connector }{c}} {
			if text := fmt.Sprintf(verb, value); strings.Contains(text, "hunter2") || strings.Contains(text, "68756e") {
				t.Errorf("%s of %T shows %s", verb, value, text)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"Server=tcp:host\\inst,1433;Database='a;b';User ID=sa;Password=p;Encrypt=strict",
		"sqlserver://sa:p%40ss@host:1433?database=keys&encrypt=true", "mssql://sa:p@[::1]:1/keys;encrypt=true;app='x'",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if err != nil {
			if s != nil || len(err.Error()) > 500 {
				t.Fatalf("Parse(%q) = %v, %v", text, s, err)
			}
			return
		}
		if s.server.host == "" || s.server.port < 0 || s.server.port > 65535 || s.text(userID) == "" {
			t.Fatalf("Parse(%q): server %+v, user %q", text, s.server, s.text(userID))
		}
		if mode := s.text(encrypt); mode != Mandatory && mode != Optional && mode != Strict {
			t.Fatalf("Parse(%q): Encrypt is %q", text, mode)
		}
	})
}
