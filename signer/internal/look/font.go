package look

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf16"

	"kyso/signer/internal/pdf"
)

// font turns the bytes of a shown string into text and widths.
type font struct {
	double bool            // two bytes a character, as Type 0 fonts have them
	texts  map[int]string  // by code
	ranges []codeRange     // where texts has nothing, the last one counts
	widths map[int]float64 // by code, in thousandths of the size
	width  float64         // of the others
	left   *int
}

const (
	maxCodes = 1 << 16
	maxRunes = 64 // of one code: a ligature has a few
	// Ranges of at least wideRange codes are kept as they are, maxRanges of a font.
	wideRange = 256
	maxRanges = 32
)

// readFont reads a font; left is how many codes the fonts of a page may still set.
func readFont(f *pdf.File, d *pdf.Dict, left *int) *font {
	out := &font{texts: map[int]string{}, widths: map[int]float64{}, width: 500, left: left}
	if d == nil {
		return out
	}
	if stream, ok := f.Resolve(d.Get("ToUnicode")).(*pdf.Stream); ok {
		if data, err := f.StreamData(stream); err == nil && len(data) <= maxContent {
			out.readMap(data)
		}
	}
	if f.Name(d.Get("Subtype")) == "Type0" {
		out.double = true
		out.width = 1000
		if below := f.Array(d.Get("DescendantFonts")); len(below) > 0 {
			out.readWide(f, f.Dict(below[0]))
		}
		return out
	}
	first, _ := f.Int(d.Get("FirstChar"))
	out.setWidths(f, int(first), f.Array(d.Get("Widths")))
	return out
}

// readWide reads W and DW of a CID font (ISO 32000-2, 9.7.4.3).
func (o *font) readWide(f *pdf.File, d *pdf.Dict) {
	if w, ok := f.Float(d.Get("DW")); ok {
		o.width = w
	}
	list := f.Array(d.Get("W"))
	for len(list) > 1 && *o.left > 0 {
		first, ok := f.Int(list[0])
		if !ok {
			return
		}
		if widths := f.Array(list[1]); widths != nil {
			o.setWidths(f, int(first), widths)
			list = list[2:]
			continue
		}
		if len(list) < 3 {
			return
		}
		last, ok1 := f.Int(list[1])
		w, ok2 := f.Float(list[2])
		if !ok1 || !ok2 {
			return
		}
		for code := max(0, first); code <= last && code < maxCodes && o.may(); code++ {
			o.widths[int(code)] = w
		}
		list = list[3:]
	}
}

func (o *font) setWidths(f *pdf.File, first int, widths pdf.Array) {
	for k, v := range widths {
		if !o.may() {
			return
		}
		if w, ok := f.Float(v); ok && k < maxCodes {
			o.widths[first+k] = w
		}
	}
}

// readMap reads a ToUnicode CMap (ISO 32000-2, 9.10.3).
func (o *font) readMap(data []byte) {
	t := tokens{b: data}
	var operands list
	for {
		v, operator, more := t.next()
		if !more {
			return
		}
		if operator == "" {
			if len(operands) < maxOperands {
				operands = append(operands, v)
			}
			continue
		}
		switch operator {
		case "endbfchar":
			for i := 0; i+1 < len(operands); i += 2 {
				o.set(codeOf(operands[i]), unicode(operands[i+1]))
			}
		case "endbfrange":
			for i := 0; i+2 < len(operands); i += 3 {
				o.setRange(codeOf(operands[i]), codeOf(operands[i+1]), operands[i+2])
			}
		}
		operands = operands[:0]
	}
}

func (o *font) set(code int, s string) {
	if code >= 0 && o.may() {
		o.texts[code] = s
	}
}

// may counts a code that is set.
func (o *font) may() bool {
	*o.left--
	return *o.left >= 0
}

func (o *font) setRange(first, last int, to any) {
	if first < 0 || last-first >= maxCodes {
		return
	}
	if each, ok := to.(list); ok {
		for i, v := range each {
			o.set(first+i, unicode(v))
		}
		return
	}
	start := []rune(unicode(to))
	if len(start) == 0 {
		return
	}
	if last-first >= wideRange && len(o.ranges) < maxRanges && o.may() {
		maps.DeleteFunc(o.texts, func(code int, _ string) bool { return first <= code && code <= last })
		o.ranges = append(o.ranges, codeRange{first, last, start})
		return
	}
	for code := first; code <= last && *o.left > 0; code++ {
		o.set(code, string(start))
		start[len(start)-1]++
	}
}

// codeRange is a range of codes whose last rune counts up. It is kept as it is: the
// fonts of many programs map all 65,536 codes in one, on each page.
type codeRange struct {
	first, last int
	start       []rune
}

// text is what a code stands for.
func (o *font) text(code int) (string, bool) {
	if s, ok := o.texts[code]; ok {
		return s, true
	}
	for _, r := range slices.Backward(o.ranges) {
		if r.first <= code && code <= r.last {
			runes := slices.Clone(r.start)
			runes[len(runes)-1] += rune(code - r.first) //nolint:gosec // less than maxCodes
			return string(runes), true
		}
	}
	return "", false
}

func codeOf(v any) int {
	b, ok := v.(text)
	if !ok || len(b) == 0 || len(b) > 3 {
		return -1
	}
	n := 0
	for _, c := range b {
		n = n<<8 | int(c)
	}
	return n
}

func unicode(v any) string {
	b, ok := v.(text)
	if !ok {
		return ""
	}
	b = b[:min(len(b), 2*maxRunes)]
	units := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		units = append(units, uint16(b[0])<<8|uint16(b[1]))
	}
	return string(utf16.Decode(units))
}

// shown is a shown string.
type shown struct {
	text          string
	width         float64 // in thousandths of the size
	count, spaces int     // characters, and those that are a single-byte space
}

func (o *font) show(b []byte) shown {
	var s strings.Builder
	var out shown
	for len(b) > 0 {
		code := rune(b[0])
		if o.double && len(b) > 1 {
			code = code<<8 | rune(b[1])
			b = b[2:]
		} else {
			b = b[1:]
			if code == ' ' {
				out.spaces++
			}
		}
		out.count++
		if w, ok := o.widths[int(code)]; ok {
			out.width += w
		} else {
			out.width += o.width
		}
		switch known, ok := o.text(int(code)); {
		case s.Len() > maxText: // the page has more than anybody reads
		case ok:
			s.WriteString(known)
		case o.double:
			s.WriteRune('\uFFFD')
		case code >= ' ':
			s.WriteRune(code) // WinAnsi is near enough to Latin-1
		}
	}
	out.text = s.String()
	return out
}
