package signer

import (
	"fmt"
	"image"

	"kyso/signer/internal/pades"
	"kyso/signer/internal/pdf"
	"kyso/signer/internal/stamp"
)

// Rect is a rectangle on a page in points (1/72 inch), measured from the lower
// left corner of the page as it is shown: crop box and rotation applied.
type Rect struct{ X, Y, W, H float64 }

// Mark is the visible part of a signature.
type Mark struct {
	// Page counts from 1; −1 is the last page.
	Page int
	Rect Rect
	// Image is drawn to fit Rect with its proportions kept, centred; its alpha is kept.
	Image image.Image
	// Lines are text lines, drawn in Font; with an Image they stand below it.
	Lines []string
	// Font is a TrueType file that has every letter of Lines; it is embedded as a subset.
	Font []byte
	// FontSize is in points; zero means 10.
	FontSize float64
	// AlignRight sets Lines flush right, else they are centred.
	AlignRight bool
	// Alt says in words what the mark is, for people who hear the page; empty
	// says whose signature it is.
	Alt string
}

// checkMarks reports a mark that cannot be drawn.
func checkMarks(marks []Mark) error {
	for i, m := range marks {
		if err := m.stamp().Check(); err != nil {
			return fmt.Errorf("mark %d: %w", i+1, err)
		}
	}
	return nil
}

func (m Mark) stamp() stamp.Mark {
	return stamp.Mark{Image: m.Image, Lines: m.Lines, Font: m.Font, Size: m.FontSize, AlignRight: m.AlignRight}
}

// places are the marks as the engine takes them. What they share is embedded once.
func places(marks []Mark) []pades.Place {
	var press *stamp.Press
	out := make([]pades.Place, len(marks))
	for i, m := range marks {
		r := m.Rect
		out[i] = pades.Place{
			Page: m.Page, Box: pdf.Box{X0: r.X, Y0: r.Y, X1: r.X + r.W, Y1: r.Y + r.H}, Alt: m.Alt,
			Draw: func(u *pdf.Update, l pades.Look) (pdf.Ref, error) {
				if press == nil || press.Update() != u {
					press = stamp.NewPress(u)
				}
				s := m.stamp()
				s.Archive, s.Opaque = l.Archive, l.Opaque
				return press.Draw(s, l.W, l.H, l.Rotate)
			},
		}
	}
	return out
}
