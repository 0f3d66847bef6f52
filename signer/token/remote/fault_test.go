package remote_test

import (
	"context"
	"crypto"
	"debug/elf"
	"encoding/binary"
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

func TestADeviceErrorIsTriedOnceMore(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{}, "rv C_Sign 0x30 0 1")
	if err := r.sign(t.Context(), r.login()); err != nil {
		t.Error(err)
	}
	r.wantCalls("C_Sign", 2)
	r.wantCalls("C_Login", 1)
}

// leader opens the leader's token and gives its RSA-2048 certificate.
func (r *rig) leader() (token.Session, token.Certificate) {
	r.t.Helper()
	i, ok := r.info(tokentest.Leader)
	if !ok {
		r.t.Fatal("the leader's token is not in")
	}
	s, err := r.p.OpenSession(r.t.Context(), i.Slot, token.Login{PIN: []byte(tokentest.LeaderPIN)})
	if err != nil {
		r.t.Fatal(err)
	}
	id := tokentest.Standard(r.t)[0].Identities[0]
	return s, token.Certificate{ID: id.ID, Label: id.Label, DER: id.Certificate}
}

func TestAMechanismThatIsMissingIsReplacedOnce(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"0x70", "0x71", "0x63", "0x68"} {
		r := setUp(t, remote.Limits{}, "rv C_SignInit "+code+" 0 1")
		s, c := r.leader()
		if err := tokentest.Sign(t.Context(), s, c, crypto.SHA256); err != nil {
			t.Errorf("%s: %v", code, err)
		}
		r.wantCalls("C_SignInit", 2)
		r.faults.Set("rv C_SignInit " + code)
		r.want(tokentest.Sign(t.Context(), s, c, crypto.SHA256), token.KindMechanism)
		r.wantCalls("C_SignInit", 4)
		r.wantCalls("C_Login", 1)
	}
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

func TestAReadOnlyTokenSigns(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{}, "ro-only")
	if err := r.sign(t.Context(), r.login()); err != nil {
		t.Error(err)
	}
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
	softHSM, err := os.ReadFile(tokentest.SoftHSMModule)
	if err != nil {
		t.Fatal(err)
	}
	const machine = 18 // e_machine of the ELF header
	binary.LittleEndian.PutUint16(softHSM[machine:], uint16(elf.EM_386))
	narrow := write(t, t.TempDir(), "fptca_v4.so", softHSM)
	failing := setUp(t, remote.Limits{}, "rv C_GetFunctionList 0x5")
	for name, tt := range map[string]struct {
		module string
		env    []string
		want   token.Kind
	}{
		"a missing file":                     {module: "/nowhere/driver.so", want: token.KindDriverMissing},
		"a text file":                        {module: text, want: token.KindNotDriver},
		"a driver of 32 bits":                {module: narrow, want: token.KindWrongMachine},
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
