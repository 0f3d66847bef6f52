package remote_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	crand "crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"kyso/signer"
	"kyso/signer/signertest"
	"kyso/signer/token"
	"kyso/signer/token/provision"
	"kyso/signer/token/remote"
	"kyso/signer/token/tokentest"
)

// manyTokens makes tokens with one key each.
func manyTokens(t *testing.T, n int) []provision.Token {
	t.Helper()
	var all []provision.Token
	for i := range n {
		key, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		label := fmt.Sprintf("Thiết bị %d", i)
		template := &x509.Certificate{SerialNumber: big.NewInt(int64(i + 1)), Subject: pkix.Name{CommonName: label}, NotAfter: time.Unix(1<<33, 0)}
		der, err := x509.CreateCertificate(crand.Reader, template, template, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, provision.Token{
			Label: label, SOPIN: []byte("00000000"), PIN: fmt.Appendf(nil, "73920%03d", i),
			Identities: []provision.Identity{{ID: []byte{1}, Label: label, Key: key, Certificate: der}},
		})
	}
	return all
}

func TestSixtyTokensOfOneModuleSign(t *testing.T) {
	t.Parallel()
	tokens := manyTokens(t, 60)
	module, env := tokentest.SoftHSM(t, tokens...)
	p := remote.Start(remote.Options{Helper: tokentest.Helper(t), Module: module, Env: env})
	t.Cleanup(func() { _ = p.Close() })
	start := time.Now()
	all, err := p.Tokens(t.Context())
	if err != nil || len(all) != len(tokens) {
		t.Fatalf("got %d tokens, %v, want %d", len(all), err, len(tokens))
	}
	listed := time.Since(start)
	for _, tok := range tokens {
		b := batch{p: p, fingerprint: sha256.Sum256(tok.Identities[0].Certificate), pin: string(tok.PIN)}
		if err := b.sign(t.Context()); err != nil {
			t.Errorf("%s: %v", tok.Label, err)
		}
	}
	t.Logf("listed in %v, all found by certificate, logged in and signed in %v", listed, time.Since(start))
}

func TestTheSameTokenThroughTwoModulesIsOne(t *testing.T) {
	t.Parallel()
	module, env := tokentest.StandardSoftHSM(t)
	faults := tokentest.Faulty(t, module, env)
	var all []token.Holding
	for _, o := range []remote.Options{{Module: module, Env: env}, {Module: faults.Module, Env: faults.Env}} {
		o.Helper = tokentest.Helper(t)
		p := remote.Start(o)
		t.Cleanup(func() { _ = p.Close() })
		tokens, err := p.Tokens(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range tokens {
			certificates, err := p.Certificates(t.Context(), i.Slot)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, token.Holding{Module: o.Module, Token: i, Certificates: certificates})
		}
	}
	joined := token.Join(all)
	if len(all) != 4 || len(joined) != 2 {
		t.Fatalf("got %d of %d, want 2 of 4", len(joined), len(all))
	}
	for _, h := range joined {
		if h.Module != module || len(h.Also) != 1 || h.Also[0].Module != faults.Module {
			t.Errorf("%s: got %s and %v, want the first module and the other", h.Token.Label, h.Module, h.Also)
		}
	}
}

// papers writes n documents and gives their paths.
func papers(t *testing.T, n int) []string {
	t.Helper()
	dir := t.TempDir()
	paths := make([]string, n)
	for i := range paths {
		paper := signertest.Paper{Pages: []signertest.PaperPage{{Content: fmt.Sprintf("%% document %d", i)}}}
		paths[i] = write(t, dir, fmt.Sprintf("%04d.pdf", i), paper.Bytes())
	}
	return paths
}

// signFile signs one document into dir.
func (b *batch) signFile(t *testing.T, in, dir string) error {
	t.Helper()
	if err := b.open(t.Context()); err != nil {
		b.lost(err)
		return err
	}
	c, err := token.NewCredential(b.session, b.certificate)
	if err != nil {
		return err
	}
	_, err = signer.SignFile(t.Context(), in, filepath.Join(dir, filepath.Base(in)), signer.Request{Credential: c, Time: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)})
	b.lost(err)
	return err
}

// wantSigned checks that dir holds each document once, with one signature, and
// nothing else.
func wantSigned(t *testing.T, dir string, n int) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != n {
		t.Fatalf("got %d files, %v, want %d", len(files), err, n)
	}
	for _, f := range files {
		in, err := signer.Inspect(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		signed := 0
		for _, field := range in.Fields {
			if field.Signed {
				signed++
			}
		}
		if signed != 1 {
			t.Errorf("%s has %d signatures", f.Name(), signed)
		}
	}
}

func TestATokenPulledAtDocument27Of50IsPutBack(t *testing.T) {
	t.Parallel()
	const documents, pulledAt = 50, 27
	for name, rule := range map[string]string{
		"told by the driver":                  "removed-as 0x32",
		"told as a general error, as by PCSC": "removed-as 0x5",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := setUp(t, remote.Limits{}, rule, fmt.Sprintf("absent-after C_Sign %d", pulledAt), "pin-tries 3")
			b := batch{p: r.p, fingerprint: r.certificate().Fingerprint(), pin: tokentest.ClerkPIN}
			out, pauses := t.TempDir(), 0
			for n, in := range papers(t, documents) {
				err := b.signFile(t, in, out)
				if errors.Is(err, token.ErrRemoved) && n+1 == pulledAt && pauses == 0 {
					pauses++
					r.want(b.signFile(t, in, out), token.KindRemoved) // it is still out
					r.faults.Set("pin-tries 3")                       // plugged back
					err = b.signFile(t, in, out)
				}
				if err != nil {
					t.Fatalf("document %d: %v", n+1, err)
				}
			}
			wantSigned(t, out, documents)
			if n := r.faults.Answers("C_Sign", 0); n != documents {
				t.Errorf("the token made %d signatures, want %d", n, documents)
			}
			if b.asked != 2 || pauses != 1 {
				t.Errorf("the PIN was asked %d times in %d pauses, want twice in one", b.asked, pauses)
			}
			if n := r.faults.Answers("C_Login", 0xA0); n != 0 {
				t.Errorf("%d tries were spent", n)
			}
		})
	}
}

// killer kills the helper again and again, each time as soon as one runs after a
// random pause.
type killer struct {
	p     *remote.Provider
	wg    sync.WaitGroup
	mu    sync.Mutex
	kills int
}

// strike kills the helper once, a random time from now.
func (k *killer) strike(t *testing.T, within time.Duration) {
	t.Helper()
	pause := time.Duration(rand.Int64N(int64(within)))
	k.wg.Go(func() {
		tick := time.NewTicker(200 * time.Microsecond)
		defer tick.Stop()
		<-time.After(pause)
		pid := k.p.PID()
		for ; pid == 0; pid = k.p.PID() {
			select {
			case <-tick.C:
			case <-t.Context().Done():
				return
			}
		}
		kill9(t, pid)
		k.mu.Lock()
		k.kills++
		k.mu.Unlock()
	})
}

func TestTheHelperKilled200TimesInABatchOf1000Documents(t *testing.T) {
	t.Parallel()
	const documents, kills = 1000, 200
	r := setUp(t, remote.Limits{Restarts: 10 * kills}, "pin-tries 3")
	k := killer{p: r.p}
	due := map[int]int{}
	for range kills {
		due[rand.IntN(documents)]++
	}
	b := batch{p: r.p, fingerprint: r.certificate().Fingerprint(), pin: tokentest.ClerkPIN}
	out, crashes := t.TempDir(), 0
	start := time.Now()
	for n, in := range papers(t, documents) {
		for range due[n] {
			k.strike(t, 12*time.Millisecond)
		}
		err := b.signFile(t, in, out)
		for ; crashes < 3*kills; err = b.signFile(t, in, out) {
			if errors.Is(err, token.ErrRemoved) && tokentest.MendSoftHSM(t, r.faults.Env) {
				kill9(t, r.p.PID()) // the next process reads the mended token
			} else if !errors.Is(err, token.ErrCrashed) {
				break
			}
			crashes++
		}
		if err != nil {
			t.Fatalf("document %d: %v", n+1, err)
		}
	}
	k.wg.Wait()
	wantSigned(t, out, documents)
	if k.kills != kills || crashes == 0 {
		t.Errorf("%d kills, %d of them in a call; want %d and some", k.kills, crashes, kills)
	}
	if n := r.faults.Answers("C_Login", 0xA0); n != 0 {
		t.Errorf("%d tries were spent", n)
	}
	if i, _ := r.info(tokentest.Clerk); i.PIN != token.PINReady {
		t.Errorf("the counter is %s, want %s", i.PIN, token.PINReady)
	}
	t.Logf("%d kills, %d in the middle of a call, %d logins, %v", k.kills, crashes, b.asked, time.Since(start))
}
