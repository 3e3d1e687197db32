package awskms

import (
	"slices"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/kms/awstest"
)

// TestOwnEndpoints: without an endpoint in the configuration the hosts of AWS are asked, here through a proxy that the
// environment names.
func TestOwnEndpoints(t *testing.T) {
	f := newFixture(t)
	proxy, hosts := f.Proxy()
	for name, tc := range map[string]struct {
		variables []string
		host      string
	}{
		"own":        {nil, "kms.us-west-2.amazonaws.com:443"},
		"FIPS":       {[]string{"AWS_USE_FIPS_ENDPOINT", "true"}, "kms-fips.us-west-2.amazonaws.com:443"},
		"dual stack": {[]string{"AWS_USE_DUALSTACK_ENDPOINT", "true"}, "kms.us-west-2.api.aws:443"},
	} {
		t.Run(name, func(t *testing.T) {
			k := f.open(func(o *Options) {
				for i := range o.Regions {
					o.Regions[i].Endpoint = ""
				}
				o.AWS.Lookup = f.Environment(append(tc.variables, "HTTPS_PROXY", proxy)...)
			})
			key := newKey(t)
			text := wrap(t, k, key)
			if s := spell(t, text); s.in() != strings.Join(everywhere, " ") {
				t.Errorf("wrapped in %s", s.in())
			}
			mustUnwrap(t, k, text, key)
			if got := hosts(); !slices.Contains(got, tc.host) {
				t.Errorf("connected to %v; want %s", got, tc.host)
			}
		})
	}
}

// TestEndpointForAll: one endpoint may stand for all regions; whoever is behind it sees the region in the signature.
func TestEndpointForAll(t *testing.T) {
	f := newFixture(t)
	key := newKey(t)
	for name, change := range map[string]func(*Options){
		"configuration": func(o *Options) { o.AWS.Endpoint = f.Region(east).URL },
		"environment":   func(o *Options) { o.AWS.Lookup = f.Environment("AWS_ENDPOINT_URL", f.Region(east).URL) },
		"for the service": func(o *Options) {
			o.AWS.Lookup = f.Environment("AWS_ENDPOINT_URL", "https://127.0.0.1:1", "AWS_ENDPOINT_URL_KMS", f.Region(east).URL)
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := f.open(func(o *Options) {
				for i := range o.Regions {
					o.Regions[i].Endpoint = ""
				}
				change(o)
			})
			if s := spell(t, wrap(t, k, key)); s.in() != east {
				t.Errorf("wrapped in %s: the others' requests are signed for other regions", s.in())
			}
		})
	}
}

// TestUntrustedServer: a certificate of somebody else is no AWS.
func TestUntrustedServer(t *testing.T) {
	f := newFixture(t)
	key := newKey(t)
	text := wrap(t, f.open(nil), key)
	f.Forget()
	k := f.open(func(o *Options) { o.AWS.Lookup = f.Environment("AWS_CA_BUNDLE", awstest.New(t, west).CABundle()) })
	err := mustFail(t, k, text, envelope.KMSFailed)
	if !strings.Contains(err.Error(), "us-west-2: unreachable") || len(f.Calls()) != 0 {
		t.Errorf("%v", err)
	}
}
