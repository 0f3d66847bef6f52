package main

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// forget has the system give back the memory that the files of a folder take, so
// that the next measurement gets it: a virtual machine's fresh memory is slow.
func forget(folder string) error {
	list, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("look at the outputs: %w", err)
	}
	for _, e := range list {
		f, err := os.Open(filepath.Join(folder, e.Name()))
		if err != nil {
			return fmt.Errorf("look at the outputs: %w", err)
		}
		_ = unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)
		_ = f.Close() // read only
	}
	return nil
}
