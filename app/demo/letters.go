package demo

import (
	"bytes"
	"embed"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"os"
	"path/filepath"
	"time"

	xdraw "golang.org/x/image/draw"

	"kyso/app/demo/ink"
	"kyso/app/demo/letter"
	"kyso/app/draft"
)

//go:embed letters/*.txt
var sources embed.FS

// Letter is one of the six documents that wait for the chairman.
type Letter struct {
	// File names its source, and its PDF without the ending.
	File string
	// Annex names the source of its annex, if it has one.
	Annex string
	// Initialed letters carry the section head's digital initials, Scanned
	// ones are a picture of a printed page without text.
	Initialed, Scanned bool
	Urgent             bool
}

// Letters are the documents that wait for the chairman, in the order of the inbox.
func Letters() []Letter {
	return []Letter{
		{File: "1-mot-trang"},
		{File: "2-hai-trang", Urgent: true},
		{File: "3-ke-hoach"},
		{File: "4-co-phu-luc", Annex: "4-phu-luc"},
		{File: "5-da-ky-nhay", Initialed: true},
		{File: "6-ban-quet", Scanned: true},
	}
}

// read parses a source with its dates relative to today.
func read(name string, today time.Time) (letter.Letter, error) {
	source, err := sources.ReadFile("letters/" + name + ".txt")
	if err != nil {
		return letter.Letter{}, fmt.Errorf("letter %s: %w", name, err)
	}
	l, err := letter.Parse(string(source), today)
	if err != nil {
		return letter.Letter{}, fmt.Errorf("letter %s: %w", name, err)
	}
	return l, nil
}

// Text gives the letter's text before it is set, with its dates relative to today.
func (l Letter) Text(today time.Time) (letter.Letter, error) { return read(l.File, today) }

// WriteLetters writes the PDFs of all letters into dir. Nothing is signed yet.
func WriteLetters(dir string, today time.Time) error {
	for _, l := range Letters() {
		pdf, err := l.pdf(today)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, l.File+".pdf"), pdf, 0o600); err != nil {
			return fmt.Errorf("write letter %s: %w", l.File, err)
		}
	}
	return nil
}

// pdf makes the letter's file: set, merged with its annex, or scanned.
func (l Letter) pdf(today time.Time) ([]byte, error) {
	paper, err := set(l.File, today)
	if err != nil {
		return nil, err
	}
	if l.Scanned {
		return scan(paper)
	}
	main, err := render(paper)
	if err != nil || l.Annex == "" {
		return main, err
	}
	annexPaper, err := set(l.Annex, today)
	if err != nil {
		return nil, err
	}
	annex, err := render(annexPaper)
	if err != nil {
		return nil, err
	}
	var merged bytes.Buffer
	if err := draft.Merge(&merged, bytes.NewReader(main), bytes.NewReader(annex)); err != nil {
		return nil, fmt.Errorf("letter %s: %w", l.File, err)
	}
	return merged.Bytes(), nil
}

func set(name string, today time.Time) (*letter.Paper, error) {
	text, err := read(name, today)
	if err != nil {
		return nil, err
	}
	paper, err := letter.Compose(text)
	if err != nil {
		return nil, fmt.Errorf("letter %s: %w", name, err)
	}
	return paper, nil
}

func render(paper *letter.Paper) ([]byte, error) {
	var b bytes.Buffer
	if err := paper.WritePDF(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// scan prints the paper, has it initialed by pen, and scans it in color at
// 200 dpi (NĐ 30/2020, Annex I, part I, section II, point 8: PDF of color
// pictures of at least 200 dpi).
func scan(paper *letter.Paper) ([]byte, error) {
	const dpi, degrees = 200, 0.55
	var pages []*bytes.Buffer
	for n := 1; n <= paper.Pages(); n++ {
		page, err := paper.Picture(n, dpi)
		if err != nil {
			return nil, err
		}
		if end := paper.End(); end.Page == n {
			if err := penInitials(page, end, dpi); err != nil {
				return nil, err
			}
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, letter.Scan(page, degrees, uint64(n)), &jpeg.Options{Quality: 82}); err != nil {
			return nil, fmt.Errorf("scan: %w", err)
		}
		pages = append(pages, &b)
	}
	var pdf bytes.Buffer
	if err := draft.FromImages(&pdf, readers(pages)...); err != nil {
		return nil, fmt.Errorf("scan: %w", err)
	}
	return pdf.Bytes(), nil
}

// penInitials puts the section head's initials behind "./." as a pen does.
func penInitials(page draw.Image, end letter.Spot, dpi float64) error {
	picture, err := ink.Initials(SectionHead().hand)
	if err != nil {
		return fmt.Errorf("scan: %w", err)
	}
	const width = 44.0 // points
	scale := dpi / 72
	height := width * float64(picture.Bounds().Dy()) / float64(picture.Bounds().Dx())
	bottom := float64(page.Bounds().Dy()) - end.Y*scale
	place := image.Rect(int((end.X+6)*scale), int(bottom-(height-7)*scale), int((end.X+6+width)*scale), int(bottom+7*scale))
	xdraw.CatmullRom.Scale(page, place, picture, picture.Bounds(), draw.Over, nil)
	return nil
}

// kindOf names a document's kind as registers do.
func kindOf(l letter.Letter) string {
	if l.Kind == "" {
		return "Công văn"
	}
	return l.Kind
}
