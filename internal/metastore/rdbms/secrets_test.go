package rdbms

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
)

// secretWord is in the password, or in what may be one, of every connection string that is refused here.
const secretWord = "hunter2"

// checkRefusal: a connection string that cannot be used is a Configuration error, which says want, and neither it, nor
// its chain, nor a log line shows a secret.
func checkRefusal(t *testing.T, text, want string, open func(Options) (*Metastore, error)) {
	t.Helper()
	var lines []string
	hooks.SetLog(func(_ hooks.Level, _, message string) { lines = append(lines, message) }, 0, hooks.Trace, true)
	defer hooks.ClearLog()
	m, err := open(Options{ConnectionString: text})
	if err == nil {
		_ = m.Close()
		t.Errorf("%s is accepted; want: %s", text, want)
		return
	}
	if envelope.CodeOf(err) != envelope.Configuration || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %v; want Configuration: %s", text, err, want)
	}
	for ; err != nil; err = errors.Unwrap(err) {
		if strings.Contains(fmt.Sprintf("%+v %#v", err, err), secretWord) {
			t.Errorf("%s: the chain of errors shows the secret: %#v", text, err)
		}
	}
	if strings.Contains(strings.Join(lines, "\n"), secretWord) {
		t.Errorf("%s: a log line shows the secret: %q", text, lines)
	}
}

// logged runs f and returns the lines of level and above that it caused.
func logged(level hooks.Level, f func()) string {
	var lines []string
	hooks.SetLog(func(_ hooks.Level, _, message string) { lines = append(lines, message) }, 0, level, true)
	defer hooks.ClearLog()
	lines = nil // kept from before
	f()
	return strings.Join(lines, "\n")
}

// authorityText is a certificate that signed nothing.
const authorityText = `-----BEGIN CERTIFICATE-----
MIIBhDCCASugAwIBAgIUbgfs6/KkxuqIqtAnhCJhhyjio8MwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMYW4gYXV0aG9yaXR5MCAXDTI2MTEyMjA4MTMzNFoYDzIxMjYx
MDI5MDgxMzM0WjAXMRUwEwYDVQQDDAxhbiBhdXRob3JpdHkwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAAQyxwquclJLvnjvXEEDF7coqj2CR/cmq1ZFPU23YZrL2CIZ
EiNNKdN3OrtoDmc0CmfL4Pw69YkD9cpfM+ct4Ujco1MwUTAdBgNVHQ4EFgQUEFSD
YTNZh5Htl37Qfuh0t6M867EwHwYDVR0jBBgwFoAUEFSDYTNZh5Htl37Qfuh0t6M8
67EwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiArfQip3JAxehDY
IC+stIN2KD5KzJXaAkAmEnhujhiEsQIgXdeEb+ZpA+0ipE2z1ajRkMP9WDjJ/8my
fY9/VJKmSPw=
-----END CERTIFICATE-----
`
