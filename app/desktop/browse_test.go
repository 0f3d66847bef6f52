//go:build linux

package desktop_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kyso/app/desktop"
)

func TestTheBrowserOpensPages(t *testing.T) {
	cases := map[string]struct {
		script, address string // no script: the program is missing
		opened          bool
	}{
		"a page":                         {`echo "$1" > "$OPENED"`, "https://dang-nhap.tinh.gov.vn/a?state=x&b=y", true},
		"a browser that stays":           {`echo "$1" > "$OPENED"; exec /bin/sleep 20`, "http://127.0.0.1:8080/a", true},
		"a desktop without a browser":    {`exit 3`, "https://dang-nhap.tinh.gov.vn/", false},
		"nothing that opens":             {"", "https://dang-nhap.tinh.gov.vn/", false},
		"a file":                         {`echo "$1" > "$OPENED"`, "file:///etc/passwd", false},
		"what looks like an option":      {`echo "$1" > "$OPENED"`, "--version", false},
		"an address of another program":  {`echo "$1" > "$OPENED"`, "ms-word:ofe|u|https://a.vn/x", false},
		"an address without a host name": {`echo "$1" > "$OPENED"`, "https:///x", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			opened := filepath.Join(t.TempDir(), "opened")
			t.Setenv("OPENED", opened)
			scripts := map[string]string{}
			if c.script != "" {
				scripts["xdg-open"] = c.script
			}
			programs(t, scripts)
			err := desktop.Browse(t.Context(), c.address)
			if (err == nil) != c.opened || err != nil && !errors.Is(err, desktop.ErrNoBrowser) {
				t.Errorf("got %v", err)
			}
			got, _ := os.ReadFile(opened)
			if c.opened && strings.TrimSpace(string(got)) != c.address || !c.opened && len(got) > 0 {
				t.Errorf("opened %q", got)
			}
		})
	}
}
