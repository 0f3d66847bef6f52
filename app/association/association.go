// Package association makes the program one of those that the file manager
// offers for PDF files, with "Ký số…" in its menu, for the person who is logged
// in. It never makes the program the one that opens PDF files by itself.
package association

// What the file manager shows.
const (
	id       = "vn.kyso.desktop"
	name     = "Ký số"
	menuText = "Ký số…"
)
