package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestASampleIsSpreadAndAlwaysTheSame(t *testing.T) {
	names := []string{"a/1.pdf", "a/2.pdf", "a/3.pdf", "a/4.pdf", "b/1.pdf", "c/1.pdf", "top.pdf"}
	got := sample(names, 5)
	backwards := slices.Clone(names)
	slices.Reverse(backwards)
	if diff := cmp.Diff(got, sample(backwards, 5)); diff != "" {
		t.Errorf("the order of the names changes the sample:\n%s", diff)
	}
	folders := map[string]int{}
	for _, name := range got {
		folders[folderOf(name)]++
	}
	if diff := cmp.Diff(map[string]int{"a": 2, "b": 1, "c": 1, ".": 1}, folders); diff != "" {
		t.Errorf("files of each folder (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(names, sample(names, 0)); diff != "" {
		t.Errorf("no sample is everything:\n%s", diff)
	}
}

func TestThePasswordOfTheFirstPatternThatFitsCounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "passwords")
	if err := os.WriteFile(path, []byte("# known\n\na/secret-*.pdf\tmật khẩu\na/*\t \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := readPasswords(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a/secret-1.pdf": "mật khẩu", "a/other.pdf": " ", "b/secret-1.pdf": ""} {
		if got := string(p.of(name)); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if err := os.WriteFile(path, []byte("no tabulator\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readPasswords(path); err == nil {
		t.Error("a line without a tabulator is taken")
	}
}

func TestTheBarsHoldOnlyWhenAlmostAllIsWell(t *testing.T) {
	well := fileReport{name: "a/1.pdf", openable: true, signed: true, verified: true, kept: true}
	many := slices.Repeat([]fileReport{well}, 199)
	for name, c := range map[string]struct {
		more fileReport
		want bool
	}{
		"all well":                 {well, true},
		"one of 200 not signed":    {fileReport{openable: true}, true},
		"one refused rightly":      {fileReport{openable: true, refused: "locked", rightly: true}, true},
		"one not openable":         {fileReport{}, true},
		"one harmed":               {fileReport{openable: true, signed: true, verified: true, kept: true, harmed: true}, false},
		"one panic":                {fileReport{panicked: true}, false},
		"one without an answer":    {fileReport{hung: true}, false},
		"one original was changed": {fileReport{changed: true}, false},
	} {
		if got := newTally(append(slices.Clone(many), c.more)).good(); got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
	if newTally(append(many, fileReport{openable: true}, fileReport{openable: true})).good() {
		t.Error("two of 201 not signed are well")
	}
	if newTally(nil).good() {
		t.Error("nothing is well")
	}
}

func TestAProgramThatHangsOrDiesIsStartedAgain(t *testing.T) {
	const script = `while read -r line; do case "$line" in '"hang"') sleep 60;; '"die"') echo last words >&2; exit 3;; *) echo "$line";; esac; done`
	p := &talker{limit: time.Second, command: func(ctx context.Context) *exec.Cmd { return exec.CommandContext(ctx, "bash", "-c", script) }}
	defer p.stop()
	for _, c := range []struct {
		question string
		want     error
	}{{"one", nil}, {"hang", errHung}, {"two", nil}, {"die", errDied}, {"three", nil}} {
		var answer string
		err := p.ask(t.Context(), c.question, &answer)
		if !errors.Is(err, c.want) || err == nil && answer != c.question {
			t.Errorf("%s: %q, %v, want %v", c.question, answer, err, c.want)
		}
	}
}
