package main_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"kyso/app/docsys"
)

// build makes the program.
func build(tb testing.TB) string {
	tb.Helper()
	program := filepath.Join(tb.TempDir(), "docserver")
	cmd := exec.CommandContext(tb.Context(), "go", "build", "-o", program, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // it needs no C
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("%v\n%s", err, out)
	}
	return program
}

// running is a started server.
type running struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	lines *bufio.Scanner
	url   string
}

func start(t *testing.T, program, data, sessions string) *running {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	args := []string{"--data", data, "--trust", t.TempDir(), "--listen", "127.0.0.1:0"}
	if sessions != "" {
		args = append(args, "--sessions-stdin")
	}
	r := &running{cmd: exec.CommandContext(ctx, program, args...)}
	r.cmd.Stderr = os.Stderr
	var err error
	if r.stdin, err = r.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(r.stdin, sessions); err != nil {
		t.Fatal(err)
	}
	r.lines = bufio.NewScanner(out)
	if !r.lines.Scan() {
		t.Fatalf("no address: %v", r.cmd.Wait())
	}
	r.url = r.lines.Text()
	return r
}

// rest reads standard output to its end and gives it.
func (r *running) rest() string {
	var all []string
	for r.lines.Scan() {
		all = append(all, r.lines.Text())
	}
	return strings.Join(all, "\n")
}

func TestProgram(t *testing.T) {
	program := build(t)
	t.Run("it serves and stops", func(t *testing.T) { servesAndStops(t, program) })
	t.Run("it stops with the program that started it", func(t *testing.T) { stopsWithItsParent(t, program) })
	t.Run("wrong usage ends with 2", func(t *testing.T) { wrongUsage(t, program) })
}

func servesAndStops(t *testing.T, program string) {
	t.Helper()
	data := t.TempDir()
	first := start(t, program, data, "")
	got, err := docsys.NewClient(first.url, "", &http.Client{Timeout: 5 * time.Second}).Describe(t.Context())
	if err != nil || got.Interface != "vn-sign-exchange/1" {
		t.Errorf("got %+v, %v", got, err)
	}
	if err := first.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if out := first.rest(); !strings.Contains(out, "admin") {
		t.Errorf("the first run names no password: %q", out)
	}
	if err := first.cmd.Wait(); err != nil {
		t.Errorf("SIGTERM: %v", err)
	}

	const token = "abcdefghijklmnopqrstuvwxyz012345"
	second := start(t, program, data, fmt.Sprintf(`[{"login":"admin","token":%q}]`, token))
	who, err := docsys.NewClient(second.url, token, &http.Client{Timeout: 5 * time.Second}).Whoami(t.Context())
	if err != nil || who.Role != "admin" {
		t.Errorf("the session that was handed over is %+v, %v", who, err)
	}
	if _, err := io.WriteString(second.stdin, "\n\"stop\"\n"); err != nil {
		t.Fatal(err)
	}
	if out := second.rest(); strings.Contains(out, "admin") {
		t.Errorf("a later run names a password: %q", out)
	}
	if err := second.cmd.Wait(); err != nil {
		t.Errorf("stop: %v", err)
	}
}

func stopsWithItsParent(t *testing.T, program string) {
	t.Helper()
	r := start(t, program, t.TempDir(), `[]`)
	if err := r.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	_ = r.rest()
	if err := r.cmd.Wait(); err != nil {
		t.Errorf("the end of the input: %v", err)
	}
}

func wrongUsage(t *testing.T, program string) {
	t.Helper()
	cases := map[string][]string{
		"no data":                       {"--trust", t.TempDir()},
		"another address without TLS":   {"--data", t.TempDir(), "--trust", t.TempDir(), "--listen", "0.0.0.0:0"},
		"every address without TLS":     {"--data", t.TempDir(), "--trust", t.TempDir(), "--listen", ":0"},
		"a name instead of an address":  {"--data", t.TempDir(), "--trust", t.TempDir(), "--listen", "localhost:0"},
		"a certificate without its key": {"--data", t.TempDir(), "--trust", t.TempDir(), "--tls-cert", "x.pem"},
	}
	for name, args := range cases {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			cmd := exec.CommandContext(ctx, program, args...)
			out, err := cmd.CombinedOutput()
			if err == nil || cmd.ProcessState.ExitCode() != 2 {
				t.Errorf("ended with %v: %s", err, out)
			}
		})
	}
}
