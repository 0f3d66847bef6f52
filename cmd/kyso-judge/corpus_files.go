package main

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// findFiles lists the PDF files under dir by their names relative to it, in
// order, without those under a folder called attacks.
func findFiles(dir string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "attacks":
			return filepath.SkipDir
		case !d.Type().IsRegular() || !strings.EqualFold(filepath.Ext(path), ".pdf"):
			return nil
		}
		name, err := filepath.Rel(dir, path)
		names = append(names, filepath.ToSlash(name))
		return err //nolint:wrapcheck // wrapped below
	})
	if err != nil {
		return nil, fmt.Errorf("look for files: %w", err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no PDF file under %s", dir)
	}
	return names, nil
}

// folderOf is the first folder of a name, "." without one.
func folderOf(name string) string {
	first, _, found := strings.Cut(name, "/")
	if !found {
		return "."
	}
	return first
}

// sample chooses n of the names, turn by turn from each folder, and in each in
// the order of the names' hashes: equal names give an equal sample.
func sample(names []string, n int) []string {
	if n <= 0 || n >= len(names) {
		return names
	}
	folders := map[string][]string{}
	for _, name := range names {
		folders[folderOf(name)] = append(folders[folderOf(name)], name)
	}
	var order []string
	for folder, list := range folders {
		order = append(order, folder)
		slices.SortFunc(list, func(a, b string) int {
			x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
			return slices.Compare(x[:], y[:])
		})
	}
	slices.Sort(order)
	var chosen []string
	for round := 0; len(chosen) < n; round++ {
		for _, folder := range order {
			if list := folders[folder]; round < len(list) && len(chosen) < n {
				chosen = append(chosen, list[round])
			}
		}
	}
	slices.Sort(chosen)
	return chosen
}

// passwords are the known passwords of encrypted files.
type passwords []struct{ pattern, password string }

// readPasswords reads lines of a pattern, a tabulator and a password. A pattern
// is a name as findFiles gives it, with * and ? as in filepath.Match; the first
// one that fits counts. Lines that begin with # and empty ones are left out.
func readPasswords(path string) (passwords, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("passwords: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	var out passwords
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		pattern, password, found := strings.Cut(line, "\t")
		if _, err := filepath.Match(pattern, ""); err != nil || !found {
			return nil, fmt.Errorf("passwords: %q is no pattern, tabulator, password", line)
		}
		out = append(out, struct{ pattern, password string }{pattern, password})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("passwords: %w", err)
	}
	return out, nil
}

func (p passwords) of(name string) []byte {
	for _, x := range p {
		if ok, _ := filepath.Match(x.pattern, name); ok {
			return []byte(x.password)
		}
	}
	return nil
}
