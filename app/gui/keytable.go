package gui

import (
	"math"

	"fyne.io/fyne/v2"

	"kyso/app/present"
)

// stroke is one press of a key with what is held down meanwhile.
type stroke struct {
	key  fyne.KeyName
	held fyne.KeyModifier
}

// act is one line of the key table: what a person does with the keyboard.
type act struct {
	// name is the key of its text, after "keys.".
	name string
	// strokes do it. The sheet shows all of them.
	strokes []stroke
	// also do it too, for other keyboards; the sheet leaves them out.
	also []stroke
	do   func(*Window, stroke)
}

// keyGroup are the acts of some screens, under one heading of the sheet; groups with
// the same name that follow each other share it.
type keyGroup struct {
	// name is the key of its heading, after "keys.group.".
	name   string
	places []present.Place
	acts   []act
}

// What lies over a screen and takes the keys from it.
const (
	overSigning present.Place = "signing" // the dialog of signing
	overDialog  present.Place = "dialog"  // a question, or the choice of a file
	overHelp    present.Place = "help"
	overClosing present.Place = "closing" // the question whether to close the window
)

const (
	ctrl  = fyne.KeyModifierControl
	shift = fyne.KeyModifierShift
)

func plain(keys ...fyne.KeyName) []stroke { return held(0, keys...) }

func held(m fyne.KeyModifier, keys ...fyne.KeyName) []stroke {
	out := make([]stroke, len(keys))
	for i, k := range keys {
		out[i] = stroke{k, m}
	}
	return out
}

// Keys that many acts share.
func enter() (keys, also []stroke) { return plain(fyne.KeyReturn), plain(fyne.KeyEnter) }

func arrows(m fyne.KeyModifier) []stroke {
	return held(m, fyne.KeyLeft, fyne.KeyRight, fyne.KeyUp, fyne.KeyDown)
}

func byEnter(name string, do func(*Window)) act {
	keys, also := enter()
	return act{name, keys, also, simple(do)}
}

func byEscape(name string, do func(*Window)) act {
	return act{name: name, strokes: plain(fyne.KeyEscape), do: simple(do)}
}

func by(name string, keys []stroke, do func(*Window)) act {
	return act{name: name, strokes: keys, do: simple(do)}
}

// simple is for acts that do the same by all their keys.
func simple(do func(*Window)) func(*Window, stroke) { return func(w *Window, _ stroke) { do(w) } }

// listed are the places of the list at the left, in its order.
func listed() []present.Place {
	return []present.Place{present.PlaceQueue, present.PlaceSent, present.PlaceBoard, present.PlaceHistory, present.PlaceDoctor, present.PlaceSettings}
}

// keyTable has every key of the window. The window obeys it and the sheet of
// shortcuts is drawn from it, so the sheet cannot say what is not so. Where several
// lines take the same key on the same screen, the first one has it.
func keyTable() []keyGroup {
	return append([]keyGroup{
		everywhere(), queueKeys(), sentKeys(), readerKeys(), contactKeys(), batchKeys(), signingKeys(), studioKeys(), tourKeys(),
	}, placesKeys()...)
}

func everywhere() keyGroup {
	places := append(listed(), present.PlaceReader, present.PlaceContact, present.PlaceBatch, present.PlaceStudio)
	return keyGroup{"everywhere", places, []act{
		by("help", plain(fyne.KeyF1), (*Window).showHelp),
		by("open", held(ctrl, fyne.KeyO), (*Window).browse),
		by("tour", held(ctrl, fyne.KeyH), func(w *Window) { w.desk.Tour.Begin() }),
	}}
}

func placesKeys() []keyGroup {
	keys, also := enter()
	return []keyGroup{
		{"places", append(listed(), present.PlaceStudio), []act{{
			name: "place", strokes: held(ctrl, fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4, fyne.Key5, fyne.Key6),
			do: func(w *Window, s stroke) { w.desk.Go(listed()[s.key[0]-'1']) },
		}}},
		{"places", []present.Place{present.PlaceQueue, present.PlaceSent, present.PlaceBoard, present.PlaceHistory, present.PlaceDoctor}, []act{
			by("refresh", plain(fyne.KeyF5), func(w *Window) { w.desk.Refresh() }),
		}},
		{"places", []present.Place{present.PlaceSent, present.PlaceBoard, present.PlaceHistory, present.PlaceDoctor, present.PlaceSettings}, []act{
			byEscape("toqueue", func(w *Window) { w.desk.Go(present.PlaceQueue) }),
		}},
		{"dialog", []present.Place{overDialog, overHelp}, []act{byEscape("close", (*Window).closeOver)}},
		{"dialog", []present.Place{overClosing}, []act{
			{"stay", append(keys, plain(fyne.KeyEscape)...), also, simple(func(w *Window) { w.desk.Closing.Stay() })},
		}},
		{"dialog", []present.Place{overHelp}, []act{
			{"scroll", plain(fyne.KeyUp, fyne.KeyDown, fyne.KeyPageUp, fyne.KeyPageDown), plain(fyne.KeySpace), (*Window).scrollHelp},
		}},
	}
}

func queueKeys() keyGroup {
	return keyGroup{"queue", []present.Place{present.PlaceQueue}, []act{
		{name: "row", strokes: plain(fyne.KeyUp, fyne.KeyDown), do: func(w *Window, s stroke) {
			step := 1
			if s.key == fyne.KeyUp {
				step = -1
			}
			w.desk.Queue.Select(w.desk.Queue.State().Selected + step)
		}},
		byEnter("openrow", func(w *Window) { w.desk.Queue.OpenRow(w.desk.Queue.State().Selected) }),
		by("choose", plain(fyne.KeySpace), func(w *Window) { w.desk.Queue.Choose(w.desk.Queue.State().Selected) }),
		by("chooseall", held(ctrl, fyne.KeyA), func(w *Window) { w.desk.Queue.ChooseAll() }),
		by("together", held(ctrl, fyne.KeyReturn), func(w *Window) { w.desk.Queue.SignTogether() }),
		by("find", held(ctrl, fyne.KeyF), func(w *Window) { w.window.Canvas().Focus(w.queue.Find()) }),
	}}
}

func readerKeys() keyGroup {
	return keyGroup{"reader", []present.Place{present.PlaceReader}, []act{
		byEnter("sign", func(w *Window) { w.desk.Reader.Confirm() }),
		by("practise", held(ctrl, fyne.KeyT), func(w *Window) { w.desk.Reader.Practise() }),
		{name: "nudge", strokes: arrows(0), do: nudge(smallStep)},
		{name: "nudgemore", strokes: arrows(shift), do: nudge(largeStep)},
		by("nextmark", plain(fyne.KeyF6), func(w *Window) { w.reader.NextMark(1) }),
		by("previousmark", held(shift, fyne.KeyF6), func(w *Window) { w.reader.NextMark(-1) }),
		{"removemark", plain(fyne.KeyDelete), plain(fyne.KeyBackspace), simple(func(w *Window) { w.desk.Reader.RemoveMark() })},
		by("undo", held(ctrl, fyne.KeyZ), func(w *Window) { w.desk.Reader.Undo() }),
		by("pageup", plain(fyne.KeyPageUp), func(w *Window) { w.reader.Page(-1) }),
		{"pagedown", plain(fyne.KeyPageDown), plain(fyne.KeySpace), simple(func(w *Window) { w.reader.Page(1) })},
		by("firstpage", plain(fyne.KeyHome), func(w *Window) { w.reader.GoTo(1) }),
		by("lastpage", plain(fyne.KeyEnd), func(w *Window) { w.reader.GoTo(math.MaxInt32) }),
		by("goto", held(ctrl, fyne.KeyG), (*Window).askPage),
		zoomAct(),
		by("fit", held(ctrl, fyne.Key0), func(w *Window) { w.reader.FitWidth() }),
		by("search", held(ctrl, fyne.KeyF), func(w *Window) { w.reader.Search() }),
		by("nextfound", plain(fyne.KeyF3), func(w *Window) { w.reader.NextFound(1) }),
		by("previousfound", held(shift, fyne.KeyF3), func(w *Window) { w.reader.NextFound(-1) }),
		by("thumbs", plain(fyne.KeyF4), func(w *Window) { w.reader.ToggleThumbs() }),
		byEscape("leave", (*Window).escapeReader),
	}}
}

func tourKeys() keyGroup {
	return keyGroup{"tour", []present.Place{present.PlaceTour}, []act{
		byEnter("tournext", func(w *Window) { w.desk.Tour.Next() }),
		by("tourback", plain(fyne.KeyBackspace), func(w *Window) { w.desk.Tour.Back() }),
		byEscape("tourquit", func(w *Window) { w.desk.Tour.Quit() }),
	}}
}

// zoomAct makes what is shown larger or smaller.
func zoomAct() act {
	return act{"zoom", held(ctrl, fyne.KeyPlus, fyne.KeyMinus), held(ctrl, fyne.KeyEqual), func(w *Window, s stroke) {
		if s.key == fyne.KeyMinus {
			w.zoom(-1)
		} else {
			w.zoom(1)
		}
	}}
}

func contactKeys() keyGroup {
	to := func(card func(*Window) int) func(*Window) {
		return func(w *Window) { w.desk.Contact.Select(card(w)) }
	}
	return keyGroup{"contact", []present.Place{present.PlaceContact}, []act{
		byEnter("signall", func(w *Window) { w.desk.Contact.Confirm() }),
		{name: "card", strokes: arrows(0), do: func(w *Window, s stroke) {
			dx, dy := arrow(s.key)
			w.desk.Contact.Select(w.desk.Contact.State().Selected + int(dx) - int(dy)*w.contact.Columns())
		}},
		{name: "nudge", strokes: arrows(shift), do: func(w *Window, s stroke) {
			dx, dy := arrow(s.key)
			w.desk.Contact.Nudge(dx*smallStep, dy*smallStep)
		}},
		by("skip", plain(fyne.KeySpace), func(w *Window) { w.desk.Contact.Skip(w.desk.Contact.State().Selected) }),
		by("firstcard", plain(fyne.KeyHome), to(func(*Window) int { return 0 })),
		by("lastcard", plain(fyne.KeyEnd), to(func(w *Window) int { return len(w.desk.Contact.State().Cards) - 1 })),
		zoomAct(),
		byEscape("leave", func(w *Window) { w.desk.Leave() }),
	}}
}

func batchKeys() keyGroup {
	keys, also := enter()
	return keyGroup{"batch", []present.Place{present.PlaceBatch}, []act{
		{"leavebatch", append(keys, plain(fyne.KeyEscape)...), also, simple(func(w *Window) { w.desk.Leave() })},
	}}
}

func signingKeys() keyGroup {
	return keyGroup{"signing", []present.Place{overSigning}, []act{
		byEnter("confirm", func(w *Window) { w.ceremony.Enter() }),
		{name: "certificate", strokes: plain(fyne.KeyUp, fyne.KeyDown), do: func(w *Window, s stroke) {
			_, up := arrow(s.key)
			w.desk.Ceremony.Step(-int(up))
		}},
		byEscape("cancel", func(w *Window) { w.desk.Ceremony.Leave() }),
	}}
}

func studioKeys() keyGroup {
	return keyGroup{"studio", []present.Place{present.PlaceStudio}, []act{
		byEnter("keep", func(w *Window) { w.desk.Studio.Keep() }),
		by("undostroke", held(ctrl, fyne.KeyZ), func(w *Window) { w.desk.Studio.Undo() }),
		byEscape("tosettings", func(w *Window) { w.desk.Go(present.PlaceSettings) }),
	}}
}

// nudge moves the chosen mark by points.
func nudge(step float64) func(*Window, stroke) {
	return func(w *Window, s stroke) {
		dx, dy := arrow(s.key)
		w.desk.Reader.Nudge(dx*step, dy*step)
	}
}
