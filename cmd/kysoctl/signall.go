package main

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"

	"kyso/app"
	"kyso/app/placement"
	"kyso/app/signing"
	"kyso/assets"
)

// signRun is what all files of one call share.
type signRun struct {
	options signOptions
	place   place
	key     signing.Key
	pages   func(ctx context.Context, path string, password []byte) ([]placement.Page, error)
	look    signing.Look
	// password opens those of the files that are encrypted.
	password []byte
	found    proposals
}

// dress settles how the marks look: the picture that was named, and the agency's
// templates as the window heard them last.
func (r *signRun) dress(c *console, s *app.App) int {
	o := r.options
	picture, err := readImage(o.image)
	if err != nil {
		c.fail("failed", o.image, err)
		return exitFailed
	}
	r.look = signing.LookOf(s.Templates(), placement.Role(o.role), o.capacity, signing.Choice{Picture: picture, Diameter: o.diameter})
	if r.look.Unused {
		c.say("%s", c.text("Cơ quan quy định mẫu của dấu này: ảnh hoặc cỡ đã nêu không được dùng.", "The agency fixed how this mark looks: the picture or size that was named is not used."))
	}
	return exitDone
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
	Revocation string `json:"revocation,omitempty"`
	// Soft reports a key in a file.
	Soft bool `json:"soft,omitempty"`
}

// tell prints what came of a file that was signed.
func (r *signRun) tell(c *console, line signedLine, head string) {
	c.object(line)
	c.say("%s%s %s → %s", head, c.text("Đã ký, đã kiểm tra:", "Signed and checked:"), line.File, line.Out)
	if r.key.Soft() {
		c.say("  %s", c.text("Ký bằng khóa tệp, không phải token.", "Signed with a key in a file, not with a token."))
	}
	if line.Revocation != "good" {
		c.say("  %s", c.text("Chưa hỏi được nơi cấp về tình trạng thu hồi của chứng thư số (OCSP, CRL không trả lời).", "The certificate's issuer could not be asked whether it was revoked (no answer from OCSP or CRL)."))
	}
	if !line.Sure {
		c.say("  %s", c.text("Chưa tìm thấy chức danh và họ tên: chữ ký đặt ở chỗ mặc định.", "Title and name were not found: the mark stands at a default place."))
	}
}

// signOne signs one file under a login of its own.
func (r *signRun) signOne(ctx context.Context, c *console, road signing.Road, pin []byte, file string) int {
	seat, err := road.Open(ctx, r.key, pin)
	clear(pin)
	if err != nil {
		c.fail("failed", file, err)
		return exitFailed
	}
	defer seat.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the login ends with the helper
	j, err := r.job(ctx, file)
	if err == nil && j.unplaced {
		j.Job, err = r.find(ctx, r.key, j.Job)
	}
	if err != nil {
		c.fail("failed", file, err)
		return exitFailed
	}
	o, err := seat.Sign(ctx, j.Job, func(signing.Step) {})
	if err != nil {
		c.fail("failed", file, fmt.Errorf("%s: %w", filepath.Base(file), err))
		return exitFailed
	}
	r.tell(c, r.line(file, j.Job, o), "")
	return exitDone
}

// fileJob is the job of one file; unplaced when its mark's place is not known yet.
type fileJob struct {
	signing.Job

	unplaced bool
}

// job makes the job of a file.
func (r *signRun) job(ctx context.Context, file string) (fileJob, error) {
	j := r.look.Dress(signing.Job{Path: file, Role: r.look.Role, Out: output(r.options.out, file), Time: now(), Password: r.password})
	switch r.place.kind {
	case "field":
		j.Field = r.place.field
	case "at":
		j.Page, j.Rect = r.place.page, r.place.rect
		if w, h := r.look.Size(); r.look.Locked { // the agency fixed the size
			j.Rect.W, j.Rect.H = w, h
		}
		j.Block = r.block(j)
	case "auto":
		if !signing.AgencyRole(j.Role) {
			return fileJob{Job: j, unplaced: true}, nil
		}
		j.Block = r.block(j)
		p, err := r.agencyPlace(ctx, file, j)
		if err != nil {
			return fileJob{}, err
		}
		j.Page, j.Rect = p.Page, p.Rect
		r.found.keep(file, p)
	}
	return fileJob{Job: j}, nil
}

// line is what is printed of a signed file.
func (r *signRun) line(file string, j signing.Job, o signing.Outcome) signedLine {
	p := placement.Proposal{Sure: true}
	if r.place.kind == "auto" {
		p = r.found.of(j.Path)
	}
	return signedLine{
		Kind: "signed", File: file, Out: o.Path, SHA256: o.SHA256, Field: o.Field, Level: o.Level, Page: j.Page,
		Rect: [4]float64{j.Rect.X, j.Rect.Y, j.Rect.W, j.Rect.H}, Sure: p.Sure, Why: p.Why, Revocation: o.Certificate.Revocation, Soft: r.key.Soft(),
	}
}

// proposals remembers why marks stand where they stand, by file.
type proposals struct {
	mu   sync.Mutex
	made map[string]placement.Proposal
}

func (p *proposals) keep(path string, made placement.Proposal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.made == nil {
		p.made = map[string]placement.Proposal{}
	}
	p.made[path] = made
}

func (p *proposals) of(path string) placement.Proposal {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.made[path]
}

// agency is the name of the agency that a certificate stands for.
func agency(k signing.Key) string {
	if k.Subject.Agency || k.Subject.Unit == "" {
		return k.Subject.Name
	}
	return k.Subject.Unit
}

// block is the block of an annex or a copy, nil for other marks.
func (r *signRun) block(j signing.Job) *signing.Block {
	b := &signing.Block{Role: j.Role, Text: r.options.number, Template: j.Template, Font: assets.SerifRegular(), At: j.Time}
	switch j.Role {
	case placement.Appendix:
		return b
	case placement.Copy:
		b.Text, b.Agency = r.options.form, agency(r.key)
		return b
	case placement.Approval, placement.Initials, placement.Seal:
	}
	return nil
}

// agencyPlace finds the place of an agency's mark.
func (r *signRun) agencyPlace(ctx context.Context, file string, j signing.Job) (placement.Proposal, error) {
	if j.Block == nil {
		return signing.SealPlace(ctx, file, r.password, r.look.Diameter(), j.Time)
	}
	p, _, err := j.Block.Place(file, r.password, r.key.Subject)
	return p, err
}

// find finds the place of a person's mark in the text of the document.
func (r *signRun) find(ctx context.Context, k signing.Key, j signing.Job) (signing.Job, error) {
	pages, err := r.pages(ctx, j.Path, j.Password)
	if err != nil {
		return j, fmt.Errorf("read %s: %w", j.Path, err)
	}
	w, h := j.Look().Size()
	p := placement.Propose(pages, j.Role, placement.Signer{Name: k.Subject.Name, Title: k.Subject.Title}, w, h)
	j.Page, j.Rect = p.Page, p.Rect
	r.found.keep(j.Path, p)
	return j, nil
}
