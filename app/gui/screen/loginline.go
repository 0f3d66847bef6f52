package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// LogInLine says over all screens that the person must log in, with the button for it.
type LogInLine struct {
	Object *fyne.Container

	words  *words.Words
	note   *control.Note
	button *control.Button
}

// NewLogInLine makes a line that is not shown; again logs in.
func NewLogInLine(w *words.Words, again func()) *LogInLine {
	l := &LogInLine{words: w, note: control.NewNote()}
	l.button = control.NewButtonWithIcon("", control.Icon("key", base.ColorNameForegroundOnPrimary), again)
	l.button.Importance = widget.HighImportance
	l.Object = padded(container.NewBorder(nil, nil, nil, center(l.button), l.note), 6, 20)
	l.Object.Hide()
	return l
}

// Show draws what is to be said, and reports whether the line came or went.
func (l *LogInLine) Show(s present.DesktopState) bool {
	key := "settings.server.login"
	if s.Again {
		key = "login.again"
	}
	l.button.SetText(l.words.T(key))
	text := l.words.Say(s.LogIn)
	l.note.Set(text, present.Caution)
	was := l.Object.Visible()
	show(l.button, text != "")
	show(l.Object, text != "")
	return was != l.Object.Visible()
}
