package discover

import "os"

// writable reports whether the person who runs the program, and so any other
// program of theirs, can replace the file.
func writable(path string) bool {
	f, err := os.OpenFile(path, os.O_WRONLY, 0) // it is not changed
	if err != nil {
		return false
	}
	_ = f.Close() // nothing was written
	return true
}
