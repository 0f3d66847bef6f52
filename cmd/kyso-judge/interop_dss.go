package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"kyso/signer"
)

// dssProgram is EU DSS's side; java compiles it as it starts.
//
//go:embed Dss.java
var dssProgram []byte

// dssAnswer is EU DSS's verdict on one file.
type dssAnswer struct {
	Error      string `json:"error"`
	Valid      bool   `json:"valid"` // of a report
	Signatures []struct {
		Field      string `json:"field"`
		Indication string `json:"indication"`
		Sub        string `json:"sub"`
		Format     string `json:"format"`
		Intact     bool   `json:"intact"`
		Changes    string `json:"changes"`
		Why        string `json:"why"`
	} `json:"signatures"`
}

// verdict is the worst of the signatures'. DSS finds the level by itself.
func (a dssAnswer) verdict() verdict {
	if a.Error != "" || len(a.Signatures) == 0 {
		return verdict{why: "error: " + a.Error}
	}
	out := verdict{passed: true, level: string(signer.LevelLTA)}
	for _, s := range a.Signatures {
		out.why += fmt.Sprintf("%s %s %s %s changes: %s %s; ", s.Field, s.Indication, s.Sub, s.Format, s.Changes, s.Why)
		passed := s.Indication == "TOTAL_PASSED" && s.Intact && !strings.Contains(s.Changes, "undefined")
		if !passed && out.sub == "" {
			out.sub = strings.ReplaceAll(s.Indication, "_", "-") + " " + s.Sub
		}
		out.passed = out.passed && passed
		out.level = lower(signer.Level(strings.Replace(s.Format, "PAdES-BASELINE-", "B-", 1)), signer.Level(out.level))
	}
	return out
}

// askDSS has EU DSS judge files, with the same help as the others.
func (i *interop) askDSS(ctx context.Context, entries []judgeEntry) ([]verdict, error) {
	asked := make([]string, 0, len(entries))
	for _, e := range entries {
		help := "online"
		if e.alone() {
			help = "alone"
		}
		asked = append(asked, strings.Join([]string{e.Path, e.Root, e.Known[0], help, e.Password}, "\t"))
	}
	answers, err := i.java(ctx, asked)
	if err != nil {
		return nil, err
	}
	out := make([]verdict, len(answers))
	for n, a := range answers {
		out[n] = a.verdict()
	}
	return out, nil
}

// checkReports holds our validation reports against the schema that they follow.
func (i *interop) checkReports(ctx context.Context, reports []string) error {
	asked := make([]string, len(reports))
	for n, path := range reports {
		asked[n] = "report\t" + path
	}
	answers, err := i.java(ctx, asked)
	if err != nil {
		return err
	}
	for n, a := range answers {
		if !a.Valid {
			return fmt.Errorf("the validation report %s: %s", reports[n], a.Error)
		}
	}
	return nil
}

// java asks the program, a line for each answer.
func (i *interop) java(ctx context.Context, asked []string) ([]dssAnswer, error) {
	program := filepath.Join(i.dir, "Dss.java")
	if err := os.WriteFile(program, dssProgram, 0o600); err != nil {
		return nil, fmt.Errorf("write the program: %w", err)
	}
	c := exec.CommandContext(ctx, "java", "-cp", filepath.Join(i.dss, "*"), program) //nolint:gosec // a developer names them
	c.Stdin, c.Stderr = strings.NewReader(strings.Join(asked, "\n")+"\n"), os.Stderr
	said, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("EU DSS: %w", err)
	}
	var out []dssAnswer
	for decoder := json.NewDecoder(strings.NewReader(string(said))); ; {
		var a dssAnswer
		if err := decoder.Decode(&a); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("EU DSS: %w", err)
		}
		out = append(out, a)
	}
	if len(out) != len(asked) {
		return nil, fmt.Errorf("EU DSS: %d answers to %d questions", len(out), len(asked))
	}
	return out, nil
}
