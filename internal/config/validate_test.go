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
		{given{"Metastore": `"rdbms"`, "ConnectionString": `"oracle://u:pw@h/d"`}, []string{"ConnectionString", "scheme"}},
		{given{"Metastore": `"rdbms"`, "ConnectionString": `"u:pw@tcp(h)/d"`}, []string{"SQLMetastoreDBType", "missing"}},
		{
			given{"Metastore": `"rdbms"`, "ConnectionString": `"postgres://h/d"`, "LocalTimeZone": `"Mars/Olympus"`},
			[]string{"LocalTimeZone"},
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

func TestDatabaseSelection(t *testing.T) {
	for text, want := range map[string]string{
		"postgres://u:pw@h/d": "postgres", "PostgreSQL://u:pw@h/d": "postgres", "mysql://u:pw@h/d": "mysql",
		"mariadb://h": "mysql", "sqlserver://h": "mssql", "mssql://h": "mssql", "sqlite://keys.db": "sqlite",
	} {
		c := mustParse(t, minimal().with("Metastore", `"rdbms"`).with("ConnectionString", `"`+text+`"`).
			with("SQLMetastoreDBType", `"mysql"`).text())
		if c.settings.sqlMetastoreDBType != want {
			t.Errorf("%s: %s", text, c.settings.sqlMetastoreDBType)
		}
	}
	for kind, want := range map[string]string{
		"sqlite": "sqlite", "mysql": "mysql", "MariaDB": "mysql", "postgres": "postgres", "postgresql": "postgres",
		"mssql": "mssql", "SQLServer": "mssql",
	} {
		for _, text := range []string{"host=h user=u", "u:p@tcp(h)/d?a=b://c", "Server=h;Password='a://b'"} {
			c := mustParse(t, minimal().with("Metastore", `"rdbms"`).with("ConnectionString", `"`+text+`"`).
				with("SQLMetastoreDBType", `"`+kind+`"`).text())
			if c.settings.sqlMetastoreDBType != want {
				t.Errorf("%s, %s: %s", kind, text, c.settings.sqlMetastoreDBType)
			}
		}
	}
}

// What a configuration does not say is left to the connection string and to the engine's defaults.
func TestLimits(t *testing.T) {
	c := mustParse(t, minimal().with("PoolMaxOpen", "0").with("PoolMaxIdle", "7").text())
	for name, want := range map[string]int64{"PoolMaxOpen": -1, "PoolMaxIdle": 7, "PoolMaxLifetime": 0} {
		if got := c.limit(name, map[string]int64{"PoolMaxOpen": 0, "PoolMaxIdle": 7, "PoolMaxLifetime": 1800}[name]); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
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
		{base.with("KMS", `"aws"`), []string{"RegionMap", "missing", "KmsKeyId"}},
		{base.with("KMS", `"aws"`).with("RegionMap", `{"a":"b"}`).with("KmsKeyId", `"c"`), []string{"RegionMap", "KmsKeyId", "both"}},
		{base.with("KMS", `"aws"`).with("RegionMap", `{"a":"b","c":"d"}`), []string{"PreferredRegion", "missing"}},
		{base.with("KMS", `"aws"`).with("KmsKeyId", `"c"`).with("AwsAccessKeyId", `"d"`), []string{"AwsSecretAccessKey"}},
		{base.with("KMS", `"secrets-manager"`), []string{"SecretsManagerSecretId", "missing"}},
	} {
		c, err := ParseJSON(bad.text())
		wantRefused(t, c, err, bad.words...)
	}
}
