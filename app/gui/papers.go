package gui

import (
	"image/color"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/screen"
	"kyso/app/present"
)

// files are the acts on files that are shown in a list.
func (w *Window) files() screen.FileActs {
	h := w.desk.Handing
	return screen.FileActs{
		Open: func(path string) { w.desk.OpenFiles([]string{path}) }, Reveal: h.Reveal, Print: h.AskPrint, Copy: h.Copy, Drag: w.options.Drag,
	}
}

// filesInPlace are those that leave the screen as it is.
func (w *Window) filesInPlace() screen.FileActs {
	a := w.files()
	a.Open = nil
	return a
}

// bindPapers has deliveries drawn, and what is done with files told.
func (w *Window) bindPapers() {
	d := w.desk
	d.Sent.Changed = w.sent.Show
	d.Sent.Moved = w.sent.Row
	d.Summed = w.queue.OnWay
	d.Handing.Asked = w.askPrint
	d.Handing.Told = w.tell
	d.Handing.Failed = func(p present.Problem) { w.over = w.textDialog(p.Title, p.Cause+"\n\n"+p.Next) }
	d.Handing.Received = w.showReceipt
}

// tell shows a passing word: over the list where there is one, else over the screen.
func (w *Window) tell(t present.Text) {
	text := w.words.Say(t)
	if slices.Contains(listed(), w.shown) && !w.covered() {
		w.say(text)
		return
	}
	w.over = w.textDialog(text, "")
}

// say shows a passing word over the list, empty none.
func (w *Window) say(text string) {
	w.told.Set(text, present.Good)
	if w.toldRoom.Hidden != (text == "") {
		w.toldRoom.Hidden = text == ""
		w.shell.Refresh()
	}
}

// textDialog shows a text.
func (w *Window) textDialog(title, text string) dialog.Dialog {
	d := dialog.NewCustom(title, w.words.T("close"), broad(text), w.window)
	d.Show()
	return d
}

// askPrint asks on which printer, and how often.
func (w *Window) askPrint(a present.PrintAsk) {
	printer := widget.NewSelect(a.Printers, nil)
	printer.SetSelected(a.Printers[0])
	copies := widget.NewEntry()
	copies.SetText("1")
	ask := dialog.NewForm(w.words.T("file.print.title"), w.words.T("file.print.yes"), w.words.T("cancel"), []*widget.FormItem{
		widget.NewFormItem(w.words.T("file.print.file"), widget.NewLabel(a.Name)),
		widget.NewFormItem(w.words.T("file.print.printer"), printer),
		widget.NewFormItem(w.words.T("file.print.copies"), copies),
	}, func(yes bool) {
		if !yes {
			return
		}
		n, err := strconv.Atoi(strings.TrimSpace(copies.Text))
		if err != nil {
			n = 1
		}
		w.desk.Handing.Print(a.Path, printer.Selected, n)
	}, w.window)
	copies.OnSubmitted = func(string) { ask.Submit() }
	w.over = ask
	ask.Show()
	ask.Resize(fyne.NewSize(helpWidth, 0))
	w.window.Canvas().Focus(copies)
}

// showReceipt shows what the server said that it holds.
func (w *Window) showReceipt(path string, r present.Receipt) {
	checked := w.words.T("receipt.checked." + r.Checked)
	if r.Why != "" {
		checked += ". " + r.Why
	}
	var lines []string
	for _, l := range [][2]string{
		{"receipt.document", r.Title},
		{"receipt.file", r.File},
		{"receipt.system", r.System},
		{"receipt.at", present.Moment(r.ReceivedAt)},
		{"receipt.version", r.Version},
		{"receipt.hash", r.SHA256},
		{"receipt.size", w.words.Number(int(r.Size))},
		{"receipt.checked", checked},
	} {
		lines = append(lines, w.words.T(l[0])+": "+l[1])
	}
	d := dialog.NewCustomConfirm(w.words.T("receipt.title"), w.words.T("result.reveal"), w.words.T("close"), broad(strings.Join(lines, "\n")), func(reveal bool) {
		if reveal {
			w.desk.Handing.Reveal(path)
		}
	}, w.window)
	w.over = d
	d.Show()
}

// broad is a text of several lines as wide as the help.
func broad(text string) fyne.CanvasObject {
	label := widget.NewLabel(text)
	label.Wrapping = fyne.TextWrapWord
	label.Resize(fyne.NewSize(helpWidth, 0)) // it knows its height once it is as wide
	room := canvas.NewRectangle(color.Transparent)
	room.SetMinSize(fyne.NewSize(helpWidth, label.MinSize().Height))
	return container.NewStack(room, label)
}

// wish does what the person wants of a delivery; what cannot be undone is asked about.
func (w *Window) wish(id string, wish present.Wish) {
	if wish != present.WishDiscard {
		w.desk.Sent.Do(id, wish)
		return
	}
	ask := dialog.NewConfirm(w.words.T("sent.discard.title"), w.words.T("sent.discard.text"), func(yes bool) {
		if yes {
			w.desk.Sent.Do(id, wish)
		}
	}, w.window)
	ask.SetConfirmText(w.words.T("sent.act.discard"))
	ask.SetDismissText(w.words.T("sent.discard.no"))
	w.over = ask
	ask.Show()
}

// withFile does something with the file of the delivery that is selected.
func withFile(do func(w *Window, path string)) func(*Window) {
	return func(w *Window) {
		if row := w.desk.Sent.State().Chosen(); row != nil && row.Path != "" {
			do(w, row.Path)
		}
	}
}

// sentKeys choose deliveries and do what their buttons do.
func sentKeys() keyGroup {
	wish := func(wishes ...present.Wish) func(*Window) {
		return func(w *Window) { w.desk.Sent.DoSelected(wishes...) }
	}
	return keyGroup{"sent", []present.Place{present.PlaceSent}, []act{
		{name: "row", strokes: plain(fyne.KeyUp, fyne.KeyDown), do: func(w *Window, s stroke) {
			_, up := arrow(s.key)
			w.desk.Sent.Select(w.desk.Sent.State().Selected - int(up))
		}},
		by("firstcard", plain(fyne.KeyHome), func(w *Window) { w.desk.Sent.Select(0) }),
		by("lastcard", plain(fyne.KeyEnd), func(w *Window) { w.desk.Sent.Select(len(w.desk.Sent.State().Rows) - 1) }),
		byEnter("openrow", withFile(func(w *Window, path string) { w.desk.OpenFiles([]string{path}) })),
		by("pausesent", plain(fyne.KeySpace), wish(present.WishPause, present.WishResume)),
		by("undosent", held(ctrl, fyne.KeyZ), wish(present.WishCancel)),
		by("retrysent", plain(fyne.KeyR), wish(present.WishRetry)),
		by("discardsent", plain(fyne.KeyDelete), func(w *Window) {
			if row := w.desk.Sent.State().Chosen(); row != nil && row.Can(present.WishDiscard) != nil {
				w.wish(row.ID, present.WishDiscard)
			}
		}),
		by("receipt", plain(fyne.KeyB), func(w *Window) {
			if row := w.desk.Sent.State().Chosen(); row != nil && row.Receipt != "" {
				w.desk.Handing.Receipt(row.Receipt)
			}
		}),
		by("printsent", held(ctrl, fyne.KeyP), withFile(func(w *Window, path string) { w.desk.Handing.AskPrint(path) })),
		by("copysent", held(ctrl, fyne.KeyC), withFile(func(w *Window, path string) { w.desk.Handing.Copy([]string{path}) })),
		by("revealsent", held(ctrl, fyne.KeyReturn), withFile(func(w *Window, path string) { w.desk.Handing.Reveal(path) })),
	}}
}
