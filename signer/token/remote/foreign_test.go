package remote_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kyso/signer/token"
	"kyso/signer/token/discover"
	"kyso/signer/token/remote"
	"kyso/signer/token/tokentest"
)

// foreign skips a test that builds for another system or processor, which takes
// a minute and further packages, unless make windows runs it.
func foreign(t *testing.T) {
	t.Helper()
	if os.Getenv("KYSO_FOREIGN") == "" {
		t.Skip("run by make windows, which installs the cross-compilers and Wine")
	}
}

// build builds a program for another system or processor.
func build(t *testing.T, out, program string, env ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", out, program)
	cmd.Env = append(append(os.Environ(), "CGO_ENABLED=1"), env...)
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s for %v: %v\n%s", program, env, err, b)
	}
}

func TestADriverOf32BitsIsServedByAHelperOf32Bits(t *testing.T) {
	foreign(t)
	dir := t.TempDir()
	module, native := filepath.Join(dir, "fptca_v4.so"), filepath.Join(dir, "kyso-token")
	tokentest.Toy(t, []string{"gcc", "-m32", "-fPIC"}, module)
	c := discover.Named([]string{module})[0]
	if !errors.Is(c.Err, token.ErrWrongMachine) || strings.Join(c.Machines, " ") != "elf/386" {
		t.Fatalf("got %v for %v, want %s for elf/386", c.Err, c.Machines, token.KindWrongMachine)
	}
	if _, ok := remote.HelperFor(native, c.Machines); ok {
		t.Fatal("a helper is told that is not there")
	}
	build(t, native+"-386", "kyso/cmd/kyso-token", "GOARCH=386", "CC=gcc -m32")
	helper, ok := remote.HelperFor(native, c.Machines)
	if !ok || helper != native+"-386" {
		t.Fatalf("got %q, %t, want the helper of 32 bits", helper, ok)
	}
	p := remote.Start(remote.Options{Helper: helper, Module: module})
	t.Cleanup(func() { _ = p.Close() })
	b := batch{p: p, pin: "87654321"}
	tokens, err := p.Tokens(t.Context())
	if err != nil || len(tokens) != 1 || tokens[0].Label != "Chữ ký số" {
		t.Fatalf("got %v, %v", tokens, err)
	}
	all, err := p.Certificates(t.Context(), tokens[0].Slot)
	if err != nil || len(all) != 1 {
		t.Fatalf("got %d certificates, %v", len(all), err)
	}
	b.fingerprint = all[0].Fingerprint()
	if err := b.sign(t.Context()); err != nil {
		t.Error(err)
	}
}

// wine is a folder with the helper and the parent for Windows, and a Windows to
// run them in.
type wine struct {
	t           *testing.T
	dir, prefix string
}

// windows builds all and makes a Windows.
func windows(t *testing.T) *wine {
	t.Helper()
	foreign(t)
	w := &wine{t: t, dir: t.TempDir(), prefix: t.TempDir()}
	cross := []string{"GOOS=windows", "GOARCH=amd64", "CC=x86_64-w64-mingw32-gcc"}
	build(t, w.path("kyso-token.exe"), "kyso/cmd/kyso-token", cross...)
	build(t, w.path("winparent.exe"), "kyso/signer/token/remote/testdata/winparent", cross...)
	w.wine("wineboot", "--init")
	t.Cleanup(func() { w.wine("wineserver", "-k") })
	system := filepath.Join(w.prefix, "drive_c", "windows", "system32")
	w.compile("x86_64-w64-mingw32-gcc", "-shared", "-o", filepath.Join(system, "bcryptprimitives.dll"), write(t, w.dir, "prng.c", []byte(prng)), "-ladvapi32")
	return w
}

// prng is a library of Windows that Go's runtime wants and that Wine before 9 has not.
const prng = `#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE b, SIZE_T n) { return SystemFunction036(b, (ULONG)n); }
`

func (w *wine) path(parts ...string) string {
	return filepath.Join(append([]string{w.dir}, parts...)...)
}

// name is a path as Windows calls it.
func (w *wine) name(path string) string { return `Z:` + strings.ReplaceAll(path, "/", `\`) }

// wine runs one of Wine's own programs; what it says does not matter.
func (w *wine) wine(program string, args ...string) {
	w.t.Helper()
	cmd := exec.Command(program, args...) //nolint:noctx // also in the clean-up, after the test's context
	cmd.Env = w.env()
	if out, err := cmd.CombinedOutput(); err != nil && program != "wineserver" {
		w.t.Logf("%s %v: %v %s", program, args, err, out)
	}
}

func (w *wine) env(more ...string) []string {
	return append(append(os.Environ(), "WINEPREFIX="+w.prefix, "WINEDEBUG=-all", "LC_ALL=C.UTF-8"), more...)
}

// parent runs the stand-in of the program and gives the lines that it prints.
func (w *wine) parent(env []string, args ...string) []string {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), "wine", append([]string{w.path("winparent.exe")}, args...)...)
	cmd.Env = w.env(env...)
	out, err := cmd.Output()
	if err != nil {
		w.t.Errorf("winparent %v: %v", args, err)
	}
	return strings.Split(strings.TrimSpace(strings.ReplaceAll(string(out), "\r", "")), "\n")
}

// toy compiles the module for Windows.
func (w *wine) toy(path string, more ...string) string {
	w.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	tokentest.Toy(w.t, []string{"x86_64-w64-mingw32-gcc"}, path, more...)
	return w.name(path)
}

func (w *wine) compile(compiler string, args ...string) {
	w.t.Helper()
	if out, err := exec.CommandContext(w.t.Context(), compiler, args...).CombinedOutput(); err != nil {
		w.t.Fatalf("%s: %v: %s", compiler, err, out)
	}
}

func TestOnWindows(t *testing.T) {
	w := windows(t)
	helper := w.name(w.path("kyso-token.exe"))
	plain := w.toy(w.path("plain.dll"))

	// The library beside the module is in no folder of the system.
	part := write(t, w.dir, "part.c", []byte("__declspec(dllexport) int beside(void) { return 42; }\n"))
	if err := os.Mkdir(w.path("beside"), 0o700); err != nil {
		t.Fatal(err)
	}
	w.compile("x86_64-w64-mingw32-gcc", "-shared", "-o", w.path("beside", "part.dll"), part)
	beside := w.toy(w.path("beside", "module.dll"), "-DBESIDE", w.path("beside", "part.dll"))

	narrow := w.path("narrow.dll")
	tokentest.Toy(t, []string{"i686-w64-mingw32-gcc"}, narrow)
	text := write(t, w.dir, "text.dll", []byte("no library"))

	const signed = "signed Chữ ký số"
	for name, tt := range map[string]struct {
		module, how, operation string
		want                   []string
	}{
		"a module signs": {plain, "", "sign", []string{signed}},
		"a path and a name with Vietnamese letters":       {w.toy(w.path("Chữ ký số", "trình điều khiển.dll")), "", "sign", []string{signed}},
		"a module that needs a library beside it":         {beside, "", "sign", []string{signed}},
		"a module that crashes at its start is survived":  {plain, "crash-init", "survive", []string{"driver-crashed", signed}},
		"a module that crashes when it signs is survived": {plain, "crash-sign", "survive", []string{"driver-crashed", signed}},
		"a module that hangs at its start is survived":    {plain, "hang-init", "survive", []string{"driver-hung", signed}},
		"a module that hangs when it signs is survived":   {plain, "hang-sign", "survive", []string{"driver-hung", signed}},
		"a module that hangs at its end holds nobody up":  {plain, "hang-exit", "sign", []string{signed}},
		"a module of 32 bits is told":                     {w.name(narrow), "", "sign", []string{"driver-wrong-machine"}},
		"a file that is no library is told":               {w.name(text), "", "sign", []string{"not-a-driver"}},
		"a file that is missing is told":                  {`C:\nowhere\x.dll`, "", "sign", []string{"driver-missing"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.parent([]string{"TOYP11=" + tt.how}, tt.operation, helper, tt.module)
			if strings.Join(got, "; ") != strings.Join(tt.want, "; ") {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	t.Run("the modules of the registry are found", func(t *testing.T) { findsRegistered(t, w) })
	t.Run("a helper of 32 bits is built", func(t *testing.T) {
		build(t, w.path("kyso-token-386.exe"), "kyso/cmd/kyso-token", "GOOS=windows", "GOARCH=386", "CC=i686-w64-mingw32-gcc")
		if path, ok := remote.HelperFor(w.path("kyso-token.exe"), []string{"pe/386"}); !ok || path != w.path("kyso-token-386.exe") {
			t.Errorf("got %q, %t", path, ok)
		}
		if _, err := exec.LookPath("/usr/lib/i386-linux-gnu/wine/wineserver"); err != nil {
			t.Log("not run: this Wine has no 32 bits")
			return
		}
		got := w.parent(nil, "sign", w.name(w.path("kyso-token-386.exe")), w.name(narrow))
		if len(got) != 1 || got[0] != signed {
			t.Errorf("got %q, want %q", got, signed)
		}
	})
}

// findsRegistered writes providers into the registry as makers do.
func findsRegistered(t *testing.T, w *wine) {
	t.Helper()
	system := filepath.Join(w.prefix, "drive_c", "windows", "system32")
	vendor := filepath.Join(w.prefix, "drive_c", "Chữ ký số")
	tokens := []string{filepath.Join(vendor, "maker.dll"), filepath.Join(system, "barename.dll")}
	for _, path := range tokens {
		w.toy(path)
	}
	w.compile("x86_64-w64-mingw32-gcc", "-shared", "-o", filepath.Join(vendor, "maker_s.dll"), write(t, w.dir, "csp.c", []byte("__declspec(dllexport) int CPAcquireContext(void) { return 0; }\n")))
	for name, image := range map[string]string{"Maker CSP": `C:\Chữ ký số\maker_s.dll`, "Bare CSP": "barename.dll", "Lost CSP": `C:\nowhere\lost.dll`} {
		w.wine("wine", "reg", "add", `HKLM\SOFTWARE\Microsoft\Cryptography\Defaults\Provider\`+name, "/v", "Image Path", "/d", image, "/f")
	}
	got := strings.Join(w.parent(nil, "registered"), "\n")
	for _, want := range []string{`C:\Chữ ký số\maker.dll none`, `\barename.dll none`} {
		if !strings.Contains(strings.ToLower(got), strings.ToLower(want)) {
			t.Errorf("%s is not in\n%s", want, got)
		}
	}
	for _, not := range []string{"maker_s.dll", "lost.dll", "rsaenh.dll"} {
		if strings.Contains(got, not) {
			t.Errorf("%s is in\n%s", not, got)
		}
	}
	if n := strings.Count(got, "\n") + 1; n != len(tokens) {
		t.Errorf("%d modules, want %d:\n%s", n, len(tokens), fmt.Sprint(got))
	}
}
