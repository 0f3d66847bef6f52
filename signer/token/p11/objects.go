package p11

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/asn1"

	"github.com/miekg/pkcs11"

	"kyso/signer/token"
)

// batch is how many handles one C_FindObjects asks for.
const batch = 64

// find gives the handles of all objects that match.
func find(c *driver, s pkcs11.SessionHandle, template ...*pkcs11.Attribute) ([]pkcs11.ObjectHandle, error) {
	if err := c.FindObjectsInit(s, template); err != nil {
		return nil, err //nolint:wrapcheck // failed translates it
	}
	var all []pkcs11.ObjectHandle
	for {
		found, _, err := c.FindObjects(s, batch)
		if err != nil {
			_ = c.FindObjectsFinal(s) // the first error counts
			return nil, err           //nolint:wrapcheck // failed translates it
		}
		all = append(all, found...)
		if len(found) == 0 {
			break
		}
	}
	return all, c.FindObjectsFinal(s) //nolint:wrapcheck // failed translates it
}

// attribute reads one attribute. One that the object does not have, or does not
// show, is empty.
func attribute(c *driver, s pkcs11.SessionHandle, o pkcs11.ObjectHandle, kind uint) ([]byte, error) {
	value, err := c.Attribute(s, o, kind)
	switch codeOf(err) {
	case pkcs11.CKR_ATTRIBUTE_TYPE_INVALID, pkcs11.CKR_ATTRIBUTE_SENSITIVE:
		return nil, nil
	}
	return value, err
}

// key is a private key of the token.
type key struct {
	object pkcs11.ObjectHandle
	// always asks for a login at every use (CKA_ALWAYS_AUTHENTICATE); guessed
	// says that the key did not tell, refused that its last use wanted a login.
	always, guessed, refused bool
}

// findKey finds the private key of a certificate: the one with its CKA_ID, else
// one with an equal public key, else the token's only one. Makers do not agree
// on any of them.
func findKey(c *driver, s pkcs11.SessionHandle, id []byte, public crypto.PublicKey) (key, error) {
	private, err := find(c, s, pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PRIVATE_KEY))
	if err != nil {
		return key{}, err
	}
	choose := func(match func(pkcs11.ObjectHandle) (bool, error)) (pkcs11.ObjectHandle, bool, error) {
		for _, o := range private {
			if ok, err := match(o); err != nil || ok {
				return o, ok, err
			}
		}
		return 0, false, nil
	}
	for _, match := range []func(pkcs11.ObjectHandle) (bool, error){
		func(o pkcs11.ObjectHandle) (bool, error) { return hasID(c, s, o, id) },
		func(o pkcs11.ObjectHandle) (bool, error) { return samePublic(c, s, o, public) },
		func(pkcs11.ObjectHandle) (bool, error) { return len(private) == 1, nil },
	} {
		o, ok, err := choose(match)
		if err != nil {
			return key{}, err
		}
		if ok {
			always, err := attribute(c, s, o, pkcs11.CKA_ALWAYS_AUTHENTICATE)
			return key{object: o, always: len(always) == 1 && always[0] != 0}, err
		}
	}
	return key{}, &token.Error{Kind: token.KindKeyMissing, Op: "sign"}
}

func hasID(c *driver, s pkcs11.SessionHandle, o pkcs11.ObjectHandle, id []byte) (bool, error) {
	if len(id) == 0 {
		return false, nil
	}
	has, err := attribute(c, s, o, pkcs11.CKA_ID)
	return bytes.Equal(has, id), err
}

// samePublic compares a private key with a public one. RSA private keys show
// their modulus; others are compared through the public key object that has the
// same CKA_ID.
func samePublic(c *driver, s pkcs11.SessionHandle, o pkcs11.ObjectHandle, public crypto.PublicKey) (bool, error) {
	switch want := public.(type) {
	case *rsa.PublicKey:
		modulus, err := attribute(c, s, o, pkcs11.CKA_MODULUS)
		return len(modulus) > 0 && bytes.Equal(bytes.TrimLeft(modulus, "\x00"), want.N.Bytes()), err
	case *ecdsa.PublicKey:
		id, err := attribute(c, s, o, pkcs11.CKA_ID)
		if err != nil || len(id) == 0 {
			return false, err
		}
		objects, err := find(c, s, pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PUBLIC_KEY), pkcs11.NewAttribute(pkcs11.CKA_ID, id))
		if err != nil || len(objects) == 0 {
			return false, err
		}
		point, err := attribute(c, s, objects[0], pkcs11.CKA_EC_POINT)
		return samePoint(point, want), err
	default:
		return false, nil
	}
}

// samePoint compares a CKA_EC_POINT with a public key. The standard wraps the
// point in an OCTET STRING; some modules give it bare.
func samePoint(point []byte, public *ecdsa.PublicKey) bool {
	want, err := public.Bytes()
	if err != nil {
		return false
	}
	var inner []byte
	if rest, err := asn1.Unmarshal(point, &inner); err == nil && len(rest) == 0 && bytes.Equal(inner, want) {
		return true
	}
	return bytes.Equal(point, want)
}
