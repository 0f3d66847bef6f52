package revocation_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/crypto/ocsp"

	"kyso/signer/internal/revocation"
	"kyso/signer/signertest"
	"kyso/signer/signertest/seeds"
)

// asked is an office's OCSP answer about a certificate.
func asked(tb testing.TB, office seeds.Office, certificate *x509.Certificate) []byte {
	tb.Helper()
	request, _, err := revocation.Request(certificate, office.Issuing())
	if err != nil {
		tb.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	office.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(tb.Context(), http.MethodPost, signertest.PathOCSP, bytes.NewReader(request)))
	return recorder.Body.Bytes()
}

// settled reports that an answer was judged; the only other outcome is ErrUnusable.
func settled(t *testing.T, err error) bool {
	t.Helper()
	if err != nil && !errors.Is(err, revocation.ErrUnusable) {
		t.Errorf("error %v", err)
	}
	return err == nil
}

// FuzzOCSP holds the judge of OCSP answers to its contract: it never panics;
// bytes that the office's responder did not sign settle nothing, about any
// certificate; what it did sign, whatever it is (signed: in is the
// ResponseData), is called good only where another reader finds the same.
func FuzzOCSP(f *testing.F) {
	office, stranger := seeds.NewOffice(f, "office"), seeds.NewOffice(f, "stranger")
	responder := office.Parts()[signertest.PartOCSP]
	for _, c := range []*x509.Certificate{office.An.Certificate, office.Binh.Certificate} {
		answer := asked(f, office, c)
		f.Add(answer, false)
		f.Add(responseData(f, answer), true)
	}
	f.Add(asked(f, stranger, stranger.An.Certificate), false)
	f.Add([]byte{0x30, 0x03, 0x0a, 0x01, 0x06}, false)
	for _, b := range seeds.Corpus(f, seeds.OCSP, 16<<10) {
		f.Add(b, false)
		f.Add(responseData(f, b), true)
	}
	f.Fuzz(func(t *testing.T, in []byte, signed bool) {
		if len(in) > 32<<10 {
			t.Skip("too long to be quick")
		}
		if signed {
			in = answerOf(t, in, responder)
		}
		now := seeds.Now()
		if s, err := revocation.OCSP(in, stranger.An.Certificate, stranger.Issuing(), nil, now); settled(t, err) && !signed && !s.ThisUpdate.Equal(now.Add(-time.Minute)) {
			t.Errorf("an answer of another CA that was never given: %+v", s)
		} else if err == nil && signed {
			t.Errorf("the office's answer settles it for another CA: %+v", s)
		}
		for holder, want := range map[signertest.Identity]revocation.State{office.An: revocation.Good, office.Binh: revocation.Revoked} {
			s, err := revocation.OCSP(in, holder.Certificate, office.Issuing(), nil, now)
			if !settled(t, err) {
				continue
			}
			if !signed && (s.State != want || !s.ThisUpdate.Equal(now.Add(-time.Minute))) {
				t.Errorf("an answer that was never given: %+v", s)
			}
			if signed && s.State == revocation.Good {
				otherReaderAgrees(t, in, holder.Certificate, office.Issuing())
			}
		}
	})
}

// otherReaderAgrees fails when x/crypto/ocsp reads another status out of an
// answer. It may refuse what we take: it knows fewer forms of names and times.
func otherReaderAgrees(t *testing.T, answer []byte, certificate, issuer *x509.Certificate) {
	t.Helper()
	parsed, err := ocsp.ParseResponseForCert(answer, certificate, issuer)
	if err == nil && parsed.Status != ocsp.Good {
		t.Errorf("x/crypto/ocsp reads status %d", parsed.Status)
	}
}

type ocspAnswer struct {
	Status asn1.Enumerated
	Bytes  struct {
		Type     asn1.ObjectIdentifier
		Response []byte
	} `asn1:"explicit,tag:0"`
}

type basicAnswer struct {
	Data         asn1.RawValue
	Algorithm    pkix.AlgorithmIdentifier
	Signature    asn1.BitString
	Certificates []asn1.RawValue `asn1:"explicit,tag:0,optional"`
}

// responseData is what is signed of an answer.
func responseData(tb testing.TB, answer []byte) []byte {
	tb.Helper()
	var outer ocspAnswer
	var basic basicAnswer
	if _, err := asn1.Unmarshal(answer, &outer); err != nil {
		tb.Fatal(err)
	}
	if _, err := asn1.Unmarshal(outer.Bytes.Response, &basic); err != nil {
		tb.Fatal(err)
	}
	return basic.Data.FullBytes
}

// answerOf is an answer whose ResponseData a responder signed.
func answerOf(t *testing.T, data []byte, responder signertest.Identity) []byte {
	t.Helper()
	certificate := responder.Certificate.Raw
	return sequence(t, func(b *cryptobyte.Builder) {
		b.AddASN1Enum(0)
		b.AddASN1(casn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
			b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1})
				b.AddASN1OctetString(sequence(t, func(b *cryptobyte.Builder) {
					addSigned(t, b, data, responder)
					b.AddASN1(casn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
						b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddBytes(certificate) })
					})
				}))
			})
		})
	})
}

func sequence(t *testing.T, fill func(*cryptobyte.Builder)) []byte {
	t.Helper()
	var b cryptobyte.Builder
	b.AddASN1(casn1.SEQUENCE, fill)
	return b.BytesOrPanic()
}

// addSigned adds data, the algorithm and the signature over data, as
// certificates, lists and answers have them.
func addSigned(t *testing.T, b *cryptobyte.Builder, data []byte, signer signertest.Identity) {
	t.Helper()
	digest := sha256.Sum256(data)
	value, err := signer.Signer.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	b.AddBytes(data)
	b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2})
	})
	b.AddASN1BitString(value)
}

// FuzzCRL holds the judge of revocation lists to its contract: it never panics;
// bytes that the office did not sign settle nothing, about any certificate;
// what it did sign, whatever it is (signed: in is the TBSCertList), is called
// good or revoked only where crypto/x509, if it reads it, finds the same.
func FuzzCRL(f *testing.F) {
	office, stranger := seeds.NewOffice(f, "office"), seeds.NewOffice(f, "stranger")
	issuing := office.Parts()[signertest.PartIssuing]
	for i, o := range []seeds.Office{office, stranger} {
		list, err := o.CRL()
		if err != nil {
			f.Fatal(err)
		}
		parsed, err := x509.ParseRevocationList(list)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(list, false)
		if i == 0 {
			f.Add(parsed.RawTBSRevocationList, true)
		}
	}
	f.Add([]byte("-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n"), false)
	for _, b := range seeds.Corpus(f, seeds.CRL, 16<<10) {
		f.Add(b, false)
		if parsed, err := x509.ParseRevocationList(b); err == nil {
			f.Add(parsed.RawTBSRevocationList, true)
		}
	}
	f.Fuzz(func(t *testing.T, in []byte, signed bool) {
		if len(in) > 32<<10 {
			t.Skip("too long to be quick")
		}
		if signed {
			in = sequence(t, func(b *cryptobyte.Builder) { addSigned(t, b, in, issuing) })
		}
		now := seeds.Now()
		if s, err := revocation.CRL(in, stranger.An.Certificate, stranger.Issuing(), now); settled(t, err) && (signed || !s.ThisUpdate.Equal(now.Add(-time.Minute))) {
			t.Errorf("a list of another CA that was never made: %+v", s)
		}
		for holder, want := range map[signertest.Identity]revocation.State{office.An: revocation.Good, office.Binh: revocation.Revoked} {
			s, err := revocation.CRL(in, holder.Certificate, office.Issuing(), now)
			if !settled(t, err) {
				continue
			}
			if !signed && (s.State != want || !s.ThisUpdate.Equal(now.Add(-time.Minute))) {
				t.Errorf("a list that was never made: %+v", s)
			}
			if signed {
				if got, ok := listed(in, holder.Certificate.SerialNumber); ok && got != s.State {
					t.Errorf("%s, crypto/x509 says %s", s.State, got)
				}
			}
		}
	})
}

// listed looks a serial up in a list with crypto/x509, which refuses more: it
// reads the number of a list, for instance, which we do not ask for.
func listed(list []byte, serial *big.Int) (revocation.State, bool) {
	parsed, err := x509.ParseRevocationList(list)
	if err != nil {
		return "", false
	}
	for _, e := range parsed.RevokedCertificateEntries {
		for _, x := range e.Extensions {
			if x.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 29}) {
				return "", false // of another issuer: crypto/x509 does not look at it
			}
		}
		const removed = 8
		if e.ReasonCode == removed {
			return "", false
		}
		if e.SerialNumber.Cmp(serial) == 0 {
			return revocation.Revoked, true
		}
	}
	return revocation.Good, true
}
