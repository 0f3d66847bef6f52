package gui_test

import (
	"fmt"
	"strings"

	"kyso/app/journal"
	"kyso/app/present"
)

// historyScenarios are the states of the history.
func historyScenarios() []scenario {
	visit := func(o *office) { o.desk.Go(present.PlaceHistory); o.settle() }
	with := func(n int, broken *journal.Break) func(*office) {
		return func(o *office) {
			o.broken = broken
			for i := range n {
				d := o.waiting[i%len(o.waiting)]
				path := fmt.Sprintf("/home/khoi/kyso/signed/%d.pdf", i)
				o.journal = append(o.journal, journal.Entry{Kind: journal.Signed, At: now(), Title: d.Subject, Path: path, SHA256: strings.Repeat("b8292658264d0f4b", 4), Role: "approval", Signer: "Trần Minh Khôi"})
				if i%3 > 0 {
					o.journal = append(o.journal, journal.Entry{Kind: []string{"", journal.Accepted, journal.Refused}[i%3], At: now(), Path: path, Receipt: "v2"})
				}
			}
		}
	}
	return []scenario{
		{"history", with(9, nil), visit},
		{"history-empty", nil, visit},
		{"history-broken", with(4, &journal.Break{Line: 3}), visit},
		{"history-many", with(10_000, nil), visit},
		{"history-search", with(9, nil), func(o *office) { visit(o); o.desk.History.Search("phòng cháy") }},
	}
}
