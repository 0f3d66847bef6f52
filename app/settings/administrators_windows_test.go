package settings_test

import (
	"errors"
	"os"
	"testing"

	"kyso/app/settings"
)

func TestWhoMayChangeAnAdministratorsFile(t *testing.T) {
	const person = "S-1-5-21-1004336348-1177238915-682003330-1001"
	cases := map[string]struct {
		rights string
		want   bool
	}{
		"as a folder in ProgramData gives them": {"O:BAG:BAD:(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)", true},
		"the system's own":                      {"O:SYG:SYD:(A;;FA;;;SY)(A;;FR;;;WD)", true},
		"the installer's": {
			"O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464G:SYD:(A;;FA;;;BA)(A;;FR;;;BU)", true,
		},
		"a person's, who lets nobody write": {"O:" + person + "G:BUD:(A;;FR;;;WD)", false},
		"users may write":                   {"O:BAG:BAD:(A;;FA;;;BA)(A;;0x2;;;BU)", false},
		"a person may write":                {"O:BAG:BAD:(A;;FA;;;BA)(A;;FA;;;" + person + ")", false},
		"everybody may change the rights":   {"O:BAG:BAD:(A;;FA;;;BA)(A;;WD;;;WD)", false},
		"everybody may remove it":           {"O:BAG:BAD:(A;;FA;;;BA)(A;;SD;;;WD)", false},
		"only new files inherit it":         {"O:BAG:BAD:(A;;FA;;;BA)(A;OIIO;FA;;;BU)", true},
		"users are forbidden to write":      {"O:BAG:BAD:(D;;FW;;;BU)(A;;FA;;;BA)", true},
		"nobody is named":                   {"O:BAG:BAD:", true},
		"there is no list":                  {"O:BAG:BA", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := settings.OnlyAdministrators(c.rights)
			if err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestAFileThatThePersonMadeReadOnlyLaysDownNothing(t *testing.T) {
	path := policy(t, `{"soft_keys":"agency"}`)
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Chmod(path, 0o600); err != nil { // Windows removes nothing that is read-only
			t.Error(err)
		}
	})
	if p, err := settings.LoadPolicy(path); !errors.Is(err, settings.ErrNotAdministrators) || p.SoftKeys != "" {
		t.Errorf("got %+v, %v", p, err)
	}
}
