package tokentest

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"slices"
	"sync"
	"testing"

	"kyso/signer/token"
)

// Fixture is what the contract runs on: a provider that shows the tokens of
// Standard and no others.
type Fixture struct {
	Provider token.Provider
}

// Contract is what every token.Provider keeps. open is called for each part.
func Contract(t *testing.T, open func(t *testing.T) Fixture) {
	t.Helper()
	for name, part := range map[string]func(*bench){
		"the tokens are listed with their labels":           listsTokens,
		"the certificates are listed without a login":       listsCertificates,
		"every kind of key signs":                           signs,
		"every hash function signs":                         hashes,
		"an RSA key signs with RSASSA-PSS":                  signsPSS,
		"an elliptic-curve key refuses RSASSA-PSS":          refusesPSS,
		"a key is found that does not share its ID":         findsKeys,
		"a wrong PIN is told and the right one still works": tellsWrongPIN,
		"an empty PIN never reaches the token":              refusesEmptyPIN,
		"a certificate without a key does not sign":         missesKey,
		"a digest of the wrong length is refused":           refusesDigest,
		"a closed session asks for a login":                 closes,
		"a second login ends the first":                     replaces,
		"an empty slot is a removed token":                  missesToken,
		"a call that is canceled before it starts fails":    cancels,
		"signatures from many goroutines are all good":      signsAtOnce,
		"a key that wants the PIN each time says so":        refusesAlways,
	} {
		t.Run(name, func(t *testing.T) {
			part(&bench{t: t, p: open(t).Provider})
		})
	}
}

// bench is a provider under test.
type bench struct {
	t *testing.T
	p token.Provider
}

func (b *bench) slot(label string) uint {
	b.t.Helper()
	infos, err := b.p.Tokens(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	for _, i := range infos {
		if i.Label == label {
			return i.Slot
		}
	}
	b.t.Fatalf("no token %q in %v", label, infos)
	return 0
}

func (b *bench) certificate(label string) token.Certificate {
	b.t.Helper()
	for _, owner := range []string{Leader, Clerk} {
		all, err := b.p.Certificates(b.t.Context(), b.slot(owner))
		if err != nil {
			b.t.Fatal(err)
		}
		if i := slices.IndexFunc(all, func(c token.Certificate) bool { return c.Label == label }); i >= 0 {
			return all[i]
		}
	}
	b.t.Fatalf("no certificate %q", label)
	return token.Certificate{}
}

func (b *bench) login(label, pin string) token.Session {
	b.t.Helper()
	s, err := b.p.OpenSession(b.t.Context(), b.slot(label), []byte(pin))
	if err != nil {
		b.t.Fatal(err)
	}
	// The test's own context has ended by then.
	b.t.Cleanup(func() { _ = s.Close(context.WithoutCancel(b.t.Context())) })
	return s
}

func (b *bench) wantKind(err error, want token.Kind) {
	b.t.Helper()
	var e *token.Error
	if !errors.As(err, &e) || e.Kind != want {
		b.t.Errorf("got %v, want %s", err, want)
	}
}

// mustSign signs with the certificate and verifies the signature.
func (b *bench) mustSign(s token.Session, c token.Certificate, hash crypto.Hash) {
	b.t.Helper()
	if err := Sign(b.t.Context(), s, c, hash); err != nil {
		b.t.Errorf("%s with %v: %v", c.Label, hash, err)
	}
}

// Sign has the session sign a digest of its own and verifies what comes back.
func Sign(ctx context.Context, s token.Session, c token.Certificate, hash crypto.Hash) error {
	h := hash.New()
	h.Write([]byte("Kính gửi: Ủy ban nhân dân phường Láng Hạ"))
	digest := h.Sum(nil)
	sig, err := s.Sign(ctx, token.SignRequest{Certificate: c, Digest: digest, Hash: hash})
	if err != nil {
		return err
	}
	x, err := x509.ParseCertificate(c.DER)
	if err != nil {
		return err //nolint:wrapcheck // for the test's eyes
	}
	switch k := x.PublicKey.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(k, hash, digest, sig) //nolint:wrapcheck // for the test's eyes
	case *ecdsa.PublicKey:
		if !ecdsa.VerifyASN1(k, digest, sig) {
			return errors.New("the ECDSA signature does not verify")
		}
		return nil
	default:
		return errors.New("an unknown kind of key")
	}
}

func listsTokens(b *bench) {
	infos, err := b.p.Tokens(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	var labels []string
	for _, i := range infos {
		labels = append(labels, i.Label)
		if i.PIN == token.PINLocked || i.PIN == token.PINUnset || i.PINPad {
			b.t.Errorf("token %q: got PIN state %s, pad %t", i.Label, i.PIN, i.PINPad)
		}
	}
	slices.Sort(labels)
	if want := []string{Leader, Clerk}; !slices.Equal(labels, want) {
		b.t.Errorf("got %q, want %q", labels, want)
	}
}

func listsCertificates(b *bench) {
	all, err := b.p.Certificates(b.t.Context(), b.slot(Leader))
	if err != nil {
		b.t.Fatal(err)
	}
	leader := Standard(b.t)[0]
	want := map[[sha256.Size]byte]bool{}
	for _, id := range leader.Identities {
		want[sha256.Sum256(id.Certificate)] = true
	}
	want[sha256.Sum256(leader.Chain[0])] = true
	for _, c := range all {
		if !want[c.Fingerprint()] {
			b.t.Errorf("%q is not among those that were stored", c.Label)
		}
		delete(want, c.Fingerprint())
	}
	if len(want) > 0 {
		b.t.Errorf("%d certificates are missing", len(want))
	}
}

func signs(b *bench) {
	s := b.login(Leader, LeaderPIN)
	for _, label := range []string{RSA, RSA3072, EC} {
		b.mustSign(s, b.certificate(label), crypto.SHA256)
	}
}

func hashes(b *bench) {
	s := b.login(Leader, LeaderPIN)
	for _, label := range []string{RSA, EC} {
		for _, h := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
			b.mustSign(s, b.certificate(label), h)
		}
	}
}

func signsPSS(b *bench) {
	s := b.login(Leader, LeaderPIN)
	for _, label := range []string{RSA, RSA3072} {
		c := b.certificate(label)
		x, err := x509.ParseCertificate(c.DER)
		if err != nil {
			b.t.Fatal(err)
		}
		public, ok := x.PublicKey.(*rsa.PublicKey)
		if !ok {
			b.t.Fatalf("%s has a %T", label, x.PublicKey)
		}
		for _, h := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
			digest := h.New().Sum(nil)
			sig, err := s.Sign(b.t.Context(), token.SignRequest{Certificate: c, Digest: digest, Hash: h, PSS: true})
			if err != nil {
				b.t.Errorf("%s with %v: %v", label, h, err)
				continue
			}
			if err := rsa.VerifyPSS(public, h, digest, sig, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}); err != nil {
				b.t.Errorf("%s with %v: %v", label, h, err)
			}
		}
	}
}

func refusesPSS(b *bench) {
	s := b.login(Leader, LeaderPIN)
	_, err := s.Sign(b.t.Context(), token.SignRequest{Certificate: b.certificate(EC), Digest: make([]byte, 32), Hash: crypto.SHA256, PSS: true})
	b.wantKind(err, token.KindMechanism)
}

func findsKeys(b *bench) {
	s := b.login(Leader, LeaderPIN)
	for _, label := range []string{RSAOtherID, ECOtherID} {
		b.mustSign(s, b.certificate(label), crypto.SHA256)
	}
}

func tellsWrongPIN(b *bench) {
	_, err := b.p.OpenSession(b.t.Context(), b.slot(Clerk), []byte("11111111"))
	b.wantKind(err, token.KindPINWrong)
	b.mustSign(b.login(Clerk, ClerkPIN), b.certificate(Only), crypto.SHA256)
}

func refusesEmptyPIN(b *bench) {
	_, err := b.p.OpenSession(b.t.Context(), b.slot(Leader), []byte{})
	b.wantKind(err, token.KindPINFormat)
}

func missesKey(b *bench) {
	s := b.login(Leader, LeaderPIN)
	b.wantKind(Sign(b.t.Context(), s, token.Certificate{DER: Standard(b.t)[0].Chain[0]}, crypto.SHA256), token.KindKeyMissing)
}

func refusesDigest(b *bench) {
	s := b.login(Leader, LeaderPIN)
	_, err := s.Sign(b.t.Context(), token.SignRequest{Certificate: b.certificate(RSA), Digest: make([]byte, sha256.Size-1), Hash: crypto.SHA256})
	b.wantKind(err, token.KindMechanism)
}

func closes(b *bench) {
	s := b.login(Leader, LeaderPIN)
	c := b.certificate(RSA)
	b.mustSign(s, c, crypto.SHA256)
	for range 2 { // closing twice does no harm
		if err := s.Close(b.t.Context()); err != nil {
			b.t.Errorf("close: %v", err)
		}
	}
	b.wantKind(Sign(b.t.Context(), s, c, crypto.SHA256), token.KindLoginNeeded)
}

func replaces(b *bench) {
	first, second := b.login(Leader, LeaderPIN), b.login(Leader, LeaderPIN)
	c := b.certificate(RSA)
	b.wantKind(Sign(b.t.Context(), first, c, crypto.SHA256), token.KindLoginNeeded)
	b.mustSign(second, c, crypto.SHA256)
	if err := first.Close(b.t.Context()); err != nil {
		b.t.Errorf("close the first: %v", err)
	}
	b.mustSign(second, c, crypto.SHA256)
}

func missesToken(b *bench) {
	const nowhere = 0x7ffffff0
	_, err := b.p.Certificates(b.t.Context(), nowhere)
	b.wantKind(err, token.KindRemoved)
	_, err = b.p.OpenSession(b.t.Context(), nowhere, []byte(LeaderPIN))
	b.wantKind(err, token.KindRemoved)
}

func cancels(b *bench) {
	s, slot, c := b.login(Leader, LeaderPIN), b.slot(Leader), b.certificate(RSA)
	ctx, cancel := context.WithCancel(b.t.Context())
	cancel()
	_, err := b.p.Tokens(ctx)
	b.wantKind(err, token.KindCancelled)
	_, err = b.p.Certificates(ctx, slot)
	b.wantKind(err, token.KindCancelled)
	b.wantKind(Sign(ctx, s, c, crypto.SHA256), token.KindCancelled)
	_, err = b.p.OpenSession(ctx, slot, []byte(LeaderPIN))
	b.wantKind(err, token.KindCancelled)
	b.mustSign(s, c, crypto.SHA256)
}

func signsAtOnce(b *bench) {
	const goroutines, each = 4, 5
	sessions := map[string]token.Session{RSA: b.login(Leader, LeaderPIN), Only: b.login(Clerk, ClerkPIN)}
	var wg sync.WaitGroup
	for label, s := range sessions {
		c := b.certificate(label)
		for range goroutines {
			wg.Go(func() {
				for range each {
					if err := Sign(b.t.Context(), s, c, crypto.SHA256); err != nil {
						b.t.Errorf("%s: %v", label, err)
					}
				}
			})
		}
	}
	wg.Wait()
}

func refusesAlways(b *bench) {
	s := b.login(Leader, LeaderPIN)
	b.wantKind(Sign(b.t.Context(), s, b.certificate(Always), crypto.SHA256), token.KindLoginNeeded)
	b.mustSign(s, b.certificate(RSA), crypto.SHA256)
}

// asError gives the *token.Error in err, or makes one.
func asError(err error) *token.Error {
	if e, ok := errors.AsType[*token.Error](err); ok {
		return e
	}
	return &token.Error{Kind: token.KindOther, Detail: err.Error()}
}
