package sqlclient

// ConnectError is a failure to connect, for reasons that the driver gives in words only.
type ConnectError struct {
	Reason  string // what is wrong and what to do; it names no host
	Passing bool   // another attempt may succeed
	Cause   error  // for a log: it names hosts
}

func (e *ConnectError) Error() string { return e.Reason + ": " + e.Cause.Error() }

// connectReasons are for what is in the driver's words: it formats the errors of a handshake, and what they were is
// gone.
var connectReasons = []struct{ words, reason string }{
	{"no instance matching", "SQL Server Browser knows no such instance, or it does not listen on TCP/IP"},
	{errPinned.Error(), errPinned.Error()},
	{"x509: negative serial number", "the server's certificate has a negative serial number, which is not allowed: give " +
		"the server another certificate"},
	{"tls: failed to verify certificate", "the server's certificate is not trusted, or is for another name: install its " +
		"authority on this machine, give the certificate itself with ServerCertificate=file, or the name in it with " +
		"HostNameInCertificate=name"},
	{"server does not support encryption", "the server does not encrypt: install a certificate there; Encrypt=False " +
		"goes without"},
	{"TLS Handshake failed: remote error", "the server ended the TLS handshake: it may have no version or cipher in " +
		"common with TLS 1.2 and later"},
	{"TLS Handshake failed: tls:", "the TLS handshake failed: the server may have no version or cipher in common with " +
		"TLS 1.2 and later"},
}
