package pdf

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Limits that keep a hostile file from taking the machine.
const (
	maxDepth      = 100
	maxObjectSize = 64 << 20 // bytes of one object without its stream
	maxValues     = 4 << 20  // values in one object
	maxTwice      = 1000     // keys of one dictionary that stand there again
	maxNumber     = 1 << 30  // highest object number
	maxUsual      = 8388607  // highest object number that readers must take (ISO 32000-1, C.2)
	windowSmall   = 4 << 10
	windowLarge   = 64 << 10
)

var (
	errEnd        = errors.New("unexpected end")
	errDeep       = errors.New("objects nested too deeply")
	errLong       = errors.New("object too long")
	errUnfinished = errors.New("unterminated object")
)

// lexer reads values from a file, or from a decoded object stream.
type lexer struct {
	r      io.ReaderAt
	size   int64
	pos    int64
	window int
	buf    []byte
	bufPos int64
	limit  int64 // position at which the object is too long
	values int   // that were read
	inFile bool  // positions are positions of the file: keep spans
	// highest, when not nil, is raised to the highest object number referred to.
	highest *int
}

func newLexer(r io.ReaderAt, size, pos int64) *lexer {
	return &lexer{r: r, size: size, pos: pos, window: windowSmall, limit: size, inFile: true}
}

// lexBytes reads values from memory.
func lexBytes(b []byte, pos int64) *lexer {
	l := newLexer(nil, int64(len(b)), pos) // all of it is in the window
	l.buf = b
	return l
}

// closer is the end of an array or a dictionary.
type closer byte

func (l *lexer) peek() int {
	if l.pos >= l.size || l.pos < 0 {
		return -1
	}
	if l.pos < l.bufPos || l.pos >= l.bufPos+int64(len(l.buf)) {
		// It begins small: most of what is read is.
		if want := min(l.window, max(windowSmall, 2*cap(l.buf))); cap(l.buf) < want && int64(cap(l.buf)) < l.size {
			l.buf = make([]byte, min(int64(want), l.size))
		}
		b := l.buf[:cap(l.buf)]
		if rest := l.size - l.pos; rest < int64(len(b)) {
			b = b[:rest]
		}
		n, _ := l.r.ReadAt(b, l.pos)
		if n <= 0 {
			return -1
		}
		l.buf, l.bufPos = b[:n], l.pos
	}
	return int(l.buf[l.pos-l.bufPos])
}

func (l *lexer) next() int {
	c := l.peek()
	if c >= 0 {
		l.pos++
	}
	return c
}

func isSpace(c int) bool { return c == 0 || c == 9 || c == 10 || c == 12 || c == 13 || c == 32 }

func isDelimiter(c int) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

// space skips white space and comments.
func (l *lexer) space() {
	for {
		c := l.peek()
		switch {
		case isSpace(c):
			l.pos++
		case c == '%':
			for c != -1 && c != '\n' && c != '\r' {
				l.pos++
				c = l.peek()
			}
		default:
			return
		}
	}
}

// word reads regular characters, at most 512 of them.
func (l *lexer) word() string {
	var b []byte
	for len(b) < 512 {
		c := l.peek()
		if c < 0 || isSpace(c) || isDelimiter(c) {
			break
		}
		b = append(b, byte(c))
		l.pos++
	}
	return string(b)
}

// token skips space and reads a word.
func (l *lexer) token() string {
	l.space()
	return l.word()
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func isNumber(s string) bool {
	digit := false
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digit = true
		case c != '.' && c != '+' && c != '-':
			return false
		}
	}
	return digit
}

// top reads a value that stands by itself.
func (l *lexer) top() (any, error) {
	v, err := l.value(0)
	if c, ok := v.(closer); ok {
		return Keyword(c), err
	}
	return v, err
}

// value reads one value. With an error it may still return what it has.
func (l *lexer) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, errDeep
	}
	l.space()
	if l.values++; l.pos > l.limit || l.values > maxValues {
		return nil, errLong
	}
	switch c := l.peek(); c {
	case -1:
		return nil, errEnd
	case '/':
		l.pos++
		return l.name(), nil
	case '(':
		return l.literal()
	case '<':
		l.pos++
		if l.peek() == '<' {
			l.pos++
			return l.dict(depth)
		}
		return l.hexadecimal()
	case '>':
		l.pos++
		if l.peek() == '>' {
			l.pos++
			return closer('>'), nil
		}
		return Keyword(">"), nil
	case '[':
		l.pos++
		return l.array(depth)
	case ']':
		l.pos++
		return closer(']'), nil
	case ')', '{', '}':
		l.pos++
		return Keyword(string(rune(c))), nil
	}
	return l.bare()
}

// bare reads a number, a reference, or a keyword.
func (l *lexer) bare() (any, error) {
	w := l.word()
	switch {
	case w == "":
		l.pos++
		return Keyword(""), nil
	case w == "true":
		return true, nil
	case w == "false":
		return false, nil
	case w == "null":
		return nil, nil
	case isDigits(w) && len(w) <= 10:
		if r, ok := l.reference(w); ok {
			return r, nil
		}
		return Number(w), nil
	case isNumber(w):
		return Number(w), nil
	}
	return Keyword(w), nil
}

// reference reads "G R" after the digits number, or nothing at all.
func (l *lexer) reference(number string) (Ref, bool) {
	start := l.pos
	l.space()
	if c := l.peek(); c >= '0' && c <= '9' {
		gen := l.word()
		l.space()
		if isDigits(gen) && len(gen) <= 5 && l.peek() == 'R' {
			l.pos++
			if c := l.peek(); c < 0 || isSpace(c) || isDelimiter(c) {
				n, _ := strconv.Atoi(number)
				g, _ := strconv.Atoi(gen)
				l.note(n)
				return Ref{n, g}, true
			}
		}
	}
	l.pos = start
	return Ref{}, false
}

// note keeps the highest number that is referred to.
func (l *lexer) note(number int) {
	if l.highest != nil && number <= maxUsual {
		*l.highest = max(*l.highest, number)
	}
}

// name reads the rest of a name, at most 512 bytes of it when decoded.
func (l *lexer) name() Name {
	var b []byte
	for len(b) < 512 {
		c := l.peek()
		if c < 0 || isSpace(c) || isDelimiter(c) {
			break
		}
		l.pos++
		if c == '#' {
			c = l.hash()
		}
		b = append(b, byte(c))
	}
	return Name(b)
}

// hash reads the two digits after a number sign; without them it stands for itself.
func (l *lexer) hash() int {
	start := l.pos
	hi, lo := -1, -1
	if c := l.next(); c >= 0 {
		hi = hexDigit(byte(c))
	}
	if c := l.next(); c >= 0 {
		lo = hexDigit(byte(c))
	}
	if hi < 0 || lo < 0 {
		l.pos = start
		return '#'
	}
	return hi<<4 | lo
}

func (l *lexer) literal() (any, error) {
	var b []byte
	level := 0
	for {
		c := l.next()
		if c < 0 {
			return nil, errEnd
		}
		b = append(b, byte(c))
		switch c {
		case '\\':
			if c = l.next(); c < 0 {
				return nil, errEnd
			}
			b = append(b, byte(c))
		case '(':
			level++
		case ')':
			level--
		}
		if level == 0 {
			return String{value: unescape(b[1 : len(b)-1]), raw: b}, nil
		}
		if len(b) > maxObjectSize {
			return nil, errLong
		}
	}
}

// hexadecimal reads the rest of a hexadecimal string, by the window: that of a
// signature has thousands of digits.
func (l *lexer) hexadecimal() (any, error) {
	b := []byte{'<'}
	for l.peek() >= 0 {
		part := l.buf[l.pos-l.bufPos:]
		part = part[:min(int64(len(part)), l.size-l.pos, int64(maxObjectSize+1-len(b)))]
		end := bytes.IndexByte(part, '>')
		if end >= 0 {
			part = part[:end+1]
		}
		b = append(b, part...)
		l.pos += int64(len(part))
		if end >= 0 {
			return String{value: unhex(b[1 : len(b)-1]), raw: b}, nil
		}
		if len(b) > maxObjectSize {
			return nil, errLong
		}
	}
	return nil, errEnd
}

func (l *lexer) array(depth int) (any, error) {
	a := Array{}
	for {
		v, err := l.value(depth + 1)
		if err != nil {
			return a, err
		}
		switch t := v.(type) {
		case closer:
			if t == '>' { // the array is not closed, the dictionary around it is
				l.pos -= 2
			}
			return a, nil
		case Keyword:
			if t == "endobj" || t == "stream" {
				return a, fmt.Errorf("array: %w", errUnfinished)
			}
		}
		a = append(a, v)
	}
}

func (l *lexer) dict(depth int) (any, error) {
	d := &Dict{}
	for {
		k, err := l.value(depth + 1)
		if err != nil {
			return d, err
		}
		switch t := k.(type) {
		case closer:
			if t == '>' {
				return d, nil
			}
		case Keyword:
			if t == "endobj" || t == "stream" || t == "obj" {
				return d, fmt.Errorf("dictionary: %w", errUnfinished)
			}
		case Name:
			end, err := l.entry(d, string(t), depth)
			if err != nil || end {
				return d, err
			}
		}
	}
}

// entry reads the value of key; end reports that the dictionary ended instead.
func (l *lexer) entry(d *Dict, key string, depth int) (end bool, err error) {
	l.space()
	start := l.pos
	v, err := l.value(depth + 1)
	if err != nil {
		return false, err
	}
	if c, ok := v.(closer); ok {
		d.Set(key, nil)
		return c == '>', nil
	}
	if k, ok := v.(Keyword); ok && (k == "endobj" || k == "stream") {
		return false, fmt.Errorf("dictionary: %w", errUnfinished)
	}
	if d.Has(key) {
		if d.twice = append(d.twice, key); len(d.twice) > maxTwice {
			return false, errLong
		}
	}
	d.Set(key, v)
	if _, ok := v.(String); ok && l.inFile {
		d.spans = append(d.spans, keySpan{key, Span{start, l.pos}})
	}
	return false, nil
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// unhex decodes hexadecimal digits. What is none is left out, and a digit that is
// missing at the end is a zero (ISO 32000-2, 7.3.4.3).
func unhex(s []byte) []byte {
	out := make([]byte, 0, len(s)/2+1)
	if n, err := hex.Decode(out[:len(s)/2], s); err == nil { // nearly always: pairs of digits
		return out[:n]
	}
	hi := -1
	for _, c := range s {
		v := hexDigit(c)
		switch {
		case v < 0:
		case hi < 0:
			hi = v
		default:
			out = append(out, byte(hi<<4|v))
			hi = -1
		}
	}
	if hi >= 0 {
		out = append(out, byte(hi<<4))
	}
	return out
}

// unescape decodes what stands between the parentheses (ISO 32000-2, 7.3.4.2).
func unescape(s []byte) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\r':
			if i+1 < len(s) && s[i+1] == '\n' {
				i++
			}
			out = append(out, '\n')
		case c != '\\':
			out = append(out, c)
		case i+1 < len(s):
			b, n := escape(s[i+1:])
			out = append(out, b...)
			i += n
		}
	}
	return out
}

// escape decodes what follows a backslash and says how many bytes it took.
func escape(s []byte) ([]byte, int) {
	switch c := s[0]; c {
	case 'n':
		return []byte{'\n'}, 1
	case 'r':
		return []byte{'\r'}, 1
	case 't':
		return []byte{'\t'}, 1
	case 'b':
		return []byte{'\b'}, 1
	case 'f':
		return []byte{'\f'}, 1
	case '\n':
		return nil, 1
	case '\r':
		if len(s) > 1 && s[1] == '\n' {
			return nil, 2
		}
		return nil, 1
	default:
		v, n := 0, 0
		for n < 3 && n < len(s) && s[n] >= '0' && s[n] <= '7' {
			v = v*8 + int(s[n]-'0')
			n++
		}
		if n == 0 {
			return []byte{c}, 1
		}
		return []byte{byte(v)}, n
	}
}
