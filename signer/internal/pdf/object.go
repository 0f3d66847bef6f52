package pdf

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// The types of a PDF value (ISO 32000-2, 7.3). A value is one of
//
//	nil     the null object
//	bool
//	Number  as it is written in the file
//	Name    decoded, without the solidus
//	String
//	Array
//	*Dict
//	*Stream
//	Ref     a reference, not yet resolved
//	Keyword anything else: only in damaged files
type (
	// Ref names an indirect object.
	Ref struct{ Number, Gen int }
	// Name is a name without its solidus and with #xx decoded.
	Name string
	// Number is a number as it is written, so that it can be written back unchanged.
	Number string
	// Keyword is a bare word that is no value; damaged files have them.
	Keyword string
	// Array is an array.
	Array []any
)

// IsZero reports whether r names no object.
func (r Ref) IsZero() bool { return r.Number == 0 }

// String gives "12 0 R".
func (r Ref) String() string { return fmt.Sprintf("%d %d R", r.Number, r.Gen) }

// Int makes a Number of a whole number.
func Int(n int64) Number { return Number(strconv.FormatInt(n, 10)) }

// Real makes a Number with at most four decimals.
func Real(x float64) Number {
	b := strconv.AppendFloat(nil, x, 'f', 4, 64)
	b = bytes.TrimRight(b, "0")
	b = bytes.TrimSuffix(b, []byte("."))
	if len(b) == 0 || string(b) == "-0" || string(b) == "-" {
		return "0"
	}
	return Number(b)
}

// Int is the number as a whole number, cut off at the point.
func (n Number) Int() (int64, bool) {
	if i, err := strconv.ParseInt(string(n), 10, 64); err == nil {
		return i, true
	}
	x, ok := n.Float()
	if !ok || x > 1<<62 || x < -1<<62 {
		return 0, false
	}
	return int64(x), true
}

// Float is the number as a floating-point number.
func (n Number) Float() (float64, bool) {
	x, err := strconv.ParseFloat(string(n), 64)
	return x, err == nil
}

// String is a string object. It remembers how it was written.
type String struct {
	value  []byte
	raw    []byte // with delimiters; nil for a new string
	sealed bool   // raw is encrypted for the object that it stands in
}

// NewString makes a string of bytes.
func NewString(b []byte) String { return String{value: b} }

// NewText makes a text string (ISO 32000-2, 7.9.2.2): ASCII as it is, everything
// else as UTF-16BE with a byte order mark, which every PDF version knows.
func NewText(s string) String {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || s[i] < 32 {
			b := []byte{0xFE, 0xFF}
			for _, u := range utf16.Encode([]rune(s)) {
				b = append(b, byte(u>>8), byte(u))
			}
			return String{value: b}
		}
	}
	return String{value: []byte(s)}
}

// Bytes is the value, decrypted.
func (s String) Bytes() []byte { return s.value }

// Text is the value as text: UTF-16BE, UTF-8 with its mark, else PDFDocEncoding.
func (s String) Text() string {
	b := s.value
	switch {
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		return utf16Text(b[2:], 0)
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}):
		return utf16Text(b[2:], 1)
	case bytes.HasPrefix(b, []byte{0xEF, 0xBB, 0xBF}):
		return string(bytes.ToValidUTF8(b[3:], []byte("�")))
	}
	return fromPDFDoc(b)
}

func utf16Text(b []byte, low int) string {
	u := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		u = append(u, uint16(b[i+low])<<8|uint16(b[i+1-low]))
	}
	return string(utf16.Decode(u))
}

// Span is a range of bytes of the file, End excluded.
type Span struct{ Start, End int64 }

type keySpan struct {
	key string
	at  Span
}

// Dict is a dictionary that keeps the order of its keys.
type Dict struct {
	keys   []string
	values []any
	spans  []keySpan // of strings that were read from the file itself
	twice  []string
	places map[string]int // index of keys once there are many
}

// manyKeys is the size from which a dictionary keeps an index.
const manyKeys = 32

// NewDict makes a dictionary of alternating keys (string or Name) and values.
func NewDict(pairs ...any) *Dict {
	d := &Dict{}
	for i := 0; i+1 < len(pairs); i += 2 {
		switch k := pairs[i].(type) {
		case string:
			d.Set(k, pairs[i+1])
		case Name:
			d.Set(string(k), pairs[i+1])
		}
	}
	return d
}

func (d *Dict) index(key string) int {
	if d == nil {
		return -1
	}
	if d.places != nil {
		if i, ok := d.places[key]; ok {
			return i
		}
		return -1
	}
	for i, k := range d.keys {
		if k == key {
			return i
		}
	}
	return -1
}

// Get is the value of key, unresolved; nil when it is absent or d is nil.
func (d *Dict) Get(key string) any {
	if i := d.index(key); i >= 0 {
		return d.values[i]
	}
	return nil
}

// Has reports whether key is there, even with a null value.
func (d *Dict) Has(key string) bool { return d.index(key) >= 0 }

// Keys are the keys in the order of the file.
func (d *Dict) Keys() []string {
	if d == nil {
		return nil
	}
	return d.keys
}

// Twice are the keys that stand in the file more than once; the last one counts.
func (d *Dict) Twice() []string {
	if d == nil {
		return nil
	}
	return d.twice
}

// Span is where the string that is the value of key is written in the file. It is
// false for other values, for a dictionary from an object stream and for a value
// that was set since.
func (d *Dict) Span(key string) (Span, bool) {
	if d == nil {
		return Span{}, false
	}
	for _, s := range d.spans {
		if s.key == key {
			return s.at, true
		}
	}
	return Span{}, false
}

// moved forgets where the value of key is written.
func (d *Dict) moved(key string) {
	d.spans = slices.DeleteFunc(d.spans, func(s keySpan) bool { return s.key == key })
}

// Set sets key to v.
func (d *Dict) Set(key string, v any) {
	if i := d.index(key); i >= 0 {
		d.values[i] = v
		d.moved(key)
		return
	}
	d.keys = append(d.keys, key)
	d.values = append(d.values, v)
	switch {
	case d.places != nil:
		d.places[key] = len(d.keys) - 1
	case len(d.keys) > manyKeys:
		d.places = make(map[string]int, 2*len(d.keys))
		for i, k := range d.keys {
			d.places[k] = i
		}
	}
}

// Delete removes key.
func (d *Dict) Delete(key string) {
	i := d.index(key)
	if i < 0 {
		return
	}
	d.keys = append(d.keys[:i:i], d.keys[i+1:]...)
	d.values = append(d.values[:i:i], d.values[i+1:]...)
	d.moved(key)
	if d.places != nil {
		d.places = make(map[string]int, len(d.keys))
		for i, k := range d.keys {
			d.places[k] = i
		}
	}
}

// Clone copies d, not the values in it.
func (d *Dict) Clone() *Dict {
	if d == nil {
		return &Dict{}
	}
	return &Dict{
		keys:   append([]string(nil), d.keys...),
		values: append([]any(nil), d.values...),
		places: maps.Clone(d.places),
	}
}

// Stream is a stream object: its dictionary and where its data begin.
type Stream struct {
	Dict *Dict
	// Offset is where the data begin in the file.
	Offset int64
	// Ref is the object itself.
	Ref    Ref
	length int64 // −1 until it is known
}

// Equal reports whether two values are the same in meaning; references are
// compared, not followed. Streams are equal when they begin at the same byte.
func Equal(a, b any) bool {
	switch x := a.(type) {
	case String:
		y, ok := b.(String)
		return ok && bytes.Equal(x.value, y.value)
	case Number:
		y, ok := b.(Number)
		if !ok || x == y {
			return ok
		}
		p, ok1 := x.Float()
		q, ok2 := y.Float()
		return ok1 && ok2 && p == q
	case Array:
		y, ok := b.(Array)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !Equal(x[i], y[i]) {
				return false
			}
		}
		return true
	case *Dict:
		y, ok := b.(*Dict)
		return ok && equalDict(x, y)
	case *Stream:
		y, ok := b.(*Stream)
		return ok && x.Offset == y.Offset
	case *NewStream, *Placeholder:
		return false
	}
	switch b.(type) {
	case String, Array:
		return false
	}
	return a == b
}

func equalDict(x, y *Dict) bool {
	if x == nil || y == nil || len(x.keys) != len(y.keys) {
		return x == y
	}
	for i, k := range x.keys {
		j := y.index(k)
		if j < 0 || !Equal(x.values[i], y.values[j]) {
			return false
		}
	}
	return true
}
