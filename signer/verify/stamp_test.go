package verify_test

import (
	"bytes"
	"crypto"
	_ "crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"kyso/signer/internal/cms"
	"kyso/signer/internal/revocation"
	"kyso/signer/signertest"
	"kyso/signer/verify"
)

// stamp asks the PKI's server for a time-stamp token over a message.
func stamp(t *testing.T, p *signertest.PKI, message []byte) []byte {
	t.Helper()
	h := crypto.SHA256.New()
	h.Write(message)
	request, err := asn1.Marshal(struct {
		Version int
		Imprint struct {
			Hash   pkix.AlgorithmIdentifier
			Digest []byte
		}
		Nonce   *big.Int
		CertReq bool
	}{1, struct {
		Hash   pkix.AlgorithmIdentifier
		Digest []byte
	}{pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}}, h.Sum(nil)}, big.NewInt(7), true})
	if err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	p.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodPost, signertest.PathTSA, bytes.NewReader(request)))
	var answer struct {
		Status struct{ Status int }
		Token  asn1.RawValue
	}
	if _, err := asn1.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%v: %s", err, recorder.Body)
	}
	return answer.Token.FullBytes
}

type rawContentInfo struct {
	Type    asn1.ObjectIdentifier
	Content struct {
		Version      int
		Digests      asn1.RawValue
		Content      asn1.RawValue
		Certificates asn1.RawValue
		Signers      []rawSigner `asn1:"set"`
	} `asn1:"explicit,tag:0"`
}

type rawSigner struct {
	Version    int
	ID         asn1.RawValue
	Digest     asn1.RawValue
	Attributes asn1.RawValue
	Algorithm  asn1.RawValue
	Value      []byte
	Unsigned   asn1.RawValue `asn1:"optional"`
}

// withStamp adds a signature time-stamp to a CMS signature; over gives what is stamped.
func withStamp(t *testing.T, p *signertest.PKI, der []byte, over func(value []byte) []byte) []byte {
	t.Helper()
	var info rawContentInfo
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		t.Fatal(err)
	}
	s := &info.Content.Signers[0]
	attribute, err := asn1.Marshal(struct {
		Type   asn1.ObjectIdentifier
		Values []asn1.RawValue `asn1:"set"`
	}{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}, []asn1.RawValue{{FullBytes: stamp(t, p, over(s.Value))}}})
	if err != nil {
		t.Fatal(err)
	}
	s.Unsigned = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 1, IsCompound: true, Bytes: attribute}
	out, err := asn1.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// cmsOver is a CMS signature over a digest.
func cmsOver(t *testing.T, id signertest.Identity, chain []*x509.Certificate, digest []byte) []byte {
	t.Helper()
	scheme, err := cms.SchemeFor(id.Certificate, false)
	if err != nil {
		t.Fatal(err)
	}
	b, err := cms.NewBuilder(scheme, id.Certificate, chain, digest)
	if err != nil {
		t.Fatal(err)
	}
	toSign, err := b.Digest()
	if err != nil {
		t.Fatal(err)
	}
	value, err := id.Credential().SignDigest(t.Context(), toSign, b.Scheme.Hash)
	if err != nil {
		t.Fatal(err)
	}
	der, err := b.Build(value)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func same(b []byte) []byte { return b }

// A signature of yesterday by a certificate that was revoked this morning: with
// a time stamp of yesterday it stands, without one nothing can be decided.
func TestATimeStampProvesThatASignatureIsOlderThanTheRevocation(t *testing.T) {
	now := at()
	yesterday := now.Add(-24 * time.Hour)
	clock := yesterday
	tick := func() time.Time { return clock }
	pki, err := signertest.New(signertest.Options{BaseURL: "http://127.0.0.1:1", Clock: tick})
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := signertest.New(signertest.Options{BaseURL: "http://127.0.0.1:1", Clock: tick})
	if err != nil {
		t.Fatal(err)
	}
	id, err := pki.Issue(signertest.IssueSpec{Name: "An", Key: "P-256"})
	if err != nil {
		t.Fatal(err)
	}
	digest := bytes.Repeat([]byte{7}, 32)
	bare := cmsOver(t, id, pki.Chain(), digest)
	good := withStamp(t, pki, bare, same)
	other := withStamp(t, pki, bare, func([]byte) []byte { return []byte("another signature") })
	foreign := withStamp(t, stranger, bare, same)
	clock = now
	late := withStamp(t, pki, bare, same)
	pki.Revoke(id.Certificate.SerialNumber, now.Add(-time.Hour))

	cases := map[string]struct {
		contents   []byte
		want       verify.Indication
		sub        verify.SubIndication
		timeSource string
		level      string
	}{
		"no time stamp":                        {bare, verify.Indeterminate, verify.RevokedNoPOE, "now", "B-B"},
		"a time stamp before the revocation":   {good, verify.TotalPassed, "", "timestamp", "B-T"},
		"a time stamp after the revocation":    {late, verify.Indeterminate, verify.RevokedNoPOE, "timestamp", "B-T"},
		"a time stamp over something else":     {other, verify.Indeterminate, verify.RevokedNoPOE, "now", "B-B"},
		"a time stamp of a server not trusted": {foreign, verify.Indeterminate, verify.RevokedNoPOE, "now", "B-B"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e := verify.Evidence{At: now, Answers: answers(t, pki), Signatures: []verify.SignatureEvidence{{
				SubFilter: "ETSI.CAdES.detached", Contents: c.contents, Digest: digest,
				Coverage: verify.CoversFile, ClaimedTime: yesterday,
			}}}
			for _, certificate := range []*x509.Certificate{pki.Issuing(), pki.Parts()[signertest.PartTSA].Certificate} {
				e.Certificates = append(e.Certificates, certificate.Raw)
			}
			s := verify.Evaluate(e, verify.Policy{Anchors: []*x509.Certificate{pki.Root()}}).Signatures[0]
			if s.Indication != c.want || s.SubIndication != c.sub || s.TimeSource != c.timeSource || s.Level != c.level {
				t.Errorf("got %s %s, time %s, level %s: %s\nwant %s %s, time %s, level %s",
					s.Indication, s.SubIndication, s.TimeSource, s.Level, s.Why, c.want, c.sub, c.timeSource, c.level)
			}
		})
	}
}

func TestADocumentTimeStampIsJudgedByItsImprint(t *testing.T) {
	now := at()
	pki, err := signertest.New(signertest.Options{BaseURL: "http://127.0.0.1:1", Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	token := stamp(t, pki, []byte("the signed range"))
	h := crypto.SHA256.New()
	h.Write([]byte("the signed range"))
	digest := h.Sum(nil)
	for name, c := range map[string]struct {
		digest []byte
		want   verify.Indication
		sub    verify.SubIndication
	}{
		"of this range":    {digest, verify.TotalPassed, ""},
		"of another range": {bytes.Repeat([]byte{1}, 32), verify.TotalFailed, verify.HashFailure},
	} {
		t.Run(name, func(t *testing.T) {
			e := verify.Evidence{
				At: now, Answers: answers(t, pki), Certificates: [][]byte{pki.Issuing().Raw},
				Signatures: []verify.SignatureEvidence{{SubFilter: "ETSI.RFC3161", Contents: token, Digest: c.digest, Coverage: verify.CoversFile}},
			}
			s := verify.Evaluate(e, verify.Policy{Anchors: []*x509.Certificate{pki.Root()}}).Signatures[0]
			if s.Indication != c.want || s.SubIndication != c.sub {
				t.Errorf("got %s %s: %s, want %s %s", s.Indication, s.SubIndication, s.Why, c.want, c.sub)
			}
		})
	}
}

// answers are the lists of both CAs, without a network.
func answers(t *testing.T, p *signertest.PKI) []verify.Answer {
	t.Helper()
	var out []verify.Answer
	for _, path := range []string{signertest.PathCRL, signertest.PathRootCRL} {
		recorder := httptest.NewRecorder()
		p.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		out = append(out, verify.Answer{Kind: verify.AnswerCRL, Source: path, Body: recorder.Body.Bytes()})
	}
	if _, err := revocation.CRL(out[0].Body, p.Parts()[signertest.PartTSA].Certificate, p.Issuing(), at()); err != nil {
		t.Fatal(err)
	}
	return out
}
