package present

import (
	"context"
	"image"
	"slices"

	"kyso/app/docsys"
	"kyso/app/placement"
	"kyso/app/signing"
)

// Templates are how the agency wants marks to look.
type Templates interface {
	// Templates gives those that were heard last, also without a server.
	Templates() docsys.MarkTemplates
	// FetchTemplates asks the server; fresh reports that there are others now.
	FetchTemplates(ctx context.Context) (fresh bool, err error)
}

// formOf is the role of a template for what a person signs as: the form of the
// authority to sign for the unit, or the first one (NĐ 30/2020/NĐ-CP, Đ13).
func formOf(p docsys.Person, unit string) string {
	approves := func(a docsys.HeldAuthority) bool { return a.May == "approve" && (unit == "" || a.Unit == unit) }
	at := slices.IndexFunc(p.Authorities, approves)
	if at < 0 || p.Authorities[at].Form == "self" {
		return docsys.TemplateSigner
	}
	return p.Authorities[at].Form
}

// templateRole is the role of the template for a mark in a unit.
func templateRole(r placement.Role, p docsys.Person, unit string) string {
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
	return formOf(p, unit)
}

// template gives what the agency says of a mark; ok is false when it says nothing.
func (s *Services) template(r placement.Role, unit string) (t docsys.MarkTemplate, ok bool) {
	if s.Templates == nil {
		return t, false
	}
	return s.Templates.Templates().Of(templateRole(r, s.Person, unit))
}

// markSize gives the size of a mark, in points: as the agency wants it, else as
// package signing proposes.
func (s *Services) markSize(r placement.Role, unit string, picture image.Image) (w, h float64) {
	if t, ok := s.template(r, unit); ok {
		return signing.FitMark(t.Width, t.Height, picture)
	}
	return signing.MarkSize(r, picture)
}

// picture gives the picture of a mark, none where the agency wants text.
func (s *Services) picture(r placement.Role) image.Image {
	if t, ok := s.template(r, ""); ok && t.Locked && !t.Picture {
		return nil
	}
	return s.Picture(r)
}

// lockedSize reports that the agency fixed the size of a mark.
func (s *Services) lockedSize(r placement.Role, unit string) bool {
	t, ok := s.template(r, unit)
	return ok && t.Locked
}
