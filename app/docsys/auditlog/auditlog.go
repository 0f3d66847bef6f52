// Package auditlog checks what a document server says of its audit log: that a
// checkpoint is signed, that an entry is in the log, and that the log of today
// begins with the log of yesterday. Server and client use it.
//
// The log is the Merkle tree of RFC 6962, section 2.1, a checkpoint is a signed
// note (c2sp.org/tlog-checkpoint). The package is pure: it has no clock, no
// file and no network. It cannot tell whether an entry is true; it tells
// whether one was taken away or changed after somebody saw the checkpoint.
package auditlog

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// ErrRewritten reports a log that does not begin with what was seen before:
// its history was changed, or the server shows two histories.
var ErrRewritten = errors.New("the audit log was rewritten")

// ErrUnsigned reports a checkpoint that the known key did not sign.
var ErrUnsigned = errors.New("the checkpoint is not signed by the known key")

// ErrProof reports a proof that proves nothing.
var ErrProof = errors.New("the proof does not hold")

// ErrForm reports a checkpoint or a hash that cannot be read.
var ErrForm = errors.New("not in the form of an audit log")

// Checkpoint is the state of a log: its origin, the number of its entries and
// the root of their tree.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   [tlog.HashSize]byte
}

// maxNote bounds the text of a checkpoint that is read.
const maxNote = 4 << 10

// Text is the checkpoint as it is signed.
func (c Checkpoint) Text() string {
	return c.Origin + "\n" + strconv.FormatInt(c.Size, 10) + "\n" + base64.StdEncoding.EncodeToString(c.Root[:]) + "\n"
}

// Open reads a signed checkpoint and checks its signature with the verifier key
// ("name+hash+key", package note). The error wraps ErrUnsigned or ErrForm.
func Open(signed, verifier string) (Checkpoint, error) {
	v, err := note.NewVerifier(verifier)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: verifier: %w", ErrForm, err)
	}
	if len(signed) > maxNote {
		return Checkpoint{}, fmt.Errorf("%w: a note of %d bytes", ErrForm, len(signed))
	}
	n, err := note.Open([]byte(signed), note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrUnsigned, err)
	}
	c, err := parse(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	if c.Origin != v.Name() {
		return Checkpoint{}, fmt.Errorf("%w: origin %q of a key of %q", ErrForm, c.Origin, v.Name())
	}
	return c, nil
}

// parse reads the text of a checkpoint. Lines after the third are extensions.
func parse(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[0] == "" {
		return Checkpoint{}, fmt.Errorf("%w: %d lines", ErrForm, len(lines))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, fmt.Errorf("%w: size %q", ErrForm, lines[1])
	}
	root, err := hash(lines[2])
	return Checkpoint{Origin: lines[0], Size: size, Root: root}, err
}

func hash(text string) (h tlog.Hash, err error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != tlog.HashSize {
		return h, fmt.Errorf("%w: hash %q", ErrForm, text)
	}
	copy(h[:], raw)
	return h, nil
}

// maxProof bounds a proof: no tree of 63-bit indices needs more.
const maxProof = 128

func hashes(texts []string) ([]tlog.Hash, error) {
	if len(texts) > maxProof {
		return nil, fmt.Errorf("%w: %d hashes", ErrProof, len(texts))
	}
	out := make([]tlog.Hash, len(texts))
	for i, t := range texts {
		h, err := hash(t)
		if err != nil {
			return nil, err
		}
		out[i] = h
	}
	return out, nil
}

// CheckInclusion checks that entry is number seq of the log of c.
func CheckInclusion(c Checkpoint, seq int64, entry []byte, proof []string) error {
	if seq < 0 || seq >= c.Size {
		return fmt.Errorf("%w: entry %d of %d", ErrProof, seq, c.Size)
	}
	p, err := hashes(proof)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(p, c.Size, c.Root, seq, tlog.RecordHash(entry)); err != nil {
		return fmt.Errorf("%w: %w", ErrProof, err)
	}
	return nil
}

// Memory is what a client keeps of a server's log: its key and the last
// checkpoint. The zero value has seen nothing.
type Memory struct {
	Verifier string     `json:"verifier"`
	Last     Checkpoint `json:"last"`
}

// Advance takes a newer checkpoint into the memory and gives the new memory.
// consistency asks the server for the proof between two sizes; it is called
// only when one is needed. The first checkpoint is taken on trust. An error
// that wraps ErrRewritten or ErrUnsigned is an alarm, and the memory stays; an
// error of consistency itself says nothing about the log.
func (m Memory) Advance(signed, verifier string, consistency func(from, to int64) ([]string, error)) (Memory, error) {
	if m.Verifier != "" && m.Verifier != verifier {
		return m, fmt.Errorf("%w: the server shows the key %s instead of %s", ErrUnsigned, verifier, m.Verifier)
	}
	c, err := Open(signed, verifier)
	if err != nil {
		return m, err
	}
	next := Memory{Verifier: verifier, Last: c}
	switch last := m.Last; {
	case last.Size == 0:
		return next, nil
	case c.Size < last.Size:
		return m, fmt.Errorf("%w: %d entries where there were %d", ErrRewritten, c.Size, last.Size)
	case c.Size == last.Size:
		if c.Root != last.Root {
			return m, fmt.Errorf("%w: %d entries with another root", ErrRewritten, c.Size)
		}
		return next, nil
	}
	proof, err := consistency(m.Last.Size, c.Size)
	if err != nil {
		return m, fmt.Errorf("ask for a consistency proof: %w", err)
	}
	p, err := hashes(proof)
	if err == nil {
		err = tlog.CheckTree(p, c.Size, c.Root, m.Last.Size, m.Last.Root)
	}
	if err != nil {
		return m, fmt.Errorf("%w: entries %d to %d: %w", ErrRewritten, m.Last.Size, c.Size, err)
	}
	return next, nil
}
