package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// DoctorActs are what the person can do on the check-up.
type DoctorActs struct {
	Again, Stop, Save, Copy func()
	Reveal                  func(path string)
}

// Doctor is the screen "Kiểm tra máy".
type Doctor struct {
	Object fyne.CanvasObject

	words    *words.Words
	state    present.DoctorState
	when     *control.Text
	headline *control.Note
	progress *control.Bar
	notice   *control.Note
	problem  *Problem
	empty    *Empty
	details  *control.Check
	again    *control.Button
	stop     *control.Button
	save     *control.Button
	copied   *control.Button
	reveal   *control.Button
	cards    *fyne.Container
	scroll   *container.Scroll
}

// NewDoctor makes the screen.
func NewDoctor(w *words.Words, a DoctorActs) *Doctor {
	d := &Doctor{
		words: w, when: quiet(""), headline: control.NewNote(), progress: control.NewBar(), notice: control.NewNote(),
		problem: NewProblem(), empty: NewEmpty("doctor"), cards: container.New(layout.NewCustomPaddedVBoxLayout(8)),
	}
	d.details = control.NewCheck(w.T("doctor.details"), func(bool) { d.draw() })
	d.again = control.NewButtonWithIcon(w.T("doctor.again"), control.Icon("refresh", base.ColorNameForeground), a.Again)
	d.stop = control.NewButtonWithIcon(w.T("doctor.stop"), control.Icon("stop", base.ColorNameForeground), a.Stop)
	d.save = control.NewButton(w.T("doctor.save"), a.Save)
	d.copied = control.NewButton(w.T("doctor.copy"), a.Copy)
	d.reveal = control.NewButton(w.T("doctor.reveal"), func() { a.Reveal(d.state.Saved) })
	d.layout()
	return d
}

// layout arranges the parts.
func (d *Doctor) layout() {
	top := container.NewVBox(head(heading(d.words.T("doctor.title")), d.when, d.again, d.stop), d.headline, d.progress, d.problem.Object,
		container.NewBorder(nil, nil, nil, center(d.reveal), d.notice))
	foot := container.NewVBox(widget.NewSeparator(), container.NewHBox(d.details, layout.NewSpacer(), d.copied, d.save))
	d.scroll = container.NewVScroll(container.New(layout.NewCustomPaddedLayout(2, 10, 0, 12), d.cards))
	d.Object = padded(container.NewBorder(top, foot, nil, nil, container.NewStack(d.scroll, d.empty.Object)), 8, 20)
}

// Show draws a state.
func (d *Doctor) Show(s present.DoctorState) {
	fresh := d.state.Running && !s.Running
	d.state = s
	w := d.words
	d.when.Set(w.T("doctor.sub"))
	for _, t := range []present.Text{s.When, s.Progress} {
		if t.Key != "" {
			d.when.Set(w.Say(t))
		}
	}
	d.headline.Set(s.Headline, s.Tone)
	d.progress.Hidden = !s.Running
	d.progress.Set(float64(s.Done) / float64(max(s.All, 1)))
	d.notice.Set(w.Say(s.Notice), present.Plain)
	d.problem.Set(s.Problem)
	d.empty.Set(w.Say(s.Empty), w.T("doctor.none.help"))
	show(d.stop, s.Running)
	show(d.again, !s.Running && s.Empty.Key == "")
	show(d.save, s.CanSave)
	show(d.copied, s.CanSave)
	show(d.reveal, s.Saved != "" && s.Notice.Key != "")
	show(d.details, len(s.Groups) > 0)
	d.draw()
	if fresh {
		d.scroll.ScrollToTop()
	}
}

// show shows or hides an object.
func show(o fyne.CanvasObject, shown bool) {
	if shown {
		o.Show()
	} else {
		o.Hide()
	}
}

// draw makes the cards of the groups.
func (d *Doctor) draw() {
	d.cards.RemoveAll()
	for _, g := range d.state.Groups {
		title := container.NewHBox(subheading(g.Name).Whole(), wide(8), center(control.NewChip(g.State, g.Tone)))
		d.cards.Add(control.NewPanel(container.New(layout.NewCustomPaddedVBoxLayout(6), title, d.rows(g.Rows))))
	}
	d.cards.Refresh()
}

// rows makes the rows of a group: those that are well stand close together.
func (d *Doctor) rows(all []present.DoctorRow) fyne.CanvasObject {
	box := container.New(layout.NewCustomPaddedVBoxLayout(4))
	var well *fyne.Container
	for _, r := range all {
		row := doctorRow(r, d.details.Checked)
		if r.Cause != "" {
			well = nil
			box.Add(row)
			continue
		}
		if well == nil {
			well = container.New(layout.NewCustomPaddedVBoxLayout(closeRows))
			box.Add(well)
		}
		well.Add(row)
	}
	return box
}

// closeRows draws rows together that have space of their own, in window units.
const closeRows = -10

// markSize is the size of the sign before a row, in window units.
const markSize = 20

// doctorRow is one thing that was looked at: a sign, what happened, and for what
// is ill why and what next.
func doctorRow(r present.DoctorRow, details bool) fyne.CanvasObject {
	text := widget.NewRichText()
	text.Wrapping = fyne.TextWrapWord
	add := func(s string, style widget.RichTextStyle) {
		if s != "" {
			text.Segments = append(text.Segments, &widget.TextSegment{Text: s, Style: style})
		}
	}
	plain := widget.RichTextStyle{ColorName: base.ColorNameForeground, SizeName: base.SizeNameText}
	bold := plain
	bold.TextStyle.Bold = r.Cause != ""
	muted := widget.RichTextStyle{ColorName: theme.ColorMuted, SizeName: base.SizeNameCaptionText}
	add(r.Title, bold)
	add(r.Cause, plain)
	add(r.Next, plain)
	if details {
		add(r.Details, muted)
	}
	mark := container.NewGridWrap(fyne.NewSquareSize(markSize), widget.NewIcon(control.ToneIcon(r.Tone)))
	left := container.NewVBox(container.New(layout.NewCustomPaddedLayout(10, 0, 4, 2), mark))
	body := container.NewBorder(nil, nil, left, nil, text)
	if r.Cause == "" {
		return body
	}
	fill := canvas.NewRectangle(control.ToneBack(r.Tone))
	fill.CornerRadius = 8
	return container.NewStack(fill, body)
}
