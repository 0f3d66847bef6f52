package tokentest

import (
	"context"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"
)

// OpenSCModule is the path of OpenSC's module on Debian and Ubuntu (amd64).
const OpenSCModule = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"

// VirtualReaders are the ports of vsmartcard's two readers.
func VirtualReaders() [2]string { return [2]string{"127.0.0.1:35963", "127.0.0.1:35964"} }

// PCSC runs the system's smart-card service with the virtual readers until the
// test ends, or takes the one that runs. There is one for a machine, and it
// wants root: without, and without the packages pcscd, vsmartcard-vpcd and
// opensc, the test is skipped and says so.
func PCSC(tb testing.TB) {
	tb.Helper()
	for _, file := range []string{"/usr/sbin/pcscd", "/etc/reader.conf.d/vpcd", OpenSCModule} {
		if _, err := os.Stat(file); err != nil {
			tb.Skipf("no virtual smart card: %v (packages pcscd, vsmartcard-vpcd, opensc)", err)
		}
	}
	alone(tb)
	if listens(tb) {
		return
	}
	if os.Geteuid() != 0 {
		tb.Skip("no virtual smart card: pcscd with the virtual reader does not run, and only root can start it")
	}
	ctx, stop := context.WithCancel(context.Background()) //nolint:forbidigo // ended by the clean-up, after the test's own
	cmd := exec.CommandContext(ctx, "/usr/sbin/pcscd", "--foreground")
	if err := cmd.Start(); err != nil {
		stop()
		tb.Skipf("no virtual smart card: pcscd does not start: %v", err)
	}
	tb.Cleanup(func() {
		stop()
		_ = cmd.Wait() // it was killed
	})
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(10 * time.Second); !listens(tb); {
		select {
		case <-tick.C:
		case <-limit:
			tb.Skip("no virtual smart card: pcscd runs, but its virtual reader does not listen")
		}
	}
}

// turns is a port that whoever uses the service holds: the tests of several
// packages run side by side, and there is one service, one reader and one card.
const turns = "127.0.0.1:35990"

// alone waits for the turn of this test and keeps it until the test ends.
func alone(tb testing.TB) {
	tb.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(3 * time.Minute); ; {
		l, err := net.Listen("tcp", turns) //nolint:noctx // a local bind does not wait
		if err == nil {
			tb.Cleanup(func() { _ = l.Close() })
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			tb.Fatalf("the smart-card service is taken: %v", err)
		}
	}
}

// listens reports whether the virtual reader is there. It is a look from
// outside: a connection would be a card.
func listens(tb testing.TB) bool {
	tb.Helper()
	l, err := net.Listen("tcp", VirtualReaders()[0]) //nolint:noctx // closed at once
	if err == nil {
		_ = l.Close() // only a try
		return false
	}
	return true
}
