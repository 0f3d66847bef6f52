package signer

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A file on its way has a name of its own in the folder of the output: the
// prefix, a number for the computer, a random number, the suffix. A program that
// is killed leaves it there, and removeLeftovers of a later run takes it away.
const (
	temporaryPrefix = ".kyso-"
	temporarySuffix = ".tmp"
)

// A file that lies still so long, and that nobody holds, is left over. Another
// computer's lock is not always seen on a network drive, so its files get a day.
const (
	leftAfter        = time.Minute
	leftAfterForeign = 24 * time.Hour
)

// writebackEvery is how often the system is told to begin writing to the disk,
// so that little is left for Sync.
const (
	writebackEvery = 8 << 20
	earlyWriteback = 1 << 20 // a smaller file is not worth the call
)

// temporary is a file under its temporary name, locked for as long as it is open
// where the system has such locks.
type temporary struct {
	*os.File

	written, flushed int64
	named            bool
}

// newTemporary makes a file in the folder, with these permissions.
func newTemporary(folder string, mode fs.FileMode) (*temporary, error) {
	for {
		f, err := os.CreateTemp(folder, temporaryPrefix+hostNumber()+"-*"+temporarySuffix)
		if err != nil {
			return nil, err //nolint:wrapcheck // job wraps it
		}
		if held(f) {
			_ = f.Chmod(mode.Perm() | 0o600) // some file systems have no permissions
			return &temporary{File: f}, nil
		}
		// Somebody cleaned up between the two steps.
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
}

// held locks a new file and reports that it still has its name.
func held(f *os.File) bool {
	if err := lock(f); err != nil {
		return !errors.Is(err, errLocked) // no locks here: the name is enough
	}
	there, err1 := os.Lstat(f.Name())
	mine, err2 := f.Stat()
	return err1 == nil && err2 == nil && os.SameFile(there, mine)
}

// append writes b at the end.
func (t *temporary) append(b []byte) error {
	n, err := t.Write(b)
	t.written += int64(n)
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if t.written-t.flushed >= writebackEvery {
		t.startWriteback()
	}
	return nil
}

// startWriteback has the disk begin with what is there.
func (t *temporary) startWriteback() {
	if t.written > t.flushed {
		startWriteback(t.File, t.flushed, t.written-t.flushed)
		t.flushed = t.written
	}
}

// discard removes the file unless it got a name.
func (t *temporary) discard() {
	if t.named {
		return
	}
	_ = t.Close()
	_ = os.Remove(t.Name())
}

// removeLeftovers removes what killed programs left in the folder: temporary
// files that nobody holds and that have not been written to for a while. What
// cannot be removed stays; the next run tries again.
func removeLeftovers(folder string, now time.Time) {
	d, err := os.Open(folder)
	if err != nil {
		return
	}
	defer d.Close() //nolint:errcheck // read only
	for {
		names, err := d.Readdirnames(1000)
		for _, name := range names {
			if strings.HasPrefix(name, temporaryPrefix) && strings.HasSuffix(name, temporarySuffix) {
				removeLeftover(filepath.Join(folder, name), now)
			}
		}
		if err != nil {
			return
		}
	}
}

func removeLeftover(path string, now time.Time) {
	age := leftAfterForeign
	if strings.HasPrefix(filepath.Base(path), temporaryPrefix+hostNumber()+"-") {
		age = leftAfter
	}
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || now.Sub(info.ModTime()) < age {
		return
	}
	removeUnlessHeld(path)
}

// hostNumber tells computers apart that write into one folder.
func hostNumber() string {
	name, err := os.Hostname()
	if err != nil {
		name = "unknown"
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return fmt.Sprintf("%08x", h.Sum32())
}
