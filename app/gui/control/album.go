package control

import (
	"image"
	"slices"

	"kyso/app/present"
)

// maxAlbum bounds the bytes of the pictures that are kept.
const maxAlbum = 16 << 20

// album keeps the pictures of pages, the ones used last.
type album struct {
	shots map[present.Piece]*shot
	bytes int
	clock int
}

// shot is one picture; nil is one that cannot be drawn.
type shot struct {
	image image.Image
	used  int
}

func newAlbum() *album { return &album{shots: map[present.Piece]*shot{}} }

// weight is what a picture takes, in bytes.
func weight(m image.Image) int {
	switch m := m.(type) {
	case nil:
		return 0
	case *image.RGBA:
		return len(m.Pix)
	case *image.Gray:
		return len(m.Pix)
	}
	return 4 * m.Bounds().Dx() * m.Bounds().Dy()
}

// clear forgets all.
func (a *album) clear() { *a = album{shots: map[present.Piece]*shot{}} }

// has reports that a piece is there, or cannot be drawn.
func (a *album) has(p present.Piece) bool { return a.shots[p] != nil }

// find gives a picture, nil when it is not there.
func (a *album) find(p present.Piece) image.Image {
	if s := a.shots[p]; s != nil {
		return s.image
	}
	return nil
}

// undrawn reports a piece that cannot be drawn.
func (a *album) undrawn(p present.Piece) bool { return a.shots[p] != nil && a.shots[p].image == nil }

// put keeps a picture.
func (a *album) put(p present.Piece, m image.Image) {
	if old := a.shots[p]; old != nil && old.image != nil {
		a.bytes -= weight(old.image)
	}
	a.clock++
	a.shots[p] = &shot{m, a.clock}
	if m != nil {
		a.bytes += weight(m)
	}
}

// trim forgets what was not used for the longest time until the rest is within
// the bound. What is needed now stays, whatever its size.
func (a *album) trim(needed []present.Piece) {
	a.clock++
	for _, p := range needed {
		if s := a.shots[p]; s != nil {
			s.used = a.clock
		}
	}
	if a.bytes <= maxAlbum {
		return
	}
	var old []present.Piece
	for p, s := range a.shots {
		if s.used < a.clock {
			old = append(old, p)
		}
	}
	slices.SortFunc(old, func(x, y present.Piece) int { return a.shots[x].used - a.shots[y].used })
	for _, p := range old {
		if a.bytes <= maxAlbum {
			return
		}
		if m := a.shots[p].image; m != nil {
			a.bytes -= weight(m)
		}
		delete(a.shots, p)
	}
}

// standIn gives the best picture of a whole page at any scale, nil when there is none.
func (a *album) standIn(page int) (present.Piece, image.Image) {
	var best present.Piece
	var m image.Image
	for p, s := range a.shots {
		if p.Page == page && s.image != nil && p.Whole && p.Scale > best.Scale {
			best, m = p, s.image
		}
	}
	return best, m
}
