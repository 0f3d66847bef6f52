package evidence

import "kyso/signer/internal/pdf"

// leftovers looks for signatures that only older revisions have. It walks an old
// revision only where this differs from the newest one.
type leftovers struct {
	newest *newest
	seen   map[int64]bool // signatures that were found, by the place of /Contents
	walked map[int]bool   // fields and annotations of the newest revision
	odd    bool           // the newest revision has signatures that are no fields
}

func newLeftovers(n *newest, seen map[int64]bool) *leftovers {
	l := &leftovers{newest: n, seen: seen, walked: map[int]bool{}}
	w := &leftoverWalk{leftovers: l, file: n.file, enter: func(ref pdf.Ref) bool {
		if l.walked[ref.Number] {
			return false
		}
		l.walked[ref.Number] = true
		return true
	}}
	l.odd = w.run()
	return l
}

// in reports that a view on revision i may have a signature that was not found yet.
func (l *leftovers) in(view *pdf.File, i int) bool {
	if l.odd {
		return true
	}
	entered := map[int]bool{}
	w := &leftoverWalk{leftovers: l, file: view, enter: func(ref pdf.Ref) bool {
		if entered[ref.Number] || l.walked[ref.Number] && l.settled(ref, i) {
			return false
		}
		entered[ref.Number] = true
		return true
	}}
	return w.run()
}

// settled reports that an object is known to be as it was in revision i. Without the
// graph nothing is known, and the walk is a longer one.
func (l *leftovers) settled(ref pdf.Ref, i int) bool {
	return l.newest.links != nil && l.newest.links.settled(ref, i)
}

// leftoverWalk visits the form and the annotations of one revision.
type leftoverWalk struct {
	*leftovers

	file  *pdf.File
	enter func(pdf.Ref) bool // reports that an object is to be visited
	steps int
	found bool
}

// run reports a signature that was not seen, or that there was too much to look at.
func (w *leftoverWalk) run() bool {
	root := w.file.Catalog()
	w.nodes(w.file.Dict(root.Get("AcroForm")).Get("Fields"), "Kids", 0)
	w.nodes(root.Get("Pages"), "Kids", 0)
	return w.found || w.steps > maxSteps || w.file.Spent()
}

// nodes visits the nodes of a tree: fields, or pages with their annotations.
func (w *leftoverWalk) nodes(v any, key string, depth int) {
	if w.steps++; w.steps > maxSteps || w.found {
		return
	}
	if depth > maxNesting {
		w.found = true // look properly
		return
	}
	if ref, ok := v.(pdf.Ref); ok && !w.enter(ref) {
		return
	}
	switch x := w.file.Resolve(v).(type) {
	case pdf.Array:
		for _, item := range x {
			w.nodes(item, key, depth+1)
		}
	case *pdf.Dict:
		w.signature(x)
		for _, key := range []string{key, "Annots"} {
			if below := x.Get(key); below != nil {
				w.nodes(below, key, depth+1)
			}
		}
	}
}

// signature notes a signature in a field that was not seen.
func (w *leftoverWalk) signature(field *pdf.Dict) {
	value, ok := w.file.Resolve(field.Get("V")).(*pdf.Dict)
	if !ok {
		return
	}
	s := w.file.Signature(value)
	w.found = w.found || s.Placed && !w.seen[s.Hex.Start]
}
