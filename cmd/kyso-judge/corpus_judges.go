package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// judgeLimit is the time that a foreign program has for one file.
const judgeLimit = time.Minute

// said is what a program said, and its exit status; −1 when it was ended.
type said struct {
	text   string
	status int
}

// hear runs a program in dir and hears at most 64 KiB of what it says.
func hear(ctx context.Context, dir, name string, args ...string) said {
	ctx, cancel := context.WithTimeout(ctx, judgeLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // the judges are named in this file
	out := &limited{max: 64 << 10}
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = dir, out, out, time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return said{err.Error(), -1}
	}
	return said{out.kept.String(), cmd.ProcessState.ExitCode()}
}

// limited keeps the first max bytes.
type limited struct {
	kept bytes.Buffer
	max  int
}

// Write takes everything and keeps what fits.
func (l *limited) Write(b []byte) (int, error) {
	l.kept.Write(b[:min(len(b), l.max-l.kept.Len())])
	return len(b), nil
}

// lastLine is the last line of a text that says something.
func (s said) lastLine() string {
	lines := strings.Split(strings.TrimSpace(s.text), "\n")
	return fmt.Sprintf("%.160s", lines[len(lines)-1])
}

// A place is where the new signature stands: its gap in the file.
type place struct{ from, to, end int64 }

// newRange finds the ByteRange of the signature that was appended.
var newRange = regexp.MustCompile(`/ByteRange\s*\[\s*0\s+(\d+)\s+(\d+)\s+(\d+)\s*\]`)

// extract reads the appended part of an output of size bytes, finds the one new
// signature in it without the program's own reader, and writes the signed bytes
// and the CMS into dir.
func extract(path string, base int64, dir string) (place, error) {
	f, err := os.Open(path)
	if err != nil {
		return place{}, err //nolint:wrapcheck // a judge's word
	}
	defer f.Close() //nolint:errcheck // only read
	info, err := f.Stat()
	if err != nil {
		return place{}, err //nolint:wrapcheck // a judge's word
	}
	update := make([]byte, max(info.Size()-base, 0))
	if _, err := f.ReadAt(update, base); err != nil {
		return place{}, err //nolint:wrapcheck // a judge's word
	}
	found := newRange.FindAllSubmatch(update, -1)
	if len(found) != 1 {
		return place{}, fmt.Errorf("%d new signatures in the update", len(found))
	}
	var n [3]int64
	for i := range n {
		n[i], _ = strconv.ParseInt(string(found[0][i+1]), 10, 64)
	}
	p := place{n[0], n[1], n[1] + n[2]}
	if p.end != info.Size() || p.from < base || p.to <= p.from || p.to > p.end {
		return p, fmt.Errorf("the ByteRange %v does not fit %d bytes", n, info.Size())
	}
	gap := update[p.from-base : p.to-base]
	value, err := hex.DecodeString(strings.Trim(string(gap), "<>"))
	if err != nil || gap[0] != '<' || gap[len(gap)-1] != '>' {
		return p, errors.New("the gap of the ByteRange is no hexadecimal string")
	}
	if err := os.WriteFile(filepath.Join(dir, "cms"), value, 0o600); err != nil {
		return p, err //nolint:wrapcheck // a judge's word
	}
	signed, err := os.Create(filepath.Join(dir, "signed"))
	if err != nil {
		return p, err //nolint:wrapcheck // a judge's word
	}
	_, err = io.Copy(signed, io.MultiReader(io.NewSectionReader(f, 0, p.from), io.NewSectionReader(f, p.to, p.end-p.to)))
	return p, errors.Join(err, signed.Close())
}

// samePrefix reports that b begins with all of a.
func samePrefix(a, b string) error {
	x, err := os.Open(a)
	if err != nil {
		return err //nolint:wrapcheck // a judge's word
	}
	defer x.Close() //nolint:errcheck // only read
	y, err := os.Open(b)
	if err != nil {
		return err //nolint:wrapcheck // a judge's word
	}
	defer y.Close() //nolint:errcheck // only read
	p, q := make([]byte, 1<<20), make([]byte, 1<<20)
	for {
		n, err := io.ReadFull(x, p)
		if _, err2 := io.ReadFull(y, q[:n]); err2 != nil && n > 0 || !bytes.Equal(p[:n], q[:n]) {
			return errors.New("the output does not begin with the original")
		}
		if n < len(p) {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return nil
			}
			return err //nolint:wrapcheck // a judge's word
		}
	}
}

// openssl verifies the CMS over the signed bytes in dir, with the chain.
func openssl(ctx context.Context, dir, root string) error {
	s := hear(ctx, dir, "openssl", "cms", "-verify", "-cades", "-inform", "DER", "-in", "cms", "-content", "signed",
		"-binary", "-CAfile", root, "-purpose", "any", "-out", os.DevNull)
	if s.status != 0 {
		return fmt.Errorf("openssl: %s", s.lastLine())
	}
	return nil
}

// pdfsigSignature is one signature as pdfsig tells it.
type pdfsigSignature struct {
	ranges       string // "[0 - 840], [19034 - 19960]"
	valid, whole bool
	word         string
}

// pdfsigOf are the signatures that pdfsig finds; opens is false when it cannot
// open the file at all.
func pdfsigOf(ctx context.Context, path string, password []byte) (found []pdfsigSignature, opens bool) {
	args := []string{"-nocert"}
	if len(password) > 0 {
		args = append(args, "-upw", string(password), "-opw", string(password))
	}
	s := hear(ctx, "", "pdfsig", append(args, path)...)
	const noSignatures = 2
	if s.status != 0 && s.status != noSignatures {
		return nil, false
	}
	for _, block := range strings.Split(s.text, "\nSignature #")[1:] {
		_, after, _ := strings.Cut(block, "Signed Ranges: ")
		ranges, _, _ := strings.Cut(after, "\n")
		_, after, _ = strings.Cut(block, "Signature Validation: ")
		word, _, _ := strings.Cut(after, "\n")
		found = append(found, pdfsigSignature{
			ranges: ranges, word: word, valid: strings.HasPrefix(word, "Signature is Valid"),
			whole: strings.Contains(block, "\n  - Total document signed"),
		})
	}
	return found, true
}

// qpdfCheck is the severity that qpdf --check gives a file: 0 good, 1 warnings,
// 2 errors, 3 no end of it.
func qpdfCheck(ctx context.Context, path string, password []byte) (severity int, word string) {
	args := []string{"--check"}
	if len(password) > 0 {
		args = append(args, "--password="+string(password))
	}
	s := hear(ctx, "", "qpdf", append(args, path)...)
	const warnings = 3
	switch s.status {
	case 0:
		return 0, ""
	case warnings:
		return 1, s.lastLine()
	case -1:
		return 3, s.lastLine()
	}
	return 2, s.lastLine()
}

// qpdfOpens reports that qpdf opens the file and finds a page in it.
func qpdfOpens(ctx context.Context, path string, password []byte) bool {
	args := []string{"--show-npages"}
	if len(password) > 0 {
		args = append(args, "--password="+string(password))
	}
	s := hear(ctx, "", "qpdf", append(args, path)...)
	const warnings = 3
	n, err := strconv.Atoi(s.lastLine())
	if s.status == warnings { // the number stands before the warnings or after
		for line := range strings.SplitSeq(s.text, "\n") {
			if k, err2 := strconv.Atoi(line); err2 == nil {
				n, err = k, nil
			}
		}
	}
	return (s.status == 0 || s.status == warnings) && err == nil && n > 0
}

// mutoolVerdict is what mutool sign -v says.
type mutoolVerdict struct {
	opens      bool
	signatures int
	// bad are those whose digest or signature is wrong.
	bad  int
	word string
}

// mutoolReads reports that mutool finds the first page and that nothing stands
// before the header: mutool counts a ByteRange from there, all others from the
// first byte.
func mutoolReads(ctx context.Context, path string, password []byte) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close() //nolint:errcheck // only read
	b := make([]byte, 5)
	if _, err := io.ReadFull(f, b); err != nil || string(b) != "%PDF-" {
		return false
	}
	args := []string{"pages"}
	if len(password) > 0 {
		args = append(args, "-p", string(password))
	}
	return hear(ctx, "", "mutool", append(args, path, "1")...).status == 0
}

func mutoolVerify(ctx context.Context, path string, password []byte) mutoolVerdict {
	args := []string{"sign", "-v"}
	if len(password) > 0 {
		args = append(args, "-p", string(password))
	}
	s := hear(ctx, "", "mutool", append(args, path)...)
	v := mutoolVerdict{opens: s.status == 0, word: s.lastLine()}
	for _, block := range strings.Split("\n"+s.text, "\nVerifying signature ")[1:] {
		v.signatures++
		// A certificate error is no matter: mutool knows only its own roots.
		if !strings.Contains(block, "unchanged since signing") && !strings.Contains(block, "signature is valid") {
			v.bad++
			v.word = said{text: block}.lastLine()
		}
	}
	return v
}
