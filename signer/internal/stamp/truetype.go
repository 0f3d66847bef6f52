package stamp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// errFont reports a font file that is no TrueType font, or a damaged one.
var errFont = errors.New("not a usable TrueType font")

// truetype is a font file taken apart (OpenType 1.9, chapter 5).
type truetype struct {
	tables  map[string][]byte
	glyphs  int
	metrics int // full rows of hmtx
	em      int
	long    bool // loca has 32-bit offsets
}

const maxGlyphs = 65535

func parseTrueType(b []byte) (*truetype, error) {
	if len(b) < 12 {
		return nil, errFont
	}
	if tag := binary.BigEndian.Uint32(b); tag != 0x00010000 && string(b[:4]) != "true" {
		return nil, fmt.Errorf("%w: no TrueType outlines", errFont)
	}
	t := &truetype{tables: map[string][]byte{}}
	for i := range int(binary.BigEndian.Uint16(b[4:])) {
		at := 12 + 16*i
		if at+16 > len(b) {
			return nil, errFont
		}
		offset, size := uint64(binary.BigEndian.Uint32(b[at+8:])), uint64(binary.BigEndian.Uint32(b[at+12:]))
		if offset+size > uint64(len(b)) {
			return nil, errFont
		}
		t.tables[string(b[at:at+4])] = b[offset : offset+size]
	}
	for name, size := range map[string]int{"head": 54, "hhea": 36, "maxp": 32, "hmtx": 4, "loca": 4, "glyf": 0} {
		if x, ok := t.tables[name]; !ok || len(x) < size {
			return nil, fmt.Errorf("%w: table %s", errFont, name)
		}
	}
	head := t.tables["head"]
	t.em = int(binary.BigEndian.Uint16(head[18:]))
	t.long = binary.BigEndian.Uint16(head[50:]) != 0
	t.glyphs = int(binary.BigEndian.Uint16(t.tables["maxp"][4:]))
	t.metrics = int(binary.BigEndian.Uint16(t.tables["hhea"][34:]))
	width := 2
	if t.long {
		width = 4
	}
	if t.em == 0 || t.metrics == 0 || len(t.tables["hmtx"]) < 4*t.metrics || len(t.tables["loca"]) < width*(t.glyphs+1) {
		return nil, fmt.Errorf("%w: table sizes", errFont)
	}
	return t, nil
}

// int16At reads a signed number of a table; zero outside it.
func (t *truetype) int16At(table string, at int) int {
	b := t.tables[table]
	if at+2 > len(b) {
		return 0
	}
	return int(int16(binary.BigEndian.Uint16(b[at:]))) //nolint:gosec // two's complement
}

// thousandths turns font units into thousandths of the font size.
func (t *truetype) thousandths(units int) float64 { return float64(units) * 1000 / float64(t.em) }

// advance is the width of a glyph in font units.
func (t *truetype) advance(glyph int) int {
	return int(binary.BigEndian.Uint16(t.tables["hmtx"][4*min(glyph, t.metrics-1):]))
}

// bearing is the left side bearing of a glyph.
func (t *truetype) bearing(glyph int) uint16 {
	at := 4*glyph + 2
	if glyph >= t.metrics {
		at = 4*t.metrics + 2*(glyph-t.metrics)
	}
	if b := t.tables["hmtx"]; at+2 <= len(b) {
		return binary.BigEndian.Uint16(b[at:])
	}
	return 0
}

// outline is the glyf entry of a glyph.
func (t *truetype) outline(glyph int) ([]byte, error) {
	if glyph < 0 || glyph >= t.glyphs {
		return nil, fmt.Errorf("%w: glyph %d", errFont, glyph)
	}
	loca, glyf := t.tables["loca"], t.tables["glyf"]
	var from, to uint64
	if t.long {
		from, to = uint64(binary.BigEndian.Uint32(loca[4*glyph:])), uint64(binary.BigEndian.Uint32(loca[4*glyph+4:]))
	} else {
		from, to = 2*uint64(binary.BigEndian.Uint16(loca[2*glyph:])), 2*uint64(binary.BigEndian.Uint16(loca[2*glyph+2:]))
	}
	if from > to || to > uint64(len(glyf)) {
		return nil, fmt.Errorf("%w: glyph %d", errFont, glyph)
	}
	return glyf[from:to], nil
}

// The flags of a component of a composite glyph (OpenType, glyf).
const (
	wordArguments = 0x0001
	hasScale      = 0x0008
	moreFollow    = 0x0020
	hasXYScale    = 0x0040
	hasTwoByTwo   = 0x0080
)

// components gives the places of the component numbers in a composite outline.
func components(outline []byte) []int {
	if len(outline) < 10 || outline[0]&0x80 == 0 { // the number of contours is not negative
		return nil
	}
	var at []int
	for p := 10; p+4 <= len(outline); {
		flags := binary.BigEndian.Uint16(outline[p:])
		at = append(at, p+2)
		p += 6
		if flags&wordArguments != 0 {
			p += 2
		}
		switch {
		case flags&hasScale != 0:
			p += 2
		case flags&hasXYScale != 0:
			p += 4
		case flags&hasTwoByTwo != 0:
			p += 8
		}
		if flags&moreFollow == 0 {
			break
		}
	}
	return at
}

// subset makes a font file with glyph 0, the wanted glyphs and what they are
// composed of, numbered from 0 in the order of number.
func (t *truetype) subset(wanted []int) (file []byte, number map[int]int, err error) {
	order := []int{0}
	number = map[int]int{0: 0}
	add := func(g int) {
		if _, ok := number[g]; !ok && len(order) < maxGlyphs {
			number[g] = len(order)
			order = append(order, g)
		}
	}
	for _, g := range wanted {
		add(g)
	}
	var glyf, loca, hmtx []byte
	for i := 0; i < len(order); i++ { // order grows by components
		outline, err := t.outline(order[i])
		if err != nil {
			return nil, nil, err
		}
		outline = slices.Clone(outline)
		for _, at := range components(outline) {
			g := int(binary.BigEndian.Uint16(outline[at:]))
			add(g)
			binary.BigEndian.PutUint16(outline[at:], uint16(number[g])) //nolint:gosec // below maxGlyphs
		}
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf))) //nolint:gosec // below the font's size
		glyf = append(glyf, outline...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		hmtx = binary.BigEndian.AppendUint16(hmtx, uint16(t.advance(order[i]))) //nolint:gosec // was 16 bits
		hmtx = binary.BigEndian.AppendUint16(hmtx, t.bearing(order[i]))
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf))) //nolint:gosec // below the font's size
	out := map[string][]byte{"glyf": glyf, "loca": loca, "hmtx": hmtx}
	for _, name := range []string{"head", "hhea", "maxp", "cvt ", "fpgm", "prep"} {
		if b, ok := t.tables[name]; ok {
			out[name] = slices.Clone(b)
		}
	}
	binary.BigEndian.PutUint16(out["head"][50:], 1)
	binary.BigEndian.PutUint16(out["hhea"][34:], uint16(len(order))) //nolint:gosec // below maxGlyphs
	binary.BigEndian.PutUint16(out["maxp"][4:], uint16(len(order)))  //nolint:gosec // below maxGlyphs
	return assemble(out), number, nil
}

// assemble writes a font file of tables (OpenType, table directory).
func assemble(tables map[string][]byte) []byte {
	names := make([]string, 0, len(tables))
	for n := range tables {
		names = append(names, n)
	}
	slices.Sort(names)
	binary.BigEndian.PutUint32(tables["head"][8:], 0)
	power, log := 1, 0
	for power*2 <= len(names) {
		power, log = power*2, log+1
	}
	file := binary.BigEndian.AppendUint32(nil, 0x00010000)
	for _, n := range []int{len(names), 16 * power, log, 16*len(names) - 16*power} {
		file = binary.BigEndian.AppendUint16(file, uint16(n)) //nolint:gosec // at most nine tables
	}
	var body []byte
	start := len(file) + 16*len(names)
	headAt := 0
	for _, n := range names {
		b := tables[n]
		if n == "head" {
			headAt = start + len(body)
		}
		file = append(file, n...)
		for _, v := range []uint32{checksum(b), uint32(start + len(body)), uint32(len(b))} { //nolint:gosec // below the font's size
			file = binary.BigEndian.AppendUint32(file, v)
		}
		body = append(body, b...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	file = append(file, body...)
	binary.BigEndian.PutUint32(file[headAt+8:], 0xB1B0AFBA-checksum(file))
	return file
}

func checksum(b []byte) uint32 {
	var sum uint32
	for i := 0; i < len(b); i += 4 {
		var word [4]byte
		copy(word[:], b[i:])
		sum += binary.BigEndian.Uint32(word[:])
	}
	return sum
}
