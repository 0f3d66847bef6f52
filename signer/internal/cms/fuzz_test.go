package cms_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"reflect"
	"testing"

	"kyso/signer/internal/cms"
	"kyso/signer/signertest/seeds"
)

// FuzzSignedData holds the parser to its contract: it never panics; it says
// ErrFormat or gives a structure whose parts lie within the input; rewriting to
// DER is bounded, changes nothing the second time and nothing that is read;
// zeros may follow; a content that was not signed never verifies. And whatever
// a key gives as a signature value is found again in what the builder made.
func FuzzSignedData(f *testing.F) {
	office := seeds.NewOffice(f, "office")
	der := built(f, office.An, office.Chain())
	f.Add(der)
	f.Add(built(f, office.An, nil))
	f.Add(indefinite(der))
	for _, b := range seeds.Corpus(f, seeds.CMS, 16<<10) {
		f.Add(b)
	}
	digest := sha256.Sum256([]byte(content))
	scheme, err := cms.SchemeFor(office.An.Certificate, false)
	if err != nil {
		f.Fatal(err)
	}
	builder, err := cms.NewBuilder(scheme, office.An.Certificate, office.Chain(), digest[:])
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 32<<10 {
			t.Skip("too long to be quick")
		}
		holdsTheValue(t, builder, in)
		parsed, err := cms.Parse(in)
		if err != nil {
			if !errors.Is(err, cms.ErrFormat) {
				t.Fatalf("error %v", err)
			}
			return
		}
		if size := sizeOf(parsed); size > len(in) {
			t.Errorf("parts of %d bytes out of %d", size, len(in))
		}
		for i := range parsed.Signers {
			if check(&parsed.Signers[i], office.An.Certificate, "never signed") == nil {
				t.Error("a content that was never signed verifies")
			}
		}
		if len(parsed.Signers) > 0 {
			want, wantErr := parsed.Signers[0].Digest()
			if got, err := cms.DigestOf(in); got != want || (err == nil) != (wantErr == nil) {
				t.Errorf("the digest alone is %v, %v, want %v, %v", got, err, want, wantErr)
			}
		}
		again := rewritten(t, in)
		if !reflect.DeepEqual(again, parsed) {
			t.Errorf("in DER it reads otherwise: %+v, want %+v", again, parsed)
		}
	})
}

// holdsTheValue builds a signature with a value and reads it.
func holdsTheValue(t *testing.T, builder *cms.Builder, value []byte) {
	t.Helper()
	der, err := builder.Build(value)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := cms.Parse(der)
	if err != nil {
		t.Fatalf("what was built cannot be read: %v", err)
	}
	if len(parsed.Signers) != 1 || !bytes.Equal(parsed.Signers[0].Value(), value) || len(parsed.Certificates) != 2 || parsed.Unreadable != 0 {
		t.Errorf("built and read: %+v", parsed)
	}
}

func sizeOf(parsed *cms.SignedData) int {
	size := len(parsed.Content)
	for _, c := range parsed.Certificates {
		size += len(c.Raw)
	}
	for _, list := range parsed.CRLs {
		size += len(list)
	}
	for i := range parsed.Signers {
		size += len(parsed.Signers[i].Value())
		for _, token := range parsed.Signers[i].TimeStamps() {
			size += len(token)
		}
	}
	return size
}

// rewritten reads what Parse took from its DER form, with zeros behind.
func rewritten(t *testing.T, in []byte) *cms.SignedData {
	t.Helper()
	der, rest, err := cms.ToDER(in)
	if err != nil {
		t.Fatal(err)
	}
	// A length of five bytes instead of one and the two zeros that end it.
	if len(der) > 2*(len(in)-len(rest)) {
		t.Errorf("%d bytes of DER out of %d", len(der), len(in)-len(rest))
	}
	twice, rest, err := cms.ToDER(der)
	if err != nil || len(rest) > 0 || !bytes.Equal(twice, der) {
		t.Errorf("rewriting it again gives other bytes: %v, %d left", err, len(rest))
	}
	again, err := cms.Parse(append(bytes.Clone(der), 0, 0))
	if err != nil {
		t.Fatalf("its DER form with zeros behind: %v", err)
	}
	return again
}
