package verify_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"kyso/signer/signertest"
	"kyso/signer/verify"
)

// pkiAt is a PKI whose servers follow a clock.
func pkiAt(t *testing.T, clock *time.Time) *signertest.PKI {
	t.Helper()
	p, err := signertest.New(signertest.Options{BaseURL: "http://127.0.0.1:1", Clock: func() time.Time { return *clock }})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// lists are the revocation lists of both CAs as their servers give them now, as
// the file itself would hold them.
func lists(t *testing.T, p *signertest.PKI) []verify.Answer {
	t.Helper()
	var out []verify.Answer
	for _, path := range []string{signertest.PathCRL, signertest.PathRootCRL} {
		recorder := httptest.NewRecorder()
		p.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		out = append(out, verify.Answer{Kind: verify.AnswerCRL, Source: verify.SourceFile, Body: recorder.Body.Bytes()})
	}
	return out
}

func sum(b []byte) []byte {
	h := crypto.SHA256.New()
	h.Write(b)
	return h.Sum(nil)
}

// A letter of 2026 is judged in 2040: the signer's and the first two servers'
// certificates have expired; each time stamp vouches for the one before it.
func TestAChainOfArchiveTimeStampsCarriesASignatureOverTheEndOfItsCertificates(t *testing.T) {
	clock := at()
	start := clock
	first := pkiAt(t, &clock)
	id, err := first.Issue(signertest.IssueSpec{Name: "An", Key: "P-256"})
	if err != nil {
		t.Fatal(err)
	}
	digest := sum([]byte("the letter"))
	signature := verify.SignatureEvidence{
		Field: "a", SubFilter: "ETSI.CAdES.detached", Contents: withStamp(t, first, cmsOver(t, id, first.Chain(), digest), same),
		Digest: digest, Coverage: verify.CoversRevision, SignedSize: 100, ClaimedTime: clock,
	}
	stored := lists(t, first)
	archive := func(field string, by *signertest.PKI, size int64, content string) verify.SignatureEvidence {
		return verify.SignatureEvidence{
			Field: field, SubFilter: "ETSI.RFC3161", Contents: stamp(t, by, []byte(content)), Digest: sum([]byte(content)),
			Coverage: verify.CoversRevision, SignedSize: size, Store: true,
		}
	}
	one := archive("b", first, 200, "with the first store")
	clock = start.AddDate(9, 0, 0) // the first PKI ends after ten years
	stored = append(stored, lists(t, first)...)
	second := pkiAt(t, &clock)
	two := archive("c", second, 300, "with the second store")
	two.Coverage = verify.CoversFile
	clock = start.AddDate(14, 0, 0)
	now := append(append([]verify.Answer(nil), stored...), lists(t, second)...)

	certificates := [][]byte{}
	for _, p := range []*signertest.PKI{first, second} {
		certificates = append(certificates, p.Issuing().Raw, p.Parts()[signertest.PartTSA].Certificate.Raw)
	}
	policy := verify.Policy{Anchors: []*x509.Certificate{first.Root(), second.Root()}}
	evidence := func(signatures ...verify.SignatureEvidence) verify.Evidence {
		return verify.Evidence{At: clock, Certificates: certificates, Embedded: []int{0, 1, 2, 3}, Answers: now, Signatures: signatures}
	}
	broken := two
	broken.Digest = bytes.Repeat([]byte{1}, 32)
	for name, c := range map[string]struct {
		evidence verify.Evidence
		want     verify.Indication
		level    string
	}{
		"with both archive time stamps":       {evidence(signature, one, two), verify.TotalPassed, "B-LTA"},
		"without the second, nothing is left": {evidence(signature, one), verify.Indeterminate, "B-B"},
		"without any":                         {evidence(signature), verify.Indeterminate, "B-B"},
		"with the second over something else": {evidence(signature, one, broken), verify.Indeterminate, "B-B"},
	} {
		t.Run(name, func(t *testing.T) {
			s := verify.Evaluate(c.evidence, policy).Signatures[0]
			if s.Indication != c.want || s.Level != c.level {
				t.Errorf("got %s %s, level %s (%s): %s, want %s, %s", s.Indication, s.SubIndication, s.Level, s.LevelNote, s.Why, c.want, c.level)
			}
			if proven := s.ProvenTime.Equal(start); proven != (c.want == verify.TotalPassed) {
				t.Errorf("proven time %s, signed %s", s.ProvenTime, start)
			}
		})
	}
}

func TestClaimedTimesAreHeldAgainstTheProvenOne(t *testing.T) {
	clock := at()
	pki := pkiAt(t, &clock)
	id, err := pki.Issue(signertest.IssueSpec{Name: "An", Key: "P-256"})
	if err != nil {
		t.Fatal(err)
	}
	digest := sum([]byte("the letter"))
	contents := withStamp(t, pki, cmsOver(t, id, pki.Chain(), digest), same)
	for name, c := range map[string]struct {
		off  time.Duration
		want verify.WarningCode
	}{
		"the same time":            {0, ""},
		"a minute before":          {-time.Minute, ""},
		"hours before":             {-5 * time.Hour, ""},
		"seven hours after":        {7*time.Hour - 2*time.Minute, verify.TimeSevenHoursOff},
		"almost eight hours after": {8 * time.Hour, verify.TimeSevenHoursOff},
		"three hours after":        {3 * time.Hour, verify.TimeAfterProof},
		"a day after":              {24 * time.Hour, verify.TimeAfterProof},
	} {
		t.Run(name, func(t *testing.T) {
			e := verify.Evidence{
				At: clock, Answers: lists(t, pki), Certificates: [][]byte{pki.Issuing().Raw, pki.Parts()[signertest.PartTSA].Certificate.Raw},
				Signatures: []verify.SignatureEvidence{{
					SubFilter: "ETSI.CAdES.detached", Contents: contents, Digest: digest, Coverage: verify.CoversFile, ClaimedTime: clock.Add(c.off),
				}},
			}
			s := verify.Evaluate(e, verify.Policy{Anchors: []*x509.Certificate{pki.Root()}}).Signatures[0]
			var got verify.WarningCode
			if len(s.Warnings) > 0 {
				got = s.Warnings[0].Code
			}
			if got != c.want || len(s.Warnings) > 1 || s.Indication != verify.TotalPassed {
				t.Errorf("%s, warnings %+v, want %q", s.Indication, s.Warnings, c.want)
			}
		})
	}
}

func TestAPolicyIsNamedAndDecides(t *testing.T) {
	clock := at()
	pki := pkiAt(t, &clock)
	id, err := pki.Issue(signertest.IssueSpec{Name: "An", Key: "P-256"})
	if err != nil {
		t.Fatal(err)
	}
	digest := sum([]byte("the letter"))
	bare := cmsOver(t, id, pki.Chain(), digest)
	over := []verify.Difference{{
		Place: verify.InAnnotation, Action: verify.Added, Path: "Root/Pages/Kids/0/Annots/0", Page: 1,
		Rect: [4]float64{10, 10, 100, 20}, Shows: true, Covers: "100.000 đồng",
	}}
	judged := func(policy verify.PolicyName, contents []byte, differences []verify.Difference) verify.Signature {
		e := verify.Evidence{
			At: clock, Answers: lists(t, pki), Certificates: [][]byte{pki.Issuing().Raw, pki.Parts()[signertest.PartTSA].Certificate.Raw},
			Signatures: []verify.SignatureEvidence{{
				SubFilter: "ETSI.CAdES.detached", Contents: contents, Digest: digest, Coverage: verify.CoversRevision, Permission: 3, Differences: differences,
			}},
		}
		report := verify.Evaluate(e, verify.Policy{Name: policy, Anchors: []*x509.Certificate{pki.Root()}})
		if report.Policy != string(policy) {
			t.Errorf("the report names the policy %q, want %q", report.Policy, policy)
		}
		return report.Signatures[0]
	}
	stamped := withStamp(t, pki, bare, same)
	for _, c := range []struct {
		policy      verify.PolicyName
		contents    []byte
		differences []verify.Difference
		want        verify.Indication
	}{
		{verify.Basic, bare, nil, verify.TotalPassed},
		{verify.Basic, bare, over, verify.Indeterminate},
		{verify.Lenient, bare, over, verify.TotalPassed},
		{verify.Strict, bare, nil, verify.Indeterminate},
		{verify.Strict, stamped, nil, verify.TotalPassed},
		{verify.Strict, stamped, over, verify.Indeterminate},
	} {
		s := judged(c.policy, c.contents, c.differences)
		if s.Indication != c.want || (len(c.differences) > 0) != (len(s.Warnings) == 1) {
			t.Errorf("%s, stamped %v, overlay %v: %s %s, warnings %+v", c.policy, len(c.contents) > len(bare), c.differences != nil, s.Indication, s.Why, s.Warnings)
		}
	}
}

// What was not compared may be forbidden and may be permitted: neither is said.
func TestAnUnfinishedComparisonDecidesNothing(t *testing.T) {
	clock := at()
	pki := pkiAt(t, &clock)
	id, err := pki.Issue(signertest.IssueSpec{Name: "An", Key: "P-256"})
	if err != nil {
		t.Fatal(err)
	}
	digest := sum([]byte("the letter"))
	contents := cmsOver(t, id, pki.Chain(), digest)
	permitted := verify.Difference{Place: verify.InSignature, Action: verify.Added}
	forbidden := verify.Difference{Place: verify.InContent, Action: verify.Changed}
	unfinished := verify.Difference{Place: verify.InUnknown, Action: verify.Changed, Detail: "too large to compare"}
	for name, c := range map[string]struct {
		differences []verify.Difference
		want        verify.Indication
		sub         verify.SubIndication
		modified    bool
	}{
		"all compared":                      {[]verify.Difference{permitted}, verify.TotalPassed, "", false},
		"not all compared":                  {[]verify.Difference{permitted, unfinished}, verify.Indeterminate, verify.SignatureConstraints, false},
		"not all compared, a change before": {[]verify.Difference{forbidden, unfinished}, verify.TotalFailed, verify.HashFailure, true},
		"not all compared, a change after":  {[]verify.Difference{unfinished, forbidden}, verify.TotalFailed, verify.HashFailure, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := verify.Evaluate(verify.Evidence{
				At: clock, Certificates: [][]byte{pki.Issuing().Raw}, Answers: lists(t, pki),
				Signatures: []verify.SignatureEvidence{{
					SubFilter: "ETSI.CAdES.detached", Contents: contents, Digest: digest,
					Coverage: verify.CoversRevision, SignedSize: 100, ClaimedTime: clock, Differences: c.differences,
				}},
			}, verify.Policy{Anchors: []*x509.Certificate{pki.Root()}}).Signatures[0]
			if s.Indication != c.want || s.SubIndication != c.sub || s.Modified() != c.modified || s.Sound() != (c.want == verify.TotalPassed) {
				t.Errorf("%s %s (%s), modified %v, sound %v", s.Indication, s.SubIndication, s.Why, s.Modified(), s.Sound())
			}
		})
	}
}
