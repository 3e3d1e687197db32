package engine

import (
	"strings"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/tsql"
)

// ProductVersion is the version that the stand-in says it is: SQL Server 2022.
const ProductVersion = "16.0.1000.6"

// VersionText is @@VERSION. It says what the server is.
const VersionText = "Microsoft SQL Server 2022 - " + ProductVersion + " (mssqltest, a stand-in for tests)"

// global binds @@VERSION and its like.
func (b *binder) global(name string) (*expr, error) {
	s := b.x.session
	text := func(v string) *expr {
		t := nvarcharType
		t.Size, t.Collation = 300, b.db().Collation
		return &expr{typ: t, eval: func(*env) (any, error) { return v, nil }}
	}
	number := func(f func() int64) *expr {
		return &expr{typ: intType, eval: func(*env) (any, error) { return f(), nil }}
	}
	switch strings.ToUpper(name) {
	case "@@VERSION":
		return text(VersionText), nil
	case "@@SERVERNAME":
		return text(b.db().Server), nil
	case "@@LANGUAGE":
		return text("us_english"), nil
	case "@@SERVICENAME":
		return text("MSSQLSERVER"), nil
	case "@@SPID":
		return number(func() int64 { return int64(s.ID) }), nil
	case "@@TRANCOUNT":
		return number(func() int64 { return int64(s.tranCount) }), nil
	case "@@ROWCOUNT":
		return number(func() int64 { return s.rowCount }), nil
	case "@@ERROR":
		return number(func() int64 { return s.lastError }), nil
	case "@@MICROSOFTVERSION":
		return number(func() int64 { return 0x10000000 | 1000 }), nil
	case "@@LOCK_TIMEOUT":
		return number(func() int64 {
			if s.options.lockTimeout < 0 {
				return -1
			}
			return s.options.lockTimeout.Milliseconds()
		}), nil
	case "@@OPTIONS":
		return number(func() int64 {
			options := int64(5432 &^ 512)
			if s.options.noCount {
				options |= 512
			}
			return options
		}), nil
	}
	return nil, sqltype.Syntaxf(137, 2, `Must declare the scalar variable "%s".`, name)
}

func variant(db *Database, v any) any {
	switch v := v.(type) {
	case string:
		t := nameType
		t.Collation = db.Collation
		return &sqltype.VariantValue{Type: t, Value: v}
	case int:
		return &sqltype.VariantValue{Type: intType, Value: int64(v)}
	}
	return nil
}

func serverProperty(db *Database, name string) any {
	switch strings.ToLower(name) {
	case "productversion":
		return ProductVersion
	case "productlevel":
		return "RTM"
	case "productmajorversion":
		return "16"
	case "edition":
		return "Developer Edition (64-bit)"
	case "engineedition":
		return 3
	case "collation":
		return db.Collation.Name
	case "servername", "machinename":
		return db.Server
	case "isintegratedsecurityonly", "isclustered", "ishadrenabled":
		return 0
	}
	return nil
}

func collationProperty(name, property string) any {
	c, err := sqltype.NamedCollation(name)
	if err != nil {
		return nil
	}
	switch strings.ToLower(property) {
	case "codepage":
		if c.IsUTF8() {
			return 65001
		}
		return 1252
	case "lcid":
		return 1033
	case "comparisonstyle":
		wire := c.Wire()
		style := 0
		for bit, value := range map[uint]int{4: 1, 5: 2, 6: 65536, 7: 131072} { // NORM_IGNORECASE and its like
			if wire[2]>>bit&1 == 1 {
				style |= value
			}
		}
		return style
	case "version":
		return int(wire(c) >> 4)
	}
	return nil
}

func wire(c *sqltype.Collation) byte { return c.Wire()[3] }

func names(n int) []sqltype.Kind {
	kinds := make([]sqltype.Kind, n)
	for i := range kinds {
		kinds[i] = sqltype.NVarChar
	}
	return kinds
}

// serverFunctions tell about the server and its objects.
var serverFunctions = map[string]function{
	"SERVERPROPERTY": {names(1), 0, variantType, func(b *binder, a []any, _ []sqltype.Type) (any, error) {
		return variant(b.db(), serverProperty(b.db(), a[0].(string))), nil
	}},
	"COLLATIONPROPERTY": {names(2), 0, variantType, func(b *binder, a []any, _ []sqltype.Type) (any, error) {
		return variant(b.db(), collationProperty(a[0].(string), a[1].(string))), nil
	}},
	"DATABASEPROPERTYEX": {names(2), 0, variantType, func(b *binder, a []any, _ []sqltype.Type) (any, error) {
		if !b.db().same(a[0].(string), b.db().Name) {
			return nil, nil
		}
		properties := map[string]any{
			"collation": b.db().Collation.Name, "status": "ONLINE", "updateability": "READ_WRITE", "useraccess": "MULTI_USER",
		}
		return variant(b.db(), properties[strings.ToLower(a[1].(string))]), nil
	}},
	"DB_NAME": {nil, 0, nameType, func(b *binder, _ []any, _ []sqltype.Type) (any, error) { return b.db().Name, nil }},
	"DB_ID":   {nil, 0, intType, func(*binder, []any, []sqltype.Type) (any, error) { return int64(databaseID), nil }},
	"SCHEMA_NAME": {[]sqltype.Kind{sqltype.Int}, 1, nameType, func(b *binder, a []any, _ []sqltype.Type) (any, error) {
		if len(a) == 0 {
			return "dbo", nil
		}
		for i, name := range b.db().schemas {
			if int64(i+1) == a[0] {
				return name, nil
			}
		}
		return nil, nil
	}},
	"SCHEMA_ID": {names(1), 1, intType, func(b *binder, a []any, _ []sqltype.Type) (any, error) {
		name := "dbo"
		if len(a) > 0 {
			name = a[0].(string)
		}
		if id := b.db().schemaID(name); id > 0 {
			return int64(id), nil
		}
		return nil, nil
	}},
	"OBJECT_ID": {names(2), 1, intType, func(b *binder, a []any, _ []sqltype.Type) (any, error) {
		if len(a) > 1 && !strings.EqualFold(a[1].(string), "U") {
			return nil, nil
		}
		name, err := tsql.ParseName(a[0].(string))
		if err != nil {
			return nil, nil
		}
		t, err := b.db().table(name)
		if err != nil {
			return nil, nil
		}
		return int64(t.ID), nil
	}},
	"OBJECT_NAME": {[]sqltype.Kind{sqltype.Int}, 0, nameType, objectName(func(t *Table) string { return t.Name })},
	"OBJECT_SCHEMA_NAME": {
		[]sqltype.Kind{sqltype.Int},
		0, nameType,
		objectName(func(t *Table) string { return t.Schema }),
	},
	"TYPE_NAME": {[]sqltype.Kind{sqltype.Int}, 0, nameType, func(_ *binder, a []any, _ []sqltype.Type) (any, error) {
		for _, t := range systemTypes {
			if int64(t.user) == a[0] {
				return t.name, nil
			}
		}
		return nil, nil
	}},
	"SUSER_SNAME":    {nil, 0, nameType, userName},
	"SUSER_NAME":     {nil, 0, nameType, userName},
	"ORIGINAL_LOGIN": {nil, 0, nameType, userName},
	"USER_NAME":      {nil, 0, nameType, func(*binder, []any, []sqltype.Type) (any, error) { return "dbo", nil }},
	"HAS_PERMS_BY_NAME": {names(3), 0, intType, func(b *binder, a []any, _ []sqltype.Type) (any, error) {
		name, err := tsql.ParseName(a[0].(string))
		if err != nil {
			return nil, nil
		}
		if _, err := b.db().table(name); err != nil {
			return nil, nil
		}
		return int64(1), nil
	}},
}

func userName(b *binder, _ []any, _ []sqltype.Type) (any, error) { return b.x.session.User, nil }

func objectName(of func(*Table) string) func(*binder, []any, []sqltype.Type) (any, error) {
	return func(b *binder, a []any, _ []sqltype.Type) (any, error) {
		for _, t := range b.db().tables {
			if int64(t.ID) == a[0] {
				return of(t), nil
			}
		}
		return nil, nil
	}
}
