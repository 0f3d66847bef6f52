package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	base "fyne.io/fyne/v2/theme"

	"kyso/app/gui/control"
	"kyso/app/gui/theme"
	"kyso/app/present"
)

// KeyRow is one line of the sheet of shortcuts.
type KeyRow struct {
	// Keys are what stands on the keys' caps; a "+" in the second place joins what is pressed together.
	Keys []string
	Does string
}

// KeyRows are the lines of one screen under their heading.
type KeyRows struct {
	Name, Title string
	Rows        []KeyRow
}

// NewKeySheet draws how a document is signed, and the keys of all screens.
func NewKeySheet(help string, groups []KeyRows) fyne.CanvasObject {
	all := container.New(layout.NewCustomPaddedVBoxLayout(8), wrapped(help))
	for _, g := range groups {
		rows := container.New(layout.NewCustomPaddedVBoxLayout(5))
		for _, r := range g.Rows {
			does := control.NewText(r.Does, base.ColorNameForeground, base.SizeNameText, fyne.TextStyle{})
			rows.Add(container.New(shares{keyShare}, caps(r.Keys), does))
		}
		all.Add(padded(subheading(g.Title), 2, base.InnerPadding()))
		all.Add(padded(rows, 0, base.InnerPadding()))
	}
	return padded(all, 0, 6)
}

// keyShare is the part of the sheet's width that the keys have.
const keyShare = 0.46

// caps draws keys beside each other.
func caps(keys []string) fyne.CanvasObject {
	row := container.New(layout.NewCustomPaddedHBoxLayout(5))
	for i, k := range keys {
		if k == "+" && i == 1 && len(keys) > 2 { // after what is held down
			row.Add(control.NewText(k, theme.ColorMuted, base.SizeNameText, fyne.TextStyle{}).Whole())
			continue
		}
		row.Add(control.NewChip(k, present.Quiet))
	}
	return row
}
