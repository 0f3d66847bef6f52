package present

import (
	"image"
	"slices"

	"kyso/app/docsys"
	"kyso/app/placement"
	"kyso/app/signing"
)

// Smallest mark, in points.
const (
	minMarkW = 24
	minMarkH = 12
)

// snapUnits is how near, in window units, a dragged mark comes to a line before it
// follows it.
const snapUnits = 5

// Guide is a line on a page that shows what a dragged mark lines up with.
type Guide struct {
	placement.Guide

	Page int
}

// maxUndo bounds the moves that can be taken back.
const maxUndo = 100

// Mark is a mark on a page as it stands now.
type Mark struct {
	Page int // from 1
	Rect placement.Rect
	// Role is what the mark is for: that of the document for the first, initials
	// for the others.
	Role placement.Role
	// Picture is what is drawn; nil for a mark of text.
	Picture image.Image
	// Lines are those of a mark of text, as they stand now; Show draws them.
	Lines []string
	// Template is how the agency wants the mark, nil where it says nothing; Locked
	// reports that it fixed the size.
	Template *docsys.MarkTemplate
	Locked   bool
	// Font is the TrueType file in which Lines are set.
	Font []byte
}

// Mark gives the principal mark; its page is 0 while there is none.
func (s ReaderState) Mark() Mark {
	if len(s.Marks) == 0 {
		return Mark{}
	}
	return s.Marks[0]
}

// hand is how the person moves marks.
type hand struct {
	holds bool     // a drag is under way
	kept  bool     // its beginning is in undo already
	undo  [][]Mark // how the marks stood before each move, the latest last
}

// Grab takes hold of a mark: it is the chosen one, and until Drop all its moves
// are one.
func (r *Reader) Grab(mark int) {
	if mark < 0 || mark >= len(r.state.Marks) {
		return
	}
	r.state.Chosen = mark
	r.hand.holds, r.hand.kept = true, false
	r.MarkMoved(r.state)
}

// Drop lets go of what Grab took.
func (r *Reader) Drop() {
	r.hand.holds = false
	if r.state.Guides != nil {
		r.state.Guides = nil
		r.MarkMoved(r.state)
	}
}

// NextMark chooses the next mark, or the one before with −1, and gives its place.
func (r *Reader) NextMark(step int) Spot {
	n := len(r.state.Marks)
	if n == 0 {
		return Spot{}
	}
	r.state.Chosen = (r.state.Chosen + step + n) % n
	r.MarkMoved(r.state)
	m := r.state.Marks[r.state.Chosen]
	return Spot{m.Page, m.Rect}
}

// MoveMark puts the chosen mark on a page; it is kept on the page and not too small.
func (r *Reader) MoveMark(page int, to placement.Rect) {
	if len(r.state.Marks) == 0 || page < 1 || page > len(r.state.Pages) {
		return
	}
	r.keep()
	to = within(to, r.state.Pages[page-1])
	if now := r.state.Marks[r.state.Chosen]; now.Locked {
		to.W, to.H = now.Rect.W, now.Rect.H // the agency fixed the size
	}
	r.state.Marks = slices.Clone(r.state.Marks) // states that were handed out stay as they are
	m := &r.state.Marks[r.state.Chosen]
	to = r.snapped(page, to, m.Rect)
	m.Page, m.Rect = page, to
	if r.state.Chosen > 0 {
		r.countInitials()
	} else {
		r.noteMark()
	}
	r.MarkMoved(r.state)
}

// snapped lines a dragged mark up with what is on the page, and shows the lines
// that it follows. Keys and corners move freely.
func (r *Reader) snapped(page int, to, from placement.Rect) placement.Rect {
	r.state.Guides = nil
	p, known := r.read[page]
	if !r.hand.holds || !known || to.W != from.W || to.H != from.H {
		return to
	}
	to, guides := placement.Snap(p, to, snapUnits/r.state.Zoom)
	for _, g := range guides {
		r.state.Guides = append(r.state.Guides, Guide{g, page})
	}
	return to
}

// noteMark says where the principal mark stands after the person moved it.
func (r *Reader) noteMark() {
	r.state.Note, r.state.NoteTone = say("place.byhand"), Plain
	if m := r.state.Marks[0]; r.covers(m.Page, m.Rect) {
		r.state.Note, r.state.NoteTone = say("place.overtext"), Caution
	}
}

// keep remembers how the marks stand, once for a drag.
func (r *Reader) keep() {
	if r.hand.holds && r.hand.kept {
		return
	}
	r.hand.kept = true
	r.hand.undo = append(r.hand.undo, r.state.Marks)
	if len(r.hand.undo) > maxUndo {
		r.hand.undo = slices.Delete(r.hand.undo, 0, 1)
	}
}

// Nudge moves the chosen mark by points, to the right and up.
func (r *Reader) Nudge(dx, dy float64) {
	if len(r.state.Marks) == 0 {
		return
	}
	m := r.state.Marks[r.state.Chosen]
	m.Rect.X, m.Rect.Y = m.Rect.X+dx, m.Rect.Y+dy
	r.MoveMark(m.Page, m.Rect)
}

// Undo takes the last move or removal back.
func (r *Reader) Undo() {
	last := len(r.hand.undo) - 1
	if last < 0 || r.hand.holds {
		return
	}
	principal := r.state.Mark()
	r.state.Marks, r.hand.undo = r.hand.undo[last], r.hand.undo[:last]
	r.state.Chosen = min(r.state.Chosen, len(r.state.Marks)-1)
	if now := r.state.Mark(); now.Page != principal.Page || now.Rect != principal.Rect {
		r.noteMark()
	}
	r.countInitials()
	r.Changed(r.state)
}

// RemoveMark takes the chosen initials away. The principal mark stays: a
// signature that nobody sees is not what the person wants.
func (r *Reader) RemoveMark() {
	at := r.state.Chosen
	if at <= 0 || at >= len(r.state.Marks) || r.hand.holds {
		if len(r.state.Marks) > 0 {
			r.state.Note, r.state.NoteTone = say("place.principal"), Plain
			r.MarkMoved(r.state)
		}
		return
	}
	r.keep()
	r.state.Marks = slices.Delete(slices.Clone(r.state.Marks), at, at+1)
	r.state.Chosen = min(at, len(r.state.Marks)-1)
	r.countInitials()
	r.Changed(r.state)
}

// covers reports that a rectangle lies over text or an earlier mark.
func (r *Reader) covers(page int, m placement.Rect) bool {
	p, ok := r.read[page]
	return ok && covered(p, m)
}

// covered reports that a rectangle lies over text or an earlier mark of a page.
func covered(p placement.Page, m placement.Rect) bool {
	over := func(o placement.Rect) bool {
		return m.X < o.X+o.W && o.X < m.X+m.W && m.Y < o.Y+o.H && o.Y < m.Y+m.H
	}
	return slices.ContainsFunc(p.Marks, over) ||
		slices.ContainsFunc(p.Lines, func(l placement.Line) bool { return over(l.Rect) })
}

// Confirm signs the document with the marks where they stand.
func (r *Reader) Confirm() {
	if !r.state.CanSign || len(r.state.Marks) == 0 {
		return
	}
	if r.practising {
		r.Rehearse(r.job())
		return
	}
	r.Sign(r.job())
}

// Practise walks the road with the marks where they stand, for practice.
func (r *Reader) Practise() {
	if r.state.CanPractise {
		r.Rehearse(r.job())
	}
}

// job is what is to be signed: one act, with all its marks.
func (r *Reader) job() signing.Job {
	first := r.state.Marks[0]
	j := signing.Job{
		Path: r.path, Document: r.document, Role: r.state.Role,
		Page: first.Page, Rect: first.Rect, Image: first.Picture, Password: slices.Clone(r.password),
		NotSecret: r.vouched, Template: first.Template,
	}
	if r.state.Block.Shown {
		b := r.block()
		j.Block = &b
	}
	for _, m := range r.state.Marks[1:] {
		j.Also = append(j.Also, signing.Mark{Page: m.Page, Rect: m.Rect, Image: m.Picture, Template: m.Template})
	}
	return j
}
