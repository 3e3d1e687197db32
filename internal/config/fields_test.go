package config

import (
	"reflect"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/seccache"
)

func TestTableIsComplete(t *testing.T) {
	names, variables := map[string]bool{}, map[string]string{}
	places := map[any]string{}
	s := new(settings)
	for i := range fields {
		f := &fields[i]
		if folded := strings.ToLower(f.name); names[folded] {
			t.Errorf("%s is there twice", f.name)
		} else {
			names[folded] = true
		}
		for _, v := range f.env {
			if other := variables[v]; other != "" {
				t.Errorf("%s names both %s and %s", v, other, f.name)
			}
			variables[v] = f.name
		}
		into := f.into(s)
		if other := places[into]; other != "" {
			t.Errorf("%s and %s share a place", f.name, other)
		}
		places[into] = f.name
		if f.doc == "" || f.group == "" || !strings.HasSuffix(f.doc, ".") {
			t.Errorf("%s is not documented", f.name)
		}
		checkType(t, f, into)
	}
	if members := reflect.TypeFor[settings]().NumField(); members != len(fields) {
		t.Errorf("%d fields, %d members of settings", len(fields), members)
	}
}

func checkType(t *testing.T, f *field, into any) {
	t.Helper()
	switch into.(type) {
	case *int64:
		def, ok := f.def.(int64)
		if !ok || def < f.least || def > f.most {
			t.Errorf("%s: default %v is not in %d to %d", f.name, f.def, f.least, f.most)
		}
		if f.unit == "" || f.zero == "" || (f.least > 0) != (f.zero == refused) {
			t.Errorf("%s: unit %q, meaning of 0 %q", f.name, f.unit, f.zero)
		}
	case *bool:
		if _, ok := f.def.(bool); !ok {
			t.Errorf("%s: default %v", f.name, f.def)
		}
	case *string:
		if def, ok := f.def.(string); f.def != nil && (!ok || def == "") {
			t.Errorf("%s: default %v", f.name, f.def)
		}
	case **seccache.Secret:
		if !f.secret {
			t.Errorf("%s is kept as a secret, but shown", f.name)
		}
	case *entries:
	default:
		t.Errorf("%s goes into a %T", f.name, into)
	}
}

func TestNearest(t *testing.T) {
	for name, want := range map[string]string{
		"Metstore": "Metastore", "serviceName": "ServiceName", "service_name": "ServiceName", "Kms": "KMS",
		"ExpiresAfter": "ExpireAfter", "StaticMasterKyeHex": "StaticMasterKeyHex", "ProductId": "ProductID",
		"Utterly": "", "": "", "x": "", strings.Repeat("ServiceName", 10): "",
	} {
		if got := nearest(name); got != want {
			t.Errorf("nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"a", "", 1},
		{"", "ab", 2},
		{"kms", "kms", 0},
		{"kitten", "sitting", 3},
		{"ab", "ba", 1},
		{"abcd", "acbd", 1},
	} {
		if got := distance(c.a, c.b); got != c.want || distance(c.b, c.a) != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
