package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"kyso/app/docsys"
	"kyso/app/explain"
	"kyso/signer/verify"
)

// console is where a command reads and writes.
type console struct {
	in   io.Reader
	out  io.Writer
	err  io.Writer
	json bool
	lang explain.Language
}

// say writes a line for people; with --json nothing but JSON is on standard output.
func (c *console) say(format string, a ...any) {
	w := c.out
	if c.json {
		w = c.err
	}
	fmt.Fprintf(w, format+"\n", a...)
}

// text chooses the words of the console's language.
func (c *console) text(vi, en string) string {
	if c.lang == explain.English {
		return en
	}
	return vi
}

// object writes one JSON line when --json is on.
func (c *console) object(v any) {
	if !c.json {
		return
	}
	b, err := json.Marshal(v)
	if err != nil {
		fmt.Fprintf(c.err, "kysoctl: %v\n", err)
		return
	}
	fmt.Fprintf(c.out, "%s\n", b)
}

// A failure is an error as JSON shows it.
type failure struct {
	Kind            string `json:"kind"`
	File            string `json:"file,omitempty"`
	explain.Message        //nolint:embeddedstructfieldcheck // "kind" stands first in the line
}

// fail tells an error in three lines, or as an object of the kind named.
func (c *console) fail(kind, file string, err error) {
	m := explain.For(err, c.lang)
	c.object(failure{Kind: kind, File: file, Message: m})
	if file != "" {
		fmt.Fprintf(c.err, "%s\n", file)
	}
	fmt.Fprintf(c.err, "%s\n", m.Lines())
	if m.Detail != "" {
		fmt.Fprintf(c.err, "(%s: %s)\n", m.Code, m.Detail)
	}
}

// bad tells wrong usage and gives its exit status.
func (c *console) bad(format string, a ...any) int {
	fmt.Fprintf(c.err, "kysoctl: "+format+"\n", a...)
	return exitUsage
}

// errNoSecret reports that there is neither a file nor a terminal to read a secret from.
var errNoSecret = errors.New("no terminal to type it on; name a file, or - for standard input")

// maxSecret bounds a PIN or password in bytes.
const maxSecret = 256

// secret reads a PIN or a password: the first line of file ("-" is standard
// input), or what is typed on the terminal without showing it. The caller wipes it.
func (c *console) secret(file, prompt string) ([]byte, error) {
	switch file {
	case "":
		tty := c.terminal()
		if tty == nil {
			return nil, errNoSecret
		}
		fmt.Fprint(c.err, prompt)
		b, err := term.ReadPassword(int(tty.Fd()))
		fmt.Fprintln(c.err)
		if err != nil {
			return nil, fmt.Errorf("read from the terminal: %w", err)
		}
		return b, nil
	case "-":
		return firstLine(c.in)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read the secret: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	return firstLine(f)
}

// terminal gives the terminal that the person types on, nil when there is none.
func (c *console) terminal() *os.File {
	if tty, ok := c.in.(*os.File); ok && term.IsTerminal(int(tty.Fd())) {
		return tty
	}
	return nil
}

// confirm asks for the word yes on the terminal; without one the answer is no.
func (c *console) confirm(question string) bool {
	tty := c.terminal()
	if tty == nil {
		return false
	}
	fmt.Fprint(c.err, question)
	answer, err := firstLine(tty)
	return err == nil && slices.Contains([]string{"CO", "CÓ", "YES"}, strings.ToUpper(strings.TrimSpace(string(answer))))
}

// documentPassword reads the password of documents like secret, but asks nobody:
// without a file there is none.
func (c *console) documentPassword(file string) ([]byte, error) {
	if file == "" {
		return nil, nil
	}
	return c.secret(file, "")
}

// firstLine reads up to the end of the first line, without it.
func firstLine(r io.Reader) ([]byte, error) {
	b, err := bufio.NewReaderSize(io.LimitReader(r, maxSecret), maxSecret).ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the secret: %w", err)
	}
	return bytes.TrimRight(b, "\r\n"), nil
}

// word is the plain word of an indication.
func (c *console) word(i verify.Indication) string {
	en := map[verify.Indication]string{verify.TotalPassed: "valid", verify.TotalFailed: "not valid", verify.Indeterminate: "not enough evidence"}
	return c.text(i.Word(), en[i])
}

// clock writes a time as Vietnam's officials do.
func clock(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.In(docsys.Hanoi()).Format("02/01/2006 15:04:05")
}
