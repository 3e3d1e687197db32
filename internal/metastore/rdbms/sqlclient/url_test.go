package sqlclient

import (
	"strings"
	"testing"
)

// TestURLs: a URL says the same as a text in the form of ADO.NET.
func TestURLs(t *testing.T) {
	for url, ado := range map[string]string{
		"sqlserver://sa:hunter2@db1":                                   "Server=db1",
		"SQLServer://sa:hunter2@db1":                                   "Server=db1",
		"sqlserver://sa:hunter2@db1:14330":                             "Server=db1,14330",
		"sqlserver://sa:hunter2@db1/inst":                              `Server=db1\inst`,
		"sqlserver://sa:hunter2@db1:1433?database=keys":                "Server=db1,1433;Database=keys",
		"sqlserver://sa:hunter2@db1:1433/?Database=keys":               "Server=db1,1433;Database=keys",
		"sqlserver://sa:hunter2@[::1]:1433?initial+catalog=keys":       "Server=::1,1433;Database=keys",
		"sqlserver://db1?user+id=sa&password=hunter2":                  "Server=db1",
		"sqlserver://db1?uid=sa&pwd=hunter2":                           "Server=db1",
		"sqlserver://s%40:h%2F%3A%40%3B%25@db1":                        "Server=db1;User ID=s@;Password='h/:@;%'",
		"mssql://sa:hunter2@db1/keys":                                  "Server=db1;Database=keys",
		"mssql://sa:hunter2@db1:1433/keys?encrypt=strict":              "Server=db1,1433;Database=keys;Encrypt=strict",
		"mssql://sa:hunter2@db1?database=keys":                         "Server=db1;Database=keys",
		"mssql://sa:hunter2@db1/my%20keys":                             "Server=db1;Database=my keys",
		"sqlserver://sa:hunter2@db1:1433;database=keys;encrypt=true":   "Server=db1,1433;Database=keys;Encrypt=true",
		"mssql://db1;user=sa;password='hunter2';database=k":            "Server=db1;Database=k",
		"mssql://sa:hunter2@db1/keys;encrypt=no;app='a;b'":             "Server=db1;Database=keys;Encrypt=no;App='a;b'",
		"sqlserver://sa:hunter2@db1?TrustServerCertificate=1&enlist=f": "Server=db1;TrustServerCertificate=true;Enlist=no",
		"sqlserver://sa:hunter2@db1?app+name=x&dial+timeout=7&columnencryption=Disabled": "Server=db1;App=x;Timeout=7;" +
			"Column Encryption Setting=Disabled",
		"sqlserver://sa:hunter2@db1?failoverpartner=db2&database=k": "Server=db1;Failover Partner=db2;Database=k",
	} {
		if !strings.Contains(ado, "User ID") {
			ado += loginText
		}
		got, want := mustParse(t, url), mustParse(t, ado)
		if got.server != want.server {
			t.Errorf("%q: server %+v; want %+v", url, got.server, want.server)
		}
		for i := range keywords {
			if k := &keywords[i]; k.name != dataSource && got.value(k.name) != want.value(k.name) {
				t.Errorf("%q: %s is %v; want %v", url, k.name, got.value(k.name), want.value(k.name))
			}
		}
	}
}

func TestURLErrors(t *testing.T) {
	for url, want := range map[string]string{
		"sqlserver://sa:p@db1:1433/keys":                    "?database=",
		"sqlserver://sa:p@db1/inst/x":                       "more than one part",
		"mssql://sa:p@db1/keys?database=other":              "twice",
		"sqlserver://sa:p@db1?database=a&Initial+Catalog=b": "twice",
		"sqlserver://sa:p@db1?database=a&database=b":        "twice",
		"sqlserver://sa:p@db1?user=x":                       "twice",
		"sqlserver://sa:p@db1?server=x":                     "before the parameters",
		"sqlserver://sa:p@db1?nope=x":                       "%26",
		"sqlserver://sa:p@db1?encrypt=disable":              "Encrypt must be",
		"sqlserver://sa:p@":                                 "no host",
		"sqlserver://sa:p@db1,1433":                         "host:port",
		"sqlserver://sa:p@db1:x":                            "percent signs",
		"sqlserver://sa:p%zz@db1":                           "percent signs",
		"sqlserver://sa:p@db1#x":                            "%23",
		"sqlserver://sa:p@db1?a=b;c=d":                      "percent signs",
		"sqlserver://sa;x:p@db1":                            "%3B",
		"mssql://db1;user=sa;password=p@ss":                 "%3B",
		"mssql://sa:p@db1;password={x}":                     "braces",
		"mssql://sa:p@db1;database":                         "key=value",
		"jdbc:sqlserver://db1;user=sa":                      `must begin with "sqlserver://"`,
		"odbc://db1":                                        `must begin with "sqlserver://"`,
	} {
		if s, err := Parse(url); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %v, %v; want an error with %q", url, s, err, want)
		}
	}
}
