package preview_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/text/unicode/norm"

	"kyso/app/placement"
	"kyso/app/preview"
	"kyso/assets"
)

// TestMain shares one renderer between the tests: its start takes seconds.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "kyso-preview")
	if err != nil {
		panic(err)
	}
	renderer = preview.New(dir)
	code := m.Run()
	err = errors.Join(renderer.Close(), os.RemoveAll(dir))
	if err != nil {
		panic(err)
	}
	os.Exit(code)
}

var renderer *preview.Renderer

// letter writes a letter of one page and an annex; change may add to it before it is written.
func letter(t *testing.T, change func(*fpdf.Fpdf)) string {
	t.Helper()
	f := fpdf.New("P", "pt", "A4", "")
	f.AddUTF8FontFromBytes("serif", "", assets.SerifRegular())
	f.AddUTF8FontFromBytes("serif", "B", assets.SerifBold())
	f.AddPage()
	f.SetFont("serif", "", 14)
	// Decomposed on purpose: the reader composes.
	f.Text(85, 120, norm.NFD.String("Đề nghị các đơn vị nghiêm túc thực hiện./."))
	f.SetFont("serif", "B", 12)
	f.Text(85, 400, "Nơi nhận:")
	f.SetFont("serif", "B", 14)
	f.Text(390, 400, "CHỦ TỊCH")
	f.Text(360, 520, "Nguyễn Trọng Hải")
	f.AddPage()
	f.SetFont("serif", "", 14)
	f.Text(270, 100, "PHỤ LỤC")
	if change != nil {
		change(f)
	}
	path := filepath.Join(t.TempDir(), "letter.pdf")
	if err := f.OutputFileAndClose(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// open opens a document and closes it with the test.
func open(t *testing.T, path string) *preview.Document {
	t.Helper()
	d, err := renderer.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func TestALetterIsDrawnAndRead(t *testing.T) {
	d := open(t, letter(t, nil))
	if got := len(d.Pages()); got != 2 {
		t.Fatalf("got %d pages, want 2", got)
	}
	picture, err := d.Render(t.Context(), 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := picture.Bounds().Size(), image.Pt(1191, 1684); got != want {
		t.Errorf("got a picture of %v, want %v", got, want)
	}
	if !hasInk(picture) {
		t.Error("the page was drawn blank")
	}
	lines, err := d.Lines(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range lines {
		got = append(got, l.Text)
	}
	want := []string{"Đề nghị các đơn vị nghiêm túc thực hiện./.", "Nơi nhận:", "CHỦ TỊCH", "Nguyễn Trọng Hải"}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got lines %q, want %q", got, want)
	}
}

// hasInk reports a dark pixel.
func hasInk(m image.Image) bool {
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if r, _, _, _ := m.At(x, y).RGBA(); r < 0x8000 {
				return true
			}
		}
	}
	return false
}

func TestThePlaceIsFoundOnARealPage(t *testing.T) {
	d := open(t, letter(t, nil))
	var pages []placement.Page
	for i := range d.Pages() {
		p, err := d.Page(t.Context(), i+1)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, p)
	}
	got := placement.Propose(pages, placement.Approval, placement.Signer{Name: "Nguyễn Trọng Hải"}, 130, 55)
	if !got.Sure || got.Page != 1 || got.Rect.Y < 842-520 || got.Rect.Y > 842-400 {
		t.Errorf("got %+v, want a sure place between title and name", got)
	}
	initials := placement.Propose(pages, placement.Initials, placement.Signer{}, 45, 20)
	if !initials.Sure || initials.Page != 1 || initials.Rect.Y < 842-140 {
		t.Errorf("got %+v, want the initials after the sign", initials)
	}
}

func TestAPictureOnThePageIsAMark(t *testing.T) {
	d := open(t, letter(t, func(f *fpdf.Fpdf) {
		f.SetPage(1)
		f.RegisterImageOptionsReader("ink", fpdf.ImageOptions{ImageType: "PNG"}, inkPNG(t))
		f.ImageOptions("ink", 380, 420, 60, 30, false, fpdf.ImageOptions{ImageType: "PNG"}, 0, "")
	}))
	p, err := d.Page(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Marks) != 1 {
		t.Fatalf("got marks %v, want one", p.Marks)
	}
	if m := p.Marks[0]; m.X < 379 || m.X > 381 || m.W < 59 || m.W > 61 {
		t.Errorf("got %+v, want it where the picture was put", m)
	}
}

func TestWhatIsNoReadablePDFIsNamed(t *testing.T) {
	encrypted := letter(t, func(f *fpdf.Fpdf) { f.SetProtection(fpdf.CnProtectPrint, "mat khau", "chu") })
	broken := filepath.Join(t.TempDir(), "broken.pdf")
	if err := os.WriteFile(broken, []byte("%PDF-1.7\nnothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		path string
		want error
	}{
		"a broken file":    {broken, preview.ErrDamaged},
		"an encrypted one": {encrypted, preview.ErrPassword},
		"none at all":      {filepath.Join(t.TempDir(), "none.pdf"), fs.ErrNotExist},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := renderer.Open(t.Context(), c.path); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
	if _, err := renderer.OpenWith(t.Context(), encrypted, []byte("khác")); !errors.Is(err, preview.ErrWrongPassword) {
		t.Errorf("another password: got %v, want ErrWrongPassword", err)
	}
	d, err := renderer.OpenWith(t.Context(), encrypted, []byte("mat khau"))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

func TestLimitsHold(t *testing.T) {
	d := open(t, letter(t, nil))
	if _, err := d.Render(t.Context(), 1, 100); !errors.Is(err, preview.ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge for a picture beyond the limit", err)
	}
	if _, err := d.Render(t.Context(), 3, 1); err == nil {
		t.Error("got no error for a page that is not there")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Render(ended, 1, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestAClosedDocumentSaysSo(t *testing.T) {
	d := open(t, letter(t, nil))
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Render(t.Context(), 1, 1); !errors.Is(err, preview.ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
}

// inkPNG is a small dark picture.
func inkPNG(t *testing.T) io.Reader {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 60, 30))); err != nil {
		t.Fatal(err)
	}
	return &b
}

func TestATurnedPageIsReadAsShown(t *testing.T) {
	// A page of 200×100 points, turned by 90 degrees, with a crop box that
	// starts at 10,10: it is shown 80 points wide and 180 high.
	path := filepath.Join(t.TempDir(), "turned.pdf")
	if err := os.WriteFile(path, turned, 0o600); err != nil {
		t.Fatal(err)
	}
	d := open(t, path)
	if got, want := d.Pages()[0], (preview.Size{W: 80, H: 180}); got != want {
		t.Errorf("got size %v, want %v", got, want)
	}
	lines, err := d.Lines(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) == 0 {
		t.Fatal("got no text")
	}
	// The text starts at 20,20 in the page's own coordinates: 10 from the left
	// and 10 from the top as shown.
	r := lines[0].Rect
	for _, l := range lines[1:] {
		if l.Rect.Y > r.Y {
			r = l.Rect
		}
	}
	if r.X < 9 || r.X > 22 || r.Y+r.H > 171 || r.Y+r.H < 160 {
		t.Errorf("got the first letter at %+v", r)
	}
}

// turned is the smallest PDF with a turned and cropped page; pdfium repairs the
// missing cross-reference table.
var turned = []byte("%PDF-1.4\n" +
	"1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n" +
	"2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n" +
	"3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/CropBox[10 10 190 90]/Rotate 90/Contents 4 0 R" +
	"/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>> endobj\n" +
	"4 0 obj <</Length 38>> stream\nBT /F 12 Tf 20 20 Td (HELLO) Tj ET     \nendstream endobj\n" +
	"trailer <</Root 1 0 R>>\n%%EOF\n")

func TestASignatureFieldIsDrawn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "field.pdf")
	if err := os.WriteFile(path, field, 0o600); err != nil {
		t.Fatal(err)
	}
	picture, err := open(t, path).Render(t.Context(), 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if r, _, _, _ := picture.At(50, 50).RGBA(); r > 0x2000 {
		t.Error("the appearance of the signature field was not drawn")
	}
	if r, _, _, _ := picture.At(20, 20).RGBA(); r != 0xffff {
		t.Error("the page around it is not white")
	}
}

// field is a page with nothing but a signature field whose appearance is black.
var field = []byte("%PDF-1.4\n" +
	"1 0 obj <</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>>> endobj\n" +
	"2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n" +
	"3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Annots[4 0 R]>> endobj\n" +
	"4 0 obj <</Type/Annot/Subtype/Widget/FT/Sig/T(KySo1)/F 4/Rect[40 40 60 60]/P 3 0 R/AP<</N 5 0 R>>>> endobj\n" +
	"5 0 obj <</Type/XObject/Subtype/Form/BBox[0 0 20 20]/Length 20>> stream\n0 g 0 0 20 20 re f  \nendstream endobj\n" +
	"trailer <</Root 1 0 R>>\n%%EOF\n")

func TestRegionsFitTogetherWithoutASeam(t *testing.T) {
	d := open(t, letter(t, nil))
	const scale = 1.65
	whole, err := d.Render(t.Context(), 1, scale)
	if err != nil {
		t.Fatal(err)
	}
	size := d.Pages()[0].Pixels(scale)
	if got := whole.Bounds().Size(); got != size {
		t.Fatalf("got a picture of %v, want %v", got, size)
	}
	differ := 0
	for _, part := range []image.Rectangle{image.Rect(0, 0, 300, 700), image.Rect(300, 0, size.X, 700), image.Rect(0, 700, size.X, size.Y)} {
		m, err := d.Region(t.Context(), 1, scale, part)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Bounds(); got != (image.Rectangle{Max: part.Size()}) {
			t.Fatalf("got bounds %v for %v", got, part)
		}
		for y := range part.Dy() {
			for x := range part.Dx() {
				if m.RGBAAt(x, y) != whole.At(x+part.Min.X, y+part.Min.Y) {
					differ++
				}
			}
		}
	}
	// Letters that a seam cuts are smoothed a little otherwise.
	if limit := size.X * size.Y / 10_000; differ > limit {
		t.Errorf("%d pixels differ from the whole page, want at most %d", differ, limit)
	}
	if _, err := d.Region(t.Context(), 1, 1, image.Rectangle{}); !errors.Is(err, preview.ErrTooLarge) {
		t.Errorf("an empty part: got %v", err)
	}
}

func TestAPictureIsKeptSmallOnlyWithoutColour(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for y := range 30 {
		for x := range 40 {
			m.Set(x, y, color.Gray{Y: uint8(x * y % 256)})
		}
	}
	small := preview.Compact(m)
	if _, ok := small.(*image.Gray); !ok {
		t.Fatalf("without colour: got %T", small)
	}
	for y := range 30 {
		for x := range 40 {
			if got, want := color.RGBAModel.Convert(small.At(x, y)), m.At(x, y); got != want {
				t.Fatalf("at %d, %d: got %v, want %v", x, y, got, want)
			}
		}
	}
	m.Set(39, 29, color.RGBA{R: 1, A: 0xFF})
	if got := preview.Compact(m); got != image.Image(m) {
		t.Errorf("with one point in colour: got %T", got)
	}
}
