package config

import "testing"

func TestMetastoreSelection(t *testing.T) {
	base := minimal().without("Metastore")
	for _, g := range []given{
		{"Metastore": `"sqlite"`, "ConnectionString": `"dir/keys.db"`},
		{"Metastore": `"SQLite"`, "ConnectionString": `"sqlite://dir/keys.db"`},
		{"Metastore": `"test-debug-sqlite"`, "ConnectionString": `"SQLITE://dir/keys.db"`},
		{"Metastore": `"rdbms"`, "ConnectionString": `"sqlite://dir/keys.db"`},
		{"Metastore": `"rdbms"`, "ConnectionString": `"dir/keys.db"`, "SQLMetastoreDBType": `"sqlite"`},
	} {
		all := base
		for k, v := range g {
			all = all.with(k, v)
		}
		c := mustParse(t, all.text())
		if c.settings.metastore != "sqlite" || string(sqlitePath(c.settings.connectionString)) != "dir/keys.db" {
			t.Errorf("%v: %s", g, c.settings.metastore)
		}
	}
	for _, metastore := range []string{`"memory"`, `"test-debug-memory"`, `"Memory"`} {
		if c := mustParse(t, base.with("Metastore", metastore).text()); c.settings.metastore != "memory" {
			t.Errorf("%s: %s", metastore, c.settings.metastore)
		}
	}
	for _, bad := range []struct {
		given
		words []string
	}{
		{given{"Metastore": `"dynamodb"`, "AwsAccessKeyId": `"a"`}, []string{"AwsSecretAccessKey", "missing"}},
		{given{"Metastore": `"dynamodb"`, "AwsSecretAccessKey": `"a"`}, []string{"AwsAccessKeyId", "missing"}},
		{given{"Metastore": `"dynamodb"`, "AwsSessionToken": `"a"`}, []string{"AwsAccessKeyId", "missing"}},
		{given{"Metastore": `"sqlite"`}, []string{"ConnectionString", "missing"}},
		{given{"Metastore": `"rdbms"`}, []string{"ConnectionString", "missing"}},
		{given{"Metastore": `"sqlite"`, "ConnectionString": `"sqlite://"`}, []string{"ConnectionString", "no path"}},
		{
			given{"Metastore": `"sqlite"`, "ConnectionString": `"mysql://u:pw@h/d"`},
			[]string{"ConnectionString", "SQLite file"},
		},
		{given{"Metastore": `"rdbms"`, "ConnectionString": `"postgres://u:pw@h/d"`}, []string{"SQLite only"}},
		{given{"Metastore": `"rdbms"`, "ConnectionString": `"u:pw@tcp(h)/d"`}, []string{"SQLite only"}},
		{
			given{"Metastore": `"rdbms"`, "ConnectionString": `"Server=h;Password=pw"`, "SQLMetastoreDBType": `"mssql"`},
			[]string{"SQLite only"},
		},
	} {
		all := base
		for k, v := range bad.given {
			all = all.with(k, v)
		}
		c, err := ParseJSON(all.text())
		wantRefused(t, c, err, bad.words...)
	}
}

func TestKMSSelection(t *testing.T) {
	base := minimal().without("KMS")
	hex, key := `"`+exampleHex+`"`, `"`+exampleKey+`"`
	mustParse(t, base.with("StaticMasterKeyHex", hex).text())
	mustParse(t, base.with("KMS", `"static"`).with("StaticMasterKey", key).text())
	for _, bad := range []struct {
		given
		words []string
	}{
		{base, []string{"KMS", "StaticMasterKeyHex", "test-debug-static"}},
		{base.with("KMS", `"static"`), []string{"StaticMasterKeyHex", "StaticMasterKey", "test-debug-static"}},
		{
			base.with("StaticMasterKey", key).with("StaticMasterKeyHex", hex),
			[]string{"StaticMasterKeyHex", "StaticMasterKey", "both"},
		},
		{base.with("KMS", `"test-debug-static"`).with("StaticMasterKeyHex", hex), []string{"published"}},
		{base.with("KMS", `"test-debug-static"`).with("StaticMasterKey", key), []string{"published"}},
		{base.with("KMS", `"aws"`), []string{"KMS", "aws", "not in this build", "static, vault"}},
		{base.with("KMS", `"secrets-manager"`), []string{"secrets-manager", "not in this build"}},
	} {
		c, err := ParseJSON(bad.text())
		wantRefused(t, c, err, bad.words...)
	}
}
