package present

import (
	"bytes"
	"context"
	"strings"

	"kyso/app/placement"
	"kyso/app/signing"
)

// Block is what the agency's block on an annex or a copy says (NĐ 30/2020/NĐ-CP,
// Annex I, part I, section II, point 8), as the person fills it in.
type Block struct {
	// Shown reports that the role has a block, Forms the forms of copies to choose
	// from, none for an annex.
	Shown bool
	Forms []string
	// Form is the form of copy, Number the number and symbol of the document of an
	// annex, Agency who makes the copy.
	Form, Number, Agency string
	// Unplaced says what is missing before the mark of the agency can be placed.
	Unplaced Text
}

// placeRole proposes the mark of the role: a person's by the text, the agency's
// by what is signed in the file or in the corner of the first page.
func (r *Reader) placeRole() {
	role := r.state.Role
	r.state.Block = Block{}
	switch {
	case role == placement.Seal && r.services.SealPlace != nil:
		r.placeSeal()
	case role == placement.Appendix || role == placement.Copy:
		b := Block{Shown: true, Agency: r.services.Person.UnitName}
		if role == placement.Copy {
			b.Forms = signing.CopyForms()
			b.Form = b.Forms[0]
		}
		if d := r.document; d != nil {
			b.Number = reference(d)
		}
		r.state.Block = b
		r.placeBlock()
	default:
		r.place()
	}
}

// placeSeal looks for the signature that the seal belongs to. Without one nothing
// is sealed (NĐ 30/2020/NĐ-CP, Đ32).
func (r *Reader) placeSeal() {
	serial, path, password := r.state.Serial, r.path, bytes.Clone(r.password)
	diameter := r.services.look(placement.Seal, unitOf(r.document)).Diameter()
	r.state.Marks, r.state.Note = nil, Text{}
	r.state.Block.Unplaced = say("reader.placing")
	r.allow()
	r.loop.Go(func(ctx context.Context) func() {
		defer clear(password)
		p, err := r.services.SealPlace(ctx, path, password, diameter)
		return func() {
			if serial != r.state.Serial || r.state.Role != placement.Seal {
				return
			}
			r.state.Block.Unplaced = Text{}
			if err != nil {
				r.state.Block.Unplaced = say("seal.nosignature")
			} else {
				r.put(p, nil)
			}
			r.allow()
			r.Changed(r.state)
		}
	})
}

// SetBlock takes what the block says: the form of a copy, the number of an annex's
// document, the agency.
func (r *Reader) SetBlock(form, number, agency string) {
	b := &r.state.Block
	if !b.Shown || (b.Form == form && b.Number == number && b.Agency == agency) {
		return
	}
	b.Form, b.Number, b.Agency = form, number, agency
	r.placeBlock()
	r.Changed(r.state)
}

// block is the block as the road makes it.
func (r *Reader) block() signing.Block {
	b := signing.Block{Role: r.state.Role, Text: strings.TrimSpace(r.state.Block.Number), At: r.services.Clock()}
	b.Template = r.services.look(b.Role, unitOf(r.document)).Template
	if b.Role == placement.Copy {
		b.Text, b.Agency = r.state.Block.Form, strings.TrimSpace(r.state.Block.Agency)
	}
	return b
}

// placeBlock places the block once all is filled in.
func (r *Reader) placeBlock() {
	b := r.block()
	r.state.Block.Unplaced = Text{}
	switch {
	case b.Role == placement.Appendix && b.Text == "":
		r.state.Block.Unplaced = say("block.nonumber")
	case b.Role == placement.Copy && b.Agency == "":
		r.state.Block.Unplaced = say("block.noagency")
	}
	if r.state.Block.Unplaced.Key != "" {
		r.state.Marks, r.state.Note = nil, Text{}
		r.allow()
		return
	}
	if r.services.BlockPlace == nil {
		r.place()
		return
	}
	serial, path, password := r.state.Serial, r.path, bytes.Clone(r.password)
	r.loop.Go(func(context.Context) func() {
		defer clear(password)
		p, lines, err := r.services.BlockPlace(b, path, password, r.services.holder())
		return func() {
			if serial != r.state.Serial || !r.block().Same(b) {
				return // another document, or the person went on typing
			}
			if err != nil {
				r.state.Block.Unplaced = say("reader.unreadable")
				r.state.Problem = r.services.problem(err)
			} else {
				r.put(p, lines)
			}
			r.allow()
			r.Changed(r.state)
		}
	})
}

// put shows the agency's mark where it was found to belong.
func (r *Reader) put(p placement.Proposal, lines []string) {
	m := r.services.mark(r.services.look(r.state.Role, unitOf(r.document)), p.Page, p.Rect)
	if lines != nil {
		m.Lines = lines
	}
	r.hand = hand{}
	r.state.Marks, r.state.Chosen, r.state.Initials = []Mark{m}, 0, Initials{On: InitialsNone}
	r.initials.serial++
	r.state.Note, r.state.NoteTone = say("place."+p.Why), Good
	if lines != nil && r.covers(p.Page, p.Rect) {
		r.state.Note, r.state.NoteTone = say("place.overtext"), Caution
	}
	if r.state.Role == placement.Seal && m.Picture == nil {
		r.state.Note, r.state.NoteTone = say("seal.nopicture"), Caution
	}
}
