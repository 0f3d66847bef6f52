// Package cmd_test holds the layout of the project against its imports.
package cmd_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const (
	module = "kyso/"
	// tags are those the programs are built with.
	tags = "migrated_fynedo,gles,x11"
)

// room is one line of layout.txt.
type room struct {
	name    string
	imports []string // packages of ours it may import; nil for a line of "never"
	never   []string // packages it must not link, even indirectly
	reason  string
}

// listed is what `go list` says of one package.
type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func TestImportsKeepToTheLayout(t *testing.T) {
	rooms := readLayout(t)
	packages := listPackages(t)
	may := map[string]room{}
	for _, r := range rooms {
		if r.never == nil {
			may[r.name] = r
		}
	}
	for _, p := range packages {
		name := strings.TrimPrefix(p.ImportPath, module)
		if strings.HasPrefix(name, "cmd/") {
			continue // programs wire everything; only lines of "never" hold them
		}
		r, ok := may[name]
		if !ok {
			t.Errorf("%s has no line in layout.txt: say what it may import", name)
			continue
		}
		delete(may, name)
		for _, i := range p.Imports {
			if short, ours := strings.CutPrefix(i, module); ours && !slices.Contains(r.imports, short) {
				t.Errorf("%s imports %s, which layout.txt does not allow: %s", name, short, r.reason)
			}
		}
	}
	for name := range may {
		t.Errorf("layout.txt names %s, which is no package", name)
	}
}

func TestNothingIsLinkedThatMustNotBe(t *testing.T) {
	checked := 0
	packages := listPackages(t)
	for _, r := range readLayout(t) {
		if r.never == nil {
			continue
		}
		for _, p := range packages {
			if !within(p.ImportPath, module+r.name) {
				continue
			}
			checked++
			for _, bad := range linked(p, r.never) {
				t.Errorf("%s links %s: %s", strings.TrimPrefix(p.ImportPath, module), bad, r.reason)
			}
		}
	}
	if checked == 0 {
		t.Fatal("no rule was checked")
	}
}

// linked gives the packages of never that p links.
func linked(p listed, never []string) []string {
	var out []string
	for _, d := range p.Deps {
		for _, n := range never {
			if d == n || strings.HasPrefix(d, n+"/") && strings.Contains(n, "/") {
				out = append(out, d)
			}
		}
	}
	return out
}

// within reports whether path is root or below it.
func within(path, root string) bool {
	return path == root || strings.HasPrefix(path, root+"/")
}

// readLayout reads layout.txt.
func readLayout(t *testing.T) []room {
	t.Helper()
	b, err := os.ReadFile("layout.txt")
	if err != nil {
		t.Fatal(err)
	}
	var rooms []room
	for n, line := range strings.Split(string(b), "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		r, err := parseRoom(line)
		if err != nil {
			t.Fatalf("layout.txt:%d: %v", n+1, err)
		}
		rooms = append(rooms, r)
	}
	return rooms
}

// parseRoom reads one line: "NAME: PACKAGE... | reason" or "NAME never PACKAGE... | reason".
func parseRoom(line string) (room, error) {
	head, reason, ok := strings.Cut(line, "|")
	if !ok {
		return room{}, fmt.Errorf("no reason behind a bar in %q", line)
	}
	r := room{reason: strings.TrimSpace(reason)}
	if name, rest, ok := strings.Cut(head, " never "); ok {
		r.name, r.never = strings.TrimSpace(name), strings.Fields(rest)
		return r, nil
	}
	name, rest, ok := strings.Cut(head, ":")
	if !ok {
		return room{}, fmt.Errorf("neither a colon nor never in %q", line)
	}
	r.name, r.imports = strings.TrimSpace(name), strings.Fields(rest)
	return r, nil
}

// listPackages asks the go command for every package of the module.
func listPackages(t *testing.T) []listed {
	t.Helper()
	c := exec.CommandContext(t.Context(), "go", "list", "-tags", tags, "-json=ImportPath,Imports,Deps", "./...")
	c.Dir = ".."
	c.Stderr = os.Stderr
	b, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	var out []listed
	for d := json.NewDecoder(bytes.NewReader(b)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if p.ImportPath != module+"cmd" {
			out = append(out, p)
		}
	}
	if len(out) < 10 {
		t.Fatalf("only %d packages found", len(out))
	}
	return out
}
