package docsys

import (
	"fmt"
	"path"
	"strings"
	"unicode"
)

// maxName is how many letters a delivered file's name has at most, before its
// number and extension: document systems on Windows count whole paths.
const maxName = 120

// FileStem gives the name, without extension, under which a submission is kept
// where systems keep files: that under which the person saved it, else number and
// notation, else the document's identifier. It is safe on every file system that
// offices have.
func (s Submission) FileStem() string {
	name := strings.TrimSuffix(s.Metadata.FileName, path.Ext(s.Metadata.FileName))
	if name == "" {
		name = strings.Trim(s.Metadata.Number+"-"+s.Metadata.Notation, "-")
	}
	if name == "" {
		name = s.DocumentID
	}
	return SafeName(name)
}

// SafeName makes a file name of a text: no separators, no letters that Windows
// forbids, no device names, never empty, never hidden.
func SafeName(text string) string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || unicode.IsControl(r) || r == unicode.ReplacementChar {
			return '-'
		}
		return r
	}, text)
	name = strings.TrimFunc(name, isEdge)
	if runes := []rune(name); len(runes) > maxName {
		name = strings.TrimFunc(string(runes[:maxName]), isEdge)
	}
	switch {
	case name == "":
		return nameless
	case isDevice(name):
		return nameless + "-" + name
	}
	return name
}

// nameless is what a document is called that has no name of its own.
const nameless = "van-ban"

// isEdge reports letters that no name begins or ends with: a dot hides a file on
// one system and is dropped by another, a dash begins an option.
func isEdge(r rune) bool { return r == '.' || r == '-' || unicode.IsSpace(r) }

// isDevice reports a name that Windows keeps for devices, whatever follows a dot.
func isDevice(name string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	switch stem {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(stem) == 4 && (stem[:3] == "COM" || stem[:3] == "LPT") && stem[3] >= '1' && stem[3] <= '9'
}

// Numbered gives the n-th name for a stem, from 1: "a", "a (2)", "a (3)".
func Numbered(stem string, n int) string {
	if n < 2 {
		return stem
	}
	return fmt.Sprintf("%s (%d)", stem, n)
}
