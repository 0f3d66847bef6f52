package verify_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kyso/signer/verify"
)

func at() time.Time { return time.Date(2026, 11, 24, 1, 30, 0, 0, time.UTC) }

func TestAChangeIsPermittedByThePlaceAndTheCertification(t *testing.T) {
	type row struct {
		place  verify.Place
		action verify.Action
	}
	// For each difference: permitted without certification, and with P = 1, 2, 3.
	want := map[row][4]bool{
		{verify.InContent, verify.Changed}:        {false, false, false, false},
		{verify.InContent, verify.Added}:          {false, false, false, false},
		{verify.InMetadata, verify.Changed}:       {true, true, true, true},
		{verify.InSecurityStore, verify.Added}:    {true, true, true, true},
		{verify.InSecurityStore, verify.Removed}:  {false, false, false, false},
		{verify.InSignature, verify.Added}:        {true, false, true, true},
		{verify.InSignature, verify.Changed}:      {false, false, false, false},
		{verify.InSignature, verify.Removed}:      {false, false, false, false},
		{verify.InSignatureField, verify.Added}:   {true, false, true, true},
		{verify.InSignatureField, verify.Changed}: {false, false, false, false},
		{verify.InTimeStamp, verify.Added}:        {true, true, true, true},
		{verify.InField, verify.Changed}:          {false, false, true, true},
		{verify.InField, verify.Added}:            {false, false, false, false},
		{verify.InAnnotation, verify.Added}:       {false, false, false, true},
		{verify.InAnnotation, verify.Removed}:     {false, false, false, true},
		{"a place of the future", verify.Added}:   {false, false, false, false},
	}
	got := map[row][4]bool{}
	for r := range want {
		var allowed [4]bool
		for p := range allowed {
			report := verify.Evaluate(verify.Evidence{At: at(), Signatures: []verify.SignatureEvidence{{
				Permission: p, Differences: []verify.Difference{{Place: r.place, Action: r.action, Path: "Root"}},
			}}}, verify.Policy{})
			allowed[p] = report.Signatures[0].Changes[0].Allowed
		}
		got[r] = allowed
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("permitted changes (-want +got):\n%s", d)
	}
}

func TestAFileIsAsGoodAsItsWorstSignature(t *testing.T) {
	broken := verify.SignatureEvidence{Field: "a", SubFilter: "ETSI.CAdES.detached", Malformed: []string{"no /Contents"}}
	unknown := verify.SignatureEvidence{Field: "b", SubFilter: "made.up"}
	cases := map[string]struct {
		evidence verify.Evidence
		want     verify.Indication
		sub      verify.SubIndication
	}{
		"no signature":       {verify.Evidence{}, verify.Indeterminate, verify.FormatFailure},
		"an unknown one":     {verify.Evidence{Signatures: []verify.SignatureEvidence{unknown}}, verify.Indeterminate, verify.SignatureConstraints},
		"a broken one":       {verify.Evidence{Signatures: []verify.SignatureEvidence{unknown, broken}}, verify.TotalFailed, verify.FormatFailure},
		"a damaged file":     {verify.Evidence{Damage: "no xref"}, verify.TotalFailed, verify.FormatFailure},
		"damage and unknown": {verify.Evidence{Damage: "no xref", Signatures: []verify.SignatureEvidence{unknown}}, verify.TotalFailed, verify.FormatFailure},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			report := verify.Evaluate(c.evidence, verify.Policy{})
			if report.Indication != c.want || report.SubIndication != c.sub {
				t.Errorf("got %s %s, want %s %s", report.Indication, report.SubIndication, c.want, c.sub)
			}
		})
	}
}
