package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Errors of Open.
var (
	// ErrDamaged reports a file that cannot be read without guessing, or at all.
	ErrDamaged = errors.New("damaged PDF")
	// ErrEncrypted is what the three below are.
	ErrEncrypted = errors.New("encrypted PDF")
	// ErrPassword reports a file that needs a password, and none was given.
	ErrPassword = fmt.Errorf("%w: a password is needed", ErrEncrypted)
	// ErrWrongPassword reports a password that is neither the user's nor the owner's.
	ErrWrongPassword = fmt.Errorf("%w: wrong password", ErrEncrypted)
	// ErrHandler reports encryption that is not by a password, or of an unknown kind.
	ErrHandler = fmt.Errorf("%w: unknown security handler", ErrEncrypted)
)

// File is an open PDF document, as of its newest revision or, from AsOf, of an
// older one. It is not safe for concurrent use.
type File struct {
	r    io.ReaderAt
	size int64
	// bias is added to the offsets that the file states: the length of the junk before %PDF-.
	bias, header int64
	sections     []*section // newest first
	revisions    []Revision // oldest first
	trailer      *Dict
	rebuilt      bool
	open         string // what the end of a rebuilt file cuts off: "obj", "stream" or ""

	cache   map[int]any
	busy    map[int]bool
	streams map[int]*objectStream
	held    int           // bytes in streams
	index   map[int]entry // the rows of all sections, once there are many
	shared  *shared
	older   int32 // sections of the file that are newer than this view; a view looks rows up in the shared index
	left    *budget
	highest int // highest object number in the values that were read
	read    reading
	// window is the part of the file at windowAt that was read last: objects that
	// follow one another are often asked for one after another.
	window   []byte
	windowAt int64
	crypt    *crypt
	pages    []Page
	paged    bool
}

// reading is what reading the last object took: zero when the object is not
// closed as it should be.
type reading struct {
	end     int64
	highest int
}

// Open is OpenWith without a password.
func Open(r io.ReaderAt, size int64) (*File, error) { return OpenWith(r, size, nil) }

// OpenWith reads the cross-reference sections of a PDF file of size bytes. A file
// whose sections are unusable is scanned for its objects, unless it holds a
// signature: repairing a signed file would be guessing at what was signed.
//
// password opens an encrypted file, as its owner's or its user's, in UTF-8; a
// file that needs none opens with any. Only the key that follows from it is kept.
//
// The error is ErrDamaged, ErrPassword, ErrWrongPassword or ErrHandler.
func OpenWith(r io.ReaderAt, size int64, password []byte) (*File, error) {
	f := newFile(r, size)
	f.findHeader()
	err := f.readChain()
	if err == nil {
		err = f.usable(password)
	}
	if err == nil {
		f.findRevisions()
		return f, nil
	}
	if errors.Is(err, ErrEncrypted) {
		return nil, err
	}
	g := newFile(r, size)
	if again := g.rebuild(f.trailer, password); again != nil {
		if errors.Is(again, ErrEncrypted) {
			return nil, again
		}
		return nil, fmt.Errorf("%w: %w; rebuild: %w", ErrDamaged, err, again)
	}
	return g, nil
}

func newFile(r io.ReaderAt, size int64) *File {
	return &File{
		r: r, size: size,
		cache: map[int]any{}, busy: map[int]bool{}, streams: map[int]*objectStream{}, left: newBudget(size),
		shared: newShared(),
	}
}

// findHeader looks for %PDF- in the first 64 KiB.
func (f *File) findHeader() {
	for _, window := range []int64{1 << 10, 64 << 10} { // nearly always at the very beginning
		b := make([]byte, min(f.size, window))
		n, _ := f.r.ReadAt(b, 0)
		if i := bytes.Index(b[:n], []byte("%PDF-")); i >= 0 {
			f.header = int64(i)
			break
		}
	}
	f.bias = f.header
}

// usable checks that there is a catalog and a first page.
func (f *File) usable(password []byte) error {
	if err := f.openCrypt(password); err != nil {
		return err
	}
	root := f.Catalog()
	if root == nil {
		return errors.New("no catalog")
	}
	steps := int64(maxPages)
	if !f.hasPage(root.Get("Pages"), map[Ref]bool{}, &steps, 0) {
		return errors.New("no page")
	}
	return nil
}

// hasPage walks to the first page of the tree, in a number of steps.
func (f *File) hasPage(v any, seen map[Ref]bool, steps *int64, depth int) bool {
	if r, ok := v.(Ref); ok && seen[r] || depth > maxDepth || spend(steps, 1) != nil {
		return false
	} else if ok {
		seen[r] = true
	}
	d, _ := f.Resolve(v).(*Dict)
	if d == nil {
		return false
	}
	kids, ok := f.Resolve(d.Get("Kids")).(Array)
	if !ok {
		return true
	}
	for _, k := range kids {
		if f.hasPage(k, seen, steps, depth+1) {
			return true
		}
	}
	return false
}

// Size is the size of the file, or of the part of it that AsOf shows.
func (f *File) Size() int64 { return f.size }

// ReaderAt reads the bytes of the file.
func (f *File) ReaderAt() io.ReaderAt { return f.r }

// Rebuilt reports that the cross-reference sections were unusable and the file
// was scanned instead. It never has a signature then, and one revision.
func (f *File) Rebuilt() bool { return f.rebuilt }

// Encrypted reports that the file is encrypted.
func (f *File) Encrypted() bool { return f.crypt != nil }

// Permissions are the /P flags of an encrypted file (ISO 32000-2, table 22),
// and all ones for others and for one that the owner's password opened.
func (f *File) Permissions() uint32 {
	if f.crypt == nil || f.crypt.owner {
		return 0xFFFFFFFF
	}
	return f.crypt.permissions
}

// Trailer is the trailer dictionary.
func (f *File) Trailer() *Dict { return f.trailer }

// Catalog is the document catalog; nil when there is none.
func (f *File) Catalog() *Dict { return f.Dict(f.trailer.Get("Root")) }

// CatalogRef is the object of the catalog.
func (f *File) CatalogRef() Ref {
	r, _ := f.trailer.Get("Root").(Ref)
	return r
}

// Resolve follows references until it has a value. What cannot be read is nil.
func (f *File) Resolve(v any) any {
	for range 32 {
		r, ok := v.(Ref)
		if !ok {
			return v
		}
		var err error
		if v, err = f.Load(r.Number); err != nil {
			return nil
		}
	}
	return nil
}

// Dict resolves v to a dictionary, a stream's dictionary included; else nil.
func (f *File) Dict(v any) *Dict {
	switch t := f.Resolve(v).(type) {
	case *Dict:
		return t
	case *Stream:
		return t.Dict
	}
	return nil
}

// Array resolves v to an array, else nil.
func (f *File) Array(v any) Array {
	a, _ := f.Resolve(v).(Array)
	return a
}

// Int resolves v to a whole number.
func (f *File) Int(v any) (int64, bool) {
	if n, ok := f.Resolve(v).(Number); ok {
		return n.Int()
	}
	return 0, false
}

// Float resolves v to a number.
func (f *File) Float(v any) (float64, bool) {
	if n, ok := f.Resolve(v).(Number); ok {
		return n.Float()
	}
	return 0, false
}

// Name resolves v to a name, else "".
func (f *File) Name(v any) Name {
	n, _ := f.Resolve(v).(Name)
	return n
}

// Text resolves v to a text string, else "".
func (f *File) Text(v any) string {
	if s, ok := f.Resolve(v).(String); ok {
		return s.Text()
	}
	return ""
}

// Bytes resolves v to the bytes of a string, else nil.
func (f *File) Bytes(v any) []byte {
	if s, ok := f.Resolve(v).(String); ok {
		return s.Bytes()
	}
	return nil
}

// Load reads the object of a number: nil when it is free or not there. Values
// are shared; change a Clone.
func (f *File) Load(number int) (any, error) {
	if v, ok := f.cache[number]; ok {
		return v, nil
	}
	if f.busy[number] || len(f.busy) > maxDepth {
		return nil, fmt.Errorf("object %d refers to itself, or to others too deeply", number)
	}
	f.busy[number] = true
	defer delete(f.busy, number)
	e, ok := f.entry(number)
	if !ok {
		return nil, nil
	}
	var v any
	var err error
	switch e.kind {
	case entryOffset:
		v, err = f.loadAt(number, e)
	case entryPacked:
		v, err = f.loadPacked(number, e)
	case entryFree:
	}
	if err != nil {
		return nil, err
	}
	f.cache[number] = v
	return v, nil
}

func (f *File) loadAt(number int, e entry) (any, error) {
	at := spot{e.offset + f.bias, alone}
	if v, ok := f.take(at, number); ok {
		return v, nil
	}
	ref, v, err := f.objectAt(at.at)
	read := f.read
	if (err != nil || ref.Number != number) && f.header > 0 {
		ref, v, err = f.objectAt(e.offset + f.header - f.bias)
		read = reading{}
	}
	if err != nil {
		return nil, fmt.Errorf("object %d: %w", number, err)
	}
	if ref.Number != number {
		return nil, fmt.Errorf("object %d: the table points to object %d", number, ref.Number)
	}
	if f.crypt != nil {
		v = f.crypt.openStrings(v, ref)
	}
	if read.end > 0 {
		k := kept{ref: ref, value: v, end: read.end, highest: read.highest}
		f.shared.values[at] = k
		v = k.copied()
	}
	return v, nil
}

// objectAt reads "N G obj …" at an offset.
func (f *File) objectAt(pos int64) (Ref, any, error) {
	if f.left.parsed < 0 {
		return Ref{}, nil, errCostly
	}
	l := newLexer(f.r, f.size, pos)
	f.read = reading{}
	highest := 0
	l.limit, l.highest = pos+maxObjectSize, &highest
	l.buf, l.bufPos = f.window, f.windowAt
	defer func() { f.window, f.windowAt, f.highest = l.buf, l.bufPos, max(f.highest, highest) }()
	number, gen := l.token(), l.token()
	word := l.token()
	if !isDigits(number) || !isDigits(gen) || !strings.HasPrefix(word, "obj") {
		return Ref{}, nil, fmt.Errorf("no object at %d", pos)
	}
	l.pos -= int64(len(word) - len("obj"))
	n, err := strconv.Atoi(number)
	if err != nil || n > maxNumber {
		return Ref{}, nil, fmt.Errorf("object number %s", number)
	}
	g, _ := strconv.Atoi(gen)
	ref := Ref{n, g}
	v, err := l.top()
	if costly := spend(&f.left.parsed, l.pos-pos); costly != nil {
		return ref, nil, costly
	}
	if err != nil && v == nil {
		return ref, nil, err
	}
	if k, ok := v.(Keyword); ok && k == "endobj" {
		return ref, nil, nil
	}
	after := l.token()
	if d, ok := v.(*Dict); ok && after == "stream" {
		l.endStreamLine()
		v = &Stream{Dict: d, Offset: l.pos, Ref: ref, length: -1}
	} else if after != "endobj" {
		return ref, v, nil
	}
	if err == nil {
		f.read = reading{l.pos, highest}
	}
	return ref, v, nil
}

// endStreamLine skips the end of line after the keyword stream, and what
// careless writers put there.
func (l *lexer) endStreamLine() {
	start := l.pos
	for l.peek() == ' ' {
		l.pos++
	}
	switch l.peek() {
	case '\r':
		l.pos++
		if l.peek() == '\n' {
			l.pos++
		}
	case '\n':
		l.pos++
	default:
		l.pos = start
	}
}
