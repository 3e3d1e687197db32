package awsconf

import (
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// proxies are those of the environment, and the hosts that are reached without.
type proxies struct {
	https, http *url.URL
	direct      []directRule
}

// directRule is an entry of NO_PROXY: a network, a host, or a domain; with a port, for that port only.
type directRule struct {
	network netip.Prefix
	name    string // lower case; "*" for everything
	port    string
	below   bool // hosts below name, not name itself
}

func readProxies(e environment) (p proxies, err error) {
	if p.https, err = readProxy(e, "HTTPS_PROXY", "https_proxy"); err != nil {
		return p, err
	}
	if p.http, err = readProxy(e, "HTTP_PROXY", "http_proxy"); err != nil {
		return p, err
	}
	direct := strings.ReplaceAll(e.first("NO_PROXY", "no_proxy"), ",", " ")
	for _, entry := range strings.Fields(direct) {
		p.direct = append(p.direct, readDirectRule(strings.ToLower(entry)))
	}
	return p, nil
}

// readProxy takes a URL, or host and port. The value may hold a password: it is in no error.
func readProxy(e environment, names ...string) (*url.URL, error) {
	text := e.first(names...)
	if text == "" {
		return nil, nil
	}
	whole := text
	if !strings.Contains(text, "://") {
		whole = "http://" + text
	}
	u, err := url.Parse(whole)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, refuse("environment variable %s must be the URL of a proxy, http:// or https://", names[0])
	}
	return u, nil
}

func readDirectRule(entry string) (r directRule) {
	if network, err := netip.ParsePrefix(entry); err == nil {
		r.network = network
		return r
	}
	if host, port, err := net.SplitHostPort(entry); err == nil {
		entry, r.port = host, port
	}
	if address, err := netip.ParseAddr(strings.Trim(entry, "[]")); err == nil {
		r.network = netip.PrefixFrom(address, address.BitLen())
		return r
	}
	if name, ok := strings.CutPrefix(entry, "*."); ok {
		entry = "." + name
	}
	r.name, r.below = strings.CutPrefix(entry, ".")
	return r
}

func (r directRule) covers(host, port string, address netip.Addr) bool {
	switch {
	case r.port != "" && r.port != port:
		return false
	case r.network.IsValid():
		return address.IsValid() && r.network.Contains(address.Unmap())
	case r.name == "*":
		return true
	}
	return host == r.name && !r.below || strings.HasSuffix(host, "."+r.name)
}

// of returns the proxy for a URL, nil for none. This machine is always reached directly.
func (p proxies) of(target *url.URL) *url.URL {
	proxy, port := p.https, "443"
	if target.Scheme == "http" {
		proxy, port = p.http, "80"
	}
	if proxy == nil {
		return nil
	}
	if explicit := target.Port(); explicit != "" {
		port = explicit
	}
	host := strings.ToLower(strings.TrimSuffix(target.Hostname(), "."))
	address, _ := netip.ParseAddr(host)
	if host == "localhost" || address.IsLoopback() {
		return nil
	}
	for _, rule := range p.direct {
		if rule.covers(host, port, address) {
			return nil
		}
	}
	return proxy
}
