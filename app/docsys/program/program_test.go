package program_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/conform"
	"kyso/app/docsys/program"
)

// The test program is the connector program, too: its first argument says how it
// behaves, the second is the folder that it stores into.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && strings.HasPrefix(os.Args[1], "vendor-") {
		os.Exit(vendor(os.Args[1], os.Args[2]))
	}
	os.Exit(m.Run())
}

// say prints one line of the protocol.
func say(l any) {
	b, _ := json.Marshal(l)
	fmt.Fprintln(os.Stdout, string(b))
}

// vendor is a program of a vendor; it gives its exit status.
func vendor(behaviour, root string) int {
	in := bufio.NewReader(os.Stdin)
	var r program.Request
	line, _ := in.ReadBytes('\n')
	if json.Unmarshal(line, &r) != nil || r.Kyso != program.Version {
		return 3
	}
	switch behaviour {
	case "vendor-mute":
		fmt.Fprintln(os.Stderr, "java.lang.NullPointerException")
		return 7
	case "vendor-hangs": // with a child that hangs, too
		child := exec.CommandContext(context.Background(), "sleep", "600")
		_ = child.Start()
		_ = os.WriteFile(filepath.Join(root, "pids"), fmt.Appendf(nil, "%d %d", os.Getpid(), child.Process.Pid), 0o600)
		select {}
	case "vendor-babbles":
		for {
			fmt.Fprintln(os.Stdout, strings.Repeat("x", 3<<20))
		}
	case "vendor-endless":
		for {
			say(program.Line{Step: "still here"})
		}
	case "vendor-refuses":
		say(program.Line{Problem: &program.Problem{Title: "Sai mật khẩu", Status: 401, Detail: r.Login + r.Password, RetryAfter: 3}})
	case "vendor-lies":
		say(program.Line{Receipt: &docsys.Receipt{Version: "v", SHA256: "other", ReceivedAt: time.Unix(1, 0)}})
	case "vendor-environment":
		say(program.Line{Problem: &program.Problem{Title: strings.Join(append(os.Environ(), os.Args...), " "), Status: 409}})
	default:
		serve(in, r, root)
	}
	return 0
}

// serve stores into a folder, one file a key.
func serve(in *bufio.Reader, r program.Request, root string) {
	reply := func() bool {
		var ok program.Reply
		line, _ := in.ReadBytes('\n')
		return json.Unmarshal(line, &ok) == nil && ok.OK
	}
	switch r.Call {
	case "check":
		say(program.Line{Step: "reach"})
		say(program.Line{Result: &program.Result{System: "Hệ thống thử", Verifies: true}})
	case "status":
		say(program.Line{Status: &docsys.VersionStatus{Version: r.Version, State: "passed"}})
	case "submit":
		s := r.Submission
		b, err := os.ReadFile(s.File)
		sum := sha256.Sum256(b)
		if err != nil || hex.EncodeToString(sum[:]) != s.SHA256 {
			say(program.Line{Problem: &program.Problem{Title: "Tệp hỏng", Status: 422, Type: "/problems/digest-mismatch"}})
			return
		}
		say(program.Line{Remember: new("begun")})
		if !reply() {
			return
		}
		say(program.Line{Progress: new(s.Size)})
		say(program.Line{Committing: true})
		if !reply() {
			return
		}
		if err := os.WriteFile(filepath.Join(root, s.Key), b, 0o600); err != nil {
			return // without a word
		}
		say(program.Line{Receipt: &docsys.Receipt{Version: "v-" + s.Key, SHA256: s.SHA256, ReceivedAt: time.Unix(1, 0)}})
	}
}

// connector starts the vendor with a behaviour.
func connector(t *testing.T, behaviour, root string, silence time.Duration) *program.Program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p, err := program.New(program.Options{
		Path: self, Arguments: []string{"vendor-" + behaviour, root}, Login: "van-thu", Password: "bí mật", Scratch: t.TempDir(), Silence: silence,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func next(context.Context) (docsys.Submission, error) {
	return conform.Submission("d-"+rand.Text(), "", "signed", rand.Text(), append([]byte("%PDF-1.7\n"), strings.Repeat(rand.Text(), 9999)...)), nil
}

func TestAProgramKeepsWhatTheOutboxReliesOn(t *testing.T) {
	root := t.TempDir()
	system := conform.System{
		Connector: connector(t, "stores", root, 0),
		Next:      next,
		Held: func(_ context.Context, s docsys.Submission) ([][]byte, error) {
			b, err := os.ReadFile(filepath.Join(root, s.Key))
			if errors.Is(err, os.ErrNotExist) {
				return nil, nil
			}
			return [][]byte{b}, err
		},
	}
	for _, c := range conform.Delivery(system) {
		t.Run(c.Name, func(t *testing.T) {
			if err := c.Run(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestBadProgramsAreToldAsSuch(t *testing.T) {
	cases := map[string]struct {
		behaviour string
		silence   time.Duration
		want      error
		says      string
	}{
		"it goes away without a word":  {"mute", 0, program.ErrStrange, "java.lang.NullPointerException"},
		"its lines are no JSON":        {"babbles", 0, program.ErrStrange, ""},
		"it never comes to an end":     {"endless", 0, program.ErrStrange, "lines"},
		"its receipt is for others":    {"lies", 0, docsys.ErrDigest, ""},
		"it says nothing for too long": {"hangs", 500 * time.Millisecond, nil, "said nothing"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s, _ := next(t.Context())
			_, err := connector(t, c.behaviour, t.TempDir(), c.silence).Submit(t.Context(), s)
			if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %v with %q", err, c.want, c.says)
			}
		})
	}
}

func TestARefusalIsAProblem(t *testing.T) {
	_, err := connector(t, "refuses", t.TempDir(), 0).Check(t.Context())
	p, ok := errors.AsType[*docsys.Problem](err)
	if !ok || p.Status != 401 || p.Title != "Sai mật khẩu" || p.Detail != "van-thubí mật" || p.RetryAfter != 3*time.Second {
		t.Errorf("got %v", err)
	}
	missing, err := program.New(program.Options{Path: filepath.Join(t.TempDir(), "missing")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := missing.Check(t.Context()); !errors.As(err, &p) || p.Retryable {
		t.Errorf("a missing program gave %v", err)
	}
	if _, err := program.New(program.Options{Path: "vendor"}); !errors.Is(err, program.ErrPath) {
		t.Errorf("a program of the search path gave %v", err)
	}
}

func TestNoSecretIsInArgumentsOrEnvironment(t *testing.T) {
	t.Setenv("KYSO_TEST_SECRET", "abc123")
	s, _ := next(t.Context())
	_, err := connector(t, "environment", t.TempDir(), 0).Submit(t.Context(), s)
	if err == nil || strings.Contains(err.Error(), "abc123") || strings.Contains(err.Error(), "bí mật") || !strings.Contains(err.Error(), "PATH=") {
		t.Errorf("the program has %v", err)
	}
}

func TestTheEndOfTheCallKillsTheProgramAndItsChildren(t *testing.T) {
	root := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	s, _ := next(t.Context())
	go func() {
		_, err := connector(t, "hangs", root, 0).Submit(ctx, s)
		ended <- err
	}()
	var pids []string
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for len(pids) != 2 {
		<-tick.C
		b, _ := os.ReadFile(filepath.Join(root, "pids"))
		pids = strings.Fields(string(b))
	}
	cancel()
	if err := <-ended; err == nil {
		t.Error("it was not cut")
	}
	for _, pid := range pids {
		n, _ := strconv.Atoi(pid)
		for range 100 {
			if !alive(n) {
				break
			}
			<-tick.C
		}
		if alive(n) {
			t.Errorf("process %d lives on", n)
		}
	}
}

// alive reports a process that runs; one that only waits to be reaped does not.
func alive(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(b), ") ")
	return !strings.HasPrefix(state, "Z")
}
