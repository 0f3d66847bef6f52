package signer_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"kyso/signer"
	"kyso/signer/signertest"
)

// childEnv holds the task of a child, which is this test program again.
const childEnv = "KYSO_TEST_CHILD"

// childTask is what a child does: it signs In to Out/0.pdf, Out/1.pdf, … until
// it has Count or is killed.
type childTask struct {
	In, Out string
	Count   int
	// MaxFile is the size in bytes beyond which no file grows; zero is no limit.
	MaxFile uint64
	// Key is in PKCS #8, Certificate in DER form.
	Key, Certificate []byte
}

func TestMain(m *testing.M) {
	if text := os.Getenv(childEnv); text != "" {
		if err := childSigns([]byte(text)); err != nil {
			fmt.Fprintln(os.Stdout, err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func childSigns(text []byte) error {
	var t childTask
	if err := json.Unmarshal(text, &t); err != nil {
		return err
	}
	certificate, err := x509.ParseCertificate(t.Certificate)
	if err != nil {
		return err
	}
	key, err := x509.ParsePKCS8PrivateKey(t.Key)
	if err != nil {
		return err
	}
	id := signertest.Identity{Certificate: certificate, Signer: key.(crypto.Signer)}
	if t.MaxFile > 0 {
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: t.MaxFile, Max: t.MaxFile}); err != nil {
			return err
		}
	}
	fmt.Fprintln(os.Stdout, "ready")
	for i := range t.Count {
		out := filepath.Join(t.Out, fmt.Sprintf("%d.pdf", i))
		if _, err := signer.SignFile(context.Background(), t.In, out, signer.Request{Credential: id.Credential(), Time: signTime()}); err != nil {
			return err
		}
	}
	return nil
}

// child starts this test program as a child; wrap are words before its name.
func child(t *testing.T, id signertest.Identity, task childTask, wrap ...string) *exec.Cmd {
	t.Helper()
	var err error
	if task.Key, err = x509.MarshalPKCS8PrivateKey(id.Signer); err != nil {
		t.Fatal(err)
	}
	task.Certificate = id.Certificate.Raw
	text, err := json.Marshal(task)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	words := append(wrap, self)
	c := exec.CommandContext(t.Context(), words[0], words[1:]...)
	c.Env = append(os.Environ(), childEnv+"="+string(text))
	return c
}

// person is somebody with a key that a child can have.
func person(t *testing.T, pki *signertest.PKI) signertest.Identity {
	t.Helper()
	id, err := pki.Issue(signertest.IssueSpec{Name: "Nguyễn Thị Ánh Tuyết", Key: "P-256"})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestAKilledProcessLeavesNothingOrACompleteFile(t *testing.T) {
	id := person(t, newPKI(t))
	req := signer.Request{Credential: id.Credential(), Time: signTime()}
	in := write(t, "in.pdf", signertest.Paper{Pages: []signertest.PaperPage{{Content: strings.Repeat("% filler\n", 300_000)}}}.Bytes())
	original, err := os.ReadFile(in)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	random := rand.New(rand.NewPCG(1, 2))
	complete, left := 0, 0
	for range 25 {
		c := child(t, id, childTask{In: in, Out: folder, Count: 1000})
		killAfter(t, c, time.Duration(random.IntN(60_000))*time.Microsecond)
		for _, name := range entries(t, folder) {
			path := filepath.Join(folder, name)
			if strings.HasPrefix(name, ".kyso-") && strings.HasSuffix(name, ".tmp") {
				left++
				long := time.Now().Add(-time.Hour)
				if err := os.Chtimes(path, long, long); err != nil {
					t.Fatal(err)
				}
				continue
			}
			complete++
			completeFile(t, path, original)
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
	}
	if complete == 0 || left == 0 {
		t.Errorf("%d complete files, %d left over: the kills hit one kind of moment only", complete, left)
	}
	// The next run in the folder cleans up.
	if _, err := signer.SignFile(t.Context(), in, filepath.Join(folder, "next.pdf"), req); err != nil {
		t.Fatal(err)
	}
	if got := entries(t, folder); len(got) != 1 {
		t.Errorf("the folder holds %v", got)
	}
	if now, err := os.ReadFile(in); err != nil || !bytes.Equal(now, original) {
		t.Error("the input changed")
	}
}

// killAfter starts the process and kills it a while after it is ready.
func killAfter(t *testing.T, c *exec.Cmd, after time.Duration) {
	t.Helper()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	if line, err := lines.ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("the child says %q: %v", line, err)
	}
	timer := time.NewTimer(after)
	defer timer.Stop()
	<-timer.C
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(lines)
	if err := c.Wait(); err == nil || len(rest) > 0 {
		t.Fatalf("the child ended by itself: %v %s", err, rest)
	}
}

// completeFile judges an output that was found after a kill.
func completeFile(t *testing.T, path string, original []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	report, err := signer.VerifyFile(t.Context(), path, signer.VerifyOptions{At: signTime(), Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(b, original) || len(report.Signatures) != 1 || !report.Signatures[0].Sound() {
		t.Errorf("%s is there and not complete: %+v", path, report)
	}
}

func TestLeftoversAreRemovedWhenTheyAreNobodysAndOld(t *testing.T) {
	req := request(t, newPKI(t), "P-256")
	in := write(t, "in.pdf", signertest.Paper{}.Bytes())
	folder := t.TempDir()
	// The number of this computer is in the name of what it leaves.
	var mine string
	req.BeforeCheck = func() { mine = entries(t, folder)[0] }
	if _, err := signer.SignFile(t.Context(), in, filepath.Join(folder, "0.pdf"), req); err != nil {
		t.Fatal(err)
	}
	req.BeforeCheck = nil
	host, _, _ := strings.Cut(strings.TrimPrefix(mine, ".kyso-"), "-")
	files := map[string]struct {
		age  time.Duration
		held bool
		kept bool
	}{
		".kyso-" + host + "-1.tmp": {age: 2 * time.Minute},
		".kyso-" + host + "-2.tmp": {age: time.Second, kept: true},
		".kyso-" + host + "-3.tmp": {age: 2 * time.Hour, held: true, kept: true},
		".kyso-ffffffff-4.tmp":     {age: 2 * time.Hour, kept: true},
		".kyso-ffffffff-5.tmp":     {age: 48 * time.Hour},
		"kyso-" + host + "-6.tmp":  {age: 48 * time.Hour, kept: true},
		".kyso-" + host + "-7.pdf": {age: 48 * time.Hour, kept: true},
	}
	want := 2 // 0.pdf and 1.pdf
	for name, f := range files {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte("part"), 0o600); err != nil {
			t.Fatal(err)
		}
		if f.held {
			open, err := os.OpenFile(path, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer open.Close() //nolint:errcheck // a test file
			if err := syscall.Flock(int(open.Fd()), syscall.LOCK_EX); err != nil {
				t.Fatal(err)
			}
		}
		at := time.Now().Add(-f.age)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
		if f.kept {
			want++
		}
	}
	if _, err := signer.SignFile(t.Context(), in, filepath.Join(folder, "1.pdf"), req); err != nil {
		t.Fatal(err)
	}
	for name, f := range files {
		if _, err := os.Stat(filepath.Join(folder, name)); (err == nil) != f.kept {
			t.Errorf("%s: %v, kept %t", name, err, f.kept)
		}
	}
	if got := entries(t, folder); len(got) != want {
		t.Errorf("the folder holds %v", got)
	}
}

func TestADiskThatFailsLeavesNothing(t *testing.T) {
	id := person(t, newPKI(t))
	paper := signertest.Paper{Pages: []signertest.PaperPage{{Content: strings.Repeat("% filler\n", 300_000)}}}.Bytes()
	in := write(t, "in.pdf", paper)
	for name, c := range map[string]struct {
		max  int
		wrap []string
		want string
	}{
		"the file must not grow, in the document":  {max: len(paper) / 2, want: "file too large"},
		"the file must not grow, in the signature": {max: len(paper) + 1000, want: "file too large"},
		"the disk turns out to be full": {
			wrap: []string{"strace", "-f", "-qq", "-o", os.DevNull, "-e", "trace=fsync", "-e", "inject=fsync:error=ENOSPC"}, want: "no space left",
		},
		"what was written does not reach the disk": {
			wrap: []string{"strace", "-f", "-qq", "-o", os.DevNull, "-e", "trace=fsync", "-e", "inject=fsync:error=EIO"}, want: "input/output error",
		},
		"the name cannot be given": {
			wrap: []string{"strace", "-f", "-qq", "-o", os.DevNull, "-e", "trace=renameat2", "-e", "inject=renameat2:error=EIO"}, want: "input/output error",
		},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			out, err := child(t, id, childTask{In: in, Out: folder, Count: 1, MaxFile: uint64(c.max)}, c.wrap...).CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 3 || !strings.Contains(string(out), c.want) {
				t.Errorf("%v: %s", err, out)
			}
			if got := entries(t, folder); len(got) != 0 {
				t.Errorf("the folder holds %v", got)
			}
		})
	}
}

// Without renameat2 a link is made, which keeps the same promises.
func TestAFileSystemWithoutRenameToAFreeNameIsServed(t *testing.T) {
	id := person(t, newPKI(t))
	original := signertest.Paper{}.Bytes()
	in := write(t, "in.pdf", original)
	for name, inject := range map[string][]string{
		"a link":           {"-e", "inject=renameat2:error=EINVAL"},
		"neither nor link": {"-e", "inject=renameat2:error=EINVAL", "-e", "inject=linkat:error=EPERM"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			wrap := append([]string{"strace", "-f", "-qq", "-o", os.DevNull, "-e", "trace=renameat2,linkat"}, inject...)
			if out, err := child(t, id, childTask{In: in, Out: folder, Count: 1}, wrap...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			completeFile(t, filepath.Join(folder, "0.pdf"), original)
			// A name that is taken stays.
			out, err := child(t, id, childTask{In: in, Out: folder, Count: 1}, wrap...).CombinedOutput()
			if err == nil || !strings.Contains(string(out), signer.ErrExists.Error()) {
				t.Errorf("%v: %s", err, out)
			}
			if got := entries(t, folder); len(got) != 1 {
				t.Errorf("the folder holds %v", got)
			}
		})
	}
}

// What makes the file last comes in an order that survives a loss of power at any
// point: all bytes, their sync, the name, its sync.
func TestTheNameComesAfterTheSyncAndIsSyncedItself(t *testing.T) {
	id := person(t, newPKI(t))
	in := write(t, "in.pdf", signertest.Paper{}.Bytes())
	folder := t.TempDir()
	log := filepath.Join(t.TempDir(), "log")
	wrap := []string{"strace", "-f", "-qq", "-y", "-s", "0", "-o", log, "-e", "trace=write,pwrite64,fsync,renameat2,linkat,rename,renameat"}
	if out, err := child(t, id, childTask{In: in, Out: folder, Count: 1}, wrap...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	b, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(b)) {
		if !strings.Contains(line, folder) {
			continue
		}
		_, call, _ := strings.Cut(line, " ")
		call, _, _ = strings.Cut(strings.TrimSpace(call), "(")
		if strings.Contains(line, "<"+folder+">)") {
			call += " folder"
		}
		if n := len(got); n == 0 || got[n-1] != call {
			got = append(got, call)
		}
	}
	want := "write fsync renameat2 fsync folder"
	if strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s:\n%s", got, want, b)
	}
}
