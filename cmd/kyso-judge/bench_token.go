package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"kyso/signer"
	"kyso/signer/signertest"
)

// levelRow signs with a time stamp of a server on this computer.
func (b *benchmark) levelRow(ctx context.Context) error {
	server, err := signertest.Start(signertest.Options{})
	if err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	defer server.Close() //nolint:errcheck // the process ends
	in, err := b.file("stamped", scan(0.2))
	if err != nil {
		return err
	}
	type two struct{ plain, stamped float64 }
	var all []two
	for range 2 * b.runs {
		t := benchTask{Mode: "sign", In: in, Out: filepath.Join(b.dir, "signed.pdf")}
		plain, err := b.child(ctx, t)
		if err != nil {
			return err
		}
		t.Level, t.TSA, t.Anchor = signer.LevelT, server.BaseURL()+signertest.PathTSA, server.Root().Raw
		t.Issuer = server.Chain()[0].Raw
		stamped, err := b.child(ctx, t)
		if err != nil {
			return err
		}
		all = append(all, two{plain.Seconds, stamped.Seconds})
	}
	b.add("level-B-T-0.2MB",
		figureOf{"bb_s", medianOf(all, func(t two) float64 { return t.plain }), "s"},
		figureOf{"bt_s", medianOf(all, func(t two) float64 { return t.stamped }), "s"},
		figureOf{"ratio_bb", medianOf(all, func(t two) float64 { return t.stamped / t.plain }), ""})
	return nil
}

// slowRow compares a batch through the helper process with a token that takes
// its time.
func (b *benchmark) slowRow(ctx context.Context) error {
	setup, err := b.slowSetup()
	if err != nil {
		return err
	}
	ratio, err := b.batchRow(ctx, "batch-token-100ms", setup, slowCount, 1)
	b.atLeast("a token of 100 ms", ratio, barSlow)
	return err
}

// fastRow is slowRow with SoftHSM as fast as it is.
func (b *benchmark) fastRow(ctx context.Context) error {
	ratio, err := b.batchRow(ctx, "batch-softhsm", b.setup, fastCount, b.batches)
	b.atLeast("SoftHSM", ratio, barFast)
	return err
}

// papers makes so many files of 200 kB.
func (b *benchmark) papers(count int) ([]string, error) {
	var paper bytes.Buffer
	if err := scan(0.2)(&paper); err != nil {
		return nil, err
	}
	var files []string
	for i := range count {
		path, err := b.file(fmt.Sprintf("batch%04d", i), func(w io.Writer) error {
			_, err := w.Write(paper.Bytes())
			return err //nolint:wrapcheck // file wraps it
		})
		if err != nil {
			return nil, err
		}
		files = append(files, path)
	}
	return files, nil
}

// slowSetup puts the module that delays every signature before SoftHSM.
func (b *benchmark) slowSetup() (childSetup, error) {
	fault, err := filepath.Abs(b.fault)
	if err != nil {
		return childSetup{}, fmt.Errorf("find the module: %w", err)
	}
	rules := filepath.Join(b.dir, "rules")
	text := fmt.Sprintf("module %s\ndelay C_Sign %s\n", b.setup.Module, slowToken)
	if err := os.WriteFile(rules, []byte(text), 0o600); err != nil {
		return childSetup{}, fmt.Errorf("write the rules: %w", err)
	}
	s := b.setup
	s.Module, s.Env = fault, append([]string{"FAULTP11_CONF=" + rules}, s.Env...)
	return s, nil
}

func (b *benchmark) batchRow(ctx context.Context, name string, s childSetup, count, runs int) (float64, error) {
	files, err := b.papers(count)
	if err != nil {
		return 0, err
	}
	type two struct{ bare, batch, peak float64 }
	var all []two
	for i := range runs {
		// What was written stays until the end: a file system that has just removed
		// thousands of files makes new ones slowly.
		out := filepath.Join(b.dir, name+strconv.Itoa(i))
		bare, err := b.bareRate(ctx, s, len(files))
		if err != nil {
			return 0, err
		}
		if err := os.Mkdir(out, 0o700); err != nil {
			return 0, fmt.Errorf("make the folder: %w", err)
		}
		a, err := b.child(ctx, benchTask{Mode: "batch", Setup: s, Files: files, Out: out})
		if err != nil {
			return 0, err
		}
		if err := forget(out); err != nil {
			return 0, err
		}
		all = append(all, two{bare, float64(len(files)) / a.Seconds, a.PeakMB})
	}
	ratio := medianOf(all, func(t two) float64 { return t.batch / t.bare })
	b.add(name,
		figureOf{"documents", float64(len(files)), ""},
		figureOf{"bare_per_s", medianOf(all, func(t two) float64 { return t.bare }), "/s"},
		figureOf{"batch_per_s", medianOf(all, func(t two) float64 { return t.batch }), "/s"},
		figureOf{"ratio", ratio, ""},
		figureOf{"peak_mb", medianOf(all, func(t two) float64 { return t.peak }), "MB"})
	return ratio, nil
}

// bareRate is how many signatures a second the token makes when nothing else is
// done: C_SignInit and C_Sign in a loop, in a program in C.
func (b *benchmark) bareRate(ctx context.Context, s childSetup, count int) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, b.bare, s.Module, string(s.PIN), strconv.Itoa(count)) //nolint:gosec // a throwaway PIN
	c.Env, c.Stderr = append(os.Environ(), s.Env...), os.Stderr
	out, err := c.Output()
	if err != nil {
		return 0, fmt.Errorf("the token alone: %w", err)
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil || seconds <= 0 {
		return 0, fmt.Errorf("the token alone: %q", out)
	}
	return float64(count) / seconds, nil
}
