// Package gui is the window: it joins the presenters of package present to the
// screens, and gives the keyboard, dropped files and dialogs their way. It
// decides nothing that a presenter could decide.
package gui

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/screen"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// Options say how the window looks and what it may ask of the desktop.
type Options struct {
	Words *words.Words
	Theme theme.Theme
	// Drag begins to drag files out of the window; nil where that is not possible.
	Drag func(paths []string) (moved, dropped func())
	// Notify shows a passing note of the desktop, and then calls then, which may be
	// nil, on the window's goroutine; nil shows none.
	Notify func(title, text string, then func())
	// Tray shows the program's icon beside the desktop's clock with a menu, or gives it
	// another menu; nil where that is not possible.
	Tray func(menu []TrayItem)
	// Reopen is told before the window closes that the program is to be opened again;
	// nil where it cannot.
	Reopen func()
	// Painted is called once, when the first frame is painted; it may be nil.
	Painted func()
	// Frames is told of every painted frame; nil measures nothing and costs nothing.
	Frames Frames
	// Load gives the words of another language.
	Load func(words.Language) (*words.Words, error)
}

// Window is the program's one window.
type Window struct {
	app      fyne.App
	window   fyne.Window
	desk     *present.Desktop
	options  Options
	words    *words.Words
	shown    present.Place
	away     bool // the person works in another window
	hidden   bool // only the icon beside the clock is there
	painted  bool // Painted was told, or there is nobody to tell
	dialog   *widget.PopUp
	help     *container.Scroll   // text of the help while it is shown, else nil
	over     interface{ Hide() } // a dialog or the choice of a file, the last one; nil when there was none
	leaving  *widget.PopUp       // the question whether to close; nil when there is none
	frame    *fyne.Container     // holds one place
	table    []keyGroup          // what keys do
	shifted  func() bool         // Shift is held down
	shell    fyne.CanvasObject
	told     *control.Note // a passing word
	toldRoom *fyne.Container
	login    [2]*screen.LogInLine // over the list and its screens, over those without the list
	nav      *navigation

	queue    *screen.Queue
	tour     *screen.Tour
	contact  *screen.Contact
	batch    *screen.Batch
	reader   *screen.Reader
	ceremony *screen.Ceremony
	board    *screen.Board
	// explanation is written in asking, a dialog over the board.
	explanation *screen.Explanation
	asking      *widget.PopUp
	sent        *screen.Sent
	doctor      *screen.Doctor
	settings    *screen.Settings
	ask         *screen.Ask
	question    *widget.PopUp // holds ask
	studio      *screen.Studio
	history     *screen.History
}

// firstSize is the window's size at the first start, in window units.
const (
	firstWidth  = 1200
	firstHeight = 800
)

// New makes the window for presenters; it is not shown yet.
func New(a fyne.App, d *present.Desktop, o Options) *Window {
	w := &Window{app: a, window: a.NewWindow(o.Words.T("app.title")), desk: d, options: o, words: o.Words, table: keyTable()}
	w.shifted = func() bool {
		d, ok := a.Driver().(desktop.Driver)
		return ok && d.CurrentKeyModifiers()&fyne.KeyModifierShift != 0
	}
	a.Settings().SetTheme(o.Theme)
	w.painted = o.Painted == nil
	w.window.SetPadded(false)
	w.window.SetMaster()
	w.window.Resize(keptSize(a.Preferences()))
	w.window.CenterOnScreen()
	w.window.SetCloseIntercept(w.closing)
	a.Lifecycle().SetOnExitedForeground(func() { w.away = true })
	a.Lifecycle().SetOnEnteredForeground(func() { w.away = false })
	w.window.SetOnDropped(func(_ fyne.Position, dropped []fyne.URI) { w.dropped(dropped) })
	w.build()
	w.bind()
	w.keys()
	return w
}

// Show shows the window and has the presenters load.
func (w *Window) Show() {
	w.desk.Start()
	w.window.Show()
}

// Raise brings the window to the front with other files to open.
func (w *Window) Raise(paths []string) {
	w.Front()
	w.desk.OpenFiles(paths)
}

// Canvas is where the window paints; tests drive it.
func (w *Window) Canvas() fyne.Canvas { return w.window.Canvas() }

// build makes the screens in the language of now.
func (w *Window) build() {
	d, t := w.desk, w.words
	w.queue = screen.NewQueue(t, screen.QueueActs{
		Open: d.Queue.OpenRow, Refresh: d.Refresh, Browse: w.browse, Choose: d.Queue.Choose,
		Together: d.Queue.SignTogether, Search: d.Queue.Search, Filter: d.Queue.Filter, Sort: d.Queue.Sort,
		Recent: d.Recent.Choose, Forget: d.Recent.Clear, Sent: func() { d.Go(present.PlaceSent) },
	})
	w.contact = screen.NewContact(t, screen.ContactActs{
		Back: d.Leave, Sign: d.Contact.Confirm, Select: d.Contact.Select, Skip: d.Contact.Skip,
		Want: d.Contact.Want, Move: d.Contact.Move,
	})
	w.reader = screen.NewReader(t, screen.ReaderActs{
		Back: d.Leave, Sign: d.Reader.Confirm, Practise: d.Reader.Practise, Want: d.Reader.Want,
		Grab: d.Reader.Grab, Move: d.Reader.MoveMark, Drop: d.Reader.Drop, Zoom: d.Reader.Zoom, Fit: d.Reader.FitWidth, Role: d.Reader.SetRole, Unlock: d.Reader.Unlock, Vouch: d.Reader.Vouch, Block: d.Reader.SetBlock,
		Choose: d.Reader.Choose, WantSmall: d.Reader.WantSmall, Initials: d.Reader.SetInitials, NextMark: d.Reader.NextMark,
		Search: screen.SearchActs{Open: d.Reader.OpenSearch, Close: d.Reader.CloseSearch, Find: d.Reader.Find, Next: d.Reader.NextFound},
	})
	w.ceremony = screen.NewCeremony(t, screen.CeremonyActs{
		Select: d.Ceremony.Select, Step: d.Ceremony.Step, Fits: d.Ceremony.PINFits, Confirm: d.Ceremony.Confirm,
		Again: d.Ceremony.Again, Leave: d.Ceremony.Leave, Files: w.filesInPlace(),
		Understand: d.Ceremony.Understand,
	})
	w.batch = screen.NewBatch(t, screen.BatchActs{
		Pause: d.Batch.TogglePause, Cancel: d.Batch.Cancel, Again: d.Batch.TryAgain, Leave: d.Leave, Files: w.filesInPlace(),
	})
	w.buildBoard()
	w.sent = screen.NewSent(t, screen.SentActs{
		Refresh: d.Refresh, Retry: d.Sent.Retry, Hold: d.Sent.ToggleHold, Select: d.Sent.Select, Filter: d.Sent.Show,
		Do: w.wish, Receipt: d.Handing.Receipt, Files: w.files(),
	})
	w.doctor = screen.NewDoctor(t, screen.DoctorActs{
		Again: d.Doctor.Run, Stop: d.Doctor.Stop, Save: d.Doctor.Save, Reveal: d.Handing.Reveal,
		Copy: func() { w.app.Clipboard().SetContent(d.Doctor.Copied()) },
	})
	w.tour = screen.NewTour(t, screen.TourActs{
		Next: d.Tour.Next, Back: d.Tour.Back, Skip: d.Tour.Skip, Quit: d.Tour.Quit, Look: d.Tour.Look, Reveal: d.Handing.Reveal,
		Open: func(path string) { d.OpenFiles([]string{path}) },
	})
	w.buildSettings()
	w.buildStudio()
	w.buildHistory()
	w.nav = newNavigation(t, d.State(), d.Go)
	w.frame, w.told = container.NewStack(), control.NewNote()
	w.toldRoom = container.NewStack(pad(w.told, 6, 20))
	w.toldRoom.Hide()
	w.login = [2]*screen.LogInLine{screen.NewLogInLine(t, d.Settings.LogInAgain), screen.NewLogInLine(t, d.Settings.LogInAgain)}
	w.shell = container.NewStack(container.NewBorder(nil, nil, w.nav.Object, nil, container.NewBorder(w.login[0].Object, w.toldRoom, nil, nil, w.frame)), w.probe())
	w.dialog = widget.NewModalPopUp(w.ceremony.Object, w.window.Canvas())
	w.dialog.Hide()
	w.shown = ""
}

// probe is an object of one pixel that tells when it is painted first.
func (w *Window) probe() fyne.CanvasObject {
	r := canvas.NewRaster(func(int, int) image.Image {
		if !w.painted {
			w.painted = true
			w.options.Painted()
		}
		return image.NewNRGBA(image.Rect(0, 0, 1, 1))
	})
	r.Resize(fyne.NewSize(1, 1))
	return container.NewWithoutLayout(r)
}

// bind has the presenters' states drawn.
func (w *Window) bind() {
	d := w.desk
	d.Changed = w.show
	d.Alert = w.alert
	d.Closing.Changed = w.showClosing
	d.Queue.Changed = func(s present.QueueState) { w.queue.Show(s) }
	w.bindPapers()
	d.Doctor.Changed = func(s present.DoctorState) { w.doctor.Show(s) }
	d.Doctor.Screen = w.screen
	d.Board.Changed = w.showBoard
	d.Batch.Changed = w.batch.Show
	d.Recent.Changed = w.queue.Recent
	d.Tour.Changed = w.tour.Show
	d.Left.Changed = func(s present.LeftState) { w.queue.Left(s, d.Left.Resume, d.Left.Forget) }
	d.Contact.Changed = w.contact.Show
	d.Contact.CardChanged = w.contact.ShowCard
	d.Contact.Picture = w.contact.Picture
	w.bindSettings()
	d.Reader.Changed = w.showReader
	d.Reader.MarkMoved = func(s present.ReaderState) { w.reader.ShowMark(s) }
	d.Reader.Searched = w.reader.ShowSearch
	d.Reader.Picture, d.Reader.Thumbnail = w.reader.Picture, w.reader.Thumbnail
	d.Ceremony.Changed = w.showCeremony
	w.show(d.State())
}

// alert tells the person who works in another window what happened.
func (w *Window) alert(t present.Text) {
	if w.away && w.options.Notify != nil {
		w.options.Notify(w.words.T("app.name"), w.words.Say(t), nil)
	}
}

// show draws the frame: the place that is chosen, and the counts.
func (w *Window) show(s present.DesktopState) {
	w.nav.show(s)
	w.queue.Notice(w.words.Say(s.Notice))
	w.queue.Alarm(s.Alarm, w.desk.AcceptAlarm)
	for _, l := range w.login {
		if content := w.window.Content(); l.Show(s) && content != nil {
			content.Refresh()
		}
	}
	w.queue.OfferTour(s.OfferTour, w.desk.Tour.Begin, w.desk.DeclineTour)
	if w.shown == s.Place {
		return
	}
	w.shown = s.Place
	w.say("")
	w.window.Canvas().Unfocus() // on the screen that goes: it comes back as it is
	w.turn(s.Place)
	w.window.Canvas().Unfocus()
}

// turn shows the screen of a place.
func (w *Window) turn(p present.Place) {
	switch p {
	case present.PlaceReader:
		w.fill(w.whole(w.reader.Object))
		return
	case present.PlaceContact:
		w.fill(w.whole(w.contact.Object))
		return
	case present.PlaceBatch:
		w.fill(w.whole(w.batch.Object))
		return
	case present.PlaceTour:
		w.window.SetContent(w.tour.Object)
		return
	case present.PlaceQueue, present.PlaceSent, present.PlaceBoard, present.PlaceDoctor, present.PlaceHistory, present.PlaceSettings, present.PlaceStudio:
	}
	w.frame.Objects = []fyne.CanvasObject{w.place(p)}
	w.frame.Refresh()
	w.fill(w.shell)
}

// whole is a screen without the list of places.
func (w *Window) whole(o fyne.CanvasObject) fyne.CanvasObject {
	return container.NewBorder(w.login[1].Object, nil, nil, nil, o)
}

// place gives the screen of a place.
func (w *Window) place(p present.Place) fyne.CanvasObject {
	switch p {
	case present.PlaceSent:
		return w.sent.Object
	case present.PlaceBoard:
		return w.board.Object
	case present.PlaceSettings:
		return w.settings.Object
	case present.PlaceStudio:
		return w.studio.Object
	case present.PlaceHistory:
		return w.history.Object
	case present.PlaceDoctor:
		return w.doctor.Object
	case present.PlaceQueue, present.PlaceReader, present.PlaceContact, present.PlaceBatch, present.PlaceTour:
	}
	return w.queue.Object
}

// showCeremony draws the dialog of signing, and gives the PIN the keyboard.
func (w *Window) showCeremony(s present.CeremonyState) {
	focus := w.ceremony.Show(s)
	if s.Phase == present.Idle {
		w.lower(w.dialog)
		return
	}
	if !w.dialog.Visible() {
		w.dialog.Show()
	}
	w.fit(w.dialog, fyne.Size{})
	switch {
	case s.Phase != present.Asking:
		w.window.Canvas().Unfocus() // Enter belongs to the dialog's button now
	case focus || (s.AskPIN && s.Selected >= 0):
		w.window.Canvas().Focus(w.ceremony.PIN)
	}
}

// fit makes a dialog that is shown as large as what is in it, at least of a size,
// and puts it into the middle again.
func (w *Window) fit(p *widget.PopUp, least fyne.Size) {
	p.Content.Refresh() // a text that gets its width only now has another height
	p.Resize(p.Content.MinSize().Max(least))
	for _, o := range w.window.Canvas().Overlays().List() {
		o.Refresh()
	}
}

// lower takes a dialog away with what has its keyboard; the keys are the screen's again.
func (w *Window) lower(p *widget.PopUp) {
	w.window.Canvas().Unfocus() // in the dialog, which comes back as it is
	p.Hide()
	w.window.Canvas().Unfocus()
}

// showReader draws the document, and gives a password that is asked for the keyboard.
func (w *Window) showReader(s present.ReaderState) {
	w.reader.Show(s)
	switch c := w.window.Canvas(); {
	case s.Locked && w.shown == present.PlaceReader:
		c.Focus(w.reader.Password())
	case c.Focused() == w.reader.Password():
		c.Unfocus() // Enter signs now
	}
}

// screen tells where the window is shown.
func (w *Window) screen() present.Screen {
	scale := w.window.Canvas().Scale()
	size := w.window.Canvas().Size()
	return present.Screen{Width: int(size.Width * scale), Height: int(size.Height * scale), Scale: float64(scale)}
}

// speak changes the language: the screens are made anew and the states drawn again.
func (w *Window) speak(l words.Language) {
	loaded, err := w.options.Load(l)
	if err != nil || l == w.words.Language {
		return // the texts are built in, and the tests load both languages
	}
	w.words = loaded
	w.window.SetTitle(loaded.T("app.title"))
	w.build()
	w.bind()
	d := w.desk
	w.queue.Show(d.Queue.State())
	d.Left.Changed(d.Left.State())
	w.queue.Recent(d.Recent.State())
	w.tour.Show(d.Tour.State())
	w.sent.Show(d.Sent.State())
	d.Sent.Sum()
	w.showBoard(d.Board.State())
	d.Doctor.Say()
	w.studio.Show(d.Studio.State())
}

// browse asks for a PDF file.
func (w *Window) browse() {
	w.askFile([]string{".pdf", ".PDF"}, func(path string) { w.desk.OpenFiles([]string{path}) })
}

// dropped opens files that were dropped on the window.
func (w *Window) dropped(uris []fyne.URI) {
	var paths []string
	for _, u := range uris {
		paths = append(paths, u.Path())
	}
	w.desk.OpenFiles(paths)
}
