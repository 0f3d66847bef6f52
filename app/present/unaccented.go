package present

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// unaccented makes texts comparable for a search: lower case, without diacritics, so
// that "chu tich" finds "CHỦ TỊCH".
func unaccented(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r == 'đ' || r == 'Đ':
			return 'd'
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
}
