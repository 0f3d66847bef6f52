package placement_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"kyso/assets"
)

func TestEveryReasonHasWordsInBothLanguages(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "propose.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(v.Names[0].Name, "Why") {
			key, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Error(err)
			}
			keys = append(keys, "place."+key)
		}
		return true
	})
	if len(keys) < 10 {
		t.Fatalf("got %d reasons, want all of them", len(keys))
	}
	for _, language := range []string{"vi", "en"} {
		var words map[string]any
		if err := json.Unmarshal(assets.Translation(language), &words); err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			if words[k] == nil {
				t.Errorf("%s has no words for %s", language, k)
			}
		}
	}
}
