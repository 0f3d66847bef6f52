package doctor_test

import (
	"context"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kyso/app/doctor"
	"kyso/signer/token/tokentest"
)

// The real service with vsmartcard's virtual reader.
func TestTheReadersOfThePCSCServiceAreSeen(t *testing.T) {
	tokentest.PCSC(t)
	s := doctor.SystemService(t.Context())
	if s.Code != "running" || len(s.Readers) == 0 || !strings.Contains(s.Readers[0].Name, "Virtual PCD") {
		t.Fatalf("got %+v, want the virtual reader", s)
	}
	card := tokentest.NewPIVCard("83920184")
	if err := card.Insert(t.Context(), tokentest.VirtualReaders()[0]); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(card.Pull)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(10 * time.Second); !slices.ContainsFunc(s.Readers, func(r doctor.Reader) bool { return r.Card }); {
		select {
		case <-tick.C:
			s = doctor.SystemService(t.Context())
		case <-limit:
			t.Fatalf("got %+v, want a card in a reader", s)
		}
	}
	c := bare(t)
	c.Service = doctor.SystemService
	r := run(t, c)
	want(t, r, doctor.Service, "service-running ok")
	if got := codes(r, doctor.Tokens); !slices.Contains(got, "reader-card ok") || !slices.Contains(got, "reader-empty ok") {
		t.Errorf("got %q, want one reader with a card and one without", got)
	}
}

func TestASmartCardServiceThatIsNotThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if got := doctor.AskPCSC(t.Context(), filepath.Join(dir, "none")).Code; got != "absent" {
		t.Errorf("got %s for no socket, want absent", got)
	}
	left := filepath.Join(dir, "left")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: left, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got := doctor.AskPCSC(t.Context(), left).Code; got != "stopped" {
		t.Errorf("got %s for a socket that nobody listens on, want stopped", got)
	}
	odd := filepath.Join(dir, "odd")
	if l, err = net.ListenUnix("unix", &net.UnixAddr{Name: odd, Net: "unix"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write(make([]byte, 3)) // half an answer
			_ = c.Close()
		}
	}()
	got := doctor.AskPCSC(t.Context(), odd)
	if got.Code != "running" || got.Readers != nil || got.Detail == "" {
		t.Errorf("got %+v for a service of another kind", got)
	}
	// Where tokens are not seen, a service that does not run is a warning.
	c := bare(t)
	c.Service = func(ctx context.Context) doctor.ServiceState { return doctor.AskPCSC(ctx, left) }
	want(t, run(t, c), doctor.Service, "service-stopped warn")
}
