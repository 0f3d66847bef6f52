package preview_test

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"slices"
	"testing"

	"codeberg.org/go-pdf/fpdf"

	"kyso/app/placement"
)

// sheetOf writes one A4 page with a hand and reads it.
func sheetOf(t *testing.T, set func(*fpdf.Fpdf)) placement.Page {
	t.Helper()
	path := letter(t, func(f *fpdf.Fpdf) {
		f.AddPage()
		set(f)
	})
	d := open(t, path)
	p, err := d.Page(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// texts are the lines of a page as texts, from the top.
func texts(p placement.Page) []string {
	var out []string
	for _, l := range p.Lines {
		out = append(out, l.Text)
	}
	return out
}

func TestLinesAreReadAsTheyStand(t *testing.T) {
	cases := map[string]struct {
		set  func(*fpdf.Fpdf)
		want []string
	}{
		"askew, as on a scanner": {func(f *fpdf.Fpdf) {
			f.TransformBegin()
			f.TransformRotate(2, 300, 400)
			f.Text(85, 400, "Các phòng, ban, đơn vị nghiêm túc thực hiện ký số văn bản điện tử")
			f.Text(85, 416, "và báo cáo kết quả về Văn phòng trước ngày 25 hằng tháng./.")
			f.TransformEnd()
		}, []string{"Các phòng, ban, đơn vị nghiêm túc thực hiện ký số văn bản điện tử", "và báo cáo kết quả về Văn phòng trước ngày 25 hằng tháng./."}},
		"with signs that are low or small": {func(f *fpdf.Fpdf) {
			f.Text(85, 300, "- Lưu: VT, quý, ngày.")
		}, []string{"- Lưu: VT, quý, ngày."}},
		"printed twice for want of a bold face": {func(f *fpdf.Fpdf) {
			f.Text(85, 300, "CHỦ TỊCH")
			f.Text(85.4, 300, "CHỦ TỊCH")
		}, []string{"CHỦ TỊCH"}},
		"in columns": {func(f *fpdf.Fpdf) {
			f.Text(85, 300, "Nơi nhận:")
			f.Text(380, 300, "CHỦ TỊCH")
		}, []string{"CHỦ TỊCH", "Nơi nhận:"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := texts(sheetOf(t, c.set))
			slices.Sort(got)
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTheWordsOfALineAreTold(t *testing.T) {
	p := sheetOf(t, func(f *fpdf.Fpdf) { f.Text(85, 300, "Nguyễn Trọng Hải") })
	if len(p.Lines) != 1 || len(p.Lines[0].Words) != 3 {
		t.Fatalf("got %+v, want one line of three words", p.Lines)
	}
	for i, w := range p.Lines[0].Words[1:] {
		if before := p.Lines[0].Words[i].Rect; w.Rect.X < before.X+before.W {
			t.Errorf("the word %q begins at %v, before the one before it ends", w.Text, w.Rect.X)
		}
	}
}

func TestWhatIsDrawnIsInk(t *testing.T) {
	p := sheetOf(t, func(f *fpdf.Fpdf) {
		f.Text(85, 300, "CHỦ TỊCH")
		f.Circle(300, 500, 50, "D")
	})
	circle := placement.Rect{X: 250, Y: 842 - 550, W: 100, H: 100}
	var around placement.Rect
	for _, r := range p.Ink {
		if r.X < circle.X-4 || r.X+r.W > circle.X+circle.W+4 || r.Y < circle.Y-4 || r.Y+r.H > circle.Y+circle.H+4 {
			t.Errorf("got ink at %+v, where there is only text", r)
		}
		around.W += r.W
	}
	if around.W < 100 {
		t.Errorf("got %v points of ink, want the circle", around.W)
	}
}

func TestASignatureByHandOnAScanIsAMark(t *testing.T) {
	p := sheetOf(t, func(f *fpdf.Fpdf) {
		f.RegisterImageOptionsReader("scan", fpdf.ImageOptions{ImageType: "PNG"}, scanPNG(t))
		f.ImageOptions("scan", 0, 0, 595, 842, false, fpdf.ImageOptions{ImageType: "PNG"}, 0, "")
		f.SetTextRenderingMode(3)
		f.Text(100, 300, "CHỦ TỊCH")
	})
	if !p.Scanned {
		t.Error("the page was not taken for a scan")
	}
	if len(p.Marks) != 1 {
		t.Fatalf("got marks %+v, want the one by hand", p.Marks)
	}
	if m := p.Marks[0]; m.X > 300 || m.X+m.W < 380 || m.Y > 842-440 || m.Y+m.H < 842-422 {
		t.Errorf("got %+v, want it around the strokes", m)
	}
}

// scanPNG is a page with a word at 100, 300 and strokes at 300, 420, in points
// from the upper left corner.
func scanPNG(t *testing.T) io.Reader {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 595, 842))
	draw.Draw(m, m.Rect, image.NewUniform(color.RGBA{248, 246, 240, 255}), image.Point{}, draw.Src)
	draw.Draw(m, image.Rect(101, 290, 165, 300), image.Black, image.Point{}, draw.Src)
	for i := range 80 {
		at := image.Pt(300+i, 420+(i*7)%20)
		draw.Draw(m, image.Rectangle{Min: at, Max: at.Add(image.Pt(3, 3))}, image.NewUniform(color.RGBA{20, 30, 150, 255}), image.Point{}, draw.Src)
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(png.Encode(w, m)) }()
	return r
}
