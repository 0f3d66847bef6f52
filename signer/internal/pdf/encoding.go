package pdf

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// pdfDocLow and pdfDocHigh are the codes of PDFDocEncoding, from 0x18 and from
// 0x80 on, that are not those of Latin 1 (ISO 32000-2, D.2).
const (
	pdfDocLow  = "˘ˇˆ˙˝˛˚˜"
	pdfDocHigh = "•†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž"
	euroCode   = 0xA0
)

// fromPDFDoc is the text of bytes in PDFDocEncoding.
func fromPDFDoc(b []byte) string {
	low, high := []rune(pdfDocLow), []rune(pdfDocHigh)
	out := make([]rune, len(b))
	for i, c := range b {
		switch {
		case c >= 0x18 && int(c-0x18) < len(low):
			out[i] = low[c-0x18]
		case c >= 0x80 && int(c-0x80) < len(high):
			out[i] = high[c-0x80]
		case c == euroCode:
			out[i] = '€'
		default:
			out[i] = rune(c)
		}
	}
	return string(out)
}

// toPDFDoc is the inverse for UTF-8; false when a letter has no code.
func toPDFDoc(text []byte) ([]byte, bool) {
	if !utf8.Valid(text) {
		return nil, false
	}
	codes := map[rune]byte{}
	for c := range 256 {
		for _, r := range fromPDFDoc([]byte{byte(c)}) {
			codes[r] = byte(c)
		}
	}
	out := make([]byte, 0, len(text))
	for _, r := range string(text) {
		c, ok := codes[r]
		if !ok {
			return nil, false
		}
		out = append(out, c)
	}
	return out, true
}

// prepared is a password as SASLprep writes it (RFC 4013, 2.1 and 2.2): other
// spaces become a space, letters that are mapped to nothing go, then NFKC. What
// SASLprep prohibits is left as it is. A password that is not UTF-8 stays.
func prepared(password []byte) []byte {
	if !utf8.Valid(password) {
		return append([]byte(nil), password...)
	}
	mapped := make([]rune, 0, len(password))
	for _, r := range string(password) {
		switch {
		case strings.ContainsRune("\u00AD\u034F\u1806\u200B\u200C\u200D\u2060\uFEFF", r),
			r >= 0x180B && r <= 0x180D, unicode.Is(unicode.Variation_Selector, r) && r <= 0xFE0F:
		case r != ' ' && unicode.Is(unicode.Zs, r):
			mapped = append(mapped, ' ')
		default:
			mapped = append(mapped, r)
		}
	}
	return norm.NFKC.Append(nil, []byte(string(mapped))...)
}
