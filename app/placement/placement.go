// Package placement proposes where a mark belongs on a document.
//
// It is pure: it reads the text lines of the pages, as package preview gives
// them, and answers with a rectangle, how sure it is, and why. Nothing is drawn
// and no file is read here.
//
// It prefers asking to guessing: a proposal is sure only when the signer's own
// printed name was found under a title, once, with free room between them.
package placement

// Rect is a rectangle in points from the lower left corner of the page as shown.
type Rect struct{ X, Y, W, H float64 }

// Word is a word of a line, with its bounds.
type Word struct {
	Text string
	Rect Rect
}

// Line is one line of text on a page, in NFC, with its bounds.
type Line struct {
	Text string
	Rect Rect
	// Words are the line's words from the left, where they are known. With them
	// two columns that were read as one line can be told apart.
	Words []Word
}

// Page is what the finder needs of a page.
type Page struct {
	Number int // from 1
	W, H   float64
	Lines  []Line
	// Marks are places already taken: earlier signatures, pictures.
	Marks []Rect
	// Rules are straight strokes: borders of tables, lines to sign on.
	Rules []Rect
	// Scanned reports that the page is a picture and its lines were read from it
	// by a program: letters may be wrong and places a little off.
	Scanned bool
	// Ink is where the page is not of the paper's colour, in small pieces:
	// drawings, frames, and on a scan the print itself, since the lines that were
	// read may stand a little beside it.
	Ink []Rect
}

// Role is what the mark is for.
type Role string

// The roles of a mark (NĐ 30/2020/NĐ-CP, Annex I, part I, section II).
const (
	Approval Role = "approval" // the authorised person's signature
	Initials Role = "initials" // ký nháy
	Seal     Role = "seal"
	Appendix Role = "appendix"
	Copy     Role = "copy"
)

// Signer is the person whose mark is placed, as printed on the document.
type Signer struct{ Name, Title string }

// Proposal is a proposed place.
type Proposal struct {
	Page int
	Rect Rect
	// Sure reports that the place was found in the text. Otherwise it is a
	// default that the person must look at.
	Sure bool
	// Why is a message key: "found-title-and-name", "default-no-text", ….
	Why string
}
