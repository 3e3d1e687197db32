package awstest

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"regexp"
	"sync"
)

// serviceHost is the name of a service's host in a region, as AWS has it.
var serviceHost = regexp.MustCompile(`^(kms|kms-fips|secretsmanager|sts)\.([a-z0-9-]+)\.(amazonaws\.com|api\.aws):443$`)

// Proxy starts an HTTP proxy which takes the names of AWS's hosts to the regions of the cloud, and returns its URL.
// hosts returns what it was asked to connect to so far.
func (c *Cloud) Proxy() (url string, hosts func() []string) {
	c.tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.tb.Fatal(err)
	}
	p := &proxy{cloud: c, open: map[net.Conn]struct{}{}}
	p.running.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			p.running.Go(func() { p.serve(client) })
		}
	})
	c.tb.Cleanup(func() {
		_ = l.Close()
		p.mu.Lock()
		for conn := range p.open {
			_ = conn.Close()
		}
		p.mu.Unlock()
		p.running.Wait()
	})
	return "http://" + l.Addr().String(), func() []string {
		p.mu.Lock()
		defer p.mu.Unlock()
		return append([]string(nil), p.hosts...)
	}
}

type proxy struct {
	cloud   *Cloud
	running sync.WaitGroup
	mu      sync.Mutex
	open    map[net.Conn]struct{}
	hosts   []string
}

func (p *proxy) keep(c net.Conn) func() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[c] = struct{}{}
	return func() {
		_ = c.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.open, c)
	}
}

func (p *proxy) serve(client net.Conn) {
	defer p.keep(client)()
	reader := bufio.NewReader(client)
	req, err := http.ReadRequest(reader)
	if err != nil || req.Method != http.MethodConnect {
		return
	}
	p.mu.Lock()
	p.hosts = append(p.hosts, req.Host)
	p.mu.Unlock()
	match := serviceHost.FindStringSubmatch(req.Host)
	if match == nil || p.cloud.regions[match[2]] == nil {
		_, _ = io.WriteString(client, "HTTP/1.1 502 Bad Gateway\r\n\r\n")
		return
	}
	server, err := net.Dial("tcp", p.cloud.regions[match[2]].gate.Addr().String())
	if err != nil {
		return
	}
	defer p.keep(server)()
	_, _ = io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
	p.running.Go(func() {
		_, _ = io.Copy(server, reader)
		_ = server.Close()
	})
	_, _ = io.Copy(client, server)
}
