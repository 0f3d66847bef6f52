package signer

import (
	"os"

	"golang.org/x/sys/windows"
)

// errLocked reports a file that another handle has.
var errLocked error = windows.ERROR_SHARING_VIOLATION

// lock does nothing: Windows does not remove a file that is open, unless all who
// opened it allow that, and Go does not.
func lock(*os.File) error { return nil }

// removeUnlessHeld removes a file that nobody has open.
func removeUnlessHeld(path string) { _ = os.Remove(path) }
