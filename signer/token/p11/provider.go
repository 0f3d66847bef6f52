package p11

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/miekg/pkcs11"

	"kyso/signer/token"
)

// Provider gives the tokens of one module loaded into this process. It cannot
// call a driver back: a context is looked at before a call, not during it.
type Provider struct {
	c *driver

	single sync.Mutex // held in every call of a driver without locks

	mu    sync.Mutex
	lanes map[uint]*lane
	busy  int    // logins and signatures in the driver now
	seen  []uint // slots with a token when none was, nil before the first look
}

var _ token.Provider = (*Provider)(nil)

// lane is the order of calls on one token: one at a time.
type lane struct {
	sync.Locker // one for all lanes of a driver without locks

	session *session // the login, nil when there is none
}

// Open loads the module at path, which must be absolute, into this process for
// good. Reserved is for modules that want a text at their start, such as NSS's;
// others take an empty one.
func Open(path, reserved string) (*Provider, error) {
	c, err := load(path, reserved)
	if err != nil {
		return nil, err
	}
	return &Provider{c: c, lanes: map[uint]*lane{}}, nil
}

func (p *Provider) lane(slot uint) *lane {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.lanes[slot]
	if l == nil {
		l = &lane{Locker: &sync.Mutex{}}
		if p.c.single {
			l.Locker = &p.single
		}
		p.lanes[slot] = l
	}
	return l
}

// work counts a login or a signature until the function that it gives is called.
func (p *Provider) work() (done func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy++
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.busy--
	}
}

// alone enters a driver without locks outside a lane, until the function that it
// gives is called.
func (p *Provider) alone() (done func()) {
	if !p.c.single {
		return func() {}
	}
	p.single.Lock()
	return p.single.Unlock
}

// Slots lists the slots with a token. While a token works it does not enter the
// driver: many hold one lock for all calls, and a person at a reader's pad may
// take two minutes.
func (p *Provider) Slots(ctx context.Context) ([]uint, error) {
	if ctx.Err() != nil {
		return nil, &token.Error{Kind: token.KindCancelled, Op: "list"}
	}
	p.mu.Lock()
	busy, seen := p.busy, p.seen
	p.mu.Unlock()
	if busy > 0 && seen != nil {
		return slices.Clone(seen), nil
	}
	defer p.alone()()
	slots, err := p.c.Slots()
	if err != nil {
		return nil, failure("list", err)
	}
	p.mu.Lock()
	p.seen = slots
	p.mu.Unlock()
	return slices.Clone(slots), nil
}

// Tokens lists the initialized tokens. A token that cannot be read, because it
// is just being recognized or pulled, is left out.
//
// Slots are polled: the binding's WaitForSlotEvent gives no error back, so a
// loop on it never rests with a module that does not support it.
func (p *Provider) Tokens(ctx context.Context) ([]token.Info, error) {
	if ctx.Err() != nil {
		return nil, &token.Error{Kind: token.KindCancelled, Op: "list"}
	}
	defer p.alone()()
	slots, err := p.c.Slots()
	if err != nil {
		return nil, failure("list", err)
	}
	tokens := make([]token.Info, 0, len(slots))
	for _, slot := range slots {
		ti, err := p.c.GetTokenInfo(slot)
		if err != nil || ti.Flags&pkcs11.CKF_TOKEN_INITIALIZED == 0 {
			continue
		}
		tokens = append(tokens, info(slot, ti))
	}
	return tokens, nil
}

func info(slot uint, ti pkcs11.TokenInfo) token.Info {
	return token.Info{
		Slot:         slot,
		Label:        text(ti.Label),
		Manufacturer: text(ti.ManufacturerID),
		Model:        text(ti.Model),
		Serial:       text(ti.SerialNumber),
		Hardware:     version(ti.HardwareVersion),
		Firmware:     version(ti.FirmwareVersion),
		PIN:          pinState(ti.Flags),
		PINPad:       ti.Flags&pkcs11.CKF_PROTECTED_AUTHENTICATION_PATH != 0,
		MinPIN:       pinLength(ti.MinPinLen),
		MaxPIN:       pinLength(ti.MaxPinLen),
	}
}

// version writes a CK_VERSION; 0.0 is what tokens give that do not tell theirs.
func version(v pkcs11.Version) string {
	if v.Major == 0 && v.Minor == 0 {
		return ""
	}
	return fmt.Sprintf("%d.%d", v.Major, v.Minor)
}

func pinState(flags uint) token.PINState {
	switch {
	case flags&pkcs11.CKF_USER_PIN_LOCKED != 0:
		return token.PINLocked
	case flags&pkcs11.CKF_USER_PIN_FINAL_TRY != 0:
		return token.PINFinal
	case flags&pkcs11.CKF_USER_PIN_COUNT_LOW != 0:
		return token.PINLow
	case flags&pkcs11.CKF_USER_PIN_INITIALIZED == 0:
		return token.PINUnset
	default:
		return token.PINReady
	}
}

// longestPIN is the length above which a bound is "not told"
// (CK_UNAVAILABLE_INFORMATION, CK_EFFECTIVELY_INFINITE and worse).
const longestPIN = 255

func pinLength(n uint) int {
	if n > longestPIN {
		return 0
	}
	return int(n)
}

// Certificates lists the token's certificates over a session of its own.
func (p *Provider) Certificates(ctx context.Context, slot uint) ([]token.Certificate, error) {
	l := p.lane(slot)
	l.Lock()
	defer l.Unlock()
	if ctx.Err() != nil {
		return nil, &token.Error{Kind: token.KindCancelled, Op: "certificates"}
	}
	s, err := p.c.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION)
	if err != nil {
		return nil, p.failed("certificates", slot, err)
	}
	defer func() { _ = p.c.CloseSession(s) }() // a lost session is closed already
	found, err := find(p.c, s, pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_CERTIFICATE))
	if err != nil {
		return nil, p.failed("certificates", slot, err)
	}
	certificates := make([]token.Certificate, 0, len(found))
	for _, o := range found {
		der, err := attribute(p.c, s, o, pkcs11.CKA_VALUE)
		if err != nil {
			return nil, p.failed("certificates", slot, err)
		}
		if len(der) == 0 {
			continue // not X.509, or a certificate by URL
		}
		id, _ := attribute(p.c, s, o, pkcs11.CKA_ID)       // may be missing
		label, _ := attribute(p.c, s, o, pkcs11.CKA_LABEL) // may be missing
		certificates = append(certificates, token.Certificate{ID: id, Label: text(string(label)), DER: der})
	}
	return certificates, nil
}

// OpenSession logs in. There is one login on a token: an earlier session of
// this provider on it is closed first, and signs no more.
func (p *Provider) OpenSession(ctx context.Context, slot uint, l token.Login) (token.Session, error) {
	lane := p.lane(slot)
	lane.Lock()
	defer lane.Unlock()
	defer p.work()()
	ti, err := p.admit(ctx, "login", slot, l.PIN, l.LastTry)
	if err != nil {
		return nil, err
	}
	if lane.session != nil {
		lane.session.end(nil)
	}
	h, err := p.login(slot, l.PIN)
	if err != nil {
		return nil, p.settle(slot, p.failed("login", slot, err))
	}
	return newSession(p, lane, l, h, ti), nil
}

// admit looks at the token before a PIN is sent to it.
func (p *Provider) admit(ctx context.Context, op string, slot uint, pin []byte, lastTry bool) (token.Info, error) {
	if ctx.Err() != nil {
		return token.Info{}, &token.Error{Kind: token.KindCancelled, Op: op}
	}
	ti, err := p.c.GetTokenInfo(slot)
	if err != nil {
		return token.Info{}, p.failed(op, slot, err)
	}
	i := info(slot, ti)
	return i, token.Admit(op, i, pin, lastTry)
}

// login opens a session and logs in. The first login after a token was plugged
// in again may find its session gone already (CKR_SESSION_HANDLE_INVALID): the
// PIN has not reached the token then, and a new session is tried once.
func (p *Provider) login(slot uint, pin []byte) (pkcs11.SessionHandle, error) {
	h, err := p.loginOnce(slot, pin)
	if codeOf(err) == pkcs11.CKR_SESSION_HANDLE_INVALID {
		return p.loginOnce(slot, pin)
	}
	return h, err
}

func (p *Provider) loginOnce(slot uint, pin []byte) (pkcs11.SessionHandle, error) {
	h, err := p.c.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION)
	if err != nil {
		return 0, err //nolint:wrapcheck // failed translates it
	}
	if err := p.loginIn(h, pin); err != nil {
		_ = p.c.CloseSession(h) // the login's error counts
		return 0, err
	}
	return h, nil
}

// loginIn logs in over a session.
func (p *Provider) loginIn(h pkcs11.SessionHandle, pin []byte) error {
	err := p.c.Login(h, pkcs11.CKU_USER, pin)
	if codeOf(err) == pkcs11.CKR_USER_ALREADY_LOGGED_IN {
		// Left over from a session that was lost. The PIN was not looked at.
		if err = p.c.Logout(h); err == nil {
			err = p.c.Login(h, pkcs11.CKU_USER, pin)
		}
	}
	return err
}

// ChangePIN replaces the user's PIN over a session of its own.
func (p *Provider) ChangePIN(ctx context.Context, slot uint, c token.PINChange) error {
	lane := p.lane(slot)
	lane.Lock()
	defer lane.Unlock()
	defer p.work()()
	i, err := p.admit(ctx, "change-pin", slot, c.Old, c.LastTry)
	if err != nil {
		return err
	}
	if err := token.Admit("change-pin", i, c.New, true); err != nil {
		return err
	}
	if (c.Old == nil) != (c.New == nil) {
		return &token.Error{Kind: token.KindPINFormat, Op: "change-pin", Detail: "one PIN typed here, the other on the reader"}
	}
	if lane.session != nil {
		lane.session.end(nil)
	}
	h, err := p.c.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	if err != nil {
		return p.failed("change-pin", slot, err)
	}
	defer func() { _ = p.c.CloseSession(h) }() // the change is made or not
	err = p.c.SetPIN(h, c.Old, c.New)
	if codeOf(err) == pkcs11.CKR_USER_NOT_LOGGED_IN { // some want a login before (v2.40, 5.5 does not)
		if err = p.loginIn(h, c.Old); err == nil {
			err = p.c.SetPIN(h, c.Old, c.New)
			_ = p.c.Logout(h) // the change is made or not
		}
	}
	if err != nil {
		return p.settle(slot, p.failed("change-pin", slot, err))
	}
	return nil
}

// Close logs out everywhere. The module stays loaded.
func (p *Provider) Close() error {
	p.mu.Lock()
	lanes := make([]*lane, 0, len(p.lanes))
	for _, l := range p.lanes {
		lanes = append(lanes, l)
	}
	p.mu.Unlock()
	for _, l := range lanes {
		l.Lock()
		if l.session != nil {
			l.session.end(nil)
		}
		l.Unlock()
	}
	return nil
}

// failed translates an error. Where the code leaves open whether the token was
// pulled, the slot list decides.
func (p *Provider) failed(op string, slot uint, err error) *token.Error {
	e := failure(op, err)
	if ambiguous(e.Code) && !p.present(slot) {
		e.Kind = token.KindRemoved
	}
	return e
}

// present reports whether the token in slot can be asked.
func (p *Provider) present(slot uint) bool {
	slots, err := p.c.Slots()
	if err != nil || !slices.Contains(slots, slot) {
		return false
	}
	_, err = p.c.GetTokenInfo(slot)
	return err == nil
}

// A reader notices that its token is gone later than the call that failed:
// PC/SC looks about twice a second.
const (
	noticing     = 1500 * time.Millisecond
	noticingTick = 100 * time.Millisecond
)

// settle gives a device error that nothing helped its kind: it waits until the
// reader has had time to notice that the token was pulled.
func (p *Provider) settle(slot uint, e *token.Error) *token.Error {
	if e.Kind != token.KindDevice || !ambiguous(e.Code) {
		return e
	}
	tick := time.NewTicker(noticingTick)
	defer tick.Stop()
	for limit := time.After(noticing); ; {
		if !p.present(slot) {
			e.Kind = token.KindRemoved
			return e
		}
		select {
		case <-tick.C:
		case <-limit:
			return e
		}
	}
}
