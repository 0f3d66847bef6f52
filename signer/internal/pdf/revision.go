package pdf

import (
	"bytes"
	"slices"
	"strconv"
)

// Revision is one state of the document: everything up to End.
type Revision struct {
	// XRef is where its cross-reference section begins. StartXRef is the
	// offset as the file states it after the keyword startxref.
	XRef, StartXRef int64
	// EOF is the end of its %%EOF marker, End the end of that line. Both are
	// the end of the section when the marker is missing.
	EOF, End int64
	// Marked reports that startxref, the right offset and %%EOF follow the section.
	Marked  bool
	Kind    Kind
	Trailer *Dict

	newest int // index of its newest section in File.sections
	oldest int
}

// Revisions are the revisions of the file, oldest first. A linearized file's
// two first sections are one revision. A rebuilt file has one.
func (f *File) Revisions() []Revision { return f.revisions }

// AsOf is the document as it was in revision i. It shares the objects that were
// read, and the limits on its work with all other older views. The bytes after the revision's end are not visible in it.
func (f *File) AsOf(i int) *File {
	rev := f.revisions[i]
	g := newFile(f.r, min(rev.End, f.size))
	g.bias, g.header, g.rebuilt = f.bias, f.header, f.rebuilt
	g.sections = f.sections[rev.newest:]
	g.revisions = f.revisions[:i+1]
	g.trailer = g.sections[0].trailer
	g.crypt = f.crypt
	if f.shared.left == nil {
		f.shared.left = budgetOfViews(f.size)
	}
	g.shared, g.left, g.older = f.shared, f.shared.left, f.older+int32(rev.newest)
	if f.shared.rows == nil && f.older == 0 {
		f.shared.rows = indexRows(f.sections)
	}
	return g
}

// Entries calls yield for every object that revision i writes or frees, in the
// order of the section. Packed tells that the object is in the object stream
// of the number at offset.
func (f *File) Entries(i int, yield func(number int, free, packed bool, offset int64)) {
	rev := f.revisions[i]
	each := func(s *section) {
		for _, r := range s.runs {
			for k, e := range r.entries {
				off := e.offset
				if e.kind == entryOffset {
					off += f.bias
				}
				yield(r.first+k, e.kind == entryFree, e.kind == entryPacked, off)
			}
		}
	}
	for _, s := range f.sections[rev.newest : rev.oldest+1] {
		each(s)
		if s.hidden != nil {
			each(s.hidden)
		}
	}
}

// findRevisions groups the sections: one that lies before its predecessor in
// the file is the first-page section of a linearized file.
func (f *File) findRevisions() {
	var newest []Revision
	for i := 0; i < len(f.sections); {
		first, last := i, i
		end := f.sections[i].end
		for last+1 < len(f.sections) && f.sections[last+1].at > f.sections[last].at {
			last++
			end = max(end, f.sections[last].end)
		}
		s := f.sections[first]
		rev := Revision{
			XRef: s.at, StartXRef: s.stated, Kind: s.kind, Trailer: s.trailer,
			EOF: end, End: end, newest: first, oldest: last,
		}
		f.findEnd(&rev, end)
		newest = append(newest, rev)
		i = last + 1
	}
	slices.Reverse(newest)
	f.revisions = newest
}

// findEnd reads "startxref N %%EOF" after a section.
func (f *File) findEnd(rev *Revision, from int64) {
	b := make([]byte, min(1024, f.size-from))
	n, _ := f.r.ReadAt(b, from)
	b = b[:n]
	i := bytes.Index(b, []byte("startxref"))
	if i < 0 {
		return
	}
	l := lexBytes(b, int64(i+len("startxref")))
	off, err := strconv.ParseInt(l.token(), 10, 64)
	k := bytes.Index(b[l.pos:], []byte("%%EOF"))
	if k < 0 {
		return
	}
	end := int(l.pos) + k + len("%%EOF")
	rev.Marked = err == nil && off == rev.StartXRef
	rev.EOF = from + int64(end)
	switch {
	case bytes.HasPrefix(b[end:], []byte("\r\n")):
		end += 2
	case bytes.HasPrefix(b[end:], []byte("\n")), bytes.HasPrefix(b[end:], []byte("\r")):
		end++
	}
	rev.End = from + int64(end)
}
