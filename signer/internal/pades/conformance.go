package pades

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"kyso/signer/internal/pdf"
)

// Conformance is what a document claims to conform to, by its XMP metadata,
// and whether it is tagged.
type Conformance struct {
	// Archive is the part of PDF/A (ISO 19005), Grade its conformance level in
	// capitals; zero and empty when there is none.
	Archive int
	Grade   string
	// Universal is the part of PDF/UA (ISO 14289), zero when there is none.
	Universal int
	// Tagged reports a structure tree with /MarkInfo /Marked true.
	Tagged bool
	// Lang is the language of the document (RFC 3066), in small letters.
	Lang string
}

// maxMetadata bounds the XMP packet that is read.
const maxMetadata = 4 << 20

// Names are the claims as people write them: "PDF/A-2u", "PDF/UA-1".
func (c Conformance) Names() []string {
	var out []string
	if c.Archive > 0 {
		out = append(out, fmt.Sprintf("PDF/A-%d%s", c.Archive, strings.ToLower(c.Grade)))
	}
	if c.Universal > 0 {
		out = append(out, fmt.Sprintf("PDF/UA-%d", c.Universal))
	}
	return out
}

// Tagging are the claims that hold only while every visible annotation is
// tagged: ISO 14289-1, 7.18.4. In the other standards one that is not tagged
// counts as an artifact (ISO 14289-2, 8.9.2).
func (c Conformance) Tagging() []string {
	if c.Universal != 1 {
		return nil
	}
	return []string{"PDF/UA-1"}
}

// opaque reports that nothing on the page may be transparent: in PDF/A-1
// (ISO 19005-1, 6.4), and later where no colour space to blend in is named
// (ISO 19005-2, 6.2.10; ISO 19005-4, 6.2.9).
func (c Conformance) opaque(f *pdf.File, page pdf.Page) bool {
	if c.Archive <= 1 {
		return c.Archive == 1
	}
	if f.Dict(page.Dict.Get("Group")).Has("CS") {
		return false
	}
	intents := f.Array(f.Catalog().Get("OutputIntents"))
	if c.Archive >= 4 {
		intents = append(slices.Clip(intents), f.Array(page.Dict.Get("OutputIntents"))...)
	}
	for _, v := range intents {
		if f.Name(f.Dict(v).Get("S")) == "GTS_PDFA1" {
			return false
		}
	}
	return true
}

// Claims reads what a document claims.
func Claims(f *pdf.File) Conformance {
	root := f.Catalog()
	c := Conformance{Lang: strings.ToLower(f.Text(root.Get("Lang")))}
	marked, _ := f.Resolve(f.Dict(root.Get("MarkInfo")).Get("Marked")).(bool)
	c.Tagged = marked && f.Dict(root.Get("StructTreeRoot")) != nil
	s, ok := f.Resolve(root.Get("Metadata")).(*pdf.Stream)
	if !ok {
		return c
	}
	if n, ok := f.Int(s.Dict.Get("Length")); ok && n > maxMetadata {
		return c
	}
	xmp, err := f.StreamData(s)
	if err != nil || len(xmp) > maxMetadata {
		return c
	}
	xmp = bytes.ReplaceAll(xmp, []byte{0}, nil) // UTF-16 and UTF-32
	digit := func(s string) int {
		if len(s) == 1 && s[0] >= '1' && s[0] <= '9' {
			return int(s[0] - '0')
		}
		return 0
	}
	c.Archive = digit(property(xmp, "http://www.aiim.org/pdfa/ns/id/", "part"))
	if c.Archive > 0 {
		c.Grade = strings.ToUpper(property(xmp, "http://www.aiim.org/pdfa/ns/id/", "conformance"))
	}
	c.Universal = digit(property(xmp, "http://www.aiim.org/pdfua/ns/id/", "part"))
	return c
}

// property reads a simple property of an XMP packet, as an element or as an
// attribute; empty when it is not there.
func property(xmp []byte, space, name string) string {
	prefix := regexp.MustCompile(`xmlns:([A-Za-z_][\w.-]*)\s*=\s*["']` + regexp.QuoteMeta(space) + `["']`).FindSubmatch(xmp)
	if prefix == nil {
		return ""
	}
	full := regexp.QuoteMeta(string(prefix[1])) + ":" + name
	for _, pattern := range []string{`<` + full + `(?:\s[^>]*)?>\s*(\w+)\s*<`, `\s` + full + `\s*=\s*["'](\w+)["']`} {
		if m := regexp.MustCompile(pattern).FindSubmatch(xmp); m != nil {
			return string(m[1])
		}
	}
	return ""
}
