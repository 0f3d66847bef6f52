package words_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	base "fyne.io/fyne/v2/theme"
	"golang.org/x/image/font/sfnt"

	"kyso/app/gui/words"
	"kyso/app/present"
	"kyso/assets"
)

func load(t *testing.T, l words.Language) *words.Words {
	t.Helper()
	w, err := words.Load(l)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestBothLanguagesHaveTheSameKeys(t *testing.T) {
	vi, en := load(t, words.Vietnamese).Keys(), load(t, words.English).Keys()
	slices.Sort(vi)
	slices.Sort(en)
	if !slices.Equal(vi, en) {
		t.Errorf("the keys differ: %d Vietnamese, %d English", len(vi), len(en))
	}
	if len(vi) < 100 {
		t.Errorf("got only %d keys", len(vi))
	}
}

func TestBothLanguagesNameTheSameThings(t *testing.T) {
	placeholder := regexp.MustCompile(`\{\{\.\w+\}\}`)
	names := func(l string) map[string][]string {
		var raw map[string]json.RawMessage
		if err := json.Unmarshal(assets.Translation(l), &raw); err != nil {
			t.Fatal(err)
		}
		out := map[string][]string{}
		for key, value := range raw {
			found := placeholder.FindAllString(string(value), -1)
			slices.Sort(found)
			out[key] = slices.Compact(found)
		}
		return out
	}
	vi, en := names("vi"), names("en")
	for key, want := range vi {
		if got := en[key]; !slices.Equal(got, want) {
			t.Errorf("%s: got %v in English, want %v", key, got, want)
		}
	}
}

// TestEveryKeyInTheCodeHasAText reads the sources of present and gui: a key
// without a text would be shown as it is.
func TestEveryKeyInTheCodeHasAText(t *testing.T) {
	key := regexp.MustCompile(`(?:say|\.T)\("([a-z_.]+)"|Key: "([a-z_.]+)"`)
	keys := load(t, words.Vietnamese).Keys()
	seen := 0
	for _, pattern := range []string{"../../present/*.go", "../*.go", "../screen/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no sources at %s: %v", pattern, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range key.FindAllStringSubmatch(string(source), -1) {
				k := m[1] + m[2]
				seen++
				if strings.HasSuffix(k, ".") { // the rest of the key is computed
					if !slices.ContainsFunc(keys, func(have string) bool { return strings.HasPrefix(have, k) }) {
						t.Errorf("%s: no text begins with %q", file, k)
					}
					continue
				}
				if !slices.Contains(keys, k) {
					t.Errorf("%s: %q has no text", file, k)
				}
			}
		}
	}
	if seen < 80 {
		t.Errorf("found only %d keys in the sources", seen)
	}
}

func TestNumbersChooseTheForm(t *testing.T) {
	en := load(t, words.English)
	for n, want := range map[int]string{1: "1 document waits", 2: "2 documents wait"} {
		if got := en.Say(present.Text{Key: "queue.summary", Args: map[string]any{"Count": n}}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestNumbersAreGroupedAsPeopleWriteThem(t *testing.T) {
	vi, en := load(t, words.Vietnamese), load(t, words.English)
	for n, want := range map[int][2]string{
		0: {"0", "0"}, 999: {"999", "999"}, 1000: {"1.000", "1,000"}, -1000: {"-1.000", "-1,000"}, -100: {"-100", "-100"}, 1234567: {"1.234.567", "1,234,567"},
	} {
		if got := [2]string{vi.Number(n), en.Number(n)}; got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
	if got := vi.Say(present.Text{Key: "queue.summary", Args: map[string]any{"Count": 2000}}); got != "2.000 văn bản đang chờ" {
		t.Errorf("got %q", got)
	}
}

// The window's own font must have every letter that the program shows: a bare
// machine has no other to fall back on.
func TestTheWindowsFontHasEveryLetterThatIsShown(t *testing.T) {
	f, err := sfnt.Parse(base.DefaultTextFont().Content())
	if err != nil {
		t.Fatal(err)
	}
	shown := string(assets.Translation("vi")) + string(assets.Translation("en")) + literals(t)
	var buf sfnt.Buffer
	missing := map[rune]bool{}
	for _, r := range shown {
		if i, err := f.GlyphIndex(&buf, r); r >= ' ' && (err != nil || i == 0) {
			missing[r] = true
		}
	}
	for r := range missing {
		t.Errorf("the font has no %q (%U)", r, r)
	}
}

// literals are the texts in the window's code and in the messages of errors.
func literals(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	files := 0
	for _, pattern := range []string{"../*.go", "../*/*.go", "../../present/*.go", "../../explain/*.go"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			files++
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
					text, err := strconv.Unquote(l.Value)
					if err != nil {
						t.Fatal(err)
					}
					out.WriteString(text)
				}
				return true
			})
		}
	}
	if files < 20 {
		t.Fatalf("only %d files were read", files)
	}
	return out.String()
}
