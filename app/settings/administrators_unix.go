//go:build !windows

package settings

import (
	"os"
	"path/filepath"
	"syscall"
)

// administrators reports that nobody but an administrator can change the file:
// it and all folders above it belong to root, and others may not write there. A
// folder with the sticky bit keeps what it holds.
func administrators(path string) bool {
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
		if !ok || owner.Uid != 0 || st.Mode().Perm()&0o022 != 0 && !sticky {
			return false
		}
		if at == filepath.Dir(at) {
			return true
		}
	}
}
