package sqlclient

import (
	"crypto/tls"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
)

// kind is how a keyword's value is read.
type kind struct {
	want string // for messages: what the value must be
	read func(text string) (value any, ok bool)
	// harmless is a value, beside the default, that a refused keyword may have.
	harmless string
}

const maxInt32 = math.MaxInt32

// Values of keywords, as SqlClient writes them.
const (
	Mandatory = "True"   // everything is encrypted
	Optional  = "False"  // the login is encrypted, the rest if the server wants it
	Strict    = "Strict" // TDS 8.0: TLS from the first byte

	readWrite    = "ReadWrite"
	readOnly     = "ReadOnly"
	notSpecified = "NotSpecified"
	ipv4First    = "IPv4First"
	ipv6First    = "IPv6First"
	tcpLibrary   = "dbmssocn"
)

var (
	text = kind{read: func(text string) (any, bool) { return text, true }}

	boolean = kind{want: "true or false", read: func(text string) (any, bool) {
		switch strings.ToLower(strings.TrimSpace(text)) {
		case "true", "yes":
			return true, true
		case "false", "no":
			return false, true
		}
		return nil, false
	}}

	booleanOrSSPI = kind{want: "true, false or SSPI", read: func(text string) (any, bool) {
		if strings.EqualFold(strings.TrimSpace(text), "sspi") {
			return true, true
		}
		return boolean.read(text)
	}}

	encryptions = func() kind {
		k := choice(map[string][]string{
			Mandatory: {"mandatory", "yes"}, Optional: {"optional", "no"}, Strict: nil,
		}, "Mandatory (or true), Optional (or false) or Strict")
		return k.exact() // SqlClient does not trim it, other than the rest
	}()

	intents     = oneOf(readWrite, readOnly)
	preferences = oneOf(ipv4First, ipv6First, "UsePlatformDefault")
	blockings   = oneOf("Auto", "AlwaysBlock", "NeverBlock")

	typeSystems = func() kind {
		k := oneOf("Latest", "SQL Server 2000", "SQL Server 2005", "SQL Server 2008", "SQL Server 2012").exact()
		known := k.read
		k.read = func(text string) (any, bool) {
			_, ok := known(text)
			return text, ok
		}
		return k
	}()

	columnEncryptions = oneOf("Disabled", "Enabled")

	attestations = kind{
		want: "None, AAS or HGS", read: oneOf("None", "AAS", "HGS").read, harmless: "None",
	}

	authentications = func() kind {
		k := choice(map[string][]string{
			"SqlPassword":                     {"sql password"},
			"ActiveDirectoryPassword":         {"active directory password"},
			"ActiveDirectoryIntegrated":       {"active directory integrated"},
			"ActiveDirectoryInteractive":      {"active directory interactive"},
			"ActiveDirectoryServicePrincipal": {"active directory service principal"},
			"ActiveDirectoryDeviceCodeFlow":   {"active directory device code flow"},
			"ActiveDirectoryManagedIdentity":  {"active directory managed identity"},
			"ActiveDirectoryMSI":              {"active directory msi"},
			"ActiveDirectoryDefault":          {"active directory default"},
			"ActiveDirectoryWorkloadIdentity": {"active directory workload identity"},
		}, "Sql Password, or one of the Active Directory kinds")
		k.harmless = "SqlPassword"
		return k
	}()

	libraries = choice(map[string][]string{
		tcpLibrary: nil, "dbnmpntw": nil, "dbmslpcn": nil, "dbmsadsn": nil, "dbmsgnet": nil, "dbmsrpcn": nil,
		"dbmsspxn": nil, "dbmsvinn": nil,
	}, "the name of a network library")

	protocols = oneOf("tcp", "admin", "np", "lpc")
	versions  = oneOf("1.0", "1.1", "1.2", "1.3")
)

// tlsVersions are the numbers of versions. Without one, Go's own least version stands: 1.2.
var tlsVersions = map[string]uint16{
	"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13,
}

func utf16Length(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}

func number(least, most int64) kind {
	return kind{want: fmt.Sprintf("a whole number from %d to %d", least, most), read: func(text string) (any, bool) {
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		return n, err == nil && least <= n && n <= most
	}}
}

func oneOf(values ...string) kind {
	spellings := map[string][]string{}
	for _, v := range values {
		spellings[v] = nil
	}
	return choice(spellings, "one of "+strings.Join(values, ", "))
}

// exact is k without blanks around the value.
func (k kind) exact() kind {
	trimmed := k.read
	k.read = func(text string) (any, bool) {
		if text != strings.TrimSpace(text) {
			return nil, false
		}
		return trimmed(text)
	}
	return k
}

// choice takes the keys of values, and their other spellings, without regard to case.
func choice(values map[string][]string, want string) kind {
	spelled := map[string]string{}
	for v, others := range values {
		spelled[strings.ToLower(v)] = v
		for _, o := range others {
			spelled[o] = v
		}
	}
	return kind{want: want, read: func(text string) (any, bool) {
		v, ok := spelled[strings.ToLower(strings.TrimSpace(text))]
		return v, ok
	}}
}
