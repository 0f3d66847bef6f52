package evidence

import (
	"bytes"
	"io"
	"slices"
	"strconv"

	"kyso/signer/internal/pdf"
	"kyso/signer/verify"
)

// Limits of one comparison. Beyond them it is reported as unfinished.
const (
	maxSteps       = 5_000_000
	maxAllSteps    = 10_000_000 // of all comparisons of one file
	maxDifferences = 1000
	maxNesting     = 50_000
)

// where is the place of a comparison on its way from the trailer.
type where struct {
	place  verify.Place
	inside bool // within an object of the place: what joins or leaves changes the object
	path   *step
	object int
	page   int
	owner  pdf.Ref // the annotation or field that it belongs to
	depth  int
}

// step is one part of a path, linked to the one before: most paths are never printed.
type step struct {
	name string
	up   *step
}

func (s *step) String() string {
	var parts []string
	for ; s != nil; s = s.up {
		parts = append(parts, s.name)
	}
	slices.Reverse(parts)
	if len(parts) > 24 {
		parts = append(append(parts[:12:12], "…"), parts[len(parts)-12:]...)
	}
	var b bytes.Buffer
	for i, part := range parts {
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(part)
	}
	return b.String()
}

func (w where) down(key string) where {
	w.path = &step{name: key, up: w.path}
	w.depth++
	return w
}

func (w where) in(place verify.Place) where {
	w.place, w.inside = place, false
	return w
}

// within is in for an entry of an object that both revisions have.
func (w where) within(place verify.Place) where {
	w.place, w.inside = place, true
	return w
}

// pair is two objects that were compared in a place. The place belongs to it:
// an object that was reached where it may change is compared again when it is
// reached where it may not.
type pair struct {
	before, after int
	place         verify.Place
}

// newest is what all comparisons of a file need to know of its newest revision.
type newest struct {
	file   *pdf.File
	fields map[pdf.Ref]pdf.SignatureField // and their widgets
	links  *graph                         // nil until graph is asked for
	whole  bool                           // the graph knows nothing, to test that no difference is lost with it
	listed map[pdf.Ref]int                // the page that lists an annotation; see pageOf
	steps  int                            // of all comparisons
}

func newNewest(f *pdf.File) *newest {
	return &newest{file: f, fields: fieldsOf(f.SignatureFields())}
}

// graph follows all references of the newest revision, once: that is dear, and not
// needed where nothing is compared.
func (n *newest) graph() *graph {
	if n.links == nil {
		n.links = newGraph(n.file)
		if n.whole {
			n.links.since, n.links.cut = nil, nil
		}
	}
	return n.links
}

// comparison walks the signed revision and the newest one side by side.
type comparison struct {
	before, after *pdf.File
	revision      int // of before
	graph         *graph
	seen          map[pair]bool
	pages         map[pdf.Ref]int // page objects of the signed revision
	fields        map[pdf.Ref]pdf.SignatureField
	signedSince   map[pdf.Ref]pdf.SignatureField // fields and widgets of the newest revision
	reported      map[report]bool
	differences   []verify.Difference
	scene         *scene
	steps         int
	unfinished    bool
}

// report makes one difference of what several paths find.
type report struct {
	place  verify.Place
	action verify.Action
	object int
}

// compare lists the differences between revision i, which is before, and the
// newest. fields are the signature fields of before.
func (n *newest) compare(before *pdf.File, i int, fields []pdf.SignatureField) []verify.Difference {
	c := &comparison{
		before: before, after: n.file, revision: i, graph: n.graph(),
		seen: map[pair]bool{}, reported: map[report]bool{},
		pages:  map[pdf.Ref]int{},
		fields: fieldsOf(fields), signedSince: n.fields,
		scene: newScene(before, n),
	}
	for n, page := range before.Pages() {
		if !page.Ref.IsZero() {
			c.pages[page.Ref] = n + 1
		}
	}
	if n.steps > maxAllSteps {
		c.steps = maxSteps
	}
	c.trailer()
	c.above()
	n.steps += c.steps
	if before.Spent() || n.file.Spent() {
		c.cutShort("the file costs more than its size allows")
	}
	return c.differences
}

// above compares what links back up a tree point to, which the graph leaves out,
// where it changed: nearly always the tree led there already.
func (c *comparison) above() {
	for _, t := range c.graph.unsettled(c.revision) {
		if c.before.Dict(t.ref) == nil { // it is new
			continue
		}
		at := where{place: verify.InContent, path: &step{name: "Parent"}}
		if t.field {
			c.field(t.ref, t.ref, at)
		} else {
			c.value(t.ref, t.ref, at)
		}
	}
}

// settled reports that two values are references to one object and that this and
// all it leads to are the same in both revisions.
func (c *comparison) settled(a, b any) bool {
	before, ok1 := a.(pdf.Ref)
	after, ok2 := b.(pdf.Ref)
	return ok1 && ok2 && before == after && c.graph.settled(after, c.revision)
}

// fieldsOf are signature fields by their own reference and by those of their widgets.
func fieldsOf(all []pdf.SignatureField) map[pdf.Ref]pdf.SignatureField {
	fields := map[pdf.Ref]pdf.SignatureField{}
	for _, field := range all {
		if !field.Ref.IsZero() {
			fields[field.Ref] = field
		}
		for _, widget := range field.Widgets {
			if !widget.Ref.IsZero() {
				fields[widget.Ref] = field
			}
		}
	}
	return fields
}

func (c *comparison) trailer() {
	before, after := c.before.Trailer(), c.after.Trailer()
	top := where{place: verify.InContent}
	c.value(before.Get("Info"), after.Get("Info"), top.down("Info").in(verify.InMetadata))
	c.value(before.Get("Encrypt"), after.Get("Encrypt"), top.down("Encrypt"))
	root := top.down("Root")
	root.object = c.after.CatalogRef().Number
	a, b := c.before.Catalog(), c.after.Catalog()
	if a == nil || b == nil {
		c.add(root, verify.Changed, "no catalog")
		return
	}
	c.catalog(a, b, root)
}

// catalogPlaces are the entries of the catalog that are not content.
func catalogPlaces() map[string]verify.Place {
	return map[string]verify.Place{
		"Metadata":   verify.InMetadata,
		"DSS":        verify.InSecurityStore,
		"Extensions": verify.InExtensions,
		"Version":    verify.InExtensions,
	}
}

func (c *comparison) catalog(a, b *pdf.Dict, at where) {
	places := catalogPlaces()
	for _, key := range bothKeys(a, b) {
		down := at.down(key)
		if place, ok := places[key]; ok {
			down = down.in(place)
		}
		if key == "AcroForm" {
			c.form(a.Get(key), b.Get(key), down)
			continue
		}
		c.value(a.Get(key), b.Get(key), down)
	}
}

func bothKeys(a, b *pdf.Dict) []string {
	keys := slices.Clone(a.Keys())
	for _, key := range b.Keys() {
		if !a.Has(key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// value compares two values, following references.
func (c *comparison) value(a, b any, at where) {
	if c.full(at) || c.settled(a, b) {
		return
	}
	before, ok1 := a.(pdf.Ref)
	after, ok2 := b.(pdf.Ref)
	if ok2 {
		at.object = after.Number
	} else if ok1 {
		at.object = before.Number
	}
	if ok1 && ok2 && before == after && c.pages[before] > 0 {
		// A page is a page also where a link leads to it.
		at = at.in(verify.InContent)
		at.owner = pdf.Ref{}
	}
	if ok1 && ok2 && !c.first(before, after, at.place) {
		return
	}
	va, err1 := load(c.before, a)
	vb, err2 := load(c.after, b)
	if err1 != nil || err2 != nil {
		if err1 == nil || err2 == nil || c.graph.touched[after.Number] > c.revision {
			c.add(at.in(verify.InContent), verify.Changed, "it cannot be read")
		}
		return
	}
	if page := c.pages[before]; ok1 && page > 0 {
		at.page = page
	}
	c.loaded(va, vb, before, at)
}

// first reports, once, that two objects are to be compared in a place.
func (c *comparison) first(before, after pdf.Ref, place verify.Place) bool {
	key := pair{before.Number, after.Number, place}
	if c.seen[key] {
		return false
	}
	c.seen[key] = true
	return true
}

// load follows references and, unlike Resolve, tells what cannot be read.
func load(f *pdf.File, v any) (any, error) {
	for range 32 {
		ref, ok := v.(pdf.Ref)
		if !ok {
			return v, nil
		}
		var err error
		if v, err = f.Load(ref.Number); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// loaded compares two values that are no references; ref is where the first one came from.
func (c *comparison) loaded(a, b any, ref pdf.Ref, at where) {
	switch {
	case a == nil && b == nil:
		return
	case a == nil:
		c.add(at, verify.Added, "")
		return
	case b == nil:
		c.add(at, verify.Removed, "")
		return
	}
	switch x := a.(type) {
	case *pdf.Dict:
		if y, ok := b.(*pdf.Dict); ok {
			c.dict(x, y, c.pages[ref] > 0, at)
			return
		}
	case *pdf.Stream:
		if y, ok := b.(*pdf.Stream); ok {
			c.stream(x, y, at)
			return
		}
	case pdf.Array:
		if y, ok := b.(pdf.Array); ok && len(x) == len(y) {
			for i := range x {
				c.value(x[i], y[i], at.down(strconv.Itoa(i)))
			}
			return
		}
	default:
		if pdf.Equal(a, b) {
			return
		}
		c.addValues(at, c.before.Text(a), c.after.Text(b))
		return
	}
	c.add(at, verify.Changed, "")
}

func (c *comparison) dict(a, b *pdf.Dict, page bool, at where) {
	// The structure tree names annotations as OBJR (ISO 32000-2, 14.7.5.3).
	reference := c.before.Name(a.Get("Type")) == "OBJR"
	for _, key := range bothKeys(a, b) {
		down := at.down(key)
		switch {
		case page && key == "Annots":
			c.annotations(a.Get(key), b.Get(key), down)
		case reference && key == "Obj":
			c.annotation(a.Get(key), b.Get(key), down)
		case at.place != verify.InContent && (key == "P" || key == "Parent" || key == "Pg"):
			c.same(a.Get(key), b.Get(key), down)
		case key == "Data" && a.Has("TransformMethod"): // a signature reference (ISO 32000-2, table 256) names the whole document
			c.same(a.Get(key), b.Get(key), down)
		default:
			c.value(a.Get(key), b.Get(key), down)
		}
	}
}

// same compares what a link back points to without following it: its target is
// compared where it belongs.
func (c *comparison) same(a, b any, at where) {
	if !pdf.Equal(a, b) {
		c.add(at.in(verify.InContent), verify.Changed, "")
	}
}

func (c *comparison) stream(a, b *pdf.Stream, at where) {
	for _, key := range bothKeys(a.Dict, b.Dict) {
		if key != "Length" {
			c.value(a.Dict.Get(key), b.Dict.Get(key), at.down(key))
		}
	}
	if !c.sameData(a, b) {
		c.add(at, verify.Changed, "stream data")
	}
}

// sameData compares the data as they are in the file, else decoded: an
// encrypted stream that is written again has other bytes.
func (c *comparison) sameData(a, b *pdf.Stream) bool {
	p, q := c.before.StreamSpan(a), c.after.StreamSpan(b)
	if p == q {
		return true
	}
	// Many streams may lie over the same bytes: reading them counts.
	if c.steps += int((p.End - p.Start) >> 10); c.steps > maxSteps {
		return false
	}
	if equalBytes(c.before.ReaderAt(), p, q) {
		return true
	}
	if !c.before.Encrypted() {
		return false
	}
	x, err1 := c.before.StreamData(a)
	y, err2 := c.after.StreamData(b)
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}

func equalBytes(r io.ReaderAt, p, q pdf.Span) bool {
	if p.End-p.Start != q.End-q.Start {
		return false
	}
	var x, y [32 << 10]byte
	for n := int64(0); n < p.End-p.Start; n += int64(len(x)) {
		k := min(int64(len(x)), p.End-p.Start-n)
		if _, err := r.ReadAt(x[:k], p.Start+n); err != nil {
			return false
		}
		if _, err := r.ReadAt(y[:k], q.Start+n); err != nil {
			return false
		}
		if !bytes.Equal(x[:k], y[:k]) {
			return false
		}
	}
	return true
}

// full ends a comparison that grew too large.
func (c *comparison) full(at where) bool {
	c.steps++
	if c.steps <= maxSteps && at.depth <= maxNesting {
		return false
	}
	c.cutShort("too large to compare")
	return true
}

// cutShort reports once that there may be differences that were not found.
func (c *comparison) cutShort(why string) {
	if !c.unfinished {
		c.unfinished = true
		c.differences = append(c.differences, verify.Difference{Place: verify.InUnknown, Action: verify.Changed, Path: "…", Detail: why})
	}
}

func (c *comparison) add(at where, action verify.Action, detail string) {
	if at.inside {
		action = verify.Changed
	}
	key := report{at.place, action, at.object}
	if at.object > 0 && c.reported[key] {
		return
	}
	if len(c.differences) >= maxDifferences { // what is not listed must not pass as permitted
		c.cutShort("too many differences to list")
		return
	}
	c.reported[key] = true
	d := verify.Difference{
		Place: at.place, Action: action, Path: at.path.String(), Object: at.object, Page: at.page, Detail: detail,
	}
	c.scene.tell(&d, at.owner)
	c.differences = append(c.differences, d)
}

// addValues is add for two texts.
func (c *comparison) addValues(at where, before, after string) {
	count := len(c.differences)
	c.add(at, verify.Changed, "")
	if len(c.differences) > count && at.owner.IsZero() {
		d := &c.differences[count]
		d.Before, d.After = short(before), short(after)
	}
}
