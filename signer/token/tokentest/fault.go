package tokentest

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

//go:embed faultp11/faultp11.c
var faultSource []byte

// Faults is a module that stands before another one and misbehaves by rules,
// which faultp11/faultp11.c lists.
type Faults struct {
	// Module is the path of the misbehaving module, Env its environment.
	Module string
	Env    []string

	tb                 testing.TB
	rules, log, behind string
}

// Faulty puts the misbehaving module before the real one, with the rules.
func Faulty(tb testing.TB, module string, env []string, rules ...string) *Faults {
	tb.Helper()
	dir := tb.TempDir()
	f := &Faults{Module: faultModule(tb), tb: tb, rules: filepath.Join(dir, "rules"), log: filepath.Join(dir, "log"), behind: module}
	f.Env = append([]string{"FAULTP11_CONF=" + f.rules}, env...)
	f.Set(rules...)
	return f
}

// Set replaces the rules; the running module takes them up at its next call.
func (f *Faults) Set(rules ...string) {
	f.tb.Helper()
	always := []string{"module " + f.behind, "log " + f.log, "state " + f.rules + ".pin"}
	text := strings.Join(append(always, rules...), "\n") + "\n"
	// Renamed, so that the module never reads half of it.
	if err := os.WriteFile(f.rules+".new", []byte(text), 0o600); err != nil {
		f.tb.Fatal(err)
	}
	if err := os.Rename(f.rules+".new", f.rules); err != nil {
		f.tb.Fatal(err)
	}
}

// Calls counts the calls of a function that reached the module and came back.
func (f *Faults) Calls(function string) int {
	f.tb.Helper()
	b, err := os.ReadFile(f.log)
	if err != nil && !os.IsNotExist(err) {
		f.tb.Error(err) // not Fatal: Await may run beside the test
	}
	return strings.Count("\n"+string(b), "\n"+function+" ")
}

// Answers counts the calls of a function that came back with a return value.
func (f *Faults) Answers(function string, rv uint) int {
	f.tb.Helper()
	n := 0
	for _, line := range f.Lines() {
		if head := fmt.Sprintf("%s 0x%x", function, rv); line == head || strings.HasPrefix(line, head+" ") {
			n++
		}
	}
	return n
}

// Lines gives the log: a function, its return value and, for C_Login, who logs in.
func (f *Faults) Lines() []string {
	f.tb.Helper()
	b, err := os.ReadFile(f.log)
	if err != nil && !os.IsNotExist(err) {
		f.tb.Error(err)
	}
	return strings.FieldsFunc(string(b), func(r rune) bool { return r == '\n' })
}

// SetTries leaves n tries of the PIN to the token with the serial number, as
// another program would; it needs the rule pin-tries.
func (f *Faults) SetTries(serial string, n int) {
	f.tb.Helper()
	if err := os.WriteFile(f.rules+".pin."+serial, []byte(strconv.Itoa(n)), 0o600); err != nil {
		f.tb.Fatal(err)
	}
}

// Await returns when a function was called n times, or when the test ends.
func (f *Faults) Await(function string, n int) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for f.Calls(function) < n {
		select {
		case <-tick.C:
		case <-f.tb.Context().Done():
			return
		}
	}
}

// faultModule compiles the module unless this process has done so already.
func faultModule(tb testing.TB) string {
	tb.Helper()
	built.Lock()
	defer built.Unlock()
	so := filepath.Join(buildFolder(tb), "faultp11.so")
	if _, err := os.Stat(so); err == nil {
		return so
	}
	source := filepath.Join(buildFolder(tb), "faultp11.c")
	if err := os.WriteFile(source, faultSource, 0o600); err != nil {
		tb.Fatal(err)
	}
	//nolint:gosec // paths of our own
	cc := exec.CommandContext(tb.Context(), "gcc", "-shared", "-fPIC", "-Wall", "-I"+pkcs11Headers(tb), "-o", so, source, "-ldl", "-lpthread")
	if out, err := cc.CombinedOutput(); err != nil {
		tb.Fatalf("compile the module: %v\n%s", err, out)
	}
	return so
}
