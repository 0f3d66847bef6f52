package present

import (
	"kyso/app/docsys"
	"kyso/app/signing"
)

// Place is one of the window's places.
type Place string

// The places.
const (
	PlaceQueue    Place = "queue"
	PlaceSent     Place = "sent"
	PlaceBoard    Place = "board"
	PlaceSettings Place = "settings"
	PlaceDoctor   Place = "doctor"
	PlaceReader   Place = "reader"
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
}

// Desktop joins the presenters: what one decides, the others follow.
type Desktop struct {
	Queue    *Queue
	Reader   *Reader
	Ceremony *Ceremony
	Board    *Board
	Sent     *Sent
	Doctor   *Doctor

	state DesktopState
	back  Place

	// Changed is told each new state.
	Changed func(DesktopState)
}

// NewDesktop makes the presenters of one window.
func NewDesktop(s *Services, l Loop) *Desktop {
	d := &Desktop{
		Queue: newQueue(s, l), Reader: newReader(s, l), Ceremony: newCeremony(s, l), Board: newBoard(s, l), Sent: newSent(s, l),
		Doctor:  newDoctor(s, l),
		state:   DesktopState{Place: PlaceQueue, Person: s.Person, Demonstration: s.Demonstration},
		back:    PlaceQueue,
		Changed: func(DesktopState) {},
	}
	d.Queue.Open = d.open
	d.Board.Open = d.open
	d.Queue.Counted = func(n int) { d.state.Waiting = n; d.Changed(d.state) }
	d.Sent.Counted = func(n int) { d.state.UnderWay = n; d.Changed(d.state) }
	d.Board.Figure = d.Ceremony.remember
	d.Reader.Waiting = d.Queue.documents
	d.Reader.Sign = func(j signing.Job) { d.Ceremony.Begin(j, d.Reader.State().Title) }
	d.Ceremony.Signed = func(j signing.Job) {
		local := ""
		if j.Document == nil {
			local = j.Path
		}
		d.Queue.done(j.Document, local)
	}
	d.Ceremony.Closed = func(signed bool) {
		if signed {
			d.Leave()
			d.refreshAll()
		}
	}
	return d
}

// State gives the state as it is.
func (d *Desktop) State() DesktopState { return d.state }

// Start loads what the first view shows.
func (d *Desktop) Start() {
	d.Changed(d.state)
	d.refreshAll()
	d.Ceremony.Prepare()
}

// refreshAll asks for everything anew.
func (d *Desktop) refreshAll() {
	d.Queue.Refresh()
	d.Sent.Refresh()
	d.Board.Refresh()
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
	case PlaceSettings, PlaceReader:
	}
}

// Go shows a place.
func (d *Desktop) Go(p Place) {
	if d.state.Place == PlaceReader && p != PlaceReader {
		d.Reader.Close()
	}
	d.state.Place, d.state.Notice = p, Text{}
	d.Changed(d.state)
	if p == PlaceDoctor {
		d.Doctor.Visit()
		return
	}
	d.Refresh()
}

// Leave goes from the document back to where it was opened.
func (d *Desktop) Leave() {
	if d.state.Place == PlaceReader {
		d.Go(d.back)
	}
}

// OpenFiles takes local files: one is opened at once, several wait in the queue.
func (d *Desktop) OpenFiles(paths []string) {
	if len(paths) == 0 {
		return
	}
	taken := d.Queue.AddFiles(paths)
	switch {
	case taken == 0:
		d.state.Notice = say("queue.notpdf")
		d.Changed(d.state)
	case taken == 1 && len(paths) == 1:
		d.open(nil, paths[0])
	default:
		d.Go(PlaceQueue)
	}
}

// open shows a document.
func (d *Desktop) open(doc *docsys.Document, path string) {
	if p := d.Ceremony.State().Phase; p == Working || p == Asking {
		return // what is being signed stays in view
	}
	if d.state.Place != PlaceReader {
		d.back = d.state.Place
	}
	d.state.Place, d.state.Notice = PlaceReader, Text{}
	d.Changed(d.state)
	d.Reader.Show(doc, path)
	d.Ceremony.Prepare()
}
