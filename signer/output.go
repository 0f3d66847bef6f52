package signer

import (
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"hash"
	"io"

	"kyso/signer/internal/digest"
)

// output is the file while it grows under its temporary name. Every byte that
// goes in is digested on its way, so that no level of a signature reads the
// file again to learn a digest.
//
// It is used by one goroutine.
type output struct {
	// file is nil when the bytes are digested only.
	file *temporary
	at   int64
	// running is the SHA-256 of everything so far.
	running hash.Cloner
	// second is the same with the function that the signature asks for; nil when
	// that is SHA-256.
	second     hash.Cloner
	secondHash crypto.Hash
}

// newOutput begins an empty output whose signature is made with h.
func newOutput(file *temporary, h crypto.Hash) (*output, error) {
	o := &output{file: file}
	var err error
	if o.running, err = digest.NewState(crypto.SHA256); err != nil {
		return nil, err
	}
	if h != crypto.SHA256 {
		o.secondHash = h
		o.second, err = digest.NewState(h)
	}
	return o, err
}

// copyFrom appends the first size bytes of r; reading, hashing and writing run
// side by side, in constant memory.
func (o *output) copyFrom(ctx context.Context, r io.ReaderAt, size int64) error {
	sinks := []digest.Sink{digestInto(o.running)}
	if o.second != nil {
		sinks = append(sinks, digestInto(o.second))
	}
	if o.file != nil {
		sinks = append(sinks, o.file.append)
	}
	o.at += size
	return digest.Stream(ctx, r, size, sinks...)
}

func digestInto(h hash.Hash) digest.Sink {
	return func(b []byte) error {
		_, _ = h.Write(b)
		return nil
	}
}

// append writes b behind what is there.
func (o *output) append(b []byte) error {
	_, _ = o.running.Write(b)
	if o.second != nil {
		_, _ = o.second.Write(b)
	}
	o.at += int64(len(b))
	if o.file == nil {
		return nil
	}
	return o.file.append(b)
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
		_, _ = c.Write(b)
	}
	return c.Sum(make([]byte, 0, sha256.Size))
}
