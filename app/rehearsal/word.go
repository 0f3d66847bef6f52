package rehearsal

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/draw"
	"golang.org/x/image/math/f64"

	"kyso/app/lettering"
)

const (
	wordSize = 150 // pixels of the letters
	wordSide = 800 // pixels of the square in which the word stands aslant
	angle    = 45  // degrees
)

// aslant draws Mark aslant in a square, in a red through which a text can be read.
func aslant(typeface []byte) (image.Image, error) {
	line, err := lettering.Draw(Mark, typeface, wordSize, 0, color.NRGBA{R: 190, G: 30, B: 30, A: 70})
	if err != nil {
		return nil, err
	}
	out := image.NewNRGBA(image.Rect(0, 0, wordSide, wordSide))
	w, h := float64(line.Bounds().Dx()), float64(line.Bounds().Dy())
	sin, cos := math.Sincos(-angle * math.Pi / 180)
	const middle = wordSide / 2
	draw.BiLinear.Transform(out, f64.Aff3{
		cos, -sin, middle - cos*w/2 + sin*h/2,
		sin, cos, middle - sin*w/2 - cos*h/2,
	}, line, line.Bounds(), draw.Over, nil)
	return out, nil
}

// stamped is a picture with the word over it.
func stamped(picture, word image.Image) image.Image {
	b := picture.Bounds()
	out := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Bounds(), picture, b.Min, draw.Src)
	side := min(b.Dx(), b.Dy())
	at := image.Rect(0, 0, side, side).Add(image.Pt((b.Dx()-side)/2, (b.Dy()-side)/2))
	draw.BiLinear.Scale(out, at, word, word.Bounds(), draw.Over, nil)
	return out
}
