package signer

import (
	"fmt"
	"image"
	"strconv"
	"time"

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

// Millimetre is a millimetre in points.
const Millimetre = 72 / 25.4

// The block in the corner of a page: a real signer's block measured.
const (
	blockWidth, blockHeight = 170, 30
	blockMargin             = 8 // from the page's edges
	blockFontSize           = 10
)

// ApprovalMark is the mark of the authorised person: the picture of the
// handwritten signature, centred between the title and the name, no text
// (Decree 30/2020/NĐ-CP, annex I, part I, section II, point 7). box is the room
// between the two.
func ApprovalMark(page int, box Rect, signature image.Image) Mark {
	return Mark{Page: page, Rect: box, Image: signature}
}

// InitialsMark are initials (ký nháy) on a draft: a small picture whose lower
// left corner is at x, y, both in points; width is in millimetres, by tradition 12
// to 20. No rule says how initials look; article 12 of Decree 30/2020/NĐ-CP is
// what they are for.
func InitialsMark(page int, x, y, width float64, initials image.Image) Mark {
	w := width * Millimetre
	h := w
	if b := initials.Bounds(); b.Dx() > 0 {
		h = w * float64(b.Dy()) / float64(b.Dx())
	}
	return Mark{Page: page, Rect: Rect{X: x, Y: y, W: w, H: h}, Image: initials}
}

// SealMark is the agency's seal in its real size over the left third of the
// approval's mark and level with it (Decree 30/2020/NĐ-CP, annex I, part I,
// section II, point 8). diameter is in millimetres.
func SealMark(page int, approval Rect, diameter float64, seal image.Image) Mark {
	d := diameter * Millimetre
	return Mark{
		Page: page, Image: seal,
		Rect: Rect{X: approval.X + approval.W/3 - d, Y: approval.Y + approval.H/2 - d/2, W: d, H: d},
	}
}

// AppendixMark is the agency's mark on an annex in a file of its own: no picture,
// top right of the first page, the number and symbol of the document and the
// time of signing, 10 points, upright, black (Decree 30/2020/NĐ-CP, annex I, part
// I, section II, point 8). first is the size of the first page as shown, font a
// Times New Roman or its metric equal.
func AppendixMark(first PageSize, font []byte, number string, at time.Time) Mark {
	return corner(first, font, number, signingTime(at))
}

// CopyMark is the agency's mark on an electronic copy: no picture, top right of
// the first page, the form of copy (SAO Y, SAO LỤC or TRÍCH SAO), the agency and
// the time of signing, in the type of AppendixMark (Decree 30/2020/NĐ-CP, annex I).
func CopyMark(first PageSize, font []byte, form, agency string, at time.Time) Mark {
	return corner(first, font, form+"; "+agency, signingTime(at))
}

// corner is a block of two centred lines. It grows to the left with long lines.
func corner(first PageSize, font []byte, lines ...string) Mark {
	m := Mark{Page: 1, Lines: lines, Font: font, FontSize: blockFontSize}
	w := float64(blockWidth)
	if text, err := m.stamp().Width(); err == nil { // else the request is refused later
		w = max(w, text+1)
	}
	w = min(w, first.W-2*blockMargin)
	m.Rect = Rect{X: first.W - blockMargin - w, Y: first.H - blockMargin - blockHeight, W: w, H: blockHeight}
	return m
}

// signingTime is a time by ISO 8601 in Vietnam's zone.
func signingTime(at time.Time) string {
	const vietnam = 7 * 60 * 60 // seconds east of UTC, all year
	return at.In(time.FixedZone("", vietnam)).Format("2006-01-02T15:04:05-07:00")
}

// Face is a font in a size.
type Face struct {
	// Font is a TrueType file.
	Font []byte
	// Size is in points.
	Size float64
}

// NumberMark sets the number that the system gave a document in its place after
// "Số:", as a further signature of the agency (Decree 30/2020/NĐ-CP, article 15;
// annex I, part I, section II, point 3), upright in 13 points.
func NumberMark(page int, place Rect, face Face, number string) Mark {
	return Mark{Page: page, Rect: place, Lines: []string{number}, Font: face.Font, FontSize: face.Size}
}

// DateMark sets the place and the date of issue, as a further signature of the
// agency: days below 10 and the months 1 and 2 have a zero in front (Decree
// 30/2020/NĐ-CP, annex I, part I, section II, point 4). where may be empty; the
// decree asks for an italic font of 13 or 14 points.
func DateMark(page int, place Rect, face Face, where string, issued time.Time) Mark {
	month := strconv.Itoa(int(issued.Month()))
	if issued.Month() <= time.February {
		month = "0" + month
	}
	line := fmt.Sprintf("ngày %02d tháng %s năm %d", issued.Day(), month, issued.Year())
	if where != "" {
		line = where + ", " + line
	}
	return Mark{Page: page, Rect: place, Lines: []string{line}, Font: face.Font, FontSize: face.Size}
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

// TextWidth is the width in points of the longest of Lines, in the size that is
// asked for; in a Rect that is narrower they are set smaller.
func (m Mark) TextWidth() (float64, error) {
	w, err := m.stamp().Width()
	if err != nil {
		return 0, fmt.Errorf("measure the mark: %w", err)
	}
	return w, nil
}

// Show draws the mark as it will stand in a document, in its Rect, at some pixels
// to the point: the same lines in the same size at the same places. What it does
// not paint is transparent. It fails for what a signature would refuse.
func (m Mark) Show(pixels float64) (image.Image, error) {
	shown, err := m.stamp().Show(m.Rect.W, m.Rect.H, pixels)
	if err != nil {
		return nil, fmt.Errorf("show the mark: %w", err)
	}
	return shown, nil
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
