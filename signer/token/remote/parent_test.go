package remote_test

import (
	"bufio"
	"context"
	"crypto"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"kyso/signer/token"
	"kyso/signer/token/remote"
	"kyso/signer/token/tokentest"
)

// parentVariable makes this test binary a program that starts the helper named
// in it over the module given as argument, and hangs in a signature.
const parentVariable = "KYSO_TEST_PARENT"

func TestMain(m *testing.M) {
	if helper := os.Getenv(parentVariable); helper != "" {
		if err := parent(context.Background(), helper, os.Args[1], os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
	if os.Getenv(helperVariable) != "" {
		os.Exit(code(helper(context.Background(), os.Args[1])))
	}
	if os.Getenv(windowVariable) != "" {
		os.Exit(code(window(context.Background(), os.Args[0], os.Args[1], os.Stdin, os.Stdout)))
	}
	result := m.Run()
	tokentest.Cleanup()
	os.Exit(result)
}

// code is how the test binary ends in one of its other parts.
func code(err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// parent writes the helper's number and hangs in a signature.
func parent(ctx context.Context, helper, module string, out io.Writer) error {
	p := remote.Start(remote.Options{Helper: helper, Module: module})
	infos, err := p.Tokens(ctx)
	if err != nil {
		return err
	}
	for _, i := range infos {
		if i.Label != tokentest.Clerk {
			continue
		}
		s, err := p.OpenSession(ctx, i.Slot, token.Login{PIN: []byte(tokentest.ClerkPIN)})
		if err != nil {
			return err
		}
		certificates, err := p.Certificates(ctx, i.Slot)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, p.PID()); err != nil {
			return err
		}
		_, err = s.Sign(ctx, token.SignRequest{Certificate: certificates[0], Digest: make([]byte, 32), Hash: crypto.SHA256})
		return err
	}
	return fmt.Errorf("no token in %v", infos)
}

func TestTheHelperDiesWithItsParentEvenInAHangingDriver(t *testing.T) {
	t.Parallel()
	module, env := tokentest.StandardSoftHSM(t)
	faults := tokentest.Faulty(t, module, env, "hang C_Sign")
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, faults.Module)
	cmd.Env = append(append(os.Environ(), faults.Env...), parentVariable+"="+tokentest.Helper(t))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatalf("the parent says %q", line)
	}
	faults.Await("C_SignInit", 1)
	if !runs(pid) {
		t.Fatal("the helper ended before its parent")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(10 * time.Second); runs(pid); {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("helper %d outlives its parent", pid)
		}
	}
}

// runs reports whether a process runs; one that nobody has waited for does not.
func runs(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	return !strings.HasPrefix(rest, "Z")
}
