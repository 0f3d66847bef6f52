// Command kysoctl does the window's work from the command line. docs/cli.md is
// its contract.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"kyso/app/explain"
)

// Exit statuses (docs/cli.md).
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// A command runs with its arguments and gives the exit status.
type command struct {
	name, usage string
	run         func(ctx context.Context, c *console, args []string) int
}

func commands() []command {
	return []command{
		{"token", "token list [--module PATH]... | token change-pin [--module PATH]... [--token TEXT]", runToken},
		{"sign", "sign [--module PATH]... [--cert SHA256|TEXT] [--pin-file F] [--password-file F] [--as ROLE] [--place PLACE] [--image PNG] [--level LEVEL] [--tsa URL]... [--trust DIR] [--pss] [--p12 FILE] [--last-try] [--wait TIME] [--out FILE|DIR] FILE...", runSign},
		{"rehearse", "rehearse [--name TEXT] [--title TEXT] [--as approval|initials] [--place PLACE] [--image PNG] [--password-file F] [--out DIR] FILE...", runRehearse},
		{"batch", "batch list | batch resume [--pin-file F] [--password-file F] [--wait TIME] [ID] | batch forget ID", runBatch},
		{"extend", "extend [--level LEVEL] [--tsa URL]... [--trust DIR] [--password-file F] [--out FILE|DIR] FILE...", runExtend},
		{"plan", "plan [--place PLACE] [--password-file F] FILE...", runPlan},
		{"verify", "verify [--trust DIR] [--password-file F] [--offline] [--at TIME] [--policy NAME] [--report FILE] [--keep DIR] [--data DIR] FILE...", runVerify},
		{"evidence", "evidence list|replay|destroy DIR [NAME]...", runEvidence},
		{"trust", "trust list DIR | trust add [--pin SHA256] DIR FILE... | trust remove DIR SHA256...", runTrust},
		{"login", "login [--server URL] [--device] [--data DIR]", runLogin},
		{"logout", "logout [--server URL] [--data DIR]", runLogout},
		{"upload", "upload ACCOUNT --document ID FILE", runUpload},
		{"queue", "queue [--data DIR] [pause|resume|cancel|retry|discard ID]", runQueue},
		{"connection", "connection [--data DIR]", runConnection},
		{"conform", "conform ACCOUNT [--unit CODE] | conform --program PATH [--documents F] [ARGUMENT]...", runConform},
		{"rate", "rate ACCOUNT [--unit CODE] [--period P] [--restated] [--trend week|month] [--annex FILE]", runRate},
		{"templates", "templates ACCOUNT [--set FILE] | templates --check FILE", runTemplates},
		{"doctor", "doctor [--module PATH]... [--only] [--server URL] [--tsa URL]... [--trust DIR] [--zip FILE] [--details]", runDoctor},
		{"demo", "demo [--dir DIR] [--window]", runDemo},
	}
}

func main() { os.Exit(start()) }

// start runs the command of this process's arguments; an interrupt ends its context.
func start() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, os.Args[1:], &console{in: os.Stdin, out: os.Stdout, err: os.Stderr, lang: explain.Vietnamese})
}

// run finds the command and runs it.
func run(ctx context.Context, args []string, c *console) int {
	if len(args) > 0 {
		for _, k := range commands() {
			if k.name == args[0] {
				return k.run(ctx, c, args[1:])
			}
		}
		if args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
			usage(c.out)
			return exitDone
		}
	}
	usage(c.err)
	return exitUsage
}

// usage lists the commands.
func usage(w io.Writer) {
	fmt.Fprintln(w, "kysoctl: ký số từ dòng lệnh (docs/cli.md)")
	for _, k := range commands() {
		fmt.Fprintln(w, "  kysoctl "+k.usage)
	}
	fmt.Fprintln(w, "ACCOUNT: [--server URL] [--login NAME [--password-file F] | --identity browser|code] [--data DIR]")
	fmt.Fprintln(w, "Mọi lệnh nhận --json và --lang vi|en.")
}

// flags makes a command's flag set with the options that all commands share.
func (c *console) flags(name string) *flag.FlagSet {
	f := flag.NewFlagSet("kysoctl "+name, flag.ContinueOnError)
	f.SetOutput(c.err)
	f.BoolVar(&c.json, "json", false, "one JSON object a line")
	f.Func("lang", "vi or en", func(s string) error {
		if s != string(explain.Vietnamese) && s != string(explain.English) {
			return errors.New("vi or en")
		}
		c.lang = explain.Language(s)
		return nil
	})
	return f
}

// list is a flag that may be given more than once.
type list []string

// String gives the values, as flag.Value asks.
func (l *list) String() string { return fmt.Sprint([]string(*l)) }

// Set adds a value.
func (l *list) Set(s string) error { *l = append(*l, s); return nil }
