package evidence

import (
	"cmp"
	"maps"
	"slices"

	"kyso/signer/internal/pdf"
)

// maxEdges bounds the references of a graph. A file with more is compared whole.
const maxEdges = 4 << 20

// graph says for the objects of the newest revision since when all that they lead
// to is as it is now. It is built once; with it a comparison walks only towards
// what changed.
//
// Links back up a tree lead nowhere in it: from a page to its parent, from a
// widget to its field, from an element of the structure to the one above, and
// from anywhere to a page. What they point to is compared where the tree has it.
// With them every object would lead to every other.
type graph struct {
	file    *pdf.File
	touched map[int]int // the newest revision that writes or frees an object
	since   map[int]int // the newest revision that writes what an object leads to; absent is never
	// cut are the objects that links back up point to, the last changed first.
	cut []target

	// From here on only while it is built.
	ids      map[int]int32
	numbers  []int
	from, to []int32
	pages    map[int]bool // nodes of the page tree
	fields   map[int]bool // nodes of the form
	elements map[int]bool // nodes of the structure tree
	targets  map[target]bool
	full     bool
}

// target is what a link that was cut points to.
type target struct {
	ref   pdf.Ref
	field bool // compared as a field
}

// settled reports that an object and all it leads to are as they were in a revision.
func (g *graph) settled(ref pdf.Ref, revision int) bool {
	return g.sinceOf(ref) <= revision
}

// newGraph follows all references of the newest revision.
func newGraph(f *pdf.File) *graph {
	g := &graph{
		file: f, touched: f.Touched(), since: map[int]int{}, ids: map[int]int32{},
		pages: map[int]bool{}, fields: map[int]bool{}, elements: map[int]bool{}, targets: map[target]bool{},
	}
	root := f.Catalog()
	g.tree(root.Get("Pages"), "Kids", g.pages, true)
	g.tree(f.Dict(root.Get("AcroForm")).Get("Fields"), "Kids", g.fields, false)
	g.tree(f.Dict(root.Get("StructTreeRoot")).Get("K"), "K", g.elements, false)
	if tree, ok := root.Get("StructTreeRoot").(pdf.Ref); ok {
		g.elements[tree.Number] = true
	}
	g.references(f.Trailer(), nil, func(ref pdf.Ref) { g.id(ref.Number) })
	for number := range maps.Keys(g.pages) {
		g.id(number)
	}
	for i := 0; i < len(g.numbers) && !g.full; i++ {
		g.object(int32(i))
	}
	if !g.full && !f.Spent() {
		g.spread()
	}
	g.order()
	g.ids, g.numbers, g.from, g.to, g.pages, g.fields, g.elements, g.targets = nil, nil, nil, nil, nil, nil, nil, nil
	return g
}

// order sorts the targets of links that were cut by when they changed.
func (g *graph) order() {
	g.cut = slices.Collect(maps.Keys(g.targets))
	slices.SortFunc(g.cut, func(a, b target) int {
		return cmp.Or(cmp.Compare(g.sinceOf(b.ref), g.sinceOf(a.ref)), cmp.Compare(a.ref.Number, b.ref.Number))
	})
}

// sinceOf is since, never for what is not known.
func (g *graph) sinceOf(ref pdf.Ref) int {
	if since, ok := g.since[ref.Number]; ok {
		return since
	}
	return never
}

// unsettled are the targets of links that were cut that changed since a revision.
func (g *graph) unsettled(revision int) []target {
	n, _ := slices.BinarySearchFunc(g.cut, revision, func(t target, revision int) int {
		if g.sinceOf(t.ref) > revision {
			return -1
		}
		return 1
	})
	return g.cut[:n]
}

// id gives each object a place in numbers.
func (g *graph) id(number int) int32 {
	id, ok := g.ids[number]
	if !ok {
		id = int32(len(g.numbers)) //nolint:gosec // G115: maxEdges bounds it
		g.ids[number] = id
		g.numbers = append(g.numbers, number)
	}
	return id
}

// edge notes that one object leads to another.
func (g *graph) edge(from, to int32) {
	if len(g.from) >= maxEdges {
		g.full = true
		return
	}
	g.from, g.to = append(g.from, from), append(g.to, to)
}

// branch is a value on the way down a tree, and the object that holds it.
type branch struct {
	v      any
	holder int
}

// tree collects the nodes of a tree. With edges the objects on the way down lead
// to those below them.
func (g *graph) tree(v any, key string, nodes map[int]bool, edges bool) {
	work := []branch{{v: v}}
	seen := map[int]bool{}
	for steps := 0; len(work) > 0 && !g.full; steps++ {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		if ref, ok := b.v.(pdf.Ref); ok {
			if edges && b.holder != 0 {
				g.edge(g.id(b.holder), g.id(ref.Number))
			}
			loaded, err := g.file.Load(ref.Number)
			if err != nil || seen[ref.Number] {
				continue
			}
			seen[ref.Number] = true
			if _, dict := loaded.(*pdf.Dict); dict { // what only holds a list is no node
				nodes[ref.Number] = true
			}
			b = branch{loaded, ref.Number}
		}
		work = append(work, b.below(key)...)
		g.full = g.full || steps > maxEdges
	}
}

// below are the values one step down a tree.
func (b branch) below(key string) []branch {
	switch x := b.v.(type) {
	case pdf.Ref: // one that leads to another
		return []branch{b}
	case pdf.Array:
		out := make([]branch, len(x))
		for i, item := range x {
			out[i] = branch{item, b.holder}
		}
		return out
	case *pdf.Dict:
		if kids := x.Get(key); kids != nil {
			return []branch{{kids, b.holder}}
		}
	}
	return nil
}

// object adds the references of one object.
func (g *graph) object(id int32) {
	number := g.numbers[id]
	v, err := g.file.Load(number)
	if err != nil {
		return // spread finds it again
	}
	up := func(key string, ref pdf.Ref) bool {
		field := key == "Parent" && g.fields[number] && g.fields[ref.Number]
		if field || key == "P" && g.elements[number] && g.elements[ref.Number] {
			g.targets[target{ref, field}] = true
			return true
		}
		return false
	}
	g.references(v, up, func(ref pdf.Ref) {
		if g.pages[ref.Number] {
			g.targets[target{ref, false}] = true
			return
		}
		g.edge(id, g.id(ref.Number))
	})
	if holder := g.file.Holder(number); holder != 0 {
		g.edge(id, g.id(holder))
	}
}

// references finds the references in a value; up says which lead back up a tree.
func (g *graph) references(v any, up func(key string, ref pdf.Ref) bool, yield func(pdf.Ref)) {
	switch x := v.(type) {
	case pdf.Ref:
		yield(x)
	case pdf.Array:
		for _, item := range x {
			g.references(item, nil, yield)
		}
	case *pdf.Stream:
		g.references(x.Dict, nil, yield)
	case *pdf.Dict:
		for _, key := range x.Keys() {
			value := x.Get(key)
			if ref, ok := value.(pdf.Ref); ok && up != nil && up(key, ref) {
				continue
			}
			g.references(value, nil, yield)
		}
	}
}

// never is later than any revision.
const never = int(^uint(0) >> 1)

// own is the newest revision that writes an object itself, never for one that an
// older revision may read otherwise although nothing writes it again.
func (g *graph) own(number int) int {
	revision := g.touched[number]
	if _, err := g.file.Load(number); err != nil {
		return never
	}
	if !g.file.Stands(number, g.file.Revisions()[revision].End) {
		return never
	}
	return revision
}

// spread carries what touches an object to all that lead to it, the newest
// revision first: each object is reached once.
func (g *graph) spread() {
	n := len(g.numbers)
	begin := make([]int32, n+1) // of the links that lead to an object, in back
	for _, to := range g.to {
		begin[to+1]++
	}
	for i := range n {
		begin[i+1] += begin[i]
	}
	back, fill := make([]int32, len(g.to)), make([]int32, n)
	for i, to := range g.to {
		back[begin[to]+fill[to]] = g.from[i]
		fill[to]++
	}
	byRevision := map[int][]int32{}
	for id, number := range g.numbers {
		own := g.own(number)
		byRevision[own] = append(byRevision[own], int32(id))
	}
	order := make([]int, 0, len(byRevision))
	for revision := range byRevision {
		order = append(order, revision)
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(b, a) })
	for _, revision := range order {
		work := byRevision[revision]
		for len(work) > 0 {
			id := work[len(work)-1]
			work = work[:len(work)-1]
			if _, ok := g.since[g.numbers[id]]; ok {
				continue
			}
			g.since[g.numbers[id]] = revision
			work = append(work, back[begin[id]:begin[id+1]]...)
		}
	}
}
