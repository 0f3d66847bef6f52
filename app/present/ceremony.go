package present

import (
	"context"
	"errors"
	"slices"
	"strings"

	"kyso/app/signing"
	"kyso/app/signrate"
	"kyso/signer/token"
)

// Phase is where the ceremony of signing stands.
type Phase string

// The phases.
const (
	Idle    Phase = ""
	Asking  Phase = "asking"  // certificate and PIN
	Working Phase = "working" // the road is walked
	Done    Phase = "done"    // signed; the result is shown
	Failed  Phase = "failed"  // not signed; the problem is shown
)

// KeyRow is one certificate to choose.
type KeyRow struct {
	Name, Title, Unit, Issuer string
	// Use says what its signatures mean.
	Use Text
	// Valid is the end of validity, dd/MM/yyyy.
	Valid  string
	Token  string
	Usable bool
	// Notes are what to know before it is chosen: why it may not sign, that its end
	// is near, that its key is in a file.
	Notes []KeyNote
}

// KeyNote is one thing to know of a certificate, in the person's language.
type KeyNote struct {
	Text string
	Tone Tone
}

// StepRow is one step of the road as shown.
type StepRow struct {
	Name  Text
	State StepState
}

// StepState is how far a step is.
type StepState string

// The states of a step.
const (
	Ahead     StepState = "ahead"
	Now       StepState = "now"
	Over      StepState = "over"
	Postponed StepState = "postponed" // it will be done later by itself
	Stopped   StepState = "stopped"
)

// CeremonyState is the dialog of signing, from the PIN to the result.
type CeremonyState struct {
	Phase Phase
	// Title is the document's; Documents is how many are signed with one PIN, and
	// Title is empty when they are several.
	Title     string
	Documents int
	// Looking reports that tokens are being looked for.
	Looking  bool
	Keys     []KeyRow
	Selected int // −1 for none
	// Warning is about the token's PIN or about the choice of certificate; in the
	// result, about a certificate whose issuer could not be asked.
	Warning     Text
	WarningTone Tone
	// Hint is the demonstration's.
	Hint string
	// Practice is the PIN of a rehearsal, empty for the real act.
	Practice string
	// AskPIN is false where the PIN is typed on the reader, and where it is locked.
	AskPIN bool
	// LastTry asks the person to confirm, beside the PIN, that the last try may be
	// spent; Understood is that they did.
	LastTry, Understood bool
	// Fixed reports that no other certificate can be chosen: a batch goes on with it.
	Fixed      bool
	CanConfirm bool
	WhyNot     Text
	Problem    *Problem
	Steps      []StepRow
	// Result says in one line what came of it, Receipt what the server answered.
	Result     Text
	ResultTone Tone
	Receipt    Text
	// RateBefore and RateAfter are the unit's rate, empty when not known.
	RateBefore, RateAfter string
	RateMoved             bool
	Path                  string
}

// Ceremony is the presenter of certificate, PIN, progress and result.
type Ceremony struct {
	services *Services
	loop     Loop
	state    CeremonyState
	job      signing.Job
	many     []signing.Job // of a batch, job among them; nil for one document
	found    signing.Found
	offers   []signing.Offer // of found, as they are listed
	round    int
	before   *signrate.Figure
	question *question    // of a batch that is under way, nil for none
	practice signing.Road // of a rehearsal, nil for the real act
	// missing reports that the problem is one of the search for tokens.
	missing bool

	// Changed is told each new state.
	Changed func(CeremonyState)
	// Signed is told the job when the document was signed, Closed when the
	// person leaves the dialog, with whether something was signed.
	Signed func(signing.Job)
	Closed func(signed bool)
	// Practised is told the file of a rehearsal when the person leaves its result.
	Practised func(path string)
	// Batch is asked to sign many documents with a key. It takes pin.
	Batch func(k signing.Key, jobs []signing.Job, pin []byte)
}

// question is a PIN that a batch asks for once more.
type question struct {
	signing.Question

	answer func(pin []byte, err error)
}

// newCeremony makes the presenter, idle.
func newCeremony(s *Services, l Loop) *Ceremony {
	return &Ceremony{
		services: s, loop: l, state: CeremonyState{Selected: -1},
		Changed: func(CeremonyState) {}, Signed: func(signing.Job) {}, Closed: func(bool) {}, Practised: func(string) {},
		Batch: func(_ signing.Key, _ []signing.Job, pin []byte) { clear(pin) },
	}
}

// State gives the state as it is.
func (c *Ceremony) State() CeremonyState { return c.state }

// Prepare looks for keys ahead of time, so that the dialog is full when it opens.
func (c *Ceremony) Prepare() { c.look() }

// TokensChanged looks again, for a token was plugged in or pulled. While the road
// is walked, and while a batch asks for a PIN, it does nothing: the token at work is
// not to be disturbed.
func (c *Ceremony) TokensChanged() {
	if c.state.Phase != Working && c.question == nil {
		c.look()
	}
}

// Begin asks for certificate and PIN for a job.
func (c *Ceremony) Begin(j signing.Job, title string) {
	if c.state.Phase == Asking || c.state.Phase == Working {
		return
	}
	c.began(nil)
	c.begin(j, nil, title)
}

// Rehearse walks the same road for practice: with a key that is worth nothing,
// and nothing is sent, counted or kept in the journal.
func (c *Ceremony) Rehearse(j signing.Job, title string) {
	if c.services.Rehearsal == nil || c.state.Phase == Asking || c.state.Phase == Working {
		return
	}
	road, err := c.services.Rehearsal.Begin(c.services.Person)
	if err != nil {
		c.state = CeremonyState{Phase: Failed, Title: title, Documents: 1, Selected: -1, Problem: c.services.problem(err)}
		c.Changed(c.state)
		return
	}
	c.began(road)
	c.begin(j, nil, title)
}

// began says which road is walked; what was found on another one is forgotten.
func (c *Ceremony) began(practice signing.Road) {
	if practice != nil || c.practice != nil {
		c.found, c.offers = signing.Found{}, nil
	}
	c.practice = practice
}

// road is the one that is walked.
func (c *Ceremony) road() signing.Road {
	if c.practice != nil {
		return c.practice
	}
	return c.services.Road
}

// BeginMany asks for certificate and PIN for several jobs, with one PIN.
func (c *Ceremony) BeginMany(jobs []signing.Job) {
	if len(jobs) == 0 || c.state.Phase == Asking || c.state.Phase == Working {
		return
	}
	c.began(nil)
	c.begin(jobs[0], jobs, "")
}

func (c *Ceremony) begin(j signing.Job, many []signing.Job, title string) {
	c.job, c.many, c.missing = j, many, false
	c.state = CeremonyState{Phase: Asking, Title: title, Documents: max(len(many), 1), Selected: -1}
	if c.practice != nil {
		c.state.Practice = c.services.Rehearsal.PIN()
	}
	c.choose()
	c.look()
}

// Ask asks for the PIN of a batch that is under way once more, for its own
// certificate. answer is called once.
func (c *Ceremony) Ask(q signing.Question, answer func(pin []byte, err error)) {
	if c.state.Phase != Idle {
		answer(nil, context.Canceled)
		return
	}
	c.round++ // an answer about tokens that is still out would disturb
	c.question = &question{q, answer}
	c.found = signing.Found{Keys: []signing.Key{q.Key}}
	c.many, c.job = nil, signing.Job{}
	c.state = CeremonyState{Phase: Asking, Documents: q.Documents, Fixed: true}
	c.offer()
	if q.Why == signing.WhyWrong || q.Why == signing.WhyDriver {
		c.state.Problem = c.services.problem(q.Err)
	}
	c.settle()
}

// look searches the tokens.
func (c *Ceremony) look() {
	c.round++
	round := c.round
	c.state.Looking = true
	if c.state.Phase == Asking {
		c.settle()
	}
	road := c.road()
	c.loop.Go(func(ctx context.Context) func() {
		found, err := road.Keys(ctx)
		return func() {
			if round != c.round {
				return
			}
			c.state.Looking = false
			c.found = found
			if c.state.Phase != Asking {
				return
			}
			c.choose()
			if err == nil && c.state.Selected < 0 {
				err = whyNoKey(found)
			}
			switch {
			case err != nil:
				c.state.Problem, c.missing = c.services.problem(err), true
			case c.missing: // what was missing is there
				c.state.Problem, c.missing = nil, false
			}
			c.settle()
		}
	})
}

// whyNoKey says why there is nothing to sign with: a driver's error, no driver, no token.
func whyNoKey(f signing.Found) error {
	var errs []error
	tokens := 0
	for _, m := range f.Modules {
		tokens += m.Tokens
		if m.Err != nil {
			errs = append(errs, m.Err)
		}
	}
	switch {
	case len(f.Keys) > 0:
		return nil // they are shown, greyed, each with its reason
	case tokens == 0 && len(errs) > 0:
		return errors.Join(errs...)
	case len(f.Modules) == 0:
		return token.ErrDriverMissing
	case tokens == 0:
		return signing.ErrNoToken
	}
	return signing.ErrNoCertificate
}

// choose lists the keys and picks the likeliest: the person's own by name, then
// the one used last, then the first that may sign. A choice already made stays.
func (c *Ceremony) choose() {
	chosen := ""
	if k := c.key(); k != nil {
		chosen = k.Subject.SHA256
	}
	c.offer()
	best, score := -1, 0
	for i, o := range c.offers {
		if s := c.likely(o, chosen); s > score {
			best, score = i, s
		}
	}
	c.state.Selected = best
	c.settle()
}

// offer lists what was found for the job.
func (c *Ceremony) offer() {
	s := c.services
	c.offers = s.Offers(c.found, signing.OfferOptions{At: s.Clock(), Job: c.job, Last: s.lastCertificate(c.job.Role)})
	c.state.Keys = nil
	for _, o := range c.offers {
		c.state.Keys = append(c.state.Keys, s.keyRow(o))
	}
}

// likely scores an offer; 0 cannot be chosen.
func (c *Ceremony) likely(o signing.Offer, chosen string) int {
	k := o.Key
	if !o.Usable {
		return 0
	}
	name := signerOf(c.job.Document, c.services.Person).Name
	switch {
	case chosen != "" && k.Subject.SHA256 == chosen:
		return 5
	case c.services.Person.Name != "" && strings.EqualFold(k.Subject.Name, c.services.Person.Name):
		return 4
	case name != "" && strings.EqualFold(k.Subject.Name, name):
		return 3
	case o.Last:
		return 2
	}
	return 1
}

// keyRow makes the row of an offer.
func (s *Services) keyRow(o signing.Offer) KeyRow {
	k := o.Key
	r := KeyRow{
		Name: k.Subject.Name, Title: k.Subject.Title, Unit: k.Subject.Unit, Issuer: k.Subject.Issuer,
		Valid: Day(k.Subject.NotAfter), Token: k.Token.Label, Usable: o.Usable, Use: say("key.use." + string(o.Use)),
	}
	for _, n := range s.Notes(o) {
		if strings.HasPrefix(n.Code, "pin-") {
			continue // said over the PIN's entry
		}
		r.Notes = append(r.Notes, KeyNote{n.Text, toneOfNote(n.Level)})
	}
	return r
}

// toneOfNote is how a note is meant.
func toneOfNote(level string) Tone {
	switch level {
	case "bad":
		return Bad
	case "caution":
		return Caution
	}
	return Quiet
}

// Select chooses a certificate.
func (c *Ceremony) Select(i int) {
	if c.state.Phase != Asking || i < 0 || i >= len(c.state.Keys) || !c.state.Keys[i].Usable {
		return
	}
	c.state.Selected, c.state.Problem, c.state.Understood = i, nil, false
	c.settle()
}

// Step chooses the next certificate that may be used, or the one before with −1.
func (c *Ceremony) Step(step int) {
	for i := c.state.Selected + step; i >= 0 && i < len(c.state.Keys); i += step {
		if c.state.Keys[i].Usable {
			c.Select(i)
			return
		}
	}
}

// key is the chosen key, nil for none.
func (c *Ceremony) key() *signing.Key {
	if c.state.Selected < 0 || c.state.Selected >= len(c.offers) {
		return nil
	}
	return &c.offers[c.state.Selected].Key
}

// settle derives warnings and what can be done from the choice, and shows it.
func (c *Ceremony) settle() {
	s := &c.state
	s.Warning, s.WarningTone, s.Hint, s.AskPIN, s.CanConfirm, s.WhyNot, s.LastTry = Text{}, Plain, "", true, false, Text{}, false
	k := c.key()
	switch {
	case k == nil && s.Looking:
		s.WhyNot = say("pin.looking")
	case k == nil:
		s.WhyNot = say("pin.nokey")
	default:
		s.Hint = c.services.Hint(k.Subject.SHA256)
		s.AskPIN = !k.Token.PINPad && k.Token.PIN != token.PINLocked
		s.CanConfirm, s.WhyNot = pinAllowed(k.Token.PIN)
		if c.practice != nil && k.Token.PIN == token.PINLocked {
			s.WhyNot = say("pin.locked.practice")
		}
		s.Warning, s.WarningTone = c.warning(k)
		if k.Token.PIN == token.PINFinal {
			c.lastTry()
		}
	}
	c.Changed(*s)
}

// lastTry has the person confirm that the last try may be spent. A batch never
// spends it.
func (c *Ceremony) lastTry() {
	s := &c.state
	switch {
	case s.Documents > 1 || c.question != nil:
		s.CanConfirm, s.WhyNot = false, say("pin.final.batch")
	default:
		s.LastTry = true
		if !s.Understood {
			s.CanConfirm, s.WhyNot = false, say("pin.final.confirm")
		}
	}
}

// Understand takes the person's word about the last try, or takes it back.
func (c *Ceremony) Understand(yes bool) {
	if c.state.Phase == Asking && c.state.LastTry {
		c.state.Understood = yes
		c.settle()
	}
}

// pinAllowed says whether a PIN may be typed in this state of its counter.
func pinAllowed(p token.PINState) (bool, Text) {
	switch p {
	case token.PINLocked:
		return false, say("pin.locked")
	case token.PINUnset:
		return false, say("pin.unset")
	case token.PINReady, token.PINLow, token.PINFinal:
	}
	return true, Text{}
}

// warning is the one thing that the person should know before the PIN.
func (c *Ceremony) warning(k *signing.Key) (Text, Tone) {
	printed := ""
	if d := c.job.Document; d != nil {
		printed = d.SignerName
	}
	switch {
	case c.question != nil && c.question.Why == signing.WhyBack:
		return say("pin.back"), Plain
	case c.question != nil && c.question.Why == signing.WhyEnded:
		return say("pin.ended"), Plain
	case k.Token.PIN == token.PINFinal:
		return say("pin.final"), Bad
	case k.Token.PIN == token.PINLow:
		return say("pin.low"), Caution
	case c.practice != nil && k.Token.PIN == token.PINReady:
		return say("pin.practice.try"), Plain
	case c.practice != nil:
		return Text{}, Plain // whose name the practice key has means nothing
	case c.job.Role == "approval" && k.Subject.Agency:
		return say("pin.agency"), Caution
	case c.job.Role == "approval" && printed != "" && !strings.EqualFold(printed, k.Subject.Name):
		return say("pin.othername", "Name", k.Subject.Name, "Printed", printed), Caution
	case k.Token.PINPad:
		return say("pin.pad"), Plain
	}
	return Text{}, Plain
}

// PINFits says whether a typed PIN can be tried, and why not, or what is odd about
// it. It keeps nothing.
func (c *Ceremony) PINFits(pin string) (bool, Text) {
	k := c.key()
	if k == nil || !c.state.CanConfirm {
		return false, c.state.WhyNot
	}
	form, typed := signing.PINFormOf(k.Token), []byte(pin)
	defer clear(typed)
	fault := form.Check(typed)
	return fault.Sends(), pinFault(fault, form)
}

// pinFault puts what is odd about a PIN into words.
func pinFault(f signing.PINFault, form signing.PINForm) Text {
	switch f {
	case signing.PINEmpty:
		return say("pin.type")
	case signing.PINShort, signing.PINLong:
		return say("pin.length", "Min", max(form.Min, 1), "Max", form.Max)
	case signing.PINControl:
		return say("pin.control")
	case signing.PINAccents:
		return say("pin.accents")
	}
	return Text{}
}

// Confirm walks the road with the chosen key. It takes pin and wipes it.
func (c *Ceremony) Confirm(pin []byte) {
	k := c.key()
	if c.state.Phase != Asking || k == nil || !c.state.CanConfirm {
		clear(pin)
		return
	}
	if k.Token.PINPad {
		pin = nil
	}
	switch {
	case c.question != nil:
		c.reply(pin, nil)
		return
	case len(c.many) > 1:
		key, jobs := *k, c.many
		c.many = nil
		c.quit()
		c.Batch(key, jobs, pin)
		return
	}
	key, job := *k, c.job
	key.LastTry = c.state.Understood
	job.Time = c.services.Clock()
	job = job.Dressed(key.Subject)
	c.round++ // an answer about tokens that is still out would disturb
	c.state.Phase, c.state.Problem, c.state.Looking = Working, nil, false
	c.state.Steps = stepsOf(job)
	if c.practice != nil {
		c.state.Steps = c.state.Steps[:3] // nothing is delivered
	}
	c.Changed(c.state)
	road := c.road()
	c.loop.Go(func(ctx context.Context) func() {
		defer clear(pin)
		return c.walk(ctx, road, key, job, pin)
	})
}

// reply answers the question of a batch and closes the dialog.
func (c *Ceremony) reply(pin []byte, err error) {
	q := c.question
	c.question = nil
	c.quit()
	q.answer(pin, err)
}

// quit closes the dialog.
func (c *Ceremony) quit() {
	c.round++
	c.state = CeremonyState{Selected: -1}
	c.Changed(c.state)
}

// walk signs; it runs off the window's goroutine.
func (c *Ceremony) walk(ctx context.Context, road signing.Road, k signing.Key, j signing.Job, pin []byte) func() {
	seat, err := road.Open(ctx, k, pin)
	if err != nil {
		return func() { c.refused(err) }
	}
	out, err := seat.Sign(ctx, j, func(s signing.Step) { c.loop.Tell(func() { c.step(s) }) })
	// The login is ended whatever came of it; a failure to log out changes nothing
	// for the document.
	_ = seat.Close(context.WithoutCancel(ctx))
	if err != nil && out.Path == "" {
		return func() { c.failed(err) }
	}
	return func() { c.signed(k, out, err) }
}

// refused shows why the login failed and asks again, with the PIN counter read anew.
func (c *Ceremony) refused(err error) {
	c.state.Phase, c.state.Steps, c.state.Understood = Asking, nil, false
	c.state.Problem, c.missing = c.services.problem(err), false
	c.look()
}

// failed shows why the document is not signed.
func (c *Ceremony) failed(err error) {
	c.state.Phase, c.state.Problem = Failed, c.services.problem(err)
	stop(c.state.Steps, Stopped)
	c.Changed(c.state)
}

// Again goes from a failure back to the PIN.
func (c *Ceremony) Again() {
	if c.state.Phase == Failed {
		c.begin(c.job, nil, c.state.Title)
	}
}

// Leave closes the dialog. While the road is walked it does nothing: a signature
// that has begun is not left half-way.
func (c *Ceremony) Leave() {
	if c.state.Phase == Working {
		return
	}
	if c.question != nil {
		c.reply(nil, context.Canceled)
		return
	}
	signed, practised, path := c.state.Phase == Done, c.practice != nil, c.state.Path
	clear(c.job.Password)
	c.job.Password, c.many = nil, nil
	c.quit()
	c.began(nil)
	switch {
	case !practised:
		c.Closed(signed)
	case signed:
		c.Practised(path)
	}
}

// stepsOf lists the steps that a job takes: a local file is not delivered.
func stepsOf(j signing.Job) []StepRow {
	names := []signing.Step{signing.StepPlan, signing.StepSign, signing.StepCheck}
	if j.Document != nil {
		names = append(names, signing.StepQueue, signing.StepUpload, signing.StepAnswer)
	}
	rows := make([]StepRow, len(names))
	for i, n := range names {
		rows[i] = StepRow{say("step." + string(n)), Ahead}
	}
	return rows
}

// step marks a step as the one under way.
func (c *Ceremony) step(s signing.Step) {
	steps := slices.Clone(c.state.Steps)
	at := slices.IndexFunc(steps, func(r StepRow) bool { return r.Name.Key == "step."+string(s) })
	for i := range steps {
		switch {
		case i < at:
			steps[i].State = Over
		case i == at:
			steps[i].State = Now
		}
	}
	c.state.Steps = steps
	c.Changed(c.state)
}

// stop gives the step under way another state.
func stop(steps []StepRow, to StepState) {
	for i := range steps {
		if steps[i].State == Now {
			steps[i].State = to
		}
	}
}
