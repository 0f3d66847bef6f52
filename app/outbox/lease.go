package outbox

import (
	"fmt"
	"os"
	"sync"

	"kyso/app/turn"
)

// lease is the right to deliver: of several processes on one outbox, such as
// window and command line, one sends at a time. The system frees it when the
// process ends, however it ends.
type lease struct {
	path string

	mu sync.Mutex
	f  *os.File
}

// hold takes the lease and keeps it; false while another process has it.
func (l *lease) hold() (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f != nil {
		return true, nil
	}
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return false, fmt.Errorf("open the outbox's lock: %w", err)
	}
	ok, err := turn.Try(f)
	if err != nil || !ok {
		_ = f.Close()
		return false, err
	}
	l.f = f
	return true, nil
}

// release gives the lease back.
func (l *lease) release() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f == nil {
		return nil
	}
	f := l.f
	l.f = nil
	if err := turn.Close(f); err != nil {
		return fmt.Errorf("close the outbox's lock: %w", err)
	}
	return nil
}
