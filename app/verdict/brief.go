package verdict

import (
	"kyso/signer/verify"
)

// Word is the plain word for an indication: "hợp lệ", "valid".
func (l Language) Word(i verify.Indication) string { return l.word(i) }

// Reason says in plain words why an indication is what it is; empty when there
// is nothing to say.
func (l Language) Reason(s verify.SubIndication) string { return l.reason(s) }

// Change says what came after a signature and whether it is permitted, without
// its place: for a view that shows the place itself.
func (l Language) Change(c verify.Change) string {
	c.Page, c.Rect = 0, [4]float64{}
	return l.change(c)
}

// Warning says what needs a look, without its place.
func (l Language) Warning(w verify.Warning) string {
	w.Page, w.Rect = 0, [4]float64{}
	return l.warning(w)
}

// Source says how the time of signing is known.
func (l Language) Source(t SigningTime) string { return l.source(t.Source) }

// Bytes says whether the document is as it was signed.
func (s Signature) Bytes(l Language) string {
	return l.integrity(s.Integrity, len(s.Judged.Malformed) > 0)
}

// OnPage says on which page something is, to stand behind a sentence.
func (l Language) OnPage(page int) string { return l.place(page, [4]float64{}) }
