package screen

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// AskActs are what the person can do with a question.
type AskActs struct {
	Typed, Answer func(values map[string][]byte)
	Cancel        func()
	// Act does what a button beside those of the question says.
	Act func(id string)
	// Copy puts a text into the clipboard.
	Copy func(text string)
}

// askWidth is the width of a question, bodyHeight bounds its list, in window units.
const (
	askWidth   = 560
	bodyHeight = 170
)

// Ask is a question over the page. It keeps what is typed in its entries alone
// and empties those that are secret with each answer.
type Ask struct {
	Object fyne.CanvasObject

	words   *words.Words
	acts    AskActs
	title   *widget.Label
	text    *control.Note
	body    *widget.Label
	scroll  *container.Scroll
	form    *fyne.Container
	hints   *control.Note
	whyNot  *caption
	problem *Problem
	code    *codeView
	below   *caption
	waits   *control.Note
	others  *fyne.Container // buttons beside the question's own
	confirm *control.Button
	cancel  *control.Button
	entries []*SecretEntry
	checks  map[string]*control.Check
	fields  []present.AskField // of the entries
	shape   string
}

// NewAsk makes an empty question.
func NewAsk(w *words.Words, a AskActs) *Ask {
	q := &Ask{
		words: w, acts: a, title: wrapped(""), text: control.NewNote(), body: wrapped(""), form: container.NewVBox(),
		hints: control.NewNote(), whyNot: newCaption(), problem: NewProblem(),
		code: newCodeView(w, a.Copy), below: newCaption(), waits: control.NewNote(), others: container.NewHBox(),
	}
	q.title.TextStyle.Bold = true
	q.title.SizeName = base.SizeNameSubHeadingText
	q.scroll = container.NewVScroll(q.body)
	q.confirm = control.NewButton("", q.Enter)
	q.confirm.Importance = widget.HighImportance
	q.cancel = control.NewButton(w.T("settings.cancel"), a.Cancel)
	buttons := container.NewHBox(q.others, layout.NewSpacer(), q.cancel, q.confirm)
	q.Object = padded(container.NewVBox(wide(askWidth), q.title, q.text, q.code.panel, q.below.text, q.waits, q.scroll, q.form, q.hints, q.whyNot.text, q.problem.Object, buttons), 10, 14)
	return q
}

// values are what is typed now.
func (q *Ask) values() map[string][]byte {
	v := map[string][]byte{}
	for i, e := range q.entries {
		v[q.fields[i].ID] = []byte(e.Text)
	}
	for id, c := range q.checks {
		if c.Checked {
			v[id] = []byte("yes")
		}
	}
	return v
}

// Enter answers, where an answer can be given.
func (q *Ask) Enter() {
	if q.confirm.Disabled() {
		return
	}
	v := q.values()
	for i, e := range q.entries {
		if q.fields[i].Secret {
			e.OnChanged = nil
			e.SetText("")
			e.OnChanged = q.typed
		}
	}
	q.acts.Answer(v)
}

func (q *Ask) typed(string) { q.acts.Typed(q.values()) }

// next goes from an entry to the next one, and from the last one answers.
func (q *Ask) next(i int) {
	if i+1 < len(q.entries) {
		if c := fyne.CurrentApp().Driver().CanvasForObject(q.entries[i+1]); c != nil {
			c.Focus(q.entries[i+1])
		}
		return
	}
	q.Enter()
}

// First is where the keyboard goes; nil where nothing is typed.
func (q *Ask) First() fyne.Focusable {
	if len(q.entries) == 0 {
		return nil
	}
	return q.entries[0]
}

// Show draws a question, and reports whether it is another one than before.
func (q *Ask) Show(a present.SettingsAsk) (fresh bool) {
	parts := []string{q.words.Say(a.Title), q.words.Say(a.Confirm)}
	for _, f := range a.Fields {
		parts = append(parts, f.ID)
	}
	shape := strings.Join(parts, "|")
	if fresh = shape != q.shape; fresh {
		q.shape = shape
		q.build(a.Fields)
	}
	q.title.SetText(q.words.Say(a.Title))
	q.text.Set(q.words.Say(a.Text), a.Tone)
	lines := []string{}
	if a.Body != "" {
		lines = append(lines, a.Body)
	}
	for _, line := range a.List {
		lines = append(lines, "•  "+q.words.Say(line))
	}
	q.body.SetText(strings.Join(lines, "\n"))
	q.body.Resize(fyne.NewSize(askWidth, 0)) // it knows its height once it is as wide
	q.scroll.SetMinSize(fyne.NewSize(0, min(q.body.MinSize().Height, bodyHeight)))
	show(q.scroll, len(lines) > 0)
	hints := ""
	if len(a.Hints) > 0 {
		hints = q.words.T("settings.ask.weak") + "\n•  " + strings.Join(a.Hints, "\n•  ")
	}
	q.hints.Set(hints, present.Caution)
	whyNot := q.words.Say(a.WhyNot)
	if a.Busy {
		whyNot = q.words.T("settings.ask.busy")
	}
	q.whyNot.set(whyNot, theme.ColorMuted)
	q.problem.Set(a.Problem)
	q.showWait(a)
	q.showOthers(a)
	q.confirm.SetText(q.words.Say(a.Confirm))
	show(q.confirm, a.Confirm.Key != "")
	able(q.confirm, a.CanConfirm && !a.Busy)
	able(q.cancel, !a.Busy)
	for _, e := range q.entries {
		able(e, !a.Busy)
	}
	return fresh
}

// showWait shows for what the person is waited for.
func (q *Ask) showWait(a present.SettingsAsk) {
	q.code.set(a)
	q.below.set(q.words.Say(a.Note), theme.ColorMuted)
	waiting := ""
	if a.Waits {
		waiting = q.words.T("settings.identity.waiting")
	}
	q.waits.Set(waiting, present.Quiet)
}

// showOthers makes the buttons of other ways.
func (q *Ask) showOthers(a present.SettingsAsk) {
	q.others.RemoveAll()
	for _, o := range a.Acts {
		b := control.NewButtonWithIcon(q.words.Say(o.Name), control.Icon(o.Icon, base.ColorNameForeground), func() { q.acts.Act(o.ID) })
		able(b, !a.Busy)
		q.others.Add(b)
	}
	if a.Copy != "" {
		b := control.NewButtonWithIcon(q.words.T("settings.identity.copyall"), control.Icon("copy", base.ColorNameForeground), nil)
		b.OnTapped = func() {
			q.acts.Copy(a.Copy)
			b.SetText(q.words.T("settings.identity.copied"))
		}
		q.others.Add(b)
	}
}

// Forget empties all entries; the question is gone.
func (q *Ask) Forget() {
	q.shape = ""
	q.build(nil)
}

// build makes the entries.
func (q *Ask) build(fields []present.AskField) {
	for _, e := range q.entries {
		e.OnChanged = nil
		e.SetText("")
	}
	q.entries, q.fields, q.checks = nil, nil, map[string]*control.Check{}
	q.form.RemoveAll()
	for _, f := range fields {
		if f.Toggle {
			q.checks[f.ID] = control.NewCheck(q.words.Say(f.Name), nil)
			q.form.Add(q.checks[f.ID])
			continue
		}
		i := len(q.entries)
		e := newSecretEntry(q.typed, func() { q.next(i) }, q.acts.Cancel)
		e.Password = f.Secret
		e.Text = f.Value
		q.fields = append(q.fields, f)
		q.entries = append(q.entries, e)
		q.form.Add(container.NewBorder(nil, nil, container.New(fixedWidth(190), wrapped(q.words.Say(f.Name))), nil, e))
	}
}
