package sqlclient

import (
	"strings"
	"testing"
)

func TestParseServer(t *testing.T) {
	for text, want := range map[string]server{
		"db1":                         {host: "db1"},
		" db1 ":                       {host: "db1"},
		"db1.example.com,1433":        {host: "db1.example.com", port: 1433},
		"tcp:db1":                     {host: "db1"},
		"TCP: db1 , 1433 ":            {host: "db1", port: 1433},
		"tcp:db1,14330":               {host: "db1", port: 14330},
		`db1\SQLEXPRESS`:              {host: "db1", instance: "SQLEXPRESS"},
		`tcp:db1\inst`:                {host: "db1", instance: "inst"},
		`db1\inst,1433`:               {host: "db1", port: 1433},
		`db1,1433\inst`:               {host: "db1", port: 1433},
		`db1\MSSQLSERVER`:             {host: "db1"},
		".":                           {host: "localhost"},
		"(local)":                     {host: "localhost"},
		"(LOCAL)":                     {host: "localhost"},
		"localhost":                   {host: "localhost"},
		`.\SQLEXPRESS`:                {host: "localhost", instance: "SQLEXPRESS"},
		`(local)\inst`:                {host: "localhost", instance: "inst"},
		"tcp:.,1433":                  {host: "localhost", port: 1433},
		"10.0.0.7,1433":               {host: "10.0.0.7", port: 1433},
		"::1":                         {host: "::1"},
		"::1,1433":                    {host: "::1", port: 1433},
		"[::1],1433":                  {host: "::1", port: 1433},
		"tcp:::1,1433":                {host: "::1", port: 1433},
		"tcp:[2001:db8::7],1433":      {host: "2001:db8::7", port: 1433},
		"fe80::1%eth0,1433":           {host: "fe80::1%eth0", port: 1433},
		`[2001:DB8::7]\inst`:          {host: "2001:db8::7", instance: "inst"},
		"сервер.example":              {host: "сервер.example"},
		"x.database.windows.net,1433": {host: "x.database.windows.net", port: 1433},
	} {
		if got, err := parseServer(text); err != nil || got != want {
			t.Errorf("parseServer(%q) = %+v, %v; want %+v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"":                       "no server",
		"  ":                     "no server",
		"tcp:":                   "host is missing",
		",1433":                  "host is missing",
		`\inst`:                  "host is missing",
		`\\db1\pipe\sql\query`:   "named pipes",
		`np:\\.\pipe\sql\query`:  "named pipes",
		"lpc:db1":                "named pipes",
		"admin:db1":              "administrator",
		"db1:1433":               "host,port",
		"tcp:db1:1433":           "host,port",
		"db1,0":                  "1 to 65535",
		"db1,65536":              "1 to 65535",
		"db1,":                   "1 to 65535",
		"db1,-1":                 "1 to 65535",
		"db1,1433x":              "1 to 65535",
		`db1\`:                   "instance",
		`(localdb)\MSSQLLocalDB`: "LocalDB",
		"db 1":                   "characters",
		"db1/keys":               "characters",
		"a@db1":                  "characters",
		"db1\x00":                "characters",
		"foo:bar":                "colon",
	} {
		got, err := parseServer(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parseServer(%q) = %+v, %v; want an error with %q", text, got, err, want)
		}
	}
}
