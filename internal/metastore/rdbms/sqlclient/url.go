package sqlclient

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/adonet"
)

func isScheme(scheme string) bool {
	for _, r := range scheme {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '+' && r != ':' {
			return false
		}
	}
	return scheme != ""
}

var errURL = errors.New("the URL cannot be read: a character in it must be written with percent signs, @ as %40, " +
	": as %3A, / as %2F, % as %25")

// splitURL takes what is behind "scheme://" apart. What net/url says of a mistake quotes the URL and is not kept.
func splitURL(scheme, rest string) (map[string]string, error) {
	if scheme != "sqlserver" && scheme != "mssql" {
		return nil, errors.New(`the URL must begin with "sqlserver://" or "mssql://"`)
	}
	rest, settings, err := splitSemicolons(rest)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse("sqlserver://" + rest)
	if err != nil {
		return nil, errURL
	}
	if u.Fragment != "" || strings.HasSuffix(rest, "#") {
		return nil, errors.New("the URL has a #: write it as %23")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errURL
	}
	p := urlParts{values: map[string]string{}}
	if u.User != nil {
		p.set(userID, u.User.Username())
		if pass, ok := u.User.Password(); ok {
			p.set(password, pass)
		}
	}
	p.address(scheme, u)
	for key, values := range query {
		if len(values) > 1 {
			p.fail("a keyword stands twice in the URL")
			continue
		}
		p.add(key, values[0])
	}
	for _, s := range settings {
		if !s.Empty {
			p.add(s.Key, s.Value)
		}
	}
	return p.values, p.err
}

// splitSemicolons takes settings of the form ";key=value;…" off the end, which other tools write in place of a query.
func splitSemicolons(rest string) (before string, settings []adonet.Setting, err error) {
	at := strings.IndexByte(rest, ';')
	if at < 0 || strings.ContainsRune(rest[:at], '?') {
		return rest, nil, nil
	}
	if strings.ContainsRune(rest[at:], '@') && !strings.ContainsRune(rest[:at], '@') {
		// It could be the end of a password just as well, and then the host is behind the @.
		return "", nil, errors.New("the URL has a ; before an @: in user and password write ; as %3B, in settings @ as %40")
	}
	settings, err = adonet.Parse(rest[at:])
	if err != nil {
		return "", nil, errors.New("the settings behind the first ; of the URL are not of the form key=value;key=value")
	}
	for _, s := range settings {
		if strings.HasPrefix(s.Value, "{") {
			return "", nil, errors.New("values in braces are not understood: put them between quotes, or write " +
				"?key=value&key=value")
		}
	}
	return rest[:at], settings, nil
}

// urlParts collects values by the names of keywords. The first mistake stays.
type urlParts struct {
	values map[string]string
	err    error
}

func (p *urlParts) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
}

func (p *urlParts) set(name, value string) {
	if _, ok := p.values[name]; ok {
		p.fail("%s stands twice in the URL", name)
	}
	p.values[name] = value
}

// add takes a parameter. Its key may be a part of a password with an & in it, and is not shown.
func (p *urlParts) add(key, value string) {
	k := find(strings.ToLower(strings.TrimSpace(key)), true)
	switch {
	case k == nil:
		p.fail("a keyword of the URL is not known; write & in a value as %%26")
	case k.name == dataSource:
		p.fail("the server is named before the parameters: sqlserver://host:port")
	default:
		p.set(k.name, value)
	}
}

// address takes host, port and path. The path of sqlserver:// is an instance, as go-mssqldb has it; that of mssql:// is
// a database, as the other tools have it.
func (p *urlParts) address(scheme string, u *url.URL) {
	host, path := u.Hostname(), strings.Trim(u.Path, "/")
	server := host
	switch port := u.Port(); {
	case host == "":
		p.fail("the URL names no host")
	case strings.ContainsAny(host, `,\`):
		p.fail("the URL has the port or instance in the form of ADO.NET: write sqlserver://host:port or " +
			"sqlserver://host/instance")
	case strings.Contains(path, "/"):
		p.fail("the path of the URL has more than one part")
	case scheme == "sqlserver" && path != "" && port != "":
		p.fail("the URL has both a port and an instance, and a port needs none; a database is named by ?database=")
	case scheme == "sqlserver" && path != "":
		server += `\` + path
	case port != "":
		server += "," + port
	}
	if scheme == "mssql" && path != "" {
		p.set(initialCatalog, path)
	}
	p.set(dataSource, server)
}

// readURLBoolean takes what go-mssqldb takes beside true and false.
func readURLBoolean(text string) (any, bool) {
	value, err := strconv.ParseBool(text)
	return value, err == nil
}
