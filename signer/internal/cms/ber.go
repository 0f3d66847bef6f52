package cms

import (
	"errors"
	"fmt"
)

const (
	maxDepth  = 64
	maxValues = 1 << 18
	// MaxSize is the largest CMS structure that Parse takes, in bytes.
	MaxSize = 16 << 20

	tagOctetString = 0x04
	constructedBit = 0x20
)

var errBER = errors.New("malformed BER")

// toDER rewrites the first BER value of in with definite lengths (X.690, 8.1.3
// and 10.1) and joins constructed octet strings (X.690, 10.2); other values keep
// their bytes. It returns what stands behind the value. A value that has no
// indefinite length inside is returned as it is.
func toDER(in []byte) (der, rest []byte, err error) {
	left := maxValues
	if end, ok := plain(in, 0, &left); ok {
		return in[:end], in[end:], nil
	}
	v, rest, err := (&berReader{left: maxValues}).read(in, 0)
	if err != nil {
		return nil, nil, err
	}
	if !v.rewritten {
		return in[:len(in)-len(rest)], rest, nil
	}
	return v.bytes, rest, nil
}

// plain reports that the first value of in needs no rewriting, as nearly all do
// not, and where it ends. left counts the values.
func plain(in []byte, depth int, left *int) (end int, ok bool) {
	if *left--; *left < 0 || depth > maxDepth {
		return 0, false
	}
	h, err := readHeader(in)
	if err != nil || h.indefinite || in[0] == tagOctetString|constructedBit {
		return 0, false
	}
	end = h.size + h.length
	if in[0]&constructedBit == 0 {
		return end, true
	}
	for at := h.size; at < end; {
		n, ok := plain(in[at:end], depth+1, left)
		if !ok {
			return 0, false
		}
		at += n
	}
	return end, true
}

// berValue is one value after the rewriting.
type berValue struct {
	bytes     []byte // the whole value, header included
	body      []byte
	tag       byte
	rewritten bool
}

// berReader counts the values, so that a small input cannot become a large tree.
type berReader struct{ left int }

func (r *berReader) read(in []byte, depth int) (berValue, []byte, error) {
	if depth > maxDepth {
		return berValue{}, nil, fmt.Errorf("%w: nested deeper than %d", errBER, maxDepth)
	}
	if r.left--; r.left < 0 {
		return berValue{}, nil, fmt.Errorf("%w: more than %d values", errBER, maxValues)
	}
	h, err := readHeader(in)
	if err != nil {
		return berValue{}, nil, err
	}
	v := berValue{tag: in[0]}
	if h.indefinite {
		return r.readIndefinite(in, h, depth)
	}
	end := h.size + h.length
	v.bytes, v.body = in[:end], in[h.size:end]
	if v.tag&constructedBit == 0 {
		return v, in[end:], nil
	}
	children, err := r.readChildren(v.body, depth)
	if err != nil {
		return berValue{}, nil, err
	}
	for _, child := range children {
		v.rewritten = v.rewritten || child.rewritten
	}
	if v.rewritten || v.tag == tagOctetString|constructedBit {
		v = join(in[:h.tagSize], children)
	}
	return v, in[end:], nil
}

func (r *berReader) readIndefinite(in []byte, h header, depth int) (berValue, []byte, error) {
	if in[0]&constructedBit == 0 {
		return berValue{}, nil, fmt.Errorf("%w: indefinite length of a primitive value", errBER)
	}
	var children []berValue
	rest := in[h.size:]
	for {
		if len(rest) < 2 {
			return berValue{}, nil, fmt.Errorf("%w: no end of contents", errBER)
		}
		if rest[0] == 0 && rest[1] == 0 {
			return join(in[:h.tagSize], children), rest[2:], nil
		}
		child, after, err := r.read(rest, depth+1)
		if err != nil {
			return berValue{}, nil, err
		}
		children, rest = append(children, child), after
	}
}

func (r *berReader) readChildren(body []byte, depth int) ([]berValue, error) {
	var children []berValue
	for len(body) > 0 {
		child, after, err := r.read(body, depth+1)
		if err != nil {
			return nil, err
		}
		children, body = append(children, child), after
	}
	return children, nil
}

// join puts children together under a tag.
func join(tag []byte, children []berValue) berValue {
	v := berValue{tag: tag[0], rewritten: true}
	octets := len(tag) == 1 && tag[0] == tagOctetString|constructedBit
	for _, child := range children {
		if octets && child.tag == tagOctetString {
			v.body = append(v.body, child.body...)
		} else {
			v.body = append(v.body, child.bytes...)
		}
	}
	header := append([]byte(nil), tag...)
	if octets {
		header[0], v.tag = tagOctetString, tagOctetString
	}
	v.bytes = append(appendLength(header, len(v.body)), v.body...)
	return v
}

func appendLength(b []byte, n int) []byte {
	if n < 0x80 {
		return append(b, byte(n)) //nolint:gosec // below 128
	}
	var digits []byte
	for ; n > 0; n >>= 8 {
		digits = append([]byte{byte(n & 0xff)}, digits...)
	}
	return append(append(b, 0x80|byte(len(digits))), digits...) //nolint:gosec // at most eight digits
}

type header struct {
	tagSize, size, length int
	indefinite            bool
}

func readHeader(in []byte) (header, error) {
	if len(in) < 2 {
		return header{}, fmt.Errorf("%w: too short", errBER)
	}
	h := header{tagSize: 1}
	if in[0]&0x1f == 0x1f { // long form of the tag
		for h.tagSize < 5 && h.tagSize < len(in) && in[h.tagSize]&0x80 != 0 {
			h.tagSize++
		}
		h.tagSize++
	}
	if h.tagSize >= len(in) {
		return header{}, fmt.Errorf("%w: no length", errBER)
	}
	first := in[h.tagSize]
	h.size = h.tagSize + 1
	switch {
	case first < 0x80:
		h.length = int(first)
	case first == 0x80:
		h.indefinite = true
	case first > 0x84:
		return header{}, fmt.Errorf("%w: length of %d bytes", errBER, first&0x7f)
	default:
		for range int(first & 0x7f) {
			if h.size >= len(in) {
				return header{}, fmt.Errorf("%w: no length", errBER)
			}
			h.length = h.length<<8 | int(in[h.size])
			h.size++
		}
	}
	if h.length > len(in)-h.size {
		return header{}, fmt.Errorf("%w: value longer than its input", errBER)
	}
	return h, nil
}
