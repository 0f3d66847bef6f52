package token

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Admit says whether a PIN may be sent to a token that says i of itself; pin is
// nil when it is typed on the reader. It returns nil or an *Error, and then no
// try is spent: the token is locked, or has one try left and nobody confirmed
// that (lastTry), or the PIN cannot be right.
//
// Flags are hints (PKCS #11 v2.40, 3.2): that Admit finds nothing is no promise.
func Admit(op string, i Info, pin []byte, lastTry bool) error {
	switch {
	case i.PIN == PINLocked:
		return &Error{Kind: KindPINLocked, Op: op, Detail: "the token says so; nothing was sent"}
	case i.PIN == PINFinal && !lastTry:
		return &Error{Kind: KindPINFinal, Op: op, Detail: "nothing was sent"}
	case pin == nil:
		return nil
	case len(pin) == 0:
		// Modules may take a PIN without bytes for a login on the reader's pad.
		return &Error{Kind: KindPINFormat, Op: op, Detail: "an empty PIN"}
	case !utf8.Valid(pin) || bytes.ContainsFunc(pin, unicode.IsControl):
		return &Error{Kind: KindPINFormat, Op: op, Detail: "characters that no PIN has"}
	case i.MaxPIN >= i.MinPIN && i.MaxPIN > 0 && (len(pin) < i.MinPIN || len(pin) > i.MaxPIN):
		return &Error{Kind: KindPINFormat, Op: op, Detail: fmt.Sprintf("the token takes %d to %d bytes", i.MinPIN, i.MaxPIN)}
	}
	return nil
}

// Weakness is a reason not to take a new PIN.
type Weakness string

// The weaknesses, in the order in which Weaknesses tells them.
const (
	WeakShort      Weakness = "short"      // fewer than the token's least, or than ShortestPIN
	WeakLong       Weakness = "long"       // more than the token takes
	WeakCharacters Weakness = "characters" // other than letters, digits and signs of ASCII: not every keyboard types them alike
	WeakUnchanged  Weakness = "unchanged"  // the old PIN
	WeakSame       Weakness = "same"       // one character only: 000000
	WeakSequence   Weakness = "sequence"   // 123456, 987654, abcdef, qwerty
	WeakRepeated   Weakness = "repeated"   // a shorter one again and again: 121212
	WeakDate       Weakness = "date"       // reads as a day: 230485, 23041985, 19850423
)

// ShortestPIN is the least length of a new PIN where the token allows less.
const ShortestPIN = 6

// Weaknesses judges a new PIN for the token that says i of itself. It is nil for
// a good one. It keeps nothing of either PIN.
func Weaknesses(i Info, old, fresh []byte) []Weakness {
	digits := !bytes.ContainsFunc(fresh, func(r rune) bool { return r < '0' || r > '9' })
	var found []Weakness
	for _, rule := range []struct {
		weakness Weakness
		broken   bool
	}{
		{WeakShort, len(fresh) < max(i.MinPIN, ShortestPIN) && (i.MaxPIN == 0 || len(fresh) < i.MaxPIN)},
		{WeakLong, i.MaxPIN > 0 && len(fresh) > i.MaxPIN},
		{WeakCharacters, bytes.ContainsFunc(fresh, func(r rune) bool { return r <= ' ' || r > '~' })},
		{WeakUnchanged, len(fresh) > 0 && bytes.Equal(old, fresh)},
		{WeakSame, repeats(fresh, 1)},
		{WeakSequence, isSequence(fresh)},
		{WeakRepeated, !repeats(fresh, 1) && isRepeated(fresh)},
		{WeakDate, digits && isDate(fresh)},
	} {
		if rule.broken {
			found = append(found, rule.weakness)
		}
	}
	return found
}

// repeats reports whether b is its first n bytes again and again.
func repeats(b []byte, n int) bool {
	return len(b) > n && bytes.Equal(b[n:], b[:len(b)-n])
}

func isRepeated(b []byte) bool {
	for n := 2; n <= len(b)/2; n++ {
		if len(b)%n == 0 && repeats(b, n) {
			return true
		}
	}
	return false
}

// rows are what lies side by side: the digits round about, the alphabet, a
// keyboard's rows.
const rows = "01234567890 abcdefghijklmnopqrstuvwxyz qwertyuiop asdfghjkl zxcvbnm"

func isSequence(b []byte) bool {
	if len(b) < 3 {
		return false
	}
	low := bytes.ToLower(b)
	defer clear(low)
	if strings.Contains(rows, string(low)) || strings.Contains("01234567890123456789", string(low)) {
		return true
	}
	for i, j := 0, len(low)-1; i < j; i, j = i+1, j-1 {
		low[i], low[j] = low[j], low[i]
	}
	return strings.Contains(rows, string(low)) || strings.Contains("01234567890123456789", string(low))
}

// isDate reports whether digits read as a day of a person's life, in any order
// that is written in Vietnam or in a computer.
func isDate(b []byte) bool {
	n := func(from, to int) int {
		v := 0
		for _, c := range b[from:to] {
			v = v*10 + int(c-'0')
		}
		return v
	}
	day := func(d, m int) bool { return d >= 1 && d <= 31 && m >= 1 && m <= 12 }
	year := func(y int) bool { return y >= 1900 && y <= 2099 }
	switch len(b) {
	case 6: // ddmmyy, mmddyy, yymmdd
		return day(n(0, 2), n(2, 4)) || day(n(2, 4), n(0, 2)) || day(n(4, 6), n(2, 4))
	case 8: // ddmmyyyy, mmddyyyy, yyyymmdd
		return year(n(4, 8)) && (day(n(0, 2), n(2, 4)) || day(n(2, 4), n(0, 2))) || year(n(0, 4)) && day(n(6, 8), n(4, 6))
	default:
		return false
	}
}
