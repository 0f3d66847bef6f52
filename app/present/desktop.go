package present

import (
	"context"
	"slices"

	"kyso/app/docsys"
	"kyso/app/signing"
	"kyso/app/signrate"
)

// Place is one of the window's places.
type Place string

// The places.
const (
	PlaceQueue    Place = "queue"
	PlaceSent     Place = "sent"
	PlaceBoard    Place = "board"
	PlaceSettings Place = "settings"
	PlaceStudio   Place = "studio" // pictures of marks, behind the settings
	PlaceDoctor   Place = "doctor"
	PlaceHistory  Place = "history" // what was signed on this computer
	PlaceReader   Place = "reader"
	PlaceContact  Place = "contact" // the contact sheet of a batch
	PlaceBatch    Place = "batch"   // a batch that is being signed, and its result
	PlaceTour     Place = "tour"    // first steps
)

// DesktopState is the window's frame: where the person is, what is counted.
type DesktopState struct {
	Place Place
	// Waiting and UnderWay are the counts beside the places' names.
	Waiting, UnderWay int
	Person            docsys.Person
	Demonstration     bool
	// Notice is a passing word, such as files that were not taken.
	Notice Text
	// Alarm says that the server's history was rewritten; it stays until the person
	// accepts it.
	Alarm *Problem
	// LogIn says in one line that the person must log in, and what waits for it; Again
	// that he was logged in before. The zero Text when he need not.
	LogIn Text
	Again bool
	// OnTour reports that the person left the tour to look at something and may
	// want to go back to it.
	OnTour bool
	// OfferTour offers the tour for newcomers.
	OfferTour bool
}

// Desktop joins the presenters: what one decides, the others follow.
type Desktop struct {
	Queue    *Queue
	Reader   *Reader
	Contact  *Contact
	Batch    *Batch
	Left     *Left
	Recent   *Recent
	Tour     *Tour
	Ceremony *Ceremony
	Board    *Board
	Sent     *Sent
	Doctor   *Doctor
	Settings *Settings
	Studio   *Studio
	History  *History
	Handing  *Handing
	Closing  *Closing

	loop  Loop
	state DesktopState
	back  Place

	nobody bool // the server says that nobody is logged in
	waits  int  // documents that wait for the log-in
	was    bool // somebody was logged in since the start

	// Changed is told each new state.
	Changed func(DesktopState)
	// Summed is told what of the deliveries is told beside the queue.
	Summed func(SentSummary)
	// Alert is told what happened that the person may not see: how many, never which
	// documents, for a desktop shows it to whoever sits there.
	Alert func(Text)
}

// NewDesktop makes the presenters of one window.
func NewDesktop(s *Services, l Loop) *Desktop {
	d := &Desktop{
		loop:  l,
		Queue: newQueue(s, l), Reader: newReader(s, l), Contact: newContact(s, l), Batch: newBatch(s, l), Left: newLeft(s, l), Recent: newRecent(s, l), Tour: newTour(s, l), Ceremony: newCeremony(s, l), Board: newBoard(s, l), Sent: newSent(s, l),
		Doctor: newDoctor(s, l), Settings: newSettings(s, l), Studio: newStudio(s, l), History: newHistory(s, l), Handing: newHanding(s, l),
		state:   DesktopState{Place: PlaceQueue, Person: s.Person, Demonstration: s.Demonstration},
		back:    PlaceQueue,
		was:     s.Person.Name != "",
		Changed: func(DesktopState) {}, Alert: func(Text) {}, Summed: func(SentSummary) {},
	}
	d.Closing = newClosing(s, l, d.Sent, d.AtWork)
	d.Closing.Place = d.Go
	d.Closing.Alert = func(t Text) { d.Alert(t) }
	d.Queue.Open = d.open
	d.Board.Open = d.open
	d.Recent.Open = func(path string) { d.OpenFiles([]string{path}) }
	d.Queue.OpenTogether = d.openTogether
	d.Queue.Counted = func(n int) { d.state.Waiting = n; d.Changed(d.state) }
	d.followSent()
	d.Settings.Place = d.Go
	d.Settings.Arrived = d.arrived
	d.Queue.Arrived = func(n int) {
		if d.Closing.State().Phase != WindowHidden { // who closed the window is at work no more
			d.Alert(say("alert.arrived", "Count", n))
		}
	}
	d.Board.Figure = func(f *signrate.Figure) {
		d.Ceremony.remember(f)
		d.Batch.figure(f)
	}
	d.joinPractice()
	d.Reader.Waiting = d.Queue.documents
	d.Reader.Sign = func(j signing.Job) { d.Ceremony.Begin(j, d.Reader.State().Title) }
	d.Contact.Sign = d.signTogether
	d.Ceremony.Batch = func(k signing.Key, jobs []signing.Job, pin []byte) {
		d.Go(PlaceBatch)
		d.Batch.Begin(k, jobs, pin)
	}
	d.Batch.Ask = d.Ceremony.Ask
	d.Batch.Ended = d.batchEnded
	d.Left.Resume = d.resume
	d.Batch.Settled = d.refreshAll
	d.Ceremony.Signed = d.signed
	d.Ceremony.Closed = func(signed bool) {
		if signed {
			d.Leave()
			d.refreshAll()
		}
	}
	return d
}

// followSent has the window tell what becomes of deliveries, and whether anybody is
// logged in to deliver them.
func (d *Desktop) followSent() {
	d.Queue.LoggedIn = d.LoggedIn
	d.Sent.Counted = func(n int) { d.state.UnderWay = n; d.Changed(d.state) }
	d.Sent.Summed = func(s SentSummary) {
		d.Summed(s)
		d.Closing.follow()
		if d.waits != s.LogIn {
			d.waits = s.LogIn
			d.logInLine()
		}
	}
	d.Sent.TakenBack = d.Queue.Refresh
	d.Sent.Refused = func(n int) { d.Alert(say("alert.refused", "Count", n)) }
}

// joinPractice joins rehearsals and the tour to the rest.
func (d *Desktop) joinPractice() {
	d.Reader.Rehearse = func(j signing.Job) { d.Ceremony.Rehearse(j, d.Reader.State().Title) }
	d.Ceremony.Practised = func(path string) {
		if d.Reader.State().Practising {
			d.Tour.practised(path)
		}
	}
	d.Tour.Open = d.practise
	d.Tour.Place = func(p Place) {
		d.state.OnTour = p != PlaceTour
		d.Go(p)
	}
	d.Tour.Leave = func() { d.Go(PlaceQueue) }
	d.state.OfferTour = d.Tour.wanted()
}

// State gives the state as it is.
func (d *Desktop) State() DesktopState { return d.state }

// Start loads what the first view shows.
func (d *Desktop) Start() {
	d.Changed(d.state)
	d.refreshAll()
	d.Left.Refresh()
	d.Recent.Refresh()
}

// Ready is called when the window is painted: what the first view does not need
// is prepared now.
func (d *Desktop) Ready() {
	d.Ceremony.Prepare()
	d.Studio.refresh()
}

// refreshAll asks for everything anew.
func (d *Desktop) refreshAll() {
	d.Queue.Refresh()
	d.Sent.Refresh()
	d.Board.Refresh()
}

// Look asks the server what waits now, as time passes. While the person works on
// what is listed, the list stays as it is.
func (d *Desktop) Look() {
	if !d.busy() && d.Queue.State().Chosen == 0 {
		d.Queue.Refresh()
	}
}

// Happened is told what changed at the server: documents, figures or both. What
// the person works on stays as it is.
func (d *Desktop) Happened(documents, figures bool) {
	if documents {
		d.Look()
	}
	if figures && !d.busy() && d.Board.State().Asked == nil {
		d.Board.Refresh()
	}
}

// Refresh asks anew for what is shown.
func (d *Desktop) Refresh() {
	switch d.state.Place {
	case PlaceQueue:
		d.Queue.Refresh()
	case PlaceSent:
		d.Sent.Refresh()
	case PlaceBoard:
		d.Board.Refresh()
	case PlaceDoctor:
		d.Doctor.Run()
	case PlaceHistory:
		d.History.Refresh()
	case PlaceSettings, PlaceStudio, PlaceReader, PlaceContact, PlaceBatch, PlaceTour:
	}
}

// Go shows a place.
func (d *Desktop) Go(p Place) {
	if d.state.Place == PlaceReader && p != PlaceReader {
		d.Reader.Close()
	}
	if d.state.Place == PlaceContact && p != PlaceContact {
		d.Contact.Close()
	}
	d.state.Place, d.state.Notice = p, Text{}
	d.state.OfferTour = d.Tour.wanted()
	d.state.OnTour = d.state.OnTour && p != PlaceTour && p != PlaceQueue
	d.Changed(d.state)
	switch p {
	case PlaceTour:
		d.Tour.visit()
		return
	case PlaceDoctor:
		d.Doctor.Visit()
		return
	case PlaceSettings:
		d.Settings.Visit()
		return
	case PlaceStudio:
		d.Studio.Visit()
		return
	case PlaceSent:
		d.Sent.Visit()
		return
	case PlaceHistory:
		d.History.Refresh()
		return
	case PlaceQueue, PlaceBoard, PlaceReader, PlaceContact, PlaceBatch:
	}
	d.Refresh()
}

// arrived shows who has logged in and loads what waits for that person.
func (d *Desktop) arrived(p docsys.Person) {
	d.state.Person = p
	d.was = p.Name != "" // who has logged out is not told that the log-in has ended
	d.Changed(d.state)
	d.refreshAll()
	if d.state.Place == PlaceReader {
		d.Reader.again()
	}
}

// LoggedIn takes whether the server knows the person.
func (d *Desktop) LoggedIn(somebody bool) {
	d.nobody = !somebody
	d.was = d.was || somebody
	d.logInLine()
}

// logInLine says in one line that the person must log in.
func (d *Desktop) logInLine() {
	was := d.state.LogIn
	wasAgain := d.state.Again
	d.state.LogIn, d.state.Again = Text{}, d.was || d.waits > 0
	switch {
	case d.waits > 0:
		d.state.LogIn = say("login.waits", "Count", d.waits)
	case d.nobody && d.was:
		d.state.LogIn = say("login.ended")
	case d.nobody:
		d.state.LogIn = say("login.nobody")
	}
	if was.Key != d.state.LogIn.Key || was.Args["Count"] != d.state.LogIn.Args["Count"] || wasAgain != d.state.Again {
		d.Changed(d.state)
	}
}

// Known takes who the server says is logged in, as the program starts.
func (d *Desktop) Known(p docsys.Person) {
	if d.state.Person.Name == "" && p.Name != "" {
		d.Settings.services.Person = p
		d.arrived(p)
	}
}

// Leave goes from the document, or from the contact sheet, back to where it was opened.
func (d *Desktop) Leave() {
	switch d.state.Place {
	case PlaceReader:
		d.Go(d.back)
	case PlaceContact:
		d.Go(PlaceQueue)
	case PlaceBatch:
		if !d.Batch.State().Running {
			d.Go(PlaceQueue)
		}
	case PlaceQueue, PlaceSent, PlaceBoard, PlaceDoctor, PlaceHistory, PlaceSettings, PlaceStudio, PlaceTour:
	}
}

// OpenFiles takes local files and folders: one file is opened at once, several
// are shown together on the contact sheet; all wait in the queue, too.
func (d *Desktop) OpenFiles(paths []string) {
	switch {
	case len(paths) == 0:
		return
	case !slices.ContainsFunc(paths, func(p string) bool { return !isPDF(p) }):
		d.openFiles(paths, true, false)
		return
	}
	d.loop.Go(func(ctx context.Context) func() {
		files, more := pdfFiles(ctx, paths)
		return func() { d.openFiles(files, len(files) == len(paths), more) }
	})
}

// openFiles takes PDF files; all reports that nothing else was given, more that
// there were more than could be taken.
func (d *Desktop) openFiles(files []string, all, more bool) {
	d.Queue.AddFiles(files)
	switch {
	case len(files) == 0:
		d.notice(say("queue.notpdf"))
	case len(files) == 1 && all:
		d.open(nil, files[0])
	case len(files) == 1:
		d.Go(PlaceQueue)
	default:
		d.openTogether(d.Queue.newest(len(files)))
	}
	if more {
		d.notice(say("queue.toomany", "Count", mostFiles))
	}
}

// notice shows a passing word.
func (d *Desktop) notice(t Text) {
	d.state.Notice = t
	d.Changed(d.state)
}

// practise opens the sample letter of the tour.
func (d *Desktop) practise(path string) {
	if d.busy() {
		return
	}
	d.back = PlaceTour
	d.state.Place, d.state.Notice = PlaceReader, Text{}
	d.Changed(d.state)
	d.Reader.Sample(path)
}

// DeclineTour offers the tour no more.
func (d *Desktop) DeclineTour() {
	d.Tour.Decline()
	d.state.OfferTour = false
	d.Changed(d.state)
}

// openTogether shows many documents on one sheet.
func (d *Desktop) openTogether(items []Item) {
	if d.busy() {
		return
	}
	d.Reader.Close()
	d.state.Place, d.state.Notice = PlaceContact, Text{}
	d.Changed(d.state)
	d.Contact.Show(items)
	d.Ceremony.Prepare()
}

// busy reports that something is being signed: it stays in view.
func (d *Desktop) busy() bool {
	p := d.Ceremony.State().Phase
	return p == Working || p == Asking || d.Batch.State().Running
}

// AtWork reports that something is being signed, which the end of the window would
// break off.
func (d *Desktop) AtWork() bool {
	return d.Ceremony.State().Phase == Working || d.Batch.State().Running
}

// signTogether asks for the PIN of a batch; a batch of one is a document like any other.
func (d *Desktop) signTogether(jobs []signing.Job) {
	if len(jobs) == 1 {
		d.Ceremony.Begin(jobs[0], Item{jobs[0].Document, jobs[0].Path}.title())
		return
	}
	d.Ceremony.BeginMany(jobs)
}

// Audited takes what a check of the server's audit log found, nil for nothing.
func (d *Desktop) Audited(err error) {
	if (err == nil) != (d.state.Alarm == nil) {
		d.state.Alarm = d.Queue.services.problem(err)
		d.Changed(d.state)
	}
}

// AcceptAlarm takes the person's word that the server's history is another one for
// a reason, such as a restored backup.
func (d *Desktop) AcceptAlarm() {
	accept := d.Queue.services.AcceptAudit
	if accept == nil || d.state.Alarm == nil {
		return
	}
	d.loop.Go(func(context.Context) func() {
		err := accept()
		return func() {
			d.state.Alarm = d.Queue.services.problem(err)
			d.Changed(d.state)
		}
	})
}

// resume goes on with a batch of an earlier run.
func (d *Desktop) resume(id string) {
	if d.busy() {
		return
	}
	d.Go(PlaceBatch)
	d.Batch.Resume(id)
}

// batchEnded takes what was signed out of the queue.
func (d *Desktop) batchEnded() {
	for _, j := range d.Batch.signed() {
		d.signed(j)
	}
	d.refreshAll()
	d.Left.Refresh()
	d.Recent.Refresh()
}

// signed takes a signed document out of the queue.
func (d *Desktop) signed(j signing.Job) {
	local := ""
	if j.Document == nil {
		local = j.Path
	}
	d.Queue.done(j.Document, local)
}

// open shows a document.
func (d *Desktop) open(doc *docsys.Document, path string) {
	if d.busy() {
		return
	}
	if d.state.Place != PlaceReader {
		d.back = d.state.Place
	}
	d.state.Place, d.state.Notice = PlaceReader, Text{}
	d.Changed(d.state)
	d.Reader.Show(doc, path)
	if doc == nil {
		d.Recent.opened(path)
	}
	d.Ceremony.Prepare()
}
