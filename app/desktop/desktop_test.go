//go:build linux || windows

package desktop_test

import (
	"errors"
	"io/fs"
	"testing"

	"kyso/app/desktop"
)

func TestAFileThatIsGoneIsTold(t *testing.T) {
	gone := paper(t) + ".gone"
	if err := desktop.Reveal(t.Context(), gone); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Reveal: %v", err)
	}
	if err := desktop.Print(t.Context(), gone, "", 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Print: %v", err)
	}
}
