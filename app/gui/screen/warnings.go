package screen

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// warnings lists why a document is not signed, and what to know before it is.
type warnings struct {
	object *fyne.Container

	words *words.Words
	// What is drawn: it stays as it is, opened or not, until something else comes.
	refusal, doubt *present.Problem
	found          []present.Warning
	vouch          func()
}

// newWarnings makes an empty list.
func newWarnings(w *words.Words, vouch func()) *warnings {
	return &warnings{object: container.NewVBox(), words: w, vouch: vouch}
}

// show draws the refusal and the warnings. Each warning opens at a tap: what it
// is called is always in view, the reason and the advice when they are wanted.
func (l *warnings) show(refusal, doubt *present.Problem, found []present.Warning) {
	same := len(found) == len(l.found) && (len(found) == 0 || &found[0] == &l.found[0])
	if same && refusal == l.refusal && doubt == l.doubt {
		return
	}
	l.refusal, l.doubt, l.found = refusal, doubt, found
	l.object.RemoveAll()
	if refusal != nil {
		n := control.NewNote()
		n.Set(refusal.Title+"\n"+refusal.Cause+"\n"+refusal.Next, present.Bad)
		l.object.Add(n)
	}
	if doubt != nil && refusal == nil {
		n := control.NewNote()
		n.Set(doubt.Title+"\n"+doubt.Cause+"\n"+doubt.Next, present.Caution)
		l.object.Add(container.NewVBox(n, control.NewButton(l.words.T("reader.notsecret"), l.vouch)))
	}
	if len(found) == 0 {
		return
	}
	l.object.Add(subheading(l.words.Say(present.Text{Key: "reader.warnings", Args: map[string]any{"Count": len(found)}})))
	for _, f := range found {
		l.object.Add(l.one(f))
	}
}

// one is a warning that opens and closes.
func (l *warnings) one(f present.Warning) fyne.CanvasObject {
	n := control.NewNote()
	more := control.NewButton("", nil)
	more.Importance = widget.LowImportance
	draw := func(open bool) {
		text, key := f.Title, "reader.warning.more"
		if pages := l.pages(f.Pages); pages != "" {
			text += " " + pages
		}
		if open {
			text += "\n" + f.Cause + "\n" + f.Next
			key = "reader.warning.less"
		}
		n.Set(text, present.Caution)
		more.SetText(l.words.T(key))
	}
	open := false
	more.OnTapped = func() { open = !open; draw(open) }
	draw(open)
	return container.NewVBox(n, container.NewHBox(more))
}

// maxRanges bounds the ranges of pages that a warning names.
const maxRanges = 6

// pages names the pages of a warning as a sentence, empty for none.
func (l *warnings) pages(pages []int) string {
	if len(pages) == 0 {
		return ""
	}
	end := "."
	ranges := strings.Split(present.Ranges(pages), ", ")
	if len(ranges) > maxRanges {
		ranges, end = append(ranges[:maxRanges], "…"), ""
	}
	return l.words.Say(present.Text{Key: "reader.warning.pages", Args: map[string]any{"Pages": strings.Join(ranges, ", ")}}) + end
}
