package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The bars of the measurement.
const (
	barMemory   = 32.0 // MB, to sign the largest scan
	barTime     = 1.2  // of cp and sha256sum, with and without the check
	barOpen     = 0.3  // seconds, 200,000 objects
	barOpenMem  = 40.0 // MB
	barSlow     = 0.98 // of the rate of a token of 100 ms a signature
	barFast     = 0.5  // of SoftHSM's rate
	slowToken   = "100"
	slowCount   = 100
	fastCount   = 1000
	largeMB     = 400.0
	manyObjects = 200_000
)

// benchmark is one run of the measurement.
type benchmark struct {
	dir, helper, fault, bare string
	runs, batches            int
	setup                    childSetup
	keys                     *keys
	out                      io.Writer

	rows   []benchRow
	failed []string
}

// benchRow is one line of the table and of the key=value lines.
type benchRow struct {
	name   string
	values []figureOf
}

type figureOf struct {
	key  string
	n    float64
	unit string
}

// benchCommand measures the engine against the tools of the system and against
// the token itself, in the same run and in turn, so that a noisy computer
// disturbs both. A ratio is the median of the pairs' ratios.
//
// What is measured of the engine is one call in a process of its own: its time is
// that of the call, its memory the most that the whole process held. cp and
// sha256sum are whole processes.
func benchCommand(ctx context.Context, args []string) int {
	b := &benchmark{out: os.Stdout}
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.StringVar(&b.dir, "dir", "", "folder for what is measured, on the disk that matters; 2 GB are needed")
	fs.StringVar(&b.fault, "fault", "", "path of the module that delays signatures (faultp11)")
	fs.StringVar(&b.bare, "bare", "", "path of the program that only signs (baresign)")
	fs.IntVar(&b.runs, "runs", 5, "pairs of measurements of each file")
	fs.IntVar(&b.batches, "batches", 3, "pairs of measurements of the fast token")
	only := fs.String("only", "", "sign, open, level, verify, slow or fast, comma-separated; empty is all")
	if err := fs.Parse(args); err != nil || fs.NArg() > 0 || b.dir == "" {
		fs.Usage()
		return 2
	}
	if err := b.run(ctx, *only); err != nil {
		fmt.Fprintln(os.Stderr, "kyso-judge:", err)
		return 1
	}
	if len(b.failed) > 0 {
		return 1
	}
	return 0
}

func (b *benchmark) run(ctx context.Context, only string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	work, err := os.MkdirTemp(b.dir, "bench-")
	if err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	defer os.RemoveAll(work) //nolint:errcheck // it lies in a folder for what is built
	if b.dir, err = filepath.Abs(work); err != nil {
		return fmt.Errorf("find the folder: %w", err)
	}
	if b.keys, err = newKeys(b.dir); err != nil {
		return err
	}
	if b.setup, err = b.keys.setup(ctx, filepath.Dir(self), b.dir); err != nil {
		return err
	}
	b.helper = self
	wanted := func(part string) bool { return only == "" || slices.Contains(strings.Split(only, ","), part) }
	// The batches come first: for some minutes ext4 makes new files slowly where
	// many were removed.
	for _, part := range []struct {
		name string
		run  func(context.Context) error
	}{{"fast", b.fastRow}, {"slow", b.slowRow}, {"sign", b.signRows}, {"open", b.openRow}, {"level", b.levelRow}, {"verify", b.verifyRows}} {
		if wanted(part.name) {
			if err := part.run(ctx); err != nil {
				return fmt.Errorf("%s: %w", part.name, err)
			}
		}
	}
	b.print()
	return nil
}

// signRows compares signing of each file with the tools.
func (b *benchmark) signRows(ctx context.Context) error {
	for _, f := range []struct {
		name string
		mb   float64
		make func(w io.Writer) error
	}{
		{"scan-0.2MB", 0.2, scan(0.2)},
		{"scan-10MB", 10, scan(10)},
		{"scan-100MB", 100, scan(100)},
		{"scan-400MB", largeMB, scan(largeMB)},
		{"objects-200k", 0, objects(manyObjects)},
	} {
		in, err := b.file(f.name, f.make)
		if err != nil {
			return err
		}
		if err := b.signRow(ctx, f.name, in, f.mb == largeMB); err != nil {
			return err
		}
		if err := os.Remove(in); err != nil {
			return fmt.Errorf("remove: %w", err)
		}
	}
	return nil
}

// benchPair is one measurement of the tools and of the engine on the same file.
type benchPair struct{ cp, sum, openssl, sign, check, peak float64 }

func (b *benchmark) signRow(ctx context.Context, name, in string, bars bool) error {
	var pairs []benchPair
	for range b.runs {
		var p benchPair
		if err := b.tools(ctx, in, &p); err != nil {
			return err
		}
		answer, err := b.child(ctx, benchTask{Mode: "sign", In: in, Out: filepath.Join(b.dir, "signed.pdf")})
		if err != nil {
			return err
		}
		p.sign, p.check, p.peak = answer.Seconds-answer.Check, answer.Check, answer.PeakMB
		pairs = append(pairs, p)
	}
	of := func(f func(p benchPair) float64) float64 { return medianOf(pairs, f) }
	without := of(func(p benchPair) float64 { return p.sign / (p.cp + p.sum) })
	with := of(func(p benchPair) float64 { return (p.sign + p.check) / (p.cp + 2*p.sum) })
	peak := of(func(p benchPair) float64 { return p.peak })
	b.add("sign-"+name,
		figureOf{"cp_s", of(func(p benchPair) float64 { return p.cp }), "s"},
		figureOf{"sha256sum_s", of(func(p benchPair) float64 { return p.sum }), "s"},
		figureOf{"sign_s", of(func(p benchPair) float64 { return p.sign }), "s"},
		figureOf{"check_s", of(func(p benchPair) float64 { return p.check }), "s"},
		figureOf{"ratio_unchecked", without, ""},
		figureOf{"ratio_checked", with, ""},
		figureOf{"ratio_checked_openssl", of(func(p benchPair) float64 { return (p.sign + p.check) / (p.cp + 2*p.openssl) }), ""},
		figureOf{"peak_mb", peak, "MB"})
	if bars {
		b.atMost(name+" without the check", without, barTime)
		b.atMost(name+" with the check", with, barTime)
		b.atMost(name+" memory", peak, barMemory)
	}
	return nil
}

// tools times cp, sha256sum and, for a faster hash, openssl on a file.
func (b *benchmark) tools(ctx context.Context, in string, p *benchPair) (err error) {
	copied := filepath.Join(b.dir, "copied")
	if p.cp, err = timed(ctx, "cp", in, copied); err != nil {
		return err
	}
	if p.sum, err = timed(ctx, "sha256sum", copied); err != nil {
		return err
	}
	if p.openssl, err = timed(ctx, "openssl", "dgst", "-sha256", copied); err != nil {
		return err
	}
	// Away with it before the disk is busy with it.
	return os.Remove(copied) //nolint:wrapcheck // it names the file
}

// openRow opens the file of many objects, as before every signature.
func (b *benchmark) openRow(ctx context.Context) error {
	in, err := b.file("objects", objects(manyObjects))
	if err != nil {
		return err
	}
	defer os.Remove(in) //nolint:errcheck // the folder is removed
	var all []benchAnswer
	for range b.runs {
		a, err := b.child(ctx, benchTask{Mode: "open", In: in})
		if err != nil {
			return err
		}
		all = append(all, a)
	}
	seconds := medianOf(all, func(a benchAnswer) float64 { return a.Seconds })
	peak := medianOf(all, func(a benchAnswer) float64 { return a.PeakMB })
	b.add("open-objects-200k", figureOf{"open_s", seconds, "s"}, figureOf{"peak_mb", peak, "MB"})
	b.atMost("open 200,000 objects, seconds", seconds, barOpen)
	b.atMost("open 200,000 objects, memory", peak, barOpenMem)
	return nil
}

// file makes a file to measure with and reads it once, so that it is in memory
// for all.
func (b *benchmark) file(name string, write func(w io.Writer) error) (string, error) {
	path := filepath.Join(b.dir, name+".pdf")
	f, err := os.Create(path)
	if err != nil {
		return "", fmt.Errorf("make %s: %w", name, err)
	}
	if err := write(f); err != nil {
		return "", fmt.Errorf("make %s: %w", name, err)
	}
	if err := f.Sync(); err != nil {
		return "", fmt.Errorf("make %s: %w", name, err)
	}
	return path, f.Close() //nolint:wrapcheck // it names the file
}

// timed runs a program and gives the seconds that it took.
func timed(ctx context.Context, name string, args ...string) (float64, error) {
	c := exec.CommandContext(ctx, name, args...) //nolint:gosec // tools that are named here
	from := time.Now()
	if out, err := c.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return time.Since(from).Seconds(), nil
}

func medianOf[T any](all []T, f func(T) float64) float64 {
	n := make([]float64, len(all))
	for i, a := range all {
		n[i] = f(a)
	}
	slices.Sort(n)
	if len(n)%2 == 0 {
		return (n[len(n)/2-1] + n[len(n)/2]) / 2
	}
	return n[len(n)/2]
}

func (b *benchmark) add(name string, values ...figureOf) {
	b.rows = append(b.rows, benchRow{name, values})
	fmt.Fprintf(os.Stderr, "measured %s\n", name)
}

func (b *benchmark) atMost(what string, got, bar float64) {
	if !(got <= bar) { // so that NaN fails
		b.failed = append(b.failed, fmt.Sprintf("%s: %.3g, the bar is %.3g", what, got, bar))
	}
}

func (b *benchmark) atLeast(what string, got, bar float64) {
	if !(got >= bar) {
		b.failed = append(b.failed, fmt.Sprintf("%s: %.3g, the bar is %.3g", what, got, bar))
	}
}

// print prints the table, the lines for scripts, and what kept its bar.
func (b *benchmark) print() {
	for _, r := range b.rows {
		fmt.Fprintf(b.out, "%-22s", r.name)
		for _, v := range r.values {
			fmt.Fprintf(b.out, " %s %s%s ", strings.ReplaceAll(strings.TrimSuffix(strings.TrimSuffix(v.key, "_s"), "_mb"), "_", " "), figure(v.n), v.unit)
		}
		fmt.Fprintln(b.out)
	}
	fmt.Fprintln(b.out)
	for _, r := range b.rows {
		fmt.Fprintf(b.out, "bench row=%s", r.name)
		for _, v := range r.values {
			fmt.Fprintf(b.out, " %s=%s", v.key, figure(v.n))
		}
		fmt.Fprintln(b.out)
	}
	for _, f := range b.failed {
		fmt.Fprintln(b.out, "too much:", f)
	}
	fmt.Fprintf(b.out, "bench failed=%d\n", len(b.failed))
}

// figure is a number with three digits that count.
func figure(n float64) string {
	if n >= 1000 {
		return strconv.FormatFloat(n, 'f', 0, 64)
	}
	return strconv.FormatFloat(n, 'g', 3, 64)
}
