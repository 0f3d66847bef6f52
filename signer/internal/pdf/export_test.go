package pdf

import "bytes"

// HardenedHash is hardenedHash for its test, for the empty password.
func HardenedHash(in, data []byte) []byte { return hardenedHash(in, nil, data) }

// ReadValue reads one value from the beginning of b and says how many bytes it
// took. With an error it may still give what it has.
func ReadValue(b []byte) (v any, taken int64, err error) {
	l := newLexer(bytes.NewReader(b), int64(len(b)), 0)
	v, err = l.top()
	return v, l.pos, err
}

// WriteValue writes a value as it would stand in an object.
func WriteValue(v any) ([]byte, error) {
	w := &writer{f: &File{}}
	err := w.value(Ref{}, v)
	return w.b.Bytes(), err
}
