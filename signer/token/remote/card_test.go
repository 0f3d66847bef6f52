package remote_test

import (
	"crypto/sha256"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kyso/signer/token"
	"kyso/signer/token/provision"
	"kyso/signer/token/remote"
	"kyso/signer/token/tokentest"
)

const cardPIN = "83920184"

// card makes a card with the keys of the standard leader, and what its token
// shows through OpenSC.
func card(t *testing.T) (*tokentest.PIVCard, provision.Token) {
	t.Helper()
	shows := provision.Token{PIN: []byte(cardPIN)}
	var keys []tokentest.PIVKey
	for _, id := range tokentest.Standard(t)[0].Identities {
		ref := map[string]byte{
			tokentest.RSA:        tokentest.PIVAuthentication,
			tokentest.Always:     tokentest.PIVSignature,
			tokentest.RSAOtherID: tokentest.PIVCardAuthentication,
		}[id.Label]
		id.CertificateID = nil
		if ref != 0 {
			keys = append(keys, tokentest.PIVKey{Ref: ref, Key: id.Key, Certificate: id.Certificate})
			shows.Identities = append(shows.Identities, id)
		}
	}
	return tokentest.NewPIVCard(cardPIN, keys...), shows
}

// openSC starts a helper over OpenSC.
func openSC(t *testing.T) *remote.Provider {
	t.Helper()
	p := remote.Start(remote.Options{Helper: tokentest.Helper(t), Module: tokentest.OpenSCModule, Limits: remote.Limits{Restarts: 20}})
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// await polls as the program does until n tokens are in.
func await(t *testing.T, p *remote.Provider, n int) []token.Info {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(20 * time.Second); ; {
		all, err := p.Tokens(t.Context())
		if err == nil && len(all) == n {
			return all
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("got %v, %v, want %d tokens", all, err, n)
		}
	}
}

// One reader serves all parts, and one service the machine: nothing here is parallel.
func TestOpenSCWithACard(t *testing.T) {
	tokentest.PCSC(t)
	reader := tokentest.VirtualReaders()[0]
	t.Run("keeps the contract", func(t *testing.T) {
		c, shows := card(t)
		if err := c.Insert(t.Context(), reader); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Pull)
		p := openSC(t)
		shows.Label = await(t, p, 1)[0].Label
		tokentest.Contract(t, func(*testing.T) tokentest.Fixture {
			return tokentest.Fixture{Provider: p, Tokens: []provision.Token{shows}}
		})
	})
	t.Run("is watched while the card comes and goes", func(t *testing.T) { watchesCard(t, reader) })
	t.Run("goes on with the card that was pulled in a batch", func(t *testing.T) { resumesCard(t, reader) })
	t.Run("tells the counter of the card", func(t *testing.T) { countsOnCard(t, reader) })
	t.Run("loses no try when the helper is killed", func(t *testing.T) { survivesKill(t, reader) })
}

func watchesCard(t *testing.T, reader string) {
	t.Helper()
	c, _ := card(t)
	p := openSC(t)
	await(t, p, 0)
	changes := make(chan token.Change, 16)
	watched(t, p, func() {
		go token.Watch(t.Context(), p, token.WatchEvery, func(c token.Change) { changes <- c })
		see := func(n int) {
			t.Helper()
			start := time.Now()
			for limit := time.After(20 * time.Second); ; {
				select {
				case got := <-changes:
					if got.Err != nil {
						t.Fatal(got.Err)
					}
					if len(got.Tokens) == n {
						if d := time.Since(start); d > 2*time.Second {
							t.Errorf("%d tokens: told after %v", n, d)
						} else {
							t.Logf("%d tokens: told after %v", n, d)
						}
						return
					}
				case <-limit:
					t.Fatal("nothing was told")
				}
			}
		}
		see(0)
		for range 2 {
			if err := c.Insert(t.Context(), reader); err != nil {
				t.Fatal(err)
			}
			see(1)
			c.Pull()
			see(0)
		}
	})
}

func resumesCard(t *testing.T, reader string) {
	t.Helper()
	const documents, pulledAt = 10, 4
	c, shows := card(t)
	var once sync.Once
	c.OnSign = func(n int) {
		if n == pulledAt {
			once.Do(c.Yank)
		}
	}
	if err := c.Insert(t.Context(), reader); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Pull)
	p := openSC(t)
	await(t, p, 1)
	always := shows.Identities[slices.IndexFunc(shows.Identities, func(i provision.Identity) bool { return i.AlwaysAuthenticate })]
	b := batch{p: p, fingerprint: sha256.Sum256(always.Certificate), pin: cardPIN}
	signed, back := 0, false
	for signed < documents {
		err := b.sign(t.Context())
		switch {
		case err == nil:
			signed++
		case errors.Is(err, token.ErrRemoved) && signed == pulledAt-1 && b.asked == 1 && !back:
			back = true
			if err := c.Insert(t.Context(), reader); err != nil {
				t.Fatal(err)
			}
			await(t, p, 1)
		default:
			t.Fatalf("document %d: %v", signed+1, err)
		}
	}
	if b.asked != 2 || c.Signed() != documents || c.Tries() != 3 {
		t.Errorf("the PIN was asked %d times, the card signed %d and has %d tries; want 2, %d and 3", b.asked, c.Signed(), c.Tries(), documents)
	}
}

func countsOnCard(t *testing.T, reader string) {
	t.Helper()
	c, _ := card(t)
	if err := c.Insert(t.Context(), reader); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Pull)
	p := openSC(t)
	slot := await(t, p, 1)[0].Slot
	login := func(last bool) error {
		_, err := p.OpenSession(t.Context(), slot, token.Login{PIN: []byte("11111111"), LastTry: last})
		return err
	}
	for _, want := range []int{2, 1} {
		if err := login(false); !errors.Is(err, token.ErrPINWrong) || c.Tries() != want {
			t.Errorf("got %v and %d tries, want %s and %d", err, c.Tries(), token.KindPINWrong, want)
		}
	}
	if err := login(false); !errors.Is(err, token.ErrPINFinal) || c.Tries() != 1 {
		t.Errorf("got %v and %d tries, want %s and 1", err, c.Tries(), token.KindPINFinal)
	}
	if err := login(true); !errors.Is(err, token.ErrPINLocked) && !errors.Is(err, token.ErrPINWrong) {
		t.Errorf("got %v, want %s", err, token.KindPINLocked)
	}
	if err := login(true); !errors.Is(err, token.ErrPINLocked) {
		t.Errorf("got %v, want %s", err, token.KindPINLocked)
	}
}

func survivesKill(t *testing.T, reader string) {
	t.Helper()
	const documents = 20
	c, shows := card(t)
	if err := c.Insert(t.Context(), reader); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Pull)
	p := openSC(t)
	await(t, p, 1)
	var killed atomic.Int32
	var last int // the card serves one command at a time
	c.OnSign = func(n int) {
		if n%5 == 0 && n != last {
			last = n
			killed.Add(1)
			kill9(t, p.PID())
		}
	}
	b := batch{p: p, fingerprint: sha256.Sum256(shows.Identities[0].Certificate), pin: cardPIN}
	for signed := 0; signed < documents; {
		err := b.sign(t.Context())
		switch {
		case err == nil:
			signed++
		case !errors.Is(err, token.ErrCrashed):
			t.Fatalf("document %d: %v", signed+1, err)
		}
	}
	if killed.Load() < 3 || c.Tries() != 3 {
		t.Errorf("killed %d times, %d tries left; want at least 3 and 3", killed.Load(), c.Tries())
	}
}
