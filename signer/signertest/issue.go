package signertest

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"time"
)

// IssueSpec says what certificate to issue. Name is required.
type IssueSpec struct {
	Name  string   // CN
	Unit  string   // O
	Units []string // OU, outermost first
	Title string   // T (2.5.4.12)
	City  string   // L
	UID   string   // for instance "CCCD:001080012345" or "MST:0100000000"
	Email string   // in subjectAltName

	// Key is the kind of the new key, "RSA-2048" when empty.
	Key string
	// Signer is the holder's key when it exists already, for instance in a token.
	Signer crypto.Signer
	// Public is the holder's public key when its private key is out of reach;
	// the Identity then has no Signer.
	Public crypto.PublicKey

	// NotBefore is an hour ago when zero, NotAfter two years after it.
	NotBefore, NotAfter time.Time
	// KeyUsage is digitalSignature and nonRepudiation when zero.
	KeyUsage x509.KeyUsage
	// CA makes a CA certificate.
	CA bool
	// NoOCSP and NoCRL leave out the place where the status can be asked.
	NoOCSP, NoCRL bool
	// Issuer signs instead of the issuing CA.
	Issuer *Identity
}

// Issue makes a certificate.
func (p *PKI) Issue(spec IssueSpec) (Identity, error) {
	key, public, err := spec.keys()
	if err != nil {
		return Identity{}, fmt.Errorf("issue a certificate for %s: %w", spec.Name, err)
	}
	template := p.template(spec)
	issuer := p.parts[PartIssuing]
	if spec.Issuer != nil {
		issuer = *spec.Issuer
	}
	certificate, err := create(template, issuer, public)
	if err != nil {
		return Identity{}, fmt.Errorf("issue a certificate for %s: %w", spec.Name, err)
	}
	return Identity{Certificate: certificate, Signer: key}, nil
}

func (spec IssueSpec) keys() (crypto.Signer, crypto.PublicKey, error) {
	switch {
	case spec.Public != nil:
		return nil, spec.Public, nil
	case spec.Signer != nil:
		return spec.Signer, spec.Signer.Public(), nil
	}
	kind := spec.Key
	if kind == "" {
		kind = "RSA-2048"
	}
	key, err := NewKey(kind)
	if err != nil {
		return nil, nil, err
	}
	return key, key.Public(), nil
}

func (p *PKI) template(spec IssueSpec) *x509.Certificate {
	t := &x509.Certificate{
		Subject:               spec.subject(),
		NotBefore:             spec.NotBefore,
		NotAfter:              spec.NotAfter,
		KeyUsage:              spec.KeyUsage,
		BasicConstraintsValid: true,
		IsCA:                  spec.CA,
	}
	if t.NotBefore.IsZero() {
		t.NotBefore = p.clock().Add(-time.Hour)
	}
	if t.NotAfter.IsZero() {
		t.NotAfter = t.NotBefore.Add(leafLifetime)
	}
	if t.KeyUsage == 0 {
		t.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
		if spec.CA {
			t.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
		}
	}
	if spec.Email != "" {
		t.EmailAddresses = []string{spec.Email}
	}
	if p.baseURL == "" {
		return t
	}
	t.IssuingCertificateURL = []string{p.baseURL + PathIssuing}
	if !spec.NoOCSP {
		t.OCSPServer = []string{p.baseURL + PathOCSP}
	}
	if !spec.NoCRL {
		t.CRLDistributionPoints = []string{p.baseURL + PathCRL}
	}
	return t
}

// subject has the attributes in the order of the government CA: C, L, O, OU, T, CN.
func (spec IssueSpec) subject() pkix.Name {
	name := pkix.Name{ExtraNames: []pkix.AttributeTypeAndValue{{Type: asn1.ObjectIdentifier{2, 5, 4, 6}, Value: "VN"}}}
	add := func(oid asn1.ObjectIdentifier, value string) {
		if value != "" {
			name.ExtraNames = append(name.ExtraNames, pkix.AttributeTypeAndValue{Type: oid, Value: value})
		}
	}
	add(asn1.ObjectIdentifier{2, 5, 4, 7}, spec.City)
	add(asn1.ObjectIdentifier{2, 5, 4, 10}, spec.Unit)
	for _, unit := range spec.Units {
		add(asn1.ObjectIdentifier{2, 5, 4, 11}, unit)
	}
	add(oidTitle(), spec.Title)
	add(asn1.ObjectIdentifier{2, 5, 4, 3}, spec.Name)
	add(oidUID(), spec.UID)
	return name
}

// issuePart issues one of the PKI's own certificates; the issuing side must exist already.
func (p *PKI) issuePart(name string, key crypto.Signer) error {
	now := p.clock()
	t := &x509.Certificate{
		NotBefore:             now.Add(-caLifetime / 3),
		NotAfter:              now.Add(caLifetime * 2 / 3),
		BasicConstraintsValid: true,
	}
	issuer := p.parts[PartIssuing]
	cn := ""
	switch name {
	case PartRoot:
		cn, t.IsCA, t.KeyUsage = RootName, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
		issuer = Identity{Signer: key}
	case PartIssuing:
		cn, t.IsCA, t.KeyUsage = IssuingName, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
		t.MaxPathLenZero = true
		issuer = p.parts[PartRoot]
		if p.baseURL != "" {
			t.IssuingCertificateURL = []string{p.baseURL + PathRoot}
			t.CRLDistributionPoints = []string{p.baseURL + PathRootCRL}
		}
	case PartOCSP:
		cn, t.KeyUsage = "OCSP thử nghiệm Ký số", x509.KeyUsageDigitalSignature
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
		t.ExtraExtensions = []pkix.Extension{{Id: oidNoCheck(), Value: asn1.NullBytes}}
	case PartTSA:
		cn, t.KeyUsage = "Dịch vụ cấp dấu thời gian thử nghiệm Ký số", x509.KeyUsageDigitalSignature
		// RFC 3161, 2.3: the extended key usage must be critical.
		usage, err := asn1.Marshal([]asn1.ObjectIdentifier{oidTimeStamp()})
		if err != nil {
			return err
		}
		t.ExtraExtensions = []pkix.Extension{{Id: oidExtKeyUsage(), Critical: true, Value: usage}}
		if p.baseURL != "" {
			t.IssuingCertificateURL = []string{p.baseURL + PathIssuing}
			t.CRLDistributionPoints = []string{p.baseURL + PathCRL}
		}
	}
	t.Subject = IssueSpec{Name: cn, Unit: "Ký số (thử nghiệm)"}.subject()
	certificate, err := create(t, issuer, key.Public())
	if err != nil {
		return err
	}
	p.parts[name] = Identity{Certificate: certificate, Signer: key}
	return nil
}

// create signs a template; an issuer without a certificate is self-signed.
func create(t *x509.Certificate, issuer Identity, public crypto.PublicKey) (*x509.Certificate, error) {
	serial, err := newSerial()
	if err != nil {
		return nil, err
	}
	t.SerialNumber = serial
	parent := issuer.Certificate
	if parent == nil {
		parent = t
	}
	der, err := x509.CreateCertificate(rand.Reader, t, parent, public, issuer.Signer)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func oidTitle() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 5, 4, 12} }
func oidUID() asn1.ObjectIdentifier   { return asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1} }

func oidNoCheck() asn1.ObjectIdentifier     { return asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5} }
func oidExtKeyUsage() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 5, 29, 37} }
func oidTimeStamp() asn1.ObjectIdentifier   { return asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8} }
