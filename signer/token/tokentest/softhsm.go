package tokentest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"kyso/signer/token/provision"
)

// SoftHSMModule is the path of SoftHSM's module on Debian and Ubuntu.
const SoftHSMModule = "/usr/lib/softhsm/libsofthsm2.so"

// SoftHSM writes tokens into a folder of the test's own. It returns the module
// and the environment in which it shows exactly those tokens. SoftHSM is not
// safe for several processes on one folder: give each its own.
func SoftHSM(t testing.TB, tokens ...provision.Token) (module string, env []string) {
	t.Helper()
	conf := softHSMConf(t, t.TempDir())
	env = []string{"SOFTHSM2_CONF=" + conf}
	if err := provision.Run(t.Context(), command(t, "kyso-provision"), SoftHSMModule, env, tokens); err != nil {
		t.Fatal(err)
	}
	return SoftHSMModule, env
}

// StandardSoftHSM is SoftHSM with the tokens of Standard. They are written once
// for the test process and copied for each test.
func StandardSoftHSM(t testing.TB) (module string, env []string) {
	t.Helper()
	made := writtenStandard(t)
	dir := t.TempDir()
	conf := softHSMConf(t, dir)
	if err := os.CopyFS(filepath.Join(dir, "tokens"), os.DirFS(filepath.Join(made, "tokens"))); err != nil {
		t.Fatal(err)
	}
	return SoftHSMModule, []string{"SOFTHSM2_CONF=" + conf}
}

// writtenStandard gives the folder with the tokens of Standard, written once.
func writtenStandard(t testing.TB) string {
	t.Helper()
	tokens := Standard(t)
	provisioner := command(t, "kyso-provision")
	built.Lock()
	defer built.Unlock()
	dir := filepath.Join(buildFolder(t), "standard")
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	fresh := t.TempDir()
	env := []string{"SOFTHSM2_CONF=" + softHSMConf(t, fresh)}
	if err := provision.Run(t.Context(), provisioner, SoftHSMModule, env, tokens); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS(fresh)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// softHSMConf writes SoftHSM's configuration for the token folder dir/tokens.
func softHSMConf(t testing.TB, dir string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "tokens"), 0o700); err != nil {
		t.Fatal(err)
	}
	conf := filepath.Join(dir, "softhsm2.conf")
	text := fmt.Sprintf("directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = true\n", dir)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return conf
}

// Helper returns the path of the kyso-token command, built once for the test process.
func Helper(t testing.TB) string {
	t.Helper()
	return command(t, "kyso-token")
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
func command(t testing.TB, name string) string {
	t.Helper()
	built.Lock()
	defer built.Unlock()
	path := filepath.Join(buildFolder(t), name)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	//nolint:gosec // a constant command
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "kyso/cmd/"+name).CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", name, err, out)
	}
	return path
}

// buildFolder makes the folder if need be; built must be locked.
func buildFolder(t testing.TB) string {
	t.Helper()
	if built.dir == "" {
		dir, err := os.MkdirTemp("", "kyso-tokentest-") //nolint:usetesting // it outlives the test
		if err != nil {
			t.Fatal(err)
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
