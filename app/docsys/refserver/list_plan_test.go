package refserver //nolint:testpackage // it looks at the plan of the database

import (
	"strings"
	"testing"
	"time"
)

// A list must not read all duties of a kind for every document: the board of a
// ward with a year of documents took seconds then.
func TestTheListFindsDutiesByTheirDocument(t *testing.T) {
	s, err := OpenIdle(t.Context(), Config{Data: t.TempDir(), Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // the test ends
	rows, err := s.db.Query(t.Context(), `EXPLAIN QUERY PLAN SELECT d.id FROM document d WHERE d.unit='KL'
		AND EXISTS (SELECT 1 FROM obligation o WHERE o.document=d.id AND o.kind='approval' AND o.status='open')`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // only read
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(plan, "\n"), "obligation_document (document=? AND kind=? AND status=?)") {
		t.Errorf("got the plan %q", plan)
	}
}
