package sqlclient

import "strings"

// use is what becomes of a keyword.
type use int

const (
	mapped  use = iota // it has its effect
	ignored            // it has none here and needs none: a line at level Debug says so
	refused            // with any value but a harmless one it is an error, which says what to do instead
)

func (u use) String() string { return [...]string{"used", "ignored", "refused"}[u] }

// keyword is a setting that SqlClient knows. None is dropped in silence: what is not in this table is an error.
type keyword struct {
	name     string   // as SqlConnectionStringBuilder writes it
	synonyms []string // in lower case
	kind     kind
	longest  int // of a text, in UTF-16, as SqlClient counts; 0: no limit
	def      any // the value where the string has none: string, int64 or bool
	use      use
	why      string // ignored: what makes it needless; refused: what to do

	// framework is true for keywords that only System.Data.SqlClient, or the .NET Framework, takes.
	framework bool
	// url is true for keywords that only URLs have: those of go-mssqldb.
	url bool
}

// The keywords that the code asks for.
const (
	applicationIntent     = "Application Intent"
	applicationName       = "Application Name"
	caCertificate         = "Certificate"
	commandTimeout        = "Command Timeout"
	connectTimeout        = "Connect Timeout"
	dataSource            = "Data Source"
	encrypt               = "Encrypt"
	failoverPartner       = "Failover Partner"
	failoverPort          = "Failover Port"
	hostNameInCertificate = "Host Name In Certificate"
	initialCatalog        = "Initial Catalog"
	ipAddressPreference   = "IP Address Preference"
	loadBalanceTimeout    = "Load Balance Timeout"
	maxPoolSize           = "Max Pool Size"
	minPoolSize           = "Min Pool Size"
	multiSubnetFailover   = "Multi Subnet Failover"
	packetSize            = "Packet Size"
	password              = "Password"
	pooling               = "Pooling"
	serverCertificate     = "Server Certificate"
	tlsMin                = "TLS Min"
	trustServer           = "Trust Server Certificate"
	userID                = "User ID"
	workstationID         = "Workstation ID"
)

const (
	noActiveDirectory = "sign-in with Microsoft Entra ID (Active Directory) is not built in: use a SQL login, User ID and " +
		"Password, or a metastore of the host program"
	noIntegrated = "Windows and Kerberos authentication are not built in: use a SQL login, User ID and Password, or a " +
		"metastore of the host program"
	noLocalFile = "it attaches a file on the client's own machine: attach the database at the server and name it in " +
		"Initial Catalog"
	noAlwaysEncrypted = "Always Encrypted is not supported: key records are encrypted already; keep the columns of " +
		"encryption_key plain"
	noDistributed = "no distributed transaction is used"
	ownRetries    = "lost connections and passing errors are retried in any case, for a few seconds"
)

// keywords is the closed table. docs/sql-server.md has a row for each.
var keywords = []keyword{
	{name: applicationIntent, synonyms: []string{"applicationintent"}, kind: intents, def: readWrite},
	{name: applicationName, synonyms: []string{"app"}, kind: text, longest: 128, def: "libasherah"},
	{
		name: "AttachDbFilename", synonyms: []string{"extended properties", "initial file name"}, kind: text, longest: 260, def: "",
		use: refused, why: noLocalFile,
	},
	{
		name: "Attestation Protocol", kind: attestations, def: notSpecified, use: refused, why: noAlwaysEncrypted,
	},
	{name: "Authentication", kind: authentications, def: notSpecified, use: refused, why: noActiveDirectory},
	{name: "Column Encryption Setting", kind: columnEncryptions, def: "Disabled", use: refused, why: noAlwaysEncrypted},
	{name: commandTimeout, kind: number(0, maxInt32), def: int64(30)},
	{
		name: "Connect Retry Count", synonyms: []string{"connectretrycount"}, kind: number(0, 255), def: int64(1),
		use: ignored, why: ownRetries,
	},
	{
		name: "Connect Retry Interval", synonyms: []string{"connectretryinterval"}, kind: number(1, 60), def: int64(10),
		use: ignored, why: ownRetries,
	},
	{
		name: connectTimeout, synonyms: []string{"connection timeout", "timeout"}, kind: number(0, maxInt32),
		def: int64(15),
	},
	{
		name: "Current Language", synonyms: []string{"language"}, kind: text, longest: 128, def: "", use: ignored,
		why: "no statement depends on the session's language",
	},
	{name: dataSource, synonyms: []string{"addr", "address", "network address", "server"}, kind: text, longest: 128, def: ""},
	{name: "Enclave Attestation Url", kind: text, def: "", use: refused, why: noAlwaysEncrypted},
	{name: encrypt, kind: encryptions, def: Mandatory},
	{name: "Enlist", kind: flag, def: true, use: ignored, why: noDistributed},
	{name: failoverPartner, kind: text, longest: 128, def: ""},
	{
		name: "Failover Partner SPN", synonyms: []string{"failoverpartnerspn"}, kind: text, def: "", use: ignored,
		why: "only Kerberos needs the name of the service",
	},
	{name: hostNameInCertificate, synonyms: []string{"hostnameincertificate"}, kind: text, def: ""},
	{name: initialCatalog, synonyms: []string{"database"}, kind: text, longest: 128, def: ""},
	{
		name: "Integrated Security", synonyms: []string{"trusted_connection"}, kind: flagOrSSPI, def: false,
		use: refused, why: noIntegrated,
	},
	{name: ipAddressPreference, synonyms: []string{"ipaddresspreference"}, kind: preferences, def: ipv4First},
	{name: loadBalanceTimeout, synonyms: []string{"connection lifetime"}, kind: number(0, maxInt32), def: int64(0)},
	{name: maxPoolSize, kind: number(1, maxInt32), def: int64(100)},
	{
		name: minPoolSize, kind: number(0, maxInt32), def: int64(0), use: ignored,
		why: "connections are opened when they are needed, and then kept",
	},
	{name: multiSubnetFailover, synonyms: []string{"multisubnetfailover"}, kind: flag, def: false},
	{
		name: "Multiple Active Result Sets", synonyms: []string{"multipleactiveresultsets"}, kind: flag, def: false,
		use: ignored, why: "no connection has two results at a time",
	},
	{name: packetSize, kind: number(512, 32768), def: int64(8000)},
	{name: password, synonyms: []string{"pwd"}, kind: text, longest: 128, def: ""},
	{
		name: "Persist Security Info", synonyms: []string{"persistsecurityinfo"}, kind: flag, def: false,
		use: ignored, why: "nobody is ever shown the connection string",
	},
	{
		name: "Pool Blocking Period", synonyms: []string{"poolblockingperiod"}, kind: blockings, def: "Auto",
		use: ignored, why: "the pool never blocks after an error",
	},
	{name: pooling, kind: flag, def: true},
	{name: "Replication", kind: flag, def: false, use: ignored, why: "no replication is set up over these connections"},
	{name: serverCertificate, synonyms: []string{"servercertificate"}, kind: text, def: ""},
	{
		name: "Server SPN", synonyms: []string{"serverspn"}, kind: text, def: "", use: ignored,
		why: "only Kerberos needs the name of the service",
	},
	{name: trustServer, synonyms: []string{"trustservercertificate"}, kind: flag, def: false},
	{
		name: "Type System Version", kind: typeSystems, def: "Latest", use: ignored,
		why: "the types of the statements' parameters are chosen for the table",
	},
	{name: userID, synonyms: []string{"uid", "user"}, kind: text, longest: 128, def: ""},
	{
		name: "User Instance", kind: flag, def: false, use: refused,
		why: "SQL Server Express starts such instances for programs on Windows only: name an instance in Data Source",
	},
	{name: workstationID, synonyms: []string{"wsid"}, kind: text, longest: 128, def: ""},

	{
		name: "Asynchronous Processing", synonyms: []string{"async"}, kind: flag, def: false, framework: true,
		use: ignored, why: "calls may be concurrent in any case",
	},
	{
		name: "Connection Reset", kind: flag, def: true, framework: true,
		use: ignored, why: "a connection is reset whenever it is used again",
	},
	{
		name: "Context Connection", kind: flag, def: false, use: refused,
		why: "there is such a connection only inside of SQL Server: name a server in Data Source",
	},
	{
		name: "Network Library", synonyms: []string{"net", "network"}, kind: libraries, def: tcpLibrary, framework: true,
		use: refused, why: "only TCP/IP is spoken: leave it out, or write dbmssocn",
	},
	{
		name: "Transaction Binding", kind: text, def: "Implicit Unbind", framework: true,
		use: ignored, why: noDistributed,
	},
	{
		name: "Transparent Network IP Resolution", synonyms: []string{"transparentnetworkipresolution"}, kind: flag,
		def: true, framework: true, use: ignored, why: "every address of a name is tried in any case",
	},

	{name: caCertificate, kind: text, def: "", url: true},
	{name: tlsMin, synonyms: []string{"tlsmin"}, kind: versions, def: "", url: true},
	{
		name: "Authenticator", kind: text, def: "", url: true, use: refused, why: noIntegrated,
		synonyms: []string{
			"krb5-configfile", "krb5-credcachefile", "krb5-dnslookupkdc", "krb5-keytabfile", "krb5-realm",
			"krb5-udppreferencelimit",
		},
	},
	{
		name: "Change Password", kind: text, def: "", url: true, use: refused,
		why: "passwords are not changed here: change it at the server",
	},
	{
		name: "Disable Retry", synonyms: []string{"disableretry"}, kind: flag, def: false, url: true,
		use: ignored, why: ownRetries,
	},
	{
		name: "EPA Enabled", kind: flag, def: false, url: true, use: ignored,
		why: "it protects Windows and Kerberos authentication, which are not built in",
	},
	{
		name: "Federated Authentication", synonyms: []string{"fedauth"}, kind: text, def: "", url: true,
		use: refused, why: noActiveDirectory,
	},
	{name: failoverPort, synonyms: []string{"failoverport"}, kind: number(1, 65535), def: int64(0), url: true},
	{
		name: "GUID Conversion", kind: flag, def: false, url: true, use: ignored,
		why: "the table has no column of that type",
	},
	{
		name: "Keep Alive", synonyms: []string{"keepalive"}, kind: number(0, maxInt32), def: int64(30), url: true,
		use: ignored, why: "TCP keep-alive is on, after 30 seconds",
	},
	{
		name: "Log", kind: number(0, maxInt32), def: int64(0), url: true, use: ignored,
		why: "the library's own log hook says what happens",
	},
	{
		name: "No Trace ID", synonyms: []string{"notraceid"}, kind: flag, def: false, url: true, use: ignored,
		why: "connections are traceable at the server",
	},
	{
		name: "Protocol", kind: protocols, def: "tcp", url: true, use: refused,
		why: "only TCP/IP is spoken: leave it out, or write tcp",
	},
	{
		name: "Time Zone", synonyms: []string{"timezone"}, kind: text, def: "", url: true, use: ignored,
		why: "times are in UTC, whatever the zones of client and server",
	},
}

// urlSynonyms are further names of keywords in URLs: those of go-mssqldb.
var urlSynonyms = map[string]string{
	"app name":         applicationName,
	"columnencryption": "Column Encryption Setting",
	"dial timeout":     connectTimeout,
	"failoverpartner":  failoverPartner,
}

// byKey has every keyword under its names, in lower case.
var byKey = func() map[string]*keyword {
	all := make(map[string]*keyword, 2*len(keywords))
	for i := range keywords {
		k := &keywords[i]
		all[strings.ToLower(k.name)] = k
		for _, s := range k.synonyms {
			all[s] = k
		}
	}
	return all
}()

// find returns the keyword with this name in lower case, nil if there is none.
func find(key string, inURL bool) *keyword {
	k := byKey[key]
	if k == nil && inURL {
		k = byKey[strings.ToLower(urlSynonyms[key])]
	}
	if k == nil || (k.url && !inURL) {
		return nil
	}
	return k
}

// harmless is true if the keyword may have this value though it is refused: the default one, or one that says nothing.
func (k *keyword) harmless(value any) bool {
	return value == k.def || value == "" || (k.kind.harmless != "" && value == k.kind.harmless)
}
