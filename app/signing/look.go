package signing

import (
	"image"
	"image/color"
	"slices"
	"time"

	"kyso/app/docsys"
	"kyso/app/placement"
	"kyso/signer"
	"kyso/signer/cert"
)

// Choice is what a person brings to a mark.
type Choice struct {
	// Picture is the person's own, nil for none.
	Picture image.Image
	// Diameter is that of a seal in millimetres, 0 leaves it.
	Diameter float64
}

// Look is how a mark looks: what the agency set for it, and what of the person's
// choice that leaves.
type Look struct {
	Role placement.Role
	// Template is what the agency set for the mark, nil for nothing.
	Template *docsys.MarkTemplate
	// Picture is the mark's picture, as transparent as the agency wants it; nil for a
	// mark of text.
	Picture image.Image
	// Locked reports that the agency fixed kind and size of the mark.
	Locked bool
	// Unused reports that the agency's rule took the place of something that was chosen.
	Unused bool

	diameter float64
}

// TemplateRole is the role of the template for a mark: what the mark is, or for
// the signature of an authorised person the form in which he signs ("self", "KT",
// "TM", "TL" or "TUQ"; NĐ 30/2020/NĐ-CP, Đ13).
func TemplateRole(r placement.Role, form string) string {
	switch r {
	case placement.Initials:
		return docsys.TemplateInitials
	case placement.Seal:
		return docsys.TemplateSeal
	case placement.Appendix:
		return docsys.TemplateAppendix
	case placement.Copy:
		return docsys.TemplateCopy
	case placement.Approval:
	}
	if form == "" || form == "self" {
		return docsys.TemplateSigner
	}
	return form
}

// LookOf settles how a mark looks; every mark that the program shows or makes has
// its look from here. The template is the one of the mark's role; a form of
// signing without a template of its own has that of the authorised person. Where
// it is locked it decides whether the mark is a picture and how large it is;
// otherwise a person's picture goes before the agency's text, and the template
// says how the rest looks. The blocks of annexes and copies have no picture (NĐ
// 30/2020/NĐ-CP, Annex I, part I, section II, point 8).
func LookOf(all docsys.MarkTemplates, r placement.Role, form string, c Choice) Look {
	l := Look{Role: r, Picture: c.Picture, diameter: c.Diameter}
	t, ok := all.Of(TemplateRole(r, form))
	if !ok && r == placement.Approval {
		t, ok = all.Of(docsys.TemplateSigner)
	}
	if ok {
		l.Template, l.Locked = &t, t.Locked
	}
	block := r == placement.Appendix || r == placement.Copy
	if block || l.Locked && !t.Picture {
		l.Unused = l.Picture != nil
		l.Picture = nil
	}
	if l.Locked && l.diameter != 0 && l.diameter != t.Width {
		l.diameter, l.Unused = 0, true
	}
	if ok && l.Picture != nil {
		l.Picture = faint(l.Picture, t.Opacity)
	}
	return l
}

// Size gives the size of the mark in points: as the agency's template bounds it,
// else as tradition has it, with the proportions of its picture.
func (l Look) Size() (w, h float64) {
	switch {
	case l.Role == placement.Seal && l.diameter > 0:
		return fit(l.diameter*mm, l.diameter*mm, l.Picture)
	case l.Template != nil:
		return fit(l.Template.Width*mm, l.Template.Height*mm, l.Picture)
	}
	return MarkSize(l.Role, l.Picture)
}

// Diameter is that of the seal, in millimetres.
func (l Look) Diameter() float64 {
	switch {
	case l.diameter > 0:
		return l.diameter
	case l.Template != nil:
		return l.Template.Width
	}
	return SealDiameter
}

// Dress gives a job the look.
func (l Look) Dress(j Job) Job {
	j.Image, j.Template = l.Picture, l.Template
	return j
}

// Look is the look that the job was given.
func (j Job) Look() Look {
	l := Look{Role: j.Role, Template: j.Template, Picture: j.Image}
	l.Locked = j.Template != nil && j.Template.Locked
	return l
}

// Lines are the lines of the mark where it has no picture, nil where it has one;
// those of a block are its own.
func (l Look) Lines(s cert.Subject, at time.Time) []string {
	if l.Picture != nil {
		return nil
	}
	return TemplateText(l.Role, l.Template, s, at)
}

// TemplateText gives the lines of a mark of text: as the agency's template wants
// them; without one, or where the certificate says nothing of what it wants, the
// holder alone for initials and TextMark for the rest.
func TemplateText(r placement.Role, t *docsys.MarkTemplate, s cert.Subject, at time.Time) []string {
	lines := templateLines(t, s, at)
	switch {
	case len(lines) > 0:
		return lines
	case r == placement.Initials:
		return []string{s.Name}
	}
	return TextMark(s, at)
}

// templateLines are what a template says, without what the certificate does not have.
func templateLines(t *docsys.MarkTemplate, s cert.Subject, at time.Time) []string {
	if t == nil {
		return nil
	}
	lines := []string{t.Text}
	for _, l := range t.Lines {
		lines = append(lines, map[string]string{"holder": s.Name, "title": s.Title, "unit": s.Unit, "time": signingTime(at)}[l])
	}
	return slices.DeleteFunc(lines, func(l string) bool { return l == "" })
}

// signingTime is a time by ISO 8601 in Vietnam's zone (NĐ 30/2020/NĐ-CP, Annex I).
func signingTime(at time.Time) string {
	return at.In(docsys.Hanoi()).Format("2006-01-02T15:04:05-07:00")
}

// faint gives a picture less of its opacity, in per cent; 0 and 100 leave it.
func faint(m image.Image, percent int) image.Image {
	if percent <= 0 || percent >= 100 {
		return m
	}
	b := m.Bounds()
	out := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			c := color.NRGBAModel.Convert(m.At(b.Min.X+x, b.Min.Y+y)).(color.NRGBA) //nolint:forcetypeassert // the model's own type
			c.A = uint8((int(c.A)*percent + 50) / 100)                              //nolint:gosec // at most 255
			out.SetNRGBA(x, y, c)
		}
	}
	return out
}

// Dressed gives a job the lines of all its marks of text, as the holder of a
// certificate signs them at the job's time; lines that are there stay, but for
// those of a block, which says when it was signed.
func (j Job) Dressed(s cert.Subject) Job {
	switch {
	case j.Block != nil:
		b := *j.Block
		b.At, b.Template = j.Time, j.Template
		j.Image, j.Lines = nil, b.Lines(s)
	case j.Image == nil && j.Lines == nil && j.Page != 0:
		j.Lines = TemplateText(j.Role, j.Template, s, j.Time)
	}
	j.Also = slices.Clone(j.Also)
	for i := range j.Also {
		if m := &j.Also[i]; m.Image == nil && m.Lines == nil {
			m.Lines = TemplateText(placement.Initials, m.Template, s, j.Time)
		}
	}
	return j
}

// Show draws a mark of text as a signature will set it in a box of w times h
// points, at some pixels to the point. font is the TrueType file in which the
// marks are set.
func Show(lines []string, font []byte, w, h, pixels float64) (image.Image, error) {
	return signer.Mark{Rect: signer.Rect{W: w, H: h}, Lines: lines, Font: font}.Show(pixels)
}
