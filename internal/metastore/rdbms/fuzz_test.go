package rdbms

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
)

// FuzzConnectionStrings: whatever stands around a secret, a connection string is read or refused, and the refusal does
// not show it.
func FuzzConnectionStrings(f *testing.F) {
	for _, seed := range [][2]string{
		{"postgres://u:", "@db:5432/k?sslmode=require&pool_max_conns=3"},
		{"postgres://u:", "@db1:1,db2:2/k?ssl=true#"},
		{"host=db password='", `\'' dbname=k sslmode=verify-full gssencmode=require`},
		{"host=db password=", " sslcrl=x ssl=1"},
		{"Host=db;Password='", "';SSL Mode=Require;Trust Server Certificate=false"},
		{"Host=db;Password=\"", "\"\"\";Integrated Security=true;Maximum Pool Size=-1"},
		{"mysql://u:", "@db:3306/k?ssl-mode=VERIFY_CA&tls-version=1.2"},
		{"mysql://u:p@tcp(", ")/k?strict=true"},
		{"u:", "@tcp(db:3306)/k?tls=true&loc=Local&strict=1&sql_mode=%27%27"},
		{"u:p@unix(", ")/k%zz?readTimeout=1"},
		{"Server=db;Pwd=", ";SslMode=Required;Protocol=pipe;Port=x"},
		{"", "=;;==\x00"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		if strings.Contains(before+after, "service") || strings.Contains(before+after, "file") {
			return // files of whoever runs this
		}
		for _, open := range []func(Options) (*Metastore, error){OpenPostgres, OpenMySQL} {
			m, err := open(Options{ConnectionString: before + secretWord + after})
			if err == nil {
				_ = m.Close()
				continue
			}
			if envelope.CodeOf(err) != envelope.Configuration {
				t.Errorf("class %d: %v", envelope.CodeOf(err), err)
			}
			for ; err != nil; err = errors.Unwrap(err) {
				if strings.Contains(fmt.Sprintf("%+v %#v", err, err), secretWord) {
					t.Errorf("the secret is shown: %#v", err)
				}
			}
		}
	})
}
