package sqlclient

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/microsoft/go-mssqldb/msdsn"
)

// config is the driver's configuration for one server. It is made by code, not by way of the driver's own strings: the
// driver drops keywords that it does not know, and encrypts nothing but the login where a string says nothing.
func (s *Settings) config(at server) (msdsn.Config, error) {
	security, err := s.tls(at.host)
	if err != nil {
		return msdsn.Config{}, err
	}
	workstation := s.text(workstationID)
	if workstation == "" {
		workstation, _ = os.Hostname()
	}
	return msdsn.Config{
		Host:     at.host,
		Port:     uint64(at.port),
		Instance: at.instance,
		Database: s.text(initialCatalog),
		User:     s.text(userID),
		Password: s.text(password),

		Encryption: map[string]msdsn.Encryption{
			Mandatory: msdsn.EncryptionRequired, Optional: msdsn.EncryptionOff, Strict: msdsn.EncryptionStrict,
		}[s.text(encrypt)],
		TLSConfig: security,
		// Behind a redirection the certificate is that of the server there.
		HostInCertificateProvided: s.text(hostNameInCertificate) != "",
		TrustServerCertificate:    security.InsecureSkipVerify,

		ReadOnlyIntent: s.text(applicationIntent) == readOnly,
		Workstation:    workstation,
		AppName:        s.text(applicationName),
		PacketSize:     uint16(min(s.number(packetSize), 32767)),

		Protocols:      []string{"tcp"},
		BrowserMessage: msdsn.BrowserAllInstances,
		DialTimeout:    -1, // Connector bounds the login as well
	}, nil
}

// tls says how far the server must prove who it is.
func (s *Settings) tls(host string) (*tls.Config, error) {
	c := &tls.Config{
		ServerName:                  certificateName(s.text(hostNameInCertificate), host),
		MinVersion:                  tlsVersions[s.text(tlsMin)],
		DynamicRecordSizingDisabled: true, // SQL Server wants one TCP segment for each TDS packet
	}
	mode := s.text(encrypt)
	switch {
	case mode == Optional:
		// Who is in the way could say that there is no encryption at all: checking would protect nothing.
		c.InsecureSkipVerify = true
	case s.text(serverCertificate) != "":
		certificates, err := readCertificates(s.text(serverCertificate))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", serverCertificate, err)
		}
		want := certificates[0]
		c.InsecureSkipVerify = true // it is compared instead
		c.VerifyConnection = func(state tls.ConnectionState) error {
			if len(state.PeerCertificates) == 0 || !bytes.Equal(state.PeerCertificates[0].Raw, want.Raw) {
				return errPinned
			}
			return nil
		}
	case mode == Mandatory && s.flag(trustServer):
		c.InsecureSkipVerify = true
	case s.text(caCertificate) != "":
		authorities, err := readCertificates(s.text(caCertificate))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", caCertificate, err)
		}
		c.RootCAs = x509.NewCertPool()
		for _, a := range authorities {
			c.RootCAs.AddCert(a)
		}
	}
	return c, nil
}

// errPinned is the end of a connection whose certificate is not the one in Server Certificate.
var errPinned = errors.New("the server's certificate is not the one in Server Certificate")

// certificateName is the name that the certificate must be for. "*.domain" stands for a certificate for every name in
// the domain: any name in it will do.
func certificateName(given, host string) string {
	if given == "" {
		return host
	}
	if domain, ok := strings.CutPrefix(given, "*."); ok {
		return "any." + domain
	}
	return given
}

// readCertificates reads a PEM file with at least one certificate, or a DER file. The path is not in its errors.
func readCertificates(path string) ([]*x509.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", withoutPath(err))
	}
	var der []byte
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			der = append(der, block.Bytes...)
		}
	}
	if der == nil {
		der = text
	}
	certificates, err := x509.ParseCertificates(der)
	if err != nil || len(certificates) == 0 {
		return nil, errors.New("the file holds no certificate, in PEM or DER")
	}
	return certificates, nil
}

func withoutPath(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
