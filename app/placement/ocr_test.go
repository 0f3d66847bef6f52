package placement_test

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"kyso/app/demo/letter"
	"kyso/app/placement"
	"kyso/app/placement/placementtest"
)

// foreign asks for the tests that start other programs; `make placement` sets it.
const foreign = "KYSO_PLACEMENT"

// needs skips a test that is not asked for, or whose program is not there.
func needs(t *testing.T, program string) {
	t.Helper()
	if os.Getenv(foreign) == "" {
		t.Skip("slow; make placement runs it")
	}
	if _, err := exec.LookPath(program); err != nil {
		t.Skip(program + " is not installed")
	}
}

const dpi = 200 // of scans, the least by NĐ 30/2020

// TestMarksArePlacedOnScansReadByTesseract prints letters, scans them with dust
// and askew, and has Tesseract read them: its text layers were not made for us.
// Every fifth letter is signed by hand between title and name.
func TestMarksArePlacedOnScansReadByTesseract(t *testing.T) {
	needs(t, "tesseract")
	counts := map[string]table{}
	const scans = 40
	for i := range scans {
		n := 1 + 13*i%letters
		l, err := placementtest.Make(n)
		if err != nil {
			t.Fatal(err)
		}
		if !l.Printed || l.Truth.Page != 1 {
			continue // only first pages are scanned
		}
		degrees := float64(i%5-2) * 0.4
		byHand := i%5 == 4 && !l.Truth.Unknowable
		pages := scan(t, l, degrees, byHand)
		l.Truth = l.Truth.Turned(degrees, pages[0].W, pages[0].H)
		l.Truth.Unknowable = l.Truth.Unknowable || byHand
		for _, a := range acts() {
			p := a.propose(pages, l)
			o := judge(l, p, a.known(l), a.right(l, p))
			if counts[a.name] == nil {
				counts[a.name] = table{}
			}
			kind := "scan"
			if byHand {
				kind = "signed by hand"
			}
			counts[a.name].add(kind, o)
			if o == asked || o == wrongPlace || o == overInk {
				t.Logf("%s, %d %s: %s: %+v\n  %s; turned %.1f, room %+v", a.name, n, l.Kind, o, p, l.About, degrees, l.Truth.Room)
			}
		}
	}
	for _, a := range acts() {
		t.Logf("%s%s", a.name, counts[a.name])
		sum := counts[a.name].total()
		if sum[wrongPlace] > 0 || sum[overInk] > 0 {
			t.Errorf("%s: got %d sure wrong places and %d over ink, want none", a.name, sum[wrongPlace], sum[overInk])
		}
	}
}

// scan gives the first page of a letter as Tesseract read it.
func scan(t *testing.T, l placementtest.Letter, degrees float64, byHand bool) []placement.Page {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "letter.pdf")
	if err := os.WriteFile(path, l.PDF, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := renderer.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	printed, err := d.Render(t.Context(), 1, dpi/72.)
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if byHand {
		printed = signed(printed, l.Truth.Room)
	}
	picture := filepath.Join(dir, "scan.png")
	f, err := os.Create(picture)
	if err != nil {
		t.Fatal(err)
	}
	// Pictures count y downwards: there the other turn is the positive one.
	if err := png.Encode(f, letter.Scan(printed, -degrees, 7)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "tesseract", picture, filepath.Join(dir, "read"), "-l", "vie", "--dpi", fmt.Sprint(dpi), "pdf").CombinedOutput()
	if err != nil {
		t.Fatalf("tesseract: %v\n%s", err, out)
	}
	return read(t, filepath.Join(dir, "read.pdf"))
}

// signed draws a signature by pen into a room.
func signed(m image.Image, room placementtest.Box) image.Image {
	out := image.NewRGBA(m.Bounds())
	draw.Draw(out, out.Rect, m, m.Bounds().Min, draw.Src)
	const scale = dpi / 72.
	high := float64(out.Rect.Dy())
	for i := range 4000 {
		at := float64(i) / 4000
		x := room.X + room.W/2 + 50*(at-0.5)*2
		y := room.Y + room.H/2 + room.H*0.35*math.Sin(at*25)
		draw.Draw(out, image.Rect(int(x*scale), int(high-y*scale), int(x*scale)+4, int(high-y*scale)+4), image.NewUniform(color.RGBA{20, 30, 140, 255}), image.Point{}, draw.Src)
	}
	return out
}
