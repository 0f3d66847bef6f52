// Package remote reaches the tokens of a PKCS #11 module in another process.
//
// It holds both ends of the protocol, so that they cannot drift apart: Provider
// starts and drives the helper (cmd/kyso-token), Serve runs inside it. The two
// talk over two private pipes, not over the standard streams: drivers print.
//
// A vendor's driver may crash, hang or print. The helper is ended on a limit or
// a cancel, and started again by the next call; what was logged in is then
// logged out, and a PIN is never sent a second time.
package remote

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"kyso/signer/token"
)

// The operations of the protocol.
const (
	opSlots        = "slots"
	opTokens       = "tokens"
	opCertificates = "certificates"
	opLogin        = "login"
	opChangePIN    = "change-pin"
	opSign         = "sign"
	opLogout       = "logout"
)

// request is one call to the helper. PINs travel beside it, never in it.
type request struct {
	ID      uint64             `json:"id"`
	Op      string             `json:"op"`
	Slot    uint               `json:"slot,omitempty"`
	Pad     bool               `json:"pad,omitempty"`      // login, change-pin: PINs are typed on the reader
	LastTry bool               `json:"last_try,omitempty"` // login, change-pin
	Idle    time.Duration      `json:"idle,omitempty"`     // login
	Old     int                `json:"old,omitempty"`      // change-pin: bytes of the secret that are the old PIN
	Session uint64             `json:"session,omitempty"`  // sign, logout: from the login's reply
	Sign    *token.SignRequest `json:"sign,omitempty"`
}

// reply answers the request with the same ID. ID 0 tells that the module is
// loaded, or why not.
type reply struct {
	ID           uint64              `json:"id"`
	Error        *token.Error        `json:"error,omitempty"`
	Slots        []uint              `json:"slots,omitempty"`
	Tokens       []token.Info        `json:"tokens,omitempty"`
	Certificates []token.Certificate `json:"certificates,omitempty"`
	Session      uint64              `json:"session,omitempty"`
	Signature    []byte              `json:"signature,omitempty"`
}

// The bounds of a frame.
const (
	headLen   = 8
	maxJSON   = 16 << 20 // certificates of a full token
	maxSecret = 1 << 10
)

// writeFrame writes the length of the JSON and of the secret, both as 32 bits
// big-endian, then the JSON, then the secret. The buffer is wiped.
func writeFrame(w io.Writer, v any, secret []byte) error {
	j, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode a frame: %w", err)
	}
	if len(j) > maxJSON || len(secret) > maxSecret {
		return errors.New("encode a frame: too large")
	}
	b := make([]byte, 0, headLen+len(j)+len(secret))
	defer func() { clear(b[:cap(b)]) }()
	b = binary.BigEndian.AppendUint32(b, uint32(len(j)))      //nolint:gosec // bounded above
	b = binary.BigEndian.AppendUint32(b, uint32(len(secret))) //nolint:gosec // bounded above
	b = append(append(b, j...), secret...)
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("write a frame: %w", err)
	}
	return nil
}

// readFrame reads one frame into v. The caller wipes the secret.
func readFrame(r io.Reader, v any) (secret []byte, err error) {
	var head [headLen]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, fmt.Errorf("read a frame: %w", err)
	}
	n, s := binary.BigEndian.Uint32(head[:]), binary.BigEndian.Uint32(head[4:])
	if n > maxJSON || s > maxSecret {
		return nil, errors.New("read a frame: too large")
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, fmt.Errorf("read a frame: %w", err)
	}
	secret = make([]byte, s)
	if _, err := io.ReadFull(r, secret); err != nil {
		return nil, fmt.Errorf("read a frame: %w", err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		clear(secret)
		return nil, fmt.Errorf("read a frame: %w", err)
	}
	return secret, nil
}
