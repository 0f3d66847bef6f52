package pdf

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// rows reads n rows of a table, fewer when the trailer comes first.
func (l *lexer) rows(first, n int) (run, error) {
	const shortest = 18 // bytes of a row without the end of its line
	const most = 512    // rows that get room before they are read: a table may promise any number
	r := run{first: first, entries: make([]entry, 0, min(int64(n), max(l.size-l.pos, 0)/shortest, most))}
	for i := range n {
		l.space()
		if i > 0 { // the first row may be a mistake, see below
			if e, ok := l.row(); ok {
				r.entries = append(r.entries, e)
				continue
			}
		}
		start := l.pos
		offset := l.word()
		if offset == "trailer" {
			l.pos = start
			break
		}
		gen, use := l.token(), l.token()
		if !isDigits(offset) || !isDigits(gen) || (use != "n" && use != "f") {
			return r, fmt.Errorf("cross-reference row %q %q %q", offset, gen, use)
		}
		o, _ := strconv.ParseInt(offset, 10, 64)
		g, _ := strconv.ParseInt(gen, 10, 32)
		if i == 0 && first == 1 && use == "f" && g == 65535 {
			r.first = 0 // a common mistake: the table starts at 1 with the row of object 0
		}
		e := entry{gen: int32(g)}
		if use == "n" && o != 0 {
			e.kind, e.offset = entryOffset, o
		}
		r.entries = append(r.entries, e)
	}
	return r, nil
}

// row reads a row that is written as prescribed, or nothing at all (ISO 32000-2,
// 7.5.4): ten digits, five digits, n or f, with a space between.
func (l *lexer) row() (entry, bool) {
	const length = 19
	if l.peek() < 0 || l.pos-l.bufPos+length > int64(len(l.buf)) {
		return entry{}, false
	}
	b := l.buf[l.pos-l.bufPos:][:length]
	if b[10] != ' ' || b[16] != ' ' || b[17] != 'n' && b[17] != 'f' || !isSpace(int(b[18])) {
		return entry{}, false
	}
	offset, ok1 := decimal(b[:10])
	gen, ok2 := decimal(b[11:16])
	if !ok1 || !ok2 {
		return entry{}, false
	}
	l.pos += length
	e := entry{gen: int32(gen)}
	if b[17] == 'n' && offset != 0 {
		e.kind, e.offset = entryOffset, offset
	}
	return e, true
}

// decimal is the number that a few digits write.
func decimal(b []byte) (n int64, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, true
}

// fieldWidths are the three numbers of /W.
type fieldWidths [3]int

func (f *File) widths(d *Dict) (fieldWidths, error) {
	var w fieldWidths
	a, _ := d.Get("W").(Array)
	if len(a) < len(w) {
		return w, errors.New("cross-reference stream: bad W")
	}
	for i := range w {
		n, ok := f.Int(a[i])
		if !ok || n < 0 || n > 8 {
			return w, errors.New("cross-reference stream: bad W")
		}
		w[i] = int(n)
	}
	if w[0]+w[1]+w[2] == 0 {
		return w, errors.New("cross-reference stream: bad W")
	}
	return w, nil
}

// count is how many of n rows are in the data.
func (w fieldWidths) count(data []byte, n int64) int64 {
	return min(max(n, 0), int64(len(data)/(w[0]+w[1]+w[2])))
}

// rows reads n rows and gives the rest of the data back.
func (w fieldWidths) rows(data []byte, n int64) ([]entry, []byte) {
	size := w[0] + w[1] + w[2]
	entries := make([]entry, 0, n)
	for range n {
		row := data[:size]
		data = data[size:]
		kind := int64(1)
		if w[0] > 0 {
			kind = bigEndian(row[:w[0]])
		}
		a, b := bigEndian(row[w[0]:w[0]+w[1]]), bigEndian(row[w[0]+w[1]:])
		e := entry{offset: a, gen: int32(min(max(b, 0), math.MaxInt32))}
		switch kind {
		case 1:
			e.kind = entryOffset
		case 2:
			e.kind = entryPacked
			if a < 0 || a > maxNumber {
				e.kind = entryFree
			}
		}
		entries = append(entries, e)
	}
	return entries, data
}

func bigEndian(b []byte) int64 {
	var v int64
	for _, c := range b {
		v = v<<8 | int64(c)
	}
	return v
}
