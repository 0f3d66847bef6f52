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
)

// Provider gives the tokens of one PKCS #11 module.
//
// A Provider is safe for concurrent use. Every method may return an *Error.
type Provider interface {
	// Tokens lists the initialized tokens that are in a slot now.
	Tokens(ctx context.Context) ([]Info, error)
	// Certificates lists the X.509 certificates that the token in slot shows
	// without a login.
	Certificates(ctx context.Context, slot uint) ([]Certificate, error)
	// OpenSession logs in to the token in slot. The provider never keeps pin and
	// never tries it twice; the caller wipes it afterwards. A nil pin asks for
	// the PIN on the reader's own pad (Info.PINPad).
	OpenSession(ctx context.Context, slot uint, pin []byte) (Session, error)
	// Close ends the provider. It ends its sessions too.
	Close() error
}

// Session is a login on one token. Its calls are serialized by the provider.
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
	// PIN is the state of the PIN counter as far as the token tells it.
	PIN PINState `json:"pin"`
	// PINPad reports that the PIN is typed on the reader, not in the program.
	PINPad bool `json:"pin_pad"`
	// MinPIN and MaxPIN bound the PIN's length in bytes; zero when not told.
	MinPIN int `json:"min_pin"`
	MaxPIN int `json:"max_pin"`
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
