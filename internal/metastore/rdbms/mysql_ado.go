package rdbms

import (
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// mysqlADOKeywords are the keywords of MySqlConnector and of Connector/NET, squashed.
var mysqlADOKeywords = func() map[string]keyword {
	table := map[string]keyword{
		"certificatestorelocation":   {refused: "certificate stores are Windows'; name files with SslCert and SslKey"},
		"certificatethumbprint":      {refused: "certificate stores are Windows'; name files with SslCert and SslKey"},
		"certificatefile":            {refused: "files of type PFX are not read; name PEM files with SslCert and SslKey"},
		"certificatepassword":        {refused: "keys with a password are not read; name PEM files with SslCert and SslKey"},
		"tlsciphersuites":            {refused: "ciphers are those of Go's TLS"},
		"serverrsapublickeyfile":     {refused: "use SslMode=VerifyFull"},
		"serverspn":                  {refused: "logging in by Kerberos is not supported"},
		"integratedsecurity":         {to: "integrated security"},
		"pipename":                   {refused: "named pipes are Windows'"},
		"sharedmemoryname":           {refused: "shared memory is Windows'"},
		"allowloadlocalinfile":       {to: "load files"},
		"allowpublickeyretrieval":    {to: "public key"},
		"sslcert":                    {to: "ssl-cert"},
		"sslkey":                     {to: "ssl-key"},
		"tlsversion":                 {to: "tls-version"},
		"tlsversions":                {to: "tls-version"},
		"port":                       {to: "port"},
		"connectionlifetime":         {to: "connection lifetime"},
		"connectionidletimeout":      {to: "connection idle time"},
		"applicationname":            {to: "application"},
		"pooling":                    {to: "pooling"},
		"dnssrv":                     {refused: "name the host itself"},
		"allowloadlocalinfileinpath": {refused: "no files are sent to the server; remove it"},
	}
	for to, names := range map[string]string{
		"host":            "server host datasource address addr networkaddress",
		"user":            "userid uid username user",
		"password":        "password pwd password1",
		"database":        "database initialcatalog",
		"protocol":        "connectionprotocol protocol",
		"ssl-mode":        "sslmode ssl encrypt usessl",
		"ssl-ca":          "sslca cacertificatefile",
		"pool size":       "maximumpoolsize maxpoolsize",
		"connect timeout": "connectiontimeout connecttimeout",
		"command timeout": "defaultcommandtimeout commandtimeout",
	} {
		for name := range strings.FieldsSeq(names) {
			table[name] = keyword{to: to}
		}
	}
	for name := range strings.FieldsSeq(`
		allowbatch allowuservariables allowzerodatetime autoenlist enlist cacheserverproperties cancellationtimeout
		characterset charset checkparameters connectionreset convertzerodatetime datetimekind deferconnectionreset
		defaultauthenticationplugin dnscheckinterval functionsreturnstring guidformat ignoreprepare
		includesecurityasserts interactive interactivesession keepalive loadbalance logging minimumpoolsize minpoolsize
		nobackslashescapes oldguids oldgetstringbehavior persistsecurityinfo pipelining procedurecachesize
		procedurecache replication respectbinaryflags serverredirectionmode sqlservermode tablecache
		defaulttablecacheage treatblobsasutf8 treattinyasboolean useaffectedrows usecompression compress
		usedefaultcommandtimeoutforef useperformancemonitor perfmon useprocedurebodies procedurebodies useusageadvisor
		usageadvisor usexatransactions forcesynchronous
	`) {
		table[name] = ignored
	}
	return table
}()

// mysqlADO makes the driver's settings of those of ADO.NET.
func mysqlADO(s *settings, o *Options) (*mysql.Config, error) {
	if err := s.pool(o); err != nil {
		return nil, err
	}
	for name, refusal := range map[string]string{
		"integrated security": "Integrated Security: logging in by Kerberos is not supported; give User ID and Password",
		"load files":          "AllowLoadLocalInfile=true: no files are sent to the server; remove it",
	} {
		switch on, _, err := s.takeBool(name); {
		case err != nil:
			return nil, err
		case on:
			return nil, configurationError("MySQL", "the connection string has %s", refusal)
		}
	}
	c := mysql.NewConfig()
	c.User, c.Passwd, c.DBName = s.take("user"), s.take("password"), s.take("database")
	if err := mysqlADOAddress(s, c); err != nil {
		return nil, err
	}
	seconds, err := s.takeNumber("connect timeout")
	if err != nil {
		return nil, err
	}
	c.Timeout = time.Duration(seconds) * time.Second
	if application := s.take("application"); application != "" && !strings.ContainsAny(application, ",:") {
		c.ConnectionAttributes = "program_name:" + application
	}
	if err := applyMySQLTLS(s, c); err != nil {
		return nil, err
	}
	retrieve, set, err := s.takeBool("public key")
	if err != nil {
		return nil, err
	}
	if set && !retrieve && (c.TLS == nil || c.AllowFallbackToPlaintext) {
		return nil, configurationError("MySQL", "the connection string has AllowPublicKeyRetrieval=false and allows "+
			"connections without TLS, where this client asks the server for its key; demand TLS: SslMode=VerifyFull")
	}
	return c, nil
}

func mysqlADOAddress(s *settings, c *mysql.Config) error {
	host := strings.TrimSpace(s.take("host"))
	port, err := s.takeNumber("port")
	if err != nil {
		return err
	}
	protocol := squash(s.take("protocol"))
	switch protocol {
	case "", "socket", "sockets", "tcp", "tcpip", "unix", "unixsocket":
	default:
		return configurationError("MySQL", "the connection string's protocol must be Socket (TCP) or Unix")
	}
	switch {
	case strings.HasPrefix(host, "/") || strings.HasPrefix(protocol, "unix"):
		if host == "" {
			return s.bad("Server", "the path of a socket where the protocol is Unix")
		}
		c.Net, c.Addr = "unix", host
	case strings.ContainsAny(host, ",& ="):
		return configurationError("MySQL", "the connection string's server must be one host; "+
			"put a name in the DNS before several")
	default:
		if host == "" || host == "." || host == "(local)" {
			host = "127.0.0.1"
		}
		if port == 0 {
			port = 3306
		}
		c.Net, c.Addr = "tcp", net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(port))
	}
	return nil
}
