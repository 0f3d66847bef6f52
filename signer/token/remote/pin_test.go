package remote_test

import (
	"crypto"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"kyso/signer/token"
	"kyso/signer/token/remote"
	"kyso/signer/token/tokentest"
)

func TestWrongPINIsSentOnceAndTheCounterShows(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{}, "pin-tries 3")
	for n, want := range []struct {
		kind  token.Kind
		state token.PINState
	}{
		{token.KindPINWrong, token.PINLow},
		{token.KindPINWrong, token.PINFinal},
		{token.KindPINLocked, token.PINLocked},
	} {
		r.lastTry = want.kind == token.KindPINLocked
		_, err := r.open("0000")
		r.want(err, want.kind)
		r.wantCalls("C_Login", n+1)
		if i, _ := r.info(tokentest.Clerk); i.PIN != want.state {
			t.Errorf("after try %d: got %s, want %s", n+1, i.PIN, want.state)
		}
	}
	_, err := r.open(tokentest.ClerkPIN)
	r.want(err, token.KindPINLocked)
	r.wantCalls("C_Login", 3) // a locked token is sent nothing
	if i, _ := r.info(tokentest.Leader); i.PIN != token.PINReady {
		t.Errorf("the other token: got %s, want %s", i.PIN, token.PINReady)
	}
}

func TestTheLastTryIsSpentOnlyWhenThePersonSaysSo(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{}, "pin-tries 3")
	i, _ := r.info(tokentest.Clerk)
	r.faults.SetTries(i.Serial, 1) // another program spent two since the list was shown
	_, err := r.open(tokentest.ClerkPIN)
	r.want(err, token.KindPINFinal)
	r.want(r.p.ChangePIN(t.Context(), i.Slot, token.PINChange{Old: []byte(tokentest.ClerkPIN), New: []byte("73920184")}), token.KindPINFinal)
	r.wantCalls("C_Login", 0)
	r.wantCalls("C_SetPIN", 0)
	r.lastTry = true
	if err := r.sign(t.Context(), r.login()); err != nil {
		t.Error(err)
	}
	if i, _ := r.info(tokentest.Clerk); i.PIN != token.PINReady {
		t.Errorf("got %s, want %s", i.PIN, token.PINReady)
	}
}

func TestAPINThatCannotBeRightIsNotSent(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{}, "pin-tries 3")
	for name, pin := range map[string]string{
		"too short":              "12",
		"too long":               strings.Repeat("1", 256),
		"longer than any frame":  strings.Repeat("1", 2000),
		"empty":                  "",
		"with a line's end":      "1234\r\n",
		"not in UTF-8":           "12\xff\xfe34",
		"with a NUL in the rear": "87654321\x00",
	} {
		_, err := r.open(pin)
		if !errors.Is(err, token.ErrPINFormat) {
			t.Errorf("%s: got %v, want %s", name, err, token.KindPINFormat)
		}
	}
	r.wantCalls("C_Login", 0)
	if i, _ := r.info(tokentest.Clerk); i.PIN != token.PINReady || i.MinPIN != 4 || i.MaxPIN != 255 {
		t.Errorf("got %+v, want a ready token that takes 4 to 255 bytes", i)
	}
}

// The rows of return values, once in the login and once in the signature. A PIN
// is sent once; after a signature that failed nothing is sent again unless the
// token says that the login is lost.
func TestEveryReturnValueHasItsKind(t *testing.T) {
	t.Parallel()
	for kind, codes := range map[token.Kind][]uint{
		token.KindPINWrong:    {0xA0},
		token.KindPINFormat:   {0xA1, 0xA2},
		token.KindPINExpired:  {0xA3},
		token.KindPINLocked:   {0xA4},
		token.KindCancelled:   {0x1, 0x50},
		token.KindRemoved:     {0x3, 0x32, 0xB0, 0xB3, 0xE0, 0xE1},
		token.KindLoginNeeded: {0x101},
		token.KindKeyMissing:  {0x60, 0x82},
		token.KindMechanism:   {0x63, 0x68, 0x70, 0x71},
		token.KindDevice:      {0x5, 0x6, 0x30, 0x31, 0x90},
		token.KindUnsupported: {0x54, 0xB5, 0xE2},
		token.KindOther:       {0x80001234, 0x7},
	} {
		for _, code := range codes {
			t.Run(fmt.Sprintf("%s 0x%X", kind, code), func(t *testing.T) {
				t.Parallel()
				r := setUp(t, remote.Limits{}, fmt.Sprintf("rv C_Login 0x%x", code))
				_, err := r.open(tokentest.ClerkPIN)
				r.want(err, kind)
				sent := 1
				if code == 0xB3 { // the session was gone before the PIN
					sent = 2
				}
				r.wantCalls("C_Login", sent)

				r.faults.Set()
				s := r.login()
				r.faults.Set(fmt.Sprintf("rv C_SignInit 0x%x", code))
				before := r.faults.Calls("C_Login")
				r.want(r.sign(t.Context(), s), kind)
				if kind != token.KindLoginNeeded {
					r.wantCalls("C_Login", before)
				}
				r.recovers()
			})
		}
	}
}

func TestALoginThatTheTokenForgotIsMadeOnceMore(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]string{
		"told when the operation begins": "rv C_SignInit 0x101 0 1",
		"told when it ends":              "rv C_Sign 0x101 0 1",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := setUp(t, remote.Limits{}, rule, "pin-tries 3")
			s := r.login()
			for range 2 {
				if err := r.sign(t.Context(), s); err != nil {
					t.Fatal(err)
				}
			}
			if n := r.faults.Answers("C_Login", 0); n != 2 {
				t.Errorf("%d logins, want 2", n)
			}
			if n := r.faults.Answers("C_Login", 0xA0); n != 0 {
				t.Errorf("%d tries were spent", n)
			}
		})
	}
}

func TestALoginIsNotRepeatedForEver(t *testing.T) {
	t.Parallel()
	for _, rule := range []string{"rv C_SignInit 0x101", "rv C_Sign 0x101"} {
		r := setUp(t, remote.Limits{}, rule)
		s := r.login()
		r.want(r.sign(t.Context(), s), token.KindLoginNeeded)
		if n := r.faults.Answers("C_Login", 0); n != 2 {
			t.Errorf("%s: %d logins, want 2", rule, n)
		}
	}
}

func TestALostLoginIsNotMadeAgainWithTheLastTry(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{}, "pin-tries 3")
	s := r.login()
	i, _ := r.info(tokentest.Clerk)
	r.faults.SetTries(i.Serial, 1)
	r.faults.Set("pin-tries 3", "rv C_SignInit 0x101")
	r.want(r.sign(t.Context(), s), token.KindLoginNeeded)
	r.wantCalls("C_Login", 1)
}

func TestAPINThatIsRefusedInTheBatchIsNeverSentAgain(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{})
	s := r.login()
	r.faults.Set("rv C_SignInit 0x101", "rv C_Login 0xA0")
	for range 3 {
		r.want(r.sign(t.Context(), s), token.KindPINWrong)
	}
	if n := r.faults.Answers("C_Login", 0xA0); n != 1 {
		t.Errorf("the refused PIN was sent %d times", n)
	}
	r.recovers()
}

// always opens the leader's token and gives the certificate of the key that
// wants the PIN at every signature.
func (r *rig) always() (token.Session, token.Certificate) {
	r.t.Helper()
	i, _ := r.info(tokentest.Leader)
	s, err := r.p.OpenSession(r.t.Context(), i.Slot, token.Login{PIN: []byte(tokentest.LeaderPIN)})
	if err != nil {
		r.t.Fatal(err)
	}
	for _, id := range tokentest.Standard(r.t)[0].Identities {
		if id.AlwaysAuthenticate {
			return s, token.Certificate{ID: id.ID, Label: id.Label, DER: id.Certificate}
		}
	}
	r.t.Fatal("no such key")
	return nil, token.Certificate{}
}

func TestAKeyThatWantsThePINEachTimeSignsABatchWithOnePIN(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		rules    []string
		answered int // logins for one use of the key
	}{
		"as its attribute says":        {nil, 5},
		"although it does not say so":  {[]string{"hide-always"}, 5},
		"and the token forgets once":   {[]string{"rv C_SignInit 0x101 2 1"}, 5},
		"and a call to it fails once":  {[]string{"rv C_Sign 0x30 2 1"}, 6},
		"and lists no length for NULL": {[]string{"null-size-0"}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := setUp(t, remote.Limits{}, append(tt.rules, "pin-tries 3")...)
			s, c := r.always()
			for n := range 5 {
				if err := tokentest.Sign(t.Context(), s, c, crypto.SHA256); err != nil {
					t.Fatalf("signature %d: %v", n+1, err)
				}
			}
			context := 0
			for _, line := range r.faults.Lines() {
				if line == "C_Login 0x0 context" {
					context++
				}
			}
			if context != tt.answered {
				t.Errorf("%d logins for one use, want %d", context, tt.answered)
			}
			if n := r.faults.Answers("C_Login", 0xA0); n != 0 {
				t.Errorf("%d tries were spent", n)
			}
		})
	}
}

func TestASessionEndsWhenItIsIdle(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{})
	i, _ := r.info(tokentest.Clerk)
	s, err := r.p.OpenSession(t.Context(), i.Slot, token.Login{PIN: []byte(tokentest.ClerkPIN), Idle: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.sign(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	r.faults.Await("C_Logout", 1)
	r.want(r.sign(t.Context(), s), token.KindLoginNeeded)
	r.wantCalls("C_Login", 1)
	r.recovers()
}

func TestThePINIsTypedOnTheReader(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{}, "pinpad "+tokentest.ClerkPIN)
	i, _ := r.info(tokentest.Clerk)
	if !i.PINPad {
		t.Fatal("the pad is not told")
	}
	s, err := r.p.OpenSession(t.Context(), i.Slot, token.Login{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.sign(t.Context(), s); err != nil {
		t.Error(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	r.faults.Set("pinpad cancel")
	_, err = r.p.OpenSession(t.Context(), i.Slot, token.Login{})
	r.want(err, token.KindCancelled)
}

func TestAListWaitsForAPersonAtTheReader(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{List: time.Second}, "pinpad "+tokentest.ClerkPIN, "one-lock", "delay C_Login 2500")
	i, _ := r.info(tokentest.Clerk)
	slots, err := r.p.Slots(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		s, err := r.p.OpenSession(t.Context(), i.Slot, token.Login{})
		if err == nil {
			err = s.Close(t.Context())
		}
		done <- err
	}()
	r.faults.Await("C_OpenSession", 1)
	lists := r.faults.Calls("C_GetSlotList")
	if got, err := r.p.Slots(t.Context()); err != nil || len(got) != len(slots) {
		t.Errorf("got %d, %v, want %d", got, err, slots)
	}
	r.wantCalls("C_GetSlotList", lists) // what was seen last, without entering the driver
	if _, err := r.p.Tokens(t.Context()); err != nil {
		t.Errorf("list: %v", err)
	}
	if err := <-done; err != nil {
		t.Errorf("log in: %v", err)
	}
}

func TestThePINIsChanged(t *testing.T) {
	t.Parallel()
	const fresh = "73920184"
	change := func(old, next string) token.PINChange {
		return token.PINChange{Old: []byte(old), New: []byte(next)}
	}
	for name, tt := range map[string]struct {
		rules  []string
		change token.PINChange
		want   token.Kind
		sent   int
	}{
		"in one call":                       {nil, change(tokentest.ClerkPIN, fresh), "", 1},
		"by a token that wants a login":     {[]string{"rv C_SetPIN 0x101 0 1"}, change(tokentest.ClerkPIN, fresh), "", 2},
		"not with a wrong old one":          {nil, change("11111111", fresh), token.KindPINWrong, 1},
		"not to one that is too short":      {nil, change(tokentest.ClerkPIN, "12"), token.KindPINFormat, 0},
		"not to one that the token refuses": {[]string{"rv C_SetPIN 0xA2"}, change(tokentest.ClerkPIN, fresh), token.KindPINFormat, 1},
		"not to an empty one":               {nil, change(tokentest.ClerkPIN, ""), token.KindPINFormat, 0},
		"not half on the reader":            {nil, token.PINChange{New: []byte(fresh)}, token.KindPINFormat, 0},
		"not on a read-only token":          {[]string{"ro-only"}, change(tokentest.ClerkPIN, fresh), token.KindUnsupported, 0},
		"not by a driver that cannot":       {[]string{"rv C_SetPIN 0x54"}, change(tokentest.ClerkPIN, fresh), token.KindUnsupported, 1},
		"not on a token that was pulled":    {[]string{"rv C_SetPIN 0x32"}, change(tokentest.ClerkPIN, fresh), token.KindRemoved, 1},
		"not by a driver that crashes":      {[]string{"crash C_SetPIN"}, change(tokentest.ClerkPIN, fresh), token.KindCrashed, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := setUp(t, remote.Limits{}, append(tt.rules, "pin-tries 3")...)
			i, _ := r.info(tokentest.Clerk)
			err := r.p.ChangePIN(t.Context(), i.Slot, tt.change)
			if tt.want == "" && err != nil {
				t.Fatal(err)
			}
			if tt.want != "" {
				r.want(err, tt.want)
			}
			r.wantCalls("C_SetPIN", tt.sent)
			r.faults.Set("pin-tries 3")
			good := tokentest.ClerkPIN
			if tt.want == "" {
				good = fresh
			}
			if _, err := r.open(good); err != nil {
				t.Errorf("with the PIN that holds: %v", err)
			}
		})
	}
}
