package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"path/filepath"

	"kyso/app/placement"
	"kyso/app/signing"
	"kyso/assets"
	"kyso/signer/token"
)

// signRun is what all files of one call share.
type signRun struct {
	options signOptions
	place   place
	seat    signing.Seat
	key     signing.Key
	pages   func(ctx context.Context, path string, password []byte) ([]placement.Page, error)
	picture image.Image
	// password opens those of the files that are encrypted.
	password []byte
}

// A signed line is what --json prints of a file that was signed.
type signedLine struct {
	Kind   string     `json:"kind"`
	File   string     `json:"file"`
	Out    string     `json:"out"`
	SHA256 string     `json:"sha256"`
	Field  string     `json:"field"`
	Level  string     `json:"level"`
	Page   int        `json:"page,omitempty"`
	Rect   [4]float64 `json:"rect,omitempty"`
	Sure   bool       `json:"sure"`
	Why    string     `json:"why,omitempty"`
	// Revocation is what the certificate's issuer said before the signature.
	Revocation string `json:"revocation"`
}

// signAll signs the files in order and lists each with what came of it.
func signAll(ctx context.Context, c *console, r signRun, files []string) int {
	var err error
	if r.picture, err = readImage(r.options.image); err != nil {
		c.fail("failed", r.options.image, err)
		return exitFailed
	}
	status := exitDone
	var stop error
	for _, file := range files {
		if stop == nil {
			stop = ctx.Err()
		}
		if stop != nil {
			c.fail("failed", file, stop)
			status = exitFailed
			continue
		}
		line, err := r.sign(ctx, file)
		if err != nil {
			c.fail("failed", file, err)
			status = exitFailed
			if ends(err) {
				stop = err
			}
			continue
		}
		c.object(line)
		c.say("%s %s → %s", c.text("Đã ký, đã kiểm tra:", "Signed and checked:"), file, line.Out)
		if line.Revocation != "good" {
			c.say("  %s", c.text("Chưa hỏi được nơi cấp về tình trạng thu hồi của chứng thư số (OCSP, CRL không trả lời).", "The certificate's issuer could not be asked whether it was revoked (no answer from OCSP or CRL)."))
		}
		if !line.Sure && r.place.kind == "auto" {
			c.say("  %s", c.text("Chưa tìm thấy chức danh và họ tên: chữ ký đặt ở chỗ mặc định.", "Title and name were not found: the mark stands at a default place."))
		}
	}
	return status
}

// ends reports an error after which no further document may be tried: the login
// is gone, and a new one could spend a PIN try.
func ends(err error) bool {
	for _, target := range []error{token.ErrRemoved, token.ErrCrashed, token.ErrHung, token.ErrLoginNeeded, token.ErrPINLocked, token.ErrPINWrong} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// sign signs one file.
func (r signRun) sign(ctx context.Context, file string) (signedLine, error) {
	j := signing.Job{Path: file, Role: placement.Role(r.options.role), Image: r.picture, Out: output(r.options.out, file), Time: now(), Password: r.password}
	line := signedLine{Kind: "signed", File: file, Sure: true}
	switch r.place.kind {
	case "field":
		j.Field = r.place.field
	case "at":
		j.Page, j.Rect = r.place.page, r.place.rect
	case "auto":
		p, lines, err := r.propose(ctx, file, j)
		if err != nil {
			return line, err
		}
		j.Page, j.Rect, j.Lines, line.Sure, line.Why = p.Page, p.Rect, lines, p.Sure, p.Why
	}
	if j.Image == nil && j.Lines == nil && r.place.kind != "invisible" {
		j.Lines = signing.TextMark(r.key.Subject, j.Time)
	}
	o, err := r.seat.Sign(ctx, j, func(signing.Step) {})
	if err != nil {
		return line, fmt.Errorf("%s: %w", filepath.Base(file), err)
	}
	line.Out, line.SHA256, line.Field, line.Level, line.Page = o.Path, o.SHA256, o.Field, o.Level, j.Page
	line.Revocation = o.Certificate.Revocation
	line.Rect = [4]float64{j.Rect.X, j.Rect.Y, j.Rect.W, j.Rect.H}
	return line, nil
}

// agency is the name of the agency that a certificate stands for.
func agency(k signing.Key) string {
	if k.Subject.Agency || k.Subject.Unit == "" {
		return k.Subject.Name
	}
	return k.Subject.Unit
}

// propose finds the place of the mark, and its text where the role has one.
func (r signRun) propose(ctx context.Context, file string, j signing.Job) (placement.Proposal, []string, error) {
	switch o := r.options; j.Role {
	case placement.Seal:
		p, err := signing.SealPlace(ctx, file, r.password, o.diameter, j.Time)
		return p, nil, err
	case placement.Appendix:
		b := signing.Block{Role: j.Role, Text: o.number, Font: assets.SerifRegular(), At: j.Time}
		return b.Place(file, r.password)
	case placement.Copy:
		b := signing.Block{Role: j.Role, Text: o.form, Agency: agency(r.key), Font: assets.SerifRegular(), At: j.Time}
		return b.Place(file, r.password)
	case placement.Approval, placement.Initials:
	}
	pages, err := r.pages(ctx, file, r.password)
	if err != nil {
		return placement.Proposal{}, nil, fmt.Errorf("read %s: %w", file, err)
	}
	w, h := signing.MarkSize(j.Role, r.picture)
	s := placement.Signer{Name: r.key.Subject.Name, Title: r.key.Subject.Title}
	return placement.Propose(pages, j.Role, s, w, h), nil, nil
}
