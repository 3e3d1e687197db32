package config

import (
	"maps"
	"reflect"
	"strings"
	"testing"
)

// TestEnvironmentIsTheSame reads each value of each field through JSON and through the environment.
func TestEnvironmentIsTheSame(t *testing.T) {
	for i := range fields {
		f := &fields[i]
		if len(f.env) == 0 {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			for _, value := range okValues(f) {
				g := beside(f).with(f.name, value)
				c, err := ParseJSON(g.text())
				d, envErr := FromEnv(lookupIn(g.environment(t)))
				if (err == nil) != (envErr == nil) {
					t.Fatalf("%s: JSON %v, environment %v", value, err, envErr)
				}
				if err != nil {
					continue // what this build does not have
				}
				got, want := contents(d), contents(c)
				if !usesSQL(&c.settings) && f.name == "Metastore" {
					delete(want, "ConnectionString") // not looked at
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%s: JSON %v, environment %v", value, want, got)
				}
				c.Close()
				d.Close()
			}
		})
	}
}

// beside returns a configuration that f has a meaning in, so that its variable is looked at.
func beside(f *field) given {
	g := minimal()
	switch f.group {
	case groupSQL:
		g["Metastore"], g["ConnectionString"] = `"sqlite"`, `"keys.db"`
	case groupStore:
		g["Metastore"] = `"sqlite"`
		if f.name != "ConnectionString" {
			g["ConnectionString"] = `"keys.db"`
		}
	case groupDynamoDB:
		g["Metastore"] = `"dynamodb"`
	case groupAWS:
		g["KMS"] = `"aws"`
	case groupVault:
		g["KMS"] = `"vault"`
	case groupKMS:
		if f.secret {
			g["KMS"] = `"static"`
		}
	}
	return g
}

func TestEnvironmentRefuses(t *testing.T) {
	for i := range fields {
		f := &fields[i]
		if len(f.env) == 0 {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			bad := []string{"a\xffb"}
			switch f.typeName() {
			case "number":
				bad = append(bad, "-1", "1.5", "x", " 1", "1 ", "99999999999999999999", "0x10", "1_0")
			case "boolean":
				bad = append(bad, "2", "maybe", " true")
			case "object":
				bad = append(bad, "x", "[]", `{"a":1}`, `{"a":"b"}x`, `{"a":"b","a":"c"}`)
			case "string":
				bad = append(bad, strings.Repeat("y", f.maxText()+1))
			}
			for _, value := range bad {
				env := beside(f).environment(t)
				env[f.env[0]] = value
				c, err := FromEnv(lookupIn(env))
				wantRefused(t, c, err, f.env[0], f.name)
			}
		})
	}
}

func TestEnvironmentBooleans(t *testing.T) {
	for text, want := range map[string]bool{
		"1": true, "true": true, "YES": true, "On": true, "0": false, "False": false, "no": false, "OFF": false, "": true,
	} {
		env := minimal().environment(t)
		env["SESSION_CACHE"] = text
		if c := mustFromEnv(t, env); c.settings.enableSessionCaching != want {
			t.Errorf("%q is %v", text, !want)
		}
	}
}

func TestEnvironmentOfOthersIsNotLookedAt(t *testing.T) {
	env := minimal().environment(t)
	for _, name := range []string{
		"VAULT_TOKEN", "VAULT_AUTH_METHOD", "AWS_REGION", "AWS_PROFILE", "POSTGRES_URL", "CONNECTION_STRING", "DDB_TABLE",
	} {
		env[name] = "\xff" // would be refused
	}
	asked := map[string]bool{}
	c, err := FromEnv(func(name string) ([]byte, bool) { asked[name] = true; v, ok := env[name]; return []byte(v), ok })
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	if asked["VAULT_TOKEN"] || !asked["STATIC_MASTER_KEY_HEX"] {
		t.Errorf("asked for %v", asked)
	}
}

func TestEnvironmentImpliesMetastore(t *testing.T) {
	base := minimal().without("Metastore").environment(t)
	with := func(pairs ...string) map[string]string {
		env := map[string]string{}
		for k, v := range base {
			env[k] = v
		}
		for i := 0; i < len(pairs); i += 2 {
			env[pairs[i]] = pairs[i+1]
		}
		return env
	}
	for _, env := range []map[string]string{
		with("SQLITE_PATH", "keys.db"), with("SQLITE_PATH", "keys.db", "Metastore", "rdbms"),
		with("CONNECTION_STRING", "sqlite://keys.db", "Metastore", "rdbms"),
		with("CONNECTION_STRING", "keys.db", "Metastore", "SQLite"),
	} {
		c := mustFromEnv(t, env)
		if c.settings.metastore != "sqlite" || string(sqlitePath(c.settings.connectionString)) != "keys.db" {
			t.Errorf("%v: %s", env, c.settings.metastore)
		}
	}
	for _, name := range []string{"POSTGRES_URL", "MYSQL_URL", "MSSQL_URL"} {
		c, err := FromEnv(lookupIn(with(name, "scheme://host/db")))
		wantRefused(t, c, err, "ConnectionString", "scheme")
		if c := mustFromEnv(t, with(name, "host=h")); c.settings.metastore != "rdbms" ||
			c.settings.sqlMetastoreDBType != strings.ToLower(strings.TrimSuffix(name, "_URL")) {
			t.Errorf("%s: %v", name, c)
		}
	}
	if c := mustFromEnv(t, with("DDB_TABLE", "Keys", "AWS_REGION", "eu-west-1")); c.settings.metastore != "dynamodb" ||
		c.settings.dynamoDBTableName != "Keys" || c.settings.dynamoDBRegion != "eu-west-1" {
		t.Errorf("DynamoDB: %v", c)
	}
	c, err := FromEnv(lookupIn(base))
	wantRefused(t, c, err, "Metastore", "missing")
	c, err = FromEnv(lookupIn(with("CONNECTION_STRING", "keys.db")))
	wantRefused(t, c, err, "Metastore", "missing")
}

// Two variables that imply different metastores are an error that names them, unless something says which is meant.
func TestEnvironmentImpliesOneMetastore(t *testing.T) {
	base := minimal().without("Metastore").environment(t)
	with := func(pairs ...string) map[string]string {
		env := maps.Clone(base)
		for i := 0; i < len(pairs); i += 2 {
			env[pairs[i]] = pairs[i+1]
		}
		return env
	}
	for _, names := range [][2]string{
		{"POSTGRES_URL", "MYSQL_URL"}, {"SQLITE_PATH", "MYSQL_URL"}, {"SQLITE_PATH", "MSSQL_URL"}, {"POSTGRES_URL", "DDB_TABLE"},
	} {
		env := with(names[0], "host=h", names[1], "host=i")
		c, err := FromEnv(lookupIn(env))
		wantRefused(t, c, err, names[0], names[1])
		if strings.Contains(err.Error(), "host=") {
			t.Errorf("%v shows a value", err)
		}
		c, err = FromEnvFor(lookupIn(env), Identity)
		if err != nil {
			t.Errorf("%q, for a host with a metastore of its own: %v", names, err)
			continue
		}
		c.Close()
	}
	for kind, env := range map[string]map[string]string{
		"rdbms":    with("POSTGRES_URL", "host=h", "MYSQL_URL", "host=i", "CONNECTION_STRING", "postgres://h/d", "Metastore", "rdbms"),
		"sqlite":   with("SQLITE_PATH", "keys.db", "MYSQL_URL", "host=i", "Metastore", "sqlite"),
		"dynamodb": with("POSTGRES_URL", "host=h", "DDB_TABLE", "Keys", "Metastore", "dynamodb"),
	} {
		if c := mustFromEnv(t, env); c.settings.metastore != kind {
			t.Errorf("%s: %s", kind, c.settings.metastore)
		}
	}
}
