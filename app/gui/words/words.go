// Package words says message keys in the person's language.
//
// The texts lie in assets/translations, one file for each language, with the
// same keys; a value is a text, or its forms "one" and "other" where "Count"
// chooses. It knows no screen.
package words

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"kyso/app/present"
	"kyso/assets"
)

// Language is "vi" or "en".
type Language string

// The languages.
const (
	Vietnamese Language = "vi"
	English    Language = "en"
)

// Words are the texts of one language.
type Words struct {
	Language Language
	texts    map[string]forms
}

// forms are a text's forms by number; one is empty where it makes no difference.
type forms struct{ one, other string }

// Load reads the texts of a language; an unknown one gives Vietnamese.
func Load(l Language) (*Words, error) {
	if l != English {
		l = Vietnamese
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(assets.Translation(string(l)), &raw); err != nil {
		return nil, fmt.Errorf("texts of %s: %w", l, err)
	}
	w := &Words{Language: l, texts: make(map[string]forms, len(raw))}
	for key, value := range raw {
		var plain string
		if json.Unmarshal(value, &plain) == nil {
			w.texts[key] = forms{other: plain}
			continue
		}
		var byCount map[string]string
		if err := json.Unmarshal(value, &byCount); err != nil {
			return nil, fmt.Errorf("texts of %s: %s: %w", l, key, err)
		}
		w.texts[key] = forms{byCount["one"], byCount["other"]}
	}
	return w, nil
}

// Keys lists the keys.
func (w *Words) Keys() []string {
	out := make([]string, 0, len(w.texts))
	for k := range w.texts {
		out = append(out, k)
	}
	return out
}

// Say gives a message as text; no message gives none. A key without a text
// gives the key: the tests rule it out.
func (w *Words) Say(t present.Text) string {
	if t.Key == "" {
		return ""
	}
	f, ok := w.texts[t.Key]
	if !ok {
		return t.Key
	}
	text := f.other
	if n, ok := t.Args["Count"].(int); ok && n == 1 && f.one != "" {
		text = f.one
	}
	for name, value := range t.Args {
		text = strings.ReplaceAll(text, "{{."+name+"}}", w.written(value))
	}
	return text
}

// written is a value as people write it. Years and numbers of documents are
// texts and stay as they are.
func (w *Words) written(value any) string {
	if n, ok := value.(int); ok {
		return w.Number(n)
	}
	return fmt.Sprint(value)
}

// Number is a count as people write it: 10.000 in Vietnamese, 10,000 in English.
func (w *Words) Number(n int) string {
	mark := "."
	if w.Language == English {
		mark = ","
	}
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + mark + digits[at:]
	}
	return digits
}

// T gives the text of a key that names nothing.
func (w *Words) T(key string) string { return w.Say(present.Text{Key: key}) }
