package tokentest

import (
	"bytes"
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
	"kyso/signer/token/provision"
)

// Fixture is what the contract runs on.
type Fixture struct {
	Provider token.Provider
	// Tokens are those that the provider shows, nil for those of Standard. The
	// parts that do not care use the first; wrong PINs go to the last. A part
	// that needs what none of them has finds nothing to do.
	Tokens []provision.Token
	// Others are the labels of what the module shows besides.
	Others []string
	// FixedPIN says that the PIN cannot be changed.
	FixedPIN bool
}

// Contract is what every token.Provider keeps. open is called for each part.
func Contract(t *testing.T, open func(t *testing.T) Fixture) {
	t.Helper()
	for name, part := range map[string]func(*bench){
		"the tokens are listed with their labels":           listsTokens,
		"the slots are listed without asking the tokens":    listsSlots,
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
		"a key that wants the PIN each time signs a batch":  signsAlways,
		"the PIN is changed, which ends the session":        changesPIN,
		"a PIN is not changed with a wrong old one":         keepsPIN,
		"a token is found by its certificate":               findsHolder,
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t)
			if f.Tokens == nil {
				f.Tokens = Standard(t)
			}
			part(&bench{t: t, p: f.Provider, tokens: f.Tokens, others: f.Others, fixed: f.FixedPIN})
		})
	}
}

// bench is a provider under test.
type bench struct {
	t      *testing.T
	p      token.Provider
	tokens []provision.Token
	others []string
	fixed  bool
}

func (b *bench) first() provision.Token { return b.tokens[0] }
func (b *bench) last() provision.Token  { return b.tokens[len(b.tokens)-1] }

func (b *bench) slot(of provision.Token) uint {
	b.t.Helper()
	infos, err := b.p.Tokens(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	for _, i := range infos {
		if i.Label == of.Label {
			return i.Slot
		}
	}
	b.t.Fatalf("no token %q in %v", of.Label, infos)
	return 0
}

// certificate gives an identity's certificate as the provider shows it.
func (b *bench) certificate(of provision.Token, id provision.Identity) token.Certificate {
	b.t.Helper()
	all, err := b.p.Certificates(b.t.Context(), b.slot(of))
	if err != nil {
		b.t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(c token.Certificate) bool { return string(c.DER) == string(id.Certificate) })
	if i < 0 {
		b.t.Fatalf("no certificate of %q", id.Label)
	}
	return all[i]
}

// some gives identities of the first token, at most n.
func (b *bench) some(n int, want func(provision.Identity) bool) []token.Certificate {
	b.t.Helper()
	var found []token.Certificate
	for _, id := range b.first().Identities {
		if len(found) < n && want(id) {
			found = append(found, b.certificate(b.first(), id))
		}
	}
	return found
}

func isRSA(id provision.Identity) bool {
	_, ok := id.Key.(*rsa.PrivateKey)
	return ok && isPlain(id)
}

func isEC(id provision.Identity) bool {
	_, ok := id.Key.(*ecdsa.PrivateKey)
	return ok && isPlain(id)
}

func isPlain(id provision.Identity) bool { return !id.AlwaysAuthenticate && id.CertificateID == nil }

func (b *bench) login(to provision.Token) token.Session {
	b.t.Helper()
	s, err := b.p.OpenSession(b.t.Context(), b.slot(to), token.Login{PIN: slices.Clone(to.PIN)})
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
		if i.PIN == token.PINLocked || i.PINPad {
			b.t.Errorf("token %q: got PIN state %s, pad %t", i.Label, i.PIN, i.PINPad)
		}
	}
	want := slices.Clone(b.others)
	for _, t := range b.tokens {
		want = append(want, t.Label)
	}
	slices.Sort(labels)
	slices.Sort(want)
	if !slices.Equal(labels, want) {
		b.t.Errorf("got %q, want %q", labels, want)
	}
}

func listsSlots(b *bench) {
	slots, err := b.p.Slots(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	for _, t := range b.tokens {
		if n := b.slot(t); !slices.Contains(slots, n) {
			b.t.Errorf("slot %d of %q is not in %d", n, t.Label, slots)
		}
	}
}

func listsCertificates(b *bench) {
	all, err := b.p.Certificates(b.t.Context(), b.slot(b.first()))
	if err != nil {
		b.t.Fatal(err)
	}
	want := map[[sha256.Size]byte]bool{}
	for _, id := range b.first().Identities {
		want[sha256.Sum256(id.Certificate)] = true
	}
	for _, der := range b.first().Chain {
		want[sha256.Sum256(der)] = true
	}
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
	s := b.login(b.first())
	all := b.some(100, isPlain)
	if len(all) == 0 {
		b.t.Error("nothing to sign with")
	}
	for _, c := range all {
		b.mustSign(s, c, crypto.SHA256)
	}
}

func hashes(b *bench) {
	s := b.login(b.first())
	for _, c := range slices.Concat(b.some(1, isRSA), b.some(1, isEC)) {
		for _, h := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
			b.mustSign(s, c, h)
		}
	}
}

func signsPSS(b *bench) {
	s := b.login(b.first())
	for _, c := range b.some(2, isRSA) {
		x, err := x509.ParseCertificate(c.DER)
		if err != nil {
			b.t.Fatal(err)
		}
		public, ok := x.PublicKey.(*rsa.PublicKey)
		if !ok {
			b.t.Fatalf("%s has a %T", c.Label, x.PublicKey)
		}
		for _, h := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
			digest := h.New().Sum(nil)
			sig, err := s.Sign(b.t.Context(), token.SignRequest{Certificate: c, Digest: digest, Hash: h, PSS: true})
			if err != nil {
				b.t.Errorf("%s with %v: %v", c.Label, h, err)
				continue
			}
			if err := rsa.VerifyPSS(public, h, digest, sig, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}); err != nil {
				b.t.Errorf("%s with %v: %v", c.Label, h, err)
			}
		}
	}
}

func refusesPSS(b *bench) {
	s := b.login(b.first())
	for _, c := range b.some(1, isEC) {
		_, err := s.Sign(b.t.Context(), token.SignRequest{Certificate: c, Digest: make([]byte, 32), Hash: crypto.SHA256, PSS: true})
		b.wantKind(err, token.KindMechanism)
	}
}

func findsKeys(b *bench) {
	s := b.login(b.first())
	for _, c := range b.some(100, func(id provision.Identity) bool { return id.CertificateID != nil }) {
		b.mustSign(s, c, crypto.SHA256)
	}
}

// wrongPIN is as long as the token's, and another.
func wrongPIN(t provision.Token) []byte {
	wrong := bytes.Repeat([]byte("1"), len(t.PIN))
	if bytes.Equal(wrong, t.PIN) {
		clear(wrong)
		return bytes.ReplaceAll(wrong, []byte{0}, []byte("2"))
	}
	return wrong
}

func tellsWrongPIN(b *bench) {
	last := b.last()
	_, err := b.p.OpenSession(b.t.Context(), b.slot(last), token.Login{PIN: wrongPIN(last)})
	b.wantKind(err, token.KindPINWrong)
	b.mustSign(b.login(last), b.certificate(last, last.Identities[0]), crypto.SHA256)
}

func refusesEmptyPIN(b *bench) {
	_, err := b.p.OpenSession(b.t.Context(), b.slot(b.first()), token.Login{PIN: []byte{}})
	b.wantKind(err, token.KindPINFormat)
}

func missesKey(b *bench) {
	if len(b.first().Identities) < 2 {
		return // an only key signs for any certificate
	}
	s := b.login(b.first())
	b.wantKind(Sign(b.t.Context(), s, token.Certificate{DER: Standard(b.t)[0].Chain[0]}, crypto.SHA256), token.KindKeyMissing)
}

func refusesDigest(b *bench) {
	s := b.login(b.first())
	c := b.some(1, isPlain)[0]
	_, err := s.Sign(b.t.Context(), token.SignRequest{Certificate: c, Digest: make([]byte, sha256.Size-1), Hash: crypto.SHA256})
	b.wantKind(err, token.KindMechanism)
}

func closes(b *bench) {
	s := b.login(b.first())
	c := b.some(1, isPlain)[0]
	b.mustSign(s, c, crypto.SHA256)
	for range 2 { // closing twice does no harm
		if err := s.Close(b.t.Context()); err != nil {
			b.t.Errorf("close: %v", err)
		}
	}
	b.wantKind(Sign(b.t.Context(), s, c, crypto.SHA256), token.KindLoginNeeded)
}

func replaces(b *bench) {
	first, second := b.login(b.first()), b.login(b.first())
	c := b.some(1, isPlain)[0]
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
	_, err = b.p.OpenSession(b.t.Context(), nowhere, token.Login{PIN: slices.Clone(b.first().PIN)})
	b.wantKind(err, token.KindRemoved)
	err = b.p.ChangePIN(b.t.Context(), nowhere, token.PINChange{Old: []byte("123456"), New: []byte("739201")})
	b.wantKind(err, token.KindRemoved)
}

func cancels(b *bench) {
	s, slot, c := b.login(b.first()), b.slot(b.first()), b.some(1, isPlain)[0]
	ctx, cancel := context.WithCancel(b.t.Context())
	cancel()
	_, err := b.p.Slots(ctx)
	b.wantKind(err, token.KindCancelled)
	_, err = b.p.Tokens(ctx)
	b.wantKind(err, token.KindCancelled)
	_, err = b.p.Certificates(ctx, slot)
	b.wantKind(err, token.KindCancelled)
	b.wantKind(Sign(ctx, s, c, crypto.SHA256), token.KindCancelled)
	_, err = b.p.OpenSession(ctx, slot, token.Login{PIN: slices.Clone(b.first().PIN)})
	b.wantKind(err, token.KindCancelled)
	err = b.p.ChangePIN(ctx, slot, token.PINChange{Old: slices.Clone(b.first().PIN), New: []byte("739201")})
	b.wantKind(err, token.KindCancelled)
	b.mustSign(s, c, crypto.SHA256)
}

func signsAtOnce(b *bench) {
	const goroutines, each = 4, 5
	var wg sync.WaitGroup
	for _, t := range b.tokens {
		s, c := b.login(t), b.certificate(t, t.Identities[0])
		for range goroutines {
			wg.Go(func() {
				for range each {
					if err := Sign(b.t.Context(), s, c, crypto.SHA256); err != nil {
						b.t.Errorf("%s: %v", t.Label, err)
					}
				}
			})
		}
	}
	wg.Wait()
}

func signsAlways(b *bench) {
	s := b.login(b.first())
	for _, c := range b.some(100, func(id provision.Identity) bool { return id.AlwaysAuthenticate }) {
		for range 3 {
			b.mustSign(s, c, crypto.SHA256)
		}
	}
	b.mustSign(s, b.some(1, isPlain)[0], crypto.SHA256)
}

func changesPIN(b *bench) {
	last := b.last()
	slot, c := b.slot(last), b.certificate(last, last.Identities[0])
	old, fresh := slices.Clone(last.PIN), []byte("90718263")[:len(last.PIN)]
	if b.fixed {
		b.wantKind(b.p.ChangePIN(b.t.Context(), slot, token.PINChange{Old: old, New: fresh}), token.KindUnsupported)
		return
	}
	s := b.login(last)
	if err := b.p.ChangePIN(b.t.Context(), slot, token.PINChange{Old: old, New: fresh}); err != nil {
		b.t.Fatal(err)
	}
	b.wantKind(Sign(b.t.Context(), s, c, crypto.SHA256), token.KindLoginNeeded)
	_, err := b.p.OpenSession(b.t.Context(), slot, token.Login{PIN: old})
	b.wantKind(err, token.KindPINWrong)
	changed := last
	changed.PIN = fresh
	b.mustSign(b.login(changed), c, crypto.SHA256)
	if err := b.p.ChangePIN(b.t.Context(), slot, token.PINChange{Old: fresh, New: old}); err != nil {
		b.t.Error(err)
	}
}

func keepsPIN(b *bench) {
	if b.fixed {
		return
	}
	last := b.last()
	err := b.p.ChangePIN(b.t.Context(), b.slot(last), token.PINChange{Old: wrongPIN(last), New: []byte("90718263")[:len(last.PIN)]})
	b.wantKind(err, token.KindPINWrong)
	b.mustSign(b.login(last), b.certificate(last, last.Identities[0]), crypto.SHA256)
}

func findsHolder(b *bench) {
	for _, t := range b.tokens {
		i, c, err := token.Holder(b.t.Context(), b.p, sha256.Sum256(t.Identities[0].Certificate))
		if err != nil || i.Label != t.Label || string(c.DER) != string(t.Identities[0].Certificate) {
			b.t.Errorf("got token %q, certificate %q, %v, want token %q", i.Label, c.Label, err, t.Label)
		}
	}
	_, _, err := token.Holder(b.t.Context(), b.p, sha256.Sum256(nil))
	b.wantKind(err, token.KindRemoved)
}

// asError gives the *token.Error in err, or makes one.
func asError(err error) *token.Error {
	if e, ok := errors.AsType[*token.Error](err); ok {
		return e
	}
	return &token.Error{Kind: token.KindOther, Detail: err.Error()}
}
