package journal_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kyso/app/journal"
)

func at() time.Time { return time.Date(2026, 11, 25, 1, 2, 3, 456, time.UTC) }

// written makes a journal of n entries and gives its folder.
func written(t *testing.T, n int) string {
	t.Helper()
	folder := t.TempDir()
	j := open(t, folder)
	for i := range n {
		if err := j.Append(journal.Entry{Kind: journal.Signed, At: at(), Title: fmt.Sprintf("Công văn %d <&>", i), SHA256: "ab"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return folder
}

func open(t *testing.T, folder string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestWhatWasWrittenIsThereAndHolds(t *testing.T) {
	folder := written(t, 3)
	j := open(t, folder)
	if err := j.Append(journal.Entry{Kind: journal.Accepted, At: at(), Title: "x"}); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, folder)
	defer again.Close() //nolint:errcheck // only read
	all := again.Entries()
	if again.Broken() != nil || len(all) != 4 || all[3].Number != 4 || all[3].Before != all[2].Hash || all[1].Title != "Công văn 1 <&>" {
		t.Errorf("got %+v, broken %+v", all, again.Broken())
	}
}

func TestABrokenChainIsToldWithItsPlace(t *testing.T) {
	cases := map[string]struct {
		change func(lines [][]byte) [][]byte
		want   journal.Break
	}{
		"a word was changed":      {func(l [][]byte) [][]byte { l[1] = bytes.Replace(l[1], []byte("Công"), []byte("Tông"), 1); return l }, journal.Break{Line: 2}},
		"a line was taken out":    {func(l [][]byte) [][]byte { return append(l[:1:1], l[2:]...) }, journal.Break{Line: 2}},
		"two lines were swapped":  {func(l [][]byte) [][]byte { l[1], l[2] = l[2], l[1]; return l }, journal.Break{Line: 2}},
		"a line is no JSON":       {func(l [][]byte) [][]byte { l[2] = []byte("xxx"); return l }, journal.Break{Line: 3}},
		"the last ones are gone":  {func(l [][]byte) [][]byte { return l[:2] }, journal.Break{Line: 3, Last: true}},
		"all lines are gone":      {func([][]byte) [][]byte { return nil }, journal.Break{Line: 1, Last: true}},
		"the first line was gone": {func(l [][]byte) [][]byte { return l[1:] }, journal.Break{Line: 1}},
	}
	for name, tt := range cases {
		t.Run(name, func(t *testing.T) {
			folder := written(t, 4)
			path := filepath.Join(folder, "journal.jsonl")
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			lines := tt.change(bytes.Split(bytes.TrimSuffix(b, []byte("\n")), []byte("\n")))
			text := bytes.Join(lines, []byte("\n"))
			if len(lines) > 0 {
				text = append(text, '\n')
			}
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
			for range 2 { // it stays told, also after further entries
				j := open(t, folder)
				if got := j.Broken(); got == nil || *got != tt.want {
					t.Fatalf("got %+v, want %+v", got, tt.want)
				}
				if err := j.Append(journal.Entry{Kind: journal.Signed, At: at()}); err != nil {
					t.Fatal(err)
				}
				if err := j.Close(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestALineThatAPowerCutLeftHalfIsDropped(t *testing.T) {
	folder := written(t, 2)
	path := filepath.Join(folder, "journal.jsonl")
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"n":3,"at":"2026`); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	j := open(t, folder)
	defer j.Close() //nolint:errcheck // only read
	if err := j.Append(journal.Entry{Kind: journal.Signed, At: at()}); err != nil || j.Broken() != nil || len(j.Entries()) != 3 {
		t.Errorf("got %d entries, %+v, %v", len(j.Entries()), j.Broken(), err)
	}
}
