package docsys_test

import (
	"testing"

	"kyso/app/docsys"
)

// signature is a template that the rules allow.
func signature() docsys.MarkTemplate {
	return docsys.MarkTemplate{Role: docsys.TemplateSigner, Picture: true, Width: 50, Height: 22, Lines: []string{"holder", "time"}}
}

func TestTemplatesKeepToTheDecree(t *testing.T) {
	change := func(f func(*docsys.MarkTemplate)) []docsys.MarkTemplate {
		m := signature()
		f(&m)
		return []docsys.MarkTemplate{m}
	}
	seal := docsys.MarkTemplate{Role: docsys.TemplateSeal, Picture: true, Width: 36, Height: 36}
	oval := seal
	oval.Height = 40
	for name, c := range map[string]struct {
		templates []docsys.MarkTemplate
		want      string
	}{
		"none at all":                     {nil, ""},
		"a signature and a seal":          {[]docsys.MarkTemplate{signature(), seal}, ""},
		"a copy of text":                  {[]docsys.MarkTemplate{{Role: docsys.TemplateCopy, Width: 60, Height: 11, Text: "SAO Y"}}, ""},
		"one role twice":                  {[]docsys.MarkTemplate{signature(), signature()}, "signer: twice"},
		"an unknown role":                 {change(func(m *docsys.MarkTemplate) { m.Role = "giap-lai" }), "giap-lai: unknown role"},
		"a signature without its picture": {change(func(m *docsys.MarkTemplate) { m.Picture = false }), "signer: Decree 30/2020/NĐ-CP wants a picture"},
		"a copy with a picture":           {change(func(m *docsys.MarkTemplate) { m.Role = docsys.TemplateCopy }), "copy: Decree 30/2020/NĐ-CP wants no picture"},
		"a signature as wide as the page": {change(func(m *docsys.MarkTemplate) { m.Width = 190 }), "signer: width 190 mm, allowed 20 to 80"},
		"a signature as high as a seal":   {change(func(m *docsys.MarkTemplate) { m.Height = 36 }), "signer: height 36 mm, allowed 8 to 35"},
		"an oval seal":                    {[]docsys.MarkTemplate{oval}, "seal: a seal is round"},
		"initials of nothing":             {[]docsys.MarkTemplate{{Role: docsys.TemplateInitials, Width: 16, Height: 9}}, "initials: neither picture nor text"},
		"a picture that is hardly seen":   {change(func(m *docsys.MarkTemplate) { m.Opacity = 20 }), "signer: opacity 20 %, allowed 40 to 100"},
		"an opacity of text":              {[]docsys.MarkTemplate{{Role: docsys.TemplateCopy, Width: 60, Height: 11, Opacity: 60}}, "copy: an opacity without a picture"},
		"a line that nobody knows":        {change(func(m *docsys.MarkTemplate) { m.Lines = []string{"motto"} }), "signer: line motto"},
		"a line twice":                    {change(func(m *docsys.MarkTemplate) { m.Lines = []string{"time", "time"} }), "signer: line time"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := (docsys.MarkTemplates{Templates: c.templates}).Check(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
