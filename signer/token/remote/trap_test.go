package remote_test

import (
	"crypto"
	"crypto/sha256"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"kyso/signer/token"
	"kyso/signer/token/remote"
	"kyso/signer/token/tokentest"
)

// The traps of the binding (github.com/miekg/pkcs11 v1.1.2) that a driver shows.
// The one of paths is shown on Windows, the one of copies of the PIN in the
// memory of both processes.

func TestNobodyWaitsForSlotEvents(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{})
	watched(t, r.p, func() { r.faults.Await("C_GetSlotList", 2+6) }) // each look is two calls
	r.wantCalls("C_WaitForSlotEvent", 0)
}

func TestADriverThatAnswersZeroToLengthQueriesSigns(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{}, "null-size-0")
	i, ok := r.info(tokentest.Clerk)
	if !ok {
		t.Fatal("the token is not listed")
	}
	all, err := r.p.Certificates(t.Context(), i.Slot)
	if err != nil || len(all) != 1 {
		t.Fatalf("got %d certificates, %v, want 1", len(all), err)
	}
	s := r.login()
	if err := r.sign(t.Context(), s); err != nil {
		t.Error(err)
	}
	leader, c := r.leader()
	digest := sha256.Sum256(nil)
	_, err = leader.Sign(t.Context(), token.SignRequest{Certificate: c, Digest: digest[:], Hash: crypto.SHA256, PSS: true})
	if err != nil {
		t.Errorf("RSASSA-PSS, which needs the list of mechanisms: %v", err)
	}
}

func TestADriverWithoutItsFunctionListIsTold(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{}, "rv C_GetFunctionList 0x5")
	_, err := r.p.Tokens(t.Context())
	r.want(err, token.KindNotDriver)
}

func TestADriverWithoutLocksIsCalledOneByOne(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{}, "no-locks", "delay C_Sign 2")
	clerk := r.login()
	leader, c := r.leader()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := r.sign(t.Context(), clerk); err != nil {
				t.Errorf("one token: %v", err)
			}
		})
		wg.Go(func() {
			if err := tokentest.Sign(t.Context(), leader, c, crypto.SHA256); err != nil {
				t.Errorf("the other: %v", err)
			}
		})
		wg.Go(func() {
			if _, err := r.p.Tokens(t.Context()); err != nil {
				t.Errorf("list: %v", err)
			}
			if _, err := r.p.Slots(t.Context()); err != nil {
				t.Errorf("look: %v", err)
			}
		})
	}
	wg.Wait()
	if n := r.faults.Answers("C_Initialize", 0xA); n != 1 {
		t.Errorf("the driver said %d times that it cannot lock, want once", n)
	}
}

// loud is a library that leaves a mark when it is loaded, and is no driver.
const loud = `#include <stdio.h>
#include <stdlib.h>
__attribute__((constructor)) static void mark(void) { FILE *f = fopen(getenv("KYSO_TEST_MARK"), "w"); if (f) fclose(f); }
int C_GetInfo(void) { return 0; }
`

func TestAFileThatIsNoDriverIsNotLoaded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	source, library, mark := filepath.Join(dir, "loud.c"), filepath.Join(dir, "loud.so"), filepath.Join(dir, "loaded")
	if err := os.WriteFile(source, []byte(loud), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "gcc", "-shared", "-fPIC", "-o", library, source).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	p := remote.Start(remote.Options{Helper: tokentest.Helper(t), Module: library, Env: []string{"KYSO_TEST_MARK=" + mark}})
	t.Cleanup(func() { _ = p.Close() })
	if _, err := p.Tokens(t.Context()); !errors.Is(err, token.ErrNotDriver) {
		t.Errorf("got %v, want %s", err, token.KindNotDriver)
	}
	if _, err := os.Stat(mark); !os.IsNotExist(err) {
		t.Error("it was loaded to find that out")
	}
}

func TestALibraryThatIsMissingIsNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	source, part, module := filepath.Join(dir, "c.c"), filepath.Join(dir, "libbrand-part.so"), filepath.Join(dir, "brand.so")
	if err := os.WriteFile(source, []byte("int C_GetFunctionList(void **l) { return 5; }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"-shared", "-fPIC", "-Wl,-soname,libbrand-part.so", "-o", part, source},
		{"-shared", "-fPIC", "-Wl,--no-as-needed", "-o", module, source, "-L" + dir, "-lbrand-part"},
	} {
		if out, err := exec.CommandContext(t.Context(), "gcc", args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	if err := os.Remove(part); err != nil {
		t.Fatal(err)
	}
	p := remote.Start(remote.Options{Helper: tokentest.Helper(t), Module: module})
	t.Cleanup(func() { _ = p.Close() })
	_, err := p.Tokens(t.Context())
	if !errors.Is(err, token.ErrNotDriver) || !contains(err, "libbrand-part.so") {
		t.Errorf("got %v, want %s that names libbrand-part.so", err, token.KindNotDriver)
	}
}
