package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/screen"
	"kyso/app/present"
)

// buildBoard makes the screen of the signing rate with its dialog.
func (w *Window) buildBoard() {
	b := w.desk.Board
	w.board = screen.NewBoard(w.words, screen.BoardActs{
		Sign: b.Sign, Refresh: w.desk.Refresh, Period: b.Show, Restate: b.Restate, Grain: b.Step, Explain: b.Ask,
		Save: func(format string) {
			w.askNewFile([]string{b.AnnexName(format)}, func(path string) { b.SaveAnnex(format, path) })
		},
	})
	w.explanation = screen.NewExplanation(w.words, screen.ExplanationActs{Send: b.Answer, Leave: b.Dismiss})
	w.asking = widget.NewModalPopUp(w.explanation.Object, w.window.Canvas())
	w.asking.Hide()
}

// showBoard draws the board, and the explanation that the person writes over it.
func (w *Window) showBoard(s present.BoardState) {
	w.board.Show(s)
	if s.Asked == nil {
		if w.asking.Visible() {
			w.lower(w.asking)
		}
		return
	}
	begin := !w.asking.Visible()
	w.explanation.Show(*s.Asked, begin)
	if begin {
		w.asking.Show()
		w.window.Canvas().Focus(w.explanation.Text)
	}
	w.fit(w.asking, fyne.NewSize(580, 0))
}
