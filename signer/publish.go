package signer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// publish gives the checked file its name, and makes the name last with
// syncFolder. A file that came to be there in the meantime stays, unless it may be
// replaced.
func (t *temporary) publish(path string, replace bool, syncFolder func(path string)) error {
	// The lock goes with the last handle, so the file is renamed while open where
	// the system can do that.
	if runtime.GOOS == "windows" {
		if err := t.Close(); err != nil {
			return fmt.Errorf("sign: %w", err)
		}
	}
	err := rename(t.Name(), path, replace)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("sign: %s: %w", path, ErrExists)
	}
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	t.named = true
	_ = t.Close() // synced before
	syncFolder(filepath.Dir(path))
	return nil
}

// rename moves a file. Without replace a name that is taken is os.ErrExist,
// also when another program takes it at the same moment.
func rename(from, to string, replace bool) error {
	if replace {
		return os.Rename(from, to) //nolint:wrapcheck // publish wraps it
	}
	err := renameNew(from, to)
	if !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	err = os.Link(from, to)
	if err == nil {
		_ = os.Remove(from) // a second name of the same file; the next run removes it
		return nil
	}
	if errors.Is(err, os.ErrExist) {
		return err //nolint:wrapcheck // publish wraps it
	}
	// A file system with neither: take the name first, then the place. Without
	// power between the two an empty file is there.
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err //nolint:wrapcheck // publish wraps it
	}
	if err := f.Close(); err != nil {
		return err //nolint:wrapcheck // publish wraps it
	}
	if err := os.Rename(from, to); err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return nil
}

// syncFolder makes the new name survive a loss of power. Systems that cannot
// sync a folder keep names by themselves.
func syncFolder(path string) {
	d, err := os.Open(path)
	if err != nil {
		return
	}
	_ = d.Sync()
	_ = d.Close()
}

// syncEvery is how long the names of a batch wait for one another. A sync costs
// the same for one name as for many.
const syncEvery = 5 * time.Millisecond

// folderSyncs makes names of files last that several goroutines give at the same
// time: one sync of a folder is for all who gave theirs before it, and the next
// begins syncEvery after it at the earliest. The zero value works.
type folderSyncs struct {
	mu      sync.Mutex
	folders map[string]*folderSync
}

type folderSync struct {
	mu    sync.Mutex
	asked int64 // guarded by mu

	running sync.Mutex
	done    int64     // of those asked, guarded by running
	last    time.Time // when the last sync began, guarded by running
}

// sync is syncFolder.
func (s *folderSyncs) sync(path string) {
	s.mu.Lock()
	if s.folders == nil {
		s.folders = map[string]*folderSync{}
	}
	f := s.folders[path]
	if f == nil {
		f = &folderSync{}
		s.folders[path] = f
	}
	s.mu.Unlock()
	f.sync(path)
}

func (f *folderSync) sync(path string) {
	f.mu.Lock()
	f.asked++
	mine := f.asked
	f.mu.Unlock()
	f.running.Lock()
	defer f.running.Unlock()
	if f.done >= mine {
		return // the one before began after this one was asked for
	}
	if wait := syncEvery - time.Since(f.last); wait > 0 {
		<-time.After(wait)
	}
	f.last = time.Now()
	f.mu.Lock()
	upTo := f.asked
	f.mu.Unlock()
	syncFolder(path)
	f.done = upTo
}
