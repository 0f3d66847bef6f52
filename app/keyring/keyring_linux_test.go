package keyring_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kyso/app/keyring"
)

// insideVariable has the test run a second time, inside a session of its own with
// a Secret Service.
const insideVariable = "KYSO_KEYRING_INSIDE"

func TestWithoutAStoreThePersonIsAskedAgain(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "nobody"))
	if os.Getenv(insideVariable) != "" {
		t.Skip("this run has a store")
	}
	if err := keyring.Keep(t.Context(), "https://a.vn", "van-thu", "x"); !errors.Is(err, keyring.ErrUnavailable) {
		t.Errorf("keep gave %v", err)
	}
	if _, err := keyring.Find(t.Context(), "https://a.vn", "van-thu"); !errors.Is(err, keyring.ErrUnavailable) {
		t.Errorf("find gave %v", err)
	}
}

// Without a session bus none is started: the answer comes at once, and no process stays.
func TestWithoutASessionBusNobodyIsWaitedFor(t *testing.T) {
	if os.Getenv(insideVariable) != "" {
		t.Skip("this run has a bus")
	}
	if at := fmt.Sprintf("/run/user/%d/bus", os.Getuid()); exists(at) {
		t.Skipf("this machine has a bus at %s", at)
	}
	folder := t.TempDir()
	started := filepath.Join(folder, "started")
	if err := os.WriteFile(filepath.Join(folder, "dbus-launch"), []byte("#!/bin/sh\ntouch "+started+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	if _, err := keyring.Find(t.Context(), "https://a.vn", "van-thu"); !errors.Is(err, keyring.ErrUnavailable) {
		t.Errorf("find gave %v", err)
	}
	if exists(started) {
		t.Error("a bus was started")
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// TestTheSecretService runs this test's twin in a session bus of its own with the
// keyring daemon of GNOME.
func TestTheSecretService(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const script = `eval "$(printf '\n' | gnome-keyring-daemon --unlock --components=secrets --daemonize)" && exec "$0" -test.run '^TestKeptInASession$' -test.v`
	cmd := exec.CommandContext(t.Context(), "dbus-run-session", "--", "sh", "-c", script, self)
	home := t.TempDir()
	cmd.Env = append(os.Environ(), insideVariable+"=1", "HOME="+home, "XDG_DATA_HOME="+home, "XDG_RUNTIME_DIR="+home, "XDG_CONFIG_HOME="+home)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestKeptInASession") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestKeptInASession(t *testing.T) {
	if os.Getenv(insideVariable) == "" {
		t.Skip("runs inside TestTheSecretService")
	}
	keeps(t)
}
