package present

import (
	"context"
	"image"
	"reflect"
	"slices"
	"sync"

	"kyso/app/docsys"
	"kyso/app/placement"
	"kyso/app/signing"
	"kyso/signer/cert"
)

// Templates are how the agency wants marks to look.
type Templates interface {
	// Templates gives those that were heard last, also without a server.
	Templates() docsys.MarkTemplates
	// FetchTemplates asks the server; fresh reports that there are others now.
	FetchTemplates(ctx context.Context) (fresh bool, err error)
}

// formOf is the form in which a person signs for a unit: that of the authority
// to approve for it, or of the first one (NĐ 30/2020/NĐ-CP, Đ13).
func formOf(p docsys.Person, unit string) string {
	approves := func(a docsys.HeldAuthority) bool { return a.May == "approve" && (unit == "" || a.Unit == unit) }
	if at := slices.IndexFunc(p.Authorities, approves); at >= 0 {
		return p.Authorities[at].Form
	}
	return "self"
}

// looks keeps looks that were settled, so that the documents of a batch share one
// picture.
type looks struct {
	mu   sync.Mutex
	made map[lookKey]signing.Look
}

// lookKey is all that a look follows from.
type lookKey struct {
	role    placement.Role
	form    string
	version int // of the templates
	picture image.Image
}

// mostLooks bounds what is kept: pictures are large.
const mostLooks = 32

// look settles how a mark of the person in a unit looks; see signing.LookOf. It may
// be asked from any goroutine.
func (s *Services) look(r placement.Role, unit string) signing.Look {
	var all docsys.MarkTemplates
	if s.Templates != nil {
		all = s.Templates.Templates()
	}
	var c signing.Choice
	if s.Picture != nil {
		c.Picture = s.Picture(r)
	}
	return s.lookWith(all, r, unit, c)
}

func (s *Services) lookWith(all docsys.MarkTemplates, r placement.Role, unit string, c signing.Choice) signing.Look {
	form := formOf(s.Person, unit)
	if c.Picture != nil && !reflect.TypeOf(c.Picture).Comparable() {
		return signing.LookOf(all, r, form, c)
	}
	key := lookKey{r, form, all.Version, c.Picture}
	s.looks.mu.Lock()
	defer s.looks.mu.Unlock()
	l, known := s.looks.made[key]
	if !known {
		if l = signing.LookOf(all, r, form, c); len(s.looks.made) >= mostLooks || s.looks.made == nil {
			s.looks.made = map[lookKey]signing.Look{}
		}
		s.looks.made[key] = l
	}
	return l
}

// holder is the person as the subject of the certificate that signs is going to
// say; the signature has what the certificate says.
func (s *Services) holder() cert.Subject {
	return cert.Subject{Name: s.Person.Name, Title: s.Person.Title, Unit: s.Person.UnitName}
}

// mark makes a mark with a look at a place.
func (s *Services) mark(l signing.Look, page int, at placement.Rect) Mark {
	m := Mark{Page: page, Rect: at, Role: l.Role, Picture: l.Picture, Template: l.Template, Locked: l.Locked, Font: s.MarkFont}
	if s.Person.Name != "" { // else only the certificate knows what the mark says
		m.Lines = l.Lines(s.holder(), s.Clock())
	}
	return m
}

// Show draws a mark of text at some pixels to the point, as the signature will
// set it; it gives nil for a mark with a picture and for text that cannot be set.
func (m Mark) Show(pixels float64) image.Image {
	if m.Picture != nil || len(m.Lines) == 0 || m.Font == nil {
		return nil
	}
	shown, err := signing.Show(m.Lines, m.Font, m.Rect.W, m.Rect.H, pixels)
	if err != nil {
		return nil // what cannot be set is refused, with the reason, when it is signed
	}
	return shown
}
