package present

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// mostFiles bounds what is taken from dropped folders.
const mostFiles = 2000

// pdfFiles gives the PDF files among paths and in the folders among them, in
// order, folders by name; more reports that a folder held more than can be taken
// at once. Hidden files and folders are left out, and what cannot be read, too.
func pdfFiles(ctx context.Context, paths []string) (files []string, more bool) {
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil || !info.IsDir() {
			if isPDF(p) {
				files = append(files, p)
			}
			continue
		}
		_ = filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error { // its errors are ours
			switch {
			case ctx.Err() != nil:
				return fs.SkipAll
			case err != nil:
				return nil //nolint:nilerr // what cannot be read is left out
			case path != p && strings.HasPrefix(d.Name(), "."):
				if d.IsDir() {
					return fs.SkipDir
				}
			case !d.IsDir() && isPDF(path):
				if more = len(files) >= mostFiles; more {
					return fs.SkipAll
				}
				files = append(files, path)
			}
			return nil
		})
	}
	return files, more
}

// isPDF reports that a file is a PDF by its name.
func isPDF(path string) bool { return strings.EqualFold(filepath.Ext(path), ".pdf") }
