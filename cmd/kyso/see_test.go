package main_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"os/exec"
	"testing"
	"time"
)

// The tests find what a person would click by its look: the colour of the theme
// for what is to be done next (theme.go, primary in the light appearance).
const primary = 0x1B5FAA

// picture is what the screen shows.
func (s screen) picture(t *testing.T) image.Image {
	t.Helper()
	c := exec.CommandContext(t.Context(), "import", "-window", "root", "png:-")
	c.Env = append(os.Environ(), "DISPLAY="+s.name)
	out, err := c.Output()
	if err != nil {
		t.Fatalf("take a picture of the screen: %v", err)
	}
	m, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// see looks at the screen until find finds something: what the window's state
// says is painted a moment later.
func (s screen) see(t *testing.T, find func(image.Image) (image.Rectangle, bool)) image.Rectangle {
	t.Helper()
	limit, again := time.NewTimer(patience), time.NewTicker(time.Second/4)
	defer limit.Stop()
	defer again.Stop()
	for {
		if at, found := find(s.picture(t)); found {
			return at
		}
		select {
		case <-again.C:
		case <-limit.C:
			t.Fatal("what is to be clicked is not on the screen")
		}
	}
}

// filled finds the largest surface in the primary colour: the button of what is
// to be done next.
func filled(m image.Image) (at image.Rectangle, found bool) {
	for _, s := range spots(m, 2) {
		if s.share() > 0.5 && s.box.Dx() > 60 && s.box.Dy() > 24 && s.box.Dx()*s.box.Dy() > at.Dx()*at.Dy() {
			at, found = s.box, true
		}
	}
	return at, found
}

// outlined finds the first frame in the primary colour, which is that of the
// chosen row: two long thin lines, one over the other. They are blurred.
func outlined(m image.Image) (image.Rectangle, bool) {
	var lines []image.Rectangle
	for _, s := range spots(m, 40) {
		if s.box.Dx() > 300 && s.box.Dy() < 8 {
			lines = append(lines, s.box)
		}
	}
	if len(lines) < 2 {
		return image.Rectangle{}, false
	}
	return lines[0].Union(lines[1]), true
}

// spot is a connected area of one colour.
type spot struct {
	box    image.Rectangle
	pixels int
}

// share is how much of its box a spot fills.
func (s spot) share() float64 { return float64(s.pixels) / float64(s.box.Dx()*s.box.Dy()) }

// spots are the areas of the primary colour from the top down; each part of a
// colour may be off by so much.
func spots(m image.Image, off int) []spot {
	seen := map[image.Point]bool{}
	var all []spot
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if p := image.Pt(x, y); !seen[p] && isPrimary(m, p, off) {
				all = append(all, spread(m, p, off, seen))
			}
		}
	}
	return all
}

// spread follows a spot from one of its points.
func spread(m image.Image, from image.Point, off int, seen map[image.Point]bool) spot {
	s := spot{box: image.Rectangle{Min: from, Max: from}}
	seen[from] = true
	for next := []image.Point{from}; len(next) > 0; {
		p := next[len(next)-1]
		next = next[:len(next)-1]
		s.pixels++
		s.box = s.box.Union(image.Rectangle{Min: p, Max: p.Add(image.Pt(1, 1))})
		for _, q := range []image.Point{p.Add(image.Pt(1, 0)), p.Add(image.Pt(-1, 0)), p.Add(image.Pt(0, 1)), p.Add(image.Pt(0, -1))} {
			if q.In(m.Bounds()) && !seen[q] && isPrimary(m, q, off) {
				seen[q] = true
				next = append(next, q)
			}
		}
	}
	return s
}

// isPrimary reports that a point has the primary colour, but for off.
func isPrimary(m image.Image, p image.Point, off int) bool {
	r, g, b, _ := m.At(p.X, p.Y).RGBA()
	near := func(got uint32, want int) bool { d := int(got>>8) - want; return -off <= d && d <= off }
	return near(r, primary>>16) && near(g, primary>>8&0xFF) && near(b, primary&0xFF)
}
