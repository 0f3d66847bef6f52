package gui_test

import (
	"context"
	"image"
	"image/color"
	"math"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"

	"kyso/app/demo"
	"kyso/app/docsys"
	"kyso/app/gui/control"
	"kyso/app/preview"
	"kyso/app/signing"
	"kyso/assets"
	"kyso/signer/signertest"
	"kyso/signer/token"
	"kyso/signer/token/provision"
	"kyso/signer/token/tokentest"
)

// signAll signs jobs as a batch, with the certificate of the person of the pictures,
// and gives the signed files in the order of the jobs.
func signAll(t *testing.T, jobs []signing.Job) []string {
	t.Helper()
	pki, err := signertest.New(signertest.Options{Clock: now})
	if err != nil {
		t.Fatal(err)
	}
	id, err := pki.Issue(signertest.IssueSpec{Name: "Trần Minh Khôi", Title: "Chủ tịch", Unit: "Phường Kim Liên", Key: "P-256", NotBefore: now().AddDate(0, -1, 0)})
	if err != nil {
		t.Fatal(err)
	}
	device := tokentest.NewFake(provision.Token{
		Label: "Token", SOPIN: []byte("87654321"), PIN: []byte("123456"), Chain: [][]byte{pki.Issuing().Raw},
		Identities: []provision.Identity{{ID: []byte{1}, Label: "Token", Key: id.Signer, Certificate: id.Certificate.Raw}},
	})
	desk := signing.NewDesk(signing.Config{
		Modules: func(context.Context) ([]signing.Module, []signing.ModuleState) {
			return []signing.Module{{Path: "/token.so", Provider: token.Provider(device)}}, nil
		},
		Folder: t.TempDir(), Font: assets.SerifRegular(), Clock: now,
	})
	found, err := desk.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := make([]signing.Assignment, len(jobs))
	for i, j := range jobs {
		all[i] = signing.Assignment{Job: j, Key: found.Keys[0]}
	}
	b, err := desk.Batch(all, signing.BatchOptions{Ask: func(context.Context, signing.Question) ([]byte, error) { return []byte("123456"), nil }})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(jobs))
	for i, r := range b.Rows() {
		if out[i] = r.Outcome.Path; r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	return out
}

// shownPages are the pages on the contact sheet in the window, cut out of its picture.
func (o *office) shownPages() []image.Image {
	c := o.window.Canvas()
	picture := software.RenderCanvas(c, fyne.CurrentApp().Settings().Theme())
	var out []image.Image
	walkObjects(c.Content(), fyne.Position{}, func(found fyne.CanvasObject, corner fyne.Position) {
		p, ok := found.(*control.MarkedPage)
		if !ok || p.Scale() == 0 {
			return
		}
		at, paper := p.Paper()
		at = at.Add(corner)
		px := func(v float32) int { return int(math.Round(float64(v * c.Scale()))) }
		r := image.Rect(px(at.X), px(at.Y), px(at.X+paper.Width), px(at.Y+paper.Height))
		if !r.In(picture.Bounds()) {
			o.t.Fatalf("the page at %v is not wholly in the window of %v", r, picture.Bounds())
		}
		cut := image.NewNRGBA(image.Rectangle{Max: r.Size()})
		for y := range r.Dy() {
			for x := range r.Dx() {
				cut.Set(x, y, picture.At(r.Min.X+x, r.Min.Y+y))
			}
		}
		out = append(out, cut)
	})
	return out
}

// walkObjects gives every object that is shown, with its corner on the canvas.
func walkObjects(o fyne.CanvasObject, at fyne.Position, found func(fyne.CanvasObject, fyne.Position)) {
	if !o.Visible() {
		return
	}
	at = at.Add(o.Position())
	found(o, at)
	var inner []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		inner = o.Objects
	case fyne.Widget:
		inner = test.WidgetRenderer(o).Objects()
	}
	for _, child := range inner {
		walkObjects(child, at, found)
	}
}

// dark is how dark a pixel is, 0 to 1, whatever its colour.
func dark(m image.Image, x, y int) float64 {
	c := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
	return 1 - float64(min(c.R, c.G, c.B))/255
}

// unlike compares two pictures of a page where the mark stands: the share of the
// ink of either that the other does not have within a pixel.
func unlike(a, b image.Image, r image.Rectangle) (share float64, inked int) {
	const ink, near = 0.5, 0.25
	has := func(m image.Image, x, y int) bool {
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				if dark(m, x+dx, y+dy) > near {
					return true
				}
			}
		}
		return false
	}
	alone := 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			for _, pair := range [][2]image.Image{{a, b}, {b, a}} {
				if dark(pair[0], x, y) > ink {
					inked++
					if !has(pair[1], x, y) {
						alone++
					}
				}
			}
		}
	}
	return float64(alone) / float64(max(inked, 1)), inked
}

func TestWhatTheContactSheetShowsIsWhatIsSigned(t *testing.T) {
	notWithRaceDetector(t)
	folder := t.TempDir()
	if err := demo.WriteLetters(folder, now()); err != nil {
		t.Fatal(err)
	}
	renderer := preview.New(t.TempDir())
	t.Cleanup(func() { _ = renderer.Close() })
	signer := docsys.MarkTemplate{Role: docsys.TemplateSigner, Width: 50, Height: 20, Picture: true, Lines: []string{"holder", "title", "time"}, Text: "ĐÃ DUYỆT"}
	faint := signer
	faint.Opacity, faint.Width = 60, 40
	initials := docsys.MarkTemplate{Role: docsys.TemplateInitials, Width: 20, Height: 8, Locked: true, Lines: []string{"holder", "title"}}
	for name, c := range map[string]struct {
		bare     bool
		initials bool
		rules    []docsys.MarkTemplate
	}{
		"a picture of which the agency says nothing": {},
		"a picture in the agency's size, faint":      {rules: []docsys.MarkTemplate{faint}},
		"no picture, and nothing said":               {bare: true},
		"no picture: the template's lines":           {bare: true, rules: []docsys.MarkTemplate{signer}},
		"initials that the agency wants as text":     {initials: true, rules: []docsys.MarkTemplate{initials}},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, "vi", letters{renderer}, folder)
			o.bare, o.rules = c.bare, docsys.MarkTemplates{Version: 1, Templates: c.rules}
			o.waiting = o.waiting[:2]
			if c.initials {
				for i := range o.waiting {
					o.waiting[i].SignerName, o.waiting[i].Missing = "Nguyễn Thị Hạnh", []string{"initials", "approval"}
				}
			}
			o.open(t, "light")
			if w, ok := o.window.Canvas().(software.WindowlessCanvas); ok {
				w.SetScale(2)
			}
			o.window.Resize(fyne.NewSize(1440, 1200))
			o.together()
			for range 3 {
				o.window.Control(fyne.KeyPlus)
			}
			o.settle()
			var jobs []signing.Job
			o.desk.Contact.Sign = func(all []signing.Job) { jobs = all }
			shown, cards := o.shownPages(), o.desk.Contact.State().Cards
			o.desk.Contact.Confirm()
			if len(jobs) != 2 || len(shown) < 2 {
				t.Fatalf("%d documents to sign, %d pages shown, want two", len(jobs), len(shown))
			}
			for i, path := range signAll(t, jobs) {
				compareMark(t, renderer, path, cards[i].Mark.Page, shown[i], jobs[i])
			}
		})
	}
}

// compareMark renders the signed page as large as it was shown and compares the marks.
func compareMark(t *testing.T, r *preview.Renderer, path string, page int, shown image.Image, j signing.Job) {
	t.Helper()
	d, err := r.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	size := d.Pages()[page-1]
	scale := float64(shown.Bounds().Dx()) / size.W
	signed, err := d.Render(t.Context(), page, scale)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	px := func(v float64) int { return int(math.Round(v * scale)) }
	at := image.Rect(px(j.Rect.X), px(size.H-j.Rect.Y-j.Rect.H), px(j.Rect.X+j.Rect.W), px(size.H-j.Rect.Y)).Inset(2)
	share, inked := unlike(shown, signed, at)
	const most = 0.03
	if share > most || inked < 100 {
		t.Errorf("%s: %.1f %% of %d pixels of ink are on one side only, want at most %.0f %%", filepath.Base(path), 100*share, inked, 100*most)
	}
}
