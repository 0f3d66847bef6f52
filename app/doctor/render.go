package doctor

import (
	"fmt"
	"io"
	"strings"

	"kyso/app/explain"
)

// marks stand before a line, and say a state without colour.
//
//nolint:gochecknoglobals // a constant table
var marks = map[State]string{OK: "✓", Unknown: "?", Warn: "!", Bad: "✗"}

// Mark is the sign of a state in a text.
func (s State) Mark() string { return marks[s] }

// Headline says the whole report in one line.
func (r Report) Headline(l explain.Language) string {
	bad, warn := r.Count(Bad), r.Count(Warn)
	vi, en := "Mọi thứ đều tốt, sẵn sàng ký.", "All is well, ready to sign."
	switch {
	case bad > 0 && warn > 0:
		vi, en = fmt.Sprintf("Có %d lỗi cần xử lý và %d điều cần chú ý.", bad, warn), fmt.Sprintf("%s, %s.", count(bad, "does not work", "do not work"), count(warn, "needs a look", "need a look"))
	case bad > 0:
		vi, en = fmt.Sprintf("Có %d lỗi cần xử lý.", bad), count(bad, "does not work", "do not work")+"."
	case warn > 0:
		vi, en = fmt.Sprintf("Dùng được; có %d điều cần chú ý.", warn), "It works; "+count(warn, "needs a look", "need a look")+"."
	}
	return pair{vi, en}.in(l)
}

// count says in English how many things do something.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 thing " + one
	}
	return fmt.Sprintf("%d things %s", n, many)
}

// WriteText writes a report for people, with the details when they are wanted.
func (r Report) WriteText(w io.Writer, l explain.Language, details bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", r.Headline(l))
	group := Group("")
	for _, f := range r.Findings {
		if f.Group != group {
			group = f.Group
			fmt.Fprintf(&b, "\n%s\n", group.Name(l))
		}
		m := f.Say(l)
		fmt.Fprintf(&b, "  %s %s\n", f.State.Mark(), m.Title)
		for _, line := range []string{m.Cause, m.Next} {
			if line != "" {
				fmt.Fprintf(&b, "      %s\n", line)
			}
		}
		if !details {
			continue
		}
		for _, d := range f.Lines(l) {
			fmt.Fprintf(&b, "      – %s: %s\n", d[0], d[1])
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
