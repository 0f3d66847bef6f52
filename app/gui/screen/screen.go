// Package screen draws the states of package present and forwards what the
// person does. It decides nothing, reads no file and starts no goroutine.
package screen

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/theme"
	"kyso/app/present"
)

// heading is a screen's title.
func heading(text string) *control.Text {
	return control.NewText(text, base.ColorNameForeground, base.SizeNameHeadingText, fyne.TextStyle{Bold: true})
}

// subheading heads a part of a screen.
func subheading(text string) *control.Text {
	return control.NewText(text, base.ColorNameForeground, base.SizeNameSubHeadingText, fyne.TextStyle{Bold: true})
}

// quiet is a second line.
func quiet(text string) *control.Text {
	return control.NewText(text, theme.ColorMuted, base.SizeNameCaptionText, fyne.TextStyle{})
}

// wrapped is a text of several lines.
func wrapped(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Wrapping = fyne.TextWrapWord
	return l
}

// padded puts space around an object.
func padded(o fyne.CanvasObject, vertical, horizontal float32) *fyne.Container {
	return container.New(layout.NewCustomPaddedLayout(vertical, vertical, horizontal, horizontal), o)
}

// inset brings what has edges into line with texts, which Fyne sets inwards.
func inset(o fyne.CanvasObject) *fyne.Container { return padded(o, 0, base.InnerPadding()) }

// outset is the other way round: it brings texts into line with what has edges.
func outset(o fyne.CanvasObject) *fyne.Container { return padded(o, 0, -base.InnerPadding()) }

// wide is an empty object of a width.
func wide(w float32) fyne.CanvasObject {
	r := canvas.NewRectangle(color.Transparent)
	r.SetMinSize(fyne.NewSize(w, 0))
	return r
}

// NewBox is a question or a text over the screen: title, content, and buttons at the
// right, the one that does something last.
func NewBox(title string, content fyne.CanvasObject, buttons ...fyne.CanvasObject) fyne.CanvasObject {
	heading := wrapped(title)
	heading.TextStyle.Bold = true
	heading.SizeName = base.SizeNameSubHeadingText
	row := inset(container.NewHBox(append([]fyne.CanvasObject{layout.NewSpacer()}, buttons...)...))
	return padded(container.NewVBox(wide(askWidth), heading, content, row), 10, 14)
}

// Problem shows an error in three lines.
type Problem struct {
	Object *fyne.Container
	note   *control.Note
}

// NewProblem makes an empty one; it is hidden until there is a problem.
func NewProblem() *Problem {
	n := control.NewNote()
	p := &Problem{Object: container.NewVBox(n), note: n}
	p.Object.Hide()
	return p
}

// Set shows a problem, nil none.
func (p *Problem) Set(m *present.Problem) { p.SetIn(m, present.Bad) }

// SetIn shows a problem, nil none, in the tone of what became of it: one that ends by
// itself is no failure.
func (p *Problem) SetIn(m *present.Problem, tone present.Tone) {
	if m == nil {
		p.Object.Hide()
		return
	}
	p.note.Set(m.Title+"\n"+m.Cause+"\n"+m.Next, tone)
	p.Object.Show()
}

// Empty stands where rows would be, and teaches.
type Empty struct {
	Object *fyne.Container
	title  *control.Text
	help   *widget.Label
}

// NewEmpty makes one with an icon of the program.
func NewEmpty(icon string) *Empty {
	e := &Empty{title: subheading("").Whole().Aligned(fyne.TextAlignCenter), help: wrapped("")}
	e.help.Alignment = fyne.TextAlignCenter
	picture := container.NewGridWrap(fyne.NewSquareSize(64), widget.NewIcon(control.Icon(icon, theme.ColorMuted)))
	e.Object = container.NewVBox(layout.NewSpacer(), container.NewCenter(picture), e.title,
		container.NewCenter(container.NewGridWrap(fyne.NewSize(520, 110), e.help)), layout.NewSpacer())
	e.Object.Hide()
	return e
}

// Set shows title and help; an empty title hides it.
func (e *Empty) Set(title, help string) {
	if title == "" {
		e.Object.Hide()
		return
	}
	e.title.Set(title)
	e.help.SetText(help)
	e.Object.Show()
}

// head is a screen's first line: title, a summary under it, actions at the right.
func head(title, summary *control.Text, actions ...fyne.CanvasObject) fyne.CanvasObject {
	right := container.NewVBox(layout.NewSpacer(), container.NewHBox(actions...), layout.NewSpacer())
	return padded(container.NewBorder(nil, nil, nil, right, container.NewVBox(title, summary)), 14, 0)
}

// able lets something be used or not; the icon of a button tells it, too.
func able(w fyne.Disableable, on bool) {
	if b, ok := w.(*control.Button); ok && b.Icon != nil {
		b.Icon = control.Dimmed(b.Icon, !on)
	}
	if on {
		w.Enable()
	} else {
		w.Disable()
	}
}

// imprintOf is what a mark shows.
func imprintOf(m present.Mark) control.Imprint {
	if m.Picture != nil || len(m.Lines) == 0 {
		return control.Imprint{Image: m.Picture}
	}
	return control.Imprint{Show: m.Show, Words: strings.Join(m.Lines, "\n")}
}
