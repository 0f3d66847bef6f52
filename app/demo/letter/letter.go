// Package letter sets administrative documents in the form of NĐ 30/2020/NĐ-CP,
// Annex I, as PDFs with text and as pictures of the printed page.
//
// It makes the documents of the demonstration. It is no word processor and no
// check of the form: package regulation will say whether a document keeps it.
package letter

import "time"

// Letter is one document, before it is set.
//
//nolint:recvcheck // only parsing writes to it
type Letter struct {
	// Superior is the direct superior body; Agency the issuing body, one entry a line.
	Superior string
	Agency   []string
	// Number is empty for a document that has no number yet.
	Number   string
	Notation string
	Place    string
	// Date is the date of the document in its own location.
	Date time.Time
	// Kind is the name of the kind ("KẾ HOẠCH"); empty for an official letter (công văn).
	Kind string
	// Subject is the abstract (trích yếu) without "V/v".
	Subject string
	// Annex marks an annex: no agency, no signature; Reference names the document it belongs to.
	Annex     bool
	Reference string
	To        []string
	Body      []Block
	// Capacity is the signer's authority and title, one entry a line:
	// "CHỦ TỊCH", or "KT. CHỦ TỊCH" and "PHÓ CHỦ TỊCH" (NĐ 30/2020, Điều 13).
	Capacity   []string
	Signer     string
	Recipients []string
}

// Block is a piece of the body: a paragraph, a heading or a table.
type Block struct {
	Kind BlockKind
	Text string
	// Table holds the rows of a table, the header first.
	Table [][]string
	// Widths are the relative widths of the table's columns.
	Widths []float64
}

// BlockKind tells blocks apart.
type BlockKind int

// The kinds of blocks.
const (
	Paragraph BlockKind = iota
	Heading             // bold, with the first-line indent
	Basis               // italic: the legal basis of a document
	Grid                // a table
)

// Title is the document's title as a PDF's metadata show it.
func (l Letter) Title() string {
	if l.Kind != "" {
		return l.Kind + " " + l.Subject
	}
	return "V/v " + l.Subject
}

// Symbol is number and notation as printed: "247/UBND-VP".
func (l Letter) Symbol() string {
	if l.Number == "" {
		return "      /" + l.Notation
	}
	return l.Number + "/" + l.Notation
}
