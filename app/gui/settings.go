package gui

import (
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/screen"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
	"kyso/app/present"
	"kyso/app/settings"
)

// buildSettings makes the screen of settings and its question.
func (w *Window) buildSettings() {
	d := w.desk.Settings
	w.settings = screen.NewSettings(w.words, screen.SettingsActs{Open: d.Open, Set: d.Set, Act: w.actSettings, Reopen: w.desk.Closing.Reopen})
	w.ask = screen.NewAsk(w.words, screen.AskActs{
		Typed: d.Typed, Answer: d.Answer, Cancel: d.Cancel, Act: d.AskAct, Copy: w.app.Clipboard().SetContent,
	})
	w.question = widget.NewModalPopUp(w.ask.Object, w.window.Canvas())
	w.question.Hide()
}

// bindSettings has the settings drawn.
func (w *Window) bindSettings() {
	d := w.desk.Settings
	d.Changed = w.showSettings
	d.Asked = w.showAsk
	d.Styled = w.restyle
	d.Changed(d.State())
}

// actSettings does an act; where it needs a file, it is asked for.
func (w *Window) actSettings(id string, act present.SettingsAct, row, value string) {
	d := w.desk.Settings
	done := func(path string) { d.Act(id, act.ID, row, path) }
	switch act.Kind {
	case present.ActOpen:
		w.askFile(act.Files, done)
	case present.ActSave:
		w.askNewFile(act.Files, done)
	case present.ActPlain, present.ActAdd, present.ActPlace:
		d.Act(id, act.ID, row, value)
	}
}

// showSettings draws the page, and the question over it.
func (w *Window) showSettings(s present.SettingsState) {
	w.settings.Show(s)
	if s.Ask == nil {
		if w.question.Visible() {
			w.lower(w.question)
			w.ask.Forget()
		}
		return
	}
	w.showAsk(*s.Ask)
}

// showAsk draws the question, and gives its first line the keyboard when it is new.
func (w *Window) showAsk(a present.SettingsAsk) {
	fresh := w.ask.Show(a)
	if !w.question.Visible() {
		w.question.Show()
		fresh = true
	}
	w.fit(w.question, fyne.Size{})
	if first := w.ask.First(); fresh && first != nil {
		w.window.Canvas().Focus(first)
	}
}

// restyle follows a change of language or looks.
func (w *Window) restyle(s settings.Settings) {
	w.options.Theme = theme.Of(s.Appearance, s.TextSize)
	w.app.Settings().SetTheme(w.options.Theme)
	l := words.Language(s.Language)
	if l == "" {
		l = words.Vietnamese
	}
	w.speak(l)
}

// askFile asks for a file with one of some extensions.
func (w *Window) askFile(extensions []string, chosen func(path string)) {
	if w.covered() {
		return
	}
	open := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
		if err != nil || r == nil {
			return
		}
		path := filepath.FromSlash(r.URI().Path())
		if r.Close() == nil {
			chosen(path)
		}
	}, w.window)
	open.SetFilter(storage.NewExtensionFileFilter(extensions))
	open.Show() // before Resize, which crashes on a dialog that was never shown
	open.Resize(fyne.NewSize(900, 620))
	w.over = open
}

// askNewFile asks where to write a file; names has the name that is proposed.
func (w *Window) askNewFile(names []string, chosen func(path string)) {
	if w.covered() {
		return
	}
	save := dialog.NewFileSave(func(f fyne.URIWriteCloser, err error) {
		if err != nil || f == nil {
			return
		}
		path := filepath.FromSlash(f.URI().Path())
		if f.Close() == nil {
			chosen(path)
		}
	}, w.window)
	if len(names) > 0 {
		save.SetFileName(names[0])
	}
	save.Show() // before Resize, as above
	save.Resize(fyne.NewSize(900, 620))
	w.over = save
}
