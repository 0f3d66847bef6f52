package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	base "fyne.io/fyne/v2/theme"

	"kyso/app/gui/control"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// sentDetail shows the delivery that is selected: how far it is, what stands in the
// way and what to do about it, the server's proof, and all acts.
type sentDetail struct {
	object *fyne.Container

	words   *words.Words
	acts    SentActs
	title   *control.Text
	at      *control.Text
	proof   *control.Text
	problem *control.Note
	why     *container.Scroll // holds problem
	wishes  [5]*control.Button
	row     present.SentRow
	files   *fyne.Container
	receipt *control.Button
	shape   string // which parts are shown
	grown   func() // has the screen lay out anew
}

// whyHeight is the room for what stands in the way, in window units; more scrolls.
const whyHeight = 88

// newSentDetail makes a hidden one.
func newSentDetail(w *words.Words, a SentActs) *sentDetail {
	d := &sentDetail{
		words: w, acts: a, at: quiet(""), proof: quiet(""), grown: func() {}, problem: control.NewNote(),
		title: control.NewText("", base.ColorNameForeground, base.SizeNameText, fyne.TextStyle{Bold: true}),
	}
	d.files = a.Files.buttons(w, func() []string { return notEmpty(d.row.Path) })
	d.receipt = control.NewButtonWithIcon(w.T("sent.receipt"), control.Icon("check", base.ColorNameForeground), func() { a.Receipt(d.row.Receipt) })
	// Its height is fixed: a wrapped text knows its own only once it is shown.
	d.why = container.NewVScroll(d.problem)
	d.why.SetMinSize(fyne.NewSize(0, whyHeight))
	wishes := container.NewHBox()
	for i := range d.wishes {
		d.wishes[i] = control.NewButton("", func() { a.Do(d.row.ID, d.row.Acts[i].Wish) })
		wishes.Add(d.wishes[i])
	}
	buttons := container.NewHBox(d.files, d.receipt, layout.NewSpacer())
	texts := container.New(layout.NewCustomPaddedVBoxLayout(5), d.title, d.at, d.proof, d.why, wishes, buttons)
	d.object = container.NewVBox(control.NewPanel(texts))
	d.object.Hide()
	return d
}

// show draws a delivery, nil none.
func (d *sentDetail) show(r *present.SentRow) {
	d.object.Hidden = r == nil
	if r == nil {
		d.reshape("")
		return
	}
	d.row = *r
	d.title.Set(r.Title)
	key := "sent.queuedat"
	if r.Proof != "" {
		key = "sent.at"
	}
	d.at.Set(joined(d.words.Say(r.State), d.words.Say(present.Text{Key: key, Args: map[string]any{"At": r.At}})))
	d.proof.Hidden = r.Proof == ""
	d.proof.Set(d.words.Say(present.Text{Key: "sent.proof", Args: map[string]any{"Hash": r.Proof}}))
	text, tone := "", r.Tone
	if p := r.Problem; p != nil {
		text = p.Title + " " + p.Cause + "\n" + p.Next
	}
	d.problem.Set(text, tone)
	if text == "" {
		d.why.Hide()
	} else {
		d.why.Show()
		d.why.ScrollToTop()
	}
	shape := []string{text, r.ID, r.Receipt, r.Proof}
	for i, b := range d.wishes {
		b.Hidden = i >= len(r.Acts)
		if b.Hidden {
			b.Refresh()
			continue
		}
		b.Icon = wishIcon(r.Acts[i].Wish)
		b.SetText(d.words.Say(r.Acts[i].Name))
		shape = append(shape, string(r.Acts[i].Wish))
	}
	d.receipt.Hidden = r.Receipt == ""
	d.receipt.Refresh()
	d.reshape(joined(shape...))
}

// reshape gives the parts their room when others are shown.
func (d *sentDetail) reshape(shape string) {
	if d.shape != shape {
		d.shape = shape
		d.object.Refresh()
		d.grown()
	}
}
