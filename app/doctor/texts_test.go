package doctor_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kyso/app/doctor"
	"kyso/app/explain"
)

// TestEveryCodeHasItsTexts reads the sources: a code without a text would be
// shown as nothing, a text without a code is dead.
func TestEveryCodeHasItsTexts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var rest, texts strings.Builder
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case strings.HasPrefix(name, "texts") && !strings.HasSuffix(name, "_test.go"):
			texts.Write(b)
		case !strings.HasSuffix(name, "_test.go"):
			rest.Write(b)
		}
	}
	var have []string
	for _, m := range regexp.MustCompile(`(?m)^\t"([a-z0-9-]+)":\s+(?:fine\(|\{$)`).FindAllStringSubmatch(texts.String(), -1) {
		have = append(have, m[1])
	}
	if len(have) < 60 {
		t.Fatalf("only %d texts were found", len(have))
	}
	source := rest.String()
	for _, code := range have {
		state, isService := strings.CutPrefix(code, "service-")
		if isService && strings.Contains(source, `"`+state+`"`) {
			continue
		}
		if !strings.Contains(source, `"`+code+`"`) {
			t.Errorf("nothing is ever told as %q", code)
		}
	}
	for _, m := range regexp.MustCompile(`"((?:driver|token|usb|service|reader|cert|chain|status|stamp|server|clock|outbox|folder|disk|settings|screen|helper)-[a-z0-9-]+)"`).FindAllStringSubmatch(source, -1) {
		if code := m[1]; !slices.Contains(have, code) && !isLabel(code) && code != "service-" {
			t.Errorf("%q has no texts", code)
		}
	}
}

// isLabel reports names of details and words, which the tables hold as well.
func isLabel(name string) bool {
	return slices.Contains([]string{"driver-state", "clock-of"}, name)
}

func TestBothLanguagesNameTheSameThings(t *testing.T) {
	t.Parallel()
	for _, g := range doctor.Groups() {
		vi, en := g.Name(explain.Vietnamese), g.Name(explain.English)
		if vi == "" || en == "" || vi == en {
			t.Errorf("%s: got %q and %q", g, vi, en)
		}
	}
	for _, s := range []doctor.State{doctor.OK, doctor.Unknown, doctor.Warn, doctor.Bad} {
		if s.Mark() == "" || s.Name(explain.Vietnamese) == s.Name(explain.English) {
			t.Errorf("%s has no mark or one name for both languages", s)
		}
	}
}
