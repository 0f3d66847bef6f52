package trust_test

import (
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math"
	"math/big"
	"testing"
	"time"

	"kyso/signer/internal/trust"
	"kyso/signer/signertest"
)

func newPKI(t *testing.T) *signertest.PKI {
	t.Helper()
	p, err := signertest.New(signertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func issue(t *testing.T, p *signertest.PKI, spec signertest.IssueSpec) signertest.Identity {
	t.Helper()
	if spec.Key == "" {
		spec.Key = "P-256"
	}
	id, err := p.Issue(spec)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestAPathIsFoundThroughThePoolOnly(t *testing.T) {
	p, stranger := newPKI(t), newPKI(t)
	leaf := issue(t, p, signertest.IssueSpec{Name: "An"}).Certificate
	anchors := []*x509.Certificate{p.Root()}
	cases := map[string]struct {
		pool, anchors []*x509.Certificate
		want          int
	}{
		"with the issuer in the pool":           {[]*x509.Certificate{stranger.Issuing(), p.Issuing()}, anchors, 3},
		"with the issuer as anchor":             {nil, p.Chain(), 2},
		"without the issuer":                    {nil, anchors, 0},
		"with an issuer of the same name":       {stranger.Chain(), anchors, 0},
		"with a root of the same name":          {p.Chain(), []*x509.Certificate{stranger.Root()}, 0},
		"with the root only in the pool":        {[]*x509.Certificate{p.Issuing(), p.Root()}, nil, 0},
		"with the certificate itself as anchor": {nil, []*x509.Certificate{leaf}, 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			paths := trust.Find(leaf, c.pool, c.anchors)
			if c.want == 0 {
				if len(paths) != 0 {
					t.Errorf("found %d paths, want none", len(paths))
				}
				return
			}
			if len(paths) != 1 || len(paths[0]) != c.want {
				t.Fatalf("found %v, want one path of %d", paths, c.want)
			}
			if err := paths[0].Check(time.Now()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTheTimeAndTheConstraintsOfAPathAreJudged(t *testing.T) {
	now := time.Now()
	cases := map[string]struct {
		leaf signertest.IssueSpec
		ca   *signertest.IssueSpec // issues the leaf
		at   time.Time
		want error
	}{
		"a good one":              {at: now},
		"before it begins":        {leaf: signertest.IssueSpec{NotBefore: now}, at: now.Add(-time.Minute), want: trust.ErrNotYetValid},
		"after it ended":          {leaf: signertest.IssueSpec{NotAfter: now.Add(time.Minute)}, at: now.Add(time.Hour), want: trust.ErrExpired},
		"issued by no CA":         {ca: &signertest.IssueSpec{}, at: now, want: trust.ErrConstraint},
		"issued below the limit":  {ca: &signertest.IssueSpec{CA: true}, at: now, want: trust.ErrConstraint},
		"issued by an expired CA": {ca: &signertest.IssueSpec{CA: true, NotAfter: now.Add(time.Minute)}, at: now.Add(time.Hour), want: trust.ErrConstraint},
		"issued without the right": {
			ca: &signertest.IssueSpec{CA: true, KeyUsage: x509.KeyUsageDigitalSignature}, at: now, want: trust.ErrConstraint,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := newPKI(t)
			pool := p.Chain()
			c.leaf.Name = "Người ký"
			if c.ca != nil {
				c.ca.Name = "Người cấp"
				ca := issue(t, p, *c.ca)
				c.leaf.Issuer = &ca
				pool = append(pool, ca.Certificate)
			}
			paths := trust.Find(issue(t, p, c.leaf).Certificate, pool, []*x509.Certificate{p.Root()})
			if len(paths) != 1 {
				t.Fatalf("%d paths", len(paths))
			}
			if err := paths[0].Check(c.at); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestCertificatesThatIssueEachOtherEndTheSearch(t *testing.T) {
	p := newPKI(t)
	key, err := signertest.NewKey("P-256")
	if err != nil {
		t.Fatal(err)
	}
	// Many CAs of one name and one key: each issues every other.
	first := issue(t, p, signertest.IssueSpec{Name: "Vòng", CA: true, Signer: key})
	self := signertest.Identity{Certificate: first.Certificate, Signer: key}
	var pool []*x509.Certificate
	for range 40 {
		pool = append(pool, issue(t, p, signertest.IssueSpec{Name: "Vòng", CA: true, Signer: key, Issuer: &self}).Certificate)
	}
	leaf := issue(t, p, signertest.IssueSpec{Name: "An", Issuer: &self}).Certificate
	start := time.Now()
	if paths := trust.Find(leaf, pool, []*x509.Certificate{newPKI(t).Root()}); len(paths) != 0 {
		t.Errorf("found %d paths to a stranger", len(paths))
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("the search took %s", took)
	}
}

// A file can bring thousands of certificates of one name with long keys.
func TestASearchVerifiesALimitedNumberOfSignatures(t *testing.T) {
	p := newPKI(t)
	leaf := issue(t, p, signertest.IssueSpec{Name: "An", Key: "P-256"}).Certificate
	n := new(big.Int).Lsh(big.NewInt(1), 16383)
	key := &rsa.PublicKey{N: n.SetBit(n, 0, 1), E: math.MaxInt}
	var pool []*x509.Certificate
	for range 2000 {
		twin := *p.Issuing()
		twin.PublicKey, twin.Raw = key, []byte{byte(len(pool)), byte(len(pool) >> 8)}
		pool = append(pool, &twin)
	}
	// What is to be verified by a key of RSA says so.
	child := *leaf
	child.Raw = rsaSigned(t, leaf.RawTBSCertificate)
	start := time.Now()
	if got := trust.Find(&child, pool, []*x509.Certificate{p.Root()}); len(got) > 0 {
		t.Errorf("found %d paths", len(got))
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
}

// rsaSigned is a certificate with a signature value by a key of 16384 bits.
func rsaSigned(t *testing.T, tbs []byte) []byte {
	t.Helper()
	value := make([]byte, 2048)
	value[5] = 1
	der, err := asn1.Marshal(struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}{asn1.RawValue{FullBytes: tbs}, pkix.AlgorithmIdentifier{
		Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, Parameters: asn1.NullRawValue,
	}, asn1.BitString{Bytes: value, BitLength: 8 * len(value)}})
	if err != nil {
		t.Fatal(err)
	}
	return der
}
