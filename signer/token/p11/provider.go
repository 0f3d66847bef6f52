package p11

import (
	"context"
	"slices"
	"sync"

	"github.com/miekg/pkcs11"

	"kyso/signer/token"
)

// Provider gives the tokens of one module loaded into this process. It cannot
// call a driver back: a context is looked at before a call, not during it.
type Provider struct {
	c *driver

	mu    sync.Mutex
	lanes map[uint]*lane
}

var _ token.Provider = (*Provider)(nil)

// lane is the order of calls on one token: one at a time.
type lane struct {
	sync.Mutex

	session *session // the login, nil when there is none
}

// Open loads the module at path, which must be absolute, into this process for good.
func Open(path string) (*Provider, error) {
	c, err := load(path)
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
		l = &lane{}
		p.lanes[slot] = l
	}
	return l
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
	slots, err := p.c.GetSlotList(true)
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
		PIN:          pinState(ti.Flags),
		PINPad:       ti.Flags&pkcs11.CKF_PROTECTED_AUTHENTICATION_PATH != 0,
		MinPIN:       pinLength(ti.MinPinLen),
		MaxPIN:       pinLength(ti.MaxPinLen),
	}
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
func (p *Provider) OpenSession(ctx context.Context, slot uint, pin []byte) (token.Session, error) {
	l := p.lane(slot)
	l.Lock()
	defer l.Unlock()
	if ctx.Err() != nil {
		return nil, &token.Error{Kind: token.KindCancelled, Op: "login"}
	}
	if pin != nil && len(pin) == 0 {
		// Modules may take a PIN without bytes for a login on the reader's pad.
		return nil, &token.Error{Kind: token.KindPINFormat, Op: "login", Detail: "an empty PIN"}
	}
	if l.session != nil {
		l.session.end()
	}
	h, err := p.login(slot, pin)
	if err != nil {
		return nil, p.failed("login", slot, err)
	}
	l.session = &session{p: p, lane: l, slot: slot, h: h, pad: pin == nil, keys: map[[32]byte]key{}, open: true}
	return l.session, nil
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
	err = p.c.Login(h, pkcs11.CKU_USER, pin)
	if codeOf(err) == pkcs11.CKR_USER_ALREADY_LOGGED_IN {
		// Left over from a session that was lost. The PIN was not looked at.
		if err = p.c.Logout(h); err == nil {
			err = p.c.Login(h, pkcs11.CKU_USER, pin)
		}
	}
	if err != nil {
		_ = p.c.CloseSession(h) // the login's error counts
		return 0, err
	}
	return h, nil
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
			l.session.end()
		}
		l.Unlock()
	}
	return nil
}

// failed translates an error. Where the code leaves open whether the token was
// pulled, the slot list decides.
func (p *Provider) failed(op string, slot uint, err error) *token.Error {
	e := failure(op, err)
	if !ambiguous(e.Code) {
		return e
	}
	slots, err := p.c.GetSlotList(true)
	if err == nil && slices.Contains(slots, slot) {
		if _, err = p.c.GetTokenInfo(slot); err == nil {
			return e
		}
	}
	e.Kind = token.KindRemoved
	return e
}
