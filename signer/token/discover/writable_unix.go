//go:build !windows

package discover

import (
	"os"
	"path/filepath"
	"syscall"
)

// writable reports whether somebody other than the administrator can replace the
// file: it or a folder above it belongs to another, or others may write there. A
// folder with the sticky bit keeps what it holds.
func writable(path string) bool {
	at, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false
	}
	for ; ; at = filepath.Dir(at) {
		st, err := os.Stat(at)
		if err != nil {
			return false
		}
		owner, ok := st.Sys().(*syscall.Stat_t)
		sticky := st.IsDir() && st.Mode()&os.ModeSticky != 0
		if ok && owner.Uid != 0 || st.Mode().Perm()&0o022 != 0 && !sticky {
			return true
		}
		if at == filepath.Dir(at) {
			return false
		}
	}
}
