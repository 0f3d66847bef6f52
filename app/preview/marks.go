package preview

import (
	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/requests"

	"kyso/app/placement"
)

// maxMarkShare is the part of a page above which a picture is taken for the
// page itself (a scan, a background), not for a mark on it.
const maxMarkShare = 0.5

// found is what stands on a page besides its text.
type found struct {
	marks, rules []placement.Rect
	scanned      bool // pictures cover the page
}

// Pictures of a part of the page that together make up the page: scanners'
// programs cut pages into strips.
const (
	stripWidth = 0.85 // of the page
	stripShare = 0.5  // of the page, all strips together
	// ruleWidth bounds the thickness of a straight stroke, in points.
	ruleWidth = 2.5
	// maxObjects bounds the objects of a page that are looked at.
	maxObjects = 20_000
)

// marks finds pictures and drawings on the page, and the annotations that are
// drawn as marks.
func (d *Document) marks(p requests.Page, shown matrix, w, h float64) (found, error) {
	var out found
	var strips []placement.Rect
	covered := 0.0
	objects, err := d.instance.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: p})
	if err != nil {
		return out, err
	}
	for i := range min(objects.Count, maxObjects) {
		kind, r, ok := d.object(p, shown, i)
		switch {
		case !ok:
		case kind == enums.FPDF_PAGEOBJ_PATH && (r.W <= ruleWidth || r.H <= ruleWidth):
			out.rules = append(out.rules, r)
		case kind != enums.FPDF_PAGEOBJ_IMAGE:
		case r.W*r.H >= maxMarkShare*w*h:
			out.scanned = true
		case r.W >= stripWidth*w:
			strips, covered = append(strips, r), covered+r.W*r.H
		case r.W > 1 && r.H > 1:
			out.marks = append(out.marks, r)
		}
	}
	if covered >= stripShare*w*h {
		out.scanned = true
	} else {
		out.marks = append(out.marks, strips...)
	}
	return out, d.annotations(p, func(left, bottom, right, top float32) {
		r := shown.box(float64(left), float64(bottom), float64(right), float64(top)).rect()
		if r.W > 1 && r.H > 1 && r.W*r.H < maxMarkShare*w*h {
			out.marks = append(out.marks, r)
		}
	})
}

// object gives the kind and the bounds of an object of a page; false for one
// that cannot be read, since it is not drawn either.
func (d *Document) object(p requests.Page, shown matrix, i int) (enums.FPDF_PAGEOBJ, placement.Rect, bool) {
	o, err := d.instance.FPDFPage_GetObject(&requests.FPDFPage_GetObject{Page: p, Index: i})
	if err != nil {
		return 0, placement.Rect{}, false
	}
	kind, err := d.instance.FPDFPageObj_GetType(&requests.FPDFPageObj_GetType{PageObject: o.PageObject})
	if err != nil || kind.Type == enums.FPDF_PAGEOBJ_TEXT {
		return 0, placement.Rect{}, false
	}
	b, err := d.instance.FPDFPageObj_GetBounds(&requests.FPDFPageObj_GetBounds{PageObject: o.PageObject})
	if err != nil {
		return 0, placement.Rect{}, false
	}
	return kind.Type, shown.box(float64(b.Left), float64(b.Bottom), float64(b.Right), float64(b.Top)).rect(), true
}

// annotations gives add the places of the annotations that are marks.
func (d *Document) annotations(p requests.Page, add func(left, bottom, right, top float32)) error {
	count, err := d.instance.FPDFPage_GetAnnotCount(&requests.FPDFPage_GetAnnotCount{Page: p})
	if err != nil {
		return err
	}
	for i := range count.Count {
		a, err := d.instance.FPDFPage_GetAnnot(&requests.FPDFPage_GetAnnot{Page: p, Index: i})
		if err != nil {
			continue
		}
		kind, err := d.instance.FPDFAnnot_GetSubtype(&requests.FPDFAnnot_GetSubtype{Annotation: a.Annotation})
		if err == nil && isMark(kind.Subtype) {
			if r, err := d.instance.FPDFAnnot_GetRect(&requests.FPDFAnnot_GetRect{Annotation: a.Annotation}); err == nil {
				add(r.Rect.Left, r.Rect.Bottom, r.Rect.Right, r.Rect.Top)
			}
		}
		if _, err := d.instance.FPDFPage_CloseAnnot(&requests.FPDFPage_CloseAnnot{Annotation: a.Annotation}); err != nil {
			return err
		}
	}
	return nil
}

// isMark reports whether annotations of a kind take their place: signatures
// (widgets), stamps, drawn and typed notes; not links and pop-ups.
func isMark(kind enums.FPDF_ANNOTATION_SUBTYPE) bool {
	switch kind {
	case enums.FPDF_ANNOT_SUBTYPE_WIDGET, enums.FPDF_ANNOT_SUBTYPE_STAMP, enums.FPDF_ANNOT_SUBTYPE_INK,
		enums.FPDF_ANNOT_SUBTYPE_FREETEXT, enums.FPDF_ANNOT_SUBTYPE_SQUARE, enums.FPDF_ANNOT_SUBTYPE_CIRCLE:
		return true
	}
	return false
}
