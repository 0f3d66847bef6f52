package present_test

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"kyso/app/explain"
	"kyso/app/placement"
	"kyso/app/present"
	"kyso/app/studio"
)

// drawer keeps pictures in memory.
type drawer map[placement.Role]image.Image

func (d drawer) Mark(r placement.Role) image.Image { return d[r] }
func (d drawer) KeepMark(r placement.Role, m image.Image) error {
	d[r] = m
	return nil
}

func (d drawer) DropMark(r placement.Role) error {
	delete(d, r)
	return nil
}

// scan writes a picture of a black cross on paper.
func scan(t *testing.T, ink color.Color) string {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 600, 300))
	for y := range 300 {
		for x := range 600 {
			m.Set(x, y, color.Gray{Y: 235})
			if d := x - 2*y; x > 60 && x < 540 && y > 40 && y < 260 && (d > -8 && d < 8 || x+2*y > 592 && x+2*y < 608) {
				m.Set(x, y, ink)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "ảnh chụp.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func atelier() (*bench, drawer, *present.Studio) {
	b, kept := &bench{}, drawer{}
	d := present.NewDesktop(&present.Services{Marks: kept, Explain: func(err error) explain.Message { return explain.For(err, explain.Vietnamese) }}, b)
	d.Studio.Visit()
	return b, kept, d.Studio
}

func TestAPhotographBecomesTheMarkOfItsRole(t *testing.T) {
	b, kept, s := atelier()
	b.t = t
	s.SetRole(placement.Initials)
	s.Open(scan(t, color.Gray{Y: 20}))
	b.settle()
	st := s.State()
	if st.Picture == nil || !st.Fresh || !st.Blue || st.Checks[0].Tone != present.Good || kept[placement.Initials] != nil {
		t.Fatalf("black ink is proposed as blue and not kept yet: %+v", st.Checks)
	}
	if st.Width > 20 || st.Height > 10 {
		t.Errorf("initials of %.0f × %.0f mm", st.Width, st.Height)
	}
	s.SetBlue(false)
	if s.State().Checks[0].Tone != present.Caution {
		t.Error("black ink passes as blue")
	}
	s.SetBlue(true)
	s.Keep()
	if kept[placement.Initials] == nil || kept[placement.Approval] != nil || s.State().Fresh || s.State().Notice.Key != "studio.kept" {
		t.Errorf("got %v, %+v", kept, s.State().Notice)
	}
	s.Remove()
	if kept[placement.Initials] != nil || s.State().CanRemove {
		t.Error("it is still kept")
	}
}

func TestAPhotographIsTurnedAndCleanedAnew(t *testing.T) {
	b, _, s := atelier()
	b.t = t
	s.Open(scan(t, color.NRGBA{R: 20, G: 40, B: 170, A: 255}))
	b.settle()
	if s.State().Blue {
		t.Error("blue ink is recoloured")
	}
	was := s.State().Picture.Bounds()
	s.Turn()
	b.settle()
	if now := s.State().Picture.Bounds(); now.Dx() >= now.Dy() || was.Dx() <= was.Dy() {
		t.Errorf("%v was turned to %v", was, now)
	}
	s.SetStrength(-0.5)
	if s.State().Busy.Key == "" {
		t.Error("nothing is cleaned anew")
	}
	s.SetRole(placement.Approval) // the answer comes late
	b.settle()
	if s.State().Picture != nil || s.State().Busy.Key != "" {
		t.Error("a late answer is shown under another role")
	}
}

func TestWhatIsNoPictureIsTold(t *testing.T) {
	b, _, s := atelier()
	b.t = t
	path := filepath.Join(t.TempDir(), "a.png")
	if err := os.WriteFile(path, []byte("Kính gửi"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Open(path)
	b.settle()
	if p := s.State().Problem; p == nil || p.Code != "picture-format" {
		t.Errorf("got %+v", p)
	}
	if s.Keep(); s.State().Fresh {
		t.Error("nothing was kept as something")
	}
}

func TestASignatureIsDrawnUndoneAndKept(t *testing.T) {
	_, kept, s := atelier()
	s.Draw()
	s.Add(studio.Stroke{{X: 0, Y: 0}, {X: 60, Y: 30}, {X: 120, Y: 0}})
	one := s.State().Picture
	s.Add(studio.Stroke{{X: 10, Y: 40}, {X: 110, Y: 44}})
	s.Undo()
	if got := s.State().Picture; got == nil || got.Bounds() != one.Bounds() || len(s.State().Strokes) != 1 {
		t.Error("the last stroke was not taken back")
	}
	s.Keep()
	if kept[placement.Approval] == nil {
		t.Error("nothing is kept")
	}
	s.Draw()
	s.Cancel()
	if s.State().Drawing || s.State().Picture == nil {
		t.Error("what is kept is not shown again")
	}
}
