package timestamp_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"errors"
	"math/big"
	"testing"

	"kyso/signer/internal/timestamp"
	"kyso/signer/signertest/seeds"
)

// FuzzAnswer holds the judge of a server's answer to its contract: it never
// panics; its errors are those that it names; only the very answer of the
// server to this query is taken, and what it gives is that answer's token.
func FuzzAnswer(f *testing.F) {
	office, stranger := seeds.NewOffice(f, "office"), seeds.NewOffice(f, "stranger")
	digest := sha256.Sum256([]byte("stamped"))
	other := sha256.Sum256([]byte("other"))
	f.Add(answered(f, office, digest[:]))
	f.Add(answered(f, office, other[:]))
	f.Add(answered(f, stranger, digest[:]))
	f.Add([]byte{0x30, 0x09, 0x30, 0x07, 0x02, 0x01, 0x02, 0x03, 0x02, 0x07, 0x80}) // rejection, badAlg
	f.Add([]byte("\x30\x12\x30\x10\x02\x01\x02\x30\x06\x0c\x04busy\x03\x03\x00\x00\x40"))
	for _, token := range seeds.Corpus(f, seeds.TimeStamp, 16<<10) {
		body := append([]byte{0x30, 3, 2, 1, 0}, token...)
		n := len(body)
		f.Add(append([]byte{0x30, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}, body...))
	}
	query := timestamp.Query{Hash: crypto.SHA256, Imprint: digest[:], Nonce: big.NewInt(7)}
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 32<<10 {
			t.Skip("too long to be quick")
		}
		der, token, err := query.Answer(in)
		if err != nil {
			named := errors.As(err, new(*timestamp.RefusedError))
			for _, e := range []error{
				timestamp.ErrFormat, timestamp.ErrImprint, timestamp.ErrNonce, timestamp.ErrPolicy, timestamp.ErrAccuracy, timestamp.ErrServer,
			} {
				named = named || errors.Is(err, e)
			}
			if !named || der != nil || token != nil {
				t.Errorf("error %v with %d bytes, %v", err, len(der), token)
			}
			if len(err.Error()) > 4096 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		// A stranger is as good as the office here: whom to trust is decided elsewhere.
		if !token.Time.Equal(seeds.Now()) || !bytes.Equal(token.Imprint, digest[:]) || !bytes.Contains(in, der) {
			t.Errorf("nobody said %s of %x", token.Time, token.Imprint)
		}
	})
}
