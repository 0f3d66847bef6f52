package remote_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kyso/signer/token"
	"kyso/signer/token/p11"
	"kyso/signer/token/provision"
	"kyso/signer/token/remote"
	"kyso/signer/token/tokentest"
)

// windowVariable makes this test binary stand for the program's process: it
// reads a PIN from standard input, logs in, signs, logs out, and stops at each
// step for its memory to be looked at. helperVariable makes it the helper that
// this process starts: kyso-token without Harden, which closes the memory to
// everybody.
const (
	windowVariable = "KYSO_TEST_WINDOW"
	helperVariable = "KYSO_TEST_HELPER"
)

// helper is kyso-token's main, but for Harden.
func helper(ctx context.Context, module string) error {
	in, out, err := remote.Pipes()
	if err != nil {
		return err
	}
	return remote.Serve(ctx, func() (token.Provider, error) { return p11.Open(module, "") }, in, out)
}

// window is that process. It holds the PIN in one place and wipes it there.
func window(ctx context.Context, exe, module string, in io.Reader, out io.Writer) error {
	pin := make([]byte, 64)
	n, err := in.Read(pin)
	if err != nil {
		return err
	}
	p := remote.Start(remote.Options{Helper: exe, Module: module, Env: []string{helperVariable + "=1"}})
	tokens, err := p.Tokens(ctx)
	if err != nil {
		return err
	}
	i := tokens[slices.IndexFunc(tokens, func(i token.Info) bool { return i.Label == secretLabel })]
	stop := func(step string) error {
		fmt.Fprintln(out, step, p.PID())
		_, err := in.Read(make([]byte, 1))
		return err
	}
	s, err := p.OpenSession(ctx, i.Slot, token.Login{PIN: pin[:n]})
	clear(pin)
	if err != nil {
		return err
	}
	certificates, err := p.Certificates(ctx, i.Slot)
	if err != nil {
		return err
	}
	for range 20 {
		if err := tokentest.Sign(ctx, s, certificates[0], crypto.SHA256); err != nil {
			return err
		}
	}
	if err := stop("signed"); err != nil {
		return err
	}
	if err := s.Close(ctx); err != nil {
		return err
	}
	return errors.Join(stop("logged-out"), p.Close())
}

const secretLabel = "Mã PIN ngẫu nhiên"

func TestThePINIsInNoMemoryAfterTheLogout(t *testing.T) {
	t.Parallel()
	random := make([]byte, 12)
	if _, err := rand.Read(random); err != nil {
		t.Fatal(err)
	}
	pin := []byte(hex.EncodeToString(random)) // 24 characters that stand nowhere by chance
	identity := tokentest.Standard(t)[1].Identities[0]
	module, env := tokentest.SoftHSM(t, provision.Token{Label: secretLabel, SOPIN: []byte("00000000"), PIN: slices.Clone(pin), Identities: []provision.Identity{identity}})

	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, module)
	cmd.Env = append(append(os.Environ(), env...), windowVariable+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	send := func(b []byte) {
		t.Helper()
		if _, err := in.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	send(pin)
	lines := bufio.NewReader(out)
	for _, want := range []string{"signed", "logged-out"} {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		step, pid, _ := strings.Cut(strings.TrimSpace(line), " ")
		other, err := strconv.Atoi(pid)
		if err != nil || step != want {
			t.Fatalf("the process says %q, want %s", line, want)
		}
		inWindow, inHelper := copies(t, cmd.Process.Pid, pin), copies(t, other, pin)
		t.Logf("%s: %d copies of the PIN in the program, %d in the helper", step, inWindow, inHelper)
		if inWindow != 0 {
			t.Errorf("%s: the program's process holds %d copies of the PIN", step, inWindow)
		}
		if step == "signed" && inHelper == 0 {
			t.Error("while logged in the helper holds no copy: the search finds nothing")
		}
		if step == "logged-out" && inHelper != 0 {
			t.Errorf("%s: the helper holds %d copies of the PIN", step, inHelper)
		}
		send([]byte{1})
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// copies counts a secret in the memory of a process: as it is, in UTF-16, and in
// the three forms that it may have in base64.
func copies(t *testing.T, pid int, secret []byte) int {
	t.Helper()
	forms := [][]byte{secret, nil}
	for _, c := range secret {
		forms[1] = append(forms[1], c, 0)
	}
	for skip := range 3 {
		whole := base64.StdEncoding.EncodeToString(append(make([]byte, skip), secret...))
		forms = append(forms, []byte(whole)[4:len(whole)-4])
	}
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Fatal(err)
	}
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = mem.Close() }() // read only
	found, read := 0, int64(0)
	for line := range strings.Lines(string(maps)) {
		var from, to int64
		var mode string
		if _, err := fmt.Sscanf(line, "%x-%x %s", &from, &to, &mode); err != nil || !strings.HasPrefix(mode, "rw") {
			continue
		}
		if to-from > 4<<30 {
			continue // the race detector's notes, which hold no contents
		}
		n, hits := search(mem, from, to, forms)
		read, found = read+n, found+hits
	}
	if read == 0 {
		t.Error("nothing was read")
	}
	return found
}

// search counts the forms in a range of memory, in overlapping pieces. Pages
// that were never touched cannot be read, and hold nothing.
func search(mem io.ReaderAt, from, to int64, forms [][]byte) (read int64, hits int) {
	const piece, overlap = 1 << 20, 128
	b := make([]byte, piece+overlap)
	defer clear(b)
	for at := from; at < to; at += piece {
		n, err := mem.ReadAt(b[:min(int64(len(b)), to-at)], at)
		if err != nil && n == 0 {
			continue
		}
		read += int64(n)
		for _, form := range forms {
			for rest := b[:n]; ; {
				i := bytes.Index(rest, form)
				if i < 0 {
					break
				}
				if len(b[:n])-len(rest)+i < piece { // else the next piece counts it
					hits++
				}
				rest = rest[i+1:]
			}
		}
	}
	return read, hits
}
