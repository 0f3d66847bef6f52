package signer_test

import (
	"crypto/x509"
	"testing"
	"time"

	"kyso/signer/signertest"
	"kyso/signer/verify"
)

func TestTheStateOfTheCertificateDecides(t *testing.T) {
	now := time.Now()
	cases := map[string]struct {
		spec       signertest.IssueSpec
		at         time.Time
		before     func(s *signertest.Server, c *x509.Certificate)
		offline    bool
		stranger   bool
		want       outcome
		revocation string
	}{
		"revoked before the claimed time, by OCSP": {
			before:     func(s *signertest.Server, c *x509.Certificate) { s.Revoke(c.SerialNumber, now.Add(-30*time.Minute)) },
			want:       outcome{indication: verify.TotalFailed, sub: verify.Revoked},
			revocation: "revoked",
		},
		"revoked after the claimed time, by OCSP": {
			at:         now.Add(2 * time.Hour),
			before:     func(s *signertest.Server, c *x509.Certificate) { s.Revoke(c.SerialNumber, now.Add(time.Hour)) },
			want:       outcome{indication: verify.Indeterminate, sub: verify.RevokedNoPOE},
			revocation: "revoked",
		},
		"revoked, by the list alone": {
			spec:       signertest.IssueSpec{NoOCSP: true},
			before:     func(s *signertest.Server, c *x509.Certificate) { s.Revoke(c.SerialNumber, now.Add(-30*time.Minute)) },
			want:       outcome{indication: verify.TotalFailed, sub: verify.Revoked},
			revocation: "revoked",
		},
		"revoked, and the responder is dead": {
			before: func(s *signertest.Server, c *x509.Certificate) {
				s.Break(signertest.PathOCSP, true)
				s.Revoke(c.SerialNumber, now.Add(-30*time.Minute))
			},
			want:       outcome{indication: verify.TotalFailed, sub: verify.Revoked},
			revocation: "revoked",
		},
		"the responder is dead, the list says good": {
			before:     func(s *signertest.Server, _ *x509.Certificate) { s.Break(signertest.PathOCSP, true) },
			want:       outcome{indication: verify.TotalPassed},
			revocation: "good",
		},
		"responder and list are dead": {
			before: func(s *signertest.Server, _ *x509.Certificate) {
				s.Break(signertest.PathOCSP, true)
				s.Break(signertest.PathCRL, true)
			},
			want:       outcome{indication: verify.Indeterminate, sub: verify.TryLater},
			revocation: "unknown",
		},
		"the list of the root is dead": {
			before:     func(s *signertest.Server, _ *x509.Certificate) { s.Break(signertest.PathRootCRL, true) },
			want:       outcome{indication: verify.Indeterminate, sub: verify.TryLater},
			revocation: "unknown",
		},
		"the certificate names no place to ask": {
			spec:       signertest.IssueSpec{NoOCSP: true, NoCRL: true},
			want:       outcome{indication: verify.Indeterminate, sub: verify.TryLater},
			revocation: "unknown",
		},
		"nobody is asked": {
			offline:    true,
			want:       outcome{indication: verify.Indeterminate, sub: verify.TryLater},
			revocation: "unknown",
		},
		"the CA was revoked": {
			before: func(s *signertest.Server, _ *x509.Certificate) {
				s.Revoke(s.Issuing().SerialNumber, now.Add(-time.Minute))
			},
			want:       outcome{indication: verify.Indeterminate, sub: verify.RevokedCANoPOE},
			revocation: "revoked",
		},
		"expired since": {
			spec:       signertest.IssueSpec{NotAfter: now.Add(time.Hour)},
			at:         now.Add(2 * time.Hour),
			want:       outcome{indication: verify.Indeterminate, sub: verify.OutOfBoundsNoPOE},
			revocation: "good",
		},
		"expired before the claimed time": {
			spec:       signertest.IssueSpec{NotBefore: now.Add(-48 * time.Hour), NotAfter: now.Add(-time.Hour)},
			want:       outcome{indication: verify.TotalFailed, sub: verify.Expired},
			revocation: "good",
		},
		"not yet valid": {
			spec:       signertest.IssueSpec{NotBefore: now.Add(time.Hour)},
			want:       outcome{indication: verify.TotalFailed, sub: verify.NotYetValid},
			revocation: "good",
		},
		"not for signatures": {
			spec:       signertest.IssueSpec{KeyUsage: x509.KeyUsageKeyAgreement},
			want:       outcome{indication: verify.Indeterminate, sub: verify.ChainConstraints},
			revocation: "not-checked",
		},
		"of an unknown root": {
			stranger:   true,
			want:       outcome{indication: verify.Indeterminate, sub: verify.NoCertificateChain},
			revocation: "not-checked",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			server := registry(t)
			o := trusting(server.PKI)
			if c.stranger {
				o.Anchors = []*x509.Certificate{newPKI(t).Root()} // the same names, other keys
			}
			o.At, o.Offline = c.at, c.offline
			document, certificate := signed(t, server.PKI, signertest.Paper{}, c.spec)
			if c.before != nil {
				c.before(server, certificate)
			}
			report := verdict(t, document, o)
			c.want.integrity, c.want.coverage = verify.Intact, verify.CoversFile
			if got := first(report); got != c.want {
				t.Errorf("got %v, want %v\n%s", got, c.want, why(report))
			}
			if got := report.Signatures[0].Revocation; got != c.revocation {
				t.Errorf("revocation %q, want %q", got, c.revocation)
			}
		})
	}
}
