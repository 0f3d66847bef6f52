package pdf

import "math"

// Box is a rectangle in user space: left, bottom, right, top.
type Box struct{ X0, Y0, X1, Y1 float64 }

// W is the width.
func (b Box) W() float64 { return b.X1 - b.X0 }

// H is the height.
func (b Box) H() float64 { return b.Y1 - b.Y0 }

// Page is a page with its inherited properties.
type Page struct {
	// Ref is the page object; zero for a page that stands directly in its parent.
	Ref  Ref
	Dict *Dict
	// Media and Crop are in user space; Crop lies within Media.
	Media, Crop Box
	// Rotate is 0, 90, 180 or 270, clockwise.
	Rotate int
	// Unit is the size of a user space unit in points.
	Unit float64
}

const maxPages = 200_000

// Pages are the pages of the document in order. Pages that cannot be read are
// left out.
func (f *File) Pages() []Page {
	if f.paged {
		return f.pages
	}
	f.paged = true
	if c := f.Catalog(); c != nil {
		f.walkPages(c.Get("Pages"), &Dict{}, map[Ref]bool{}, 0)
	}
	return f.pages
}

// walkPages collects the leaves below v; inherited holds what their parents say.
func (f *File) walkPages(v any, inherited *Dict, seen map[Ref]bool, depth int) {
	r, _ := v.(Ref)
	if spend(&f.left.steps, 1) != nil || !r.IsZero() && seen[r] || depth > maxDepth || len(f.pages) >= maxPages {
		return
	}
	if !r.IsZero() {
		seen[r] = true
	}
	d, ok := f.Resolve(v).(*Dict)
	if !ok {
		return
	}
	kids, ok := f.Resolve(d.Get("Kids")).(Array)
	if !ok {
		f.pages = append(f.pages, f.page(r, d, inherited))
		return
	}
	below := inherited.Clone()
	for _, k := range []string{"MediaBox", "CropBox", "Rotate", "Resources"} {
		if d.Has(k) {
			below.Set(k, d.Get(k))
		}
	}
	for _, k := range kids {
		if f.left.steps < 0 {
			return
		}
		f.walkPages(k, below, seen, depth+1)
	}
}

func (f *File) page(r Ref, d, inherited *Dict) Page {
	get := func(key string) any {
		if v := d.Get(key); v != nil {
			return v
		}
		return inherited.Get(key)
	}
	p := Page{Ref: r, Dict: d, Unit: 1}
	var ok bool
	if p.Media, ok = f.Box(get("MediaBox")); !ok {
		p.Media = Box{0, 0, 612, 792}
	}
	p.Crop = p.Media
	if c, ok := f.Box(get("CropBox")); ok {
		c = Box{math.Max(c.X0, p.Media.X0), math.Max(c.Y0, p.Media.Y0), math.Min(c.X1, p.Media.X1), math.Min(c.Y1, p.Media.Y1)}
		if c.W() > 0 && c.H() > 0 {
			p.Crop = c
		}
	}
	if n, ok := f.Int(get("Rotate")); ok && n%90 == 0 {
		p.Rotate = int((n%360 + 360) % 360)
	}
	if u, ok := f.Float(d.Get("UserUnit")); ok && u > 0 && u <= 75_000 {
		p.Unit = u
	}
	return p
}

// Box resolves v to a rectangle with its corners in order. It is false for
// anything else and for an empty rectangle.
func (f *File) Box(v any) (Box, bool) {
	a := f.Array(v)
	if len(a) < 4 {
		return Box{}, false
	}
	var n [4]float64
	for i := range n {
		x, ok := f.Float(a[i])
		if !ok || math.IsInf(x, 0) || math.IsNaN(x) {
			return Box{}, false
		}
		n[i] = x
	}
	b := Box{math.Min(n[0], n[2]), math.Min(n[1], n[3]), math.Max(n[0], n[2]), math.Max(n[1], n[3])}
	return b, b.W() > 0 && b.H() > 0
}

// Size is the size of the page as it is shown, in points.
func (p Page) Size() (w, h float64) {
	w, h = p.Crop.W()*p.Unit, p.Crop.H()*p.Unit
	if p.Rotate == 90 || p.Rotate == 270 {
		return h, w
	}
	return w, h
}

// FromShown turns a rectangle in points from the lower left corner of the page
// as shown into user space.
func (p Page) FromShown(b Box) Box {
	x0, y0 := p.pointFromShown(b.X0, b.Y0)
	x1, y1 := p.pointFromShown(b.X1, b.Y1)
	return Box{math.Min(x0, x1), math.Min(y0, y1), math.Max(x0, x1), math.Max(y0, y1)}
}

func (p Page) pointFromShown(x, y float64) (float64, float64) {
	x, y = x/p.Unit, y/p.Unit
	c := p.Crop
	switch p.Rotate {
	case 90:
		return c.X1 - y, c.Y0 + x
	case 180:
		return c.X1 - x, c.Y1 - y
	case 270:
		return c.X0 + y, c.Y1 - x
	}
	return c.X0 + x, c.Y0 + y
}

// ToShown is the inverse of FromShown.
func (p Page) ToShown(b Box) Box {
	x0, y0 := p.pointToShown(b.X0, b.Y0)
	x1, y1 := p.pointToShown(b.X1, b.Y1)
	return Box{math.Min(x0, x1), math.Min(y0, y1), math.Max(x0, x1), math.Max(y0, y1)}
}

func (p Page) pointToShown(x, y float64) (float64, float64) {
	c := p.Crop
	switch p.Rotate {
	case 90:
		x, y = y-c.Y0, c.X1-x
	case 180:
		x, y = c.X1-x, c.Y1-y
	case 270:
		x, y = c.Y1-y, x-c.X0
	default:
		x, y = x-c.X0, y-c.Y0
	}
	return x * p.Unit, y * p.Unit
}
