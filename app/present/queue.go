package present

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"strings"

	"kyso/app/docsys"
)

// QueueState is the screen "Chờ tôi ký".
type QueueState struct {
	Loading bool
	Problem *Problem
	Rows    []QueueRow
	// Summary says in one line what waits.
	Summary Text
	// Empty is shown instead of rows when there are none.
	Empty, EmptyHelp Text
	// Selected is the row that Enter opens, −1 for none.
	Selected int
}

// QueueRow is one document that waits.
type QueueRow struct {
	Subject string
	// Reference is number and notation, "1247/UBND-VP", or empty before numbering.
	Reference string
	Type      string
	// Drafter is who submitted it, Date when, both may be empty.
	Drafter, Date string
	Initials      Text
	InitialsTone  Tone
	Due           Text
	DueTone       Tone
	Urgent        bool
	// Wanted says what is asked of the person: a signature or initials.
	Wanted Text
	// Local reports a file of this machine.
	Local bool
	// WhyNot says why the document cannot be opened here, such as no file yet.
	WhyNot Text

	document *docsys.Document
	path     string
}

// Queue is the presenter of what waits for the person.
type Queue struct {
	services *Services
	loop     Loop
	state    QueueState
	local    []QueueRow
	served   []QueueRow
	round    int // of the newest request; older answers are dropped

	// Changed is told each new state.
	Changed func(QueueState)
	// Open is asked to show a document of the server, or a local file when d is nil.
	Open func(d *docsys.Document, path string)
	// Counted is told how many documents wait.
	Counted func(int)
}

// newQueue makes the presenter; it loads nothing yet.
func newQueue(s *Services, l Loop) *Queue {
	return &Queue{
		services: s, loop: l, state: QueueState{Selected: -1},
		Changed: func(QueueState) {}, Open: func(*docsys.Document, string) {}, Counted: func(int) {},
	}
}

// State gives the state as it is.
func (q *Queue) State() QueueState { return q.state }

// Refresh asks the server again. What is shown stays until the answer comes.
func (q *Queue) Refresh() {
	if q.services.Inbox == nil {
		q.publish(nil)
		return
	}
	q.round++
	round := q.round
	q.state.Loading = true
	q.Changed(q.state)
	q.loop.Go(func(ctx context.Context) func() {
		documents, err := q.services.Inbox.Waiting(ctx)
		return func() {
			if round != q.round {
				return
			}
			if err == nil {
				q.served = q.rows(documents)
			}
			q.publish(err)
		}
	})
}

// AddFiles puts local files at the head of the queue. Those that are no PDF by
// their name are left out; it returns how many were taken.
func (q *Queue) AddFiles(paths []string) int {
	taken := 0
	for _, p := range paths {
		if !strings.EqualFold(filepath.Ext(p), ".pdf") {
			continue
		}
		taken++
		q.local = slices.DeleteFunc(q.local, func(r QueueRow) bool { return r.path == p })
		q.local = slices.Insert(q.local, taken-1, QueueRow{
			Subject: filepath.Base(p), Reference: "", Type: "", Local: true,
			Wanted: say("queue.local"), path: p,
		})
	}
	q.publish(nil)
	return taken
}

// Select marks a row for Enter.
func (q *Queue) Select(row int) {
	if len(q.state.Rows) == 0 {
		return
	}
	q.state.Selected = min(max(row, 0), len(q.state.Rows)-1)
	q.Changed(q.state)
}

// OpenRow opens a row.
func (q *Queue) OpenRow(row int) {
	if row < 0 || row >= len(q.state.Rows) {
		return
	}
	q.state.Selected = row
	r := q.state.Rows[row]
	q.Open(r.document, r.path)
}

// done takes a document that was signed out of the queue.
func (q *Queue) done(d *docsys.Document, path string) {
	same := func(r QueueRow) bool {
		return (d != nil && r.document != nil && r.document.ID == d.ID) || (d == nil && path != "" && r.path == path)
	}
	q.local = slices.DeleteFunc(q.local, same)
	q.served = slices.DeleteFunc(q.served, same)
	q.publish(nil)
}

// publish makes the state from local and served rows and shows it.
func (q *Queue) publish(err error) {
	rows := slices.Concat(q.local, q.served)
	selected := q.state.Selected
	if selected < 0 && len(rows) > 0 {
		selected = 0
	}
	q.state = QueueState{Problem: q.services.problem(err), Rows: rows, Selected: min(selected, len(rows)-1)}
	q.state.Summary = q.summary(rows)
	switch {
	case len(rows) > 0 || err != nil:
	case q.services.Inbox == nil:
		q.state.Empty, q.state.EmptyHelp = say("queue.noserver"), say("queue.noserver.help")
	default:
		q.state.Empty, q.state.EmptyHelp = say("queue.empty"), say("queue.empty.help")
	}
	q.Counted(len(rows))
	q.Changed(q.state)
}

// summary counts what waits and what is late.
func (q *Queue) summary(rows []QueueRow) Text {
	late := 0
	for _, r := range rows {
		if r.DueTone == Bad {
			late++
		}
	}
	if late > 0 {
		return say("queue.summary.late", "Count", len(rows), "Late", late)
	}
	return say("queue.summary", "Count", len(rows))
}

// rows makes rows of documents: those with a file first, then urgent ones, then
// by due day, then as they came.
func (q *Queue) rows(documents []docsys.Document) []QueueRow {
	documents = slices.Clone(documents)
	slices.SortStableFunc(documents, func(a, b docsys.Document) int {
		return cmp.Or(compareBool(a.Version == "", b.Version == ""), -compareBool(a.Urgent, b.Urgent), compareDue(a.DueOn, b.DueOn))
	})
	rows := make([]QueueRow, len(documents))
	for i := range documents {
		rows[i] = q.row(&documents[i])
	}
	return rows
}

// compareBool orders false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// compareDue orders days, those without a due day last.
func compareDue(a, b string) int {
	if a == "" || b == "" {
		return compareBool(a == "", b == "")
	}
	return cmp.Compare(a, b)
}

// row makes the row of a document.
func (q *Queue) row(d *docsys.Document) QueueRow {
	r := QueueRow{
		Subject: d.Subject, Reference: reference(d), Type: d.Type, Drafter: d.Drafter,
		Date: Date(d.IssuedOn), Urgent: d.Urgent, document: d,
	}
	r.Wanted = say("queue.wanted." + string(roleOf(d, q.services.Person)))
	r.Initials, r.InitialsTone = initials(d)
	r.Due, r.DueTone = due(d.DueOn, q.services.today())
	if d.Version == "" {
		r.WhyNot = say("queue.nofile")
	}
	return r
}

// documents gives what waits on the server, as the newest answer has it.
func (q *Queue) documents() []docsys.Document {
	var out []docsys.Document
	for _, r := range q.served {
		if r.document != nil {
			out = append(out, *r.document)
		}
	}
	return out
}

// reference is number and notation as printed.
func reference(d *docsys.Document) string {
	if d.Number == "" || d.Notation == "" {
		return d.Number + d.Notation
	}
	return d.Number + "/" + d.Notation
}

// initials says who has initialled a document.
func initials(d *docsys.Document) (Text, Tone) {
	switch {
	case len(d.InitialledBy) > 0:
		return say("queue.initialled", "Names", strings.Join(d.InitialledBy, ", ")), Good
	case slices.Contains(d.Missing, "initials"):
		return say("queue.notinitialled"), Caution
	}
	return Text{}, Plain
}

// due says when a signature is due, seen from today.
func due(day, today string) (Text, Tone) {
	switch {
	case day == "":
		return Text{}, Plain
	case day < today:
		return say("queue.overdue", "Date", Date(day)), Bad
	case day == today:
		return say("queue.duetoday"), Caution
	}
	return say("queue.due", "Date", Date(day)), Quiet
}
