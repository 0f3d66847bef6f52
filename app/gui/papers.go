package gui

import (
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
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
	d.Handing.Failed = func(p present.Problem) { w.textDialog(p.Title, p.Cause+"\n\n"+p.Next) }
	d.Handing.Received = w.showReceipt
}

// tell shows a passing word: over the list where there is one, else over the screen.
func (w *Window) tell(t present.Text) {
	text := w.words.Say(t)
	if slices.Contains(listed(), w.shown) && !w.covered() {
		w.say(text)
		return
	}
	w.textDialog(text, "")
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
func (w *Window) textDialog(title, text string) {
	w.raise(over{title: title, content: broad(text), no: w.words.T("close")})
}

// askPrint asks on which printer, and how often.
func (w *Window) askPrint(a present.PrintAsk) {
	printer := control.NewSelect(a.Printers, nil)
	printer.SetSelected(a.Printers[0])
	copies := control.NewEntry()
	copies.SetText("1")
	form := widget.NewForm(
		widget.NewFormItem(w.words.T("file.print.file"), widget.NewLabel(a.Name)),
		widget.NewFormItem(w.words.T("file.print.printer"), printer),
		widget.NewFormItem(w.words.T("file.print.copies"), copies),
	)
	w.raise(over{
		title: w.words.T("file.print.title"), content: form, yes: w.words.T("file.print.yes"), no: w.words.T("cancel"), entry: copies,
		do: func() {
			n, err := strconv.Atoi(strings.TrimSpace(copies.Text))
			if err != nil {
				n = 1
			}
			w.desk.Handing.Print(a.Path, printer.Selected, n)
		},
	})
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
	w.raise(over{
		title: w.words.T("receipt.title"), content: broad(strings.Join(lines, "\n")), yes: w.words.T("result.reveal"), no: w.words.T("close"),
		do: func() { w.desk.Handing.Reveal(path) },
	})
}

// broad is a text of several lines.
func broad(text string) fyne.CanvasObject {
	label := widget.NewLabel(text)
	label.Wrapping = fyne.TextWrapWord
	return label
}

// wish does what the person wants of a delivery; what cannot be undone is asked about.
func (w *Window) wish(id string, wish present.Wish) {
	if wish != present.WishDiscard {
		w.desk.Sent.Do(id, wish)
		return
	}
	w.raise(over{
		title: w.words.T("sent.discard.title"), content: broad(w.words.T("sent.discard.text")),
		yes: w.words.T("sent.act.discard"), no: w.words.T("sent.discard.no"),
		do: func() { w.desk.Sent.Do(id, wish) },
	})
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
