package screen

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
	"kyso/app/placement"
	"kyso/app/present"
	"kyso/app/studio"
)

// StudioActs are what the person can do in the studio.
type StudioActs struct {
	Back, Browse, Draw, Undo, Turn, Keep, Remove, Cancel func()
	Role                                                 func(placement.Role)
	Strength                                             func(float64)
	Blue                                                 func(bool)
	Stroke                                               func(studio.Stroke)
}

// Studio is the screen "Xưởng chữ ký".
type Studio struct {
	Object fyne.CanvasObject

	words   *words.Words
	acts    StudioActs
	state   present.StudioState
	setting bool

	roles    *control.Radio
	notice   *control.Note
	problem  *Problem
	pad      *control.Pad
	picture  *canvas.Image
	nothing  *widget.Label
	paper    fyne.CanvasObject
	sample   *studioSample
	checks   *fyne.Container
	rule     *control.Note // what the agency wants
	browse   *control.Button
	tools    *fyne.Container
	strength *control.Slider
	blue     *control.Check
	drawing  *control.Button
	undo     *control.Button
	keep     *control.Button
	remove   *control.Button
	cancel   *control.Button
}

// NewStudio makes the screen.
func NewStudio(w *words.Words, a StudioActs) *Studio {
	s := &Studio{
		words: w, acts: a, notice: control.NewNote(), rule: control.NewNote(), problem: NewProblem(), pad: control.NewPad(a.Stroke), picture: &canvas.Image{FillMode: canvas.ImageFillContain},
		nothing: wrapped(w.T("studio.nothing")), checks: container.New(layout.NewCustomPaddedVBoxLayout(4)), sample: newStudioSample(w),
	}
	s.nothing.Alignment = fyne.TextAlignCenter
	s.roles = control.NewRadio(nil, s.chosen)
	s.roles.Horizontal = true
	s.strength = control.NewSlider(-1, 1)
	s.strength.Step = 0.1
	s.strength.OnChangeEnded = func(v float64) {
		if !s.setting {
			a.Strength(v)
		}
	}
	s.blue = control.NewCheck(w.T("studio.recolour"), func(on bool) {
		if !s.setting {
			a.Blue(on)
		}
	})
	s.undo = control.NewButton(w.T("studio.undo"), a.Undo)
	s.keep = control.NewButtonWithIcon(w.T("studio.keep"), control.Icon("check", base.ColorNameForegroundOnPrimary), a.Keep)
	s.keep.Importance = widget.HighImportance
	s.remove = control.NewButton(w.T("studio.remove"), a.Remove)
	s.cancel = control.NewButton(w.T("settings.cancel"), a.Cancel)
	s.layout()
	return s
}

func (s *Studio) chosen(text string) {
	if s.setting {
		return
	}
	for _, r := range s.state.Roles {
		if s.words.T("studio."+string(r)) == text {
			s.acts.Role(r)
		}
	}
}

// layout arranges the parts.
func (s *Studio) layout() {
	w := s.words
	icon := func(name string) fyne.Resource { return control.Icon(name, base.ColorNameForeground) }
	back := control.NewButtonWithIcon(w.T("studio.back"), icon("back"), s.acts.Back)
	s.browse = control.NewButtonWithIcon(w.T("studio.browse"), icon("open"), s.acts.Browse)
	s.drawing = control.NewButtonWithIcon(w.T("studio.draw"), icon("sign"), s.acts.Draw)
	turn := control.NewButtonWithIcon(w.T("studio.turn"), icon("refresh"), s.acts.Turn)
	slider := container.NewBorder(nil, nil, wrapless(w.T("studio.strength")), nil, s.strength)
	s.tools = container.NewVBox(slider, container.NewHBox(turn, s.blue))

	ground := canvas.NewRectangle(color.White)
	ground.CornerRadius = 8
	s.paper = container.NewStack(ground, padded(s.picture, 10, 10))
	onPaper := theme.Theme{Appearance: theme.Light} // paper is white in the dark, too
	sheet := container.NewStack(s.paper, s.pad, container.NewVBox(layout.NewSpacer(), padded(container.NewThemeOverride(s.nothing, onPaper), 0, 24), layout.NewSpacer()))
	buttons := container.NewHBox(s.undo, s.remove, layout.NewSpacer(), s.cancel, s.keep)
	left := container.NewBorder(container.NewHBox(s.browse, s.drawing), container.NewVBox(s.tools, buttons), nil, nil, sheet)
	found := container.NewVScroll(s.checks)
	found.SetMinSize(fyne.NewSize(0, checksHeight))
	right := container.NewBorder(padded(subheading(w.T("studio.sample")), 6, base.InnerPadding()), found, nil, nil, s.sample)
	body := container.New(shares{0.6}, control.NewPanel(left), control.NewPanel(right))
	top := container.NewVBox(head(heading(w.T("studio.title")), quiet(w.T("studio.sub")), back), s.roles, s.rule, s.notice, s.problem.Object)
	s.Object = padded(container.NewBorder(top, nil, nil, nil, body), 8, 20)
}

// checksHeight is the room for what is said of a picture, in window units.
const checksHeight = 190

// wrapless is a label that keeps its line.
func wrapless(text string) *widget.Label { return widget.NewLabel(text) }

// shares lays two objects beside each other; the first one has a share of the width.
type shares struct{ first float32 }

// sharesGap is the space between the two, in window units.
const sharesGap = 10

// Layout is called by Fyne.
func (l shares) Layout(all []fyne.CanvasObject, s fyne.Size) {
	w := (s.Width - sharesGap) * l.first
	all[0].Move(fyne.NewPos(0, 0))
	all[0].Resize(fyne.NewSize(w, s.Height))
	all[1].Move(fyne.NewPos(w+sharesGap, 0))
	all[1].Resize(fyne.NewSize(s.Width-w-sharesGap, s.Height))
}

// MinSize is called by Fyne.
func (l shares) MinSize(all []fyne.CanvasObject) fyne.Size {
	a, b := all[0].MinSize(), all[1].MinSize()
	return fyne.NewSize(a.Width+b.Width+sharesGap, max(a.Height, b.Height))
}

// Show draws a state.
func (s *Studio) Show(st present.StudioState) {
	s.setting, s.state = true, st
	defer func() { s.setting = false }()
	names := make([]string, len(st.Roles))
	for i, r := range st.Roles {
		names[i] = s.words.T("studio." + string(r))
	}
	if !slices.Equal(names, s.roles.Options) {
		s.roles.Options = names
		s.roles.Refresh()
	}
	s.roles.SetSelected(s.words.T("studio." + string(st.Role)))
	s.showRole(st.Role == placement.Seal)
	s.showRule(st)
	s.problem.Set(st.Problem)
	if st.Busy.Key != "" {
		s.notice.Set(s.words.Say(st.Busy), present.Plain)
	} else {
		s.notice.Set(s.words.Say(st.Notice), present.Good)
	}
	s.picture.Image = st.Picture
	s.picture.Refresh()
	s.pad.Set(st.Strokes)
	show(s.pad, st.Drawing)
	show(s.nothing, st.Picture == nil && !st.Drawing)
	show(s.paper, !st.Drawing)
	s.strength.SetValue(st.Strength)
	s.blue.SetChecked(st.Blue)
	show(s.tools, st.Photo)
	show(s.undo, st.Drawing)
	able(s.undo, len(st.Strokes) > 0)
	show(s.remove, st.CanRemove && !st.Fresh && !st.Drawing)
	show(s.cancel, st.Fresh || st.Drawing || st.Photo)
	able(s.keep, st.Fresh)
	s.showChecks(st.Checks)
	s.sample.set(st)
	s.Object.Refresh() // what was hidden and shown takes its room
}

// showRole says what differs for a seal: its ink is red and nobody draws it.
func (s *Studio) showRole(seal bool) {
	ink, nothing := "studio.recolour", "studio.nothing"
	if seal {
		ink, nothing = "studio.recolour.seal", "studio.nothing.seal"
	}
	if text := s.words.T(ink); s.blue.Text != text {
		s.blue.Text = text
		s.blue.Refresh()
	}
	s.nothing.SetText(s.words.T(nothing))
	show(s.drawing, !seal)
}

// showRule says what the agency wants of the mark. Where it wants text, no picture
// can be chosen.
func (s *Studio) showRule(st present.StudioState) {
	text := s.words.Say(st.Rule)
	if text != "" {
		key := "studio.rule.wished"
		if st.Locked {
			key = "studio.rule.locked"
		}
		text = s.words.T(key) + ": " + text
		if st.Basis != "" {
			text += " (" + st.Basis + ")"
		}
	}
	s.rule.Set(text, present.Plain)
	able(s.browse, !st.TextOnly)
	able(s.drawing, !st.TextOnly)
	if st.TextOnly {
		s.nothing.SetText(s.words.T("studio.nothing.text"))
	}
}

// showChecks says what the picture is and is not.
func (s *Studio) showChecks(all []present.StudioCheck) {
	s.checks.RemoveAll()
	for _, c := range all {
		n := control.NewNote()
		n.Set(s.words.Say(c.Text), c.Tone)
		s.checks.Add(n)
	}
	s.checks.Refresh()
}

// studioSample is a part of a page with the mark on it, in its true proportion.
type studioSample struct {
	widget.BaseWidget

	words *words.Words
	state present.StudioState
}

func newStudioSample(w *words.Words) *studioSample {
	s := &studioSample{words: w}
	s.ExtendBaseWidget(s)
	return s
}

func (s *studioSample) set(st present.StudioState) {
	s.state = st
	s.Refresh()
}

// CreateRenderer is called by Fyne.
func (s *studioSample) CreateRenderer() fyne.WidgetRenderer {
	r := &sampleRenderer{of: s, paper: canvas.NewRectangle(color.White), mark: &canvas.Image{FillMode: canvas.ImageFillContain}, under: &canvas.Image{FillMode: canvas.ImageFillContain}}
	for range sampleLines {
		r.lines = append(r.lines, canvas.NewRectangle(color.NRGBA{R: 0xD0, G: 0xD5, B: 0xDC, A: 0xFF}))
	}
	r.title, r.name = canvas.NewText("", color.Black), canvas.NewText("", color.Black)
	r.title.Alignment, r.name.Alignment = fyne.TextAlignCenter, fyne.TextAlignCenter
	r.title.TextStyle.Bold, r.name.TextStyle.Bold = true, true
	return r
}

// The sample is a part of a page of some millimetres, with lines of text above.
const (
	sampleWidth  = 92
	sampleHeight = 80
	sampleLines  = 4
)

type sampleRenderer struct {
	of          *studioSample
	paper       *canvas.Rectangle
	lines       []*canvas.Rectangle
	title, name *canvas.Text
	mark, under *canvas.Image
	shown       control.Imprints
}

func (r *sampleRenderer) Destroy()           {}
func (r *sampleRenderer) MinSize() fyne.Size { return fyne.NewSize(230, 200) }

func (r *sampleRenderer) Layout(s fyne.Size) {
	mm := min(s.Width/sampleWidth, s.Height/sampleHeight)
	w, h := sampleWidth*mm, sampleHeight*mm
	left, top := (s.Width-w)/2, (s.Height-h)/2
	r.paper.Move(fyne.NewPos(left, top))
	r.paper.Resize(fyne.NewSize(w, h))
	for i, l := range r.lines {
		width := w - 16*mm
		if i == len(r.lines)-1 {
			width *= 0.45
		}
		l.Move(fyne.NewPos(left+8*mm, top+(6+float32(i)*5)*mm))
		l.Resize(fyne.NewSize(width, 1.6*mm))
	}
	r.title.TextSize, r.name.TextSize = 4.4*mm, 4.4*mm
	at := func(t *canvas.Text, y float32) {
		t.Move(fyne.NewPos(left+22*mm, top+y*mm))
		t.Resize(fyne.NewSize(64*mm, 6*mm))
	}
	at(r.title, 30)
	at(r.name, 66)
	mw, mh := float32(r.of.state.Width)*mm, float32(r.of.state.Height)*mm
	x, y := left+54*mm-mw/2, top+51*mm-mh/2
	uw, uh := float32(r.of.state.UnderWidth)*mm, float32(r.of.state.UnderHeight)*mm
	r.under.Move(fyne.NewPos(left+54*mm-uw/2, top+51*mm-uh/2))
	r.under.Resize(fyne.NewSize(uw, uh))
	if r.of.state.Role == placement.Seal { // over a third of the signature from its left
		x = left + 54*mm - uw/2 + uw/3 - mw
	}
	if r.of.state.Role == placement.Initials { // behind the last line of the text
		x, y = left+8*mm+(w-16*mm)*0.45+2*mm, top+(6+float32(sampleLines-1)*5+0.8)*mm-mh/2
	}
	r.mark.Move(fyne.NewPos(x, y))
	r.mark.Resize(fyne.NewSize(mw, mh))
	const points = 72 / 25.4 // in a millimetre
	pixels := float64(mm) / points
	if c := fyne.CurrentApp().Driver().CanvasForObject(r.of); c != nil {
		pixels *= float64(c.Scale())
	}
	sample := r.of.state.Sample
	if m := r.shown.Of(imprintOf(sample), control.Box(sample.Rect), pixels); m != r.mark.Image {
		r.mark.Image = m
		r.mark.Refresh()
	}
}

func (r *sampleRenderer) Refresh() {
	st := r.of.state
	r.title.Text, r.name.Text = st.Title, st.Name
	if st.Title == "" {
		r.title.Text, r.name.Text = r.of.words.T("studio.sample.title"), r.of.words.T("studio.sample.name")
	}
	r.under.Image = st.Under
	r.under.Hidden = st.Under == nil
	r.under.Refresh()
	r.Layout(r.of.Size())
	r.paper.Refresh()
	r.title.Refresh()
	r.name.Refresh()
	r.mark.Refresh()
}

func (r *sampleRenderer) Objects() []fyne.CanvasObject {
	all := []fyne.CanvasObject{r.paper}
	for _, l := range r.lines {
		all = append(all, l)
	}
	return append(all, r.title, r.name, r.under, r.mark)
}
