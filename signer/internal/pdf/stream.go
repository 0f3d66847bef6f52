package pdf

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strconv"
)

const (
	maxRaw      = 256 << 20 // bytes of a stream that is decoded
	maxExpanded = 64 << 20  // bytes that a stream may decode to
	maxHeld     = 64 << 20  // bytes of decoded object streams that are kept
	maxRow      = 1 << 24   // bytes of a predictor row
)

// StreamData decodes a stream: decryption, FlateDecode and ASCIIHexDecode with
// predictors. Other filters are an error.
func (f *File) StreamData(s *Stream) ([]byte, error) {
	if f.crypt == nil {
		return f.decode(s, nil)
	}
	return f.decode(s, func(b []byte) ([]byte, error) { return f.openStream(s, b) })
}

// StreamSpan is where the data of a stream stand in the file.
func (f *File) StreamSpan(s *Stream) Span { return Span{s.Offset, s.Offset + f.streamLength(s)} }

// streamLength is /Length when endstream follows there, else the distance to
// the next endstream.
func (f *File) streamLength(s *Stream) int64 {
	if s.length >= 0 {
		return s.length
	}
	n, ok := f.Int(s.Dict.Get("Length"))
	if ok && n >= 0 && n <= f.size-s.Offset {
		var b [32]byte
		k, _ := f.r.ReadAt(b[:], s.Offset+n)
		if i := bytes.Index(b[:k], []byte("endstream")); i >= 0 && i < 8 {
			s.length = n
			return n
		}
	}
	s.length = f.findEndStream(s.Offset)
	return s.length
}

// findEndStream looks for endstream, or endobj when that was forgotten. It gives
// the whole rest of the file when there is neither, or too much was searched for
// others already.
func (f *File) findEndStream(from int64) int64 {
	buf := make([]byte, windowLarge)
	for pos := from; pos < f.size; {
		k, _ := f.r.ReadAt(buf, pos)
		if spend(&f.left.expanded, int64(k)) != nil {
			break
		}
		found := bytes.Index(buf[:k], []byte("endstream"))
		if i := bytes.Index(buf[:k], []byte("endobj")); i >= 0 && (found < 0 || i < found) {
			found = i
		}
		if found >= 0 {
			return pos + int64(found) - from
		}
		if k <= len("endstream") {
			break
		}
		pos += int64(k - len("endstream"))
	}
	return max(f.size-from, 0)
}

// decode reads a stream, opens it with open unless that is nil, and undoes its filters.
func (f *File) decode(s *Stream, open func([]byte) ([]byte, error)) ([]byte, error) {
	n := f.streamLength(s)
	if n > maxRaw {
		return nil, errors.New("stream too long")
	}
	if err := spend(&f.left.expanded, n); err != nil {
		return nil, err
	}
	b := make([]byte, n)
	k, err := f.r.ReadAt(b, s.Offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("stream: %w", err)
	}
	b = b[:k]
	if open != nil {
		if b, err = open(b); err != nil {
			return nil, err
		}
	}
	names, params := f.filters(s.Dict)
	for i, name := range names {
		if b, err = f.undo(b, name, params[i]); err != nil {
			return b, err
		}
	}
	return b, nil
}

// filters are the names and parameters of a stream's filters.
func (f *File) filters(d *Dict) ([]Name, []*Dict) {
	var names []Name
	var params []*Dict
	filter, parms := f.Resolve(d.Get("Filter")), f.Resolve(d.Get("DecodeParms"))
	list, ok := parms.(Array)
	if !ok {
		list = Array{parms}
	}
	all, ok := filter.(Array)
	if !ok {
		all = Array{filter}
	}
	for i, x := range all {
		name := f.Name(x)
		if name == "" {
			continue
		}
		var p *Dict
		if i < len(list) {
			p = f.Dict(list[i])
		}
		names, params = append(names, name), append(params, p)
	}
	if len(names) > 8 {
		return names[:8], params[:8]
	}
	return names, params
}

func (f *File) undo(b []byte, filter Name, params *Dict) ([]byte, error) {
	switch filter {
	case "FlateDecode", "Fl":
		out, err := inflate(b)
		if costly := spend(&f.left.expanded, int64(len(out))); costly != nil {
			return nil, costly
		}
		if err != nil && len(out) == 0 {
			return nil, err
		}
		return f.unpredict(out, params)
	case "ASCIIHexDecode", "AHx":
		b, _, _ = bytes.Cut(b, []byte(">"))
		return unhex(b), nil
	case "Crypt":
		return b, nil
	}
	return nil, fmt.Errorf("filter %s", filter)
}

// inflate gives what could be read even with an error: many writers get the
// checksum wrong.
func inflate(b []byte) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("FlateDecode: %w", err)
	}
	out, err := io.ReadAll(io.LimitReader(z, maxExpanded+1))
	if len(out) > maxExpanded {
		return out[:0], errors.New("FlateDecode: expands too far")
	}
	if err != nil {
		return out, fmt.Errorf("FlateDecode: %w", err)
	}
	return out, nil
}

// unpredict undoes the PNG predictors (ISO 32000-2, 7.4.4.4).
func (f *File) unpredict(b []byte, params *Dict) ([]byte, error) {
	if p, _ := f.Int(params.Get("Predictor")); p < 10 {
		return b, nil
	}
	param := func(key string, standard int64) int64 {
		if v, ok := f.Int(params.Get(key)); ok {
			return v
		}
		return standard
	}
	colors, bits, columns := param("Colors", 1), param("BitsPerComponent", 8), param("Columns", 1)
	if colors < 1 || colors > 32 || bits < 1 || bits > 16 || columns < 1 || columns > maxRow/(4*32) {
		return nil, errors.New("predictor: bad parameters")
	}
	pixel := int(colors*bits+7) / 8
	row := int(colors*bits*columns+7) / 8
	above := make([]byte, row)
	out := make([]byte, 0, len(b))
	for len(b) > 1 {
		n := min(row, len(b)-1)
		kind := b[0]
		out = append(out, b[1:1+n]...)
		line := out[len(out)-n:]
		unfilter(kind, line, above, pixel)
		copy(above, line)
		b = b[1+n:]
	}
	return out, nil
}

func unfilter(kind byte, line, above []byte, pixel int) {
	for i := range line {
		var left, upperLeft int
		if i >= pixel {
			left, upperLeft = int(line[i-pixel]), int(above[i-pixel])
		}
		up := int(above[i])
		switch kind {
		case 1:
			line[i] += byte(left)
		case 2:
			line[i] += byte(up)
		case 3:
			line[i] += byte((left + up) / 2)
		case 4:
			line[i] += byte(paeth(left, up, upperLeft))
		}
	}
}

func paeth(a, b, c int) int {
	p := a + b - c
	pa, pb, pc := max(p-a, a-p), max(p-b, b-p), max(p-c, c-p)
	switch {
	case pa <= pb && pa <= pc:
		return a
	case pb <= pc:
		return b
	}
	return c
}

// objectStream is a decoded object stream (ISO 32000-2, 7.5.7).
type objectStream struct {
	data    []byte
	number  int
	at, end int64 // in the file; end is zero when other views may read it otherwise
	numbers []int
	offsets []int64
}

func (f *File) loadPacked(number int, e entry) (any, error) {
	o, err := f.objectStream(int(e.offset))
	if err != nil {
		return nil, err
	}
	i := int(e.gen)
	at := spot{o.at, i}
	if o.end > 0 {
		if v, ok := f.take(at, number); ok {
			return v, nil
		}
	}
	if i < 0 || i >= len(o.numbers) || o.numbers[i] != number {
		i = -1
		for k, n := range o.numbers {
			if n == number {
				i = k
			}
		}
		if i < 0 {
			return nil, fmt.Errorf("object %d is not in object stream %d", number, e.offset)
		}
	}
	l := lexBytes(o.data, o.offsets[i])
	highest := 0
	l.inFile, l.highest = false, &highest
	v, err := l.top()
	f.highest = max(f.highest, highest)
	if err != nil && v == nil {
		return nil, fmt.Errorf("object %d: %w", number, err)
	}
	if o.end > 0 && i == int(e.gen) {
		f.shared.values[at] = kept{ref: Ref{Number: number}, value: v, end: o.end, highest: highest}
	}
	return v, nil
}

func (f *File) objectStream(number int) (*objectStream, error) {
	if o, ok := f.streams[number]; ok {
		return o, nil
	}
	e, _ := f.entry(number)
	if e.kind != entryOffset {
		return nil, fmt.Errorf("object stream %d is not there", number)
	}
	at := e.offset + f.bias
	if o, ok := f.shared.streams[at]; ok && o.number == number && o.end+beyond <= f.size {
		return o, nil
	}
	v, err := f.Load(number)
	if err != nil {
		return nil, err
	}
	s, ok := v.(*Stream)
	if !ok {
		return nil, fmt.Errorf("object %d is no object stream", number)
	}
	data, err := f.StreamData(s)
	if err != nil && len(data) == 0 {
		return nil, fmt.Errorf("object stream %d: %w", number, err)
	}
	o := &objectStream{data: data, number: number, at: at}
	o.end = f.endOf(s, spot{at, alone}, err)
	first, _ := f.Int(s.Dict.Get("First"))
	n, _ := f.Int(s.Dict.Get("N"))
	l := lexBytes(data, 0)
	for range min(n, int64(len(data))) {
		number, err1 := strconv.Atoi(l.token())
		offset, err2 := strconv.ParseInt(l.token(), 10, 63)
		if err1 != nil || err2 != nil {
			break
		}
		o.numbers = append(o.numbers, number)
		o.offsets = append(o.offsets, first+offset)
	}
	f.hold(o)
	return o, nil //nolint:nilerr // of a damaged stream what could be decoded is used
}

// endOf is the end of what decides what an object stream holds, zero when more
// than its own bytes do, or when it could not be decoded whole.
func (f *File) endOf(s *Stream, at spot, err error) int64 {
	k := f.shared.values[at]
	if err != nil || k.ref != s.Ref || !plain(s.Dict, 0) {
		return 0
	}
	return max(k.end, f.StreamSpan(s).End)
}

// hold keeps a decoded object stream, for all views where they would read the same.
func (f *File) hold(o *objectStream) {
	if o.end > 0 {
		if f.shared.held += len(o.data); f.shared.held > maxHeld {
			f.shared.streams, f.shared.held = map[int64]*objectStream{}, len(o.data)
		}
		f.shared.streams[o.at] = o
		return
	}
	if f.held += len(o.data); f.held > maxHeld {
		f.streams, f.held = map[int]*objectStream{}, len(o.data)
	}
	f.streams[o.number] = o
}
