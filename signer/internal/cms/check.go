package cms

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	_ "crypto/sha1"   //nolint:gosec // registers SHA-1, only to judge old signatures
	_ "crypto/sha256" // registers SHA-256
	_ "crypto/sha3"   // registers SHA-3
	_ "crypto/sha512" // registers SHA-384 and SHA-512
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// The reasons why a signature does not verify.
var (
	ErrDigest      = errors.New("the content does not have the signed digest")
	ErrSignature   = errors.New("the signature value is wrong")
	ErrAlgorithm   = errors.New("algorithm not supported")
	ErrCertificate = errors.New("the signature names another certificate")
)

// hashes are the digest algorithms by object identifier.
func hashes() map[string]crypto.Hash {
	return map[string]crypto.Hash{
		"1.2.840.113549.2.5":      crypto.MD5,
		"1.3.14.3.2.26":           crypto.SHA1,
		"2.16.840.1.101.3.4.2.4":  crypto.SHA224,
		"2.16.840.1.101.3.4.2.1":  crypto.SHA256,
		"2.16.840.1.101.3.4.2.2":  crypto.SHA384,
		"2.16.840.1.101.3.4.2.3":  crypto.SHA512,
		"2.16.840.1.101.3.4.2.5":  crypto.SHA512_224,
		"2.16.840.1.101.3.4.2.6":  crypto.SHA512_256,
		"2.16.840.1.101.3.4.2.7":  crypto.SHA3_224,
		"2.16.840.1.101.3.4.2.8":  crypto.SHA3_256,
		"2.16.840.1.101.3.4.2.9":  crypto.SHA3_384,
		"2.16.840.1.101.3.4.2.10": crypto.SHA3_512,
	}
}

type scheme int

const (
	schemePKCS1 scheme = iota + 1
	schemePSS
	schemeECDSA
	schemeEd25519
	schemeEd448
	schemeDSA
)

// schemeHash is a signature algorithm.
type schemeHash struct {
	scheme scheme
	hash   crypto.Hash
}

// schemes are the signature algorithms by object identifier; a zero hash means
// that digestAlgorithm or the parameters say it.
func schemes() map[string]schemeHash {
	return map[string]schemeHash{
		"1.2.840.113549.1.1.1":    {schemePKCS1, 0},
		"1.2.840.113549.1.1.4":    {schemePKCS1, crypto.MD5},
		"1.2.840.113549.1.1.5":    {schemePKCS1, crypto.SHA1},
		"1.3.14.3.2.29":           {schemePKCS1, crypto.SHA1},
		"1.2.840.113549.1.1.14":   {schemePKCS1, crypto.SHA224},
		"1.2.840.113549.1.1.11":   {schemePKCS1, crypto.SHA256},
		"1.2.840.113549.1.1.12":   {schemePKCS1, crypto.SHA384},
		"1.2.840.113549.1.1.13":   {schemePKCS1, crypto.SHA512},
		"1.2.840.113549.1.1.15":   {schemePKCS1, crypto.SHA512_224},
		"1.2.840.113549.1.1.16":   {schemePKCS1, crypto.SHA512_256},
		"2.16.840.1.101.3.4.3.13": {schemePKCS1, crypto.SHA3_224},
		"2.16.840.1.101.3.4.3.14": {schemePKCS1, crypto.SHA3_256},
		"2.16.840.1.101.3.4.3.15": {schemePKCS1, crypto.SHA3_384},
		"2.16.840.1.101.3.4.3.16": {schemePKCS1, crypto.SHA3_512},
		"1.2.840.113549.1.1.10":   {schemePSS, 0},
		"1.2.840.10045.2.1":       {schemeECDSA, 0},
		"1.2.840.10045.4.1":       {schemeECDSA, crypto.SHA1},
		"1.2.840.10045.4.3.1":     {schemeECDSA, crypto.SHA224},
		"1.2.840.10045.4.3.2":     {schemeECDSA, crypto.SHA256},
		"1.2.840.10045.4.3.3":     {schemeECDSA, crypto.SHA384},
		"1.2.840.10045.4.3.4":     {schemeECDSA, crypto.SHA512},
		"2.16.840.1.101.3.4.3.9":  {schemeECDSA, crypto.SHA3_224},
		"2.16.840.1.101.3.4.3.10": {schemeECDSA, crypto.SHA3_256},
		"2.16.840.1.101.3.4.3.11": {schemeECDSA, crypto.SHA3_384},
		"2.16.840.1.101.3.4.3.12": {schemeECDSA, crypto.SHA3_512},
		"1.3.101.112":             {schemeEd25519, 0},
		"1.3.101.113":             {schemeEd448, 0},
		"1.2.840.10040.4.1":       {schemeDSA, 0},
		"1.2.840.10040.4.3":       {schemeDSA, crypto.SHA1},
		"2.16.840.1.101.3.4.3.1":  {schemeDSA, crypto.SHA224},
		"2.16.840.1.101.3.4.3.2":  {schemeDSA, crypto.SHA256},
		"2.16.840.1.101.3.4.3.3":  {schemeDSA, crypto.SHA384},
		"2.16.840.1.101.3.4.3.4":  {schemeDSA, crypto.SHA512},
	}
}

// Digest is the hash function that the content is to be digested with.
func (s *Signer) Digest() (Hash, error) { return HashOf(s.digest.oid) }

// Check verifies the signature (RFC 5652, 5.4 and 5.6): digest is that of the
// content, contentType its type, certificate the signer's. The errors are
// ErrFormat, ErrAlgorithm, ErrDigest, ErrSignature and ErrCertificate. Neither
// the validity nor the issuer of the certificate is looked at.
func (s *Signer) Check(certificate *x509.Certificate, contentType asn1.ObjectIdentifier, digest []byte) error {
	hash, err := s.Digest()
	if err != nil {
		return err
	}
	if len(digest) != hash.Size() {
		return fmt.Errorf("%w: digest of %d bytes for %s", ErrDigest, len(digest), hash)
	}
	if !s.Names(certificate) {
		return ErrCertificate
	}
	if s.attributes == nil {
		return s.checkValue(certificate, nil, digest)
	}
	if s.messageDigest == nil || s.contentType == nil {
		return fmt.Errorf("%w: signed attributes without content-type or message-digest", ErrFormat)
	}
	if !s.contentType.Equal(contentType) {
		return fmt.Errorf("%w: content-type attribute %s, content %s", ErrFormat, s.contentType, contentType)
	}
	if !bytes.Equal(s.messageDigest, digest) {
		return ErrDigest
	}
	if err := s.checkSigningCertificate(certificate); err != nil {
		return err
	}
	h := hash.New()
	h.Write(s.attributes)
	err = s.checkValue(certificate, s.attributes, h.Sum(nil))
	if !errors.Is(err, ErrSignature) {
		return err
	}
	// A signer that wrote the SET in another order had to sign its DER form (RFC 5652, 5.4).
	sorted, ok := sortSet(s.attributes)
	if !ok {
		return err
	}
	h.Reset()
	h.Write(sorted)
	return s.checkValue(certificate, sorted, h.Sum(nil))
}

// checkSigningCertificate holds the certificate against the first ESS
// identifier, which is the signer's (RFC 5035, 5.4).
func (s *Signer) checkSigningCertificate(certificate *x509.Certificate) error {
	if !s.hasESS {
		return nil
	}
	if len(s.signingCerts) == 0 {
		return fmt.Errorf("%w: empty signing-certificate attribute", ErrFormat)
	}
	first := s.signingCerts[0]
	hash, err := HashOf(first.algorithm)
	if err != nil {
		return err
	}
	h := hash.New()
	h.Write(certificate.Raw)
	if !bytes.Equal(h.Sum(nil), first.hash) {
		return ErrCertificate
	}
	return nil
}

// checkValue verifies the signature value; message is nil when only its digest is known.
func (s *Signer) checkValue(certificate *x509.Certificate, message, digest []byte) error {
	known, ok := schemes()[s.algorithm.oid.String()]
	if !ok {
		return fmt.Errorf("%w: signature %s", ErrAlgorithm, s.algorithm.oid)
	}
	hash, err := s.Digest()
	if err != nil {
		return err
	}
	if known.hash != 0 && !hash.Is(known.hash) {
		return fmt.Errorf("%w: signature algorithm wants %s, digest is %s", ErrFormat, known.hash, hash)
	}
	return checkKey(certificate.PublicKey, value{
		scheme: known.scheme, algorithm: s.algorithm, hash: hash, hashOID: s.digest.oid, message: message, digest: digest, signature: s.signature,
	})
}

// checkPSS verifies RSASSA-PSS; the hash of the parameters must be that of the
// content (RFC 4056, 3).
func checkPSS(key *rsa.PublicKey, params []byte, hash Hash, digest, signature []byte) error {
	named, err := readPSS(params)
	if err != nil {
		return err
	}
	if named.hash != hash {
		return fmt.Errorf("%w: RSASSA-PSS with %s over a %s digest", ErrFormat, named.hash, hash)
	}
	if !verifyPSS(key, named, digest, signature) {
		return ErrSignature
	}
	return nil
}

// pssParams is RSASSA-PSS-params (RFC 4055, 3.1).
type pssParams struct {
	hash, mask Hash
	hashOID    asn1.ObjectIdentifier
	salt       int
}

func readPSS(params []byte) (pssParams, error) {
	bad := fmt.Errorf("%w: RSASSA-PSS parameters", ErrFormat)
	in := cryptobyte.String(params)
	var body cryptobyte.String
	if !in.ReadASN1(&body, casn1.SEQUENCE) || !in.Empty() {
		return pssParams{}, bad
	}
	read := func(tag uint8, out *algorithm) bool {
		var field cryptobyte.String
		var present bool
		if !body.ReadOptionalASN1(&field, &present, explicit(tag)) {
			return false
		}
		return !present || readAlgorithm(&field, out)
	}
	digest, mask, maskHash := algorithm{oid: hashSHA1()}, algorithm{}, algorithm{oid: hashSHA1()}
	if !read(0, &digest) || !read(1, &mask) {
		return pssParams{}, bad
	}
	if mask.params != nil {
		inner := cryptobyte.String(mask.params)
		if !readAlgorithm(&inner, &maskHash) {
			return pssParams{}, bad
		}
	}
	out := pssParams{salt: 20, hashOID: digest.oid}
	var field cryptobyte.String
	var present bool
	if !body.ReadOptionalASN1(&field, &present, explicit(2)) || present && !field.ReadASN1Integer(&out.salt) || out.salt < 0 || out.salt > maxRSABits/8 {
		return pssParams{}, bad
	}
	var err error
	if out.hash, err = HashOf(digest.oid); err != nil {
		return pssParams{}, err
	}
	if out.mask, err = HashOf(maskHash.oid); err != nil {
		return pssParams{}, err
	}
	return out, nil
}

// sortSet puts the elements of a SET OF into DER order (X.690, 11.6).
func sortSet(set []byte) ([]byte, bool) {
	outer := cryptobyte.String(set)
	var body cryptobyte.String
	if !outer.ReadASN1(&body, casn1.SET) {
		return nil, false
	}
	var elements [][]byte
	for !body.Empty() {
		var element cryptobyte.String
		var tag casn1.Tag
		if !body.ReadAnyASN1Element(&element, &tag) {
			return nil, false
		}
		elements = append(elements, element)
	}
	slices.SortFunc(elements, bytes.Compare)
	sorted := appendLength([]byte{byte(casn1.SET)}, len(bytes.Join(elements, nil)))
	return append(sorted, bytes.Join(elements, nil)...), true
}

func hashSHA1() asn1.ObjectIdentifier   { return asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26} }
func hashSHA256() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1} }
