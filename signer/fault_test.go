package signer_test

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kyso/signer"
	"kyso/signer/signertest"
	"kyso/signer/verify"
)

// wantNoFile signs and checks that there is no output, not even a part of one.
func wantNoFile(t *testing.T, req signer.Request) error {
	t.Helper()
	in := write(t, "in.pdf", signertest.Paper{}.Bytes())
	out := filepath.Join(t.TempDir(), "out.pdf")
	_, err := signer.SignFile(t.Context(), in, out, req)
	if err == nil {
		t.Error("got no error")
	}
	wantNothing(t, out)
	return err
}

func TestATimeStampingServerThatMisbehavesNeverLowersTheLevel(t *testing.T) {
	t.Parallel()
	for fault, code := range map[signertest.Fault]string{
		signertest.Slow: "timeout", signertest.Dead: "unreachable", signertest.HTTPError: "http-status",
		signertest.RedirectLoop: "redirects", signertest.Huge: "too-large", signertest.Garbage: "format",
		signertest.Truncated: "format", signertest.WrongType: "content-type", signertest.Refused: "refused",
		signertest.WrongNonce: "nonce", signertest.WrongImprint: "imprint", signertest.WrongPolicy: "policy",
		signertest.Inaccurate: "accuracy", signertest.NoCertificate: "certificate", signertest.BadSignature: "certificate",
		signertest.Expired: "certificate", signertest.WrongEKU: "certificate", signertest.WrongResponder: "untrusted",
	} {
		for _, level := range []signer.Level{signer.LevelT, signer.LevelLTA} {
			t.Run(string(fault)+" at "+string(level), func(t *testing.T) {
				t.Parallel()
				s := servers(t)
				s.Misbehave(signertest.PathTSA, fault)
				req := levelRequest(t, s, "P-256", level)
				req.TSAs[0].Policy = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1, 1}
				if fault == signertest.Slow {
					req.TSAs[0].Timeout = 50 * time.Millisecond
				}
				err := wantNoFile(t, req)
				failed, ok := errors.AsType[*signer.TimeStampError](err)
				if !ok || !errors.Is(err, signer.ErrTimeStamp) || len(failed.Answers) != 1 {
					t.Fatalf("error %v, want one of the server", err)
				}
				if a := failed.Answers[0]; a.Code != code || a.URL != req.TSAs[0].URL {
					t.Errorf("%s from %s: %v, want %s", a.Code, a.URL, a.Err, code)
				}
			})
		}
	}
}

func TestServersAreTriedInOrder(t *testing.T) {
	t.Parallel()
	bad, good := servers(t), servers(t)
	bad.Misbehave(signertest.PathTSA, signertest.WrongNonce)
	gone, err := signertest.Start(signertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	req := levelRequest(t, good, "P-256", signer.LevelT)
	tsa := func(s *signertest.Server) signer.TSA { return signer.TSA{URL: s.BaseURL() + signertest.PathTSA} }
	req.TSAs = []signer.TSA{tsa(gone), tsa(bad), tsa(good)}
	out := mustSign(t, write(t, "in.pdf", signertest.Paper{}.Bytes()), req)
	if got := judged(t, out, good, false); got.Level != "B-T" {
		t.Errorf("level %s: %s", got.Level, got.LevelNote)
	}

	good.Misbehave(signertest.PathTSA, signertest.Refused)
	failed, _ := errors.AsType[*signer.TimeStampError](wantNoFile(t, req))
	if failed == nil {
		t.Fatal("no TimeStampError")
	}
	var got []string
	for _, a := range failed.Answers {
		got = append(got, a.URL+" "+a.Code)
	}
	want := []string{req.TSAs[0].URL + " unreachable", req.TSAs[1].URL + " nonce", req.TSAs[2].URL + " refused"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// once lets n requests to a path through and answers the others with an error.
type once struct {
	path string
	n    int
	next http.RoundTripper
}

func (o *once) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == o.path {
		if o.n == 0 {
			return nil, errors.New("the line is dead")
		}
		o.n--
	}
	return o.next.RoundTrip(r)
}

func TestAFailureAtTheLastStepLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		path string
		n    int
		want error
	}{
		"the document time stamp": {signertest.PathTSA, 1, signer.ErrTimeStamp},
		"the list of the root":    {signertest.PathRootCRL, 0, signer.ErrMaterial},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servers(t)
			req := levelRequest(t, s, "P-256", signer.LevelLTA)
			req.Client = &http.Client{Transport: &once{test.path, test.n, http.DefaultTransport}}
			if err := wantNoFile(t, req); !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
		})
	}
}

func TestRevocationAnswersThatProveNothingAreNotEmbedded(t *testing.T) {
	t.Parallel()
	faults := []signertest.Fault{
		signertest.Dead, signertest.HTTPError, signertest.RedirectLoop, signertest.Huge, signertest.Garbage,
		signertest.Truncated, signertest.OtherCertificate, signertest.WrongResponder, signertest.Stale, signertest.BadSignature,
	}
	ocspOnly := []signertest.Fault{signertest.WrongNonce, signertest.Expired, signertest.WrongEKU}
	for _, fault := range append(faults, ocspOnly...) {
		t.Run(string(fault)+" of OCSP, the list is good", func(t *testing.T) {
			t.Parallel()
			s := servers(t)
			s.Misbehave(signertest.PathOCSP, fault)
			out := mustSign(t, write(t, "in.pdf", signertest.Paper{}.Bytes()), levelRequest(t, s, "P-256", signer.LevelLT))
			if got := judged(t, out, s, true); got.Level != "B-LT" || got.Indication != verify.TotalPassed {
				t.Errorf("level %s, %s: %s", got.Level, got.Indication, got.LevelNote)
			}
		})
		t.Run(string(fault)+" of OCSP, no list", func(t *testing.T) {
			t.Parallel()
			s := servers(t)
			s.Misbehave(signertest.PathOCSP, fault)
			s.Misbehave(signertest.PathCRL, signertest.Dead)
			wantMaterial(t, levelRequest(t, s, "P-256", signer.LevelLT), "unknown")
		})
	}
	for _, fault := range faults {
		t.Run(string(fault)+" of the root's list", func(t *testing.T) {
			t.Parallel()
			s := servers(t)
			s.Misbehave(signertest.PathRootCRL, fault)
			wantMaterial(t, levelRequest(t, s, "P-256", signer.LevelLT), "unknown")
		})
	}
}

// wantMaterial signs and wants a MaterialError of that code and no file.
func wantMaterial(t *testing.T, req signer.Request, code string) {
	t.Helper()
	err := wantNoFile(t, req)
	m, ok := errors.AsType[*signer.MaterialError](err)
	if !ok || m.Code != code || m.Certificate == "" || !errors.Is(err, signer.ErrMaterial) {
		t.Errorf("error %v, want %s", err, code)
	}
}

func TestMaterialIsJudgedBeforeItIsEmbedded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		code    string
		prepare func(*signertest.Server, *signer.Request)
	}{
		"a revoked signer": {"revoked", func(s *signertest.Server, r *signer.Request) {
			s.Revoke(r.Credential.Certificate().SerialNumber, time.Now().Add(-time.Hour))
		}},
		"a revoked time-stamping server": {"revoked", func(s *signertest.Server, _ *signer.Request) {
			s.Revoke(s.Parts()[signertest.PartTSA].Certificate.SerialNumber, time.Now().Add(-time.Hour))
		}},
		"a revoked CA": {"revoked", func(s *signertest.Server, _ *signer.Request) {
			s.Revoke(s.Issuing().SerialNumber, time.Now().Add(-time.Hour))
		}},
		"a signer of another CA": {"no-path", func(_ *signertest.Server, r *signer.Request) {
			other := signertestOther()
			r.Credential, r.Chain = other.Credential(), nil
		}},
		"an expired signer": {"expired", func(s *signertest.Server, r *signer.Request) {
			id, err := s.Issue(signertest.IssueSpec{
				Name: "Nguyễn Văn Cũ", Key: "P-256", NotBefore: time.Now().AddDate(-3, 0, 0), NotAfter: time.Now().AddDate(0, 0, -1),
			})
			if err == nil {
				r.Credential = id.Credential()
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servers(t)
			req := levelRequest(t, s, "P-256", signer.LevelLT)
			test.prepare(s, &req)
			wantMaterial(t, req, test.code)
		})
	}
}

// signertestOther is a person of a CA that nobody knows.
func signertestOther() signertest.Identity {
	p, err := signertest.New(signertest.Options{})
	if err != nil {
		panic(err)
	}
	id, err := p.Issue(signertest.IssueSpec{Name: "Người lạ", Key: "P-256"})
	if err != nil {
		panic(err)
	}
	return id
}

func TestTheChainIsCompletedFromThePoolAndFromTheAddressesInCertificates(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault   signertest.Fault
		prepare func(*signertest.Server, *signer.Request)
		want    int // certificates in the CMS
		missing bool
	}{
		"the chain is given": {prepare: func(*signertest.Server, *signer.Request) {}, want: 2},
		"the issuer is in a pool": {prepare: func(s *signertest.Server, r *signer.Request) {
			r.Chain, r.Intermediates, r.Client = nil, s.Chain(), nil
		}, want: 2, missing: true}, // the root
		"the issuer is fetched": {prepare: func(_ *signertest.Server, r *signer.Request) { r.Chain = nil }, want: 2},
		"nothing is at hand":    {prepare: func(_ *signertest.Server, r *signer.Request) { r.Chain, r.Client = nil, nil }, want: 1, missing: true},
		"the pool has strangers": {prepare: func(_ *signertest.Server, r *signer.Request) {
			r.Chain = []*x509.Certificate{signertestOther().Certificate}
		}, want: 2},
		"the root is given, too":   {prepare: func(s *signertest.Server, r *signer.Request) { r.Chain = append(r.Chain, s.Root()) }, want: 3},
		"the address is dead":      {fault: signertest.Dead, want: 1, missing: true},
		"the address is slow":      {fault: signertest.Slow, want: 1, missing: true},
		"the address gives an end": {fault: signertest.HTTPError, want: 1, missing: true},
		"the address is huge":      {fault: signertest.Huge, want: 1, missing: true},
		"the address is garbage":   {fault: signertest.Garbage, want: 1, missing: true},
		"the address has another":  {fault: signertest.OtherCertificate, want: 1, missing: true},
		"the address goes around":  {fault: signertest.RedirectLoop, want: 1, missing: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servers(t)
			req := levelRequest(t, s, "P-256", signer.LevelB)
			req.Anchors, req.Client = nil, &http.Client{Timeout: 2 * time.Second}
			if test.fault == signertest.Slow {
				req.Client.Timeout = 50 * time.Millisecond
			}
			if test.prepare != nil {
				test.prepare(s, &req)
			} else {
				req.Chain = nil
			}
			s.Misbehave(signertest.PathIssuing, test.fault)
			in, out := write(t, "in.pdf", signertest.Paper{}.Bytes()), filepath.Join(t.TempDir(), "out.pdf")
			res, err := signer.SignFile(t.Context(), in, out, req)
			if err != nil {
				t.Fatal(err)
			}
			if (res.MissingIssuer != "") != test.missing {
				t.Errorf("missing issuer %q, want one: %v", res.MissingIssuer, test.missing)
			}
			if got := embedded(t, out); got != test.want {
				t.Errorf("%d certificates, want %d", got, test.want)
			}
		})
	}
}

// embedded counts the certificates in the CMS of the first signature.
func embedded(t *testing.T, path string) int {
	t.Helper()
	value := filepath.Join(t.TempDir(), "cms")
	if err := os.WriteFile(value, signatures(t, path)[0].cms, 0o600); err != nil {
		t.Fatal(err)
	}
	said := run(t, "openssl", "pkcs7", "-inform", "DER", "-in", value, "-print_certs", "-noout")
	n := 0
	for i := 0; i+8 <= len(said); i++ {
		if said[i:i+8] == "subject=" {
			n++
		}
	}
	return n
}
