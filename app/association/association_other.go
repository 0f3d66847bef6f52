//go:build !windows

package association

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// entry is a file of the person's desktop.
type entry struct {
	path string // within the folder of data
	text []byte
	mode fs.FileMode
}

// Register offers the program at path, with its icon as SVG, in the menus of
// GNOME, KDE and what else heeds the Desktop Entry Specification. A second call
// replaces what the first wrote.
func Register(program string, icon []byte) error {
	dir, err := dataFolder()
	if err != nil {
		return fmt.Errorf("register with the file manager: %w", err)
	}
	for _, e := range entries(program, icon) {
		path := filepath.Join(dir, e.path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // as the desktop has it
			return fmt.Errorf("register with the file manager: %w", err)
		}
		if err := os.WriteFile(path, e.text, e.mode); err != nil {
			return fmt.Errorf("register with the file manager: %w", err)
		}
		if err := os.Chmod(path, e.mode); err != nil { // of a file that was there
			return fmt.Errorf("register with the file manager: %w", err)
		}
	}
	return nil
}

// Unregister takes back what Register wrote; what is not there is no error.
func Unregister() error {
	dir, err := dataFolder()
	if err != nil {
		return fmt.Errorf("leave the file manager: %w", err)
	}
	for _, e := range entries("", nil) {
		if err := os.Remove(filepath.Join(dir, e.path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("leave the file manager: %w", err)
		}
	}
	return nil
}

// dataFolder is $XDG_DATA_HOME (XDG Base Directory Specification).
func dataFolder() (string, error) {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err //nolint:wrapcheck // wrapped by the callers
	}
	return filepath.Join(home, ".local", "share"), nil
}

// entries are the files: the program for "open with", Dolphin's menu, Nautilus's
// menu of scripts, the icon.
func entries(program string, icon []byte) []entry {
	run := quote(program)
	return []entry{
		{"applications/" + id + ".desktop", []byte("[Desktop Entry]\nType=Application\nName=" + name + "\nComment=Ký số văn bản PDF\nComment[en]=Sign PDF documents\n" +
			"Exec=" + run + " %F\nIcon=" + id + "\nMimeType=application/pdf;\nCategories=Office;\nStartupNotify=true\n"), 0o644},
		{"kio/servicemenus/" + id + ".desktop", []byte("[Desktop Entry]\nType=Service\nMimeType=application/pdf;\nActions=sign\nX-KDE-Priority=TopLevel\n\n" +
			"[Desktop Action sign]\nName=" + menuText + "\nName[en]=Sign…\nIcon=" + id + "\nExec=" + run + " %F\n"), 0o755}, // Dolphin asks for the bit
		{"nautilus/scripts/" + menuText, []byte("#!/bin/sh\nexec " + shellQuote(program) + " \"$@\"\n"), 0o755},
		{"icons/hicolor/scalable/apps/" + id + ".svg", icon, 0o644},
	}
}

// quote writes an argument of Exec: quoted, and its backslashes once more as in
// every string of such a file (Desktop Entry Specification, 1.5, "The Exec key").
func quote(arg string) string {
	inner := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`).Replace(arg)
	return `"` + strings.NewReplacer(`\`, `\\`, `%`, `%%`).Replace(inner) + `"`
}

// shellQuote writes a word of a shell.
func shellQuote(arg string) string { return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'" }
