package refserver_test

import (
	"regexp"
	"strings"
	"testing"

	site "kyso/app/docsys/refserver/refservertest"
)

// whole is a step of a plan that reads all rows of a table that grows with the
// documents, whether or not through an index.
var whole = regexp.MustCompile(`^SCAN (document|version|signature|obligation|step|explanation|audit|audit_hash|feed|idem|d|v|s|o|t)\b`)

// mayReadAll are the statements that look at everything, with the reason.
var mayReadAll = map[string]string{
	"LIMIT 20": "the check of the data, which an administrator asks for",
	"GROUP BY": "sums computed anew to be compared, or after a restore",
	"SELECT DISTINCT d.current FROM signature s": "open duties of a unit whose authorities change",
}

// narrow sees that no statement that a test had run reads a whole table: such a
// call is quick in every test and stops a province. SQLite only.
func narrow(t *testing.T, s *site.Site) {
	t.Helper()
	plans, err := s.Server.Plans(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for statement, plan := range plans {
		allowed := false
		for part := range mayReadAll {
			allowed = allowed || strings.Contains(statement, part)
		}
		for _, step := range plan {
			if !allowed && whole.MatchString(step) {
				t.Errorf("%s\nreads a whole table: %s", statement, step)
			}
		}
	}
}
