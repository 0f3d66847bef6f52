package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"kyso/signer"
)

// The bars of verification.
const (
	barVerifyMemory = 48.0 // MB, the largest scan
	barVerifyTime   = 1.5  // of sha256sum
	barVerifyRate   = 10.0 // times the rate of pdfsig, one process each
	letterCount     = 1000
	letterSample    = 100 // letters that pdfsig is timed with
)

// verifyRows compares verification with sha256sum on the largest scan, and with
// pdfsig on a pile of letters.
func (b *benchmark) verifyRows(ctx context.Context) error {
	in, err := b.file("scan", scan(largeMB))
	if err != nil {
		return err
	}
	signed := filepath.Join(b.dir, "signed-scan.pdf")
	if _, err := b.child(ctx, benchTask{Mode: "sign-keep", In: in, Out: signed}); err != nil {
		return err
	}
	if err := os.Remove(in); err != nil {
		return fmt.Errorf("remove: %w", err)
	}
	type pair struct{ sum, openssl, verify, peak float64 }
	var pairs []pair
	for range b.runs {
		var p pair
		if p.sum, err = timed(ctx, "sha256sum", signed); err != nil {
			return err
		}
		if p.openssl, err = timed(ctx, "openssl", "dgst", "-sha256", signed); err != nil {
			return err
		}
		a, err := b.child(ctx, benchTask{Mode: "verify", Files: []string{signed}})
		if err != nil {
			return err
		}
		p.verify, p.peak = a.Seconds, a.PeakMB
		pairs = append(pairs, p)
	}
	of := func(f func(p pair) float64) float64 { return medianOf(pairs, f) }
	ratio, peak := of(func(p pair) float64 { return p.verify / p.sum }), of(func(p pair) float64 { return p.peak })
	b.add("verify-scan-400MB",
		figureOf{"sha256sum_s", of(func(p pair) float64 { return p.sum }), "s"},
		figureOf{"verify_s", of(func(p pair) float64 { return p.verify }), "s"},
		figureOf{"ratio", ratio, ""},
		figureOf{"ratio_openssl", of(func(p pair) float64 { return p.verify / p.openssl }), ""},
		figureOf{"peak_mb", peak, "MB"})
	b.atMost("verify the largest scan, time", ratio, barVerifyTime)
	b.atMost("verify the largest scan, memory", peak, barVerifyMemory)
	if err := os.Remove(signed); err != nil {
		return fmt.Errorf("remove: %w", err)
	}
	return b.lettersRow(ctx)
}

// lettersRow judges a thousand signed letters of 200 kB, in one process, and has
// pdfsig judge some of them, one process each.
func (b *benchmark) lettersRow(ctx context.Context) error {
	in, err := b.file("letter", scan(0.2))
	if err != nil {
		return err
	}
	signed := filepath.Join(b.dir, "letter-signed.pdf")
	if _, err := b.child(ctx, benchTask{Mode: "sign-keep", In: in, Out: signed}); err != nil {
		return err
	}
	one, err := os.ReadFile(signed)
	if err != nil {
		return fmt.Errorf("read the letter: %w", err)
	}
	files := make([]string, letterCount)
	for i := range files {
		files[i] = filepath.Join(b.dir, fmt.Sprintf("letter-%d.pdf", i))
		if err := os.WriteFile(files[i], one, 0o600); err != nil { //nolint:gosec // in a folder of our own
			return fmt.Errorf("write a letter: %w", err)
		}
	}
	type pair struct{ ours, poppler, oursCPU, popplerCPU float64 }
	var pairs []pair
	for range min(b.runs, 3) {
		var p pair
		from := time.Now()
		for _, f := range files[:letterSample] {
			c := exec.CommandContext(ctx, "pdfsig", "-nocert", f) //nolint:gosec // a file of our own
			if out, err := c.CombinedOutput(); err != nil {
				return fmt.Errorf("pdfsig: %w: %s", err, out)
			}
			p.popplerCPU += (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds() / letterSample
		}
		p.poppler = letterSample / time.Since(from).Seconds()
		a, err := b.child(ctx, benchTask{Mode: "verify", Files: files})
		if err != nil {
			return err
		}
		p.ours, p.oursCPU = float64(len(files))/a.Seconds, a.CPU/float64(len(files))
		pairs = append(pairs, p)
	}
	ratio := medianOf(pairs, func(p pair) float64 { return p.ours / p.poppler })
	b.add("verify-1000-letters",
		figureOf{"letters_per_s", medianOf(pairs, func(p pair) float64 { return p.ours }), ""},
		figureOf{"pdfsig_per_s", medianOf(pairs, func(p pair) float64 { return p.poppler }), ""},
		figureOf{"ratio", ratio, ""},
		figureOf{"cpu_s", medianOf(pairs, func(p pair) float64 { return p.oursCPU }), "s"},
		figureOf{"pdfsig_cpu_s", medianOf(pairs, func(p pair) float64 { return p.popplerCPU }), "s"})
	b.atLeast("verify 1,000 letters, rate by that of pdfsig", ratio, barVerifyRate)
	return nil
}

// keep signs and leaves the output where it is.
func (t benchTask) keep(ctx context.Context) (a benchAnswer, err error) {
	k, err := softwareKey(t.Setup)
	if err != nil {
		return a, err
	}
	_, err = signer.SignFile(ctx, t.In, t.Out, signer.Request{Credential: k.software, Chain: k.chain, Time: time.Now()})
	return a, err
}

// verify judges files, as many at a time as the computer has processors; every
// signature must be sound.
func (t benchTask) verify(ctx context.Context) (a benchAnswer, err error) {
	from, before := time.Now(), busy()
	next := make(chan string)
	failed := make(chan error, len(t.Files))
	var wait sync.WaitGroup
	for range min(len(t.Files), runtime.NumCPU()) {
		wait.Go(func() {
			for path := range next {
				r, err := signer.VerifyFile(ctx, path, signer.VerifyOptions{Offline: true, At: from})
				if err == nil && (len(r.Signatures) == 0 || !r.Signatures[0].Sound()) {
					err = fmt.Errorf("%s: %s", path, r.SubIndication)
				}
				if err != nil {
					failed <- err
				}
			}
		})
	}
	for _, path := range t.Files {
		next <- path
	}
	close(next)
	wait.Wait()
	a.Seconds, a.CPU = time.Since(from).Seconds(), busy()-before
	select {
	case err = <-failed:
	default:
	}
	return a, err
}

// busy is the processor time that this process has had, in seconds; zero where
// the system does not tell.
func busy() float64 {
	b, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0
	}
	// utime and stime are the fields 14 and 15, counted behind the name in parentheses.
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	const ticks = 100 // a second, on every Linux that Go runs on
	user, err1 := strconv.ParseFloat(fields[11], 64)
	system, err2 := strconv.ParseFloat(fields[12], 64)
	if err1 != nil || err2 != nil {
		return 0
	}
	return (user + system) / ticks
}
