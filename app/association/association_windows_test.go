package association_test

import (
	"errors"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/windows/registry"

	"kyso/app/association"
)

// classes is where a person's associations are.
const classes = `Software\Classes`

// written are the values below a key of the person, by key and name.
func written(t *testing.T, key string) map[string]string {
	t.Helper()
	out := map[string]string{}
	k, err := registry.OpenKey(registry.CURRENT_USER, key, registry.READ)
	if errors.Is(err, registry.ErrNotExist) {
		return out
	}
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close() //nolint:errcheck // only read
	names, err := k.ReadValueNames(-1)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if out[key+"|"+name], _, err = k.GetStringValue(name); err != nil {
			t.Fatal(err)
		}
	}
	below, err := k.ReadSubKeyNames(-1)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range below {
		maps.Copy(out, written(t, key+`\`+name))
	}
	return out
}

func TestExplorerOffersTheProgramAndForgetsItAgain(t *testing.T) {
	const program = `C:\Chương trình\Ký số, bản 1\kyso.exe`
	before := written(t, classes)
	want := maps.Clone(before)
	const menu, opens = classes + `\SystemFileAssociations\.pdf\shell\vn.kyso.desktop`, classes + `\Applications\kyso.exe`
	want[menu+"|"] = "Ký số…"
	want[menu+"|Icon"] = program
	want[menu+`\command|`] = `"` + program + `" "%1"`
	want[opens+"|FriendlyAppName"] = "Ký số"
	want[opens+`\shell\open\command|`] = `"` + program + `" "%1"`
	want[opens+`\SupportedTypes|.pdf`] = ""
	for _, old := range []string{`C:\old\kyso.exe`, program, program} { // the last call counts
		if err := association.Register(old, nil); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, written(t, classes)); diff != "" {
		t.Errorf("the registry differs (-want +got):\n%s", diff)
	}
	for range 2 {
		if err := association.Unregister(); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(before, written(t, classes)); diff != "" {
		t.Errorf("after leaving, the registry differs (-want +got):\n%s", diff)
	}
}
