package placementtest

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// lay turns the runs of a page into those of a text layer.
func (c *composer) lay(s *sheet) {
	switch c.spec.layer {
	case typed:
	case decomposed:
		for i := range s.runs {
			s.runs[i].text = norm.NFD.String(s.runs[i].text)
		}
	case coded8:
		for i := range s.runs {
			s.runs[i].coded = true
		}
	case scattered:
		s.runs = c.words(s.runs, true)
		c.dice.Shuffle(len(s.runs), func(i, j int) { s.runs[i], s.runs[j] = s.runs[j], s.runs[i] })
	case scanned, noisy:
		c.scan(s)
		s.runs = c.words(s.runs, false)
		for i := range s.runs {
			c.read(&s.runs[i])
		}
	case picture1:
		c.scan(s)
		s.runs = nil
	}
}

// words parts runs at their spaces, and words in two when halves is asked for.
func (c *composer) words(runs []run, halves bool) []run {
	var out []run
	for _, r := range runs {
		x := r.x
		for _, word := range strings.SplitAfter(r.text, " ") {
			parts := []string{word}
			if letters := []rune(word); halves && len(letters) > 4 && c.dice.IntN(3) == 0 {
				parts = []string{string(letters[:2]), string(letters[2:])}
			}
			for _, p := range parts {
				w := r
				w.text, w.x = p, x
				x += c.fonts[r.style].width(p, r.size) * r.stretch
				if !halves {
					w.text = strings.TrimSpace(p)
				}
				if w.text != "" {
					out = append(out, w)
				}
			}
		}
	}
	return out
}

// scan lays the picture of the page under it: whole, or in strips. What was
// drawn on the page stays.
func (c *composer) scan(s *sheet) {
	drawn := s.pictures
	s.pictures, s.strokes = nil, nil
	n := 1
	if c.spec.strips {
		n = 6
	}
	for i := range n {
		h := s.h / float64(n)
		s.pictures = append(s.pictures, picture{Box{0, float64(i) * h, s.w, h}, true})
	}
	s.pictures = append(s.pictures, drawn...)
}

// read makes a word one that a scanner's program has read: hidden, on its own,
// at about the right place; when it reads badly, with wrong letters.
func (c *composer) read(r *run) {
	r.hidden = true
	r.turned = c.spec.skew * math.Pi / 180
	width := c.fonts[r.style].width(r.text, r.size)
	r.y += (c.dice.Float64() - 0.5) * 0.8
	if c.spec.layer == noisy {
		r.text = misread(r.text, c.dice)
	}
	if now := c.fonts[r.style].width(r.text, r.size); now > 0 {
		r.stretch *= width / now
	}
}

// misread changes letters as scanners' programs do.
func misread(word string, dice *rand.Rand) string {
	const faults = 14 // one letter in so many
	var b strings.Builder
	for _, r := range word {
		switch {
		case dice.IntN(faults) > 0:
			b.WriteRune(r)
		case dice.IntN(3) > 0:
			b.WriteString(bare(r))
		case r == 'O' || r == 'Ô':
			b.WriteRune('0')
		case r == 'l' || r == 'i':
			b.WriteRune('1')
		case r == 'I':
			b.WriteRune('l')
		case dice.IntN(4) == 0:
			b.WriteString(bare(r) + " ")
		default:
			b.WriteRune(r)
		}
	}
	return strings.TrimSpace(b.String())
}

// bare is a letter without its marks.
func bare(r rune) string {
	switch r {
	case 'đ':
		return "d"
	case 'Đ':
		return "D"
	}
	return strings.Map(func(c rune) rune {
		if unicode.Is(unicode.Mn, c) {
			return -1
		}
		return c
	}, norm.NFD.String(string(r)))
}

// The codes of TCVN 5712 (VN3) of the small letters; faces whose names end in H
// show them as capitals.
const (
	vn3Letters = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
	vn3Codes   = "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ"
)

// coded is the code of a letter in those faces.
func coded(r rune) rune {
	if i := slices.Index([]rune(vn3Letters), unicode.ToLower(r)); i >= 0 {
		return []rune(vn3Codes)[i]
	}
	return r
}
