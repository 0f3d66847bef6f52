package control

import "image"

// Imprint is what a mark shows: a picture, or a text that is drawn anew for each size
// in which it is seen.
type Imprint struct {
	Image image.Image
	// Show draws the text at some pixels to the point, nil when it cannot; Words tells
	// one text from another.
	Show  func(pixels float64) image.Image
	Words string
}

// imprintKey is all that the drawing of a text follows from.
type imprintKey struct {
	words        string
	w, h, pixels float64
}

// Imprints keep drawings of texts; the zero value has none.
type Imprints struct{ made map[imprintKey]image.Image }

// Bounds of the drawings: how many are kept, and how sharp they get.
const (
	mostImprints = 64
	sharpest     = 16 // pixels to the point
	coarsest     = 0.25
	sizeSteps    = 1000 // steps in which sizes are told apart, to the point
)

// Of gives what an imprint shows in a box, in points, at some pixels to the point; nil for nothing.
func (i *Imprints) Of(k Imprint, at Box, pixels float64) image.Image {
	if k.Image != nil || k.Show == nil {
		return k.Image
	}
	round := func(v float64) float64 { return float64(int(v*sizeSteps+0.5)) / sizeSteps }
	key := imprintKey{k.Words, round(at.W), round(at.H), round(min(max(pixels, coarsest), sharpest))}
	if m, ok := i.made[key]; ok {
		return m
	}
	if i.made == nil || len(i.made) >= mostImprints {
		i.made = map[imprintKey]image.Image{}
	}
	m := k.Show(key.pixels)
	i.made[key] = m
	return m
}
