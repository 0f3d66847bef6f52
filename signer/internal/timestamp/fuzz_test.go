package timestamp_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"

	"kyso/signer/internal/timestamp"
	"kyso/signer/signertest"
	"kyso/signer/signertest/seeds"
)

type imprint struct {
	Hash   pkix.AlgorithmIdentifier
	Digest []byte
}

// answered is the response of an office's server to a request for an imprint.
func answered(tb testing.TB, office seeds.Office, digest []byte) []byte {
	tb.Helper()
	request, err := asn1.Marshal(struct {
		Version int
		Imprint imprint
		Nonce   *big.Int
		CertReq bool
	}{1, imprint{pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}}, digest}, big.NewInt(7), true})
	if err != nil {
		tb.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	office.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(tb.Context(), http.MethodPost, signertest.PathTSA, bytes.NewReader(request)))
	return recorder.Body.Bytes()
}

// tokenOf is the token in a response.
func tokenOf(tb testing.TB, response []byte) []byte {
	tb.Helper()
	var answer struct {
		Status struct{ Status int }
		Token  asn1.RawValue
	}
	if _, err := asn1.Unmarshal(response, &answer); err != nil {
		tb.Fatal(err)
	}
	return answer.Token.FullBytes
}

// FuzzToken holds the reader of time-stamp tokens to its contract: it never
// panics; it says ErrFormat or gives a token whose parts lie within the input;
// reading it again gives the same; only what the server signed verifies, for
// the imprint that it signed and with the time that it said, and never with
// another server's certificate.
func FuzzToken(f *testing.F) {
	office, stranger := seeds.NewOffice(f, "office"), seeds.NewOffice(f, "stranger")
	signed := sha256.Sum256([]byte("stamped"))
	never := sha256.Sum256([]byte("never stamped"))
	f.Add(tokenOf(f, answered(f, office, signed[:])))
	f.Add(tokenOf(f, answered(f, stranger, signed[:])))
	for _, b := range seeds.Corpus(f, seeds.TimeStamp, 16<<10) {
		f.Add(b)
	}
	server := office.Parts()[signertest.PartTSA].Certificate
	other := stranger.Parts()[signertest.PartTSA].Certificate
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 32<<10 {
			t.Skip("too long to be quick")
		}
		token, err := timestamp.Parse(in)
		if err != nil {
			if !errors.Is(err, timestamp.ErrFormat) {
				t.Fatalf("error %v", err)
			}
			return
		}
		if token.Hash == crypto.Hash(0) || len(token.Imprint) != token.Hash.Size() || len(token.Imprint) > len(in) {
			t.Errorf("an imprint of %d bytes by %s", len(token.Imprint), token.Hash)
		}
		again, err := timestamp.Parse(append(bytes.Clone(in), 0))
		if err != nil || !again.Time.Equal(token.Time) || !bytes.Equal(again.Imprint, token.Imprint) {
			t.Errorf("with a zero behind: %+v, %v", again, err)
		}
		if err := token.Verify(server, never[:]); !errors.Is(err, timestamp.ErrImprint) && !errors.Is(err, timestamp.ErrServer) {
			t.Errorf("a digest that was never stamped: %v", err)
		}
		err = token.Verify(server, token.Imprint)
		if err != nil && !errors.Is(err, timestamp.ErrServer) {
			t.Errorf("error %v", err)
		}
		if err == nil && (!token.Time.Equal(seeds.Now()) || !bytes.Equal(token.Imprint, signed[:])) {
			t.Errorf("the server never said %s of %x", token.Time, token.Imprint)
		}
		if err := token.Verify(other, token.Imprint); err == nil && !token.Time.Equal(seeds.Now()) {
			t.Errorf("another server never said %s", token.Time)
		}
	})
}
