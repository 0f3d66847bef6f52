package screen

import (
	"image/color"

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

// CeremonyActs are what the person can do in the dialog of signing.
type CeremonyActs struct {
	Select func(key int)
	// Step chooses the next certificate that may be used, the one before with −1.
	Step func(step int)
	// Fits says whether the typed PIN can be tried; Confirm takes and wipes it.
	Fits    func(pin string) (bool, present.Text)
	Confirm func(pin []byte)
	Again   func()
	Leave   func()
	Files   FileActs
	// Understand takes the person's word that the last try may be spent.
	Understand func(yes bool)
}

// Ceremony is the dialog of signing: certificate and PIN, progress, result.
type Ceremony struct {
	Object fyne.CanvasObject
	// PIN is where the PIN is typed; the window gives it the keyboard.
	PIN *SecretEntry

	words    *words.Words
	acts     CeremonyActs
	state    present.CeremonyState
	document [2]*widget.Label // of the dialog that asks, and of the one that works
	asking   *fyne.Container
	keys     *fyne.Container
	all      bool // every certificate is listed, not only the chosen one
	warning  *control.Note
	problem  *Problem
	hint     *control.Note
	practice *control.Note
	whyNot   *widget.Label
	lastTry  *control.Check
	pinBox   *fyne.Container
	confirm  *control.Button
	working  *fyne.Container
	steps    *control.Steps
	done     *Outcome
	failed   *fyne.Container
	failure  *Problem
}

// dialogWidth is the dialog's width in window units.
const dialogWidth = 600

// NewCeremony makes the dialog.
func NewCeremony(w *words.Words, a CeremonyActs) *Ceremony {
	c := &Ceremony{
		words: w, acts: a, document: [2]*widget.Label{wrapped(""), wrapped("")}, keys: container.NewVBox(), warning: control.NewNote(),
		problem: NewProblem(), hint: control.NewNote(), practice: control.NewNote(), whyNot: wrapped(""), steps: control.NewSteps(), failure: NewProblem(),
	}
	c.PIN = newSecretEntry(c.typed, c.Enter, a.Leave)
	c.PIN.beside = a.Step
	c.asking = c.buildAsking()
	c.working = container.NewVBox(subheading(w.T("working.title")), outset(c.document[1]), padded(c.steps.Object, 4, 4), outset(wrapped(w.T("working.stay"))))
	c.done = newOutcome(w, a)
	again := control.NewButton(w.T("failed.again"), a.Again)
	again.Importance = widget.HighImportance
	c.failed = container.NewVBox(subheading(w.T("failed.title")), c.failure.Object,
		container.NewBorder(nil, nil, nil, container.NewHBox(control.NewButton(w.T("close"), a.Leave), again)))
	c.Object = padded(container.NewStack(container.NewVBox(wide(dialogWidth)),
		container.NewVBox(c.asking, c.working, c.done.Object, c.failed)), 14, 18)
	return c
}

// buildAsking arranges certificate and PIN.
func (c *Ceremony) buildAsking() *fyne.Container {
	w := c.words
	cancel := control.NewButton(w.T("cancel"), c.acts.Leave)
	c.confirm = control.NewButton(w.T("pin.confirm"), c.submit)
	c.confirm.Importance = widget.HighImportance
	label := control.NewText(w.T("pin.label"), base.ColorNameForeground, base.SizeNameText, fyne.TextStyle{Bold: true})
	c.pinBox = container.NewVBox(label, c.PIN)
	c.lastTry = control.NewCheck(w.T("pin.final.understood"), func(yes bool) {
		if yes != c.state.Understood {
			c.acts.Understand(yes)
		}
	})
	buttons := container.NewBorder(nil, nil, nil, center(container.NewHBox(cancel, container.New(tall{46}, c.confirm))), outset(c.whyNot))
	return container.NewVBox(
		subheading(w.T("pin.title")), outset(c.document[0]), c.practice,
		quiet(w.T("pin.certificate")), c.keys, c.warning, c.lastTry, c.problem.Object, c.pinBox, c.hint, buttons,
	)
}

// typed follows the PIN as it is typed.
func (c *Ceremony) typed(pin string) {
	fits, why := c.acts.Fits(pin)
	able(c.confirm, fits)
	c.whyNot.SetText(c.words.Say(why))
}

// submit hands the PIN over and empties the entry.
func (c *Ceremony) submit() {
	if c.state.Phase != present.Asking {
		return
	}
	if fits, why := c.acts.Fits(c.PIN.Text); !fits {
		c.whyNot.SetText(c.words.Say(why))
		return
	}
	pin := []byte(c.PIN.Text)
	c.PIN.SetText("")
	c.acts.Confirm(pin)
}

// Enter does what the dialog's main button does.
func (c *Ceremony) Enter() {
	switch c.state.Phase {
	case present.Asking:
		c.submit()
	case present.Done:
		c.acts.Leave()
	case present.Failed:
		c.acts.Again()
	case present.Working, present.Idle:
	}
}

// Show draws a state. It reports whether the PIN should have the keyboard.
func (c *Ceremony) Show(s present.CeremonyState) bool {
	asked := c.state.Phase == present.Asking
	c.state = s
	for _, about := range c.document {
		about.SetText(c.about(s))
	}
	show := func(o fyne.CanvasObject, shown bool) {
		if shown {
			o.Show()
		} else {
			o.Hide()
		}
	}
	show(c.asking, s.Phase == present.Asking)
	show(c.working, s.Phase == present.Working)
	show(c.done.Object, s.Phase == present.Done)
	show(c.failed, s.Phase == present.Failed)
	switch s.Phase {
	case present.Asking:
		c.showAsking(s)
	case present.Working:
		c.steps.Set(said(c.words, s.Steps))
	case present.Done:
		c.done.Show(s)
	case present.Failed:
		c.failure.Set(s.Problem)
	case present.Idle:
		c.all = false
		c.PIN.SetText("")
	}
	return s.Phase == present.Asking && !asked
}

// about names the document, or says how many there are.
func (c *Ceremony) about(s present.CeremonyState) string {
	if s.Documents > 1 || s.Title == "" {
		return c.words.Say(present.Text{Key: "pin.documents", Args: map[string]any{"Count": s.Documents}})
	}
	return "“" + s.Title + "”"
}

// said puts steps into words.
func said(w *words.Words, steps []present.StepRow) []control.Step {
	out := make([]control.Step, len(steps))
	for i, s := range steps {
		out[i] = control.Step{Text: w.Say(s.Name), State: s.State}
	}
	return out
}

// showAsking draws certificate and PIN.
func (c *Ceremony) showAsking(s present.CeremonyState) {
	c.showKeys(s)
	c.warning.Set(c.words.Say(s.Warning), s.WarningTone)
	c.problem.Set(s.Problem)
	c.hint.Set(s.Hint, present.Plain)
	practice := ""
	if s.Practice != "" {
		practice = c.words.Say(present.Text{Key: "pin.practice", Args: map[string]any{"PIN": s.Practice}})
	}
	c.practice.Set(practice, present.Caution)
	c.lastTry.Hidden = !s.LastTry
	c.lastTry.SetChecked(s.Understood)
	if s.AskPIN && s.Selected >= 0 {
		c.pinBox.Show()
	} else {
		c.pinBox.Hide()
	}
	c.typed(c.PIN.Text)
	if c.PIN.Text == "" && s.CanConfirm && s.AskPIN && !s.LastTry {
		c.whyNot.SetText("")
	}
	c.asking.Refresh()
}

// keysHeight bounds the list of certificates, in window units.
const keysHeight = 255

// showKeys lists the chosen certificate, and the others when they are asked for
// or none is chosen.
func (c *Ceremony) showKeys(s present.CeremonyState) {
	c.keys.RemoveAll()
	if len(s.Keys) == 0 {
		if s.Looking {
			c.keys.Add(wrapped(c.words.T("pin.looking")))
		}
		return
	}
	row := func(i int) fyne.CanvasObject {
		return newKeyRow(c.words, s.Keys[i], i == s.Selected, func() { c.all = false; c.acts.Select(i) })
	}
	if s.Selected >= 0 && !c.all {
		c.keys.Add(row(s.Selected))
		if others := len(s.Keys) - 1; others > 0 {
			more := control.NewButton(c.words.Say(present.Text{Key: "pin.others", Args: map[string]any{"Count": others}}), func() {
				c.all = true
				c.acts.Select(s.Selected) // draws the dialog anew
			})
			more.Importance = widget.LowImportance
			c.keys.Add(container.NewHBox(more))
		}
		return
	}
	list := container.NewVBox()
	for i := range s.Keys {
		list.Add(row(i))
	}
	scroll := container.NewVScroll(list)
	scroll.SetMinSize(fyne.NewSize(0, min(list.MinSize().Height, keysHeight)))
	c.keys.Add(scroll)
}

// keyRow is one certificate to choose.
type keyRow struct {
	widget.BaseWidget

	body   *fyne.Container
	fill   *canvas.Rectangle
	usable bool
	chosen bool
	tapped func()
}

func newKeyRow(w *words.Words, k present.KeyRow, chosen bool, tapped func()) *keyRow {
	ink := base.ColorNameForeground
	if !k.Usable {
		ink = base.ColorNameDisabled
	}
	name := control.NewText(joined(k.Name, k.Title), ink, base.SizeNameText, fyne.TextStyle{Bold: true})
	unit := quiet(k.Unit)
	text := container.New(layout.NewCustomPaddedVBoxLayout(2), name, unit)
	if k.Usable {
		text.Add(quiet(w.Say(present.Text{Key: "key.valid", Args: map[string]any{"Until": k.Valid, "Issuer": k.Issuer}})))
		text.Add(quiet(w.Say(k.Use)))
	}
	for _, n := range k.Notes {
		text.Add(control.NewText(n.Text, control.Ink(n.Tone), base.SizeNameCaptionText, fyne.TextStyle{}))
	}
	icon := "dot"
	if chosen {
		icon = "check"
	}
	sign := container.NewGridWrap(fyne.NewSquareSize(26), widget.NewIcon(control.Icon(icon, theme.ColorPlain)))
	r := &keyRow{usable: k.Usable, chosen: chosen, tapped: tapped, fill: canvas.NewRectangle(color.Transparent)}
	r.body = padded(container.NewBorder(nil, nil, container.NewHBox(center(sign), wide(6)), nil, text), 8, 12)
	r.ExtendBaseWidget(r)
	return r
}

// Tapped chooses the certificate.
func (r *keyRow) Tapped(*fyne.PointEvent) {
	if r.usable {
		r.tapped()
	}
}

// CreateRenderer is called by Fyne.
func (r *keyRow) CreateRenderer() fyne.WidgetRenderer {
	k := &keyRowRenderer{r, container.NewStack(r.fill, r.body)}
	k.Refresh()
	return k
}

type keyRowRenderer struct {
	row  *keyRow
	body *fyne.Container
}

func (r *keyRowRenderer) Destroy()                     {}
func (r *keyRowRenderer) Layout(s fyne.Size)           { r.body.Resize(s) }
func (r *keyRowRenderer) MinSize() fyne.Size           { return r.body.MinSize() }
func (r *keyRowRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.body} }
func (r *keyRowRenderer) Refresh() {
	r.row.fill.FillColor = base.Color(theme.ColorSurface)
	r.row.fill.CornerRadius = 8
	r.row.fill.StrokeWidth, r.row.fill.StrokeColor = 1, base.Color(base.ColorNameSeparator)
	if r.row.chosen {
		r.row.fill.FillColor = base.Color(theme.ColorPlainBack)
		r.row.fill.StrokeWidth, r.row.fill.StrokeColor = 2, base.Color(base.ColorNamePrimary)
	}
	r.body.Refresh()
}
