package tokentest

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"encoding/binary"
	"fmt"
	"io"
	"math/big"
	"net"
	"slices"
	"sync"
)

// PIVCard is a smart card in software (NIST SP 800-73-4) for the virtual reader
// of vsmartcard: it connects to the reader's port, and so is in a real PC/SC
// stack that can be pulled and put back. It is safe for concurrent use.
type PIVCard struct {
	// OnSign, when not nil, is called before the n-th signature since the card
	// was made, counted from 1. Set it before Insert.
	OnSign func(n int)

	mu       sync.Mutex
	pin      []byte
	tries    int
	verified bool // the PIN, for all keys but one
	fresh    bool // and since the last use of PIVSignature
	keys     []PIVKey
	reader   net.Conn
	signed   int

	chained []byte // data of chained commands so far
	rest    []byte // of an answer that is fetched piece by piece
	served  chan struct{}
}

// PIVKey is a key of a PIVCard.
type PIVKey struct {
	// Ref is the key's place: PIVAuthentication, PIVSignature, PIVCardAuthentication.
	Ref byte
	// Key is an RSA-2048 or P-256 private key, Certificate is in DER form.
	Key         crypto.PrivateKey
	Certificate []byte
}

// The places of keys (SP 800-73-4, table 4b).
const (
	PIVAuthentication     = 0x9A
	PIVSignature          = 0x9C // asks for the PIN at every use
	PIVCardAuthentication = 0x9E
)

// pivTries is how many wrong PINs in a row lock the card.
const pivTries = 3

// NewPIVCard makes a card that is in no reader yet.
func NewPIVCard(pin string, keys ...PIVKey) *PIVCard {
	return &PIVCard{pin: []byte(pin), tries: pivTries, keys: keys}
}

// Insert puts the card into the reader that listens on address.
func (c *PIVCard) Insert(ctx context.Context, address string) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("insert the card: %w", err)
	}
	c.mu.Lock()
	c.reader, c.verified, c.fresh, c.served = conn, false, false, make(chan struct{})
	served := c.served
	c.mu.Unlock()
	go func() {
		defer close(served)
		c.serve(conn)
	}()
	return nil
}

// Pull takes the card out. It does nothing when the card is in no reader.
func (c *PIVCard) Pull() {
	c.mu.Lock()
	conn, served := c.reader, c.served
	c.reader = nil
	c.mu.Unlock()
	if conn != nil {
		_ = conn.Close() // that is how the reader sees it
		<-served
	}
}

// Yank is Pull for OnSign, which the card itself calls.
func (c *PIVCard) Yank() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reader != nil {
		_ = c.reader.Close() // that is how the reader sees it
		c.reader = nil
	}
}

// Signed counts the signatures that the card has made.
func (c *PIVCard) Signed() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.signed
}

// Tries gives how many wrong PINs are left.
func (c *PIVCard) Tries() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tries
}

// serve answers the reader until the connection ends: frames of a length in 16
// bits and so many bytes; one byte is a control code, more are a command.
func (c *PIVCard) serve(conn net.Conn) {
	for {
		quickAck(conn)
		var head [2]byte
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return
		}
		b := make([]byte, binary.BigEndian.Uint16(head[:]))
		if _, err := io.ReadFull(conn, b); err != nil {
			return
		}
		answer := c.take(b)
		if answer == nil {
			continue
		}
		frame := binary.BigEndian.AppendUint16(nil, uint16(len(answer))) //nolint:gosec // a short answer
		if _, err := conn.Write(append(frame, answer...)); err != nil {
			return
		}
	}
}

// take answers one frame; nil for none.
func (c *PIVCard) take(b []byte) []byte {
	if len(b) != 1 {
		return c.command(b)
	}
	switch b[0] {
	case 0, 2: // power off, reset
		c.mu.Lock()
		c.verified, c.fresh = false, false
		c.mu.Unlock()
	case 4: // answer to reset
		return []byte{0x3B, 0x80, 0x80, 0x01, 0x01}
	}
	return nil
}

// The status words.
func ok() []byte            { return []byte{0x90, 0x00} }
func fails(w int) []byte    { return []byte{byte(w >> 8), byte(w)} }    //nolint:gosec // two bytes
func left(tries int) []byte { return []byte{0x63, 0xC0 | byte(tries)} } //nolint:gosec // a digit

const (
	wordLocked   = 0x6983
	wordNotNow   = 0x6982
	wordNotFound = 0x6A82
	wordWrong    = 0x6A80
	wordUnknown  = 0x6D00
	wordNoKey    = 0x6A88
)

// command answers a command (ISO 7816-4).
func (c *PIVCard) command(a []byte) []byte {
	if len(a) < 4 {
		return fails(0x6700)
	}
	data := commandData(a)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.chained = append(c.chained, data...)
	if a[0]&0x10 != 0 {
		return ok()
	}
	data = c.chained
	c.chained = nil
	switch a[1] {
	case 0xC0:
		return c.send(c.rest)
	case 0xA4:
		return c.choose(data)
	case 0xCB:
		return c.object(data)
	case 0x20:
		return c.verify(a[2], a[3], data)
	case 0x24:
		return c.change(data)
	case 0x87:
		return c.sign(a[3], data)
	default:
		return fails(wordUnknown)
	}
}

// commandData gives the data of a command, in short or extended form.
func commandData(a []byte) []byte {
	switch {
	case len(a) > 5 && a[4] != 0 && len(a) >= 5+int(a[4]):
		return a[5 : 5+int(a[4])]
	case len(a) > 7 && a[4] == 0:
		if n := int(binary.BigEndian.Uint16(a[5:])); len(a) >= 7+n {
			return a[7 : 7+n]
		}
	}
	return nil
}

// send gives the first piece of an answer and keeps the rest.
func (c *PIVCard) send(out []byte) []byte {
	const piece = 256
	if len(out) <= piece {
		c.rest = nil
		return append(slices.Clone(out), ok()...)
	}
	c.rest = out[piece:]
	return append(slices.Clone(out[:piece]), 0x61, byte(min(len(c.rest), piece))) //nolint:gosec // 0 is 256
}

// pivAID begins the application's identifier.
func pivAID() []byte { return []byte{0xA0, 0, 0, 3, 8} }

// choose is SELECT.
func (c *PIVCard) choose(aid []byte) []byte {
	if !bytes.HasPrefix(aid, pivAID()) {
		return fails(wordNotFound)
	}
	return c.send(tlv(0x61, tlv(0x4F, []byte{0, 0, 0x10, 0, 1, 0}), tlv(0x79, tlv(0x4F, pivAID()))))
}

// object is GET DATA.
func (c *PIVCard) object(data []byte) []byte {
	if len(data) < 3 || data[0] != 0x5C {
		return fails(wordWrong)
	}
	id := data[2:]
	switch {
	case bytes.Equal(id, []byte{0x7E}): // discovery: the application's PIN only
		return c.send(tlv(0x7E, tlv(0x4F, append(pivAID(), 0, 0, 0x10, 0, 1, 0)), tlv(0x5F2F, []byte{0x40, 0})))
	case bytes.Equal(id, []byte{0x5F, 0xC1, 0x02}): // card holder's unique identifier
		guid := bytes.Repeat([]byte{0x5A}, 16)
		return c.send(tlv(0x53, tlv(0x30, make([]byte, 25)), tlv(0x34, guid), tlv(0x35, []byte("20401231")), tlv(0x3E), tlv(0xFE)))
	}
	refs := map[byte]byte{0x05: PIVAuthentication, 0x0A: PIVSignature, 0x01: PIVCardAuthentication}
	for _, k := range c.keys {
		if len(id) == 3 && id[0] == 0x5F && id[1] == 0xC1 && refs[id[2]] == k.Ref {
			return c.send(tlv(0x53, tlv(0x70, k.Certificate), tlv(0x71, []byte{0}), tlv(0xFE)))
		}
	}
	return fails(wordNotFound)
}

// verify is VERIFY; without data it tells the tries.
func (c *PIVCard) verify(p1, p2 byte, data []byte) []byte {
	switch {
	case p2 != 0x80:
		return fails(wordNoKey)
	case p1 == 0xFF:
		c.verified, c.fresh = false, false
		return ok()
	case len(data) == 0 && c.verified:
		return ok()
	case len(data) == 0 && c.tries > 0:
		return left(c.tries)
	}
	return c.check(data)
}

// check compares a PIN, padded with 0xFF, and counts.
func (c *PIVCard) check(padded []byte) []byte {
	if c.tries == 0 {
		return fails(wordLocked)
	}
	if bytes.Equal(bytes.TrimRight(padded, "\xff"), c.pin) {
		c.tries, c.verified, c.fresh = pivTries, true, true
		return ok()
	}
	c.tries--
	c.verified, c.fresh = false, false
	if c.tries == 0 {
		return fails(wordLocked)
	}
	return left(c.tries)
}

// change is CHANGE REFERENCE DATA: the old PIN and the new, eight bytes each.
func (c *PIVCard) change(data []byte) []byte {
	if len(data) != 16 {
		return fails(wordWrong)
	}
	answer := c.check(data[:8])
	if answer[0] == 0x90 {
		c.pin = bytes.TrimRight(slices.Clone(data[8:]), "\xff")
	}
	return answer
}

// sign is GENERAL AUTHENTICATE with a challenge: the padded block for RSA, the
// digest for an elliptic curve.
func (c *PIVCard) sign(ref byte, data []byte) []byte {
	if (!c.verified && ref != PIVCardAuthentication) || (!c.fresh && ref == PIVSignature) {
		return fails(wordNotNow)
	}
	challenge := challengeOf(data)
	i := slices.IndexFunc(c.keys, func(k PIVKey) bool { return k.Ref == ref })
	if challenge == nil || i < 0 {
		return fails(wordWrong)
	}
	if ref == PIVSignature {
		c.fresh = false
	}
	if n := c.signed + 1; c.OnSign != nil {
		c.mu.Unlock()
		c.OnSign(n)
		c.mu.Lock()
	}
	if c.reader == nil {
		return fails(wordUnknown) // nobody hears it
	}
	var sig []byte
	switch k := c.keys[i].Key.(type) {
	case *rsa.PrivateKey:
		sig = new(big.Int).Exp(new(big.Int).SetBytes(challenge), k.D, k.N).FillBytes(make([]byte, k.Size()))
	case *ecdsa.PrivateKey:
		var err error
		if sig, err = k.Sign(rand.Reader, challenge, crypto.SHA256); err != nil {
			return fails(wordWrong)
		}
	}
	c.signed++
	return c.send(tlv(0x7C, tlv(0x82, sig)))
}

// challengeOf finds what is to be signed in a dynamic authentication template:
// an empty response, then the challenge.
func challengeOf(data []byte) []byte {
	i := bytes.Index(data, []byte{0x82, 0x00, 0x81})
	if i < 0 {
		return nil
	}
	d := data[i+3:]
	switch {
	case len(d) > 3 && d[0] == 0x82:
		return d[3:]
	case len(d) > 2 && d[0] == 0x81:
		return d[2:]
	case len(d) > 1:
		return d[1:]
	default:
		return nil
	}
}

// tlv is a BER-TLV object of one or two bytes of tag.
func tlv(tag int, parts ...[]byte) []byte {
	value := slices.Concat(parts...)
	var b []byte
	if tag > 0xFF {
		b = append(b, byte(tag>>8)) //nolint:gosec // two bytes
	}
	b = append(b, byte(tag)) //nolint:gosec // two bytes
	switch n := len(value); {
	case n < 0x80:
		b = append(b, byte(n))
	case n <= 0xFF:
		b = append(b, 0x81, byte(n))
	default:
		b = append(b, 0x82, byte(n>>8), byte(n)) //nolint:gosec // a certificate is short
	}
	return append(b, value...)
}
