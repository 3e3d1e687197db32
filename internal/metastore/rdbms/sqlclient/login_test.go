package sqlclient

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	mssql "github.com/microsoft/go-mssqldb"
)

// hangs is a bound that tells an end from none.
const hangs = 20 * time.Second

func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(hangs):
		t.Fatalf("%s has not ended after %v", what, hangs)
	}
}

// silent is a server that takes connections and says nothing. accepted gets each of them.
func silent(t *testing.T, address string) (port int, accepted chan net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	accepted = make(chan net.Conn, 16)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = c.Close() })
			accepted <- c
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().(*net.TCPAddr).Port, accepted
}

func mustConnector(t *testing.T, text string) *Connector {
	t.Helper()
	c, err := mustParse(t, text).Connector()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestSilentServer: a server that does not answer holds a login no longer than Connect Timeout and context allow.
func TestSilentServer(t *testing.T) {
	for _, mode := range []string{"Mandatory", "Strict", "Optional"} {
		port, _ := silent(t, "127.0.0.1:0")
		text := fmt.Sprintf("Server=127.0.0.1,%d;Encrypt=%s", port, mode) + loginText
		within(t, "Connect with a time-out", func() {
			_, err := mustConnector(t, text+";Connect Timeout=1").Connect(t.Context())
			if !errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(err.Error(), "Connect Timeout") {
				t.Errorf("%s: Connect = %v; want the end of Connect Timeout", mode, err)
			}
		})
		within(t, "Connect with a context", func() {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			conn, err := mustConnector(t, text+";Connect Timeout=0").Connect(ctx)
			if conn != nil || err == nil || ctx.Err() == nil {
				t.Errorf("%s: Connect = %v, %v", mode, conn, err)
			}
		})
	}
}

// TestDriverAloneHangs: without what TestSilentServer tests, the driver waits for ever.
func TestDriverAloneHangs(t *testing.T) {
	port, accepted := silent(t, "127.0.0.1:0")
	c := mustConnector(t, fmt.Sprintf("Server=127.0.0.1,%d", port)+loginText)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := mssql.NewConnectorConfig(c.servers[0]).Connect(ctx)
		done <- err
	}()
	server := <-accepted
	select {
	case err := <-done:
		t.Errorf("the driver knows the context by itself: %v; login.abort is not needed", err)
	case <-time.After(time.Second):
	}
	_ = server.Close()
	<-done
}

// TestCutLogin: what broke the connection is in the chain, though the driver formats it away.
func TestCutLogin(t *testing.T) {
	for _, mode := range []string{"Mandatory", "Strict"} {
		port, accepted := silent(t, "127.0.0.1:0")
		go func() {
			c := <-accepted
			_ = c.(*net.TCPConn).SetLinger(0)
			_ = c.Close()
		}()
		_, err := mustConnector(t, fmt.Sprintf("Server=127.0.0.1,%d;Encrypt=%s", port, mode)+loginText).Connect(t.Context())
		var op *net.OpError
		if !errors.As(err, &op) {
			t.Errorf("%s: Connect = %v (%T); want a network error in the chain", mode, err, err)
		}
	}
}

// TestAddresses: each address of a name is tried, one by one or all at once.
func TestAddresses(t *testing.T) {
	port, accepted := silent(t, "127.0.0.3:0")
	addresses := []netip.Addr{
		netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.3"),
	}
	for name, dial := range map[string]func(context.Context, []netip.Addr, string) (net.Conn, error){
		"each": dialEach, "all": dialAll,
	} {
		ctx, cancel := context.WithTimeout(t.Context(), hangs)
		c, err := dial(ctx, addresses, fmt.Sprint(port))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if host := c.RemoteAddr().(*net.TCPAddr).IP.String(); host != "127.0.0.3" {
			t.Errorf("%s: connected to %s", name, host)
		}
		<-accepted
		_ = c.Close()
		if _, err := dial(ctx, addresses[:2], fmt.Sprint(port)); err == nil {
			t.Errorf("%s: connected to nobody", name)
		}
		cancel()
	}
}

func TestPreference(t *testing.T) {
	given := []netip.Addr{
		netip.MustParseAddr("::1"), netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("::2"),
		netip.MustParseAddr("10.0.0.2"),
	}
	for prefer, want := range map[string]string{
		ipv4First:            "[10.0.0.1 10.0.0.2 ::1 ::2]",
		ipv6First:            "[::1 ::2 10.0.0.1 10.0.0.2]",
		"UsePlatformDefault": "[::1 10.0.0.1 ::2 10.0.0.2]",
	} {
		got := slices.Clone(given)
		dialer{prefer: prefer}.sort(got)
		if fmt.Sprint(got) != want {
			t.Errorf("%s: %v; want %s", prefer, got, want)
		}
	}
}

// browser is SQL Server Browser at 127.0.0.9, answering with text.
func browser(t *testing.T, text string) {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.9:1434")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		question := make([]byte, 64)
		for {
			_, from, err := c.ReadFrom(question)
			if err != nil {
				return
			}
			if text == "" {
				continue
			}
			answer := binary.LittleEndian.AppendUint16([]byte{5}, uint16(len(text)))
			_, _ = c.WriteTo(append(answer, text...), from)
		}
	}()
	t.Cleanup(func() { _ = c.Close(); <-done })
}

func TestNamedInstance(t *testing.T) {
	port, accepted := silent(t, "127.0.0.9:0")
	connector := mustConnector(t, `Server=127.0.0.9\Keys;Connect Timeout=5`+loginText)
	t.Run("known", func(t *testing.T) {
		browser(t, fmt.Sprintf("ServerName;H;InstanceName;KEYS;IsClustered;No;Version;16.0.1;tcp;%d;;", port))
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-accepted; cancel() }()
		within(t, "Connect", func() {
			if _, err := connector.Connect(ctx); ctx.Err() == nil {
				t.Errorf("Connect = %v, and did not ask the instance", err)
			}
		})
	})
	t.Run("unknown", func(t *testing.T) {
		browser(t, "ServerName;H;InstanceName;OTHER;IsClustered;No;Version;16.0.1;tcp;1;;")
		_, err := connector.Connect(t.Context())
		var e *ConnectError
		if !errors.As(err, &e) || !strings.Contains(e.Reason, "no such instance") || e.Passing {
			t.Errorf("Connect = %v", err)
		}
	})
	for name, start := range map[string]bool{"silent": true, "not there": false} {
		t.Run(name, func(t *testing.T) {
			if start {
				browser(t, "")
			}
			patient := mustConnector(t, `Server=127.0.0.9\Keys;Connect Timeout=0`+loginText)
			within(t, "Connect", func() {
				_, err := patient.Connect(context.Background())
				var e *ConnectError
				if !errors.As(err, &e) || !strings.Contains(e.Reason, "UDP port 1434") || !e.Passing {
					t.Errorf("Connect = %v", err)
				}
			})
		})
	}
}
