package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
)

// Kind says how a cross-reference section is written.
type Kind string

// The kinds of cross-reference sections.
const (
	KindTable   Kind = "table"   // ISO 32000-2, 7.5.4
	KindStream  Kind = "stream"  // ISO 32000-2, 7.5.8
	KindHybrid  Kind = "hybrid"  // a table with /XRefStm
	KindRebuilt Kind = "rebuilt" // none: the file was scanned
)

const maxSections = 20000

type entryKind uint8

const (
	entryFree entryKind = iota
	entryOffset
	entryPacked // in an object stream
)

// entry is one row of a section. For a packed object offset is the number of
// the object stream and gen the index in it.
type entry struct {
	offset int64
	gen    int32
	kind   entryKind
}

// run is a subsection: entries of consecutive numbers.
type run struct {
	first   int
	entries []entry
}

// section is one cross-reference section.
type section struct {
	at, end int64 // in the file, bias added
	stated  int64 // the offset as startxref or Prev gives it
	self    int   // the number of a stream's own object
	kind    Kind
	trailer *Dict
	runs    []run    // sorted by first, without overlap
	hidden  *section // the XRefStm of a hybrid
}

func (s *section) find(number int) (entry, bool) {
	i := sort.Search(len(s.runs), func(i int) bool { return s.runs[i].first > number }) - 1
	if i >= 0 && number-s.runs[i].first < len(s.runs[i].entries) {
		return s.runs[i].entries[number-s.runs[i].first], true
	}
	return entry{}, false
}

// manySections is the number from which a file keeps an index of all rows.
const manySections = 64

// entry looks a number up: newest section first; a hybrid's hidden section
// comes between its table's used and free rows (ISO 32000-2, 7.5.8.4).
func (f *File) entry(number int) (entry, bool) {
	if f.older > 0 {
		return f.shared.rows.find(number, f.older)
	}
	if len(f.sections) > manySections {
		e, ok := f.indexed()[number]
		return e, ok
	}
	for _, s := range f.sections {
		e, ok := s.find(number)
		if s.hidden != nil && (!ok || e.kind == entryFree) {
			if h, found := s.hidden.find(number); found {
				return h, true
			}
		}
		if ok {
			return e, true
		}
	}
	return entry{}, false
}

// indexed is the index of all rows, by the rule of entry.
func (f *File) indexed() map[int]entry {
	if f.index != nil {
		return f.index
	}
	f.index = map[int]entry{}
	for _, s := range f.sections {
		s.each(func(number int, e entry) {
			if _, ok := f.index[number]; !ok && (e.kind != entryFree || s.hidden == nil) {
				f.index[number] = e
			}
		})
		if s.hidden == nil {
			continue
		}
		for _, part := range []*section{s.hidden, s} {
			part.each(func(number int, e entry) {
				if _, ok := f.index[number]; !ok {
					f.index[number] = e
				}
			})
		}
	}
	return f.index
}

func (s *section) each(yield func(number int, e entry)) {
	for _, r := range s.runs {
		for i, e := range r.entries {
			yield(r.first+i, e)
		}
	}
}

// readChain reads all sections, newest first.
func (f *File) readChain() error {
	off, err := f.startXref()
	if err != nil {
		return err
	}
	seen := map[int64]bool{}
	for !seen[off] {
		seen[off] = true
		s, err := f.section(off)
		if err != nil {
			return err
		}
		f.sections, f.index = append(f.sections, s), nil
		if len(f.sections) == 1 {
			f.trailer = s.trailer
		}
		if len(f.sections) > maxSections {
			return errors.New("too many revisions")
		}
		if err := f.readHidden(s, seen); err != nil {
			return err
		}
		prev, ok := f.number(s.trailer, "Prev")
		if !ok {
			break
		}
		off = prev
	}
	if !f.trailer.Has("Root") {
		return errors.New("no Root in the trailer")
	}
	return nil
}

// readHidden reads the stream that belongs to a hybrid's table. An unreadable
// one counts only in the newest section.
func (f *File) readHidden(s *section, seen map[int64]bool) error {
	at, ok := f.number(s.trailer, "XRefStm")
	if !ok || s.kind != KindTable {
		return nil
	}
	s.kind = KindHybrid
	if seen[at] {
		return nil
	}
	seen[at] = true
	hidden, err := f.section(at)
	if err != nil {
		if len(f.sections) == 1 {
			return err
		}
		return nil
	}
	s.hidden, f.index = hidden, nil
	return nil
}

// number is a direct number in a trailer.
func (f *File) number(d *Dict, key string) (int64, bool) {
	n, ok := d.Get(key).(Number)
	if !ok {
		return 0, false
	}
	return n.Int()
}

// startXref reads the offset after the last startxref.
func (f *File) startXref() (int64, error) {
	for _, tail := range []int64{4 << 10, 64 << 10} {
		tail = min(tail, f.size)
		b := make([]byte, tail)
		n, _ := f.r.ReadAt(b, f.size-tail)
		i := bytes.LastIndex(b[:n], []byte("startxref"))
		if i < 0 {
			continue
		}
		l := lexBytes(b[:n], int64(i+len("startxref")))
		off, err := strconv.ParseInt(l.token(), 10, 64)
		if err != nil {
			return 0, errors.New("startxref without an offset")
		}
		return off, nil
	}
	return 0, errors.New("no startxref")
}

// section reads the section at the offset that the file states.
func (f *File) section(stated int64) (*section, error) {
	if stated < 0 || stated >= f.size {
		return nil, fmt.Errorf("cross-reference offset %d is outside the file", stated)
	}
	s, err := f.sectionAt(stated + f.bias)
	if err != nil && f.header > 0 {
		if again, err2 := f.sectionAt(stated + f.header - f.bias); err2 == nil {
			if len(f.sections) == 0 {
				f.bias = f.header - f.bias
			}
			s, err = again, nil
		}
	}
	if err != nil {
		return nil, err
	}
	s.stated = stated
	s.order()
	return s, nil
}

func (f *File) sectionAt(pos int64) (*section, error) {
	l := newLexer(f.r, f.size, pos)
	l.window = windowLarge
	l.space()
	if l.peek() == 'x' {
		s, err := f.table(l)
		if costly := spend(&f.left.parsed, l.pos-pos); costly != nil {
			return nil, costly
		}
		return s, err
	}
	return f.xrefStream(l.pos)
}

// table reads a cross-reference table and its trailer.
func (f *File) table(l *lexer) (*section, error) {
	s := &section{at: l.pos, kind: KindTable}
	if l.word() != "xref" {
		return nil, errors.New("no xref keyword")
	}
	for {
		word := l.token()
		if word == "trailer" {
			break
		}
		count := l.token()
		if !isDigits(word) || !isDigits(count) {
			return nil, fmt.Errorf("cross-reference subsection %q %q", word, count)
		}
		first, err1 := strconv.Atoi(word)
		n, err2 := strconv.Atoi(count)
		if err1 != nil || err2 != nil || first > maxNumber || n > maxNumber {
			return nil, fmt.Errorf("cross-reference subsection %s %s", word, count)
		}
		r, err := l.rows(first, n)
		if len(r.entries) < cap(r.entries)/2 {
			r.entries = slices.Clone(r.entries) // it promised more
		}
		if err == nil {
			err = spend(&f.left.rows, int64(len(r.entries)))
		}
		if err != nil {
			return nil, err
		}
		s.runs = append(s.runs, r)
	}
	l.limit = l.pos + maxObjectSize
	v, err := l.top()
	d, ok := v.(*Dict)
	if !ok {
		return nil, fmt.Errorf("no trailer dictionary: %w", errors.Join(err, errUnfinished))
	}
	s.trailer, s.end = d, l.pos
	return s, nil
}

// xrefStream reads a cross-reference stream.
func (f *File) xrefStream(pos int64) (*section, error) {
	ref, v, err := f.objectAt(pos)
	if err != nil {
		return nil, err
	}
	stream, ok := v.(*Stream)
	if !ok || stream.Dict.Get("Type") != Name("XRef") {
		return nil, fmt.Errorf("no cross-reference stream at %d", pos)
	}
	data, err := f.decode(stream, nil)
	if err != nil && len(data) == 0 {
		return nil, err
	}
	s := &section{
		at: pos, kind: KindStream, trailer: stream.Dict, self: ref.Number,
		end: stream.Offset + f.streamLength(stream),
	}
	w, err := f.widths(stream.Dict)
	if err != nil {
		return nil, err
	}
	index, ok := stream.Dict.Get("Index").(Array)
	if !ok {
		index = Array{Int(0), stream.Dict.Get("Size")}
	}
	for i := 0; i+1 < len(index) && len(data) > 0; i += 2 {
		first, ok1 := f.Int(index[i])
		n, ok2 := f.Int(index[i+1])
		if !ok1 || !ok2 || first < 0 || first > maxNumber {
			return nil, errors.New("cross-reference stream: bad Index")
		}
		n = w.count(data, n)
		if err := spend(&f.left.rows, n); err != nil {
			return nil, err
		}
		r := run{first: int(first)}
		r.entries, data = w.rows(data, n)
		s.runs = append(s.runs, r)
	}
	return s, nil
}

// order sorts the runs and takes overlaps apart; the row that comes first counts.
func (s *section) order() {
	sorted := sort.SliceIsSorted(s.runs, func(i, j int) bool { return s.runs[i].first < s.runs[j].first })
	overlap := false
	for i := 1; i < len(s.runs); i++ {
		overlap = overlap || s.runs[i-1].first+len(s.runs[i-1].entries) > s.runs[i].first
	}
	if sorted && !overlap {
		return
	}
	rows := map[int]entry{}
	for _, r := range s.runs {
		for i, e := range r.entries {
			if _, ok := rows[r.first+i]; !ok {
				rows[r.first+i] = e
			}
		}
	}
	s.runs = runsOf(rows)
}

// runsOf groups rows into runs of consecutive numbers.
func runsOf(rows map[int]entry) []run {
	numbers := make([]int, 0, len(rows))
	for n := range rows {
		numbers = append(numbers, n)
	}
	sort.Ints(numbers)
	var runs []run
	for _, n := range numbers {
		if l := len(runs); l > 0 && runs[l-1].first+len(runs[l-1].entries) == n {
			runs[l-1].entries = append(runs[l-1].entries, rows[n])
			continue
		}
		runs = append(runs, run{first: n, entries: []entry{rows[n]}})
	}
	return runs
}
