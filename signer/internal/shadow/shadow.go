// Package shadow looks for what could make a document show something else than
// what its signer saw: the preparations of shadow attacks (Mainka, Mladenov,
// Rohlmann: Shadow Attacks, NDSS 2021), active content and references to the
// outside.
//
// It judges nothing and changes nothing: every finding can have an honest
// reason. Its work is bounded by counts, not by the size of the file, and it
// never reads the data of pictures.
package shadow

import (
	"context"
	"fmt"

	"kyso/signer/internal/pdf"
)

// The codes of findings.
const (
	CodeLayers      = "hidden-layers"       // layers that are off, or shown otherwise when printed
	CodeCovered     = "covered-content"     // text or a picture under something else
	CodeAlternate   = "alternate-objects"   // objects defined twice, or in no table
	CodeUnused      = "unused-objects"      // pages, annotations or catalogs that nothing uses
	CodeValue       = "field-shows-other"   // a field's value is not what its appearance shows
	CodeFields      = "fillable-fields"     // form fields that can be filled after signing
	CodeFont        = "replaceable-font"    // fonts that the file holds whole, with letters for any other text
	CodeFontMissing = "font-not-embedded"   // fonts that come from the reader's computer
	CodeJavaScript  = "javascript"          // scripts
	CodeExternal    = "external-references" // content or actions that lead outside
	CodeLaunch      = "launch-action"       // starts another program
	CodeAttachments = "embedded-files"      // files within the file
	CodePrint       = "print-differs"       // annotations for paper only, or for the screen only
	CodeMedia       = "multimedia"          // sound, film, 3D
	CodeXFA         = "xfa-form"            // a second form in XFA
	CodeTooLarge    = "not-fully-examined"  // a limit was reached
)

// Finding is something that the signer should know.
type Finding struct {
	Code string
	// Text is for the support desk.
	Text string
	// Page counts from 1; zero when it belongs to no page.
	Page int
}

// Limits of one look. Beyond them the rest is not examined, which is a finding.
const (
	maxObjects = 60_000     // loaded
	maxValues  = 3_000_000  // dictionaries and arrays walked through
	maxContent = 24 << 20   // bytes of content streams, as they are in the file
	maxPages   = 2_000      // whose content is read
	maxGaps    = 16 << 20   // bytes between objects
	maxPerCode = 8          // findings of one code
	maxWork    = 12_000_000 // comparisons and entries of fields
	maxItems   = 1_000_000  // things shown, on all pages
	maxCovers  = 4_000      // things on one page that are compared
)

// survey is the state of one Look.
type survey struct {
	f          *pdf.File
	pages      []pdf.Page
	found      []Finding
	count      map[string]int
	seen       map[string]bool // code, text and page
	reached    map[int]bool
	objects    int
	values     int
	items      int
	work       int // comparisons and entries of fields
	content    int64
	fieldsSeen map[*pdf.Dict]bool
	complete   bool
	signed     bool
}

// Look examines a document. An error is that of ctx.
func Look(ctx context.Context, f *pdf.File) ([]Finding, error) {
	l := &survey{
		f: f, pages: f.Pages(), count: map[string]int{}, seen: map[string]bool{}, reached: map[int]bool{}, fieldsSeen: map[*pdf.Dict]bool{},
		complete: true,
	}
	for _, s := range f.SignatureFields() {
		l.signed = l.signed || s.Value != nil
	}
	l.layers()
	l.form()
	for i := range l.pages {
		if err := ctx.Err(); err != nil {
			return nil, err //nolint:wrapcheck // the caller's own
		}
		l.page(i)
	}
	if err := l.walkAll(ctx); err != nil {
		return nil, err
	}
	l.alternates()
	if !l.complete {
		l.add(CodeTooLarge, 0, "the document is too large to be examined to its end")
	}
	return l.found, nil
}

// spend takes work; false when there is none left.
func (l *survey) spend(n int) bool {
	if l.work += n; l.work > maxWork {
		l.complete = false
		return false
	}
	return true
}

// add notes a finding, once for a page.
func (l *survey) add(code string, page int, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	key := fmt.Sprintf("%s %d", code, page)
	if l.seen[key] {
		return
	}
	l.seen[key] = true
	if l.count[code]++; l.count[code] > maxPerCode {
		return
	}
	l.found = append(l.found, Finding{Code: code, Text: text, Page: page})
}

// layers looks at optional content (ISO 32000-2, 8.11).
func (l *survey) layers() {
	properties := l.f.Dict(l.f.Catalog().Get("OCProperties"))
	if properties == nil {
		return
	}
	standard := l.f.Dict(properties.Get("D"))
	if len(l.f.Array(standard.Get("OFF"))) > 0 || l.f.Name(standard.Get("BaseState")) == "OFF" {
		l.add(CodeLayers, 0, "the document has layers that are not shown")
	}
	if len(l.f.Array(standard.Get("AS"))) == 0 {
		return
	}
	for _, g := range l.f.Array(properties.Get("OCGs")) {
		usage := l.f.Dict(l.f.Dict(g).Get("Usage"))
		view := l.f.Name(l.f.Dict(usage.Get("View")).Get("ViewState"))
		paper := l.f.Name(l.f.Dict(usage.Get("Print")).Get("PrintState"))
		if (paper == "OFF") != (view == "OFF") {
			l.add(CodeLayers, 0, "a layer is shown on the screen and on paper differently")
			return
		}
	}
}

// form looks at the interactive form as a whole.
func (l *survey) form() {
	form := l.f.Dict(l.f.Catalog().Get("AcroForm"))
	if form.Has("XFA") {
		l.add(CodeXFA, 0, "the form is there a second time, as XFA")
	}
}
