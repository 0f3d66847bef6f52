package studio

import (
	"image"
	"math"
)

// Finding is what a picture of a mark is or is not.
type Finding struct {
	// Transparent reports a ground through which the page is seen.
	Transparent bool
	// Blue reports blue ink (NĐ 30/2020/NĐ-CP, Annex I, part I, II.7).
	Blue bool
	// Red reports red ink, as a seal has it (the same, II.8).
	Red bool
	// Round reports ink as wide as it is high.
	Round bool
	// Sharp reports enough pixels for print: 200 in an inch at 50 mm.
	Sharp bool
	// Empty reports a picture without ink.
	Empty bool
}

// Good reports a picture to which nothing is to be said.
func (f Finding) Good() bool { return f.Transparent && f.Blue && f.Sharp && !f.Empty }

// sharpSide is 50 mm at 200 dots in an inch.
const sharpSide = 394

// Judge looks at a picture as a mark.
func Judge(m *image.NRGBA) Finding {
	box := inked(m)
	if box.Empty() {
		return Finding{Empty: true, Transparent: transparent(m)}
	}
	return Finding{Transparent: transparent(m), Blue: inHue(m, 190, 265), Red: inHue(m, -20, 20), Round: round(box), Sharp: max(box.Dx(), box.Dy()) >= sharpSide}
}

// round reports a box that is a square but for a twentieth.
func round(box image.Rectangle) bool {
	const slack = 20
	return max(box.Dx(), box.Dy())*(slack-1) <= min(box.Dx(), box.Dy())*slack
}

// inHue reports that most of the ink has a hue between two, in degrees from red,
// and is no grey.
func inHue(m *image.NRGBA, from, to float64) bool {
	var is, all float64
	for i := 0; i < len(m.Pix); i += 4 {
		a := float64(m.Pix[i+3])
		if a < visible {
			continue
		}
		all += a
		hue, saturation := hueOf(float64(m.Pix[i]), float64(m.Pix[i+1]), float64(m.Pix[i+2]))
		if from < 0 && hue > 180 {
			hue -= 360
		}
		if hue >= from && hue <= to && saturation >= 0.25 {
			is += a
		}
	}
	return all > 0 && is/all >= 0.7
}

// hueOf gives the hue in degrees, and the saturation.
func hueOf(r, g, b float64) (hue, saturation float64) {
	high, low := max(r, g, b), min(r, g, b)
	if high == 0 || high == low {
		return 0, 0
	}
	d := high - low
	switch high {
	case r:
		hue = math.Mod((g-b)/d+6, 6)
	case g:
		hue = (b-r)/d + 2
	default:
		hue = (r-g)/d + 4
	}
	return hue * 60, d / high
}
