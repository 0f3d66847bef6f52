package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// errHelp reports that the person asked how the program is called.
var errHelp = errors.New("help was asked for")

// flags are what the program was called with.
type flags struct {
	files    []string // absolute
	modules  []string
	data     string
	helper   string
	lang     string
	handover bool
	trace    bool
	frames   bool
	uses     bool
	// register and unregister put the program into the menus of the file manager, or take it out.
	register, unregister bool
}

// list is a flag that may be given several times.
type list []string

// String is called by package flag.
func (l *list) String() string { return strings.Join(*l, ", ") }

// Set is called by package flag.
func (l *list) Set(v string) error {
	*l = append(*l, v)
	return nil
}

// parse reads the arguments. What is wrong with them was written to errs.
func parse(args []string, errs io.Writer) (flags, error) {
	var f flags
	s := flag.NewFlagSet("kyso", flag.ContinueOnError)
	s.SetOutput(errs)
	s.Usage = func() {
		fmt.Fprintln(errs, "kyso [--lang vi|en] [--module PATH]... [--data DIR] [FILE.pdf]...")
		s.PrintDefaults()
	}
	s.Var((*list)(&f.modules), "module", "a PKCS #11 module to look into; may be given several times")
	s.StringVar(&f.data, "data", "", "keep everything in this folder, apart from the person's own")
	s.StringVar(&f.helper, "helper", "", "the kyso-token program, when it is not beside this one")
	s.StringVar(&f.lang, "lang", "", "vi or en; the setting when not given")
	s.BoolVar(&f.handover, "handover", false, "read server, token and person as JSON from the standard input")
	s.BoolVar(&f.trace, "trace", false, "tell on standard error what the window does, with times in milliseconds")
	s.BoolVar(&f.frames, "trace-frames", false, "tell on standard error what each painted frame took, in microseconds")
	s.BoolVar(&f.uses, "trace-use", false, "with --trace: tell at each look at the board what is in use after a collection")
	s.BoolVar(&f.register, "register", false, "offer the program in the file manager's menu of PDF files, and end")
	s.BoolVar(&f.unregister, "unregister", false, "take back --register, and end")
	if err := s.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return f, errHelp
		}
		return f, fmt.Errorf("read the arguments: %w", err)
	}
	if f.lang != "" && f.lang != "vi" && f.lang != "en" {
		fmt.Fprintln(errs, "kyso: --lang vi|en")
		return f, errors.New("unknown language")
	}
	for _, a := range s.Args() {
		path, err := filepath.Abs(a)
		if err != nil {
			return f, fmt.Errorf("find %s: %w", a, err)
		}
		f.files = append(f.files, path)
	}
	return f, nil
}
