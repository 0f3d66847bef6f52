package signer_test

import (
	"crypto/x509"
	"net/http"
	"testing"
	"time"

	"kyso/signer"
	"kyso/signer/signertest"
	"kyso/signer/verify"
)

func TestACertificateIsJudgedBeforeAnythingIsSigned(t *testing.T) {
	now := time.Now()
	cases := map[string]struct {
		spec       signertest.IssueSpec
		prepare    func(*signertest.PKI, signertest.Identity)
		offline    bool
		indication verify.Indication
		revocation string
	}{
		"a good one passes": {indication: verify.TotalPassed, revocation: "good"},
		"a revoked one fails": {
			prepare: func(p *signertest.PKI, id signertest.Identity) {
				p.Revoke(id.Certificate.SerialNumber, now.Add(-time.Hour))
			},
			indication: verify.TotalFailed, revocation: "revoked",
		},
		"without an answer nobody can tell": {
			prepare: func(p *signertest.PKI, _ signertest.Identity) {
				p.Break(signertest.PathOCSP, true)
				p.Break(signertest.PathCRL, true)
			},
			indication: verify.Indeterminate, revocation: "unknown",
		},
		"a dead OCSP leaves the list": {
			prepare:    func(p *signertest.PKI, _ signertest.Identity) { p.Break(signertest.PathOCSP, true) },
			indication: verify.TotalPassed, revocation: "good",
		},
		"off line nobody is asked": {offline: true, indication: verify.Indeterminate, revocation: "unknown"},
		"an expired one fails": {
			spec:       signertest.IssueSpec{NotBefore: now.AddDate(-2, 0, 0), NotAfter: now.AddDate(-1, 0, 0)},
			indication: verify.TotalFailed, revocation: "good",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			server, err := signertest.Start(signertest.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := server.Close(); err != nil {
					t.Error(err)
				}
			})
			c.spec.Name, c.spec.Key = "Trần Minh Khôi", "P-256"
			id, err := server.Issue(c.spec)
			if err != nil {
				t.Fatal(err)
			}
			if c.prepare != nil {
				c.prepare(server.PKI, id)
			}
			got := signer.CheckCertificate(t.Context(), id.Certificate, signer.VerifyOptions{
				Anchors: []*x509.Certificate{server.Root()}, Intermediates: server.Chain(), Client: &http.Client{Timeout: 5 * time.Second}, Offline: c.offline, At: now,
			})
			if got.Indication != c.indication || got.Revocation != c.revocation {
				t.Errorf("got %+v, want %s, %s", got, c.indication, c.revocation)
			}
		})
	}
}
