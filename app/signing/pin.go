package signing

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"kyso/signer/token"
)

// PINForm is what a token says of its PIN. PKCS #11 tells a length in bytes and
// no set of characters.
type PINForm struct {
	// Min and Max bound the length in bytes; zero when not told.
	Min, Max int
	// Pad reports that the PIN is typed on the reader.
	Pad bool
}

// PINFormOf reads the form from what the token says.
func PINFormOf(i token.Info) PINForm { return PINForm{Min: i.MinPIN, Max: i.MaxPIN, Pad: i.PINPad} }

// PINFault is what is odd about a typed PIN, empty for nothing.
type PINFault string

// The faults. With the first four a PIN cannot be right and is not sent; the last
// one is a hint.
const (
	PINEmpty   PINFault = "empty"
	PINShort   PINFault = "short"
	PINLong    PINFault = "long"
	PINControl PINFault = "control" // characters that no PIN has
	PINAccents PINFault = "accents" // letters with marks: a Vietnamese keyboard may be on
)

// Sends reports that a PIN with the fault may be sent.
func (f PINFault) Sends() bool { return f == "" || f == PINAccents }

// Check looks at a typed PIN before it is sent. It keeps nothing.
func (f PINForm) Check(pin []byte) PINFault {
	switch {
	case f.Pad:
		return ""
	case len(pin) == 0:
		return PINEmpty
	case bytes.ContainsFunc(pin, unicode.IsControl):
		return PINControl
	case f.Max >= f.Min && f.Max > 0 && len(pin) < f.Min:
		return PINShort
	case f.Max >= f.Min && f.Max > 0 && len(pin) > f.Max:
		return PINLong
	case bytes.ContainsFunc(pin, func(r rune) bool { return r > unicode.MaxASCII }):
		return PINAccents
	}
	return ""
}

// WeakPINError reports a new PIN that is not taken. Nothing was sent.
type WeakPINError struct{ Weaknesses []token.Weakness }

// Error names the weaknesses.
func (e *WeakPINError) Error() string {
	words := make([]string, len(e.Weaknesses))
	for i, w := range e.Weaknesses {
		words[i] = string(w)
	}
	return "the new PIN is weak: " + strings.Join(words, ", ")
}

// ChangePIN replaces the user's PIN of a token. A weak new one is a
// *WeakPINError. On a token with a PIN pad all is typed on the reader, and c.Old
// and c.New are not looked at. The caller wipes them. As in Open, the last try is
// spent with c.LastTry only. A login on the token ends.
func (d *Desk) ChangePIN(ctx context.Context, at Device, c token.PINChange) error {
	p, err := d.provider(ctx, at.Module)
	if err != nil {
		return err
	}
	now, err := present(ctx, p, at.Token)
	if err != nil {
		return fmt.Errorf("change the PIN of token %q: %w", at.Token.Label, err)
	}
	if now.PINPad {
		c.Old, c.New = nil, nil
	} else if w := token.Weaknesses(now, c.Old, c.New); len(w) > 0 {
		return fmt.Errorf("change the PIN of token %q: %w", now.Label, &WeakPINError{w})
	}
	if err := p.ChangePIN(ctx, now.Slot, c); err != nil {
		return fmt.Errorf("change the PIN of token %q: %w", now.Label, err)
	}
	return nil
}

// present gives a token as it is now, in whatever slot.
func present(ctx context.Context, p token.Provider, was token.Info) (token.Info, error) {
	all, err := p.Tokens(ctx)
	if err != nil {
		return was, err
	}
	i := slices.IndexFunc(all, func(i token.Info) bool { return i.Serial == was.Serial && i.Label == was.Label })
	if i < 0 {
		return was, &token.Error{Kind: token.KindRemoved, Op: "find"}
	}
	return all[i], nil
}
