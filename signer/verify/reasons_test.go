package verify_test

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"kyso/signer/signertest"
	"kyso/signer/verify"
)

// partial is a list of the issuing CA for some reasons, as a bit string of
// ReasonFlags.
func partial(t *testing.T, p *signertest.PKI, now time.Time, flags [2]byte, revoked ...*x509.Certificate) verify.Answer {
	t.Helper()
	by := p.Parts()[signertest.PartIssuing]
	l := &x509.RevocationList{
		Number: big.NewInt(1), ThisUpdate: now.Add(-time.Minute), NextUpdate: now.Add(time.Hour),
		ExtraExtensions: []pkix.Extension{{
			Id: []int{2, 5, 29, 28}, Critical: true, Value: []byte{0x30, 5, 0x83, 3, 7, flags[0], flags[1]},
		}},
	}
	for _, c := range revoked {
		l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: c.SerialNumber, RevocationTime: now.Add(-time.Hour)})
	}
	der, err := x509.CreateRevocationList(rand.Reader, l, by.Certificate, by.Signer)
	if err != nil {
		t.Fatal(err)
	}
	return verify.Answer{Kind: verify.AnswerCRL, Source: verify.SourceFile, Body: der}
}

// A CA may publish one list for compromised keys and another for the rest (RFC
// 5280, 6.3.3): a certificate is good when it is on neither.
func TestListsForSomeReasonsCountOnlyTogether(t *testing.T) {
	clock := at()
	pki := pkiAt(t, &clock)
	id, err := pki.Issue(signertest.IssueSpec{Name: "An", Key: "P-256"})
	if err != nil {
		t.Fatal(err)
	}
	root := httptest.NewRecorder()
	pki.Handler().ServeHTTP(root, httptest.NewRequestWithContext(t.Context(), http.MethodGet, signertest.PathRootCRL, nil))
	ofRoot := verify.Answer{Kind: verify.AnswerCRL, Source: verify.SourceFile, Body: root.Body.Bytes()}
	compromise, rest, restButOne := [2]byte{0x60, 0}, [2]byte{0x1f, 0x80}, [2]byte{0x1f, 0}
	digest := sum([]byte("the letter"))
	contents := cmsOver(t, id, pki.Chain(), digest)
	for name, c := range map[string]struct {
		lists      []verify.Answer
		revocation string
		want       verify.Indication
	}{
		"both":             {[]verify.Answer{partial(t, pki, clock, compromise), partial(t, pki, clock, rest)}, "good", verify.TotalPassed},
		"the other order":  {[]verify.Answer{partial(t, pki, clock, rest), partial(t, pki, clock, compromise)}, "good", verify.TotalPassed},
		"only one":         {[]verify.Answer{partial(t, pki, clock, compromise)}, "unknown", verify.Indeterminate},
		"one reason short": {[]verify.Answer{partial(t, pki, clock, compromise), partial(t, pki, clock, restButOne)}, "unknown", verify.Indeterminate},
		"the same twice":   {[]verify.Answer{partial(t, pki, clock, compromise), partial(t, pki, clock, compromise)}, "unknown", verify.Indeterminate},
		"on the second":    {[]verify.Answer{partial(t, pki, clock, compromise), partial(t, pki, clock, rest, id.Certificate)}, "revoked", verify.Indeterminate},
		"on the only one":  {[]verify.Answer{partial(t, pki, clock, rest, id.Certificate)}, "revoked", verify.Indeterminate},
	} {
		t.Run(name, func(t *testing.T) {
			s := verify.Evaluate(verify.Evidence{
				At: clock, Certificates: [][]byte{pki.Issuing().Raw}, Answers: append(c.lists, ofRoot),
				Signatures: []verify.SignatureEvidence{{
					SubFilter: "ETSI.CAdES.detached", Contents: contents, Digest: digest, Coverage: verify.CoversFile, SignedSize: 100,
				}},
			}, verify.Policy{Anchors: []*x509.Certificate{pki.Root()}}).Signatures[0]
			if s.Indication != c.want || s.Revocation != c.revocation {
				t.Errorf("%s %s, revocation %s: %s, want %s, %s", s.Indication, s.SubIndication, s.Revocation, s.Why, c.want, c.revocation)
			}
		})
	}
}
