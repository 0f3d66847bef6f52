package pdf

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
	"slices"
)

// NewStream is a stream that is written, not read. /Length is added.
type NewStream struct {
	Dict *Dict
	Data []byte
}

// Placeholder is written as it is, never encrypted, and remembers where.
type Placeholder struct {
	Text []byte
	// At is the offset in the file of the first byte, once it is written.
	At int64
}

// Update collects changed and new objects for one incremental update (ISO
// 32000-2, 7.5.6).
type Update struct {
	f       *File
	next    int
	objects map[Ref]any
}

// The highest offset and generation that a table row can hold.
const (
	maxTableOffset = 9_999_999_999
	maxTableGen    = 99_999
)

// Update begins an incremental update of the newest revision.
func (f *File) Update() *Update {
	highest := f.highest // a reference to nothing must not come to mean a new object
	for _, s := range f.sections {
		for _, t := range []*section{s, s.hidden} {
			if t != nil && len(t.runs) > 0 {
				r := t.runs[len(t.runs)-1]
				highest = max(highest, r.first+len(r.entries)-1, t.self)
			}
		}
	}
	if n, ok := f.Int(f.trailer.Get("Size")); ok && n > int64(highest) && n < maxNumber {
		highest = int(n) - 1
	}
	return &Update{f: f, next: highest + 1, objects: map[Ref]any{}}
}

// New gives a number that no revision uses.
func (u *Update) New() Ref {
	r := Ref{Number: u.next}
	u.next++
	return r
}

// Add gives v a new number.
func (u *Update) Add(v any) Ref {
	r := u.New()
	u.objects[r] = v
	return r
}

// Set replaces an object, or fills one that New gave. The number stays; the
// generation is that of the object in use.
func (u *Update) Set(r Ref, v any) {
	r.Gen = 0
	if e, ok := u.f.entry(r.Number); ok && e.kind == entryOffset {
		r.Gen = int(e.gen)
	}
	u.objects[r] = v
}

// Current is the value of r with this update applied; change a clone of it.
func (u *Update) Current(r Ref) any {
	for k, v := range u.objects {
		if k.Number == r.Number {
			return v
		}
	}
	return u.f.Resolve(r)
}

// Bytes writes the update as it belongs at offset u's file size. It is
// repeatable but for the random vectors of encrypted strings.
func (u *Update) Bytes() ([]byte, error) {
	if u.next > maxNumber {
		return nil, errors.New("no object number is left")
	}
	w := &writer{f: u.f, base: u.f.size}
	var last [1]byte
	_, _ = u.f.r.ReadAt(last[:], u.f.size-1)
	if last[0] != '\n' && last[0] != '\r' && !u.f.signedToEnd() {
		w.b.WriteByte('\n')
	}
	// What the end of a damaged file cuts off must not go on in the update.
	switch u.f.open {
	case "stream":
		w.b.WriteString("endstream\nendobj\n")
	case "obj":
		w.b.WriteString("endobj\n")
	}
	refs := make([]Ref, 0, len(u.objects))
	for r := range u.objects {
		refs = append(refs, r)
	}
	slices.SortFunc(refs, func(a, b Ref) int { return a.Number - b.Number })
	rows := map[int]entry{}
	if u.f.rebuilt {
		rows = u.f.allRows()
	}
	for _, r := range refs {
		rows[r.Number] = entry{kind: entryOffset, offset: w.offset() - u.f.bias, gen: int32(r.Gen)}
		if err := w.object(r, u.objects[r]); err != nil {
			return nil, err
		}
	}
	if err := u.writeSection(w, rows); err != nil {
		return nil, err
	}
	return w.b.Bytes(), nil
}

// signedToEnd reports that a signature covers the last byte of the file. Then
// the update begins right there: no byte lies between two revisions.
func (f *File) signedToEnd() bool {
	for _, field := range f.SignatureFields() {
		if field.Value == nil {
			continue
		}
		r := f.Signature(field.Value).ByteRange
		if len(r) == 4 && r[2]+r[3] == f.size {
			return true
		}
	}
	return false
}

// allRows are the rows of a rebuilt file: its update carries a complete section.
func (f *File) allRows() map[int]entry {
	rows := map[int]entry{0: {gen: 65535}}
	for _, r := range f.sections[0].runs {
		for i, e := range r.entries {
			rows[r.first+i] = e
		}
	}
	return rows
}

// writeSection writes the cross-reference section, of the kind of the last one.
func (u *Update) writeSection(w *writer, rows map[int]entry) error {
	at := w.offset()
	asStream := u.f.sections[0].kind == KindStream || at-u.f.bias > maxTableOffset
	for _, e := range rows {
		asStream = asStream || e.kind == entryPacked || e.offset > maxTableOffset || e.gen > maxTableGen
	}
	size := u.next
	if asStream {
		rows[u.next] = entry{kind: entryOffset, offset: at - u.f.bias}
		size++
	}
	trailer := &Dict{}
	trailer.Set("Size", Int(int64(size)))
	for _, k := range []string{"Root", "Info", "Encrypt", "ID"} {
		if v := u.f.trailer.Get(k); v != nil {
			trailer.Set(k, v)
		}
	}
	if !u.f.rebuilt {
		trailer.Set("Prev", Int(u.f.sections[0].stated))
	}
	runs := runsOf(rows)
	if asStream {
		w.xrefStream(Ref{Number: u.next}, trailer, runs)
	} else if err := w.xrefTable(trailer, runs); err != nil {
		return err
	}
	fmt.Fprintf(&w.b, "startxref\n%d\n%%%%EOF\n", at-u.f.bias)
	return nil
}

// writer writes values behind the end of the file.
type writer struct {
	f    *File
	base int64
	b    bytes.Buffer
}

func (w *writer) offset() int64 { return w.base + int64(w.b.Len()) }

func (w *writer) object(r Ref, v any) error {
	fmt.Fprintf(&w.b, "%d %d obj\n", r.Number, r.Gen)
	if err := w.value(r, v); err != nil {
		return fmt.Errorf("write object %d: %w", r.Number, err)
	}
	w.b.WriteString("\nendobj\n")
	return nil
}

func (w *writer) value(owner Ref, v any) error {
	switch t := v.(type) {
	case nil:
		w.b.WriteString("null")
	case bool:
		fmt.Fprintf(&w.b, "%t", t)
	case Ref:
		w.b.WriteString(t.String())
	case Name:
		w.name(string(t))
	case Number:
		w.b.WriteString(string(t))
	case Keyword:
		w.b.WriteString(" " + string(t) + " ")
	case *Placeholder:
		t.At = w.offset()
		w.b.Write(t.Text)
	case String:
		return w.text(owner, t)
	case Array:
		return w.array(owner, t)
	case *Dict:
		return w.dict(owner, t)
	case *NewStream:
		return w.stream(owner, t)
	default:
		return fmt.Errorf("a %T cannot be written", v)
	}
	return nil
}

func (w *writer) array(owner Ref, a Array) error {
	w.b.WriteByte('[')
	for i, x := range a {
		if i > 0 {
			w.b.WriteByte(' ')
		}
		if err := w.value(owner, x); err != nil {
			return err
		}
	}
	w.b.WriteByte(']')
	return nil
}

func (w *writer) dict(owner Ref, d *Dict) error {
	w.b.WriteString("<<")
	for i, k := range d.keys {
		if i > 0 {
			w.b.WriteByte('\n')
		}
		w.name(k)
		w.b.WriteByte(' ')
		if err := w.value(owner, d.values[i]); err != nil {
			return err
		}
	}
	w.b.WriteString(">>")
	return nil
}

func (w *writer) name(s string) {
	w.b.WriteByte('/')
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || c == '#' || isDelimiter(int(c)) {
			fmt.Fprintf(&w.b, "#%02X", c)
		} else {
			w.b.WriteByte(c)
		}
	}
}

// text writes a string as it was, when it still fits there.
func (w *writer) text(owner Ref, s String) error {
	c := w.f.crypt
	if s.raw != nil && (c == nil || s.sealed) {
		w.b.Write(s.raw)
		return nil
	}
	b := s.value
	if c != nil && c.strings != cipherIdentity {
		sealed, err := c.seal(c.strings, b, owner)
		if err != nil {
			return err
		}
		w.b.WriteString("<" + hex.EncodeToString(sealed) + ">")
		return nil
	}
	for _, x := range b {
		if x < ' ' || x > '~' {
			w.b.WriteString("<" + hex.EncodeToString(b) + ">")
			return nil
		}
	}
	w.b.WriteByte('(')
	for _, x := range b {
		if x == '(' || x == ')' || x == '\\' {
			w.b.WriteByte('\\')
		}
		w.b.WriteByte(x)
	}
	w.b.WriteByte(')')
	return nil
}

func (w *writer) stream(owner Ref, s *NewStream) error {
	data := s.Data
	if c := w.f.crypt; c != nil && owner.Number > 0 && s.Dict.Get("Type") != Name("XRef") {
		name, err := w.f.streamCipher(s.Dict)
		if err != nil {
			return err
		}
		if data, err = c.seal(name, data, owner); err != nil {
			return err
		}
	}
	d := s.Dict.Clone()
	d.Set("Length", Int(int64(len(data))))
	if err := w.value(owner, d); err != nil {
		return err
	}
	w.b.WriteString("\nstream\n")
	w.b.Write(data)
	w.b.WriteString("\nendstream")
	return nil
}

func (w *writer) xrefTable(trailer *Dict, runs []run) error {
	w.b.WriteString("xref\n")
	for _, r := range runs {
		fmt.Fprintf(&w.b, "%d %d\n", r.first, len(r.entries))
		for _, e := range r.entries {
			switch e.kind {
			case entryOffset:
				fmt.Fprintf(&w.b, "%010d %05d n\r\n", e.offset, e.gen)
			case entryFree:
				fmt.Fprintf(&w.b, "%010d %05d f\r\n", 0, e.gen)
			case entryPacked:
				return errors.New("a table cannot hold packed objects")
			}
		}
	}
	w.b.WriteString("trailer\n")
	w.plain(trailer)
	w.b.WriteString("\n")
	return nil
}

// plain writes a trailer, whose strings are never encrypted.
func (w *writer) plain(d *Dict) {
	in := &writer{f: &File{}, base: w.offset()}
	_ = in.value(Ref{}, d)
	w.b.Write(in.b.Bytes())
}

func (w *writer) xrefStream(self Ref, trailer *Dict, runs []run) {
	offsets, gens := 1, 1 // bytes that the widest of each needs
	for _, r := range runs {
		for _, e := range r.entries {
			offsets, gens = max(offsets, bytesOf(e.offset)), max(gens, bytesOf(int64(e.gen)))
		}
	}
	var data bytes.Buffer
	index := Array{}
	for _, r := range runs {
		index = append(index, Int(int64(r.first)), Int(int64(len(r.entries))))
		for _, e := range r.entries {
			data.WriteByte(byte(e.kind))
			putBigEndian(&data, e.offset, offsets)
			putBigEndian(&data, int64(e.gen), gens)
		}
	}
	d := NewDict("Type", Name("XRef"), "W", Array{Int(1), Int(int64(offsets)), Int(int64(gens))}, "Index", index)
	for i, k := range trailer.keys {
		d.Set(k, trailer.values[i])
	}
	d.Set("Length", Int(int64(data.Len())))
	fmt.Fprintf(&w.b, "%d %d obj\n", self.Number, self.Gen)
	w.plain(d)
	w.b.WriteString("\nstream\n")
	w.b.Write(data.Bytes())
	w.b.WriteString("\nendstream\nendobj\n")
}

// bytesOf is the number of bytes that n needs.
func bytesOf(n int64) int { return (bits.Len64(uint64(n)) + 7) / 8 }

// putBigEndian writes the last width bytes of n.
func putBigEndian(b *bytes.Buffer, n int64, width int) {
	for i := width - 1; i >= 0; i-- {
		b.WriteByte(byte(n >> (8 * i)))
	}
}
