// Package secrecy finds marks of secrecy on documents, before anything of them
// reaches a network.
//
// Documents that the Law on the protection of state secrets (Luật Bảo vệ bí mật
// nhà nước) calls Mật, Tối mật or Tuyệt mật must not be sent. The mark is a word
// in capitals in a frame, below number and notation at the upper left of the
// first page (NĐ 30/2020/NĐ-CP, Annex I, box 10a; TT 24/2020/TT-BCA, form 02).
//
// The package is pure: it reads lines of text, as package preview gives them,
// and answers. What looks like a mark without being in its place and form is a
// doubt, and a doubt is a question to the person. It cannot see marks that are
// in a picture: a scanned page has no lines.
package secrecy

import (
	"fmt"
	"strings"

	"kyso/app/placement"
)

// Level is a grade of secrecy, in the words of the contract.
type Level string

// The grades.
const (
	None     Level = "none"
	Mat      Level = "mat"
	ToiMat   Level = "toi_mat"
	TuyetMat Level = "tuyet_mat"
)

// Finding is what was found about a document.
type Finding struct {
	// Level is None when no mark was found.
	Level Level
	// Sure reports a mark in its place and form. Otherwise a Level other than None
	// is a doubt, which the person decides.
	Sure bool
	// Page is where it stands, from 1; 0 for the metadata.
	Page int
	// Rect is where it stands on the page.
	Rect placement.Rect
	// Mark is the mark as it is written there.
	Mark string
	// Blind reports that no page had any text: a scan, of which nothing is known.
	Blind bool
}

// Doubtful reports a finding that the person has to decide.
func (f Finding) Doubtful() bool { return f.Level != None && f.Level != "" && !f.Sure }

// Err is the *Error for a secret document; vouched is the person's word that a
// doubtful one is not secret.
func (f Finding) Err(vouched bool) error {
	if f.Level == None || f.Level == "" || vouched && !f.Sure {
		return nil
	}
	return &Error{f}
}

// Error reports a document that must not be delivered, or not before the person
// said that it is not secret. It carries nothing of the document but the mark.
type Error struct{ Finding Finding }

// Error names the mark and where it stands.
func (e *Error) Error() string {
	where := "in the metadata"
	if e.Finding.Page > 0 {
		where = fmt.Sprintf("on page %d", e.Finding.Page)
	}
	if e.Finding.Sure {
		return fmt.Sprintf("secret document: %q %s", e.Finding.Mark, where)
	}
	return fmt.Sprintf("perhaps a secret document: %q %s", e.Finding.Mark, where)
}

// ExplainCode names the message that a person reads (package explain).
func (e *Error) ExplainCode() string {
	if e.Finding.Sure {
		return "secret"
	}
	return "secret-doubt"
}

// Declared reads a mark in metadata. Words that nobody knows are a doubt.
func Declared(mark string) Finding {
	word := fold(strings.NewReplacer("_", "", "-", "", ".", "").Replace(mark))
	switch word {
	case "", "NONE", "KHÔNG", "KHÔNGMẬT", "THƯỜNG", "BÌNHTHƯỜNG", "0":
		return Finding{Level: None}
	case "MAT", "MẬT":
		return Finding{Level: Mat, Sure: true, Mark: mark}
	case "TOIMAT", "TỐIMẬT":
		return Finding{Level: ToiMat, Sure: true, Mark: mark}
	case "TUYETMAT", "TUYỆTMẬT":
		return Finding{Level: TuyetMat, Sure: true, Mark: mark}
	}
	return Finding{Level: Mat, Mark: mark}
}

// InSubject looks for a mark in brackets in a document's subject: "Về việc …
// (Mật)". It is a doubt.
func InSubject(subject string) Finding {
	for _, part := range strings.FieldsFunc(subject, func(r rune) bool { return r == '(' || r == '[' }) {
		inside, _, closed := strings.Cut(strings.ReplaceAll(part, "]", ")"), ")")
		if g, ok := gradeOf(inside); ok && closed {
			return Finding{Level: g.level, Mark: strings.TrimSpace(inside)}
		}
	}
	return Finding{Level: None}
}

// Worst gives the gravest of some findings: a sure one before a doubt.
func Worst(all ...Finding) Finding {
	worst := Finding{Level: None}
	for _, f := range all {
		if weight(f) > weight(worst) {
			worst = f
		}
	}
	return worst
}

// weight orders findings.
func weight(f Finding) int {
	w := map[Level]int{Mat: 1, ToiMat: 2, TuyetMat: 3}[f.Level]
	if f.Sure {
		const sure = 10
		w += sure
	}
	return w
}
