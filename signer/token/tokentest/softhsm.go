package tokentest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"kyso/signer/token/provision"
)

// SoftHSMModule is the path of SoftHSM's module on Debian and Ubuntu.
const SoftHSMModule = "/usr/lib/softhsm/libsofthsm2.so"

// SoftHSM writes tokens into a folder of the test's own. It returns the module
// and the environment in which it shows exactly those tokens. SoftHSM is not
// safe for several processes on one folder: give each its own.
func SoftHSM(tb testing.TB, tokens ...provision.Token) (module string, env []string) {
	tb.Helper()
	conf := softHSMConf(tb, tb.TempDir())
	env = []string{"SOFTHSM2_CONF=" + conf}
	if err := provision.Run(tb.Context(), command(tb, "kyso-provision"), SoftHSMModule, env, tokens); err != nil {
		tb.Fatal(err)
	}
	return SoftHSMModule, env
}

// StandardSoftHSM is SoftHSM with the tokens of Standard. They are written once
// for the test process and copied for each test.
func StandardSoftHSM(tb testing.TB) (module string, env []string) {
	tb.Helper()
	made := writtenStandard(tb)
	dir := tb.TempDir()
	conf := softHSMConf(tb, dir)
	if err := os.CopyFS(filepath.Join(dir, "tokens"), os.DirFS(filepath.Join(made, "tokens"))); err != nil {
		tb.Fatal(err)
	}
	return SoftHSMModule, []string{"SOFTHSM2_CONF=" + conf}
}

// MendSoftHSM puts back the token files of StandardSoftHSM that a killed process
// left cut off, and reports whether there were any. SoftHSM writes a token's flags
// in place at every login, so a kill in the middle of that write loses the token;
// a device has no such file. A process that runs already does not see the change.
func MendSoftHSM(tb testing.TB, env []string) bool {
	tb.Helper()
	made, mended := writtenStandard(tb), false
	for _, v := range env {
		conf, ok := strings.CutPrefix(v, "SOFTHSM2_CONF=")
		if !ok {
			continue
		}
		whole, err := filepath.Glob(filepath.Join(made, "tokens", "*", "token.object"))
		if err != nil {
			tb.Fatal(err)
		}
		for _, from := range whole {
			data, err := os.ReadFile(from)
			if err != nil {
				tb.Fatal(err)
			}
			to := filepath.Join(filepath.Dir(conf), "tokens", filepath.Base(filepath.Dir(from)), "token.object")
			if there, err := os.Stat(to); err == nil && there.Size() >= int64(len(data)) {
				continue
			}
			if err := os.WriteFile(to, data, 0o600); err != nil { //nolint:gosec // a file of the test's own folder
				tb.Fatal(err)
			}
			mended = true
		}
	}
	return mended
}

// writtenStandard gives the folder with the tokens of Standard, written once.
func writtenStandard(tb testing.TB) string {
	tb.Helper()
	tokens := Standard(tb)
	provisioner := command(tb, "kyso-provision")
	built.Lock()
	defer built.Unlock()
	dir := filepath.Join(buildFolder(tb), "standard")
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	fresh := tb.TempDir()
	env := []string{"SOFTHSM2_CONF=" + softHSMConf(tb, fresh)}
	if err := provision.Run(tb.Context(), provisioner, SoftHSMModule, env, tokens); err != nil {
		tb.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS(fresh)); err != nil {
		tb.Fatal(err)
	}
	return dir
}

// softHSMConf writes SoftHSM's configuration for the token folder dir/tokens.
func softHSMConf(tb testing.TB, dir string) string {
	tb.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "tokens"), 0o700); err != nil {
		tb.Fatal(err)
	}
	conf := filepath.Join(dir, "softhsm2.conf")
	text := fmt.Sprintf("directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = true\n", dir)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	return conf
}

// Helper returns the path of the kyso-token command, built once for the test process.
func Helper(tb testing.TB) string {
	tb.Helper()
	return command(tb, "kyso-token")
}

// built holds the commands that this test process has built.
//
//nolint:gochecknoglobals // one build serves all tests of a process
var built struct {
	sync.Mutex

	dir string
}

// command builds kyso/cmd/name unless it is built already. The folder is the
// process's own and lies in the system's folder for temporary files; Cleanup
// removes it.
func command(tb testing.TB, name string) string {
	tb.Helper()
	built.Lock()
	defer built.Unlock()
	path := filepath.Join(buildFolder(tb), name)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	//nolint:gosec // a constant command
	if out, err := exec.CommandContext(tb.Context(), "go", "build", "-o", path, "kyso/cmd/"+name).CombinedOutput(); err != nil {
		tb.Fatalf("build %s: %v\n%s", name, err, out)
	}
	return path
}

// buildFolder makes the folder if need be; built must be locked.
func buildFolder(tb testing.TB) string {
	tb.Helper()
	if built.dir == "" {
		dir, err := os.MkdirTemp("", "kyso-tokentest-") //nolint:usetesting // it outlives the test
		if err != nil {
			tb.Fatal(err)
		}
		built.dir = dir
	}
	return built.dir
}

// Cleanup removes what the test process has built. Call it at the end of TestMain.
func Cleanup() {
	built.Lock()
	defer built.Unlock()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir) // a leftover in the folder for temporary files does no harm
		built.dir = ""
	}
}
