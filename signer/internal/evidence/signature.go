package evidence

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"kyso/signer/internal/certview"
	"kyso/signer/internal/cms"
	"kyso/signer/internal/digest"
	"kyso/signer/internal/look"
	"kyso/signer/internal/pdf"
	"kyso/signer/internal/timestamp"
	"kyso/signer/verify"
)

const (
	maxSignatures   = 500
	maxCertificates = 64 // in /Cert
	// maxRevisions is how far back signatures are searched that a later revision took away.
	maxRevisions = 256
	// trailingSpace is how much white space may stand after the last %%EOF.
	trailingSpace = 1 << 10
	// fewRevisions are so few that walking each is less than following all references.
	fewRevisions = 4
)

// collector collects the signatures of one file.
type collector struct {
	file  *pdf.File
	found []verify.SignatureEvidence
	seen  map[int64]bool // by the place of /Contents
	// covering are those of found that cover an older revision, by revision.
	covering map[int][]int
	newest   *newest // nil until an older revision is looked at
	whole    bool    // compare all of each revision, to test that no difference is lost otherwise
	// signed is what those of found cover whose digest can be told, by index.
	signed map[int]signedRange
}

// signedRange is a signed range with the hash function that its signature asks for.
type signedRange struct {
	digest.Range

	function digest.Function
}

// signatures collects those of the newest revision, then those that only older ones have.
func (c *collector) signatures(ctx context.Context) error {
	c.seen, c.signed, c.covering = map[int64]bool{}, map[int]signedRange{}, map[int][]int{}
	if err := c.of(ctx, c.file); err != nil {
		return err
	}
	revisions := len(c.file.Revisions())
	if revisions == 1 {
		return nil
	}
	c.newest = newNewest(c.file)
	c.newest.whole = c.whole
	if len(c.covering) > 0 || revisions > fewRevisions {
		c.newest.graph()
	}
	left := newLeftovers(c.newest, c.seen)
	for i := revisions - 2; i >= 0; i-- {
		view := &lazy{file: c.file, revision: i}
		if i >= revisions-1-maxRevisions && left.in(view.get(), i) {
			if err := c.of(ctx, view.get()); err != nil {
				return err
			}
		}
		if err := c.compareWith(ctx, view); err != nil {
			return err
		}
	}
	for i := range revisions - 1 { // what an older revision says of a newer one
		if err := c.compareWith(ctx, &lazy{file: c.file, revision: i}); err != nil {
			return err
		}
	}
	return nil
}

// lazy is a view that is made when it is needed. One lives at a time: each holds
// the pages of its revision.
type lazy struct {
	file     *pdf.File
	revision int
	view     *pdf.File
}

func (l *lazy) get() *pdf.File {
	if l.view == nil {
		l.view = l.file.AsOf(l.revision)
	}
	return l.view
}

// compareWith compares the newest revision with an older one that signatures cover.
func (c *collector) compareWith(ctx context.Context, l *lazy) error {
	covering := c.covering[l.revision]
	delete(c.covering, l.revision)
	if len(covering) == 0 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("gather: %w", err)
	}
	old := l.get()
	fields := old.SignatureFields()
	permission, locks := permissions(old, fields)
	differences := c.newest.compare(old, l.revision, fields)
	for _, at := range covering {
		s := &c.found[at]
		s.Store, s.Permission, s.Locks, s.Differences = hasStore(old), permission, locks, differences
	}
	return nil
}

// of collects the signatures of a view on the file that were not seen yet.
func (c *collector) of(ctx context.Context, view *pdf.File) error {
	for _, field := range view.SignatureFields() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("gather: %w", err)
		}
		if field.Value == nil && !dangling(view, field) {
			continue
		}
		old := view != c.file
		signature := view.Signature(field.Value)
		if signature.Placed && c.seen[signature.Hex.Start] || old && !signature.Placed || len(c.found) >= maxSignatures {
			continue
		}
		if signature.Placed {
			c.seen[signature.Hex.Start] = true
		}
		c.found = append(c.found, c.signature(field, signature))
	}
	return nil
}

// dangling reports a field whose value is there but is no dictionary.
func dangling(view *pdf.File, field pdf.SignatureField) bool {
	value := field.Dict.Get("V")
	if value == nil {
		return false
	}
	if ref, ok := value.(pdf.Ref); ok {
		loaded, err := view.Load(ref.Number)
		return err != nil || loaded != nil
	}
	return true
}

// maxPlaces bounds how many marks of a signature are told.
const maxPlaces = 10_000

func (c *collector) signature(field pdf.SignatureField, signature pdf.Signature) verify.SignatureEvidence {
	s := verify.SignatureEvidence{
		Field: field.Name, SubFilter: string(signature.SubFilter), Reason: signature.Reason,
		ClaimedTime: parseDate(signature.M), Contents: trimZeros(signature.Contents),
		Coverage: verify.CoversPart,
	}
	if s.SubFilter == "adbe.x509.rsa_sha1" {
		s.Certificates = c.certificates(field.Value)
	}
	for _, w := range field.Widgets {
		if w.Page > 0 && w.Shown.W() > 0 && w.Shown.H() > 0 && len(s.Places) < maxPlaces {
			if len(s.Places) == 0 {
				s.Text = short(look.Words(appearance(c.file, w.Dict)))
			}
			s.Places = append(s.Places, verify.MarkPlace{Page: w.Page, Rect: rectOf(w.Shown)})
		}
	}
	if len(s.Places) > 0 {
		s.Page, s.Rect = s.Places[0].Page, s.Places[0].Rect
	}
	s.Malformed = c.malformed(field, signature)
	r := signature.ByteRange
	if !c.inside(r) {
		return s
	}
	// The bytes are judged even where the dictionary is malformed, so that the
	// report can tell one from the other.
	s.SignedSize, s.ByteRange = r[2]+r[3], r
	if f := functionOf(s); f != nil {
		c.signed[len(c.found)] = signedRange{digest.Range{GapStart: r[1], GapEnd: r[2], End: r[2] + r[3]}, f}
	}
	if len(s.Malformed) == 0 {
		c.cover(&s)
	}
	return s
}

// inside reports a range of two parts in the file, the first at its beginning.
func (c *collector) inside(r []int64) bool {
	size := c.file.Size()
	return len(r) == 4 && r[0] == 0 && r[1] > 0 && r[2] > r[1] && r[2] <= size && r[3] > 0 && r[3] <= size-r[2]
}

// malformed lists what is wrong with a signature dictionary. The gap in the
// signed range must be this dictionary's /Contents and nothing else, else other
// bytes could hide in it.
func (c *collector) malformed(field pdf.SignatureField, s pdf.Signature) []string {
	var wrong []string
	add := func(bad bool, text string) {
		if bad {
			wrong = append(wrong, text)
		}
	}
	add(field.Value == nil, "the field's value is no signature dictionary")
	add(field.Value != nil && s.SubFilter == "", "no /SubFilter")
	for _, key := range s.Twice {
		add(true, "/"+key+" stands twice")
	}
	add(!s.Placed, "/Contents is not written in the dictionary itself")
	add(len(trimZeros(s.Contents)) == 0, "/Contents is empty")
	r := s.ByteRange
	if len(r) != 4 {
		return append(wrong, "/ByteRange is not four numbers")
	}
	if !c.inside(r) {
		return append(wrong, "/ByteRange does not lie in the file")
	}
	add(s.Placed && (s.Hex.Start != r[1] || s.Hex.End != r[2]), "the gap in /ByteRange is not exactly /Contents")
	add(s.Placed && !c.hexadecimal(s.Hex), "/Contents is not a hexadecimal string")
	return wrong
}

// hexadecimal reports that a span holds <hex digits> and nothing else.
func (c *collector) hexadecimal(span pdf.Span) bool {
	const most = 2*cms.MaxSize + 2
	if span.End-span.Start < 2 || span.End-span.Start > most {
		return false
	}
	b := make([]byte, span.End-span.Start)
	if _, err := c.file.ReaderAt().ReadAt(b, span.Start); err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	if b[0] != '<' || b[len(b)-1] != '>' {
		return false
	}
	return len(bytes.Trim(b[1:len(b)-1], "0123456789abcdefABCDEF \t\r\n\f\x00")) == 0
}

// functionOf is the hash function that a signature asks for, nil for one that
// cannot be parsed or is not supported: the judge parses again and says so.
func functionOf(s verify.SignatureEvidence) digest.Function {
	switch s.SubFilter {
	case "adbe.pkcs7.sha1":
		return crypto.SHA1
	case "adbe.x509.rsa_sha1":
		return rawFunction(s)
	case "ETSI.RFC3161":
		if token, err := timestamp.Parse(s.Contents); err == nil {
			return token.Hash
		}
		return nil
	}
	known, err := cms.DigestOf(s.Contents)
	if err != nil {
		return nil
	}
	return function(known)
}

// function gives one name to each hash function, so that it runs once.
func function(h cms.Hash) digest.Function {
	if standard, ok := h.Crypto(); ok {
		return standard
	}
	return h
}

// rawFunction is functionOf for the format that has a certificate and an RSA value
// and no CMS structure around them (ISO 32000-1, 12.8.3.2).
func rawFunction(s verify.SignatureEvidence) digest.Function {
	if len(s.Certificates) == 0 {
		return nil
	}
	c, err := certview.Parse(s.Certificates[0])
	if err != nil {
		return nil
	}
	key, ok := c.PublicKey.(*rsa.PublicKey)
	if !ok {
		return nil
	}
	known, _, err := cms.OpenPKCS1(key, s.Contents)
	if err != nil {
		return nil
	}
	return function(known)
}

// certificates are those of /Cert, which only adbe.x509.rsa_sha1 uses: one
// string or an array of them (ISO 32000-2, table 255).
func (c *collector) certificates(d *pdf.Dict) [][]byte {
	if one := c.file.Bytes(d.Get("Cert")); one != nil {
		return [][]byte{one}
	}
	var found [][]byte
	for _, v := range c.file.Array(d.Get("Cert")) {
		if b := c.file.Bytes(v); b != nil && len(found) < maxCertificates {
			found = append(found, b)
		}
	}
	return found
}

// cover finds out which revision was signed and what came after it.
func (c *collector) cover(s *verify.SignatureEvidence) {
	revisions := c.file.Revisions()
	last := revisions[len(revisions)-1]
	if s.SignedSize == c.file.Size() && last.Marked && last.EOF <= s.SignedSize {
		s.Coverage = verify.CoversFile
		s.Store = hasStore(c.file)
		return
	}
	if !last.Marked || !c.blank(last.End, c.file.Size()) {
		return // bytes that belong to no revision
	}
	for i, revision := range revisions {
		if !revision.Marked || s.SignedSize < revision.EOF || !c.blank(revision.EOF, s.SignedSize) {
			continue
		}
		if i == len(revisions)-1 {
			s.Coverage = verify.CoversFile
			s.Store = hasStore(c.file)
			return
		}
		s.Coverage = verify.CoversRevision
		c.covering[i] = append(c.covering[i], len(c.found)) // see compareWith
		return
	}
}

// hasStore reports a document security store (ISO 32000-2, 12.8.4.3).
func hasStore(f *pdf.File) bool { return f.Dict(f.Catalog().Get("DSS")) != nil }

// blank reports that there is nothing but a little white space between two offsets.
func (c *collector) blank(from, to int64) bool {
	if to <= from {
		return true
	}
	if to-from > trailingSpace {
		return false
	}
	b := make([]byte, to-from)
	n, err := c.file.ReaderAt().ReadAt(b, from)
	if err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	return len(bytes.Trim(b[:n], " \t\r\n\f\x00")) == 0
}

// trimZeros cuts off the zeros that fill the space of /Contents up. A DER value
// may end in zeros of its own, but never by more than its length says, and Parse
// takes what its length says: so cut only what stands after the value.
func trimZeros(b []byte) []byte {
	trimmed := bytes.TrimRight(b, "\x00")
	var length int
	switch {
	case len(trimmed) == 0:
		return nil
	case len(b) >= 2 && b[1] < 0x80:
		length = 2 + int(b[1])
	case len(b) >= 2 && b[1] > 0x80 && b[1] <= 0x84 && len(b) >= 2+int(b[1]&0x7f):
		for _, digit := range b[2 : 2+int(b[1]&0x7f)] {
			length = length<<8 | int(digit)
		}
		length += 2 + int(b[1]&0x7f)
	default:
		return b // indefinite length: the parser finds the end
	}
	return b[:min(len(b), max(len(trimmed), length))]
}

// parseDate reads a PDF date (ISO 32000-2, 7.9.4); zero when it is none.
func parseDate(s string) time.Time {
	s = strings.TrimPrefix(strings.TrimSpace(s), "D:")
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	if digits < 4 || digits > 14 || digits%2 != 0 {
		return time.Time{}
	}
	at, err := time.Parse("20060102150405"[:digits], s[:digits])
	if err != nil {
		return time.Time{}
	}
	zone := strings.ReplaceAll(strings.ReplaceAll(s[digits:], "'", ""), ":", "")
	if zone == "" || zone[0] == 'Z' {
		return at.UTC()
	}
	if (zone[0] != '+' && zone[0] != '-') || len(zone) < 3 {
		return time.Time{}
	}
	hours, err := strconv.Atoi(zone[1:3])
	minutes := 0
	if err == nil && len(zone) >= 5 {
		minutes, err = strconv.Atoi(zone[3:5])
	}
	if err != nil || hours > 23 || minutes > 59 {
		return time.Time{}
	}
	offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if zone[0] == '-' {
		offset = -offset
	}
	return at.Add(-offset).UTC()
}
