package pdf

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// errSigned stops the repair of a signed file.
var errSigned = errors.New("the file is signed and is not repaired")

// scan is what one pass over a damaged file finds.
type scan struct {
	rows     map[int]entry
	trailers []int64 // offsets after the keyword
	signed   bool

	// open is the last word that begins something which nothing has ended:
	// "obj", "stream" or "".
	open string

	// begun is the word that the bytes so far end in, classes how bytes divide words.
	begun   []byte
	begunAt int64
	classes [256]class

	// The last two words before the current one, with their offsets.
	before, last scanned
}

type scanned struct {
	word string
	at   int64
}

// rebuild finds the objects of a file by one pass over its bytes. old is the
// trailer that was read before the sections failed, or nil.
func (f *File) rebuild(old *Dict, password []byte) error {
	f.rebuilt, f.bias = true, 0
	s := &scan{rows: map[int]entry{}}
	if err := s.run(f.r, f.size); err != nil {
		return err
	}
	if s.signed {
		return errSigned
	}
	f.open = s.open
	if len(s.rows) == 0 {
		return errors.New("no objects")
	}
	f.useRows(s.rows)
	packed, xref, catalog := f.survey(s.rows)
	f.trailer = f.chooseTrailer(s.trailers, xref, old, catalog)
	if f.trailer == nil {
		f.trailer = &Dict{}
	}
	if err := f.openCrypt(password); err != nil {
		return err
	}
	f.unpack(packed, s.rows)
	f.useRows(s.rows)
	if root := f.Catalog(); root == nil || !root.Has("Pages") {
		if catalog == 0 {
			catalog = f.findCatalog(s.rows)
		}
		f.trailer = f.trailer.Clone()
		f.trailer.Set("Root", Ref{Number: catalog})
	}
	if err := f.usable(password); err != nil {
		return err
	}
	f.revisions = []Revision{{EOF: f.size, End: f.size, Kind: KindRebuilt, Trailer: f.trailer}}
	for _, field := range f.SignatureFields() {
		if field.Value != nil {
			return errSigned
		}
	}
	return nil
}

func (f *File) useRows(rows map[int]entry) {
	f.sections, f.index = []*section{{kind: KindRebuilt, runs: runsOf(rows), trailer: f.trailer}}, nil
	f.forget()
}

// longWord is how much of a word is kept; longer ones are none that count.
const longWord = 32

// run reads the file word by word.
func (s *scan) run(r io.ReaderAt, size int64) error {
	s.classify()
	buf := make([]byte, 256<<10)
	for pos := int64(0); pos < size; {
		n, err := r.ReadAt(buf[:min(int64(len(buf)), size-pos)], pos)
		if n == 0 && err != nil && !errors.Is(err, io.EOF) {
			return err //nolint:wrapcheck // Open wraps it
		}
		if n == 0 {
			break
		}
		s.part(buf[:n], pos)
		pos += int64(n)
	}
	s.word(s.begun, s.begunAt)
	return nil
}

// class says how a byte divides words.
type class uint8

const (
	regular class = iota
	space
	delimiter
)

func (s *scan) classify() {
	for c := range s.classes {
		switch {
		case isSpace(c):
			s.classes[c] = space
		case isDelimiter(c):
			s.classes[c] = delimiter
		}
	}
}

// part takes the bytes of the file from pos on; the last word may go on in the next part.
func (s *scan) part(b []byte, pos int64) {
	word, start := s.begun, s.begunAt
	for i, c := range b {
		kind := s.classes[c]
		if kind == regular {
			if len(word) == 0 {
				start = pos + int64(i)
			}
			if len(word) < longWord {
				word = append(word, c)
			}
			continue
		}
		if len(word) > 0 {
			s.word(word, start)
			word = word[:0]
		}
		if kind == delimiter {
			s.before, s.last = scanned{}, scanned{}
		}
	}
	s.begun, s.begunAt = word, start
}

// word takes a word, unless it is one that means nothing here.
func (s *scan) word(w []byte, at int64) {
	if len(w) == 0 {
		return
	}
	switch c := w[0]; {
	case c >= '0' && c <= '9', c == 'o', c == 'e', c == 's', c == 't', c == 'B':
		s.known(string(w), at)
	default:
		s.before, s.last = scanned{}, scanned{}
	}
}

func (s *scan) known(w string, at int64) {
	switch {
	case w == "ByteRange":
		s.signed = true
	case w == "trailer":
		s.trailers = append(s.trailers, at+int64(len(w)))
	case len(w) >= 3 && w[:3] == "obj" && isDigits(s.last.word) && isDigits(s.before.word):
		n, err1 := strconv.Atoi(s.before.word)
		g, err2 := strconv.ParseInt(s.last.word, 10, 17)
		// At byte 0 is the header; no table can point there.
		if err1 == nil && err2 == nil && n > 0 && n <= maxNumber && s.before.at > 0 {
			s.rows[n] = entry{kind: entryOffset, offset: s.before.at, gen: int32(g)}
			s.open = "obj"
		}
	case strings.HasPrefix(w, "endobj"):
		s.open = ""
	case w == "stream" && s.open == "obj":
		s.open = w
	case strings.HasPrefix(w, "endstream") && s.open == "stream":
		s.open = "obj"
	}
	const end = "endobj"
	if len(w) > len(end) && w[:len(end)] == end && isDigits(w[len(end):]) { // "endobj12 0 obj"
		w, at = w[len(end):], at+int64(len(end))
	}
	s.before, s.last = s.last, scanned{w, at}
}

// survey looks at every object for object streams, the newest cross-reference
// stream and the catalog.
func (f *File) survey(rows map[int]entry) (packed []int, xref *Dict, catalog int) {
	var xrefAt int64
	for n, e := range rows {
		_, v, err := f.objectAt(e.offset)
		if err != nil {
			continue
		}
		switch t := v.(type) {
		case *Stream:
			switch t.Dict.Get("Type") {
			case Name("ObjStm"):
				packed = append(packed, n)
			case Name("XRef"):
				if hasRoot(t.Dict) && e.offset >= xrefAt {
					xref, xrefAt = t.Dict, e.offset
				}
			}
		case *Dict:
			if t.Get("Type") == Name("Catalog") && t.Has("Pages") && n > catalog {
				catalog = n
			}
		}
	}
	sort.Slice(packed, func(i, j int) bool { return rows[packed[i]].offset < rows[packed[j]].offset })
	return packed, xref, catalog
}

func hasRoot(d *Dict) bool {
	_, ok := d.Get("Root").(Ref)
	return ok
}

func (f *File) chooseTrailer(at []int64, xref, old *Dict, catalog int) *Dict {
	for _, pos := range slices.Backward(at) {
		l := newLexer(f.r, f.size, pos)
		l.limit = pos + maxObjectSize
		v, _ := l.top() // a broken trailer is no dictionary or has no Root
		if spend(&f.left.parsed, l.pos-pos) != nil {
			break
		}
		if d, ok := v.(*Dict); ok && hasRoot(d) {
			return d
		}
	}
	switch {
	case xref != nil:
		return xref
	case old != nil && hasRoot(old):
		return old
	case catalog > 0:
		return NewDict("Root", Ref{Number: catalog})
	}
	return nil
}

// unpack adds the objects of the object streams, the later stream winning,
// unless the object stands by itself behind the stream.
func (f *File) unpack(packed []int, rows map[int]entry) {
	for _, n := range packed {
		o, err := f.objectStream(n)
		if err != nil {
			continue
		}
		for i, m := range o.numbers {
			if m <= 0 || m > maxNumber {
				continue
			}
			if e, ok := rows[m]; ok && e.kind == entryOffset && e.offset > rows[n].offset {
				continue
			}
			rows[m] = entry{kind: entryPacked, offset: int64(n), gen: int32(i)}
		}
	}
}

func (f *File) findCatalog(rows map[int]entry) int {
	found := 0
	for n := range rows {
		if d := f.Dict(Ref{Number: n}); d.Get("Type") == Name("Catalog") && n > found {
			found = n
		}
	}
	return found
}

// Trailing are the bytes after the newest revision, at most 64 KiB of them.
func (f *File) Trailing() []byte {
	if len(f.revisions) == 0 {
		return nil
	}
	from := f.revisions[len(f.revisions)-1].End
	b := make([]byte, max(min(f.size-from, 64<<10), 0))
	n, _ := f.r.ReadAt(b, from)
	return bytes.Clone(b[:n])
}
