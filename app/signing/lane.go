package signing

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"time"

	"kyso/signer"
	"kyso/signer/cert"
	"kyso/signer/token"
)

// The patience of a lane.
const (
	// maxWrong is how many PINs in a row may be wrong: most tokens lock at the third,
	// and not all tell how many tries are left.
	maxWrong = 2
	// maxTries is how many questions in a row may lead to no login.
	maxTries = 5
	// maxBarren is how many logins in a row may end without a signature.
	maxBarren = 3
	// settling is how many looks a token that came back may take to be recognized,
	// silent how many looks a driver may fail: 2 minutes.
	settling = 20
	silent   = 240
	// logoutLimit bounds a logout.
	logoutLimit = 15 * time.Second
)

// lane signs the documents of one token, in one goroutine. What others read is
// state and pace, under the batch's lock.
type lane struct {
	batch *Batch
	state Lane
	pace  pace

	vetted  map[[32]byte]vetted // by certificate
	session token.Session       // nil without a login
	token   token.Info          // as it was read before the login
	why     Why
	lost    error // what ended the last login
	wrong   int   // PINs in a row that were refused
	tries   int   // questions in a row that led to no login
	barren  int   // logins in a row that ended without a signature
}

// snapshot is the lane as others see it; the batch must be locked.
func (l *lane) snapshot() Lane {
	s := l.state
	each := l.pace.each()
	s.PerMinute, s.Left = perMinute(each), each*time.Duration(s.Total-s.Signed-s.Failed)
	return s
}

// paused notes the person's wish; the batch must be locked.
func (l *lane) paused(on bool, now time.Time) {
	switch {
	case on && l.state.State == LaneWorking:
		l.state.State = LanePaused
		l.pace.halt(now)
	case !on && l.state.State == LanePaused:
		l.state.State = LaneWorking
		l.pace.run(now)
	default:
		return
	}
	l.batch.queueEvent(nil, l)
}

// enter changes what the lane is doing.
func (l *lane) enter(s LaneState, err error) {
	b := l.batch
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.desk.c.Clock()
	if s == LaneWorking && b.pausing {
		s = LanePaused
	}
	if l.state.State == s && errors.Is(l.state.Err, err) {
		return
	}
	l.state.State, l.state.Err = s, err
	if s == LaneWorking {
		l.pace.run(now)
	} else {
		l.pace.halt(now)
	}
	b.queueEvent(nil, l)
}

// run signs until no document of the lane is left, or until it cannot go on.
func (l *lane) run(ctx context.Context) {
	defer l.logout(ctx)
	l.why = WhyFirst
	for {
		next := l.next()
		if next == nil {
			l.enter(LaneDone, nil)
			return
		}
		if err := l.round(ctx, next.Key); err != nil {
			l.stop(err)
			return
		}
	}
}

// next is the first document that waits, nil for none.
func (l *lane) next() *document {
	b := l.batch
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, d := range b.docs {
		if d.row.Lane == l.state.Index && d.row.State == RowWaiting {
			return d
		}
	}
	return nil
}

// round signs with one certificate, after a login when there is none. An error
// ends the lane; a login that was lost does not, the next round asks for the PIN.
func (l *lane) round(ctx context.Context, k Key) error {
	if err := l.batch.wayOpen(ctx); err != nil {
		return err
	}
	k.Fit = cert.Judge(k.Certificate.DER, true, l.batch.desk.c.Clock())
	if k.Fit != cert.Fit {
		l.refuse(k, &UnfitError{Subject: k.Subject, Fit: k.Fit})
		return nil
	}
	k, err := l.reach(ctx, k)
	if err != nil {
		return err
	}
	v, err := l.vet(ctx, k)
	if err != nil {
		l.refuse(k, err)
		return nil
	}
	if l.session == nil {
		if again, err := l.login(ctx, k, v.provider); again || err != nil {
			return err
		}
	}
	l.enter(LaneWorking, nil)
	err = l.sign(ctx, k, v)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil || errors.Is(err, errCancelled):
		return err
	}
	return l.loses(ctx, err)
}

// reach gives the key as its token shows it now.
func (l *lane) reach(ctx context.Context, k Key) (Key, error) {
	if l.session != nil {
		k.Token = l.token
		return k, nil
	}
	p, err := l.batch.desk.provider(ctx, k.Module)
	if err != nil {
		return k, err
	}
	k.Token, k.Certificate, err = l.find(ctx, k, p)
	l.token = k.Token
	return k, err
}

// vet finds out once whether a certificate may sign.
func (l *lane) vet(ctx context.Context, k Key) (vetted, error) {
	id := k.Certificate.Fingerprint()
	if v, ok := l.vetted[id]; ok {
		return v, nil
	}
	v, err := l.batch.desk.vet(ctx, k)
	if err == nil {
		l.vetted[id] = v
	}
	return v, err
}

// refuse fails the documents of a certificate that may not sign.
func (l *lane) refuse(k Key, err error) {
	id := k.Certificate.Fingerprint()
	l.each(func(d *document) {
		if d.Key.Certificate.Fingerprint() == id && d.row.State == RowWaiting {
			l.end(d, RowFailed, err)
		}
	})
}

// each calls f for every document of the lane, with the batch locked.
func (l *lane) each(f func(*document)) {
	b := l.batch
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, d := range b.docs {
		if d.row.Lane == l.state.Index {
			f(d)
		}
	}
}

// end ends a document without a signature; the batch must be locked.
func (l *lane) end(d *document, s RowState, err error) {
	d.row.State, d.row.Err, d.row.Step = s, err, ""
	l.state.Failed++
	l.batch.queueEvent(d, l)
}

// stop ends the lane: what it has not signed stays so.
func (l *lane) stop(err error) {
	l.each(func(d *document) {
		if d.open() {
			l.end(d, RowUnsigned, err)
		}
	})
	l.enter(LaneStopped, err)
}

// login asks for the PIN and opens a session. again asks for another round.
func (l *lane) login(ctx context.Context, k Key, p token.Provider) (again bool, err error) {
	switch k.Token.PIN { //nolint:exhaustive // in the other states a PIN may be typed
	case token.PINLocked:
		return false, &token.Error{Kind: token.KindPINLocked, Op: "login", Detail: "the token says so; nothing was sent"}
	case token.PINFinal:
		return false, &token.Error{Kind: token.KindPINFinal, Op: "login", Detail: "no batch spends the last try; nothing was sent"}
	}
	l.asks(k)
	pin, err := l.batch.ask(ctx, Question{Lane: l.state.Index, Key: k, Why: l.why, Err: l.lost, Documents: l.left()})
	if err == nil {
		l.session, err = p.OpenSession(ctx, k.Token.Slot, token.Login{PIN: pin, Idle: l.batch.desk.c.Idle})
		clear(pin)
	}
	if err != nil {
		l.session = nil
		return true, l.refused(ctx, err)
	}
	l.wrong, l.tries = 0, 0
	return false, nil
}

// asks shows that the lane waits for its PIN.
func (l *lane) asks(k Key) {
	l.batch.mu.Lock()
	l.state.Key = k
	l.batch.mu.Unlock()
	l.enter(LaneAsking, l.lost)
}

// left counts the documents that are not over.
func (l *lane) left() int {
	n := 0
	l.each(func(d *document) {
		if d.open() {
			n++
		}
	})
	return n
}

// refused says whether the lane goes on after a login that failed: nil for yes.
// A refused PIN is never sent again; the person types another one.
func (l *lane) refused(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, errCancelled) || errors.Is(err, context.Canceled) {
		return err
	}
	l.lost = err
	if l.tries++; l.tries >= maxTries {
		return err
	}
	switch kindOf(err) { //nolint:exhaustive // the others end the lane
	case token.KindPINWrong:
		l.why = WhyWrong
		if l.wrong++; l.wrong >= maxWrong {
			return err
		}
		return nil
	case token.KindPINFormat: // nothing was sent
		l.why = WhyWrong
		return nil
	}
	return l.loses(ctx, err)
}

// loses says whether the lane goes on after its login was lost, nil for yes.
func (l *lane) loses(ctx context.Context, err error) error {
	switch kindOf(err) {
	case token.KindRemoved:
		l.why = WhyBack
		l.barren = 0
	case token.KindLoginNeeded:
		l.why = WhyEnded
		l.barren++
	case token.KindCrashed, token.KindHung, token.KindDevice:
		l.why = WhyDriver
		l.barren++
	default:
		return err
	}
	if l.barren >= maxBarren {
		return err
	}
	l.lost = err
	l.logout(ctx)
	return nil
}

// kindOf is the kind of a token's error, KindOther for others.
func kindOf(err error) token.Kind {
	if e, ok := errors.AsType[*token.Error](err); ok {
		return e.Kind
	}
	return token.KindOther
}

// goesOn reports an error that is the login's and not the document's: it waits
// for the next login, or for the end of the lane.
func goesOn(err error) bool {
	switch kindOf(err) { //nolint:exhaustive // all others do not
	case token.KindRemoved, token.KindLoginNeeded, token.KindCrashed, token.KindHung, token.KindDevice, token.KindCancelled:
		return true
	}
	return errors.Is(err, signer.ErrNotSigned) || errors.Is(err, errCancelled)
}

// logout ends the login, if there is one. That it fails changes nothing for the
// documents: the helper forgets the PIN with the session.
func (l *lane) logout(ctx context.Context) {
	if l.session == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), logoutLimit)
	defer cancel()
	_ = l.session.Close(ctx)
	l.session = nil
}

// find gives the token that has the certificate. While it is out the lane waits
// for it, in whatever slot it comes back.
func (l *lane) find(ctx context.Context, k Key, p token.Provider) (token.Info, token.Certificate, error) {
	ctx, done := l.batch.untilCancelled(ctx)
	defer done()
	id := k.Certificate.Fingerprint()
	info, c, err := token.Holder(ctx, p, id)
	if err == nil || !comesBack(err) {
		return info, c, err
	}
	l.enter(LaneRemoved, err)
	tick := time.NewTicker(token.WatchEvery)
	defer tick.Stop()
	seen, tries, failures := "", settling, 0
	for {
		select {
		case <-ctx.Done():
			return info, k.Certificate, errCancelled
		case <-tick.C:
		}
		// Only the slots are looked at, so that nothing blinks; the tokens are asked
		// when a slot has changed, and for a while after it.
		slots, err := p.Slots(ctx)
		if now := fmt.Sprint(slots, err != nil); now != seen {
			seen, tries = now, settling
		}
		switch {
		case err != nil:
			if failures++; failures >= silent {
				return info, k.Certificate, err
			}
			continue
		case len(slots) == 0 || tries == 0:
			continue
		}
		failures = 0
		tries--
		if info, c, err = token.Holder(ctx, p, id); err == nil {
			return info, c, nil
		}
	}
}

// comesBack reports an error of a search that may pass by itself or when the
// token is plugged in.
func comesBack(err error) bool {
	switch kindOf(err) { //nolint:exhaustive // the others stay
	case token.KindRemoved, token.KindCrashed, token.KindHung, token.KindDevice:
		return true
	}
	return false
}

// sign signs what waits for the certificate, as far as the login lasts.
func (l *lane) sign(ctx context.Context, k Key, v vetted) error {
	s, err := l.batch.desk.sit(l.session, k, v)
	if err != nil {
		return err
	}
	var given order
	// A signature that waits behind one that failed is not cut short: that would end
	// the helper, and with it the logins of other tokens of the same module.
	patient := func(inner context.Context) (context.Context, context.CancelFunc) {
		asks, cancel := context.WithCancel(context.WithoutCancel(inner))
		detach := context.AfterFunc(ctx, cancel)
		return asks, func() { detach(); cancel() }
	}
	err = signer.SignFiles(ctx, gate{Credential: s.credential, lane: l, patient: patient}, l.jobs(ctx, s, &given), func(o signer.Outcome) {
		l.done(s, given.at(o.Index), o)
	})
	if err != nil {
		return fmt.Errorf("token %q: %w", k.Token.Label, err)
	}
	return nil
}

// gate is the key behind the batch's Pause and Cancel.
type gate struct {
	signer.Credential

	lane *lane
	// patient gives a context that ends with the lane's, not with the engine's.
	patient func(context.Context) (context.Context, context.CancelFunc)
}

var _ signer.Queueing = gate{}

// Queues says what the key says.
func (g gate) Queues() bool {
	q, ok := g.Credential.(signer.Queueing)
	return ok && q.Queues()
}

// SignDigest waits while the batch is paused.
func (g gate) SignDigest(ctx context.Context, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if err := g.lane.batch.wayOpen(ctx); err != nil {
		return nil, err
	}
	ctx, done := g.patient(ctx)
	defer done()
	value, err := g.Credential.SignDigest(ctx, digest, opts)
	if err == nil {
		g.lane.counted()
	}
	return value, err
}

// counted counts a signature of the key.
func (l *lane) counted() {
	b := l.batch
	b.mu.Lock()
	defer b.mu.Unlock()
	l.barren = 0
	l.pace.signed(b.desk.c.Clock())
}
