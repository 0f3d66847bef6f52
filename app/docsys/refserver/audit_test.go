package refserver_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"kyso/app/docsys/api"
	"kyso/app/docsys/auditlog"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
)

func TestTheAuditLogProvesItself(t *testing.T) {
	m := ward(t, site.NewClock())
	me := m.site.As(site.Chairman)
	var memory auditlog.Memory
	var sizes []int64
	for range 3 {
		m.issued(t, nil)
		var err error
		if memory, err = me.Audit(t.Context(), memory); err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, memory.Last.Size)
	}
	if sizes[0] >= sizes[1] || sizes[1] >= sizes[2] {
		t.Errorf("the log has the sizes %v", sizes)
	}
	t.Run("every entry is in it", func(t *testing.T) {
		for seq := range memory.Last.Size {
			var in api.Inclusion
			m.get(t, "kiem-toan", fmt.Sprintf("/audit/inclusion?seq=%d&size=%d", seq, memory.Last.Size), &in)
			if err := auditlog.CheckInclusion(memory.Last, seq, []byte(in.Entry), in.Proof); err != nil {
				t.Errorf("entry %d: %v", seq, err)
			}
		}
	})
	t.Run("one sees one's own entries", func(t *testing.T) {
		seen := 0
		for seq := range memory.Last.Size {
			resp, body := m.send(t, secretary, http.MethodGet, fmt.Sprintf("/audit/inclusion?seq=%d&size=%d", seq, memory.Last.Size), "")
			if resp.StatusCode == http.StatusOK {
				seen++
			} else if resp.StatusCode != http.StatusForbidden {
				t.Errorf("entry %d: %d %s", seq, resp.StatusCode, body)
			}
		}
		if want := 3 * 3; seen != want { // created, file received, submitted
			t.Errorf("the secretary sees %d entries, want %d", seen, want)
		}
	})
	t.Run("no text of a document is in it", func(t *testing.T) {
		var list api.AuditEntries
		m.get(t, "kiem-toan", "/audit/entries?limit=1000", &list)
		if int64(len(list.Entries)) != list.Size || list.Size < 30 {
			t.Errorf("%d entries of %d", len(list.Entries), list.Size)
		}
		for _, e := range list.Entries {
			if strings.Contains(e, "đi hết đường") {
				t.Errorf("entry %s", e)
			}
		}
	})
	t.Run("sizes that are not there", func(t *testing.T) {
		for _, path := range []string{
			"/audit/consistency?from=0&to=1", "/audit/consistency?from=5&to=4", "/audit/consistency?from=1&to=99999",
			"/audit/inclusion?seq=-1&size=3", "/audit/inclusion?seq=3&size=3", "/audit/inclusion?seq=0&size=99999",
		} {
			if resp, body := m.send(t, "kiem-toan", http.MethodGet, path, ""); resp.StatusCode != http.StatusBadRequest {
				t.Errorf("%s: %d %s", path, resp.StatusCode, body)
			}
		}
	})
}

func TestTheDesktopTellsWhenHistoryWasRewritten(t *testing.T) {
	first, second := ward(t, site.NewClock()), ward(t, site.NewClock())
	first.issued(t, nil)
	memory, err := first.site.As(site.Chairman).Audit(t.Context(), auditlog.Memory{})
	if err != nil {
		t.Fatal(err)
	}
	second.issued(t, nil)
	again, err := second.site.As(site.Chairman).Audit(t.Context(), memory)
	if !errors.Is(err, auditlog.ErrUnsigned) || again != memory {
		t.Errorf("another server's log: %v", err)
	}
}

func TestALogAndItsKeyBelongTogether(t *testing.T) {
	dir := t.TempDir()
	s := site.Start(t, dir, site.NewClock(), site.Options{NoYear: true})
	s.Stop()
	replaceKey(t, dir)
	_, err := refserver.Open(t.Context(), refserver.Config{Data: dir, Postgres: site.Database(t, dir), Verifier: site.Marked, Clock: site.NewClock().Now})
	if err == nil || !strings.Contains(err.Error(), "another key") {
		t.Errorf("opened with another key: %v", err)
	}
}

// replaceKey puts the key of another server into a data folder.
func replaceKey(t *testing.T, dir string) {
	t.Helper()
	other := t.TempDir()
	site.Start(t, other, site.NewClock(), site.Options{NoYear: true}).Stop()
	copyFile(t, other+"/audit.key", dir+"/audit.key")
}

func TestEntriesAreWhatTheyWere(t *testing.T) {
	m := ward(t, site.NewClock())
	m.issued(t, nil)
	var list api.AuditEntries
	m.get(t, "kiem-toan", "/audit/entries?from=3&limit=5", &list)
	for i, raw := range list.Entries {
		var e struct {
			Seq   int64  `json:"seq"`
			Event string `json:"event"`
			At    string `json:"at"`
		}
		if err := json.Unmarshal([]byte(raw), &e); err != nil || e.Seq != int64(3+i) || e.Event == "" || !strings.HasPrefix(e.At, "2026-11-23T03:00:00") {
			t.Errorf("entry %d: %s, %v", i, raw, err)
		}
	}
	if len(list.Entries) != 5 {
		t.Errorf("%d entries, want 5", len(list.Entries))
	}
}
