package signer

import (
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"os"
)

// output is the file while it grows under its temporary name. Every byte that
// goes in is digested on its way, so that no level of a signature reads the
// file again to learn a digest.
//
// It is used by one goroutine.
type output struct {
	file *os.File
	at   int64
	// running is the SHA-256 of everything so far.
	running hash.Cloner
	// second is the same with the function that the signature asks for; nil when
	// that is SHA-256.
	second     hash.Cloner
	secondHash crypto.Hash
}

// newOutput begins an empty file whose signature is made with h.
func newOutput(file *os.File, h crypto.Hash) (*output, error) {
	o := &output{file: file}
	var err error
	if o.running, err = cloner(crypto.SHA256); err != nil {
		return nil, err
	}
	if h != crypto.SHA256 {
		o.secondHash = h
		o.second, err = cloner(h)
	}
	return o, err
}

// cloner is a hash whose state can be copied (crypto/sha256 and crypto/sha512 can).
func cloner(h crypto.Hash) (hash.Cloner, error) {
	if !h.Available() {
		return nil, fmt.Errorf("hash function %d is not there", h)
	}
	c, ok := h.New().(hash.Cloner)
	if !ok {
		return nil, fmt.Errorf("%s: the state cannot be copied", h)
	}
	return c, nil
}

// Write is append, for copying.
func (o *output) Write(b []byte) (int, error) {
	if err := o.append(b); err != nil {
		return 0, err
	}
	return len(b), nil
}

// append writes b behind what is there. Without a file the bytes are digested only.
func (o *output) append(b []byte) error {
	o.digest(b)
	return o.put(b)
}

// digest takes bytes into the running digests.
func (o *output) digest(b []byte) {
	o.running.Write(b) //nolint:errcheck // a hash has no errors
	if o.second != nil {
		o.second.Write(b) //nolint:errcheck // a hash has no errors
	}
}

// put writes bytes that digest gets, too.
func (o *output) put(b []byte) error {
	o.at += int64(len(b))
	if o.file == nil {
		return nil
	}
	if _, err := o.file.Write(b); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// size is the number of bytes written so far.
func (o *output) size() int64 { return o.at }

// sum is the SHA-256 of everything written so far and then tail. The state goes
// on without tail.
func (o *output) sum(tail ...[]byte) []byte { return sumOf(o.running, tail) }

// sumWith is sum with SHA-256 or with the hash function of the signature.
func (o *output) sumWith(h crypto.Hash, tail ...[]byte) ([]byte, error) {
	switch {
	case h == crypto.SHA256:
		return o.sum(tail...), nil
	case o.second != nil && h == o.secondHash:
		return sumOf(o.second, tail), nil
	}
	return nil, errors.New("no digest of that kind was kept")
}

func sumOf(state hash.Cloner, tail [][]byte) []byte {
	c, err := state.Clone()
	if err != nil {
		// hash.Cloner allows an error for what cannot be copied; the standard
		// library's SHA-2 has none, and an empty digest matches nothing.
		return nil
	}
	for _, b := range tail {
		c.Write(b) //nolint:errcheck // a hash has no errors
	}
	return c.Sum(make([]byte, 0, sha256.Size))
}
