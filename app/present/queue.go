package present

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"kyso/app/docsys"
	"kyso/app/signing"
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
	// Search and Filter say which rows are shown; Hidden is how many are not.
	Search string
	Filter Filter
	Hidden int
	// Sort says in which order.
	Sort Sort
	// Chosen is how many rows are chosen to be signed together. Together is how
	// many would be: the chosen ones, else all that can be opened.
	Chosen, Together int
}

// Filter chooses rows of the queue.
type Filter string

// The filters.
const (
	FilterAll      Filter = ""
	FilterLate     Filter = "late"     // overdue or due today
	FilterUrgent   Filter = "urgent"   // marked urgent
	FilterInitials Filter = "initials" // initials are missing
	FilterLocal    Filter = "local"    // files of this machine
)

// Filters are all filters in the order in which they are offered.
func Filters() []Filter {
	return []Filter{FilterAll, FilterLate, FilterUrgent, FilterInitials, FilterLocal}
}

// Sort is an order of the queue. Files of this machine come first in each.
type Sort string

// The orders.
const (
	SortNeeded    Sort = ""          // urgent ones first, then by due day
	SortNewest    Sort = "newest"    // by day, the newest first
	SortReference Sort = "reference" // by notation, then by number
	SortDrafter   Sort = "drafter"   // by who submitted it
)

// Sorts are all orders in the order in which they are offered.
func Sorts() []Sort { return []Sort{SortNeeded, SortNewest, SortReference, SortDrafter} }

// compare orders rows of the server's documents; equal ones stay as they are needed.
func (s Sort) compare(a, b *QueueRow) int {
	switch s {
	case SortNewest:
		return cmp.Compare(b.document.IssuedOn, a.document.IssuedOn)
	case SortReference:
		return cmp.Or(cmp.Compare(unaccented(a.document.Notation), unaccented(b.document.Notation)),
			cmp.Compare(len(a.document.Number), len(b.document.Number)), cmp.Compare(a.document.Number, b.document.Number))
	case SortDrafter:
		return cmp.Compare(unaccented(a.Drafter), unaccented(b.Drafter))
	case SortNeeded:
	}
	return 0
}

// admits reports that a row is shown under the filter.
func (f Filter) admits(r *QueueRow) bool {
	switch f {
	case FilterLate:
		return r.DueTone == Bad || r.DueTone == Caution
	case FilterUrgent:
		return r.Urgent
	case FilterInitials:
		return r.InitialsTone == Caution
	case FilterLocal:
		return r.Local
	case FilterAll:
	}
	return true
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
	// Joint says that several units issue the document together, and how many of
	// them have approved it; Replaces that it replaces an issued one.
	Joint, Replaces Text
	// Local reports a file of this machine.
	Local bool
	// WhyNot says why the document cannot be opened here, such as no file yet.
	WhyNot Text
	// Chosen marks a row that is signed together with others.
	Chosen bool

	document *docsys.Document
	path     string
	text     string // what a search looks at, unaccented
}

// Queue is the presenter of what waits for the person.
type Queue struct {
	services *Services
	loop     Loop
	state    QueueState
	local    []QueueRow
	served   []QueueRow
	round    int             // of the newest request; older answers are dropped
	chosen   map[string]bool // rows by their key
	search   string
	filter   Filter
	sort     Sort
	problem  *Problem // of the newest answer
	nobody   bool     // the newest answer was that nobody is logged in
	seen     fresh    // what the server listed, by ID

	// Changed is told each new state.
	Changed func(QueueState)
	// Open is asked to show a document of the server, or a local file when d is nil.
	Open func(d *docsys.Document, path string)
	// OpenTogether is asked to show many documents at once.
	OpenTogether func([]Item)
	// Counted is told how many documents wait, Arrived how many came with an answer
	// of the server.
	Counted, Arrived func(int)
	// LoggedIn is told with an answer of the server whether somebody is logged in.
	LoggedIn func(bool)
}

// newQueue makes the presenter; it loads nothing yet.
func newQueue(s *Services, l Loop) *Queue {
	return &Queue{
		services: s, loop: l, state: QueueState{Selected: -1}, chosen: map[string]bool{},
		Changed: func(QueueState) {}, Open: func(*docsys.Document, string) {}, Counted: func(int) {}, Arrived: func(int) {},
		OpenTogether: func([]Item) {}, LoggedIn: func(bool) {},
	}
}

// State gives the state as it is.
func (q *Queue) State() QueueState { return q.state }

// Refresh asks the server again. What is shown stays until the answer comes.
func (q *Queue) Refresh() {
	if q.services.Inbox == nil {
		q.publish()
		return
	}
	q.round++
	round := q.round
	q.state.Loading = true
	q.Changed(q.state)
	q.loop.Go(func(ctx context.Context) func() {
		documents, err := q.services.Inbox.Waiting(ctx)
		rows := q.rows(documents)
		return func() {
			if round != q.round {
				return
			}
			if err == nil {
				q.served = rows
				q.arrived(documents)
			}
			q.nobody = isLogInRequired(err)
			if q.problem = nil; !q.nobody { // that nobody is logged in is told once, over all screens
				q.problem = q.services.problem(err)
			}
			q.publish()
			if err == nil || q.nobody {
				q.LoggedIn(err == nil)
			}
		}
	})
}

// isLogInRequired reports that the server knows nobody by the session, or none.
func isLogInRequired(err error) bool {
	p, ok := errors.AsType[*docsys.Problem](err)
	return ok && p.Status == http.StatusUnauthorized
}

// arrived tells how many documents were not listed before.
func (q *Queue) arrived(documents []docsys.Document) {
	names := make([]string, len(documents))
	for i := range documents {
		names[i] = documents[i].ID
	}
	if n := q.seen.look(names); n > 0 {
		q.Arrived(n)
	}
}

// AddFiles puts local files at the head of the queue. Those that are no PDF by
// their name are left out; it returns how many were taken.
func (q *Queue) AddFiles(paths []string) int {
	taken := 0
	for _, p := range paths {
		if !isPDF(p) {
			continue
		}
		taken++
		q.local = slices.DeleteFunc(q.local, func(r QueueRow) bool { return r.path == p })
		q.local = slices.Insert(q.local, taken-1, QueueRow{
			Subject: filepath.Base(p), Reference: "", Type: "", Local: true,
			Wanted: say("queue.local"), path: p, text: unaccented(filepath.Base(p)),
		})
	}
	q.publish()
	return taken
}

// newest are the local files that were added last.
func (q *Queue) newest(n int) []Item {
	var items []Item
	for _, r := range q.local[:min(n, len(q.local))] {
		items = append(items, Item{Path: r.path})
	}
	return items
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

// Search shows the rows that hold all the words; Filter those that a filter admits.
func (q *Queue) Search(text string) {
	q.search = text
	q.publish()
}

// Filter chooses which rows are shown.
func (q *Queue) Filter(f Filter) {
	q.filter = f
	q.publish()
}

// Sort chooses their order.
func (q *Queue) Sort(s Sort) {
	q.sort = s
	q.publish()
}

// sorted are the rows of the server in the order that was chosen.
func (q *Queue) sorted() []QueueRow {
	rows := q.served
	if q.sort != SortNeeded {
		rows = slices.Clone(rows)
		slices.SortStableFunc(rows, func(a, b QueueRow) int { return q.sort.compare(&a, &b) })
	}
	return rows
}

// matching are the rows that are shown.
func (q *Queue) matching(rows []QueueRow) []QueueRow {
	words := strings.Fields(unaccented(q.search))
	return slices.DeleteFunc(rows, func(r QueueRow) bool {
		return !q.filter.admits(&r) || slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(r.text, w) })
	})
}

// key tells rows apart from one answer of the server to the next.
func (r *QueueRow) key() string {
	if r.document != nil {
		return "document " + r.document.ID
	}
	return "file " + r.path
}

// openable reports that there is a file to open.
func (r *QueueRow) openable() bool { return r.WhyNot.Key == "" }

// Choose takes a row into what is signed together, or out of it.
func (q *Queue) Choose(row int) {
	if row < 0 || row >= len(q.state.Rows) || !q.state.Rows[row].openable() {
		return
	}
	q.state.Selected = row
	if k := q.state.Rows[row].key(); q.chosen[k] {
		delete(q.chosen, k)
	} else {
		q.chosen[k] = true
	}
	q.publish()
}

// ChooseAll chooses every row, or none when all are chosen.
func (q *Queue) ChooseAll() {
	all := q.state.Chosen == len(q.openable())
	clear(q.chosen)
	if !all {
		for _, r := range q.openable() {
			q.chosen[r.key()] = true
		}
	}
	q.publish()
}

// openable are the rows with a file.
func (q *Queue) openable() []QueueRow {
	return slices.DeleteFunc(slices.Clone(q.state.Rows), func(r QueueRow) bool { return !r.openable() })
}

// SignTogether shows the chosen documents, else all, on one sheet.
func (q *Queue) SignTogether() {
	var items []Item
	for _, r := range q.openable() {
		if q.state.Chosen == 0 || r.Chosen {
			items = append(items, Item{Document: r.document, Path: r.path})
		}
	}
	if len(items) > 0 {
		q.OpenTogether(items)
	}
}

// done takes a document that was signed out of the queue.
func (q *Queue) done(d *docsys.Document, path string) {
	same := func(r QueueRow) bool {
		return (d != nil && r.document != nil && r.document.ID == d.ID) || (d == nil && path != "" && r.path == path)
	}
	q.local = slices.DeleteFunc(q.local, same)
	q.served = slices.DeleteFunc(q.served, same)
	q.publish()
}

// publish makes the state from local and served rows and shows it.
func (q *Queue) publish() {
	all := slices.Concat(q.local, q.sorted())
	rows := q.matching(slices.Clone(all))
	selected := q.state.Selected
	if selected < 0 && len(rows) > 0 {
		selected = 0
	}
	q.state = QueueState{
		Problem: q.problem, Rows: rows, Selected: min(selected, len(rows)-1),
		Search: q.search, Filter: q.filter, Sort: q.sort, Hidden: len(all) - len(rows), Summary: q.summary(all),
	}
	if (q.problem != nil || q.nobody) && len(all) == 0 {
		q.state.Summary = Text{} // nobody knows how many wait
	}
	q.countChosen()
	switch {
	case len(rows) > 0 || q.problem != nil:
	case len(all) > 0:
		q.state.Empty, q.state.EmptyHelp = say("queue.nomatch"), say("queue.nomatch.help", "Count", len(all))
	case q.nobody:
		q.state.Empty, q.state.EmptyHelp = say("queue.nobody"), say("queue.nobody.help")
	case q.services.Inbox == nil:
		q.state.Empty, q.state.EmptyHelp = say("queue.noserver"), say("queue.noserver.help")
	default:
		q.state.Empty, q.state.EmptyHelp = say("queue.empty"), say("queue.empty.help")
	}
	q.Counted(len(all))
	q.Changed(q.state)
}

// countChosen marks the chosen rows and forgets those that are gone.
func (q *Queue) countChosen() {
	there := map[string]bool{}
	for i := range q.state.Rows {
		r := &q.state.Rows[i]
		r.Chosen = q.chosen[r.key()]
		if r.Chosen {
			there[r.key()] = true
			q.state.Chosen++
		}
		if r.openable() {
			q.state.Together++
		}
	}
	q.chosen = there
	if q.state.Chosen > 0 {
		q.state.Together = q.state.Chosen
	}
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
// by due day, then as they came. It runs off the window's goroutine.
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
		Subject: headline(d.Subject, d.ID), Reference: reference(d), Type: d.Type, Drafter: d.Drafter,
		Date: Date(d.IssuedOn), Urgent: d.Urgent, document: d,
	}
	r.Wanted = say("queue.wanted." + string(roleOf(d, q.services.Person)))
	r.Initials, r.InitialsTone = initials(d)
	r.Joint = joint(d)
	if d.Replaces != "" {
		r.Replaces = say("queue.replaces")
	}
	r.Due, r.DueTone = due(d.DueOn, q.services.today())
	if d.Version == "" {
		r.WhyNot = say("queue.nofile")
	}
	r.text = unaccented(strings.Join([]string{r.Subject, r.Reference, r.Type, r.Drafter, r.Date}, " "))
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

// headline is the subject of a document (trích yếu) as it heads a row or a screen:
// it begins with a capital, as on paper it does not after "V/v". The name of a file
// without a document of the system stays as it is.
func headline(subject, document string) string {
	first, n := utf8.DecodeRuneInString(subject)
	if n == 0 || strings.HasPrefix(document, signing.FilePrefix) {
		return subject
	}
	return string(unicode.ToUpper(first)) + subject[n:]
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

// joint says how many of the units that issue a document together have approved it.
func joint(d *docsys.Document) Text {
	if len(d.CoIssuers) == 0 {
		return Text{}
	}
	signed := map[string]bool{}
	for _, a := range d.Approvals {
		signed[a.Unit] = true
	}
	return say("queue.joint", "Signed", len(signed), "Units", len(d.CoIssuers)+1)
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
