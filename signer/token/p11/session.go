package p11

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"math/big"
	"slices"

	"github.com/miekg/pkcs11"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"kyso/signer/token"
)

// session is a login. Its fields belong to whoever holds the lane.
type session struct {
	p    *Provider
	lane *lane
	slot uint
	h    pkcs11.SessionHandle
	pad  bool
	keys map[[32]byte]key // by certificate fingerprint
	open bool
	gone *token.Error // why it is not open any more; nil after Close
}

// Sign makes one signature and verifies it with the certificate.
func (s *session) Sign(ctx context.Context, r token.SignRequest) ([]byte, error) {
	s.lane.Lock()
	defer s.lane.Unlock()
	if ctx.Err() != nil {
		return nil, &token.Error{Kind: token.KindCancelled, Op: "sign"}
	}
	if !s.open {
		if s.gone != nil {
			return nil, s.gone
		}
		return nil, &token.Error{Kind: token.KindLoginNeeded, Op: "sign"}
	}
	public, input, err := prepare(r)
	if err != nil {
		return nil, err
	}
	how, err := s.mechanism(r, public)
	if err != nil {
		return nil, err
	}
	sig, err := s.sign(r.Certificate, public, how, input)
	if e := s.failed(err); e != nil && e.Kind == token.KindDevice && s.renew() {
		sig, err = s.sign(r.Certificate, public, how, input) // once
	}
	if e := s.failed(err); e != nil {
		if e.Kind == token.KindRemoved {
			s.gone = e
			s.end()
		}
		return nil, e
	}
	return check(public, r, sig)
}

func (s *session) failed(err error) *token.Error {
	if err == nil {
		return nil
	}
	return s.p.failed("sign", s.slot, err)
}

// sign makes one raw signature.
func (s *session) sign(c token.Certificate, public crypto.PublicKey, how *pkcs11.Mechanism, input []byte) ([]byte, error) {
	k, ok := s.keys[c.Fingerprint()]
	if !ok {
		var err error
		if k, err = findKey(s.p.c, s.h, c.ID, public); err != nil {
			return nil, err
		}
		s.keys[c.Fingerprint()] = k
	}
	if k.always && !s.pad {
		// The PIN would have to be kept for it, and sessions keep none.
		return nil, &token.Error{Kind: token.KindLoginNeeded, Op: "sign", Detail: "the key asks for the PIN at every signature (CKA_ALWAYS_AUTHENTICATE); only a reader with its own pad can do that"}
	}
	if err := s.p.c.SignInit(s.h, []*pkcs11.Mechanism{how}, k.object); err != nil {
		return nil, err //nolint:wrapcheck // failed translates it
	}
	if k.always {
		if err := s.p.c.Login(s.h, pkcs11.CKU_CONTEXT_SPECIFIC, nil); err != nil {
			return nil, err
		}
	}
	return s.p.c.Sign(s.h, input)
}

// mechanism names the raw mechanisms: they take the digest. CKM_SHA256_RSA_PKCS
// wants the whole document instead, so there is nothing to fall back on. PSS is
// asked for only where the token lists it: some drivers take the mechanism and
// sign something else.
func (s *session) mechanism(r token.SignRequest, public crypto.PublicKey) (*pkcs11.Mechanism, error) {
	if _, ok := public.(*ecdsa.PublicKey); ok {
		return pkcs11.NewMechanism(pkcs11.CKM_ECDSA, nil), nil
	}
	if !r.PSS {
		return pkcs11.NewMechanism(pkcs11.CKM_RSA_PKCS, nil), nil
	}
	all, err := s.p.c.GetMechanismList(s.slot)
	if e := s.failed(err); e != nil {
		return nil, e
	}
	if !slices.ContainsFunc(all, func(m *pkcs11.Mechanism) bool { return m.Mechanism == pkcs11.CKM_RSA_PKCS_PSS }) {
		return nil, &token.Error{Kind: token.KindMechanism, Op: "sign", Detail: "the token does not list RSASSA-PSS (CKM_RSA_PKCS_PSS)"}
	}
	return pkcs11.NewMechanism(pkcs11.CKM_RSA_PKCS_PSS, pssParameters(r.Hash)), nil
}

// pssParameters are CK_RSA_PKCS_PSS_PARAMS (PKCS #11 v2.40, 2.1.7).
func pssParameters(hash crypto.Hash) []byte {
	salt := uint(hash.Size()) //nolint:gosec // a size is not negative
	switch hash {
	case crypto.SHA384:
		return pkcs11.NewPSSParams(pkcs11.CKM_SHA384, pkcs11.CKG_MGF1_SHA384, salt)
	case crypto.SHA512:
		return pkcs11.NewPSSParams(pkcs11.CKM_SHA512, pkcs11.CKG_MGF1_SHA512, salt)
	default: // prepare let no other through
		return pkcs11.NewPSSParams(pkcs11.CKM_SHA256, pkcs11.CKG_MGF1_SHA256, salt)
	}
}

// renew replaces a session whose token gave a device error. The login belongs
// to the token, so it holds for the new session too.
func (s *session) renew() bool {
	h, err := s.p.c.OpenSession(s.slot, pkcs11.CKF_SERIAL_SESSION)
	if err != nil {
		return false
	}
	_ = s.p.c.CloseSession(s.h) // it failed already
	s.h = h
	clear(s.keys)
	return true
}

// Close logs out.
func (s *session) Close(context.Context) error {
	s.lane.Lock()
	defer s.lane.Unlock()
	s.end()
	return nil
}

// end logs out and closes; the lane must be held. A token that was pulled has
// forgotten its login already, so what these calls answer does not matter.
func (s *session) end() {
	if !s.open {
		return
	}
	s.open = false
	clear(s.keys)
	_ = s.p.c.Logout(s.h)
	_ = s.p.c.CloseSession(s.h)
	if s.lane.session == s {
		s.lane.session = nil
	}
}

// prepare reads the certificate and makes what the token is to sign.
func prepare(r token.SignRequest) (crypto.PublicKey, []byte, error) {
	x, err := x509.ParseCertificate(r.Certificate.DER)
	if err != nil {
		return nil, nil, &token.Error{Kind: token.KindKeyMissing, Op: "sign", Detail: "the certificate cannot be read"}
	}
	if !r.Hash.Available() || len(r.Digest) != r.Hash.Size() {
		return nil, nil, &token.Error{Kind: token.KindMechanism, Op: "sign", Detail: "the digest does not fit its hash function"}
	}
	switch k := x.PublicKey.(type) {
	case *rsa.PublicKey:
		info, err := digestInfo(r.Digest, r.Hash)
		if r.PSS {
			return k, r.Digest, err
		}
		return k, info, err
	case *ecdsa.PublicKey:
		if r.PSS {
			return nil, nil, &token.Error{Kind: token.KindMechanism, Op: "sign", Detail: "RSASSA-PSS with an elliptic-curve key"}
		}
		// The leftmost bits count (FIPS 186-5, 6.4.1); some tokens refuse more.
		n := (k.Params().BitSize + 7) / 8
		return k, r.Digest[:min(n, len(r.Digest))], nil
	default:
		return nil, nil, &token.Error{Kind: token.KindMechanism, Op: "sign", Detail: "neither an RSA nor an elliptic-curve key"}
	}
}

// digestInfo wraps a digest for CKM_RSA_PKCS (RFC 8017, 9.2, note 1).
func digestInfo(digest []byte, hash crypto.Hash) ([]byte, error) {
	last := map[crypto.Hash]byte{crypto.SHA256: 1, crypto.SHA384: 2, crypto.SHA512: 3}[hash]
	if last == 0 {
		return nil, &token.Error{Kind: token.KindMechanism, Op: "sign", Detail: "a hash function other than SHA-256, SHA-384 and SHA-512"}
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier([]int{2, 16, 840, 1, 101, 3, 4, 2, int(last)})
			b.AddASN1NULL()
		})
		b.AddASN1OctetString(digest)
	})
	return b.Bytes() //nolint:wrapcheck // it cannot fail
}

// check gives the signature its final form and verifies it: a token that signs
// wrongly, or with another key, must not reach a document.
func check(public crypto.PublicKey, r token.SignRequest, sig []byte) ([]byte, error) {
	bad := &token.Error{Kind: token.KindBadSignature, Op: "sign", Detail: "the signature does not verify with the certificate"}
	switch k := public.(type) {
	case *rsa.PublicKey:
		// Some modules drop leading zeros.
		if n := k.Size(); len(sig) < n {
			sig = append(make([]byte, n-len(sig)), sig...)
		}
		if !rsaVerifies(k, r, sig) {
			return nil, bad
		}
	case *ecdsa.PublicKey:
		der, err := derOf(sig)
		if err != nil || !ecdsa.VerifyASN1(k, r.Digest, der) {
			return nil, bad
		}
		sig = der
	}
	return sig, nil
}

func rsaVerifies(k *rsa.PublicKey, r token.SignRequest, sig []byte) bool {
	if r.PSS {
		return rsa.VerifyPSS(k, r.Hash, r.Digest, sig, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
	}
	return rsa.VerifyPKCS1v15(k, r.Hash, r.Digest, sig) == nil
}

// derOf turns r‖s (PKCS #11 v2.40, 2.3.1) into DER (RFC 3279, 2.2.3).
func derOf(raw []byte) ([]byte, error) {
	if len(raw) == 0 || len(raw)%2 != 0 {
		return nil, errors.New("an odd length")
	}
	half := len(raw) / 2
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(new(big.Int).SetBytes(raw[:half]))
		b.AddASN1BigInt(new(big.Int).SetBytes(raw[half:]))
	})
	return b.Bytes() //nolint:wrapcheck // it cannot fail
}
