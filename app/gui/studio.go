package gui

import (
	"kyso/app/gui/screen"
	"kyso/app/present"
)

// buildStudio makes the screen of the pictures of marks.
func (w *Window) buildStudio() {
	d := w.desk.Studio
	w.studio = screen.NewStudio(w.words, screen.StudioActs{
		Back: func() { w.desk.Go(present.PlaceSettings) }, Browse: func() { w.askFile([]string{".png", ".jpg", ".jpeg", ".PNG", ".JPG", ".JPEG"}, d.Open) },
		Draw: d.Draw, Undo: d.Undo, Turn: d.Turn, Keep: d.Keep, Remove: d.Remove, Cancel: d.Cancel, Role: d.SetRole, Strength: d.SetStrength, Blue: d.SetBlue, Stroke: d.Add,
	})
	d.Changed = w.studio.Show
	w.studio.Show(d.State()) // what is hidden must not make the window wider
}
