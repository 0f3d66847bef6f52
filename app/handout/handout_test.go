//go:build linux || windows

package handout_test

import (
	"errors"
	"io/fs"
	"testing"

	"kyso/app/handout"
)

func TestWhatCannotBeHandedOutIsTold(t *testing.T) {
	here := files(t)[0]
	many := make([]string, 20_000)
	for i := range many {
		many[i] = here
	}
	cases := map[string]struct {
		files []string
		want  error
	}{
		"a file that is gone":      {[]string{here + ".gone"}, fs.ErrNotExist},
		"more files than one asks": {many, handout.ErrTooMany},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := handout.Begin(c.files); !errors.Is(err, c.want) {
				t.Errorf("Begin: %v", err)
			}
			if err := (&handout.Clipboard{}).Copy(c.files); !errors.Is(err, c.want) {
				t.Errorf("Copy: %v", err)
			}
		})
	}
}
