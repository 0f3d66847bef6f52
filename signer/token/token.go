// Package token is the domain of signing tokens: what a PKCS #11 module shows,
// a session in which signatures are made, and the errors that both can end in.
//
// It knows no module and no process. Package p11 implements Provider over a
// module loaded into this process, package remote over a helper process; one
// contract suite (package tokentest) holds for both.
package token

import (
	"context"
	"crypto"
	"crypto/sha256"
	"time"
)

// Provider gives the tokens of one PKCS #11 module.
//
// A Provider is safe for concurrent use. Every method may return an *Error.
type Provider interface {
	Lister
	// OpenSession logs in to the token in slot. What Admit refuses is not sent,
	// and a PIN that the token refused is never sent again. The caller wipes its
	// copy of the PIN; the session may keep one, which ends with it.
	OpenSession(ctx context.Context, slot uint, l Login) (Session, error)
	// ChangePIN replaces the user's PIN on the token in slot; what Admit refuses
	// is not sent. It ends the session on that token.
	ChangePIN(ctx context.Context, slot uint, c PINChange) error
	// Close ends the provider. It ends its sessions too.
	Close() error
}

// Lister shows what is plugged in. It needs no login.
type Lister interface {
	// Slots lists the slots with a token. It asks no token, so it may be called
	// twice a second; while a token works it gives what it saw last.
	Slots(ctx context.Context) ([]uint, error)
	// Tokens lists the initialized tokens that are in a slot now.
	Tokens(ctx context.Context) ([]Info, error)
	// Certificates lists the X.509 certificates that the token in slot shows
	// without a login.
	Certificates(ctx context.Context, slot uint) ([]Certificate, error)
}

// Login says how a session is opened.
type Login struct {
	// PIN is the user's; nil asks for it on the reader's own pad (Info.PINPad).
	PIN []byte
	// LastTry is the person's word, given after a warning, that the last try may
	// be spent. A batch never sets it.
	LastTry bool
	// Idle is how long the session lives without a signature; zero means
	// DefaultIdle.
	Idle time.Duration
}

// DefaultIdle is longer than a slow time-stamping service takes.
const DefaultIdle = 10 * time.Minute

// PINChange is a change of the user's PIN.
type PINChange struct {
	// Old and New are nil to be typed on the reader's own pad.
	Old, New []byte
	// LastTry is as in Login: a wrong Old spends a try.
	LastTry bool
}

// Session is a login on one token. Its calls are serialized by the provider. A
// key that wants the PIN at every signature (CKA_ALWAYS_AUTHENTICATE) signs like
// any other: the session has the PIN, in the memory of the process that has the
// module. After Login.Idle without a signature, after Close, and when the token
// is pulled the session has ended and its PIN is wiped.
type Session interface {
	// Sign makes one signature. RSA gives PKCS #1 v1.5 (RFC 8017, 8.2) or what
	// r.PSS says; ECDSA gives the DER form (RFC 3279, 2.2.3). The provider has
	// verified the signature with the certificate's public key before it returns
	// it. A token that does not list the mechanism is an error of KindMechanism.
	Sign(ctx context.Context, r SignRequest) ([]byte, error)
	// Close logs out.
	Close(ctx context.Context) error
}

// SignRequest asks for one signature.
type SignRequest struct {
	// Certificate names the key: the one that belongs to it by CKA_ID, else by
	// an equal public key, else the token's only private key.
	Certificate Certificate
	// Digest is the hash value to sign, Hash the function that made it.
	Digest []byte
	Hash   crypto.Hash
	// PSS asks for RSASSA-PSS (RFC 8017, 8.1) with MGF1 by Hash and a salt as
	// long as Digest; the key must be RSA.
	PSS bool
}

// Info is what a token says of itself (CK_TOKEN_INFO, PKCS #11 v2.40, 3.2).
type Info struct {
	Slot         uint   `json:"slot"`
	Label        string `json:"label"`
	Manufacturer string `json:"manufacturer"`
	Model        string `json:"model"`
	Serial       string `json:"serial"`
	// Hardware and Firmware are versions such as "2.6"; empty when not told.
	Hardware string `json:"hardware,omitempty"`
	Firmware string `json:"firmware,omitempty"`
	// PIN is the state of the PIN counter as far as the token tells it.
	PIN PINState `json:"pin"`
	// PINPad reports that the PIN is typed on the reader, not in the program.
	PINPad bool `json:"pin_pad"`
	// MinPIN and MaxPIN bound the PIN's length in bytes; zero when not told.
	MinPIN int `json:"min_pin"`
	MaxPIN int `json:"max_pin"`
	// Soft reports keys in a file instead of a device. They must be shown as such.
	Soft bool `json:"soft,omitempty"`
}

// PINState is the state of a token's PIN counter.
type PINState string

// The states of a PIN counter. They are hints: some tokens tell only the last.
const (
	PINReady  PINState = "ready"  // no wrong try is known
	PINLow    PINState = "low"    // at least one wrong try since the last login
	PINFinal  PINState = "final"  // one try is left
	PINLocked PINState = "locked" // no try is left
	PINUnset  PINState = "unset"  // the token has no user PIN yet
)

// Certificate is an X.509 certificate object of a token.
type Certificate struct {
	// ID is its CKA_ID, Label its CKA_LABEL; either may be empty.
	ID    []byte `json:"id,omitempty"`
	Label string `json:"label,omitempty"`
	// DER is the certificate (CKA_VALUE).
	DER []byte `json:"der"`
}

// Fingerprint returns the SHA-256 of the certificate's DER form.
func (c Certificate) Fingerprint() [sha256.Size]byte { return sha256.Sum256(c.DER) }
