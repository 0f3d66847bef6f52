package evidence_test

import (
	"bytes"
	"testing"

	"kyso/signer/internal/evidence"
	"kyso/signer/internal/pdf"
	"kyso/signer/verify"
)

// FuzzRevisions changes files of several revisions and holds the comparison that
// walks only towards what changed against the one that walks everywhere: what
// the one calls permitted the other does, too, and both find the same signatures.
func FuzzRevisions(f *testing.F) {
	for _, fill := range revised() {
		g := newGrowing(f)
		fill(g)
		f.Add(g.b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		whole, short := found(t, b, true), found(t, b, false)
		if len(whole) != len(short) {
			t.Fatalf("%d signatures, %d by walking everywhere", len(short), len(whole))
		}
		for i, s := range short {
			if s.Coverage != whole[i].Coverage || permitted(s) && !permitted(whole[i]) {
				t.Errorf("signature %d: %s, differences %+v\nby walking everywhere %s, %+v", i, s.Coverage, s.Differences, whole[i].Coverage, whole[i].Differences)
			}
		}
	})
}

// found are the signatures of a file, none for one that cannot be opened.
func found(t *testing.T, b []byte, whole bool) []verify.SignatureEvidence {
	t.Helper()
	f, err := pdf.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil
	}
	all, _, err := evidence.Signatures(t.Context(), f, whole)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// permitted reports that nothing came after a signature that it does not permit.
func permitted(s verify.SignatureEvidence) bool {
	r := verify.Evaluate(verify.Evidence{Signatures: []verify.SignatureEvidence{s}}, verify.Policy{}).Signatures[0]
	return !r.Modified() && r.Compared()
}
