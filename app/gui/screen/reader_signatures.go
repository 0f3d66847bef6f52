package screen

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// signatures lists the signatures that a document has. Each is a card: verdict,
// who and when; tapped, it says all and its place on the pages is framed.
type signatures struct {
	object *fyne.Container

	words  *words.Words
	choose func(signature int)
	head   *control.Text
	note   *control.Note
	calm   *widget.Label
	asking *control.Text
	list   *fyne.Container
	cards  []*control.Card
	// What is drawn: it stays, with the keyboard's place, until something else comes.
	shown  []present.Signed
	chosen int
}

// newSignatures makes an empty list.
func newSignatures(w *words.Words, choose func(int)) *signatures {
	s := &signatures{
		words: w, choose: choose, head: subheading(w.T("signatures.title")), note: control.NewNote(),
		calm: wrapped(""), asking: quiet(w.T("signatures.asking")), list: container.NewVBox(), chosen: -1,
	}
	s.calm.Importance = widget.LowImportance
	s.asking.Hide()
	s.object = container.NewVBox(s.head, s.note, s.calm, s.asking, s.list)
	return s
}

// show draws a state; without pages there is nothing to say.
func (s *signatures) show(st present.Signatures, open bool) {
	s.object.Hidden = !open || st.Summary.Key == ""
	text := s.words.Say(st.Summary)
	if st.Problem != nil {
		text += "\n" + st.Problem.Cause + "\n" + st.Problem.Next
	}
	calm := ""
	if st.Tone == present.Plain { // no signature, or not judged yet: nothing to call out
		text, calm = "", text
	}
	s.note.Set(text, st.Tone)
	s.calm.SetText(calm)
	s.calm.Hidden = calm == ""
	s.asking.Hidden = !st.Asking
	if same(st.List, s.shown) && st.Chosen == s.chosen {
		return
	}
	rebuild := !same(st.List, s.shown)
	s.shown, s.chosen = st.List, st.Chosen
	if rebuild {
		s.build()
	}
	for i, c := range s.cards {
		c.Choose(i == st.Chosen)
	}
}

// same reports that two lists are one.
func same(a, b []present.Signed) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// build makes the cards, and keeps the keyboard's place among them.
func (s *signatures) build() {
	focused := -1
	c := fyne.CurrentApp().Driver().CanvasForObject(s.object)
	for i, card := range s.cards {
		if c != nil && c.Focused() == fyne.Focusable(card) {
			focused = i
		}
	}
	s.list.RemoveAll()
	s.cards = nil
	for i, one := range s.shown {
		card := control.NewCard(s.one(one), one.Tone, func() { s.choose(i) })
		s.cards = append(s.cards, card)
		s.list.Add(card)
	}
	if focused >= 0 && focused < len(s.cards) {
		c.Focus(s.cards[focused])
	}
}

// one is the content of a card.
func (s *signatures) one(d present.Signed) fyne.CanvasObject {
	name := d.Name
	if d.Stamp {
		name = s.words.T("signatures.stamp")
	}
	box := container.New(layout.NewCustomPaddedVBoxLayout(3),
		control.NewText(name, base.ColorNameForeground, base.SizeNameText, fyne.TextStyle{Bold: true}))
	if d.Post != "" && !d.Stamp {
		box.Add(small(d.Post, ""))
	}
	when := d.At
	if d.Purpose != "" && !d.Stamp {
		when = d.Purpose + "  ·  " + when
	}
	box.Add(quiet(when))
	box.Add(control.NewChip(d.Word, d.Tone))
	if d.Reason != "" {
		box.Add(small(d.Reason, ""))
	}
	if d.Open {
		s.details(box, d)
	}
	s.after(box, d)
	for _, w := range d.Warnings {
		box.Add(small(s.words.T("signatures.look"), w))
	}
	return box
}

// details adds what is shown of an open card only.
func (s *signatures) details(box *fyne.Container, d present.Signed) {
	if d.Stamp {
		box.Add(small(s.words.T("signatures.by"), d.Name))
	}
	box.Add(small(s.words.T("signatures.time"), d.Source))
	box.Add(small(s.words.T("signatures.issuer"), d.Issuer))
	box.Add(small(s.words.T("signatures.bytes"), d.Bytes))
	if d.Level != "" {
		box.Add(small(s.words.T("signatures.level"), "PAdES "+d.Level))
	}
	if len(d.Places) == 0 {
		box.Add(small(s.words.T("signatures.place"), s.words.T("signatures.invisible")))
		return
	}
	var pages []int
	for _, p := range d.Places {
		if n := len(pages); n == 0 || pages[n-1] != p.Page {
			pages = append(pages, p.Page)
		}
	}
	box.Add(small(s.words.T("signatures.place"), s.onPages(present.Ranges(pages))))
}

// after adds what came after a signature: what is not permitted always, the rest
// when the card is open.
func (s *signatures) after(box *fyne.Container, d present.Signed) {
	if d.Open && len(d.After) == 0 {
		box.Add(small(s.words.T("signatures.after"), s.words.T("signatures.unchanged")))
		return
	}
	headed := false
	for _, a := range d.After {
		if !d.Open && a.Permitted {
			continue
		}
		if !headed {
			headed = true
			box.Add(strong(s.words.T("signatures.after")))
		}
		where := s.words.T("signatures.wholefile")
		if a.Pages != "" {
			where = s.onPages(a.Pages)
		}
		box.Add(small(where, strings.Join(a.What, "; ")))
	}
}

// onPages says "trang 1–4".
func (s *signatures) onPages(pages string) string {
	return s.words.Say(present.Text{Key: "signatures.pages", Args: map[string]any{"Pages": pages}})
}

// small is a label and what it says, in small letters over as many lines as needed.
func small(label, text string) fyne.CanvasObject {
	segment := func(text string, bold bool) widget.RichTextSegment {
		return &widget.TextSegment{Text: text, Style: widget.RichTextStyle{
			Inline: true, SizeName: base.SizeNameCaptionText, ColorName: base.ColorNameForeground, TextStyle: fyne.TextStyle{Bold: bold},
		}}
	}
	r := widget.NewRichText(segment(label, text != ""))
	if text != "" {
		r.Segments[0] = segment(label+": ", true)
		r.Segments = append(r.Segments, segment(text, false))
	}
	r.Wrapping = fyne.TextWrapWord
	pad := base.Size(base.SizeNameInnerPadding)
	return container.New(layout.NewCustomPaddedLayout(1-pad, 1-pad, -pad, -pad), r)
}

// strong is a small line in bold.
func strong(text string) fyne.CanvasObject {
	return control.NewText(text, base.ColorNameForeground, base.SizeNameCaptionText, fyne.TextStyle{Bold: true})
}
