package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// corpusScript compares an output with its original.
//
//go:embed corpus.py
var corpusScript string

// corpusOptions are the options of kyso-judge corpus.
type corpusOptions struct {
	bin, keep, passwords, python string
	sample, workers              int
	limit                        time.Duration
}

// corpusCommand signs every PDF under a folder twice, with an RSA-2048 key on a
// SoftHSM token through the helper process (a visible mark) and with a P-256 key
// of its own process (invisible), and has each output judged. It leaves out
// folders called attacks. The originals are only read, and compared at the end.
//
// Openable is a file that this program's reader opens, or in which qpdf finds a
// page; with the password of the list given, or without one. So a file is not
// openable that needs a password nobody told, that is encrypted for recipients'
// keys, that is no PDF, or that has no page which one of the two can find.
//
// Signed is an openable file that both keys signed. Refused is one that is not
// signed and says why before any key is used; refused rightly when it is
// certified without changes, locked, a dynamic XFA form, signed with bytes behind
// its last revision, signed and damaged (a signed file is not repaired), or
// encrypted without the permission.
//
// Verified is a signed file whose outputs all judges find right: they begin with
// the original's bytes; openssl cms verifies what stands in the gap over the bytes
// of the ByteRange, up to this run's root; the program's own validator finds the
// signature sound and over the whole file; pdfsig says the same; mutool finds no
// fault in it; qpdf --check has no worse word for the output than for the
// original. pdfsig is not asked about an output that it cannot open if it could not
// open the original; mutool and pikepdf not about one in whose original they find
// no page, and mutool not about a file with bytes before its header, where it
// counts the ByteRange in its own way.
//
// Kept is a signed file of which pikepdf finds every object, page, annotation,
// form field and its value, key of form, catalog and page, /Info, /ID and
// /Encrypt again in the output, but for what a signature adds.
//
// Harmed is a file with an earlier signature that the own validator found sound,
// or pdfsig valid, before and not after. Panics count the deaths of the signing
// process too; time-outs are files on which it gave no answer in the limit.
//
// The bars: signed, verified and kept are each 99.5 % of the openable files
// without the rightly refused; harmed, panics, time-outs and changed originals 0.
func corpusCommand(ctx context.Context, args []string) int {
	var o corpusOptions
	f := flag.NewFlagSet("kyso-judge corpus", flag.ContinueOnError)
	f.StringVar(&o.bin, "bin", "", "folder with kyso-token and kyso-provision; this program's own without it")
	f.StringVar(&o.keep, "keep", "", "folder that keeps the outputs")
	f.StringVar(&o.passwords, "passwords", "", "file with lines of name pattern, tabulator, password")
	f.StringVar(&o.python, "python", "/usr/bin/python3", "Python that has pikepdf")
	f.IntVar(&o.sample, "sample", 0, "judge only so many files, spread over the folders, the same ones each time")
	f.IntVar(&o.workers, "workers", min(2, runtime.NumCPU()), "files judged at a time")
	f.DurationVar(&o.limit, "limit", time.Minute, "time for signing one file")
	if f.Parse(args) != nil || f.NArg() != 1 || o.workers < 1 {
		f.Usage()
		return 2
	}
	reports, err := runCorpus(ctx, o, f.Arg(0))
	if err != nil {
		fmt.Fprintln(os.Stderr, "kyso-judge corpus:", err)
		return 1
	}
	t := newTally(reports)
	t.print(os.Stdout)
	if !t.good() {
		return 1
	}
	return 0
}

// find sees that the judges and this program's companions are there.
func (o *corpusOptions) find() error {
	if o.bin == "" {
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find this program: %w", err)
		}
		o.bin = filepath.Dir(self)
	}
	for _, name := range []string{"openssl", "pdfsig", "qpdf", "mutool", o.python, filepath.Join(o.bin, "kyso-token"), filepath.Join(o.bin, "kyso-provision")} {
		if _, err := exec.LookPath(name); err != nil {
			return fmt.Errorf("a judge or program is missing: %w", err)
		}
	}
	return nil
}

// runCorpus judges the files and gives their reports in order.
func runCorpus(ctx context.Context, o corpusOptions, dir string) ([]fileReport, error) {
	if err := o.find(); err != nil {
		return nil, err
	}
	known, err := readPasswords(o.passwords)
	if err != nil {
		return nil, err
	}
	names, err := findFiles(dir)
	if err != nil {
		return nil, err
	}
	names = sample(names, o.sample)
	tmp, err := os.MkdirTemp("", "kyso-corpus-")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(tmp) //nolint:errcheck // best effort
	k, err := newKeys(tmp)
	if err != nil {
		return nil, err
	}
	reports := make([]fileReport, len(names))
	work := make(chan int)
	var wg sync.WaitGroup
	errs := make([]error, o.workers)
	for i := range o.workers {
		wg.Go(func() {
			b, err := newBench(ctx, o, k, filepath.Join(tmp, fmt.Sprint("worker", i)))
			if errs[i] = err; err != nil {
				for range work { // the others' part is not judged for nothing
				}
				return
			}
			defer b.close()
			for n := range work {
				reports[n] = b.judge(ctx, dir, names[n], known.of(names[n]))
			}
		})
	}
	hand(ctx, work, len(names))
	wg.Wait()
	return reports, errors.Join(errors.Join(errs...), ctx.Err())
}

// hand gives the numbers below n to whoever asks, and tells how far it is.
func hand(ctx context.Context, work chan<- int, n int) {
	defer close(work)
	start := time.Now()
	for i := range n {
		select {
		case work <- i:
		case <-ctx.Done():
			return
		}
		if i%100 == 99 {
			fmt.Fprintf(os.Stderr, "%d of %d files, %s\n", i+1, n, time.Since(start).Round(time.Second))
		}
	}
}

// bench is one worker's processes and its folder.
type bench struct {
	signer, kept *talker
	dir, keep    string
	root         string
}

func newBench(ctx context.Context, o corpusOptions, k *keys, dir string) (*bench, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make a worker's folder: %w", err)
	}
	setup, err := k.setup(ctx, o.bin, dir)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	return &bench{
		dir: dir, keep: o.keep, root: k.root,
		signer: &talker{limit: o.limit, setup: setup, command: func(ctx context.Context) *exec.Cmd {
			return exec.CommandContext(ctx, self, "corpus-child")
		}},
		kept: &talker{limit: judgeLimit, command: func(ctx context.Context) *exec.Cmd {
			return exec.CommandContext(ctx, o.python, "-c", corpusScript) //nolint:gosec // the caller's own
		}},
	}, nil
}

func (b *bench) close() {
	b.signer.stop()
	b.kept.stop()
}
