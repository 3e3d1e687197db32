package rdbms

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// applyMySQLTLS sets c.TLS by the settings ssl-mode, ssl-ca, ssl-cert, ssl-key and tls-version. An authority to check
// against is never left unused: with one, certificates are checked, whatever the mode says less.
func applyMySQLTLS(s *settings, c *mysql.Config) error {
	mode, set := s.values["ssl-mode"]
	name, known := map[string]string{
		"disabled": "disabled", "none": "disabled", "disable": "disabled", "false": "disabled",
		"preferred": "preferred", "prefered": "preferred", "prefer": "preferred",
		"required": "required", "require": "required", "true": "required",
		"verifyca": "verify-ca", "verifyfull": "verify-full", "verifyidentity": "verify-full",
	}[squash(mode)]
	switch {
	case !set:
		name = "preferred"
	case !known:
		return s.bad("the TLS mode", "disabled, preferred, required, verify-ca or verify-full (VERIFY_IDENTITY)")
	}
	if name == "disabled" {
		c.TLS, c.TLSConfig = nil, "false"
		return nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if err := s.readTLSFiles(config); err != nil {
		return err
	}
	if err := s.readTLSVersions(config); err != nil {
		return err
	}
	if config.RootCAs != nil && (name == "preferred" || name == "required") {
		name = "verify-ca"
	}
	switch name {
	case "preferred":
		config.InsecureSkipVerify = true
		c.AllowFallbackToPlaintext = true
	case "required":
		config.InsecureSkipVerify = true
	case "verify-ca": // the chain, but not the name
		config.InsecureSkipVerify = true
		config.VerifyConnection = verifyChain(config.RootCAs)
	default:
		host, _, err := net.SplitHostPort(c.Addr)
		if err != nil || c.Net != "tcp" {
			host = "localhost"
		}
		config.ServerName = host
	}
	c.TLS = config
	return nil
}

func verifyChain(roots *x509.CertPool) func(tls.ConnectionState) error {
	return func(state tls.ConnectionState) error {
		if len(state.PeerCertificates) == 0 {
			return errors.New("the server has no certificate")
		}
		o := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
		for _, c := range state.PeerCertificates[1:] {
			o.Intermediates.AddCert(c)
		}
		_, err := state.PeerCertificates[0].Verify(o)
		return err
	}
}

// readTLSFiles reads the authority and the client's certificate. Its errors name no file: paths show users and layouts.
func (s *settings) readTLSFiles(config *tls.Config) error {
	if path := s.values["ssl-ca"]; path != "" {
		text, err := os.ReadFile(path)
		config.RootCAs = x509.NewCertPool()
		if err != nil || !config.RootCAs.AppendCertsFromPEM(text) {
			return s.bad("ssl-ca", "a readable file with certificates in PEM form")
		}
	}
	certificate, key := s.values["ssl-cert"], s.values["ssl-key"]
	if certificate == "" && key == "" {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return s.bad("ssl-cert and ssl-key", "readable files with a certificate and its key, in PEM form and without "+
			"a password")
	}
	config.Certificates = []tls.Certificate{pair}
	return nil
}

// readTLSVersions takes a list such as "TLS 1.2, TLS 1.3" for its smallest and its largest version. Older ones than 1.2
// are left out.
func (s *settings) readTLSVersions(config *tls.Config) error {
	list := s.values["tls-version"]
	if strings.TrimSpace(list) == "" {
		return nil
	}
	config.MinVersion = 0
	for word := range strings.SplitSeq(strings.ReplaceAll(strings.Trim(list, "[]() "), ";", ","), ",") {
		switch strings.TrimPrefix(strings.TrimPrefix(squash(strings.TrimSpace(word)), "tls"), "v") {
		case "1.2", "12":
			config.MinVersion, config.MaxVersion = tls.VersionTLS12, max(config.MaxVersion, tls.VersionTLS12)
		case "1.3", "13":
			config.MaxVersion = tls.VersionTLS13
			if config.MinVersion == 0 {
				config.MinVersion = tls.VersionTLS13
			}
		case "", "1", "1.0", "10", "1.1", "11":
		default:
			return s.bad("the TLS version", "of TLS 1.2 and TLS 1.3")
		}
	}
	if config.MinVersion == 0 {
		return s.bad("the TLS version", "TLS 1.2 or TLS 1.3; older ones are not safe")
	}
	return nil
}
