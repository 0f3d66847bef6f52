package settings_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kyso/app/settings"
)

// policy writes an administrator's file and gives its path. As somebody else than
// root the file is nobody's that counts.
func policy(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "policy.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func root(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root makes files that count as an administrator's")
	}
}

func TestWithoutAPolicyNothingIsLockedAndNoSoftKeyAllowed(t *testing.T) {
	got, err := settings.LoadPolicy(filepath.Join(t.TempDir(), "none.json"))
	if err != nil || got.SoftKeys != "" || got.Locks("server") {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestWhatIsLockedWinsAndTheRestStaysThePersons(t *testing.T) {
	root(t)
	p, err := settings.LoadPolicy(policy(t, `{"soft_keys":"agency","locked":{"server":"https://vanban.example","pin_idle_minutes":5,"pss":false}}`))
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Apply(settings.Settings{Language: "en", Server: "http://mine.example", PSS: true, PINIdleMinutes: 60})
	if err != nil {
		t.Fatal(err)
	}
	want := settings.Settings{Language: "en", Server: "https://vanban.example", PINIdleMinutes: 5}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if !p.Locks("server") || p.Locks("language") || p.SoftKeys != "agency" {
		t.Errorf("got %+v", p)
	}
}

func TestWhatIsLockedIsNotWrittenIntoThePersonsLists(t *testing.T) {
	p := settings.Policy{Locked: map[string]json.RawMessage{"time_stamp_servers": json.RawMessage(`["http://locked"]`)}}
	mine := settings.Settings{TimeStampServers: []string{"http://mine", "http://second"}}
	got, err := p.Apply(mine)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"http://locked"}, got.TimeStampServers); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"http://mine", "http://second"}, mine.TimeStampServers); d != "" {
		t.Error(d)
	}
}

func TestAFileThatOthersMayWriteLaysDownNothing(t *testing.T) {
	root(t)
	path := policy(t, `{"soft_keys":"trials"}`)
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	if got, err := settings.LoadPolicy(path); !errors.Is(err, settings.ErrNotAdministrators) || got.SoftKeys != "" {
		t.Errorf("got %+v, %v, want %v", got, err, settings.ErrNotAdministrators)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(path, 12345, -1); err != nil {
		t.Fatal(err)
	}
	if got, err := settings.LoadPolicy(path); !errors.Is(err, settings.ErrNotAdministrators) || got.SoftKeys != "" {
		t.Errorf("of another owner: got %+v, %v, want %v", got, err, settings.ErrNotAdministrators)
	}
}

func TestADamagedPolicyIsAnError(t *testing.T) {
	root(t)
	for name, text := range map[string]string{
		"no JSON":                 `{"soft_keys":`,
		"an unknown use":          `{"soft_keys":"always"}`,
		"an unknown setting":      `{"locked":{"sever":"https://vanban.example"}}`,
		"a value of another kind": `{"locked":{"server":5}}`,
	} {
		if got, err := settings.LoadPolicy(policy(t, text)); err == nil {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestTheIdleTimeOfAPINHasBounds(t *testing.T) {
	for minutes, want := range map[int]time.Duration{0: 0, -3: 0, 5: 5 * time.Minute, 100000: settings.MaxPINIdle * time.Minute} {
		if got := (settings.Settings{PINIdleMinutes: minutes}).PINIdle(); got != want {
			t.Errorf("%d minutes: got %v, want %v", minutes, got, want)
		}
	}
}

func TestTheLastCertificateIsRememberedByUnitAndRole(t *testing.T) {
	before := settings.Settings{}.Chose("KL", "approval", "aa")
	s := before.Chose("KL", "seal", "bb")
	for _, c := range []struct{ unit, role, want string }{
		{"KL", "approval", "aa"}, {"KL", "seal", "bb"}, {"LH", "approval", "bb"},
	} {
		if got := s.LastFor(c.unit, c.role); got != c.want {
			t.Errorf("%s %s: got %q, want %q", c.unit, c.role, got, c.want)
		}
	}
	if got := before.LastFor("KL", "seal"); got != "aa" {
		t.Errorf("a copy of the settings was changed: %q", got)
	}
}
