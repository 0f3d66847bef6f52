package revocation_test

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kyso/signer/internal/fetch"
	"kyso/signer/internal/revocation"
	"kyso/signer/signertest"
)

type office struct {
	*signertest.Server

	fetcher fetch.Client
	leaf    *x509.Certificate
}

func newOffice(t *testing.T, o signertest.Options) office {
	t.Helper()
	server, err := signertest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	id, err := server.Issue(signertest.IssueSpec{Name: "An", Key: "P-256"})
	if err != nil {
		t.Fatal(err)
	}
	return office{server, fetch.Client{HTTP: new(http.Client)}, id.Certificate}
}

func (o office) ocsp(t *testing.T) (answer, nonce []byte) {
	t.Helper()
	answer, nonce, err := o.fetcher.OCSP(t.Context(), o.leaf.OCSPServer[0], o.leaf, o.Issuing())
	if err != nil {
		t.Fatal(err)
	}
	return answer, nonce
}

func (o office) crl(t *testing.T) []byte {
	t.Helper()
	list, err := o.fetcher.CRL(t.Context(), o.leaf.CRLDistributionPoints[0])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestBothWaysTellGoodFromRevoked(t *testing.T) {
	for _, key := range []string{"P-256", "RSA-2048"} {
		t.Run(key, func(t *testing.T) {
			o := newOffice(t, signertest.Options{Key: key})
			now := time.Now()
			judge := func(want revocation.State) {
				answer, nonce := o.ocsp(t)
				if s, err := revocation.OCSP(answer, o.leaf, o.Issuing(), nonce, now); err != nil || s.State != want {
					t.Errorf("OCSP: %v, %v, want %s", s, err, want)
				}
				if s, err := revocation.CRL(o.crl(t), o.leaf, o.Issuing(), now); err != nil || s.State != want {
					t.Errorf("CRL: %v, %v, want %s", s, err, want)
				}
			}
			judge(revocation.Good)
			o.Revoke(o.leaf.SerialNumber, now.Add(-time.Hour))
			judge(revocation.Revoked)
		})
	}
}

func TestAnAnswerThatDoesNotProveItselfIsUnusable(t *testing.T) {
	now := time.Now()
	o := newOffice(t, signertest.Options{})
	stranger := newOffice(t, signertest.Options{})
	answer, nonce := o.ocsp(t)
	list := o.crl(t)
	strange, _ := stranger.ocsp(t)
	bend := func(b []byte, at int) []byte {
		c := append([]byte(nil), b...)
		c[at] ^= 1
		return c
	}
	cases := map[string]func() (revocation.Status, error){
		"an answer to another request": func() (revocation.Status, error) {
			return revocation.OCSP(answer, o.leaf, o.Issuing(), append([]byte{1}, nonce...), now)
		},
		"an answer about another certificate": func() (revocation.Status, error) {
			return revocation.OCSP(answer, o.Parts()[signertest.PartTSA].Certificate, o.Issuing(), nil, now)
		},
		"an answer of another CA": func() (revocation.Status, error) {
			return revocation.OCSP(strange, stranger.leaf, o.Issuing(), nil, now)
		},
		"a stale answer": func() (revocation.Status, error) {
			return revocation.OCSP(answer, o.leaf, o.Issuing(), nonce, now.Add(48*time.Hour))
		},
		"a bent answer": func() (revocation.Status, error) {
			return revocation.OCSP(bend(answer, len(answer)-900), o.leaf, o.Issuing(), nonce, now)
		},
		"a refusal": func() (revocation.Status, error) {
			return revocation.OCSP([]byte{0x30, 0x03, 0x0a, 0x01, 0x06}, o.leaf, o.Issuing(), nonce, now)
		},
		"nothing": func() (revocation.Status, error) { return revocation.OCSP(nil, o.leaf, o.Issuing(), nonce, now) },
		"a stale list": func() (revocation.Status, error) {
			return revocation.CRL(list, o.leaf, o.Issuing(), now.Add(48*time.Hour))
		},
		"a list of another CA": func() (revocation.Status, error) {
			return revocation.CRL(stranger.crl(t), o.leaf, o.Issuing(), now)
		},
		"a bent list": func() (revocation.Status, error) {
			return revocation.CRL(bend(list, len(list)-3), o.leaf, o.Issuing(), now)
		},
		"no list": func() (revocation.Status, error) {
			return revocation.CRL([]byte("<html>"), o.leaf, o.Issuing(), now)
		},
	}
	for name, judge := range cases {
		t.Run(name, func(t *testing.T) {
			if s, err := judge(); !errors.Is(err, revocation.ErrUnusable) {
				t.Errorf("got %v, %v, want %v", s, err, revocation.ErrUnusable)
			}
		})
	}
}

// A responder must be appointed by the CA, for OCSP, and be valid: each
// impostor signs a perfect answer.
func TestAResponderWithoutAuthorityIsNotBelieved(t *testing.T) {
	now := time.Now()
	cases := map[string]struct {
		responder func(o office) signertest.Identity
	}{
		"a signer of documents": {func(o office) signertest.Identity {
			id, err := o.Issue(signertest.IssueSpec{Name: "OCSP giả", Key: "P-256"})
			if err != nil {
				t.Fatal(err)
			}
			return id
		}},
		"the time-stamping server": {func(o office) signertest.Identity { return o.Parts()[signertest.PartTSA] }},
		"the responder of another CA": {func(office) signertest.Identity {
			return newOffice(t, signertest.Options{}).Parts()[signertest.PartOCSP]
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, signertest.Options{})
			parts := o.Parts()
			parts[signertest.PartOCSP] = c.responder(o)
			forged, err := signertest.Open(parts, signertest.Options{BaseURL: o.BaseURL()})
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(forged.Handler())
			defer server.Close()
			answer, nonce, err := o.fetcher.OCSP(t.Context(), server.URL+signertest.PathOCSP, o.leaf, o.Issuing())
			if err != nil {
				t.Fatal(err)
			}
			if s, err := revocation.OCSP(answer, o.leaf, o.Issuing(), nonce, now); !errors.Is(err, revocation.ErrUnusable) {
				t.Errorf("got %v, %v, want %v", s, err, revocation.ErrUnusable)
			}
		})
	}
}

func TestAFetchIsBounded(t *testing.T) {
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		chunk := []byte(strings.Repeat("x", 1<<20))
		for range 64 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	defer endless.Close()
	silent := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-silent:
		case <-r.Context().Done():
		}
	}))
	defer hanging.Close()
	defer close(silent)

	f := fetch.Client{HTTP: new(http.Client)}
	if _, err := f.CRL(t.Context(), endless.URL); err == nil {
		t.Error("an endless list was read")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := f.CRL(ctx, hanging.URL); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a silent server: %v, want %v", err, context.DeadlineExceeded)
	}
	for _, url := range []string{"file:///etc/passwd", "ldap://127.0.0.1/", "http://127.0.0.1:1/"} {
		if _, err := f.CRL(t.Context(), url); err == nil {
			t.Errorf("%s was fetched", url)
		}
	}
	if _, err := (fetch.Client{}).CRL(t.Context(), endless.URL); err == nil {
		t.Error("a fetcher without a client reached the network")
	}
}
