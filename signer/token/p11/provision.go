package p11

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"github.com/miekg/pkcs11"

	"kyso/signer/token/provision"
)

// Provision writes tokens into the module's free slots: slots whose token is
// not initialized. It never touches an initialized token.
func Provision(module string, tokens []provision.Token) error {
	c, err := load(module, "")
	if err != nil {
		return err
	}
	for _, t := range tokens {
		if err := write(c, t); err != nil {
			return fmt.Errorf("provision token %q: %w", t.Label, err)
		}
	}
	return nil
}

func write(c *driver, t provision.Token) error {
	slot, err := freeSlot(c)
	if err != nil {
		return err
	}
	if err := c.InitToken(slot, string(t.SOPIN), t.Label); err != nil {
		return fmt.Errorf("initialize: %w", err)
	}
	s, err := c.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	if err != nil {
		return fmt.Errorf("open a session: %w", err)
	}
	defer func() { _ = c.CloseSession(s) }() // it ends with the process anyway
	if err := setPIN(c, s, t); err != nil {
		return err
	}
	for _, id := range t.Identities {
		if err := store(c, s, id); err != nil {
			return fmt.Errorf("identity %q: %w", id.Label, err)
		}
	}
	for _, der := range t.Chain {
		if err := storeCertificate(c, s, nil, "", der); err != nil {
			return fmt.Errorf("chain: %w", err)
		}
	}
	if err := c.Logout(s); err != nil {
		return fmt.Errorf("log out: %w", err)
	}
	return nil
}

// setPIN sets the user's PIN as security officer and logs the user in.
func setPIN(c *driver, s pkcs11.SessionHandle, t provision.Token) error {
	if err := c.Login(s, pkcs11.CKU_SO, t.SOPIN); err != nil {
		return fmt.Errorf("log in as security officer: %w", err)
	}
	if err := c.InitPIN(s, string(t.PIN)); err != nil {
		return fmt.Errorf("set the PIN: %w", err)
	}
	if err := c.Logout(s); err != nil {
		return fmt.Errorf("log out: %w", err)
	}
	if err := c.Login(s, pkcs11.CKU_USER, t.PIN); err != nil {
		return fmt.Errorf("log in: %w", err)
	}
	return nil
}

func freeSlot(c *driver) (uint, error) {
	slots, err := c.Slots()
	if err != nil {
		return 0, fmt.Errorf("list slots: %w", err)
	}
	for _, slot := range slots {
		ti, err := c.GetTokenInfo(slot)
		if err == nil && ti.Flags&pkcs11.CKF_TOKEN_INITIALIZED == 0 {
			return slot, nil
		}
	}
	return 0, errors.New("no free slot")
}

// store writes an identity's key, as private and public object, and certificate.
func store(c *driver, s pkcs11.SessionHandle, id provision.Identity) error {
	private, public, err := keyAttributes(id)
	if err != nil {
		return err
	}
	for _, template := range [][]*pkcs11.Attribute{private, public} {
		if template == nil {
			continue
		}
		if _, err := c.CreateObject(s, template); err != nil {
			return fmt.Errorf("store the key: %w", err)
		}
	}
	if id.Certificate == nil {
		return nil
	}
	certID := id.ID
	if id.CertificateID != nil {
		certID = id.CertificateID
	}
	return storeCertificate(c, s, certID, id.Label, id.Certificate)
}

func storeCertificate(c *driver, s pkcs11.SessionHandle, id []byte, label string, der []byte) error {
	x, err := x509.ParseCertificate(der)
	if err != nil {
		return fmt.Errorf("read the certificate: %w", err)
	}
	if label == "" {
		label = x.Subject.CommonName
	}
	t := []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_CERTIFICATE),
		pkcs11.NewAttribute(pkcs11.CKA_CERTIFICATE_TYPE, pkcs11.CKC_X_509),
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true),
		pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, false),
		pkcs11.NewAttribute(pkcs11.CKA_LABEL, label),
		pkcs11.NewAttribute(pkcs11.CKA_SUBJECT, x.RawSubject),
		pkcs11.NewAttribute(pkcs11.CKA_ISSUER, x.RawIssuer),
		pkcs11.NewAttribute(pkcs11.CKA_VALUE, der),
	}
	if len(id) > 0 { // the binding cannot hold an empty value
		t = append(t, pkcs11.NewAttribute(pkcs11.CKA_ID, id))
	}
	if _, err := c.CreateObject(s, t); err != nil {
		return fmt.Errorf("store the certificate: %w", err)
	}
	return nil
}

// keyAttributes gives the templates of the private and the public key object.
func keyAttributes(id provision.Identity) (private, public []*pkcs11.Attribute, err error) {
	switch k := id.Key.(type) {
	case nil:
		return nil, nil, nil
	case *rsa.PrivateKey:
		private, public = rsaAttributes(k)
	case *ecdsa.PrivateKey:
		if private, public, err = ecAttributes(k); err != nil {
			return nil, nil, err
		}
	default:
		return nil, nil, fmt.Errorf("a key of type %T cannot be stored", id.Key)
	}
	both := []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_LABEL, id.Label)}
	if len(id.ID) > 0 {
		both = append(both, pkcs11.NewAttribute(pkcs11.CKA_ID, id.ID))
	}
	private = append(append(private, both...),
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PRIVATE_KEY),
		pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, true),
		pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, true),
		pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, false),
		pkcs11.NewAttribute(pkcs11.CKA_SIGN, true))
	if id.AlwaysAuthenticate {
		private = append(private, pkcs11.NewAttribute(pkcs11.CKA_ALWAYS_AUTHENTICATE, true))
	}
	public = append(append(public, both...),
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PUBLIC_KEY),
		pkcs11.NewAttribute(pkcs11.CKA_VERIFY, true))
	return private, public, nil
}

func rsaAttributes(k *rsa.PrivateKey) (private, public []*pkcs11.Attribute) {
	k.Precompute()
	public = []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, pkcs11.CKK_RSA),
		pkcs11.NewAttribute(pkcs11.CKA_MODULUS, k.N.Bytes()),
		pkcs11.NewAttribute(pkcs11.CKA_PUBLIC_EXPONENT, big.NewInt(int64(k.E)).Bytes()),
	}
	private = append(private, public...)
	private = append(private,
		pkcs11.NewAttribute(pkcs11.CKA_PRIVATE_EXPONENT, k.D.Bytes()),
		pkcs11.NewAttribute(pkcs11.CKA_PRIME_1, k.Primes[0].Bytes()),
		pkcs11.NewAttribute(pkcs11.CKA_PRIME_2, k.Primes[1].Bytes()),
		pkcs11.NewAttribute(pkcs11.CKA_EXPONENT_1, k.Precomputed.Dp.Bytes()),
		pkcs11.NewAttribute(pkcs11.CKA_EXPONENT_2, k.Precomputed.Dq.Bytes()),
		pkcs11.NewAttribute(pkcs11.CKA_COEFFICIENT, k.Precomputed.Qinv.Bytes()))
	return private, public
}

func ecAttributes(k *ecdsa.PrivateKey) (private, public []*pkcs11.Attribute, err error) {
	if k.Curve != elliptic.P256() {
		return nil, nil, fmt.Errorf("a key on %s cannot be stored", k.Params().Name)
	}
	params, err := asn1.Marshal(asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7})
	if err != nil {
		return nil, nil, fmt.Errorf("encode the curve: %w", err)
	}
	raw, err := k.PublicKey.Bytes()
	if err != nil {
		return nil, nil, fmt.Errorf("encode the point: %w", err)
	}
	point, err := asn1.Marshal(raw)
	if err != nil {
		return nil, nil, fmt.Errorf("encode the point: %w", err)
	}
	secret, err := k.Bytes()
	if err != nil {
		return nil, nil, fmt.Errorf("encode the key: %w", err)
	}
	head := []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, pkcs11.CKK_EC),
		pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, params),
	}
	private = append(append(private, head...), pkcs11.NewAttribute(pkcs11.CKA_VALUE, secret))
	public = append(append(public, head...), pkcs11.NewAttribute(pkcs11.CKA_EC_POINT, point))
	return private, public, nil
}
