package awsconf

import (
	"net/url"
	"testing"
)

func TestProxy(t *testing.T) {
	const rules = " .internal.example, direct.example,*.wild.example , 10.0.0.0/8,192.0.2.1," +
		" other.example:8443,[2001:db8::1],fe80::/10"
	for target, want := range map[string]string{
		"https://kms.us-west-2.amazonaws.com":   "http://proxy.example:3128",
		"https://kms.us-west-2.amazonaws.com:1": "http://proxy.example:3128",
		"http://plain.example":                  "http://plain-proxy.example",
		"https://a.internal.example":            "",
		"https://internal.example":              "http://proxy.example:3128",
		"https://direct.example":                "",
		"https://DIRECT.example.":               "",
		"https://below.direct.example":          "",
		"https://indirect.example":              "http://proxy.example:3128",
		"https://a.wild.example":                "",
		"https://10.1.2.3":                      "",
		"https://11.1.2.3":                      "http://proxy.example:3128",
		"https://192.0.2.1":                     "",
		"https://192.0.2.2":                     "http://proxy.example:3128",
		"https://other.example":                 "http://proxy.example:3128",
		"https://other.example:8443":            "",
		"https://[2001:db8::1]":                 "",
		"https://[2001:db8::2]":                 "http://proxy.example:3128",
		"https://localhost:1234":                "",
		"https://127.0.0.1:1234":                "",
		"https://[::1]:1234":                    "",
	} {
		s := mustOpen(t, Options{}, variables{
			"HTTPS_PROXY": "http://proxy.example:3128", "http_proxy": "plain-proxy.example", "NO_PROXY": rules,
		})
		u, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if proxy := s.Proxy(u); proxy != nil {
			got = proxy.String()
		}
		if got != want {
			t.Errorf("%s goes through %q; want %q", target, got, want)
		}
	}
	u, _ := url.Parse("https://example.com")
	if proxy := mustOpen(t, Options{}, nil).Proxy(u); proxy != nil {
		t.Errorf("through %v", proxy)
	}
	v := variables{"https_proxy": "https://p.example"}
	if proxy := mustOpen(t, Options{}, v.with("no_proxy", "*")).Proxy(u); proxy != nil {
		t.Errorf("through %v", proxy)
	}
	if proxy := mustOpen(t, Options{}, v).Proxy(u); proxy == nil || proxy.Scheme != "https" {
		t.Errorf("through %v", proxy)
	}
}
