package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kyso/app"
	"kyso/app/explain"
	"kyso/app/verdict"
	"kyso/signer"
	"kyso/signer/bundle"
	"kyso/signer/verify"
)

// A verified line is what --json prints of a judged file.
type verifiedLine struct {
	Kind          string `json:"kind"`
	File          string `json:"file"`
	Word          string `json:"word"`
	verify.Report        //nolint:embeddedstructfieldcheck // "kind" stands first in the line
	// Evidence is the name under which the evidence was kept.
	Evidence string `json:"evidence,omitempty"`
}

// verifyOptions are the options of kysoctl verify.
type verifyOptions struct {
	signer.VerifyOptions

	trust, passwordFile string
	report, keep, list  string
	data                string
}

func (o *verifyOptions) define(f *flag.FlagSet) {
	f.StringVar(&o.data, "data", "", "the program's folder")
	f.StringVar(&o.trust, "trust", "", "folder of trust anchors")
	f.StringVar(&o.passwordFile, "password-file", "", "file with the password of encrypted files; - is standard input")
	f.StringVar(&o.list, "list", "", "file with a name in each line; - is standard input")
	f.StringVar(&o.report, "report", "", "write the report on the file to .pdf, .txt, .json or .xml (ETSI TS 119 102-2)")
	f.StringVar(&o.keep, "keep", "", "folder to keep the evidence in")
	f.BoolVar(&o.Offline, "offline", false, "ask no server for revocation")
	f.Func("policy", "name of the policy", func(s string) error {
		o.Policy = verify.PolicyName(s)
		if !slices.Contains(verify.Policies(), o.Policy) {
			return fmt.Errorf("one of %v", verify.Policies())
		}
		return nil
	})
	f.Func("at", "time of judgement, RFC 3339", func(s string) (err error) {
		o.At, err = time.Parse(time.RFC3339, s)
		return err //nolint:wrapcheck // the flag package prints it with the option's name
	})
}

// runVerify judges the signatures of files.
func runVerify(ctx context.Context, c *console, args []string) int {
	o := verifyOptions{VerifyOptions: signer.VerifyOptions{At: time.Now()}}
	f := c.flags("verify")
	o.define(f)
	if f.Parse(args) != nil {
		return exitUsage
	}
	files, err := c.listed(f.Args(), o.list)
	if err != nil {
		return c.bad("%v", err)
	}
	if len(files) == 0 {
		return c.bad("%s", c.text("chưa nêu tệp nào", "no file is named"))
	}
	if o.report != "" && len(files) != 1 {
		return c.bad("--report: %s", c.text("chỉ dùng với một tệp", "for one file only"))
	}
	anchors, intermediates, err := app.ReadTrust(o.trust)
	if err != nil {
		return c.bad("--trust: %v", err)
	}
	if o.Password, err = c.documentPassword(o.passwordFile); err != nil {
		return c.bad("--password-file: %v", err)
	}
	defer clear(o.Password)
	reach, err := app.FindReach(ctx, app.Options{Data: o.data})
	if err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	o.Anchors, o.Intermediates, o.Client = anchors, intermediates, reach.HTTP
	sum := verifySum{Kind: "summary", Files: len(files)}
	for _, file := range files {
		if ctx.Err() != nil {
			break
		}
		r, err := c.verifyOne(ctx, file, o)
		if err != nil {
			c.fail("unreadable", file, err)
		}
		sum.add(r.Indication, err)
	}
	if len(files) > 1 {
		c.object(sum)
		c.say(c.text("%d tệp: %d hợp lệ, %d không hợp lệ, %d chưa đủ căn cứ, %d không đọc được", "%d files: %d valid, %d not valid, %d not decided, %d unreadable"),
			sum.Files, sum.Valid, sum.Invalid, sum.Undecided, sum.Unreadable)
	}
	return sum.status()
}

// A verifySum is what --json prints behind several files.
type verifySum struct {
	Kind       string `json:"kind"`
	Files      int    `json:"files"`
	Valid      int    `json:"valid"`
	Invalid    int    `json:"invalid"`
	Undecided  int    `json:"undecided"`
	Unreadable int    `json:"unreadable"`
}

func (s *verifySum) add(i verify.Indication, err error) {
	switch {
	case err != nil:
		s.Unreadable++
	case i == verify.TotalPassed:
		s.Valid++
	case i == verify.TotalFailed:
		s.Invalid++
	default:
		s.Undecided++
	}
}

func (s *verifySum) status() int {
	switch {
	case s.Unreadable > 0:
		return exitUsage
	case s.Valid < s.Files:
		return exitFailed
	}
	return exitDone
}

// listed are the files of names and of a list. A folder stands for the PDF files
// in it and below, in the order of their names.
func (c *console) listed(names []string, list string) ([]string, error) {
	if list != "" {
		b, err := c.readList(list)
		if err != nil {
			return nil, fmt.Errorf("--list: %w", err)
		}
		for line := range strings.Lines(string(b)) {
			if line = strings.TrimRight(line, "\r\n"); strings.TrimSpace(line) != "" {
				names = append(names, line)
			}
		}
	}
	var files []string
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil || !info.IsDir() {
			files = append(files, name) // what cannot be opened is told like any other
			continue
		}
		err = filepath.WalkDir(name, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && strings.EqualFold(filepath.Ext(path), ".pdf") {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return files, nil
}

// readList reads a file of names, or standard input.
func (c *console) readList(path string) ([]byte, error) {
	const most = 64 << 20
	if path == "-" {
		return io.ReadAll(io.LimitReader(c.in, most)) //nolint:wrapcheck // the caller names the option
	}
	return os.ReadFile(path) //nolint:wrapcheck // the caller names the option
}

// verifyOne judges one file and does with the report what was asked.
func (c *console) verifyOne(ctx context.Context, path string, o verifyOptions) (verify.Report, error) {
	file, err := os.Open(path)
	if err != nil {
		return verify.Report{}, fmt.Errorf("open the file: %w", err)
	}
	defer file.Close() //nolint:errcheck // read only
	info, err := file.Stat()
	if err != nil {
		return verify.Report{}, fmt.Errorf("open the file: %w", err)
	}
	e, err := signer.Collect(ctx, file, info.Size(), o.VerifyOptions)
	if err != nil {
		return verify.Report{}, err
	}
	policy := verify.Policy{Name: o.Policy, Anchors: o.Anchors}
	line := verifiedLine{Kind: "verified", File: path, Report: verify.Evaluate(e, policy)}
	line.Word = line.Indication.Word()
	var hash []byte
	if o.report != "" || o.keep != "" {
		h := sha256.New()
		if _, err := io.Copy(h, io.NewSectionReader(file, 0, info.Size())); err != nil {
			return line.Report, fmt.Errorf("read the file: %w", err)
		}
		hash = h.Sum(nil)
	}
	sheet := verdict.New(filepath.Base(path), hash, line.Report)
	if o.keep != "" {
		if line.Evidence, err = keep(o.keep, [sha256.Size]byte(hash), e, policy); err != nil {
			return line.Report, err
		}
	}
	if o.report != "" {
		if err := writeReport(o.report, sheet, c.language()); err != nil {
			return line.Report, err
		}
	}
	c.object(line)
	c.say("%s", sheet.Text(c.language()))
	return line.Report, nil
}

func (c *console) language() verdict.Language {
	if c.lang == explain.English {
		return verdict.English
	}
	return verdict.Vietnamese
}

func keep(folder string, hash [sha256.Size]byte, e verify.Evidence, p verify.Policy) (string, error) {
	k, err := bundle.Open(folder)
	if err != nil {
		return "", err
	}
	b, err := bundle.New(hash, e, p)
	if err != nil {
		return "", err
	}
	return k.Keep(b)
}

// writeReport writes a sheet in the form that the file's name asks for.
func writeReport(path string, sheet verdict.Sheet, l verdict.Language) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".pdf":
		err = sheet.PDF(f, l)
	case ".json":
		err = sheet.JSON(f)
	case ".xml":
		err = sheet.ETSI(f)
	default:
		_, err = io.WriteString(f, sheet.Text(l))
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
