// Package handout hands files to other programs: dragged out of the window, or by
// the clipboard.
//
// It moves no bytes of a file: the other program gets addresses (file URIs) and
// reads the files itself, always as copies. It knows no documents and no window; the
// drag runs beside the window system's own connection and needs no grab of the
// pointer, since the window in which the button went down keeps it.
package handout

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// ErrTooMany reports more files than fit into one request to the screen;
// ErrNoClipboard a screen without a clipboard that programs share.
var (
	ErrTooMany     error = &namedError{"files-too-many", "too many files at once"}
	ErrNoClipboard error = &namedError{"files-no-clipboard", "there is no shared clipboard"}
)

// namedError is an error that names the message a person reads (package explain).
type namedError struct{ code, text string }

func (e *namedError) Error() string { return e.text }

// ExplainCode names the message.
func (e *namedError) ExplainCode() string { return e.code }

// mostBytes bounds a list of files: what fits into one request of the X protocol
// (262 140 bytes) with room to spare.
const mostBytes = 200 << 10

// bundle is a list of files in the forms in which programs ask for it.
type bundle struct {
	uris  string // text/uri-list, RFC 2483, 5
	paths string // one a line
}

// pack makes a bundle of files that must be there.
func pack(files []string) (bundle, error) {
	var uris, paths strings.Builder
	for _, file := range files {
		abs, err := filepath.Abs(file)
		if err == nil {
			_, err = os.Stat(abs)
		}
		if err != nil {
			return bundle{}, fmt.Errorf("hand out %s: %w", file, err)
		}
		uris.WriteString((&url.URL{Scheme: "file", Path: filepath.ToSlash(abs)}).String() + "\r\n")
		paths.WriteString(abs + "\n")
	}
	if uris.Len() > mostBytes {
		return bundle{}, ErrTooMany
	}
	return bundle{uris.String(), strings.TrimSuffix(paths.String(), "\n")}, nil
}
