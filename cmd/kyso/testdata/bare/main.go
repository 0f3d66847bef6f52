// Command bare is a Fyne program that does nothing: what every start is measured
// against (make start).
package main

import (
	"fmt"
	"image"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

func main() {
	w := app.NewWithID("vn.kyso.bare").NewWindow("bare")
	told := false
	probe := canvas.NewRaster(func(int, int) image.Image {
		if !told {
			told = true
			fmt.Fprintln(os.Stderr, "window painted")
		}
		return image.NewNRGBA(image.Rect(0, 0, 1, 1))
	})
	probe.Resize(fyne.NewSize(1, 1))
	w.SetContent(container.NewStack(widget.NewLabel("bare"), container.NewWithoutLayout(probe)))
	w.Resize(fyne.NewSize(1200, 800))
	w.CenterOnScreen()
	w.ShowAndRun()
}
