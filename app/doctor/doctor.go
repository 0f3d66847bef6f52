// Package doctor looks at everything that stands between a person and a
// signature: drivers, readers, tokens, certificates, servers, the clock, the
// program's own folders. It says what is there, what is missing, and what to do
// about it, and makes one file for the support desk.
//
// It changes nothing: it asks for no PIN, logs in to no token and delivers no
// document. What it finds wrong is a Finding, never an error.
//
// A report as it stands is the person's own: it names certificates and folders.
// What leaves the machine goes through Report.Redacted, which keeps only what is
// known to be harmless; the zip has nothing else.
package doctor

import (
	"slices"
	"strings"
	"time"

	"kyso/app/explain"
)

// State says how well something is.
type State string

// The states, from well to ill.
const (
	OK      State = "ok"
	Unknown State = "unknown" // it could not be judged
	Warn    State = "warn"    // signing works, or will not for long
	Bad     State = "bad"     // something does not work
)

// worse orders states.
func (s State) worse(than State) bool {
	order := []State{OK, Unknown, Warn, Bad}
	return slices.Index(order, s) > slices.Index(order, than)
}

// Group is what a finding is about.
type Group string

// The groups, in the order in which they are shown.
const (
	Service     Group = "service" // the system's smart-card service
	Tokens      Group = "tokens"  // readers and tokens
	Drivers     Group = "drivers"
	Certificate Group = "certificates"
	Clock       Group = "clock"
	Stamps      Group = "stamps" // time-stamping servers
	Server      Group = "server"
	Outbox      Group = "outbox"
	Folders     Group = "folders"
	Settings    Group = "settings"
	System      Group = "system"
)

// Groups lists the groups in their order.
func Groups() []Group {
	return []Group{Tokens, Service, Drivers, Certificate, Clock, Stamps, Server, Outbox, Folders, Settings, System}
}

// Sort says what a value may hold, and so what becomes of it in a file for the
// support desk.
type Sort string

// The sorts. A new one counts as Private until redact says otherwise.
const (
	Plain   Sort = "plain"   // numbers, versions, times, words of the program
	Word    Sort = "word"    // the name of a word in the texts
	Private Sort = "private" // names, labels, titles: never leaves the machine
	File    Sort = "file"    // a path of a program's file
	Maker   Sort = "maker"   // what a device says of its make
	Serial  Sort = "serial"  // of a device: shown by its end, sent as a hash
	Address Sort = "address" // a URL: its host leaves the machine
	Failure Sort = "failure" // an error's own words: only known phrases of it
)

// Value is what a text or the details name.
type Value struct {
	Name string `json:"name"`
	Sort Sort   `json:"sort"`
	Text string `json:"text"`
}

// Finding is one thing that was looked at.
type Finding struct {
	Group Group `json:"group"`
	State State `json:"state"`
	// Code names the texts in both languages.
	Code string `json:"code"`
	// Values are named in the texts, Details are listed beside them.
	Values  []Value `json:"values,omitempty"`
	Details []Value `json:"details,omitempty"`

	order string // its place within the group
}

// Report is what one look found.
type Report struct {
	Began   time.Time     `json:"began"`
	Took    time.Duration `json:"took"`
	Version string        `json:"version"`
	// Findings are in the order of their groups.
	Findings []Finding `json:"findings"`

	config Config
}

// State is the worst of the findings.
func (r Report) State() State { return worst(r.Findings) }

func worst(findings []Finding) State {
	w := OK
	for _, f := range findings {
		if f.State.worse(w) {
			w = f.State
		}
	}
	return w
}

// Count counts the findings of a state.
func (r Report) Count(s State) int {
	n := 0
	for _, f := range r.Findings {
		if f.State == s {
			n++
		}
	}
	return n
}

// sortFindings puts findings into the order of groups.
func sortFindings(all []Finding) {
	order := Groups()
	slices.SortStableFunc(all, func(a, b Finding) int {
		if d := slices.Index(order, a.Group) - slices.Index(order, b.Group); d != 0 {
			return d
		}
		return strings.Compare(a.order, b.order)
	})
}

// Say gives a finding's three lines; a finding that is well has only the first.
func (f Finding) Say(l explain.Language) explain.Message {
	t := texts[f.Code].in(l)
	fill := f.filler(l)
	m := explain.Message{Title: fill.Replace(t[0]), Cause: fill.Replace(t[1]), Next: fill.Replace(t[2]), Code: f.Code}
	var parts []string
	for _, d := range f.Details {
		parts = append(parts, label(d.Name, l)+": "+d.Shown(l))
	}
	m.Detail = strings.Join(parts, " · ")
	return m
}

// Lines gives the details as name and value.
func (f Finding) Lines(l explain.Language) [][2]string {
	var out [][2]string
	for _, d := range f.Details {
		out = append(out, [2]string{label(d.Name, l), d.Shown(l)})
	}
	return out
}

// filler puts the values into a text.
func (f Finding) filler(l explain.Language) *strings.Replacer {
	var pairs []string
	for _, v := range f.Values {
		pairs = append(pairs, "{"+v.Name+"}", v.Shown(l))
	}
	return strings.NewReplacer(pairs...)
}

// Shown is a value as the person sees it.
func (v Value) Shown(l explain.Language) string {
	switch v.Sort {
	case Word:
		return word(v.Text, l)
	case Serial:
		return ending(v.Text)
	case Plain, Private, File, Maker, Address, Failure:
	}
	return v.Text
}

// serialEnd is how many characters of a serial number are shown.
const serialEnd = 4

// ending gives the end of a serial number.
func ending(s string) string {
	r := []rune(s)
	if len(r) <= serialEnd {
		return s
	}
	return "…" + string(r[len(r)-serialEnd:])
}

// plain, private, … make values.
func plain(name, text string) Value   { return Value{name, Plain, text} }
func wordOf(name, text string) Value  { return Value{name, Word, text} }
func private(name, text string) Value { return Value{name, Private, text} }
func file(name, text string) Value    { return Value{name, File, text} }
func maker(name, text string) Value   { return Value{name, Maker, text} }
func serial(name, text string) Value  { return Value{name, Serial, text} }
func address(name, text string) Value { return Value{name, Address, text} }

// failure is an error's own words; a nil error gives none.
func failure(name string, err error) Value {
	if err == nil {
		return Value{name, Failure, ""}
	}
	return Value{name, Failure, err.Error()}
}

// moment writes a time as dd/MM/yyyy HH:mm, in the zone of Vietnam.
func moment(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(vietnam()).Format("02/01/2006 15:04")
}

func day(t time.Time) string { return t.In(vietnam()).Format("02/01/2006") }

// vietnam is UTC+7 without summer time, also on a machine without zone files.
func vietnam() *time.Location { return time.FixedZone("ICT", zoneHours*3600) }

const zoneHours = 7
