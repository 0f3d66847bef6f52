package gui_test

import (
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kyso/app/demo/ink"
	"kyso/app/docsys"
	"kyso/app/gui/control"
	"kyso/app/placement"
	"kyso/app/present"
	"kyso/app/studio"
)

func (c *cabinet) Mark(r placement.Role) image.Image { return c.marks[r] }
func (c *cabinet) KeepMark(r placement.Role, m image.Image) error {
	c.marks[r] = m
	return c.fail
}

func (c *cabinet) DropMark(r placement.Role) error {
	delete(c.marks, r)
	return c.fail
}

// snapshot writes a photograph of a signature in black ink, lit from one side.
func snapshot(t *testing.T) string {
	t.Helper()
	m, err := ink.Signature("ha")
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	b := m.Rect.Inset(-60)
	out := image.NewNRGBA(image.Rectangle{Max: b.Size()})
	for y := range b.Dy() {
		for x := range b.Dx() {
			light := 0.5 + 0.45*float64(x)/float64(b.Dx())
			v := (235 - 200*float64(m.NRGBAAt(b.Min.X+x, b.Min.Y+y).A)/255) * light
			g := uint8(min(max(v+5*r.NormFloat64(), 0), 255))
			out.SetNRGBA(x, y, color.NRGBA{R: g, G: g, B: uint8(float64(g) * 0.85), A: 255})
		}
	}
	path := filepath.Join(t.TempDir(), "anh.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, out); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// agencyRules fix the signature's size, and initials of text.
func agencyRules() docsys.MarkTemplates {
	return docsys.MarkTemplates{Version: 2, Basis: "Quy chế công tác văn thư, QĐ số 12/QĐ-UBND", Templates: []docsys.MarkTemplate{
		{Role: docsys.TemplateSigner, Picture: true, Width: 45, Height: 18.5, Locked: true},
		{Role: docsys.TemplateInitials, Width: 20, Height: 8, Lines: []string{"holder"}, Locked: true},
	}}
}

// studioScenarios are the states of the studio.
func studioScenarios() []scenario {
	visit := func(more ...func(*office)) func(*office) {
		return func(o *office) {
			o.desk.Go(present.PlaceStudio)
			for _, do := range more {
				do(o)
				o.settle()
			}
		}
	}
	kept := func(o *office) {
		o.cabinet.marks[placement.Approval] = ofPerson(o.t, placement.Approval)
		o.cabinet.marks[placement.Initials] = ofPerson(o.t, placement.Initials)
	}
	return []scenario{
		{"studio-empty", nil, visit()},
		{"studio", kept, visit()},
		{"studio-initials", kept, visit(func(o *office) { o.desk.Studio.SetRole(placement.Initials) })},
		{"studio-seal-empty", func(o *office) { o.clerk = true }, visit(func(o *office) { o.desk.Studio.SetRole(placement.Seal) })},
		{"studio-seal", func(o *office) {
			o.clerk = true
			o.cabinet.marks[placement.Seal] = ofPerson(o.t, placement.Seal)
		}, visit(func(o *office) { o.desk.Studio.SetRole(placement.Seal) })},
		{"studio-fixed", func(o *office) { kept(o); o.rules = agencyRules() }, visit()},
		{"studio-fixed-text", func(o *office) { kept(o); o.rules = agencyRules() }, visit(func(o *office) { o.desk.Studio.SetRole(placement.Initials) })},
		{"studio-photo", nil, visit(func(o *office) { o.desk.Studio.Open(snapshot(o.t)) })},
		{"studio-black", nil, visit(func(o *office) { o.desk.Studio.Open(snapshot(o.t)) }, func(o *office) { o.desk.Studio.SetBlue(false) })},
		{"studio-nothing", nil, visit(func(o *office) { o.desk.Studio.Open("/nowhere.png") })},
		{"studio-drawing", nil, visit(func(o *office) {
			o.desk.Studio.Draw()
			o.desk.Studio.Add(studio.Stroke{{X: 40, Y: 150}, {X: 90, Y: 40}, {X: 110, Y: 160}, {X: 170, Y: 60}, {X: 190, Y: 150}, {X: 330, Y: 110}})
		})},
	}
}

func TestASignatureIsDrawnWithTheMouse(t *testing.T) {
	o := newOffice(t, "vi", plainPages{}, t.TempDir())
	o.open(t, "light")
	o.window.Resize(fyne.NewSize(1024, 700))
	o.desk.Go(present.PlaceStudio)
	o.desk.Studio.Draw()
	var pad *control.Pad
	for _, found := range test.LaidOutObjects(o.window.Canvas().Content()) {
		if p, ok := found.(*control.Pad); ok && p.Visible() {
			pad = p
		}
	}
	if pad == nil {
		t.Fatal("there is no pad")
	}
	for i := range 20 {
		pad.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(float32(20+i*9), float32(40+(i%5)*20))}})
	}
	pad.DragEnd()
	if s := o.desk.Studio.State(); len(s.Strokes) != 1 || len(s.Strokes[0]) != 20 || !s.Fresh {
		t.Fatalf("got %d strokes", len(s.Strokes))
	}
	test.Tap(buttons(o.window.Canvas().Content())["Dùng ảnh này"])
	if o.cabinet.marks[placement.Approval] == nil {
		t.Error("the drawing was not kept")
	}
}
