package pdf_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"kyso/signer/internal/pdf"
)

// The /U of a file that qpdf encrypted with an empty user password: 32 bytes of
// hash, 8 of the salt that is hashed, 8 of another. In one file of about thirty
// the last byte of a round is just its number less 32, which ends the rounds
// (ISO 32000-2, algorithm 2.B); this is such a file.
func TestTheHardenedHashEndsWithTheRoundThatTheStandardSays(t *testing.T) {
	u, err := hex.DecodeString("196df7b5fa7bc233b5f2cb6ebbdabf9db95e2f56cbff2aacef5c3276f6366a61f537be918b9db54140d19aa606188ed8")
	if err != nil {
		t.Fatal(err)
	}
	if got := pdf.HardenedHash(u[32:40], nil); !bytes.Equal(got, u[:32]) {
		t.Errorf("got %x, want %x", got, u[:32])
	}
}
