package signing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kyso/app/placement"
	"kyso/signer"
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
	// Font is the TrueType file in which it is set.
	Font []byte
	At   time.Time
}

// Lines are the block's lines as of its time.
func (b Block) Lines() []string {
	if b.Role == placement.Copy {
		return signer.CopyMark(signer.PageSize{}, nil, b.Text, b.Agency, b.At).Lines
	}
	return signer.AppendixMark(signer.PageSize{}, nil, b.Text, b.At).Lines
}

// CopyForms are the forms of copies of NĐ 30/2020/NĐ-CP, Đ25, as the block has them.
func CopyForms() []string { return []string{"SAO Y", "SAO LỤC", "TRÍCH SAO"} }

// Place gives the block's place on the file at path, and its lines.
func (b Block) Place(path string, password []byte) (placement.Proposal, []string, error) {
	in, err := signer.InspectWith(path, password)
	if err != nil {
		return placement.Proposal{}, nil, fmt.Errorf("look at %s: %w", path, err)
	}
	if len(in.Pages) == 0 { // a file without pages is refused, with the reason, when it is signed
		return placement.Proposal{Page: 1}, []string{b.Text}, nil
	}
	m := signer.AppendixMark(in.Pages[0], b.Font, b.Text, b.At)
	if b.Role == placement.Copy {
		m = signer.CopyMark(in.Pages[0], b.Font, b.Text, b.Agency, b.At)
	}
	return placement.Proposal{Page: m.Page, Rect: placement.Rect(m.Rect), Sure: true, Why: placement.WhyCorner}, m.Lines, nil
}
