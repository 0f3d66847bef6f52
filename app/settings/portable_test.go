package settings_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kyso/app/settings"
)

func TestSettingsGoToAnotherComputerWithoutWhatIsPersonal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "thiết lập.json")
	mine := settings.Settings{
		Language: "en", Server: "https://vanban.example", Level: "B-LT", TimeStampServers: []string{"http://tsa.example"},
		LastCertificate: "aa11", LastCertificates: map[string]string{"KL/approval": "aa11"}, SignatureImage: "/home/an/ky.png",
	}
	if err := settings.Export(path, mine); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, never := range []string{"aa11", "ky.png"} {
		if strings.Contains(string(b), never) {
			t.Errorf("the file tells %q", never)
		}
	}
	theirs := settings.Settings{LastCertificate: "bb22", InitialsImage: "/home/binh/nhay.png", PSS: true}
	got, err := settings.Import(path, theirs)
	if err != nil {
		t.Fatal(err)
	}
	want := settings.Settings{
		Language: "en", Server: "https://vanban.example", Level: "B-LT", TimeStampServers: []string{"http://tsa.example"},
		LastCertificate: "bb22", InitialsImage: "/home/binh/nhay.png",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"language", "server", "level", "time_stamp_servers", "pss"}, settings.Differences(theirs, got)); d != "" {
		t.Error(d)
	}
}

func TestAFileOfSomethingElseChangesNothing(t *testing.T) {
	now := settings.Settings{Server: "https://vanban.example"}
	for name, text := range map[string]string{
		"a letter": "Kính gửi", "another program's settings": `{"theme":"dark"}`, "a list": "[]", "nothing": "", "a value of another kind": `{"server":5}`,
	} {
		path := filepath.Join(t.TempDir(), "x.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := settings.Import(path, now); !errors.Is(err, settings.ErrNotSettings) || cmp.Diff(now, got) != "" {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}
