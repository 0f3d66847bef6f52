package present

import "context"

// ClosingPhase says what becomes of the window.
type ClosingPhase string

// The phases.
const (
	WindowOpen   ClosingPhase = ""
	WindowAsking ClosingPhase = "asking" // whether it shall be closed
	WindowHidden ClosingPhase = "hidden" // its icon stays beside the clock, and documents are sent
	WindowEnded  ClosingPhase = "ended"
)

// ClosingState is how the window is closed.
type ClosingState struct {
	Phase ClosingPhase
	// Title, Text and Hint are the question's, Stay and Leave its answers; the first
	// one is meant by Enter and Escape.
	Title, Text, Hint Text
	Stay, Leave       Text
	// Status is told in the menu of the icon, the zero Text where there is nothing to tell.
	Status Text
	// Again says that the program is to be opened again once it ended.
	Again bool
	// Farewell is told by the desktop when the window ended by itself.
	Farewell Text
}

// Closing decides what the end of the window means for documents that are not
// delivered yet: the window hides and they are sent, or the person is asked. What is
// not sent stays in the outbox and is sent after the next start.
type Closing struct {
	services *Services
	loop     Loop
	sent     *Sent
	atWork   func() bool
	state    ClosingState
	looking  bool // whether there is a tray is being asked
	overWork bool // the question is about signing
	watched  map[string]bool

	// Changed is told each new state, Alert what the person must do, Place where that is done.
	Changed func(ClosingState)
	Alert   func(Text)
	Place   func(Place)
}

// newClosing makes the presenter of a window that is open; atWork reports that
// something is being signed.
func newClosing(s *Services, l Loop, sent *Sent, atWork func() bool) *Closing {
	return &Closing{
		services: s, loop: l, sent: sent, atWork: atWork, watched: map[string]bool{},
		Changed: func(ClosingState) {}, Alert: func(Text) {}, Place: func(Place) {},
	}
}

// State gives the state as it is.
func (c *Closing) State() ClosingState { return c.state }

// Close is called when the person closes the window.
func (c *Closing) Close() {
	switch {
	case c.state.Phase != WindowOpen || c.looking:
	case c.atWork():
		c.askAboutWork()
	case c.sent.open() == openDeliveries{}:
		c.set(ClosingState{Phase: WindowEnded})
	default:
		c.looking = true
		c.loop.Go(func(ctx context.Context) func() {
			tray := c.services.tray(ctx)
			return func() {
				c.looking = false
				c.decide(tray)
			}
		})
	}
}

// Reopen ends the program and opens it again, unless something is being signed. What
// is not delivered yet goes on then.
func (c *Closing) Reopen() {
	switch {
	case c.state.Phase != WindowOpen || c.looking:
	case c.atWork():
		c.askAboutWork()
	default:
		c.set(ClosingState{Phase: WindowEnded, Again: true})
	}
}

// decide hides the window, or asks. Meanwhile something may have been sent, or
// begun.
func (c *Closing) decide(tray bool) {
	open := c.sent.open()
	wanted, locked := c.wanted()
	switch {
	case c.atWork():
		c.askAboutWork()
	case open == openDeliveries{}:
		c.set(ClosingState{Phase: WindowEnded})
	case open.moving > 0 && wanted && tray:
		clear(c.watched)
		c.set(ClosingState{Phase: WindowHidden})
		c.follow()
	default:
		c.ask(open, hint(open, wanted, locked, tray))
	}
}

// wanted reports that the window shall hide while documents are sent, and that the
// administrator decided that.
func (c *Closing) wanted() (wanted, locked bool) {
	p := c.services.Preferences
	if p == nil {
		return false, true
	}
	policy, _, _ := p.Policy()
	return p.Effective().KeepSending, policy.Locks("keep_sending")
}

// hint says how the question is spared the next time, or why it could not be spared.
func hint(open openDeliveries, wanted, locked, tray bool) Text {
	switch {
	case open.moving == 0:
		return Text{}
	case wanted && !tray:
		return say("close.hint.notray")
	case !wanted && tray && !locked:
		return say("close.hint.setting")
	}
	return Text{}
}

// ask asks whether documents shall wait for the next start.
func (c *Closing) ask(open openDeliveries, hint Text) {
	c.overWork = false
	clear(c.watched)
	c.watch()
	s := ClosingState{
		Phase: WindowAsking, Title: say("close.unsent.title", "Count", open.moving+open.login), Text: say("close.unsent.text"), Hint: hint,
		Stay: say("close.unsent.stay"), Leave: say("close.unsent.leave"),
	}
	if open.moving == 0 {
		s.Text, s.Stay = say("close.login.text"), say("close.login.stay")
	}
	c.set(s)
}

// askAboutWork asks whether signing shall be broken off.
func (c *Closing) askAboutWork() {
	c.overWork = true
	c.set(ClosingState{Phase: WindowAsking, Title: say("close.title"), Text: say("close.text"), Stay: say("close.no"), Leave: say("close.yes")})
}

// Stay is the answer that keeps the window. Where only a log-in is missing, it
// leads to the deliveries.
func (c *Closing) Stay() {
	if c.state.Phase != WindowAsking {
		return
	}
	login := !c.overWork && c.sent.open().moving == 0
	c.set(ClosingState{})
	if login && !c.atWork() {
		c.Place(PlaceSent)
	}
}

// Leave is the answer that closes the window, and the end that the icon's menu
// offers. From there it asks when something is being signed.
func (c *Closing) Leave() {
	if c.state.Phase == WindowEnded {
		return
	}
	if c.state.Phase != WindowAsking && c.atWork() {
		c.askAboutWork()
		return
	}
	c.set(ClosingState{Phase: WindowEnded})
}

// Return brings a hidden window back.
func (c *Closing) Return() {
	if c.state.Phase == WindowHidden {
		c.set(ClosingState{})
	}
}

// watch remembers what is on its way now.
func (c *Closing) watch() {
	for _, d := range c.sent.all {
		if d.moves(c.sent.held) {
			c.watched[d.ID] = true
		}
	}
}

// follow takes a change of the deliveries: when all of them are there the window
// ends, and what needs the person keeps it.
func (c *Closing) follow() {
	asking := c.state.Phase == WindowAsking && !c.overWork
	if !asking && c.state.Phase != WindowHidden {
		return
	}
	c.watch()
	open := c.sent.open()
	there, stopped, login := c.arrived()
	switch {
	case open.moving > 0:
		c.tell(say("tray.left", "Count", open.moving))
	case stopped > 0:
		if c.tell(say("tray.stopped", "Count", stopped)) && login > 0 {
			c.Alert(say("alert.login", "Count", login))
		}
	case open.login > 0: // the question stays
	case there > 0:
		c.set(ClosingState{Phase: WindowEnded, Farewell: say("alert.allsent", "Count", there)})
	default: // all was taken back
		c.set(ClosingState{Phase: WindowEnded})
	}
}

// arrived counts of what is watched the deliveries that are there, those that wait
// for the person, and those of the latter that wait for a log-in.
func (c *Closing) arrived() (there, stopped, login int) {
	for _, d := range c.sent.all {
		if !c.watched[d.ID] {
			continue
		}
		switch d.State {
		case Confirmed, Stored:
			there++
		case LoginNeeded:
			stopped++
			login++
		case Refused, Paused:
			stopped++
		case Waiting, Sending, Received:
		}
	}
	return there, stopped, login
}

// tell changes the line in the icon's menu, and reports whether it is another one.
func (c *Closing) tell(t Text) bool {
	if c.state.Phase != WindowHidden || c.state.Status.Key == t.Key && c.state.Status.Args["Count"] == t.Args["Count"] {
		return false
	}
	c.state.Status = t
	c.Changed(c.state)
	return true
}

func (c *Closing) set(s ClosingState) {
	c.state = s
	c.Changed(s)
}

// openDeliveries counts deliveries that have not reached their end: those that go on
// by themselves, and those that wait for a log-in. What the person holds back or the
// server refused is neither.
type openDeliveries struct{ moving, login int }

// open counts what is open.
func (s *Sent) open() openDeliveries {
	var o openDeliveries
	for _, d := range s.all {
		switch {
		case d.moves(s.held):
			o.moving++
		case d.State == LoginNeeded && !s.held:
			o.login++
		}
	}
	return o
}

// moves reports that a delivery goes on without the person.
func (d Delivery) moves(held bool) bool {
	return !held && (d.State == Waiting || d.State == Sending || d.State == Received)
}

// tray reports that a hidden window can be called back from beside the clock.
func (s *Services) tray(ctx context.Context) bool { return s.Tray != nil && s.Tray(ctx) }
