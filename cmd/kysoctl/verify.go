package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
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
	report, keep        string
}

func (o *verifyOptions) define(f *flag.FlagSet) {
	f.StringVar(&o.trust, "trust", "", "folder of trust anchors")
	f.StringVar(&o.passwordFile, "password-file", "", "file with the password of encrypted files; - is standard input")
	f.StringVar(&o.report, "report", "", "write the report on the file to .pdf, .txt or .json")
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
	if f.NArg() == 0 {
		return c.bad("%s", c.text("chưa nêu tệp nào", "no file is named"))
	}
	if o.report != "" && f.NArg() != 1 {
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
	o.Anchors, o.Intermediates, o.Client = anchors, intermediates, app.HTTPClient()
	status := exitDone
	for _, file := range f.Args() {
		r, err := c.verifyOne(ctx, file, o)
		if err != nil {
			c.fail("unreadable", file, err)
			status = exitUsage
			continue
		}
		if r.Indication != verify.TotalPassed && status == exitDone {
			status = exitFailed
		}
	}
	return status
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
	default:
		_, err = io.WriteString(f, sheet.Text(l))
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
