package docsys_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"kyso/app/docsys"
)

func TestFileNames(t *testing.T) {
	cases := map[string]struct {
		s    docsys.Submission
		want string
	}{
		"as the person saved it":    {docsys.Submission{DocumentID: "d", Metadata: docsys.Metadata{FileName: "Công văn 12.pdf", Number: "7"}}, "Công văn 12"},
		"number and notation":       {docsys.Submission{DocumentID: "d", Metadata: docsys.Metadata{Number: "1247", Notation: "UBND/VP"}}, "1247-UBND-VP"},
		"notation only":             {docsys.Submission{DocumentID: "d", Metadata: docsys.Metadata{Notation: "UBND-VP"}}, "UBND-VP"},
		"the document's identifier": {docsys.Submission{DocumentID: "d/1"}, "d-1"},
		"a path of another system":  {docsys.Submission{Metadata: docsys.Metadata{FileName: `..\..\a:b*?"<>|.pdf`}}, "a-b"},
		"a device of Windows":       {docsys.Submission{Metadata: docsys.Metadata{FileName: "con.txt.pdf"}}, "van-ban-con.txt"},
		"dots only":                 {docsys.Submission{Metadata: docsys.Metadata{FileName: "...pdf"}}, "van-ban"},
		"a hidden file":             {docsys.Submission{Metadata: docsys.Metadata{FileName: ".kyso-x.pdf"}}, "kyso-x"},
		"a very long name":          {docsys.Submission{Metadata: docsys.Metadata{FileName: strings.Repeat("ắ", 300) + ".pdf"}}, strings.Repeat("ắ", 120)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := c.s.FileStem(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if got := docsys.Numbered("a", 1) + docsys.Numbered("a", 3); got != "aa (3)" {
		t.Errorf("numbered: %q", got)
	}
}

// FuzzSafeName holds that a name is one name on every file system, and stays it.
func FuzzSafeName(f *testing.F) {
	for _, s := range []string{"", "a/b", "CON", "lpt1.x", "..", " a. ", "\x00", "ắ\u0301", strings.Repeat("-", 200)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := docsys.SafeName(text)
		switch {
		case got == "" || strings.HasPrefix(got, ".") || strings.HasSuffix(got, ".") || strings.TrimSpace(got) != got:
			t.Errorf("%q gave %q", text, got)
		case strings.ContainsAny(got, `/\:*?"<>|`) || strings.ContainsFunc(got, unicode.IsControl) || !utf8.ValidString(got):
			t.Errorf("%q gave %q", text, got)
		case utf8.RuneCountInString(got) > 130:
			t.Errorf("%q gave %d letters", text, utf8.RuneCountInString(got))
		case docsys.SafeName(got) != got:
			t.Errorf("%q gave %q, then %q", text, got, docsys.SafeName(got))
		}
	})
}
