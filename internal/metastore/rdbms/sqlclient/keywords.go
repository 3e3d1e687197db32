package sqlclient

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
	noActiveDirectory = "sign-in with Microsoft Entra ID (Active Directory) is not built in: use a SQL login, User ID " +
		"and Password, or a metastore of the host program"
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
	{
		name: applicationIntent, synonyms: []string{"applicationintent"}, kind: intents, def: readWrite,
		note: "ReadOnly asks for a readable secondary replica, on which no key can be made",
	},
	{
		name: applicationName, synonyms: []string{"app"}, kind: text, longest: 128, def: "libasherah",
		note: "name of the program in the server's lists",
	},
	{
		name: "AttachDbFilename", synonyms: []string{"extended properties", "initial file name"}, kind: text, longest: 260,
		def: "", use: refused, note: noLocalFile,
	},
	{
		name: "Attestation Protocol", kind: attestations, def: notSpecified, use: refused, note: noAlwaysEncrypted,
	},
	{name: "Authentication", kind: authentications, def: notSpecified, use: refused, note: noActiveDirectory},
	{name: "Column Encryption Setting", kind: columnEncryptions, def: "Disabled", use: refused, note: noAlwaysEncrypted},
	{
		name: commandTimeout, kind: number(0, maxInt32), def: int64(30),
		note: "seconds for one attempt of one statement, 0 for no limit; without it 10",
	},
	{
		name: "Connect Retry Count", synonyms: []string{"connectretrycount"}, kind: number(0, 255), def: int64(1),
		use: ignored, note: ownRetries,
	},
	{
		name: "Connect Retry Interval", synonyms: []string{"connectretryinterval"}, kind: number(1, 60), def: int64(10),
		use: ignored, note: ownRetries,
	},
	{
		name: connectTimeout, synonyms: []string{"connection timeout", "timeout"}, kind: number(0, maxInt32),
		def:  int64(15),
		note: "seconds for opening a connection, from the name to the login, 0 for no limit",
	},
	{
		name: "Current Language", synonyms: []string{"language"}, kind: text, longest: 128, def: "", use: ignored,
		note: "no statement depends on the session's language",
	},
	{
		name: dataSource, synonyms: []string{"addr", "address", "network address", "server"}, kind: text, longest: 128,
		def:  "",
		note: "`host`, `host,port`, `host\\instance`, with or without `tcp:`; `.` and `(local)` are this machine",
	},
	{name: "Enclave Attestation Url", kind: text, def: "", use: refused, note: noAlwaysEncrypted},
	{
		name: encrypt, kind: encryptions, def: Mandatory,
		note: "Mandatory encrypts everything, Optional the login, Strict is TDS 8.0 (SQL Server 2022, Azure SQL)",
	},
	{name: "Enlist", kind: boolean, def: true, use: ignored, note: noDistributed},
	{
		name: failoverPartner, kind: text, longest: 128, def: "",
		note: "the mirror, tried when the server fails, and first from then on",
	},
	{
		name: "Failover Partner SPN", synonyms: []string{"failoverpartnerspn"}, kind: text, def: "", use: ignored,
		note: "only Kerberos needs the name of the service",
	},
	{
		name: hostNameInCertificate, synonyms: []string{"hostnameincertificate"}, kind: text, def: "",
		note: "the name that the certificate must be for, where it is not the host; `*.domain` for all of a domain",
	},
	{
		name: initialCatalog, synonyms: []string{"database"}, kind: text, longest: 128, def: "",
		note: "the database; without it that of the login",
	},
	{
		name: "Integrated Security", synonyms: []string{"trusted_connection"}, kind: booleanOrSSPI, def: false,
		use: refused, note: noIntegrated,
	},
	{
		name: ipAddressPreference, synonyms: []string{"ipaddresspreference"}, kind: preferences, def: ipv4First,
		note: "which addresses of a name are tried first",
	},
	{
		name: loadBalanceTimeout, synonyms: []string{"connection lifetime"}, kind: number(0, maxInt32), def: int64(0),
		note: "seconds after which a connection is replaced, where PoolMaxLifetime is not set; without it 1800",
	},
	{
		name: maxPoolSize, kind: number(1, maxInt32), def: int64(100),
		note: "most connections at a time, where PoolMaxOpen is not set; without it 20",
	},
	{
		name: minPoolSize, kind: number(0, maxInt32), def: int64(0), use: ignored,
		note: "connections are opened when they are needed, and then kept",
	},
	{
		name: multiSubnetFailover, synonyms: []string{"multisubnetfailover"}, kind: boolean, def: false,
		note: "true: all addresses of a name are tried at once, for the listener of an availability group",
	},
	{
		name: "Multiple Active Result Sets", synonyms: []string{"multipleactiveresultsets"}, kind: boolean, def: false,
		use: ignored, note: "no connection has two results at a time",
	},
	{
		name: packetSize, kind: number(512, 32768), def: int64(8000),
		note: "bytes of a packet",
	},
	{
		name: password, synonyms: []string{"pwd"}, kind: text, longest: 128, def: "",
		note: "of the SQL login",
	},
	{
		name: "Persist Security Info", synonyms: []string{"persistsecurityinfo"}, kind: boolean, def: false,
		use: ignored, note: "nobody is ever shown the connection string",
	},
	{
		name: "Pool Blocking Period", synonyms: []string{"poolblockingperiod"}, kind: blockings, def: "Auto",
		use: ignored, note: "the pool never blocks after an error",
	},
	{
		name: pooling, kind: boolean, def: true,
		note: "false: no connection is kept, where PoolMaxIdle is not set",
	},
	{name: "Replication", kind: boolean, def: false, use: ignored, note: "no replication is set up over it"},
	{
		name: serverCertificate, synonyms: []string{"servercertificate"}, kind: text, def: "",
		note: "file with the server's own certificate, PEM or DER, that it must show; no authority, name or date is checked",
	},
	{
		name: "Server SPN", synonyms: []string{"serverspn"}, kind: text, def: "", use: ignored,
		note: "only Kerberos needs the name of the service",
	},
	{
		name: trustServer, synonyms: []string{"trustservercertificate"}, kind: boolean, def: false,
		note: "true: the certificate is not checked, with a warning; no effect with Strict or Server Certificate",
	},
	{
		name: "Type System Version", kind: typeSystems, def: "Latest", use: ignored,
		note: "the types of the statements' parameters are chosen for the table",
	},
	{
		name: userID, synonyms: []string{"uid", "user"}, kind: text, longest: 128, def: "",
		note: "the SQL login; user@server for older Azure SQL",
	},
	{
		name: "User Instance", kind: boolean, def: false, use: refused,
		note: "SQL Server Express starts such instances for programs on Windows only: name an instance in Data Source",
	},
	{
		name: workstationID, synonyms: []string{"wsid"}, kind: text, longest: 128, def: "",
		note: "name of this machine in the server's lists; without it the host's name",
	},

	{
		name: "Asynchronous Processing", synonyms: []string{"async"}, kind: boolean, def: false, framework: true,
		use: ignored, note: "calls may be concurrent in any case",
	},
	{
		name: "Connection Reset", kind: boolean, def: true, framework: true,
		use: ignored, note: "a connection is reset whenever it is used again",
	},
	{
		name: "Context Connection", kind: boolean, def: false, use: refused,
		note: "there is such a connection only inside of SQL Server: name a server in Data Source",
	},
	{
		name: "Network Library", synonyms: []string{"net", "network"}, kind: libraries, def: tcpLibrary, framework: true,
		use: refused, note: "only TCP/IP is spoken: leave it out, or write dbmssocn",
	},
	{
		name: "Transaction Binding", kind: text, def: "Implicit Unbind", framework: true,
		use: ignored, note: noDistributed,
	},
	{
		name: "Transparent Network IP Resolution", synonyms: []string{"transparentnetworkipresolution"}, kind: boolean,
		def: true, framework: true, use: ignored, note: "every address of a name is tried in any case",
	},

	{
		name: caCertificate, kind: text, def: "", url: true,
		note: "file with certificates of authorities, PEM or DER, in place of those of this machine",
	},
	{
		name: tlsMin, synonyms: []string{"tlsmin"}, kind: versions, def: "", url: true,
		note: "least version of TLS; 1.0 and 1.1 are warned about, 1.3 is spoken with Encrypt=Strict only",
	},
	{
		name: "Authenticator", kind: text, def: "", url: true, use: refused, note: noIntegrated,
		synonyms: []string{
			"krb5-configfile", "krb5-credcachefile", "krb5-dnslookupkdc", "krb5-keytabfile", "krb5-realm",
			"krb5-udppreferencelimit",
		},
	},
	{
		name: "Change Password", kind: text, def: "", url: true, use: refused,
		note: "passwords are not changed here: change it at the server",
	},
	{
		name: "Disable Retry", synonyms: []string{"disableretry"}, kind: boolean, def: false, url: true,
		use: ignored, note: ownRetries,
	},
	{
		name: "EPA Enabled", kind: boolean, def: false, url: true, use: ignored,
		note: "it protects Windows and Kerberos authentication, which are not built in",
	},
	{
		name: "Federated Authentication", synonyms: []string{"fedauth"}, kind: text, def: "", url: true,
		use: refused, note: noActiveDirectory,
	},
	{
		name: failoverPort, synonyms: []string{"failoverport"}, kind: number(1, 65535), def: int64(0), url: true,
		note: "port of the failover partner, where that names none",
	},
	{
		name: "GUID Conversion", kind: boolean, def: false, url: true, use: ignored,
		note: "the table has no column of that type",
	},
	{
		name: "Keep Alive", synonyms: []string{"keepalive"}, kind: number(0, maxInt32), def: int64(30), url: true,
		use: ignored, note: "TCP keep-alive is on, after 30 seconds",
	},
	{
		name: "Log", kind: number(0, maxInt32), def: int64(0), url: true, use: ignored,
		note: "the library's own log hook says what happens",
	},
	{
		name: "No Trace ID", synonyms: []string{"notraceid"}, kind: boolean, def: false, url: true, use: ignored,
		note: "connections are traceable at the server",
	},
	{
		name: "Protocol", kind: protocols, def: "tcp", url: true, use: refused,
		note: "only TCP/IP is spoken: leave it out, or write tcp",
	},
	{
		name: "Time Zone", synonyms: []string{"timezone"}, kind: text, def: "", url: true, use: ignored,
		note: "times are in UTC, whatever the zones of client and server",
	},
}
