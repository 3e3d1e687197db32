package rdbms

import (
	"strings"
)

// npgsqlKeywords are the keywords of Npgsql, squashed, by the name that libpq has for them or by one with a blank,
// which npgsqlSettings resolves.
var npgsqlKeywords = func() map[string]keyword {
	table := map[string]keyword{
		"checkcertificaterevocation": {to: "check revocation"},
		"connectionidlelifetime":     {to: "connection idle time"},
		"connectionlifetime":         {to: "connection lifetime"},
		"gssencryptionmode":          {to: "gss encryption"},
		"integratedsecurity":         {to: "integrated security"},
		"loadbalancetimeout":         {to: "connection lifetime"},
		"sslcertificate":             {to: "sslcert"},
		"clientcertificate":          {to: "sslcert"},
		"clientcertificatekey":       {to: "sslkey"},
		"rootcertificate":            {to: "sslrootcert"},
		"targetsessionattributes":    {to: "session attributes"},
		"trustservercertificate":     {to: "trust server"},
		"commandtimeout":             {to: "command timeout"},
		"timeout":                    {to: "connect_timeout"},
		"maximumpoolsize":            {to: "pool size"},
		"maxpoolsize":                {to: "pool size"},
		"pooling":                    {to: "pooling"},
		"replicationmode":            {refused: "it is not for queries; remove it"},
	}
	for to, names := range map[string]string{
		"host": "host server", "port": "port", "dbname": "database db", "user": "username userid uid",
		"password": "password psw pwd", "passfile": "passfile", "application_name": "applicationname",
		"search_path": "searchpath", "timezone": "timezone", "ssl mode": "sslmode", "sslnegotiation": "sslnegotiation",
		"sslkey": "sslkey", "sslpassword": "sslpassword clientcertificatepassword", "channel_binding": "channelbinding",
		"require_auth": "requireauth", "options": "options",
	} {
		for name := range strings.FieldsSeq(names) {
			table[name] = keyword{to: to}
		}
	}
	for name := range strings.FieldsSeq(`
		arraynullabilitymode autopreparemin autoprepareminusages buffersize cancellationtimeout clientencoding
		connectionpruninginterval connectionreset convertinfinitydatetime encoding enlist entityadmindatabase
		entitytemplatedatabase hostrecheckseconds includeerrordetail includeerrordetails includefailedbatchedcommand
		includerealm internalcommandtimeout keepalive kerberosservicename krbsrvname loadbalancehosts
		loadtablecomposites logparameters maxautoprepare minimumpoolsize minpoolsize multiplexing noresetonclose
		persistsecurityinfo preloadreader readbuffersize servercompatibilitymode socketreceivebuffersize
		socketsendbuffersize syncnotification tcpkeepalive tcpkeepaliveinterval tcpkeepalivetime useperfcounters
		usesslstream usextendedtypes writebuffersize writecoalescingbufferthresholdbytes writecoalescingdelayus
	`) {
		table[name] = ignored
	}
	return table
}()

// npgsqlSettings turns the values of Npgsql into libpq's. Certificates are checked wherever one of Npgsql's versions
// does: "Require" with "Trust Server Certificate=false" means that it is not to be trusted unseen.
func npgsqlSettings(s *settings, o *Options) error {
	if err := s.pool(o); err != nil {
		return err
	}
	for name, refusal := range map[string]string{
		"check revocation": "Check Certificate Revocation: lists of revoked certificates are not read; set it to " +
			"false if that is acceptable",
		"integrated security": "Integrated Security: logging in by Kerberos is not supported; give Username and Password",
	} {
		switch on, _, err := s.takeBool(name); {
		case err != nil:
			return err
		case on:
			return configurationError("PostgreSQL", "the connection string has %s", refusal)
		}
	}
	if strings.EqualFold(s.take("gss encryption"), "Require") {
		return configurationError("PostgreSQL", "the connection string demands encryption by GSSAPI (GSS Encryption "+
			"Mode=Require), which is not supported; use TLS: SSL Mode=VerifyFull")
	}
	if err := npgsqlTLS(s); err != nil {
		return err
	}
	if attributes, set := s.values["session attributes"]; set {
		delete(s.values, "session attributes")
		name, known := map[string]string{
			"any": "any", "primary": "primary", "standby": "standby", "preferstandby": "prefer-standby",
			"readwrite": "read-write", "readonly": "read-only",
		}[squash(attributes)]
		if !known {
			return s.bad("Target Session Attributes", "any, primary, standby, prefer-standby, read-write or read-only")
		}
		s.values["target_session_attrs"] = name
	}
	for _, name := range []string{"channel_binding", "require_auth", "sslnegotiation"} {
		if value, set := s.values[name]; set {
			s.values[name] = strings.ToLower(value)
		}
	}
	return nil
}

func npgsqlTLS(s *settings) error {
	mode, set := s.values["ssl mode"]
	delete(s.values, "ssl mode")
	trust, trustSet, err := s.takeBool("trust server")
	if err != nil {
		return err
	}
	name, known := map[string]string{
		"disable": "disable", "allow": "allow", "prefer": "prefer", "require": "require", "verifyca": "verify-ca",
		"verifyfull": "verify-full",
	}[squash(mode)]
	switch {
	case !set:
		return nil
	case !known:
		return s.bad("SSL Mode", "Disable, Allow, Prefer, Require, VerifyCA or VerifyFull")
	case trust && strings.HasPrefix(name, "verify"):
		return configurationError("PostgreSQL", "the connection string has both SSL Mode=%s, which checks the server's "+
			"certificate, and Trust Server Certificate=true, which does not; remove one", name)
	case name == "require" && trustSet && !trust:
		name = "verify-full"
	}
	s.values["sslmode"] = name
	return nil
}
