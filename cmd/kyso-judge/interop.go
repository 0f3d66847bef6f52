package main

import (
	"context"
	"crypto/x509"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"kyso/signer/signertest"
)

// interopScript is pyHanko's side.
//
//go:embed interop.py
var interopScript []byte

// verdict is what one side says of one file, as far as both sides can say it.
type verdict struct {
	passed bool
	// level is "" when the side cannot tell.
	level string
	// sub is the indication with its sub-indication of the first signature that did
	// not pass; "" when the side cannot tell in these words.
	sub string
	// why is for the table.
	why string
}

// bad is asked for where the file was spoilt.
const bad = "no"

// row is one file of the table, judged by all sides.
type row struct {
	group, name string
	ours        verdict
	theirs      []verdict // in the order of judges
	// wants is the level that was asked for when the file was made.
	wants string
}

const judgeCount = 2

// judges are the other sides.
func judges() [judgeCount]string { return [judgeCount]string{"pyHanko", "EU DSS"} }

// agrees reports that both accept the file, and at the level that was asked for.
func (r row) agrees(theirs verdict) bool {
	if !r.ours.passed || !theirs.passed {
		same := theirs.sub == "" || theirs.sub == r.ours.sub
		return r.ours.passed == theirs.passed && r.wants == bad && same
	}
	return r.ours.level == theirs.level && r.ours.level == r.wants
}

// interopCommand has pyHanko and EU DSS judge what we sign and what pyHanko signs,
// at every level, and judges that, too. It prints a table, each disagreement with
// its explanation, and as its last line "interop files=N", and for each judge
// "agree=N explained=N unexplained=N"; etsi_reports is how many of our own
// validation reports keep to their schema, all else is an error. The exit status is 0 when no disagreement
// lacks an explanation.
func interopCommand(ctx context.Context, args []string) int {
	f := flag.NewFlagSet("interop", flag.ContinueOnError)
	python := f.String("python", "python3", "an interpreter that has pyHanko")
	dss := f.String("dss", "build/dss", "the folder with EU DSS")
	dir := f.String("dir", "", "where the files stay; a temporary folder without it")
	if f.Parse(args) != nil || f.NArg() > 0 {
		return 2
	}
	i := &interop{python: *python, dss: *dss, dir: *dir}
	if err := i.run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "interop:", err)
		return 1
	}
	return i.report(os.Stdout)
}

// interop is one run.
type interop struct {
	python, dss, dir string
	script           string // interop.py

	server *signertest.Server
	root   string // the anchor in DER, a file
	rows   []row
	// reports are the files of our validation reports.
	reports []string
}

func (i *interop) run(ctx context.Context, out io.Writer) (err error) {
	if i.dir == "" {
		if i.dir, err = os.MkdirTemp("", "kyso-interop-"); err != nil {
			return fmt.Errorf("make a folder: %w", err)
		}
		defer os.RemoveAll(i.dir) //nolint:errcheck // a temporary folder
	}
	if err := os.MkdirAll(i.dir, 0o750); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	// RSA keys for the CA: the Python side checks them with every back end.
	if i.server, err = signertest.Start(signertest.Options{Key: "RSA-2048"}); err != nil {
		return fmt.Errorf("start the test PKI: %w", err)
	}
	defer func() { err = errors.Join(err, i.server.Close()) }()
	i.script = filepath.Join(i.dir, "interop.py")
	if err := os.WriteFile(i.script, interopScript, 0o600); err != nil {
		return fmt.Errorf("write the script: %w", err)
	}
	i.root = filepath.Join(i.dir, "root.cer")
	for path, c := range map[string]*x509.Certificate{i.root: i.server.Root(), i.known()[0]: i.server.Issuing()} {
		if err := os.WriteFile(path, c.Raw, 0o600); err != nil {
			return fmt.Errorf("write a certificate: %w", err)
		}
	}
	for _, part := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"pyHanko and EU DSS judge what we sign", i.judgeOurs},
		{"we and EU DSS judge what pyHanko signs", i.judgeTheirs},
	} {
		fmt.Fprintln(out, part.name+" …")
		if err := part.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return i.checkReports(ctx, i.reports)
}

// known is the file with the issuing CA.
func (i *interop) known() []string { return []string{filepath.Join(i.dir, "issuing.cer")} }

// ask runs one command of the script with entries and reads its answers.
func ask[E, A any](ctx context.Context, i *interop, command string, entries []E) ([]A, error) {
	in, err := json.Marshal(entries)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	c := exec.CommandContext(ctx, i.python, i.script, command) //nolint:gosec // a developer names them
	c.Stdin = strings.NewReader(string(in))
	c.Stderr = os.Stderr
	said, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", i.script, command, err)
	}
	var answers []A
	for decoder := json.NewDecoder(strings.NewReader(string(said))); ; {
		var a A
		err := decoder.Decode(&a)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", i.script, command, err)
		}
		answers = append(answers, a)
	}
	if len(answers) != len(entries) {
		return nil, fmt.Errorf("%s %s: %d answers to %d entries", i.script, command, len(answers), len(entries))
	}
	return answers, nil
}

// score counts the verdicts of one judge.
type score struct{ agree, explained, unexplained int }

// report prints the table and gives the exit status.
func (i *interop) report(out io.Writer) int {
	var scores [judgeCount]score
	group := ""
	var notes []string
	for _, r := range i.rows {
		if r.group != group {
			group = r.group
			fmt.Fprintf(out, "\n%s\n%-44s %-7s %-12s %-16s %-16s\n", group, "file", "asked", "we say", "pyHanko says", "EU DSS says")
		}
		columns := []string{fmt.Sprintf("%-44s %-7s %-12s", r.name, r.wants, r.ours)}
		for n, theirs := range r.theirs {
			mark := ""
			if note := scores[n].add(n, r, theirs); note != "" {
				mark = " ≠"
				notes = append(notes, note)
			}
			columns = append(columns, fmt.Sprintf("%-16s", theirs.String()+mark))
		}
		fmt.Fprintln(out, strings.TrimRight(strings.Join(columns, " "), " "))
	}
	if len(notes) > 0 {
		fmt.Fprintf(out, "\ndisagreements\n%s\n", strings.Join(notes, "\n"))
	}
	p, d := scores[0], scores[1]
	fmt.Fprintf(out, "\ninterop files=%d agree=%d explained=%d unexplained=%d dss_agree=%d dss_explained=%d dss_unexplained=%d etsi_reports=%d\n",
		len(i.rows), p.agree, p.explained, p.unexplained, d.agree, d.explained, d.unexplained, len(i.reports))
	if p.unexplained+d.unexplained > 0 {
		return 1
	}
	return 0
}

// add counts the verdict of a judge and returns a note on a disagreement.
func (t *score) add(judge int, r row, theirs verdict) string {
	if r.agrees(theirs) {
		t.agree++
		return ""
	}
	note, ok := explanations()[judge](r, theirs)
	if ok {
		t.explained++
	} else {
		t.unexplained++
		note = "NOT EXPLAINED"
	}
	return fmt.Sprintf("≠ %s, %s: %s\n    we: %s\n    %s: %s", r.name, judges()[judge], note, r.ours.why, judges()[judge], theirs.why)
}

func (v verdict) String() string {
	if !v.passed {
		return "no"
	}
	return strings.TrimSpace("yes " + v.level)
}

// explanations say, for each judge, why a disagreement is none of ours to mend.
func explanations() [judgeCount]func(r row, theirs verdict) (string, bool) {
	return [judgeCount]func(r row, theirs verdict) (string, bool){explainPyHanko, explainDSS}
}

func explainPyHanko(r row, theirs verdict) (string, bool) {
	for sign, note := range map[string]string{
		"Illegal PDF header": "pyHanko wants %PDF- at the first byte; readers have always taken it within the first 1,024 (ISO 32000-1, annex H.3, note 13)",
		"SIG_CONSTRAINTS_FAILURE": "pyHanko's process with time knows signature time stamps only; where a document time stamp proves the time of a B-B signature, " +
			"as the baseline allows (EN 319 142-1, 6.3), it has no process to offer",
		"was modified or deleted.": "in an encrypted document pyHanko holds an entry of /VRI that it decrypted against the same one that it did not",
	} {
		// The second holds for signatures made without a time stamp only, the third
		// for encrypted documents.
		holds := sign != "SIG_CONSTRAINTS_FAILURE" || strings.HasPrefix(r.name, "B-B raised")
		holds = holds && (!strings.HasPrefix(sign, "was modified") || strings.Contains(r.name, " bits, "))
		if strings.Contains(theirs.why, sign) && holds {
			return note, true
		}
	}
	return "", false
}

func explainDSS(r row, theirs verdict) (string, bool) {
	switch {
	case strings.Contains(theirs.why, "Document format not recognized"):
		return "EU DSS wants %PDF- at the first byte; readers have always taken it within the first 1,024 (ISO 32000-1, annex H.3, note 13)", true
	case strings.Contains(theirs.why, "TOTAL_PASSED") && strings.HasPrefix(r.ours.sub, "TOTAL-FAILED") && (r.name == resizedLater || r.name == notedLater):
		return "EU DSS's own policy only warns of what came after a signature; here that fails, for any change must be detectable (law 20/2023/QH15, article 23)", true
	case strings.Contains(theirs.why, "INDETERMINATE REVOKED_NO_POE") && r.ours.sub == "TOTAL-FAILED REVOKED":
		return "the signer himself claims a time after the revocation; EU DSS leaves that open until something proves the time", true
	}
	return "", false
}
