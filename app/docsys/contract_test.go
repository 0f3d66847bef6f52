package docsys_test

import (
	"testing"

	"go.yaml.in/yaml/v3"

	"kyso/app/docsys"
)

// A comma in a text without quotation marks ends it, and what follows becomes a key
// without a value. Readers of the contract leave such keys out without a word.
func TestTheContractHasNoKeyWithoutAValue(t *testing.T) {
	var doc any
	if err := yaml.Unmarshal(docsys.Contract, &doc); err != nil {
		t.Fatal(err)
	}
	n := 0
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case nil:
			t.Errorf("%s has no value", path)
		case map[string]any:
			for key, value := range v {
				n++
				walk(path+"/"+key, value)
			}
		case []any:
			for _, value := range v {
				walk(path+"/-", value)
			}
		}
	}
	walk("", doc)
	if n < 1000 {
		t.Errorf("only %d keys were read", n)
	}
}
