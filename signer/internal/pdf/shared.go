package pdf

import "slices"

// shared is what all views on one file have in common: the objects, by where
// they stand. An object that a hundred revisions have is read once.
//
// An older view does not see the bytes after its end, so it takes only what was
// read without looking beyond it.
type shared struct {
	values  map[spot]kept
	streams map[int64]*objectStream // by where they begin
	held    int                     // bytes in streams
	rows    *rowIndex
	left    *budget // of all older views together
}

// spot is where an object stands: its offset, or that of its object stream and
// the index in it.
type spot struct {
	at    int64
	index int
}

// alone is the index of an object that is in no object stream.
const alone = -1

// kept is an object that was read. A stream stands here as a template: what a
// view finds out about its length is the view's.
type kept struct {
	ref     Ref
	value   any
	end     int64 // of what was read to read it
	highest int   // object number referred to in it
}

// beyond is how far reading looks past the end of an object or of a stream's data.
const beyond = 32

func newShared() *shared {
	return &shared{values: map[spot]kept{}, streams: map[int64]*objectStream{}}
}

// budgetOfViews is the work that all views on older revisions may cause together.
// Objects that revisions share cost nothing.
func budgetOfViews(size int64) *budget {
	return &budget{
		parsed:   16<<20 + 8*size,
		expanded: 512<<20 + 16*size,
		rows:     1<<20 + size,
		steps:    32 << 20,
	}
}

// Spent reports that reading was cut short because the file costs more than its
// size allows: what was not found may be there.
func (f *File) Spent() bool {
	return f.left.parsed < 0 || f.left.expanded < 0 || f.left.rows < 0 || f.left.steps < 0
}

// forget drops what was read, when it is to be read otherwise from now on.
func (f *File) forget() {
	f.cache, f.streams, f.held = map[int]any{}, map[int]*objectStream{}, 0
	clear(f.shared.values)
	clear(f.shared.streams)
	f.shared.held = 0
}

// take gives an object that some view read, when this one would read the same.
func (f *File) take(at spot, number int) (any, bool) {
	k, ok := f.shared.values[at]
	if !ok || k.end+beyond > f.size || k.ref.Number != number {
		return nil, false
	}
	f.highest = max(f.highest, k.highest)
	return k.copied(), true
}

func (k kept) copied() any {
	if s, ok := k.value.(*Stream); ok {
		return &Stream{Dict: s.Dict, Offset: s.Offset, Ref: s.Ref, length: -1}
	}
	return k.value
}

// Stands reports that an object was read and that the bytes before end are all
// that this took, its stream and the object stream that holds it included: each
// view that has so many bytes, and the same rows for what the object refers to,
// reads the same.
func (f *File) Stands(number int, end int64) bool {
	e, ok := f.entry(number)
	if !ok || e.kind == entryFree {
		return true
	}
	if e.kind == entryPacked {
		holder := f.Holder(number)
		return holder != 0 && f.Stands(holder, end)
	}
	k, ok := f.shared.values[spot{e.offset + f.bias, alone}]
	if !ok || k.ref.Number != number || k.end+beyond > end {
		return false
	}
	if _, ok := k.value.(*Stream); !ok {
		return true
	}
	v, err := f.Load(number)
	stream, ok := v.(*Stream)
	return err == nil && ok && f.StreamSpan(stream).End+beyond <= end
}

// Holder is the number of the object stream that an object is in, zero for none.
func (f *File) Holder(number int) int {
	e, ok := f.entry(number)
	if !ok || e.kind != entryPacked {
		return 0
	}
	if container, _ := f.entry(int(e.offset)); container.kind != entryOffset {
		return 0
	}
	return int(e.offset)
}

// plain reports that a value has no references: nothing but its own bytes decides it.
func plain(v any, depth int) bool {
	if depth > maxDepth {
		return false
	}
	switch x := v.(type) {
	case Ref:
		return false
	case Array:
		for _, item := range x {
			if !plain(item, depth+1) {
				return false
			}
		}
	case *Dict:
		for _, item := range x.values {
			if !plain(item, depth+1) {
				return false
			}
		}
	}
	return true
}

// rowIndex finds rows of all sections, for views that begin at different ones.
type rowIndex struct {
	first map[int]int32
	rows  []indexedRow
}

type indexedRow struct {
	entry

	section int32 // counted from the newest
	next    int32 // in an older section or less preferred, −1 for none
}

func indexRows(sections []*section) *rowIndex {
	x := &rowIndex{first: map[int]int32{}}
	push := func(i, number int, e entry) {
		next, ok := x.first[number]
		if !ok {
			next = -1
		}
		x.first[number] = int32(len(x.rows))
		x.rows = append(x.rows, indexedRow{e, int32(i), next})
	}
	// From the least preferred to the most, by the rule of File.entry.
	for i, s := range slices.Backward(sections) {
		s.each(func(number int, e entry) { push(i, number, e) })
		if s.hidden == nil {
			continue
		}
		s.hidden.each(func(number int, e entry) { push(i, number, e) })
		s.each(func(number int, e entry) {
			if e.kind != entryFree {
				push(i, number, e)
			}
		})
	}
	return x
}

// find looks a number up for a view whose newest section is from.
func (x *rowIndex) find(number int, from int32) (entry, bool) {
	i, ok := x.first[number]
	for ok && i >= 0 && x.rows[i].section < from {
		i = x.rows[i].next
	}
	if !ok || i < 0 {
		return entry{}, false
	}
	return x.rows[i].entry, true
}

// Touched gives for each object the newest revision that writes or frees it.
func (f *File) Touched() map[int]int {
	touched := map[int]int{}
	for i := range f.revisions {
		f.Entries(i, func(number int, _, _ bool, _ int64) { touched[number] = i })
	}
	return touched
}
