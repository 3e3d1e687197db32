package hessra

import (
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/libasherah/libasherah/internal/biscuit"
)

// ReadConfig reads a configuration file: TOML where its name ends in .toml or .tml, else JSON. The error is of code IO
// if the file, or one that it names, cannot be read, else ConfigInvalid.
//
// The members are those of the Hessra SDK, of which base_url, port, protocol, server_ca, mtls_cert, mtls_key and
// personal_keypair are checked if they are there and not used; public_key, a key in PEM with the id "default";
// public_key_file, a path from the directory of the configuration file, in its place; public_keys, keys in PEM by id;
// and service_nodes, a list of tables with component and public_key, that as "ed25519/" or "secp256r1/" and hex. Others
// are ignored.
func ReadConfig(path string) (*Config, error) {
	text, err := readFile(path, "the configuration file")
	if err != nil {
		return nil, err
	}
	members, err := parseFile(text, isTOML(path))
	if err != nil {
		return nil, err
	}
	return build(members, filepath.Dir(path))
}

// isTOML tells by the name of a file what is in it.
func isTOML(path string) bool {
	extension := filepath.Ext(path)
	return extension == ".toml" || extension == ".tml"
}

func parseFile(text []byte, toml bool) (table, error) {
	switch {
	case len(text) > maxFile:
		return nil, invalid("the configuration is longer than %d bytes", maxFile)
	case !utf8.Valid(text):
		return nil, invalid("the configuration is not UTF-8")
	case toml:
		return parseTOML(text)
	}
	return parseJSON(text)
}

func invalid(format string, args ...any) error { return errorf(ConfigInvalid, "", format, args...) }

// build makes a configuration of the members of a file in dir.
func build(members table, dir string) (*Config, error) {
	if err := members.checkNetwork(); err != nil {
		return nil, err
	}
	c := NewConfig()
	if err := c.addDefault(members, dir); err != nil {
		return nil, err
	}
	if err := c.addKeys(members); err != nil {
		return nil, err
	}
	return c, c.addNodes(members)
}

// checkNetwork checks what the SDK needs to connect.
func (t table) checkNetwork() error {
	const certificate, anyPEM = "-----BEGIN CERTIFICATE-----", "-----BEGIN "
	for _, member := range []struct{ name, holds string }{
		{"base_url", ""},
		{"server_ca", certificate},
		{"mtls_cert", certificate},
		{"mtls_key", anyPEM},
		{"personal_keypair", anyPEM},
	} {
		text, found, err := t.text(member.name)
		switch {
		case err != nil:
			return err
		case found && text == "":
			return invalid("%s is empty", member.name)
		case found && !strings.Contains(text, member.holds):
			return invalid("%s is not PEM; give the text itself, not a path", member.name)
		}
	}
	if (t["mtls_cert"] == nil) != (t["mtls_key"] == nil) {
		return invalid("one of mtls_cert and mtls_key is missing; give both or neither")
	}
	if protocol, found, err := t.text("protocol"); err != nil {
		return err
	} else if found && protocol != "Http1" && protocol != "Http3" {
		return invalid("protocol is neither Http1 nor Http3")
	}
	if port, found := t["port"]; found && port != nil {
		if n, ok := port.(int64); !ok || n < 0 || n > 65535 {
			return invalid("port is not a number from 0 to 65535")
		}
	}
	return nil
}

// addDefault adds the key that public_key or public_key_file gives.
func (c *Config) addDefault(members table, dir string) error {
	pem, inline, err := members.text("public_key")
	if err != nil {
		return err
	}
	path, named, err := members.text("public_key_file")
	switch {
	case err != nil:
		return err
	case inline && named:
		return invalid("public_key and public_key_file are both there; give one")
	case named && path == "":
		return invalid("public_key_file is empty")
	case named:
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		c.keyFile = path
		text, err := readFile(path, "the file that public_key_file names")
		if err != nil {
			return err
		}
		return c.addKey(DefaultKeyID, string(text), "public_key_file")
	case inline:
		return c.addKey(DefaultKeyID, pem, "public_key")
	}
	return nil
}

// addKey adds a key in PEM; member is where it was found.
func (c *Config) addKey(id, pem, member string) error {
	key, err := biscuit.ParsePEM(pem)
	if err != nil {
		return invalid("%s: %s", member, err.Error())
	}
	if known := c.keys[id]; known != nil && !known.Equal(key) {
		return invalid("public_keys has another key as %q than public_key", DefaultKeyID)
	}
	c.keys[id] = key
	return nil
}

func (c *Config) addKeys(members table) error {
	keys, err := members.table("public_keys")
	if err != nil {
		return err
	}
	for id := range keys {
		if id == "" {
			return invalid("public_keys has a key with an empty id")
		}
		pem, found, err := keys.text(id)
		if err != nil || !found {
			return invalid("public_keys has a key that is not text")
		}
		if err := c.addKey(id, pem, "public_keys"); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) addNodes(members table) error {
	nodes, err := members.tables("service_nodes")
	if err != nil {
		return err
	}
	for i, node := range nodes {
		component, found, err := node.text("component")
		if err != nil || !found {
			return invalid("service node %d has no text component", i)
		}
		key, found, err := node.text("public_key")
		if err != nil || !found {
			return invalid("service node %d has no text public_key", i)
		}
		if _, err := biscuit.ParseKey(key); err != nil {
			return invalid("service node %d: %s", i, err.Error())
		}
		c.nodes = append(c.nodes, ServiceNode{component, key})
	}
	return nil
}
