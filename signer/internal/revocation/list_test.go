package revocation_test

import (
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"math/big"
	"runtime"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"

	"kyso/signer/internal/revocation"
	"kyso/signer/signertest"
	"kyso/signer/signertest/seeds"
)

// listWith is a list of the office whose entries fill adds.
func listWith(t *testing.T, office seeds.Office, fill func(*cryptobyte.Builder)) []byte {
	t.Helper()
	issuing := office.Parts()[signertest.PartIssuing]
	tbs := sequence(t, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2})
		})
		b.AddBytes(issuing.Certificate.RawSubject)
		b.AddASN1UTCTime(seeds.Now().Add(-time.Minute))
		b.AddASN1UTCTime(seeds.Now().Add(time.Hour))
		b.AddASN1(casn1.SEQUENCE, fill)
	})
	return sequence(t, func(b *cryptobyte.Builder) { addSigned(t, b, tbs, issuing) })
}

// entry adds a revoked serial with the given extensions, in DER.
func entry(b *cryptobyte.Builder, serial *big.Int, extensions ...[]byte) {
	b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(serial)
		b.AddASN1UTCTime(seeds.Now().Add(-time.Hour))
		if len(extensions) > 0 {
			b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) {
				for _, e := range extensions {
					b.AddBytes(e)
				}
			})
		}
	})
}

// Big CAs have lists of tens of megabytes; crypto/x509 makes about twenty times
// their size of them.
func TestALongListIsReadInItsOwnBytes(t *testing.T) {
	office := seeds.NewOffice(t, "office")
	var template cryptobyte.Builder
	serial := new(big.Int).Lsh(big.NewInt(1), 100)
	entry(&template, serial)
	one := template.BytesOrPanic()
	list := listWith(t, office, func(b *cryptobyte.Builder) {
		for i := range uint32(400_000) {
			binary.BigEndian.PutUint32(one[8:], i)
			b.AddBytes(one)
		}
		entry(b, office.Binh.Certificate.SerialNumber)
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	good, err1 := revocation.CRL(list, office.An.Certificate, office.Issuing(), seeds.Now())
	runtime.ReadMemStats(&after)
	revoked, err2 := revocation.CRL(list, office.Binh.Certificate, office.Issuing(), seeds.Now())
	if err1 != nil || good.State != revocation.Good || err2 != nil || revoked.State != revocation.Revoked {
		t.Errorf("%+v, %v; %+v, %v", good, err1, revoked, err2)
	}
	if used := int(after.TotalAlloc - before.TotalAlloc); used > 3*len(list) {
		t.Errorf("a list of %d bytes took %d", len(list), used)
	}
}

func TestAListIsUnderstoodToItsLastEntryOrNotUsed(t *testing.T) {
	office := seeds.NewOffice(t, "office")
	extension := func(id asn1.ObjectIdentifier, critical bool, value []byte) []byte {
		return sequence(t, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(id)
			if critical {
				b.AddASN1Boolean(true)
			}
			b.AddASN1OctetString(value)
		})
	}
	reason := asn1.ObjectIdentifier{2, 5, 29, 21}
	other := big.NewInt(77)
	for name, c := range map[string]struct {
		fill   func(*cryptobyte.Builder)
		want   revocation.State
		reason int
	}{
		"no entries":      {func(*cryptobyte.Builder) {}, revocation.Good, 0},
		"another's entry": {func(b *cryptobyte.Builder) { entry(b, other) }, revocation.Good, 0},
		"with a reason": {func(b *cryptobyte.Builder) {
			entry(b, office.An.Certificate.SerialNumber, extension(reason, false, []byte{10, 1, 4}))
		}, revocation.Revoked, 4},
		"a broken reason": {func(b *cryptobyte.Builder) { entry(b, other, extension(reason, false, []byte{2, 1, 4})) }, "", 0},
		"of unknown use":  {func(b *cryptobyte.Builder) { entry(b, other, extension(asn1.ObjectIdentifier{1, 2, 3}, false, nil)) }, revocation.Good, 0},
		"critical": {func(b *cryptobyte.Builder) {
			entry(b, other, extension(asn1.ObjectIdentifier{2, 5, 29, 29}, true, nil))
		}, "", 0},
		"bytes behind it":  {func(b *cryptobyte.Builder) { entry(b, other); b.AddBytes([]byte{0}) }, "", 0},
		"a padded serial":  {func(b *cryptobyte.Builder) { b.AddBytes([]byte{0x30, 4, 2, 2, 0, 1}) }, "", 0},
		"without its time": {func(b *cryptobyte.Builder) { b.AddBytes([]byte{0x30, 3, 2, 1, 1}) }, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := revocation.CRL(listWith(t, office, c.fill), office.An.Certificate, office.Issuing(), seeds.Now())
			if c.want == "" {
				if !errors.Is(err, revocation.ErrUnusable) {
					t.Errorf("got %+v, %v, want %v", got, err, revocation.ErrUnusable)
				}
				return
			}
			if err != nil || got.State != c.want || got.Reason != c.reason {
				t.Errorf("got %+v, %v, want %s for reason %d", got, err, c.want, c.reason)
			}
		})
	}
}

func TestAnAnswerWithoutEndIsNotRead(t *testing.T) {
	office := seeds.NewOffice(t, "office")
	answer := asked(t, office, office.An.Certificate)
	data := responseData(t, answer)
	in := cryptobyte.String(data)
	var body, responder, produced, singles cryptobyte.String
	var tag casn1.Tag
	if !in.ReadASN1(&body, casn1.SEQUENCE) || !body.ReadAnyASN1Element(&responder, &tag) ||
		!body.ReadASN1Element(&produced, casn1.GeneralizedTime) || !body.ReadASN1(&singles, casn1.SEQUENCE) {
		t.Fatal("the office's answer cannot be taken apart")
	}
	for count, want := range map[int]error{1: nil, 1000: nil, 1 << 20 / len(singles): revocation.ErrUnusable} {
		many := sequence(t, func(b *cryptobyte.Builder) {
			b.AddBytes(responder)
			b.AddBytes(produced)
			b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) {
				for range count {
					b.AddBytes(singles)
				}
			})
		})
		signed := answerOf(t, many, office.Parts()[signertest.PartOCSP])
		if _, err := revocation.OCSP(signed, office.An.Certificate, office.Issuing(), nil, seeds.Now()); !errors.Is(err, want) {
			t.Errorf("%d answers, %d bytes: %v, want %v", count, len(signed), err, want)
		}
	}
}
