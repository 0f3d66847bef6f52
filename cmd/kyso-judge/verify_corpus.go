package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"kyso/signer"
	"kyso/signer/verify"
)

// The bar of verify-corpus.
const leastAgreement = 0.99

// A judgedSignature is one signature with the verdicts of three judges on its
// bytes: "good", "bad", or "none" where a judge gives no verdict.
type judgedSignature struct {
	field, kind         string
	ours, openssl, pdfs string
	integrity           verify.Integrity
	why, openSSLSays    string
}

// A judgedFile is what became of one file.
type judgedFile struct {
	path       string
	report     verify.Report
	err        error
	signatures []judgedSignature
	took       time.Duration
}

// verifyCorpusCommand judges every PDF under a folder and holds the integrity of
// each signature against OpenSSL's verdict on the same bytes, and pdfsig's.
// What only trust can decide is left out: nothing is fetched.
func verifyCorpusCommand(ctx context.Context, args []string) int {
	flags := flag.NewFlagSet("verify-corpus", flag.ContinueOnError)
	workers := flags.Int("workers", 2, "files judged at the same time")
	if flags.Parse(args) != nil || flags.NArg() != 1 {
		return 2
	}
	files, err := judgeFiles(ctx, flags.Arg(0), *workers)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	return reportCorpus(files)
}

// judgeFiles judges every PDF under a folder, in the order of their paths.
func judgeFiles(ctx context.Context, root string, workers int) ([]judgedFile, error) {
	var files []judgedFile
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.EqualFold(filepath.Ext(path), ".pdf") {
			files = append(files, judgedFile{path: path})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("walk the corpus: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no PDF under %s", root)
	}
	next := make(chan *judgedFile)
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for f := range next {
				f.judge(ctx)
				if name, err := filepath.Rel(root, f.path); err == nil {
					f.path = name
				}
			}
		})
	}
	for i := range files {
		next <- &files[i]
	}
	close(next)
	wait.Wait()
	return files, nil
}

func (f *judgedFile) judge(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	file, err := os.Open(f.path)
	if err != nil {
		f.err = err
		return
	}
	defer file.Close() //nolint:errcheck // read only
	info, err := file.Stat()
	if err != nil {
		f.err = err
		return
	}
	start := time.Now()
	e, err := signer.Collect(ctx, file, info.Size(), signer.VerifyOptions{Offline: true, At: start})
	if err != nil {
		f.err = err
		return
	}
	f.report = verify.Evaluate(e, verify.Policy{})
	f.took = time.Since(start)
	poppler := map[string]string{}
	if len(e.Signatures) > 0 {
		poppler = askPdfsig(ctx, f.path)
	}
	for i, s := range e.Signatures {
		r := f.report.Signatures[i]
		one := judgedSignature{field: s.Field, kind: s.SubFilter, ours: "bad", integrity: r.Integrity, why: r.Why, openssl: "none", pdfs: "none"}
		switch r.Integrity {
		case verify.Intact:
			one.ours = "good"
		case verify.Unchecked:
			one.ours = "none"
		case verify.Altered, verify.Broken:
		}
		if len(s.ByteRange) == 4 && len(s.Contents) > 0 {
			one.openssl, one.openSSLSays = askOpenSSL(ctx, file, s)
		}
		if v, ok := poppler[s.Field]; ok {
			one.pdfs = v
		}
		f.signatures = append(f.signatures, one)
	}
}

// corpusFigures are what verify-corpus counts.
type corpusFigures struct {
	files, unreadable, errors, signed, signatures     int
	openSSL, agree, explained, missed, poppler, popps int
	slowest                                           time.Duration
}

func reportCorpus(files []judgedFile) int {
	var n corpusFigures
	table := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "FILE\tFIELD\tFORMAT\tOURS\tOPENSSL\tPDFSIG\tWHY")
	for _, f := range files {
		n.files++
		n.slowest = max(n.slowest, f.took)
		switch {
		case errors.Is(f.err, signer.ErrUnreadable):
			n.unreadable++
		case f.err != nil:
			n.errors++
			fmt.Fprintf(table, "%s\t\t\t\t\t\t%v\n", f.path, f.err)
		case len(f.signatures) > 0:
			n.signed++
		}
		for _, s := range f.signatures {
			if n.count(s) {
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", f.path, s.field, s.kind, s.integrity, s.openssl, s.pdfs, s.reason())
			}
		}
	}
	if err := table.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	rate := 1.0
	if n.openSSL > 0 {
		rate = float64(n.agree) / float64(n.openSSL)
	}
	fmt.Printf("verify-corpus files=%d unreadable=%d errors=%d signed=%d signatures=%d openssl=%d agree=%d rate=%.4f missed=%d explained=%d pdfsig=%d pdfsig_agree=%d slowest_ms=%d\n",
		n.files, n.unreadable, n.errors, n.signed, n.signatures, n.openSSL, n.agree, rate, n.missed, n.explained, n.poppler, n.popps, n.slowest.Milliseconds())
	if rate < leastAgreement || n.missed > 0 || n.errors > 0 || n.openSSL-n.agree > n.explained {
		return 1
	}
	return 0
}

// count takes one signature into the figures; true when it belongs into the table.
func (n *corpusFigures) count(s judgedSignature) bool {
	n.signatures++
	odd := false
	if s.openssl != "none" {
		n.openSSL++
		switch {
		case s.ours == s.openssl:
			n.agree++
		case s.openssl == "good":
			n.missed++
			odd = true
		default:
			odd = true
		}
		if s.ours != s.openssl && s.explanation() != "" {
			n.explained++
		}
	}
	if s.pdfs != "none" && s.ours != "none" {
		n.poppler++
		if s.pdfs == s.ours {
			n.popps++
		} else {
			odd = true
		}
	}
	return odd
}

// explanation is why OpenSSL is not followed, empty when nobody knows.
func (s judgedSignature) explanation() string {
	if strings.Contains(s.openSSLSays, "no matching digest") {
		return "digestAlgorithms does not list the signer's digest, which a verifier may, but need not refuse (RFC 5652, 5.1)"
	}
	return ""
}

func (s judgedSignature) reason() string {
	if e := s.explanation(); e != "" {
		return e
	}
	if s.openSSLSays != "" {
		return s.why + " | openssl: " + s.openSSLSays
	}
	return s.why
}
