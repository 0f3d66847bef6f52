package cmd_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryPainHasItsTests reads pains.txt: whoever renames or removes a test
// that keeps somebody else's known fault out of our program has to say which
// test does so now.
func TestEveryPainHasItsTests(t *testing.T) {
	text, err := os.ReadFile("pains.txt")
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]map[string]bool{} // tests by package
	for n, line := range strings.Split(string(text), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		columns := strings.Split(line, " | ")
		if len(columns) != 3 {
			t.Errorf("line %d has %d columns, want a pain, where it was reported and tests", n+1, len(columns))
			continue
		}
		for part := range strings.SplitSeq(columns[2], " ; ") {
			folder, names, found := strings.Cut(part, ": ")
			if !found {
				t.Errorf("line %d: %q names no package and tests", n+1, part)
				continue
			}
			if there[folder] == nil {
				there[folder] = testsOf(t, folder)
			}
			for name := range strings.FieldsSeq(names) {
				if !there[folder][name] {
					t.Errorf("line %d, %s: there is no %s in %s", n+1, columns[0], name, folder)
				}
			}
		}
	}
	if len(there) == 0 {
		t.Error("pains.txt names no test")
	}
}

// testsOf gives the names of a package's tests.
func testsOf(t *testing.T, folder string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(folder), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				names[f.Name.Name] = true
			}
		}
	}
	return names
}
