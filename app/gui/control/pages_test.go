package control_test

import (
	"image"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"kyso/app/gui/control"
	"kyso/app/gui/theme"
	"kyso/app/present"
)

// a4 is a document of so many pages.
func a4(pages int) []present.PageSize {
	out := make([]present.PageSize, pages)
	for i := range out {
		out[i] = present.PageSize{W: 595, H: 842}
	}
	return out
}

// shown is a view in a window that gets every picture that it asks for.
type shown struct {
	*control.Pages

	window fyne.Window
	asked  int
	bytes  int // of the pictures that were given, the largest one
}

func show(tb testing.TB, pages int, zoom float64) *shown {
	tb.Helper()
	test.NewTempApp(tb).Settings().SetTheme(theme.Theme{Appearance: theme.Light})
	s := &shown{Pages: control.NewPages()}
	s.Want = func(pieces []present.Piece) {
		for _, p := range pieces {
			s.asked++
			m := image.NewRGBA(image.Rectangle{Max: p.Part.Size()})
			s.bytes = max(s.bytes, len(m.Pix))
			s.SetPicture(p, m)
		}
	}
	s.window = test.NewTempWindow(tb, s.Pages)
	s.window.SetPadded(false)
	s.window.Resize(fyne.NewSize(1000, 800))
	s.Set(a4(pages), zoom, false)
	return s
}

// count counts the objects that the canvas would paint.
func count(o fyne.CanvasObject) int {
	n := 1
	switch o := o.(type) {
	case *fyne.Container:
		for _, c := range o.Objects {
			n += count(c)
		}
	case fyne.Widget:
		for _, c := range test.WidgetRenderer(o).Objects() {
			n += count(c)
		}
	}
	return n
}

func TestAThousandPagesPaintNoMoreThanTen(t *testing.T) {
	few := show(t, 10, 1.5)
	few.ShowPage(5)
	want := count(few.Pages)
	many := show(t, 1000, 1.5)
	for page := 1; page <= 1000; page += 7 {
		many.ShowPage(page)
	}
	many.ShowPage(500)
	if got := count(many.Pages); got > want+2 {
		t.Errorf("got %d objects, want about %d as for ten pages", got, want)
	}
	if many.Middle() != 500 {
		t.Errorf("got page %d in the middle", many.Middle())
	}
}

func TestAHighZoomMakesNoGiantPictures(t *testing.T) {
	s := show(t, 3, 8)
	if s.bytes > 12<<20 {
		t.Errorf("a picture of %d MB was asked for", s.bytes>>20)
	}
	if s.asked > 12 {
		t.Errorf("%d pieces were asked for one view", s.asked)
	}
}

// painted is how often a pixel of the view is painted, on average.
func (s *shown) painted() float32 {
	stack := s.Stack().(fyne.Widget)
	var sum float32
	for _, o := range test.WidgetRenderer(stack).Objects() {
		at, size := stack.Position().Add(o.Position()), o.Size()
		w := min(at.X+size.Width, s.Size().Width) - max(at.X, 0)
		h := min(at.Y+size.Height, s.Size().Height) - max(at.Y, 0)
		sum += max(w, 0) * max(h, 0)
	}
	return sum / (s.Size().Width * s.Size().Height)
}

// A machine without a graphics card paints every layer of the window by itself.
func TestASharpPageIsPaintedOnceAndNothingUnderIt(t *testing.T) {
	for _, zoom := range []float64{0.4, 1, 1.6, 3, 8} {
		s := show(t, 3, zoom)
		for _, views := range []float32{0, 0.5, 1} {
			s.Page(views)
			if got := s.painted(); got < 0.999 || got > 1.02 {
				t.Errorf("zoom %v: every pixel of the view is painted %.3f times", zoom, got)
			}
		}
	}
	s := show(t, 0, 1)
	if got := s.painted(); got < 0.999 {
		t.Errorf("without pages %.3f of the view is painted", got)
	}
}

func TestAPageTurnedBackToIsNotDrawnAgain(t *testing.T) {
	s := show(t, 10, 1)
	s.ShowPage(4)
	s.ShowPage(5)
	before := s.asked
	s.ShowPage(4)
	if s.asked != before {
		t.Errorf("%d pieces were asked for again", s.asked-before)
	}
}

func TestTheMarkIsDraggedAcrossPages(t *testing.T) {
	s := show(t, 2, 1)
	mark := control.Mark{Page: 1, At: control.Box{X: 100, Y: 300, W: 100, H: 50}, Text: "Chữ ký"}
	s.SetMarks([]control.Mark{{Page: 1, At: control.Box{X: 400, Y: 300, W: 40, H: 20}}, mark}, 0)
	grabbed, dropped := -1, 0
	s.Grabbed = func(i int) { grabbed = i; s.SetMarks([]control.Mark{{}, mark}, 1) }
	s.Dropped = func() { dropped++ }
	s.Moved = func(page int, to control.Box) {
		mark.Page, mark.At = page, to
		s.SetMarks([]control.Mark{{}, mark}, 1)
	}
	// The mark's middle: the page begins 16 below the top, in the middle of the width.
	at := fyne.NewPos((1000-595)/2+150, 16+842-325)
	s.Stack().(desktop.Mouseable).MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: at}})
	drag := func(dy float32) {
		at = at.AddXY(0, dy)
		s.Stack().(fyne.Draggable).Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: at}, Dragged: fyne.Delta{DY: dy}})
	}
	drag(100)
	if mark.Page != 1 || mark.At.Y != 200 {
		t.Errorf("after 100 down: page %d at %v, want page 1 at 200", mark.Page, mark.At.Y)
	}
	drag(350)
	// 450 down from the middle, over the gap of 16 between the pages.
	if want := 842 + 300 - 450 + 16.0; mark.Page != 2 || mark.At.Y != want {
		t.Errorf("after 450 down: page %d at %v, want page 2 at %v", mark.Page, mark.At.Y, want)
	}
	s.Stack().(fyne.Draggable).DragEnd()
	if grabbed != 1 || dropped != 1 {
		t.Errorf("grabbed mark %d, dropped %d times", grabbed, dropped)
	}
}

func TestTheWheelTurnsPagesAndOnlyTheViewTakesIt(t *testing.T) {
	s := show(t, 10, 1)
	if _, ok := s.Stack().(fyne.Scrollable); ok {
		t.Error("the stack takes the wheel: what is drawn is clipped at its edges, not at the view's")
	}
	for range 20 {
		s.Wheel().Scrolled(&fyne.ScrollEvent{Scrolled: fyne.Delta{DY: -100}})
	}
	if s.Middle() < 3 {
		t.Errorf("after 2000 units page %d is in the middle", s.Middle())
	}
}

func BenchmarkTurningAPageInAThousand(b *testing.B) {
	s := show(b, 1000, 1.5)
	page := 1
	for b.Loop() {
		page = page%1000 + 1
		s.ShowPage(page)
	}
}

func BenchmarkTurningBackAndForth(b *testing.B) {
	s := show(b, 1000, 1.5)
	s.ShowPage(500)
	s.ShowPage(501)
	for b.Loop() {
		s.ShowPage(500)
		s.ShowPage(501)
	}
}

func TestTheMarkStaysInViewWhenTheWindowGetsItsSize(t *testing.T) {
	const zoom, foot = 1.5, 120 // the mark ends 120 points above the page's lower edge
	cases := map[string]struct {
		size   fyne.Size
		zoom   float64 // of the new width, 0 for none
		before func(s *shown)
		want   bool
	}{
		"a lower window":                     {fyne.NewSize(1000, 420), 0, nil, true},
		"a narrower one, whose pages shrink": {fyne.NewSize(700, 420), 1.1, nil, true},
		"a wider one, whose pages grow":      {fyne.NewSize(1600, 420), 2.5, nil, true},
		"after the person scrolled":          {fyne.NewSize(1000, 420), 0, func(s *shown) { s.Wheel().Scrolled(&fyne.ScrollEvent{Scrolled: fyne.Delta{DY: 2000}}) }, false},
		"after another page was chosen":      {fyne.NewSize(1000, 420), 0, func(s *shown) { s.ShowPage(3) }, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s, at := show(t, 3, zoom), zoom
			s.Sized = func() {
				if c.zoom != 0 {
					at = c.zoom
					s.Set(a4(3), at, true)
				}
			}
			mark := control.Box{X: 300, Y: foot, W: 150, H: 60}
			s.SetMarks([]control.Mark{{Page: 1, At: mark}}, 0)
			s.ShowMark()
			if c.before != nil {
				c.before(s)
			}
			s.window.Resize(c.size)
			// The page begins 16 below the top.
			top, end := 16+float32((842-mark.Y-mark.H)*at), 16+float32((842-mark.Y)*at)
			if got := top >= s.Top() && end <= s.Top()+c.size.Height; got != c.want {
				t.Errorf("the mark from %v to %v, the view from %v to %v: in view %v, want %v", top, end, s.Top(), s.Top()+c.size.Height, got, c.want)
			}
		})
	}
}
