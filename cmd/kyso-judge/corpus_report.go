package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
)

// counts are the numbers of the table.
type counts struct {
	files, openable, signed, verified, kept, harmed, refused, rightly, earlier, panics, timeouts, changed int
}

func (c *counts) add(r fileReport) {
	for n, is := range map[*int]bool{
		&c.files: true, &c.openable: r.openable, &c.signed: r.signed, &c.verified: r.verified, &c.kept: r.kept,
		&c.harmed: r.harmed, &c.refused: r.openable && r.refused != "", &c.rightly: r.openable && r.rightly,
		&c.panics: r.panicked, &c.timeouts: r.hung, &c.earlier: r.earlier > 0, &c.changed: r.changed,
	} {
		if is {
			*n++
		}
	}
}

// tally is the sum of all reports.
type tally struct {
	all     counts
	folders map[string]*counts
	reasons map[string]int
	reports []fileReport
}

func newTally(reports []fileReport) *tally {
	t := &tally{folders: map[string]*counts{}, reasons: map[string]int{}, reports: reports}
	for _, r := range reports {
		folder := folderOf(r.name)
		if t.folders[folder] == nil {
			t.folders[folder] = &counts{}
		}
		t.folders[folder].add(r)
		t.all.add(r)
		switch {
		case !r.openable:
			t.reasons["not openable"]++
		case r.rightly:
			t.reasons["refused rightly: "+r.refused]++
		case r.refused != "":
			t.reasons["refused: "+r.refused]++
		}
	}
	return t
}

// good reports that the bars hold.
func (t *tally) good() bool {
	c := t.all
	want := c.openable - c.rightly
	enough := func(n int) bool { return n*1000 >= want*995 }
	return want > 0 && enough(c.signed) && enough(c.verified) && enough(c.kept) &&
		c.harmed == 0 && c.panics == 0 && c.timeouts == 0 && c.changed == 0
}

// print writes the table, what falls short, and the line for scripts.
func (t *tally) print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "folder\tfiles\topenable\trefused rightly\tsigned\tverified by all\tnothing lost\tsigned before\tof them harmed\tpanics\ttime-outs\toriginals changed\t")
	row := func(name string, c counts) {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n", name, c.files, c.openable, c.rightly,
			c.signed, c.verified, c.kept, c.earlier, c.harmed, c.panics, c.timeouts, c.changed)
	}
	for _, folder := range slices.Sorted(maps.Keys(t.folders)) {
		row(folder, *t.folders[folder])
	}
	row("all", t.all)
	if err := w.Flush(); err != nil {
		return
	}
	for _, reason := range slices.Sorted(maps.Keys(t.reasons)) {
		fmt.Fprintf(out, "%5d  %s\n", t.reasons[reason], reason)
	}
	c := t.all
	if want := c.openable - c.rightly; want > 0 {
		share := func(n int) float64 { return 100 * float64(n) / float64(want) }
		fmt.Fprintf(out, "of %d to sign: %.2f %% signed, %.2f %% verified by all, %.2f %% nothing lost\n", want, share(c.signed), share(c.verified), share(c.kept))
	}
	for _, r := range t.reports {
		if !r.openable {
			fmt.Fprintf(out, "not openable: %s: %s\n", r.name, r.closed)
		}
	}
	for _, r := range t.reports {
		if len(r.words) == 0 {
			continue
		}
		fmt.Fprintf(out, "\n%s\n", r.name)
		for _, word := range r.words {
			fmt.Fprintf(out, "  %s\n", word)
		}
	}
	fmt.Fprintf(out, "corpus openable=%d signed=%d verified=%d kept=%d harmed=%d refused=%d panics=%d timeouts=%d\n",
		c.openable, c.signed, c.verified, c.kept, c.harmed, c.refused, c.panics, c.timeouts)
}
