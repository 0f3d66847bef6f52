package gui

import "kyso/app/gui/screen"

// buildHistory makes the screen of what was signed here.
func (w *Window) buildHistory() {
	d := w.desk.History
	w.history = screen.NewHistory(w.words, screen.HistoryActs{
		Search: d.Search, Files: w.files(), Open: func(path string) { w.desk.OpenFiles([]string{path}) },
		Export: func() { w.askNewFile([]string{"nhat-ky-ky-so.csv"}, d.Export) },
	})
	d.Changed = w.history.Show
	w.history.Show(d.State())
}
