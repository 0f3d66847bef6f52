package present

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strings"

	"kyso/app/docsys"
	"kyso/app/journal"
)

// HistoryRow is one signature that was made on this computer.
type HistoryRow struct {
	Title, At, Signer string
	Role              Text
	// State says what became of it; Proof are the first letters of the file's hash.
	State Text
	Tone  Tone
	Proof string
	Path  string

	entry   journal.Entry
	receipt string
	plain   string // what a search is held against
}

// HistoryState is the screen "Nhật ký".
type HistoryState struct {
	Rows    []HistoryRow // newest first, as the search leaves them
	Search  string
	Count   Text
	Broken  Text
	Notice  Text
	Problem *Problem
	Empty   Text
	Help    Text
}

// History is the presenter of what was signed here.
type History struct {
	services *Services
	loop     Loop
	state    HistoryState
	all      []HistoryRow
	round    int

	// Changed is told each new state.
	Changed func(HistoryState)
}

func newHistory(s *Services, l Loop) *History {
	return &History{services: s, loop: l, Changed: func(HistoryState) {}}
}

// State gives the state as it is.
func (h *History) State() HistoryState { return h.state }

// Refresh reads the journal.
func (h *History) Refresh() {
	if h.services.History == nil {
		h.show()
		return
	}
	h.round++
	round := h.round
	h.loop.Go(func(context.Context) func() {
		all, broken, err := h.services.History()
		rows := historyRows(all)
		return func() {
			if round != h.round {
				return
			}
			h.all = rows
			h.state.Problem, h.state.Broken = h.services.problem(err), Text{}
			switch {
			case broken == nil:
			case broken.Last:
				h.state.Broken = say("history.short", "Line", broken.Line)
			default:
				h.state.Broken = say("history.broken", "Line", broken.Line)
			}
			h.show()
		}
	})
}

// historyRows joins signatures with what became of them, newest first.
func historyRows(all []journal.Entry) []HistoryRow {
	var rows []HistoryRow
	byPath := map[string]int{}
	for _, e := range all {
		if e.Kind == journal.Signed {
			byPath[e.Path] = len(rows)
			rows = append(rows, historyRow(e))
			continue
		}
		i, ok := byPath[e.Path]
		if !ok {
			continue
		}
		rows[i].receipt = e.Receipt
		if e.Kind == journal.Accepted {
			rows[i].State, rows[i].Tone = say("history.accepted"), Good
		} else {
			rows[i].State, rows[i].Tone = say("history.refused"), Bad
		}
	}
	slices.Reverse(rows)
	return rows
}

func historyRow(e journal.Entry) HistoryRow {
	r := HistoryRow{Title: headline(e.Title, e.Document), At: Moment(e.At), Signer: e.Signer, Role: say("role." + e.Role), State: say("history.signed"), Tone: Plain, Path: e.Path, entry: e}
	if e.Role == "" {
		r.Role = Text{}
	}
	r.Proof = e.SHA256[:min(len(e.SHA256), 12)]
	r.plain = strings.ToLower(strings.Join([]string{e.Title, r.At, e.Signer, e.Path, e.SHA256, e.Document}, "\n"))
	return r
}

// Search keeps the rows in which all words are found.
func (h *History) Search(text string) {
	h.state.Search = text
	h.show()
}

// show makes the rows of the search.
func (h *History) show() {
	words := strings.Fields(strings.ToLower(h.state.Search))
	h.state.Rows = h.all
	if len(words) > 0 {
		h.state.Rows = nil
		for _, r := range h.all {
			if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(r.plain, w) }) {
				h.state.Rows = append(h.state.Rows, r)
			}
		}
	}
	h.state.Count = say("history.count", "Count", len(h.state.Rows))
	h.state.Empty, h.state.Help = Text{}, Text{}
	switch {
	case len(h.state.Rows) > 0 || h.state.Problem != nil:
	case len(words) > 0:
		h.state.Empty, h.state.Help = say("history.nomatch"), say("history.nomatch.help")
	default:
		h.state.Empty, h.state.Help = say("history.empty"), say("history.empty.help")
	}
	h.Changed(h.state)
}

// Export writes the rows that are shown as CSV, for a spreadsheet: UTF-8 with its
// mark, one row for each signature.
func (h *History) Export(path string) {
	var b bytes.Buffer
	b.WriteString("\uFEFF")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	_ = w.Write([]string{"time", "document", "id", "role", "level", "signer", "certificate_sha256", "file", "file_sha256", "outcome", "receipt"}) // a buffer takes all
	for _, r := range h.state.Rows {
		e := r.entry
		_ = w.Write([]string{
			e.At.In(docsys.Hanoi()).Format("2006-01-02T15:04:05-07:00"), cell(e.Title), cell(e.Document), e.Role, e.Level, cell(e.Signer), e.Certificate,
			cell(e.Path), e.SHA256, strings.TrimPrefix(r.State.Key, "history."), cell(r.receipt),
		})
	}
	w.Flush()
	h.state.Notice, h.state.Problem = say("history.exported", "Path", path), nil
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		h.state.Notice, h.state.Problem = Text{}, h.services.problem(fmt.Errorf("export the history: %w", err))
	}
	h.show()
	h.state.Notice = Text{}
}

// cell keeps a spreadsheet from taking a text for a formula.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
