package shadow

import (
	"context"

	"kyso/signer/internal/pdf"
)

// walkAll visits everything that the document reaches: first what belongs to a
// page, so that findings have one, then the rest.
func (l *survey) walkAll(ctx context.Context) error {
	up := map[string]bool{"Parent": true, "P": true, "Dest": true, "D": true, "Pg": true}
	for i, p := range l.pages {
		if err := ctx.Err(); err != nil {
			return err //nolint:wrapcheck // the caller's own
		}
		if !p.Ref.IsZero() {
			l.reached[p.Ref.Number] = true
		}
		l.walk(p.Dict, i+1, up)
	}
	l.walk(l.f.Trailer(), 0, nil)
	return nil
}

// walk visits a value and what it refers to, but for the keys in skip.
func (l *survey) walk(v any, page int, skip map[string]bool) {
	stack := []any{v}
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if r, ok := v.(pdf.Ref); ok {
			if l.reached[r.Number] {
				continue
			}
			l.reached[r.Number] = true
			if l.objects++; l.objects > maxObjects {
				l.complete = false
				return
			}
			v, _ = l.f.Load(r.Number)
			if _, ok := v.(pdf.Ref); ok {
				stack = append(stack, v)
				continue
			}
		}
		if l.values++; l.values > maxValues {
			l.complete = false
			return
		}
		switch t := v.(type) {
		case pdf.Array:
			stack = append(stack, t...)
		case *pdf.Dict:
			l.dict(t, page)
			stack = below(stack, t, skip)
		case *pdf.Stream:
			l.stream(t, page)
			l.dict(t.Dict, page)
			stack = below(stack, t.Dict, skip)
		}
	}
}

func below(stack []any, d *pdf.Dict, skip map[string]bool) []any {
	for _, k := range d.Keys() {
		if skip[k] {
			continue
		}
		switch v := d.Get(k).(type) {
		case pdf.Ref, pdf.Array, *pdf.Dict:
			stack = append(stack, v)
		}
	}
	return stack
}

// dict looks at one dictionary, whatever it belongs to.
func (l *survey) dict(d *pdf.Dict, page int) {
	if d.Has("JS") {
		l.add(CodeJavaScript, page, "the document has JavaScript")
	}
	switch kind := l.f.Name(d.Get("S")); kind {
	case "JavaScript":
		l.add(CodeJavaScript, page, "the document has JavaScript")
	case "Launch":
		l.add(CodeLaunch, page, "an action starts a program or opens a file")
	case "GoToR", "GoToE", "ImportData", "SubmitForm":
		if d.Has("F") || d.Has("T") {
			l.add(CodeExternal, page, "an action of type %s", kind)
		}
	case "Movie", "Sound", "Rendition", "RichMediaExecute":
		l.add(CodeMedia, page, "an action of type %s", kind)
	}
	switch kind := l.f.Name(d.Get("Subtype")); kind {
	case "FileAttachment":
		l.add(CodeAttachments, page, "an attached file")
	case "Movie", "Sound", "Screen", "RichMedia", "3D":
		if d.Has("Rect") {
			l.add(CodeMedia, page, "an annotation of type %s", kind)
		}
	}
	l.automatic(d, page)
	if tree := l.f.Dict(d.Get("EmbeddedFiles")); len(l.f.Array(tree.Get("Names"))) > 0 || len(l.f.Array(tree.Get("Kids"))) > 0 {
		l.add(CodeAttachments, 0, "the document has embedded files")
	}
}

// automatic finds addresses that are opened without a click: by the document
// (/OpenAction) or by what the reader does (/AA).
func (l *survey) automatic(d *pdf.Dict, page int) {
	remote := func(v any) {
		if l.f.Name(l.f.Dict(v).Get("S")) == "URI" {
			l.add(CodeExternal, page, "an address is opened without a click")
		}
	}
	if d.Has("OpenAction") {
		remote(d.Get("OpenAction"))
	}
	if events := l.f.Dict(d.Get("AA")); events != nil {
		for _, k := range events.Keys() {
			remote(events.Get(k))
		}
	}
}

// stream looks for content that is outside the file.
func (l *survey) stream(s *pdf.Stream, page int) {
	switch {
	case s.Dict.Has("F"):
		l.add(CodeExternal, page, "the data of a stream are in another file")
	case l.f.Dict(s.Dict.Get("Ref")) != nil && l.f.Name(s.Dict.Get("Subtype")) == "Form":
		l.add(CodeExternal, page, "a page of another file is shown")
	case s.Dict.Has("OPI"):
		l.add(CodeExternal, page, "a picture is replaced from another file when printed")
	}
}
