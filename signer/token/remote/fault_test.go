package remote_test

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kyso/signer/token"
	"kyso/signer/token/remote"
	"kyso/signer/token/tokentest"
)

// rig is a helper over the misbehaving module.
type rig struct {
	t      *testing.T
	faults *tokentest.Faults
	p      *remote.Provider
}

func setUp(t *testing.T, limits remote.Limits, rules ...string) *rig {
	t.Helper()
	module, env := tokentest.StandardSoftHSM(t)
	f := tokentest.Faulty(t, module, env, rules...)
	p := remote.Start(remote.Options{Helper: tokentest.Helper(t), Module: f.Module, Env: f.Env, Limits: limits})
	t.Cleanup(func() { _ = p.Close() })
	return &rig{t: t, faults: f, p: p}
}

// info gives the state of a token, or false when it is not in.
func (r *rig) info(label string) (token.Info, bool) {
	r.t.Helper()
	all, err := r.p.Tokens(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	for _, i := range all {
		if i.Label == label {
			return i, true
		}
	}
	return token.Info{}, false
}

// open logs in to the clerk's token.
func (r *rig) open(pin string) (token.Session, error) {
	r.t.Helper()
	i, ok := r.info(tokentest.Clerk)
	if !ok {
		r.t.Fatal("the clerk's token is not in")
	}
	return r.p.OpenSession(r.t.Context(), i.Slot, []byte(pin))
}

func (r *rig) login() token.Session {
	r.t.Helper()
	s, err := r.open(tokentest.ClerkPIN)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// certificate is the clerk's.
func (r *rig) certificate() token.Certificate {
	r.t.Helper()
	return token.Certificate{ID: []byte{7}, DER: tokentest.Standard(r.t)[1].Identities[0].Certificate}
}

func (r *rig) sign(ctx context.Context, s token.Session) error {
	return tokentest.Sign(ctx, s, r.certificate(), crypto.SHA256)
}

func (r *rig) want(got error, kind token.Kind) {
	r.t.Helper()
	if !errors.Is(got, &token.Error{Kind: kind}) {
		r.t.Errorf("got %v, want %s", got, kind)
	}
}

func (r *rig) wantCalls(function string, want int) {
	r.t.Helper()
	if got := r.faults.Calls(function); got != want {
		r.t.Errorf("%s: got %d calls, want %d", function, got, want)
	}
}

// recovers logs in again and signs.
func (r *rig) recovers() {
	r.t.Helper()
	r.faults.Set()
	if err := r.sign(r.t.Context(), r.login()); err != nil {
		r.t.Errorf("after the fault: %v", err)
	}
}

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
		_, err := r.open("0000")
		r.want(err, want.kind)
		r.wantCalls("C_Login", n+1)
		if i, _ := r.info(tokentest.Clerk); i.PIN != want.state {
			t.Errorf("after try %d: got %s, want %s", n+1, i.PIN, want.state)
		}
	}
	_, err := r.open(tokentest.ClerkPIN)
	r.want(err, token.KindPINLocked)
	r.wantCalls("C_Login", 4)
	if i, _ := r.info(tokentest.Leader); i.PIN != token.PINReady {
		t.Errorf("the other token: got %s, want %s", i.PIN, token.PINReady)
	}
}

func TestLoginErrorsAreTold(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		rule string
		want token.Kind
	}{
		"wrong PIN":                              {"rv C_Login 0xA0", token.KindPINWrong},
		"invalid PIN":                            {"rv C_Login 0xA1", token.KindPINFormat},
		"PIN of the wrong length":                {"rv C_Login 0xA2", token.KindPINFormat},
		"expired PIN":                            {"rv C_Login 0xA3", token.KindPINExpired},
		"locked PIN":                             {"rv C_Login 0xA4", token.KindPINLocked},
		"canceled on the reader":                 {"rv C_Login 0x50", token.KindCancelled},
		"a failed function is not a wrong PIN":   {"rv C_Login 0x6", token.KindDevice},
		"a token that is not recognized":         {"rv C_Login 0xE1", token.KindRemoved},
		"a session that was closed for the user": {"rv C_OpenSession 0xE0", token.KindRemoved},
		"an unknown code":                        {"rv C_Login 0x80001234", token.KindOther},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := setUp(t, remote.Limits{}, tt.rule)
			_, err := r.open(tokentest.ClerkPIN)
			r.want(err, tt.want)
			if n := r.faults.Calls("C_Login"); n > 1 {
				t.Errorf("the PIN was sent %d times", n)
			}
		})
	}
}

func TestSignErrorsAreTold(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		rule string
		want token.Kind
	}{
		"the login was lost":                {"rv C_Sign 0x101", token.KindLoginNeeded},
		"the key is gone":                   {"rv C_SignInit 0x60", token.KindKeyMissing},
		"the mechanism is not there":        {"rv C_SignInit 0x70", token.KindMechanism},
		"a device error with the token in":  {"rv C_Sign 0x30", token.KindDevice},
		"a general error with the token in": {"rv C_Sign 0x5", token.KindDevice},
		"the token was pulled":              {"rv C_Sign 0x32", token.KindRemoved},
		"a signature that does not verify":  {"corrupt-sig", token.KindBadSignature},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := setUp(t, remote.Limits{}, tt.rule)
			r.want(r.sign(t.Context(), r.login()), tt.want)
			r.wantCalls("C_Login", 1)
			r.recovers()
		})
	}
}

func TestADeviceErrorIsTriedOnceMore(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{}, "rv C_Sign 0x30 0 1")
	if err := r.sign(t.Context(), r.login()); err != nil {
		t.Error(err)
	}
	r.wantCalls("C_Sign", 2)
	r.wantCalls("C_Login", 1)
}

func TestTheFirstLoginAfterPluggingInGetsASecondSession(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{}, "rv C_Login 0xB3 0 1")
	if err := r.sign(t.Context(), r.login()); err != nil {
		t.Error(err)
	}
	r.wantCalls("C_Login", 2)
}

func TestTokenPulledInABatchAndPluggedBack(t *testing.T) {
	t.Parallel()
	for name, rules := range map[string][]string{
		"told by the driver":                    nil,
		"told as a general error, as by PC/SC":  {"removed-as 0x5"},
		"told as a device error":                {"removed-as 0x30"},
		"told as a function that simply failed": {"removed-as 0x6"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := setUp(t, remote.Limits{}, append(rules, "absent-after C_Sign 3")...)
			s := r.login()
			for n := range 2 {
				if err := r.sign(t.Context(), s); err != nil {
					t.Fatalf("signature %d: %v", n+1, err)
				}
			}
			r.want(r.sign(t.Context(), s), token.KindRemoved)
			r.want(r.sign(t.Context(), s), token.KindRemoved)
			if _, in := r.info(tokentest.Clerk); in {
				t.Error("the token is still listed")
			}
			r.faults.Set()
			r.want(r.sign(t.Context(), s), token.KindRemoved)
			r.recovers()
			r.wantCalls("C_Login", 2)
		})
	}
}

func TestADriverThatDiesEndsOnlyTheHelper(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]string{
		"it crashes":                        "crash C_Sign 1",
		"it aborts":                         "abort C_Sign 1",
		"it exits":                          "exit C_Sign 1",
		"it crashes in a thread of its own": "thread-crash C_Sign",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := setUp(t, remote.Limits{})
			s := r.login()
			if err := r.sign(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			r.faults.Set(strings.TrimSuffix(rule, " 1"))
			r.want(r.sign(t.Context(), s), token.KindCrashed)
			r.want(r.sign(t.Context(), s), token.KindCrashed)
			r.wantCalls("C_Login", 1)
			if err := s.Close(t.Context()); err != nil {
				t.Errorf("close: %v", err)
			}
			r.recovers()
		})
	}
}

func TestADriverThatCrashesInTheLoginIsNotGivenThePINAgain(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{}, "crash C_Login")
	_, err := r.open(tokentest.ClerkPIN)
	r.want(err, token.KindCrashed)
	if _, in := r.info(tokentest.Clerk); !in {
		t.Error("a new helper does not list the token")
	}
	r.wantCalls("C_Login", 0) // the one that crashed left no line
}

func TestADriverThatKeepsFailingIsLeftAlone(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{}, "crash C_Initialize")
	for n := range 4 {
		_, err := r.p.Tokens(t.Context())
		r.want(err, token.KindCrashed)
		if strings.Contains(fmt.Sprint(err), "keeps failing") {
			t.Fatalf("given up after %d starts, want 4", n)
		}
	}
	_, err := r.p.Tokens(t.Context())
	r.want(err, token.KindCrashed)
	if !strings.Contains(fmt.Sprint(err), "keeps failing") {
		t.Errorf("got %v, want that the driver keeps failing", err)
	}
}

func TestADriverThatHangsIsEnded(t *testing.T) {
	t.Parallel()
	short := 300 * time.Millisecond
	for name, tt := range map[string]struct {
		rule   string
		limits remote.Limits
		call   func(*rig) error
	}{
		"when it signs": {"hang C_Sign", remote.Limits{Sign: short}, func(r *rig) error { return r.sign(r.t.Context(), r.login()) }},
		"when it logs in": {"hang C_Login", remote.Limits{Login: short}, func(r *rig) error {
			_, err := r.open(tokentest.ClerkPIN)
			return err
		}},
		"when it starts": {"hang C_Initialize", remote.Limits{Start: short}, func(r *rig) error {
			_, err := r.p.Tokens(r.t.Context())
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := setUp(t, tt.limits, tt.rule)
			r.want(tt.call(r), token.KindHung)
			if pid := r.p.PID(); pid != 0 {
				t.Errorf("helper %d still runs", pid)
			}
			r.recovers()
		})
	}
}

func TestACancelledSignatureEndsTheHelper(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{}, "hang C_Sign")
	s := r.login()
	pid := r.p.PID()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		r.faults.Await("C_SignInit", 1)
		cancel()
	}()
	r.want(r.sign(ctx, s), token.KindCancelled)
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); !os.IsNotExist(err) {
		t.Errorf("helper %d still runs", pid)
	}
	r.recovers()
}

func TestWhatADriverPrintsDoesNotMatter(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{}, `stdout {"id":1,"session":99}`)
	if err := r.sign(t.Context(), r.login()); err != nil {
		t.Error(err)
	}
}

func TestTheLabelEndsAtNUL(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{}, "nul-label Ban Tư pháp")
	if _, ok := r.info("Ban Tư pháp"); !ok {
		all, _ := r.p.Tokens(t.Context())
		t.Errorf("got %v", all)
	}
}

func TestADriverThatAnswersZeroToLengthQueriesSigns(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{}, "null-size-0")
	i, _ := r.info(tokentest.Clerk)
	all, err := r.p.Certificates(t.Context(), i.Slot)
	if err != nil || len(all) != 1 {
		t.Fatalf("got %d certificates, %v, want 1", len(all), err)
	}
	if err := r.sign(t.Context(), r.login()); err != nil {
		t.Error(err)
	}
}

func TestAReadOnlyTokenSigns(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{}, "ro-only")
	if err := r.sign(t.Context(), r.login()); err != nil {
		t.Error(err)
	}
}

func TestThePINIsTypedOnTheReader(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{}, "pinpad "+tokentest.ClerkPIN)
	i, _ := r.info(tokentest.Clerk)
	if !i.PINPad {
		t.Fatal("the pad is not told")
	}
	s, err := r.p.OpenSession(t.Context(), i.Slot, nil)
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
	_, err = r.p.OpenSession(t.Context(), i.Slot, nil)
	r.want(err, token.KindCancelled)
}

func TestNothingIsFinalized(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{})
	s := r.login()
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := r.p.Close(); err != nil {
		t.Error(err)
	}
	r.wantCalls("C_Initialize", 1)
	r.wantCalls("C_Finalize", 0)
}

func TestFilesThatCannotBeLoadedAreTold(t *testing.T) {
	t.Parallel()
	text := filepath.Join(t.TempDir(), "driver.so")
	if err := os.WriteFile(text, []byte("not a library"), 0o600); err != nil {
		t.Fatal(err)
	}
	failing := setUp(t, remote.Limits{}, "rv C_GetFunctionList 0x5")
	for name, tt := range map[string]struct {
		module string
		env    []string
		want   token.Kind
	}{
		"a missing file":                     {module: "/nowhere/driver.so", want: token.KindDriverMissing},
		"a text file":                        {module: text, want: token.KindNotDriver},
		"a library that is no driver":        {module: libc(t), want: token.KindNotDriver},
		"a driver without its function list": {module: failing.faults.Module, env: failing.faults.Env, want: token.KindNotDriver},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := remote.Start(remote.Options{Helper: tokentest.Helper(t), Module: tt.module, Env: tt.env})
			_, err := p.Tokens(t.Context())
			if !errors.Is(err, &token.Error{Kind: tt.want}) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// libc finds a shared library that is surely there.
func libc(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "gcc", "-print-file-name=libm.so.6").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
