package signing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kyso/app/docsys"
	"kyso/app/placement"
	"kyso/signer"
	"kyso/signer/cert"
	"kyso/signer/verify"
)

// ErrNoApproval reports a document that the agency must not seal: no sound
// signature of the authorised person is in it (NĐ 30/2020/NĐ-CP, Đ32).
var ErrNoApproval = errors.New("no sound signature of the authorised person")

// The diameter of a seal, in millimetres.
const (
	SealDiameter    = 36.0
	MinSealDiameter = 30.0
	MaxSealDiameter = 50.0
)

// SealPlace is where the seal goes: over the left third of the mark of the
// newest sound signature that is neither initials nor the agency's own (NĐ
// 30/2020/NĐ-CP, Annex I, part I, section II, point 8). Without such a signature
// the error is ErrNoApproval. diameter is in millimetres, at the time of the
// look; nobody is asked over the network.
func SealPlace(ctx context.Context, path string, password []byte, diameter float64, at time.Time) (placement.Proposal, error) {
	s, err := approval(ctx, path, password, at)
	if err != nil {
		return placement.Proposal{}, err
	}
	if s.Page == 0 {
		return placement.Proposal{}, fmt.Errorf("seal %s: the signature in field %s has no mark: %w", path, s.Field, ErrNoApproval)
	}
	m := signer.SealMark(s.Page, signer.Rect{X: s.Rect[0], Y: s.Rect[1], W: s.Rect[2], H: s.Rect[3]}, diameter, nil)
	return placement.Proposal{Page: m.Page, Rect: placement.Rect(m.Rect), Sure: true, Why: placement.WhySignature}, nil
}

// approval is the newest sound signature that is not known to be something else.
func approval(ctx context.Context, path string, password []byte, at time.Time) (verify.Signature, error) {
	report, err := signer.VerifyFile(ctx, path, signer.VerifyOptions{Offline: true, Password: password, At: at})
	if err != nil {
		return verify.Signature{}, fmt.Errorf("look for the signature to seal in %s: %w", path, err)
	}
	for _, s := range slices.Backward(report.Signatures) {
		if s.Sound() && s.SubFilter != "ETSI.RFC3161" && !otherRole(s.Field) {
			return s, nil
		}
	}
	return verify.Signature{}, fmt.Errorf("seal %s: %w", path, ErrNoApproval)
}

// otherRole reports a field that this program made for something else than an approval.
func otherRole(field string) bool {
	for role, words := range roles {
		if role != placement.Approval && strings.HasPrefix(field, words.field) {
			return true
		}
	}
	return false
}

// Block is the agency's block at the top right of the first page.
type Block struct {
	// Role is placement.Appendix or placement.Copy.
	Role placement.Role
	// Text is the number and symbol of the document for an appendix, the form of
	// copy (SAO Y, SAO LỤC, TRÍCH SAO) for a copy, which names the Agency as well.
	Text, Agency string
	// Template is how the agency wants the block, nil where it says nothing.
	Template *docsys.MarkTemplate
	// Font is the TrueType file in which it is set.
	Font []byte
	At   time.Time
}

// Lines are the block's lines as of its time, for the holder of the agency's
// certificate. What the decree asks for is always there: first the number and
// symbol, or the form of copy with the agency, last the time. Between them stand
// the further lines of the template, before them its text.
func (b Block) Lines(s cert.Subject) []string {
	lines := b.mark(signer.PageSize{}).Lines
	t := b.Template
	if t == nil {
		return lines
	}
	more := slices.DeleteFunc(slices.Clone(t.Lines), func(l string) bool { return l == "time" })
	out := lines[:1:1]
	if t.Text != "" && !strings.HasPrefix(lines[0], t.Text) {
		out = []string{t.Text, lines[0]}
	}
	for _, l := range templateLines(&docsys.MarkTemplate{Lines: more}, s, b.At) {
		if l != b.Agency && !slices.Contains(out, l) { // what is said already
			out = append(out, l)
		}
	}
	return append(out, lines[1:]...)
}

// Same reports that another block says the same, but for its time.
func (b Block) Same(o Block) bool {
	return b.Role == o.Role && b.Text == o.Text && b.Agency == o.Agency
}

// mark is the block in the corner of a page, in the look of the decree.
func (b Block) mark(first signer.PageSize) signer.Mark {
	if b.Role == placement.Copy {
		return signer.CopyMark(first, b.Font, b.Text, b.Agency, b.At)
	}
	return signer.AppendixMark(first, b.Font, b.Text, b.At)
}

// CopyForms are the forms of copies of NĐ 30/2020/NĐ-CP, Đ25, as the block has them.
func CopyForms() []string { return []string{"SAO Y", "SAO LỤC", "TRÍCH SAO"} }

// blockLeading is the distance of the lines of a block: 10 points and a fifth.
const blockLeading = 12

// Place gives the block's place on the file at path, and its lines for the holder
// of the agency's certificate. It grows where its lines would be set smaller than
// the decree wants them.
func (b Block) Place(path string, password []byte, s cert.Subject) (placement.Proposal, []string, error) {
	in, err := signer.InspectWith(path, password)
	if err != nil {
		return placement.Proposal{}, nil, fmt.Errorf("look at %s: %w", path, err)
	}
	lines := b.Lines(s)
	if len(in.Pages) == 0 { // a file without pages is refused, with the reason, when it is signed
		return placement.Proposal{Page: 1}, lines, nil
	}
	first := in.Pages[0]
	m := b.mark(first)
	m.Lines = lines
	w, h := m.Rect.W, m.Rect.H
	if t := b.Template; t != nil {
		w, h = t.Width*mm, t.Height*mm
	}
	if text, err := m.TextWidth(); err == nil { // else it is refused when it is signed
		w = min(max(w, text+1), m.Rect.X+m.Rect.W-(first.W-m.Rect.X-m.Rect.W))
	}
	h = max(h, float64(len(lines))*blockLeading)
	r := placement.Rect{X: m.Rect.X + m.Rect.W - w, Y: m.Rect.Y + m.Rect.H - h, W: w, H: h}
	return placement.Proposal{Page: m.Page, Rect: r, Sure: true, Why: placement.WhyCorner}, lines, nil
}
