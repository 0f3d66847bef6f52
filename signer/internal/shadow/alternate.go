package shadow

import (
	"bytes"
	"slices"

	"kyso/signer/internal/pdf"
)

// alternates looks for objects that only wait to be used: definitions that no
// cross-reference section knows, and parts of a document that nothing reaches.
// A later update can bring them in with a few bytes.
func (l *survey) alternates() {
	if l.f.Rebuilt() {
		return // there is no table to compare with
	}
	known := map[int64]int{} // the number of the object at an offset
	numbers := map[int]bool{}
	for i := range l.f.Revisions() {
		l.f.Entries(i, func(number int, free, packed bool, offset int64) {
			if len(numbers) > maxObjects {
				l.complete = false
				return
			}
			if !free {
				numbers[number] = true
			}
			if !free && !packed {
				known[offset] = number
			}
		})
	}
	if !l.complete {
		return
	}
	l.gaps(known)
	l.unused(numbers)
}

// unused finds objects of a kind that belongs to a document's skeleton and that
// nothing reaches.
func (l *survey) unused(numbers map[int]bool) {
	for n := range numbers {
		if l.reached[n] {
			continue
		}
		if l.objects++; l.objects > maxObjects {
			l.complete = false
			return
		}
		v, err := l.f.Load(n)
		d, ok := v.(*pdf.Dict)
		if err != nil || !ok {
			continue
		}
		switch kind := l.f.Name(d.Get("Type")); kind {
		case "Page", "Catalog":
			l.add(CodeUnused, 0, "an object of type %s is used by nothing", kind)
		case "Annot":
			if d.Has("AP") {
				l.add(CodeUnused, 0, "an annotation with an appearance is used by nothing")
			}
		}
	}
}

// gaps searches the bytes between the known objects for other definitions. It
// jumps over the data of streams.
func (l *survey) gaps(known map[int64]int) {
	starts := make([]int64, 1, len(known)+1) // the first gap begins with the file
	for at := range known {
		starts = append(starts, at)
	}
	slices.Sort(starts)
	budget := int64(maxGaps)
	buf := make([]byte, 64<<10)
	for i, at := range starts {
		end := l.f.Size()
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		for from := l.behind(known, at, end); from < end; {
			b := buf[:min(end-from, int64(len(buf)))]
			if budget -= int64(len(b)); budget < 0 {
				l.complete = false
				return
			}
			k, _ := l.f.ReaderAt().ReadAt(b, from)
			searched := beforeData(b[:k])
			for _, place := range definitions(searched) {
				if !listed(starts, from+int64(place)) && !section(searched[place:]) {
					l.add(CodeAlternate, 0, "an object is defined at byte %d, where no table says so", from+int64(place))
				}
			}
			if len(searched) < len(buf) {
				break
			}
			from += int64(len(b)) - 32 // a definition may stand across two parts
		}
	}
}

// behind is where to search after the object at that offset: behind the data
// of a stream, else behind the object's own first line.
func (l *survey) behind(known map[int64]int, at, end int64) int64 {
	number, ok := known[at]
	if !ok {
		return at
	}
	v, _ := l.f.Load(number)
	if s, ok := v.(*pdf.Stream); ok && s.Offset > at && s.Offset < end {
		return l.f.StreamSpan(s).End
	}
	return at + 1
}

// beforeData is b up to the data of a stream: they are not searched.
func beforeData(b []byte) []byte {
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte("stream"))
		if i < 0 {
			return b
		}
		at += i + len("stream")
		if at < len(b) && (b[at] == '\r' || b[at] == '\n') && !bytes.HasSuffix(b[:at], []byte("endstream")) {
			return b[:at]
		}
	}
}

// definitions are the places where "N G obj" begins.
func definitions(b []byte) []int {
	var out []int
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte("obj"))
		if i < 0 {
			return out
		}
		at += i
		if place, ok := backwards(b[:at]); ok {
			out = append(out, place)
		}
		at += len("obj")
	}
}

// backwards reads "N G " from the end of b.
func backwards(b []byte) (int, bool) {
	n := len(b)
	for range 2 {
		spaces, digits := 0, 0
		for n > 0 && (b[n-1] == ' ' || b[n-1] == '\r' || b[n-1] == '\n') {
			n--
			spaces++
		}
		for n > 0 && b[n-1] >= '0' && b[n-1] <= '9' {
			n--
			digits++
		}
		if spaces == 0 || digits == 0 || digits > 10 {
			return 0, false
		}
	}
	return n, n == 0 || b[n-1] <= ' '
}

// section reports a cross-reference stream, which need not list itself.
func section(b []byte) bool {
	b = b[:min(len(b), 1<<10)]
	if i := bytes.Index(b, []byte("endobj")); i >= 0 {
		b = b[:i]
	}
	return bytes.Contains(b, []byte("/XRef")) && bytes.Contains(b, []byte("/W"))
}

// listed reports a known object at that place, or where its table is a few
// bytes off: no object is that short.
func listed(starts []int64, place int64) bool {
	i, exact := slices.BinarySearch(starts, place)
	const slack = 8
	return exact || i > 1 && place-starts[i-1] <= slack || i < len(starts) && i > 0 && starts[i]-place <= slack
}
