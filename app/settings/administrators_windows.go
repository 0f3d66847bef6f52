package settings

import (
	"os"

	"golang.org/x/sys/windows"
)

// administrators reports that the person who runs the program cannot change the
// file, or is an administrator.
func administrators(path string) bool {
	f, err := os.OpenFile(path, os.O_WRONLY, 0) // it is not changed
	if err != nil {
		return true
	}
	_ = f.Close() // nothing was written
	return windows.GetCurrentProcessToken().IsElevated()
}
