package sqlclient

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
)

// server is where an instance of SQL Server listens.
type server struct {
	host     string // a name, or an address without brackets
	port     int    // 0: 1433, or what SQL Server Browser says of the instance
	instance string // "": the default one. It does not count where there is a port.
}

const noNamedPipes = "only TCP/IP is spoken, not named pipes or shared memory: write tcp:host,port"

// parseServer reads Data Source: [tcp:]host[\instance][,port].
func parseServer(text string) (server, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return server{}, errors.New("no server is named: write host, host,port or host\\instance")
	}
	if strings.HasPrefix(text, `\\`) {
		return server{}, errors.New(noNamedPipes)
	}
	if protocol, rest, ok := strings.Cut(text, ":"); ok {
		switch strings.ToLower(strings.TrimSpace(protocol)) {
		case "tcp":
			text = strings.TrimSpace(rest)
		case "np", "lpc", "sm", "via":
			return server{}, errors.New(noNamedPipes)
		case "admin":
			return server{}, errors.New("the dedicated administrator connection is not for applications: write tcp:host,port")
		}
	}
	var s server
	name, port, hasPort := strings.Cut(text, ",")
	name, instance, hasInstance := strings.Cut(name, `\`)
	if hasPort {
		// SqlClient takes an instance behind the port, too, and does not use it.
		port, _, _ = strings.Cut(port, `\`)
		n, err := strconv.ParseUint(strings.TrimSpace(port), 10, 16)
		if err != nil || n == 0 {
			return server{}, errors.New("the port behind the comma must be a whole number from 1 to 65535")
		}
		s.port = int(n)
	}
	if hasInstance && !hasPort {
		s.instance = strings.TrimSpace(instance)
		if s.instance == "" {
			return server{}, errors.New("the name of the instance behind the backslash is missing")
		}
		if strings.EqualFold(s.instance, "MSSQLSERVER") { // the default instance's name
			s.instance = ""
		}
	}
	var err error
	s.host, err = parseHost(name)
	return s, err
}

func parseHost(name string) (string, error) {
	name = strings.TrimSpace(name)
	switch lower := strings.ToLower(name); {
	case lower == "." || lower == "(local)" || lower == "localhost":
		return "localhost", nil
	case lower == "(localdb)":
		return "", errors.New("LocalDB is there on Windows only: name a server")
	case name == "":
		return "", errors.New("the host is missing")
	}
	address := name
	if strings.HasPrefix(name, "[") && strings.HasSuffix(name, "]") {
		address = name[1 : len(name)-1]
	}
	if ip, err := netip.ParseAddr(address); err == nil {
		return ip.String(), nil
	}
	if host, port, ok := strings.Cut(name, ":"); ok {
		if _, err := strconv.Atoi(strings.TrimSpace(port)); err == nil && host != "" {
			return "", errors.New("the port is written behind a comma: host,port")
		}
		return "", errors.New("the host has a colon and is not an IPv6 address")
	}
	if strings.ContainsAny(name, "/\\?#@()[]<>\"'=") || strings.ContainsFunc(name, isBlankOrControl) {
		return "", errors.New("the host has characters that no host's name has")
	}
	return name, nil
}

func isBlankOrControl(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
