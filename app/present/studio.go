package present

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"kyso/app/docsys"
	"kyso/app/placement"
	"kyso/app/signing"
	"kyso/app/studio"
)

// Marks keeps the pictures of a person's marks; what is kept is used by the next
// signature.
type Marks interface {
	// Mark gives the picture of a role, nil when there is none.
	Mark(r placement.Role) image.Image
	KeepMark(r placement.Role, m image.Image) error
	DropMark(r placement.Role) error
}

// StudioCheck is one thing that a picture should be.
type StudioCheck struct {
	Text Text
	Tone Tone
}

// StudioState is the screen "Xưởng chữ ký".
type StudioState struct {
	Role placement.Role
	// Roles are those that the person may make pictures for.
	Roles []placement.Role
	// Drawing shows the pad; Strokes are what the pen did on it.
	Drawing bool
	Strokes []studio.Stroke
	// Picture is what is kept, or what would be kept; nil for nothing.
	Picture image.Image
	// Photo reports that a picture was opened, which can be turned and cleaned
	// anew; Strength and Blue, for a seal red, are how.
	Photo    bool
	Strength float64
	Blue     bool
	Checks   []StudioCheck
	// Width and Height are the mark's size on paper, in millimetres; Title and Name
	// stand above and under it on the sample.
	Width, Height float64
	// Under is the signature that a seal covers by a third, of the size given; nil
	// for other marks.
	Under                   image.Image
	UnderWidth, UnderHeight float64
	Title, Name             string
	// Rule says what the agency wants of the mark, Basis is its own rule in its words;
	// Locked reports that nobody may choose otherwise, TextOnly that it wants no picture.
	Rule             Text
	Basis            string
	Locked, TextOnly bool
	// Sample is the mark as a signature would have it now.
	Sample       Mark
	Fresh        bool // Picture is not kept yet
	CanRemove    bool
	Busy, Notice Text
	Problem      *Problem
}

// Studio is the presenter of the pictures of marks.
type Studio struct {
	services *Services
	loop     Loop
	state    StudioState
	photo    image.Image
	clean    *image.NRGBA // before Blue
	round    int

	// Changed is told each new state.
	Changed func(StudioState)
}

func newStudio(s *Services, l Loop) *Studio {
	return &Studio{services: s, loop: l, state: StudioState{Role: placement.Approval}, Changed: func(StudioState) {}}
}

// State gives the state as it is.
func (s *Studio) State() StudioState { return s.state }

// Visit shows what is kept for the role.
func (s *Studio) Visit() {
	s.SetRole(s.state.Role)
	s.refresh()
}

// picturesOf are the marks that a person may have pictures for: those of the
// roles in which he may sign, but for blocks of text.
func picturesOf(p docsys.Person) []placement.Role {
	out := slices.DeleteFunc(rolesOf(p), func(r placement.Role) bool { return r == placement.Appendix || r == placement.Copy })
	slices.SortFunc(out, func(a, b placement.Role) int { return strings.Compare(string(a), string(b)) }) // approval, initials, seal
	return out
}

// SetRole shows what is kept for a role: approval, initials or seal.
func (s *Studio) SetRole(r placement.Role) {
	s.round++
	s.photo, s.clean = nil, nil
	s.state = StudioState{Role: r, Roles: picturesOf(s.services.Person), Title: s.services.Person.Title, Name: s.services.Person.Name}
	if s.services.Marks != nil {
		s.state.Picture = s.services.Marks.Mark(r)
		s.state.CanRemove = s.state.Picture != nil
	}
	s.draw()
}

// draw judges the picture and tells the state.
func (s *Studio) draw() {
	s.state.Photo = s.photo != nil
	s.state.Checks = nil
	look := s.rule()
	const mm = 72 / 25.4
	w, h := look.Size()
	s.state.Width, s.state.Height = w/mm, h/mm
	s.state.Sample = s.services.mark(look, 0, placement.Rect{W: w, H: h})
	if s.state.Role == placement.Seal && look.Picture == nil {
		s.state.Sample.Lines = nil // there is no seal of text
	}
	if s.state.Picture != nil {
		s.state.Checks = checksOf(s.state.Role, studio.Judge(asNRGBA(s.state.Picture)))
	}
	s.state.Under = nil
	if s.state.Role == placement.Seal {
		under := s.services.look(placement.Approval, "")
		w, h := under.Size()
		s.state.Under, s.state.UnderWidth, s.state.UnderHeight = under.Picture, w/mm, h/mm
	}
	s.Changed(s.state)
}

// rule tells what the agency says of the mark, and settles how it looks with the
// picture that is shown.
func (s *Studio) rule() signing.Look {
	s.state.Rule, s.state.Basis, s.state.Locked, s.state.TextOnly = Text{}, "", false, false
	var all docsys.MarkTemplates
	if s.services.Templates != nil {
		all = s.services.Templates.Templates()
	}
	look := s.services.lookWith(all, s.state.Role, "", signing.Choice{Picture: s.state.Picture})
	t := look.Template
	if t == nil {
		return look
	}
	key := "studio.rule.picture"
	if !t.Picture {
		key = "studio.rule.text"
	}
	s.state.Rule = say(key, "Width", decimal(t.Width), "Height", decimal(t.Height))
	s.state.Basis = all.Basis
	s.state.Locked, s.state.TextOnly = t.Locked, t.Locked && !t.Picture
	if s.state.TextOnly {
		s.state.Picture, s.state.Fresh = nil, false
	}
	return look
}

// decimal writes a number with the comma of Vietnamese.
func decimal(v float64) string {
	return strings.Replace(strconv.FormatFloat(v, 'f', -1, 64), ".", ",", 1)
}

// refresh asks the server how the agency wants marks to look now.
func (s *Studio) refresh() {
	if s.services.Templates == nil {
		return
	}
	s.loop.Go(func(ctx context.Context) func() {
		fresh, err := s.services.Templates.FetchTemplates(ctx)
		return func() {
			if err == nil && fresh { // else those at hand go on to hold
				s.draw()
			}
		}
	})
}

func asNRGBA(m image.Image) *image.NRGBA {
	if n, ok := m.(*image.NRGBA); ok {
		return n
	}
	out := image.NewNRGBA(image.Rectangle{Max: m.Bounds().Size()})
	draw.Draw(out, out.Rect, m, m.Bounds().Min, draw.Src)
	return out
}

// checksOf says what a picture is and is not.
func checksOf(role placement.Role, f studio.Finding) []StudioCheck {
	pick := func(good bool, yes, no Text) StudioCheck {
		if good {
			return StudioCheck{yes, Good}
		}
		return StudioCheck{no, Caution}
	}
	if role == placement.Seal {
		return []StudioCheck{
			pick(f.Red, say("studio.red"), say("studio.notred")),
			pick(f.Round, say("studio.round"), say("studio.notround")),
			pick(f.Transparent, say("studio.clear"), say("studio.notclear")),
			pick(f.Sharp, say("studio.sharp"), say("studio.notsharp")),
		}
	}
	return []StudioCheck{
		pick(f.Blue, say("studio.blue"), say("studio.notblue")),
		pick(f.Transparent, say("studio.clear"), say("studio.notclear")),
		pick(f.Sharp, say("studio.sharp"), say("studio.notsharp")),
	}
}

// Open takes a picture of a file and cleans it.
func (s *Studio) Open(path string) {
	s.begin(func() (image.Image, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("open the picture: %w", err)
		}
		m, err := studio.Read(f)
		return m, errors.Join(err, f.Close())
	})
}

// begin works on a picture that comes from somewhere.
func (s *Studio) begin(from func() (image.Image, error)) {
	s.round++
	round, strength := s.round, s.state.Strength
	s.state.Drawing, s.state.Notice, s.state.Problem, s.state.Busy = false, Text{}, nil, say("studio.cleaning")
	s.draw()
	s.loop.Go(func(context.Context) func() {
		m, err := from()
		var clean *image.NRGBA
		if err == nil {
			clean, err = studio.Clean(m, strength)
		}
		return func() {
			if round == s.round {
				s.cleaned(m, clean, err)
			}
		}
	})
}

// cleaned shows what came of it.
func (s *Studio) cleaned(photo image.Image, clean *image.NRGBA, err error) {
	s.state.Busy = Text{}
	if err != nil {
		s.state.Problem = s.services.problem(err)
		if photo != nil {
			s.photo = photo // it may be turned or cleaned otherwise
		}
		s.draw()
		return
	}
	s.photo, s.clean = photo, clean
	found := studio.Judge(clean)
	right := found.Blue
	if s.state.Role == placement.Seal {
		right = found.Red
	}
	s.state.Blue = s.state.Blue || !right
	s.propose(clean)
}

// propose shows a picture that is not kept yet.
func (s *Studio) propose(m *image.NRGBA) {
	if s.state.Blue && s.photo != nil {
		ink := studio.Blue()
		if s.state.Role == placement.Seal {
			ink = studio.Red()
		}
		m = studio.Recolour(m, ink)
	}
	s.state.Picture, s.state.Fresh, s.state.Problem = m, true, nil
	s.draw()
}

// Turn turns the photograph a quarter to the right.
func (s *Studio) Turn() {
	if m := s.photo; m != nil {
		s.begin(func() (image.Image, error) { return studio.Rotate(m), nil })
	}
}

// SetStrength moves the border between ink and paper, −1 to 1.
func (s *Studio) SetStrength(v float64) {
	s.state.Strength = v
	if m := s.photo; m != nil {
		s.begin(func() (image.Image, error) { return m, nil })
	}
}

// SetBlue recolours the ink, or leaves it as it was.
func (s *Studio) SetBlue(on bool) {
	s.state.Blue = on
	if s.clean != nil {
		s.propose(s.clean)
	}
}

// Draw shows the pad. Nobody draws a seal.
func (s *Studio) Draw() {
	if s.state.Role == placement.Seal {
		return
	}
	s.round++
	s.photo, s.clean = nil, nil
	s.state.Drawing, s.state.Strokes, s.state.Problem, s.state.Notice, s.state.Busy = true, nil, nil, Text{}, Text{}
	s.draw()
}

// Add takes a stroke of the pen.
func (s *Studio) Add(stroke studio.Stroke) {
	if s.state.Drawing && len(stroke) > 0 {
		s.state.Strokes = append(slices.Clip(s.state.Strokes), stroke)
		s.sketch()
	}
}

// Undo takes the last stroke back.
func (s *Studio) Undo() {
	if n := len(s.state.Strokes); n > 0 {
		s.state.Strokes = s.state.Strokes[:n-1]
		s.sketch()
	}
}

// sketch shows what the strokes make.
func (s *Studio) sketch() {
	m, err := studio.Draw(s.state.Strokes)
	if err != nil {
		s.state.Picture, s.state.Fresh = nil, false
		s.draw()
		return
	}
	s.state.Picture, s.state.Fresh = m, true
	s.draw()
}

// Keep keeps the picture: from now on the role's marks have it.
func (s *Studio) Keep() {
	if !s.state.Fresh || s.state.Picture == nil || s.services.Marks == nil {
		return
	}
	if err := s.services.Marks.KeepMark(s.state.Role, s.state.Picture); err != nil {
		s.state.Problem = s.services.problem(err)
		s.draw()
		return
	}
	s.SetRole(s.state.Role)
	s.state.Notice = say("studio.kept")
	s.draw()
}

// Remove drops the picture that is kept: marks are made of text again.
func (s *Studio) Remove() {
	if !s.state.CanRemove || s.services.Marks == nil {
		return
	}
	if err := s.services.Marks.DropMark(s.state.Role); err != nil {
		s.state.Problem = s.services.problem(err)
		s.draw()
		return
	}
	s.SetRole(s.state.Role)
	s.state.Notice = say("studio.removed")
	s.draw()
}

// Cancel shows what is kept again.
func (s *Studio) Cancel() { s.SetRole(s.state.Role) }

// MarkFile is where the picture of a role is kept below the program's folder.
func MarkFile(folder string, r placement.Role) string {
	return filepath.Join(folder, "marks", string(r)+".png")
}
