package look

import (
	"bytes"
	"strconv"
)

// The kinds of operands that matter; anything else is nil.
type (
	number float64
	name   string
	text   []byte
	list   []any
)

const (
	maxOperands = 4096
	maxNesting  = 32
)

// tokens reads a content stream (ISO 32000-2, 7.8.2).
type tokens struct {
	b     []byte
	depth int
}

func space(c byte) bool { return c == 0 || c == 9 || c == 10 || c == 12 || c == 13 || c == 32 }

func delimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

func (t *tokens) skip() {
	for len(t.b) > 0 {
		switch {
		case space(t.b[0]):
			t.b = t.b[1:]
		case t.b[0] == '%':
			end := bytes.IndexAny(t.b, "\r\n")
			if end < 0 {
				end = len(t.b)
			}
			t.b = t.b[end:]
		default:
			return
		}
	}
}

// next reads an operand, or an operator, which is a string that is not empty.
// It is false at the end.
func (t *tokens) next() (operand any, operator string, more bool) {
	t.skip()
	if len(t.b) == 0 {
		return nil, "", false
	}
	switch c := t.b[0]; {
	case c == '/':
		t.b = t.b[1:]
		return name(t.word()), "", true
	case c == '(':
		return t.literal(), "", true
	case c == '<' && len(t.b) > 1 && t.b[1] == '<', c == '>' && len(t.b) > 1 && t.b[1] == '>':
		t.b = t.b[2:]
		return nil, "", true
	case c == '<':
		return t.hexadecimal(), "", true
	case c == '[':
		t.b = t.b[1:]
		return t.array(), "", true
	case delimiter(c):
		t.b = t.b[1:]
		return nil, "", true
	}
	w := t.word()
	if n, err := strconv.ParseFloat(w, 64); err == nil {
		return number(n), "", true
	}
	return nil, w, true
}

func (t *tokens) word() string {
	n := 0
	for n < len(t.b) && !space(t.b[n]) && !delimiter(t.b[n]) {
		n++
	}
	w := string(t.b[:n])
	t.b = t.b[n:]
	return w
}

func (t *tokens) array() list {
	var out list
	if t.depth++; t.depth > maxNesting {
		t.b = nil
	}
	for len(t.b) > 0 {
		t.skip()
		if len(t.b) > 0 && t.b[0] == ']' {
			t.b = t.b[1:]
			break
		}
		v, _, more := t.next()
		if !more || len(out) > maxOperands {
			break
		}
		out = append(out, v)
	}
	t.depth--
	return out
}

func (t *tokens) hexadecimal() text {
	end := bytes.IndexByte(t.b, '>')
	if end < 0 {
		end = len(t.b) - 1
	}
	var out text
	digits, half := 0, byte(0)
	for _, c := range t.b[1:max(1, end)] {
		var d byte
		switch {
		case c >= '0' && c <= '9':
			d = c - '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			d = c | 0x20 - 'a' + 10
		default:
			continue
		}
		half = half<<4 | d
		if digits++; digits%2 == 0 {
			out = append(out, half)
			half = 0
		}
	}
	if digits%2 == 1 {
		out = append(out, half<<4)
	}
	t.b = t.b[min(len(t.b), end+1):]
	return out
}

// literal reads a string in parentheses (ISO 32000-2, 7.3.4.2).
func (t *tokens) literal() text {
	var out text
	open := 0
	for i := 0; i < len(t.b); i++ {
		switch c := t.b[i]; c {
		case '(':
			if open++; open > 1 {
				out = append(out, c)
			}
		case ')':
			if open--; open == 0 {
				t.b = t.b[i+1:]
				return out
			}
			out = append(out, c)
		case '\\':
			b, n := escaped(t.b[i+1:])
			out = append(out, b...)
			i += n
		default:
			out = append(out, c)
		}
	}
	t.b = nil
	return out
}

// escaped reads what stands behind a backslash and tells how long that is.
func escaped(b []byte) ([]byte, int) {
	if len(b) == 0 {
		return nil, 0
	}
	if i := bytes.IndexByte([]byte("nrtbf"), b[0]); i >= 0 {
		return []byte{"\n\r\t\b\f"[i]}, 1
	}
	switch {
	case b[0] == '\r' && len(b) > 1 && b[1] == '\n':
		return nil, 2
	case b[0] == '\r' || b[0] == '\n':
		return nil, 1
	case b[0] < '0' || b[0] > '7':
		return b[:1], 1
	}
	n, v := 0, 0
	for n < 3 && n < len(b) && b[n] >= '0' && b[n] <= '7' {
		v = v<<3 | int(b[n]-'0')
		n++
	}
	return []byte{byte(v)}, n // a ninth bit is to be ignored (7.3.4.2)
}

// inlineImage skips the data of an inline image (ISO 32000-2, 8.9.7).
func (t *tokens) inlineImage() {
	for at := 0; ; {
		i := bytes.Index(t.b[at:], []byte("EI"))
		if i < 0 {
			t.b = nil
			return
		}
		at += i
		end := at + 2
		if at > 0 && space(t.b[at-1]) && (end == len(t.b) || space(t.b[end])) {
			t.b = t.b[end:]
			return
		}
		at = end
	}
}
