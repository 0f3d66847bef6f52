// Package seeds is what fuzz targets start from: certificates that are the same
// in every process, and pieces of the PDF files of others.
//
// A fuzzer runs a target in several processes and hands an input from one to
// the next. What a key signed in one process must verify in the other, so keys,
// serials and times are fixed here. It is for tests only: the keys are no secret.
package seeds

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"math/big"
	"testing"
	"time"

	"kyso/signer/signertest"
)

// Now is the time in which the offices live.
func Now() time.Time { return time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC) }

// Office is a CA with its services and two holders of certificates.
type Office struct {
	*signertest.PKI

	// An's certificate is good, Binh's is revoked since an hour before Now.
	An, Binh signertest.Identity
}

// NewOffice makes the office of a name; equal names give equal keys and
// certificates, other names other ones under the same issuer's name.
func NewOffice(tb testing.TB, name string) Office {
	tb.Helper()
	m := maker{tb: tb, office: name}
	ca := m.make("root", nil, &x509.Certificate{IsCA: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign})
	issuing := m.make("issuing", &ca, &x509.Certificate{IsCA: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign})
	stamps, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		tb.Fatal(err)
	}
	pki, err := signertest.Open(map[string]signertest.Identity{
		signertest.PartRoot:    ca,
		signertest.PartIssuing: issuing,
		signertest.PartOCSP: m.make("ocsp", &issuing, &x509.Certificate{
			KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning},
		}),
		signertest.PartTSA: m.make("tsa", &issuing, &x509.Certificate{
			KeyUsage:        x509.KeyUsageDigitalSignature,
			ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: stamps}},
		}),
	}, signertest.Options{Clock: Now})
	if err != nil {
		tb.Fatal(err)
	}
	signs := x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	o := Office{
		PKI:  pki,
		An:   m.make("An", &issuing, &x509.Certificate{KeyUsage: signs}),
		Binh: m.make("Bình", &issuing, &x509.Certificate{KeyUsage: signs}),
	}
	pki.Revoke(o.Binh.Certificate.SerialNumber, Now().Add(-time.Hour))
	return o
}

// maker issues the certificates of an office.
type maker struct {
	tb     testing.TB
	office string
	serial int64
}

// make issues a certificate; without an issuer it is self-signed.
func (m *maker) make(name string, issuer *signertest.Identity, template *x509.Certificate) signertest.Identity {
	m.tb.Helper()
	m.serial++
	seed := sha256.Sum256([]byte(m.office + "/" + name))
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:])
	if err != nil {
		m.tb.Fatal(err)
	}
	key := repeatable{private}
	template.SerialNumber = big.NewInt(1000 + m.serial)
	template.Subject = pkix.Name{Country: []string{"VN"}, CommonName: name}
	template.NotBefore, template.NotAfter = Now().AddDate(-1, 0, 0), Now().AddDate(1, 0, 0)
	template.BasicConstraintsValid = true
	parent, signer := template, crypto.Signer(key)
	if issuer != nil {
		parent, signer = issuer.Certificate, issuer.Signer
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		m.tb.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		m.tb.Fatal(err)
	}
	return signertest.Identity{Certificate: certificate, Signer: key}
}

// repeatable is a key whose signatures over the same digest are the same (RFC 6979).
type repeatable struct{ key *ecdsa.PrivateKey }

// Public is the public key.
func (r repeatable) Public() crypto.PublicKey { return r.key.Public() }

// Sign takes no random numbers.
func (r repeatable) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return r.key.Sign(nil, digest, opts)
}
