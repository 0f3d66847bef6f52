// Package turn lets one process at a time do something, such as those of the window
// and the command line. The system frees a turn when its process ends, however it
// ends.
package turn

import (
	"context"
	"fmt"
	"os"
	"time"
)

// lookEvery is how often somebody who waits looks again.
const lookEvery = 20 * time.Millisecond

// Try takes the turn that the file f stands for, until Close; false while another
// process, or another open file of this one, has it.
func Try(f *os.File) (bool, error) { return lock(f) }

// Close gives the turn of a file back, if it was taken, and closes the file.
func Close(f *os.File) error {
	unlock(f)
	return f.Close() //nolint:wrapcheck // the caller names the file
}

// Take waits for the turn of the file at path, which is made when there is none,
// or until ctx ends. release gives it back.
func Take(ctx context.Context, path string) (release func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("wait for a turn: %w", err)
	}
	again := time.NewTicker(lookEvery)
	defer again.Stop()
	for {
		mine, err := lock(f)
		if mine && err == nil {
			return func() error { return Close(f) }, nil
		}
		if err == nil {
			select {
			case <-again.C:
				continue
			case <-ctx.Done():
				err = ctx.Err()
			}
		}
		_ = f.Close() // nothing was written
		return nil, fmt.Errorf("wait for a turn: %w", err)
	}
}
