package refservertest

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// BadLine is a line to a server that breaks: each connection ends, without a word to
// either side, once it has brought some bytes to the server.
type BadLine struct {
	URL string // instead of the server's
	// Cuts counts the connections that it broke, Carried the bytes to the server of
	// those that have ended.
	Cuts, Carried atomic.Int64
}

// CutLine runs a line to the server at base until the test ends; a connection
// brings at least some bytes, and less than twice as many.
func CutLine(tb testing.TB, base string, some int64) *BadLine {
	tb.Helper()
	u, err := url.Parse(base)
	if err != nil {
		tb.Fatal(err)
	}
	l, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	line := &BadLine{URL: "http://" + l.Addr().String()}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return // the test ends
			}
			up, err := net.Dial("tcp", u.Host) //nolint:noctx // closed with the test's servers
			if err != nil {
				_ = c.Close()
				continue
			}
			context.AfterFunc(tb.Context(), func() { _ = c.Close() })   // one that idles ends with the test
			wg.Go(func() { line.carry(c, up, some+rand.Int64N(some)) }) //nolint:gosec // G404: where a line breaks
		}
	})
	tb.Cleanup(func() {
		_ = l.Close()
		wg.Wait()
	})
	return line
}

// carry joins two connections until one ends or the line breaks.
func (l *BadLine) carry(client, server net.Conn, bytes int64) {
	done := make(chan struct{})
	go func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
		close(done)
	}()
	n, _ := io.CopyN(server, client, bytes)
	l.Carried.Add(n)
	if n == bytes {
		l.Cuts.Add(1)
	}
	_ = client.Close()
	_ = server.Close()
	<-done
}
