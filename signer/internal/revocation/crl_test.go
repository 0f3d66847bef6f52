package revocation_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"runtime"
	"testing"
	"time"

	"kyso/signer/internal/revocation"
	"kyso/signer/signertest"
)

// bureau is a CA with a certificate of it, a second one on its list, and who
// may sign lists for it.
type bureau struct {
	*signertest.PKI

	issuing     signertest.Identity
	leaf, other *x509.Certificate
	lister      signertest.Identity // appointed by the CA
	outsider    signertest.Identity // of another CA
	now         time.Time
}

func newBureau(tb testing.TB) bureau {
	tb.Helper()
	b := bureau{now: time.Now()}
	var err error
	if b.PKI, err = signertest.New(signertest.Options{BaseURL: "http://127.0.0.1:1"}); err != nil {
		tb.Fatal(err)
	}
	b.issuing = b.Parts()[signertest.PartIssuing]
	issue := func(p *signertest.PKI, spec signertest.IssueSpec) signertest.Identity {
		spec.Key = "P-256"
		id, err := p.Issue(spec)
		if err != nil {
			tb.Fatal(err)
		}
		return id
	}
	b.leaf = issue(b.PKI, signertest.IssueSpec{Name: "An"}).Certificate
	b.other = issue(b.PKI, signertest.IssueSpec{Name: "Bình"}).Certificate
	lister := signertest.IssueSpec{Name: "Danh sách thu hồi", KeyUsage: x509.KeyUsageCRLSign}
	b.lister = issue(b.PKI, lister)
	stranger, err := signertest.New(signertest.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	b.outsider = issue(stranger, lister)
	return b
}

// revoked is a list's entry for a certificate.
func revoked(c *x509.Certificate, at time.Time, reason int, more ...pkix.Extension) x509.RevocationListEntry {
	return x509.RevocationListEntry{SerialNumber: c.SerialNumber, RevocationTime: at, ReasonCode: reason, ExtraExtensions: more}
}

// extension is a critical one.
func extension(t *testing.T, value any, id ...int) pkix.Extension {
	t.Helper()
	der, ok := value.([]byte)
	if !ok {
		var err error
		if der, err = asn1.Marshal(value); err != nil {
			t.Fatal(err)
		}
	}
	return pkix.Extension{Id: id, Critical: true, Value: der}
}

// list makes a revocation list.
func (b bureau) list(t *testing.T, by signertest.Identity, number int64, entries []x509.RevocationListEntry, more ...pkix.Extension) []byte {
	t.Helper()
	issuer := *by.Certificate
	if len(issuer.SubjectKeyId) == 0 {
		issuer.SubjectKeyId = []byte{1} // CreateRevocationList wants one
	}
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(number), ThisUpdate: b.now.Add(-time.Minute), NextUpdate: b.now.Add(time.Hour),
		RevokedCertificateEntries: entries, ExtraExtensions: more,
	}, &issuer, by.Signer)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestListsOfEveryKindAnswer(t *testing.T) {
	b := newBureau(t)
	was := b.now.Add(-30 * time.Minute)
	indirect := extension(t, []byte{0x30, 3, 0x84, 1, 0xff}, 2, 5, 29, 28)
	someReasons := extension(t, []byte{0x30, 4, 0x83, 2, 6, 0x40}, 2, 5, 29, 28) // keyCompromise alone
	attributes := extension(t, []byte{0x30, 3, 0x85, 1, 0xff}, 2, 5, 29, 28)
	point := func(url string) pkix.Extension {
		name := append([]byte{0x86, byte(len(url))}, url...)
		full := append([]byte{0xa0, byte(len(name))}, name...)
		return extension(t, append([]byte{0x30, byte(len(full) + 2), 0xa0, byte(len(full))}, full...), 2, 5, 29, 28)
	}
	of := func(c *x509.Certificate) pkix.Extension {
		name := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: c.RawSubject}
		return extension(t, []asn1.RawValue{name}, 2, 5, 29, 29)
	}
	basedOn := func(n int64) pkix.Extension { return extension(t, big.NewInt(n), 2, 5, 29, 27) }
	on := []x509.RevocationListEntry{revoked(b.leaf, was, 1)}
	off := []x509.RevocationListEntry{revoked(b.other, was, 1)}
	cases := map[string]struct {
		list   []byte
		deltas [][]byte
		want   revocation.State // empty: it proves nothing
	}{
		"a list with the certificate":           {list: b.list(t, b.issuing, 5, on), want: revocation.Revoked},
		"a list without it":                     {list: b.list(t, b.issuing, 5, off), want: revocation.Good},
		"a list without entries":                {list: b.list(t, b.issuing, 5, nil), want: revocation.Good},
		"of its own distribution point":         {list: b.list(t, b.issuing, 5, on, point(b.leaf.CRLDistributionPoints[0])), want: revocation.Revoked},
		"of another distribution point":         {list: b.list(t, b.issuing, 5, off, point("http://127.0.0.1:1/other.crl"))},
		"for attribute certificates":            {list: b.list(t, b.issuing, 5, off, attributes)},
		"for some reasons, and it is there":     {list: b.list(t, b.issuing, 5, on, someReasons), want: revocation.Revoked},
		"for some reasons, and it is not there": {list: b.list(t, b.issuing, 5, off, someReasons)},
		"signed by another, not indirect":       {list: b.list(t, b.lister, 5, on)},
		"indirect, the entry names the CA": {
			list: b.list(t, b.lister, 5, []x509.RevocationListEntry{revoked(b.leaf, was, 1, of(b.Issuing()))}, indirect), want: revocation.Revoked,
		},
		"indirect, the name of an earlier entry goes on": {
			list: b.list(t, b.lister, 5, []x509.RevocationListEntry{revoked(b.other, was, 1, of(b.Issuing())), revoked(b.leaf, was, 1)}, indirect),
			want: revocation.Revoked,
		},
		"indirect, the same number of another CA": {
			list: b.list(t, b.lister, 5, []x509.RevocationListEntry{revoked(b.leaf, was, 1, of(b.Root()))}, indirect), want: revocation.Good,
		},
		"indirect, by somebody whom the CA did not appoint": {list: b.list(t, b.outsider, 5, nil, indirect)},
		"a delta list alone":                          {list: b.list(t, b.issuing, 6, on, basedOn(5))},
		"a delta list adds the certificate":           {list: b.list(t, b.issuing, 5, off), deltas: [][]byte{b.list(t, b.issuing, 6, on, basedOn(5))}, want: revocation.Revoked},
		"a delta list takes it off hold":              {list: b.list(t, b.issuing, 5, []x509.RevocationListEntry{revoked(b.leaf, was, 6)}), deltas: [][]byte{b.list(t, b.issuing, 6, []x509.RevocationListEntry{revoked(b.leaf, was, 8)}, basedOn(4))}, want: revocation.Good},
		"a delta list of a later base is not for it":  {list: b.list(t, b.issuing, 5, off), deltas: [][]byte{b.list(t, b.issuing, 9, on, basedOn(7))}, want: revocation.Good},
		"a delta list of somebody else is not for it": {list: b.list(t, b.issuing, 5, off), deltas: [][]byte{b.list(t, b.outsider, 6, on, basedOn(5))}, want: revocation.Good},
		"the newest delta list counts": {list: b.list(t, b.issuing, 5, off), deltas: [][]byte{
			b.list(t, b.issuing, 7, []x509.RevocationListEntry{revoked(b.leaf, was, 8)}, basedOn(5)), b.list(t, b.issuing, 6, on, basedOn(5)),
		}, want: revocation.Good},
		"an unknown critical extension": {list: b.list(t, b.issuing, 5, off, extension(t, 1, 1, 2, 3, 4))},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			q := revocation.Question{
				Certificate: b.leaf, Issuer: b.Issuing(), At: b.now, Deltas: c.deltas,
				Pool: []*x509.Certificate{b.outsider.Certificate, b.lister.Certificate},
			}
			got, err := q.CRL(c.list)
			if c.want == "" {
				if !errors.Is(err, revocation.ErrUnusable) {
					t.Errorf("got %+v, %v, want it unusable", got, err)
				}
				return
			}
			if err != nil || got.State != c.want {
				t.Errorf("got %+v, %v, want %s", got, err, c.want)
			}
		})
	}
}

// huge makes a signed list of 20 MB.
func (b bureau) huge(tb testing.TB, last *x509.Certificate) []byte {
	tb.Helper()
	entry := func(serial *big.Int) []byte {
		der, err := asn1.Marshal(struct {
			Serial *big.Int
			At     time.Time
		}{serial, b.now.Add(-time.Hour).UTC()})
		if err != nil {
			tb.Fatal(err)
		}
		return der
	}
	one := entry(new(big.Int).Lsh(big.NewInt(1), 120))
	entries := append(bytes.Repeat(one, (20<<20)/len(one)), entry(last.SerialNumber)...)
	algorithm := pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}}
	tbs, err := asn1.Marshal(struct {
		Version   int
		Algorithm pkix.AlgorithmIdentifier
		Issuer    asn1.RawValue
		This      time.Time
		Next      time.Time
		Entries   asn1.RawValue
	}{1, algorithm, asn1.RawValue{FullBytes: b.Issuing().RawSubject}, b.now.Add(-time.Minute).UTC(), b.now.Add(time.Hour).UTC(), asn1.RawValue{
		Class: asn1.ClassUniversal, Tag: asn1.TagSequence, IsCompound: true, Bytes: entries,
	}})
	if err != nil {
		tb.Fatal(err)
	}
	digest := sha256.Sum256(tbs)
	signature, err := b.issuing.Signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		tb.Fatal(err)
	}
	der, err := asn1.Marshal(struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}{asn1.RawValue{FullBytes: tbs}, algorithm, asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}})
	if err != nil {
		tb.Fatal(err)
	}
	return der
}

func TestAListOf20MBTakesNoMemoryOfItsOwn(t *testing.T) {
	b := newBureau(t)
	if _, ok := b.issuing.Signer.Public().(*ecdsa.PublicKey); !ok {
		t.Fatal("the test signs with ECDSA")
	}
	list := b.huge(t, b.other)
	for want, c := range map[revocation.State]*x509.Certificate{revocation.Revoked: b.other, revocation.Good: b.leaf} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		got, err := revocation.CRL(list, c, b.Issuing(), b.now)
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		if err != nil || got.State != want {
			t.Fatalf("got %+v, %v, want %s", got, err, want)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
			t.Errorf("%s: %d bytes allocated for a list of %d", want, used, len(list))
		}
		t.Logf("%s: %d bytes in %s", want, len(list), took)
	}
}

// A file of many signatures asks a long list about many certificates, and about
// each at many times.
func TestALongListIsReadOnceForManyQuestions(t *testing.T) {
	b := newBureau(t)
	list := b.huge(t, b.other)
	memory := revocation.NewMemory()
	for i := range 500 {
		c := *b.leaf
		c.SerialNumber = new(big.Int).Add(b.leaf.SerialNumber, big.NewInt(int64(i)))
		got, err := revocation.Question{Certificate: &c, Issuer: b.Issuing(), At: b.now, Memory: memory}.CRL(list)
		if err != nil || got.State != revocation.Good {
			t.Fatalf("certificate %d: %+v, %v", i, got, err)
		}
	}
	if n := memory.Scans(); n != 2 { // for the first, and for the index
		t.Errorf("%d scans for 500 certificates that are not listed", n)
	}
	got, err := revocation.Question{Certificate: b.other, Issuer: b.Issuing(), At: b.now, Memory: memory}.CRL(list)
	if err != nil || got.State != revocation.Revoked || memory.Scans() != 3 {
		t.Errorf("the listed one: %+v, %v, %d scans", got, err, memory.Scans())
	}
	stranger := revocation.Question{Certificate: b.leaf, Issuer: b.outsider.Certificate, At: b.now, Memory: memory}
	if got, err := stranger.CRL(list); !errors.Is(err, revocation.ErrUnusable) {
		t.Errorf("the memory believes another signer: %+v, %v", got, err)
	}
	broken := append(bytes.Clone(list[:len(list)-1]), list[len(list)-1]^1)
	if got, err := (revocation.Question{Certificate: b.leaf, Issuer: b.Issuing(), At: b.now, Memory: memory}).CRL(broken); !errors.Is(err, revocation.ErrUnusable) {
		t.Errorf("the memory believes another list: %+v, %v", got, err)
	}
}

func BenchmarkAListOf20MB(b *testing.B) {
	bureau := newBureau(b)
	list := bureau.huge(b, bureau.other)
	for _, questions := range []int{1, 100} {
		b.Run(fmt.Sprintf("%d questions", questions), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(list)))
			for range b.N {
				memory := revocation.NewMemory()
				for i := range questions {
					c := *bureau.leaf
					c.SerialNumber = new(big.Int).Add(c.SerialNumber, big.NewInt(int64(i)))
					if _, err := (revocation.Question{Certificate: &c, Issuer: bureau.Issuing(), At: bureau.now, Memory: memory}).CRL(list); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
