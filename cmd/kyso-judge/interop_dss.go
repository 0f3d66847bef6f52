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
	program := filepath.Join(i.dir, "Dss.java")
	if err := os.WriteFile(program, dssProgram, 0o600); err != nil {
		return nil, fmt.Errorf("write the program: %w", err)
	}
	var asked strings.Builder
	for _, e := range entries {
		help := "online"
		if e.alone() {
			help = "alone"
		}
		fmt.Fprintln(&asked, strings.Join([]string{e.Path, e.Root, e.Known[0], help, e.Password}, "\t"))
	}
	c := exec.CommandContext(ctx, "java", "-cp", filepath.Join(i.dss, "*"), program) //nolint:gosec // a developer names them
	c.Stdin, c.Stderr = strings.NewReader(asked.String()), os.Stderr
	said, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("EU DSS: %w", err)
	}
	var out []verdict
	for decoder := json.NewDecoder(strings.NewReader(string(said))); ; {
		var a dssAnswer
		if err := decoder.Decode(&a); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("EU DSS: %w", err)
		}
		out = append(out, a.verdict())
	}
	if len(out) != len(entries) {
		return nil, fmt.Errorf("EU DSS: %d answers to %d files", len(out), len(entries))
	}
	return out, nil
}
