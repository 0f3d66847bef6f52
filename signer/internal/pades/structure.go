package pades

import "kyso/signer/internal/pdf"

// structure adds annotations to the structure tree of a tagged document
// (ISO 32000-2, 14.7.5.3; ISO 14289-1, 7.18): each becomes the object of an
// element of its own.
type structure struct {
	f      *pdf.File
	u      *pdf.Update
	lang   string // of the elements' texts; empty when it is the document's
	root   *pdf.Dict
	parent pdf.Ref // the element that the new ones join
	space  any     // namespace of the standard elements of PDF 2.0, nil without

	next     int64
	elements pdf.Array
	numbers  pdf.Array // key and element, as in a number tree
}

const (
	maxTreeNodes = 200_000
	treeDepth    = 64
	// standardSpace is the namespace of PDF 2.0 (ISO 32000-2, 14.8.6.1).
	standardSpace = "http://iso.org/pdf2/ssn"
)

// newStructure is nil for a document without a usable structure tree.
func newStructure(f *pdf.File, u *pdf.Update) *structure {
	entry := f.Catalog().Get("StructTreeRoot")
	ref, ok := entry.(pdf.Ref)
	root, isDict := f.Resolve(entry).(*pdf.Dict)
	if !ok || !isDict { // an element's /P must be a reference
		return nil
	}
	s := &structure{f: f, u: u, root: root, parent: ref}
	if r, d := s.only(root.Get("K")); d != nil && s.grouping(f.Name(d.Get("S"))) {
		s.parent = r
	}
	for _, v := range f.Array(root.Get("Namespaces")) {
		if f.Text(f.Dict(v).Get("NS")) == standardSpace {
			s.space = v
		}
	}
	next, _ := f.Int(root.Get("ParentTreeNextKey"))
	budget := maxTreeNodes
	s.next = max(next, s.highest(root.Get("ParentTree"), treeDepth, &budget)+1, 0)
	if budget <= 0 {
		return nil
	}
	return s
}

// only is the single element below the root, if there is just one.
func (s *structure) only(k any) (pdf.Ref, *pdf.Dict) {
	if a := s.f.Array(k); len(a) == 1 {
		k = a[0]
	}
	r, ok := k.(pdf.Ref)
	if !ok {
		return pdf.Ref{}, nil
	}
	d, _ := s.f.Resolve(r).(*pdf.Dict)
	return r, d
}

// grouping reports an element type that may have a form as its child.
func (s *structure) grouping(kind pdf.Name) bool {
	roles := s.f.Dict(s.root.Get("RoleMap"))
	for range 8 {
		switch kind {
		case "Document", "Part", "Art", "Sect", "Div", "DocumentFragment":
			return true
		}
		kind = s.f.Name(roles.Get(string(kind)))
	}
	return false
}

// highest is the highest key of a number tree, −1 for an empty one.
func (s *structure) highest(v any, depth int, budget *int) int64 {
	most := int64(-1)
	node := s.f.Dict(v)
	if node == nil || depth == 0 {
		return most
	}
	numbers := s.f.Array(node.Get("Nums"))
	*budget -= 1 + len(numbers)/2
	for i := 0; i+1 < len(numbers); i += 2 {
		if n, ok := s.f.Int(numbers[i]); ok {
			most = max(most, n)
		}
	}
	for _, k := range s.f.Array(node.Get("Kids")) {
		if *budget <= 0 {
			break
		}
		limits := s.f.Array(s.f.Dict(k).Get("Limits"))
		*budget--
		if len(limits) == 2 {
			if n, ok := s.f.Int(limits[1]); ok {
				most = max(most, n)
				continue
			}
		}
		most = max(most, s.highest(k, depth-1, budget))
	}
	return most
}

// add makes an annotation the object of a new element of that type. What the
// element is in words stands in the annotation's /Contents.
func (s *structure) add(r pdf.Ref, annotation *pdf.Dict, page pdf.Ref, kind pdf.Name) {
	e := pdf.NewDict(
		"Type", pdf.Name("StructElem"),
		"S", kind,
		"P", s.parent,
		"Pg", page,
		"K", pdf.NewDict("Type", pdf.Name("OBJR"), "Obj", r, "Pg", page),
	)
	if s.lang != "" {
		e.Set("Lang", pdf.NewText(s.lang))
	}
	if s.space != nil {
		e.Set("NS", s.space)
	}
	element := s.u.Add(e)
	annotation.Set("StructParent", pdf.Int(s.next))
	s.elements = append(s.elements, element)
	s.numbers = append(s.numbers, pdf.Int(s.next), element)
	s.next++
}

// finish writes the elements into the tree and into the parent tree.
func (s *structure) finish() {
	if len(s.elements) == 0 {
		return
	}
	rootRef, _ := s.f.Catalog().Get("StructTreeRoot").(pdf.Ref)
	root := s.root.Clone()
	if s.parent != rootRef {
		if parent := s.f.Dict(s.parent).Clone(); parent != nil {
			parent.Set("K", s.joined(parent.Get("K")))
			s.u.Set(s.parent, parent)
		}
	} else {
		root.Set("K", s.joined(root.Get("K")))
	}
	root.Set("ParentTreeNextKey", pdf.Int(s.next))
	tree := s.index(s.f.Dict(root.Get("ParentTree")).Clone())
	if r, ok := root.Get("ParentTree").(pdf.Ref); ok {
		s.u.Set(r, tree)
	} else {
		root.Set("ParentTree", s.u.Add(tree))
	}
	s.u.Set(rootRef, root)
}

// joined is a /K with the new elements behind what it has.
func (s *structure) joined(k any) pdf.Array {
	var out pdf.Array
	if a, ok := s.f.Resolve(k).(pdf.Array); ok {
		out = append(out, a...)
	} else if k != nil {
		out = append(out, k)
	}
	return append(out, s.elements...)
}

// index puts the new keys, the highest of all, at the end of a number tree
// (ISO 32000-2, 7.9.7).
func (s *structure) index(tree *pdf.Dict) *pdf.Dict {
	if kids := s.f.Array(tree.Get("Kids")); kids != nil {
		leaf := pdf.NewDict("Limits", pdf.Array{s.numbers[0], s.numbers[len(s.numbers)-2]}, "Nums", s.numbers)
		tree.Set("Kids", append(append(pdf.Array{}, kids...), s.u.Add(leaf)))
		return tree
	}
	tree.Set("Nums", append(append(pdf.Array{}, s.f.Array(tree.Get("Nums"))...), s.numbers...))
	return tree
}
