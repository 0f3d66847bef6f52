// Command kyso-judge measures the signing engine with other programs as judges.
// It is a tool of its developers and is not shipped.
//
//	kyso-judge corpus [options] DIR           signs every PDF under DIR and has each output judged
//	kyso-judge interop [options]              has pyHanko judge what we sign, and judges what pyHanko signs
//	kyso-judge conformance [options] DIR      has veraPDF judge PDF/A and PDF/UA files before and after signing
//	kyso-judge attacks DIR                    judges the attack files of a corpus and their clean twins
//	kyso-judge verify-corpus [options] DIR    judges every PDF under DIR and compares with other judges
//	kyso-judge bench [options]                measures time and memory against cp, sha256sum and the bare token
//
// See corpusCommand, attacksCommand, verifyCorpusCommand and benchCommand for what is counted,
// and the Makefile for how they are called.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// A command runs with its arguments and gives the exit status: 0 when what it
// measures keeps its bars, 1 when not, 2 for wrong usage.
type command struct {
	usage string
	run   func(ctx context.Context, args []string) int
}

func commands() map[string]command {
	return map[string]command{
		"bench":         {"bench -dir DIR -fault MODULE -bare PROGRAM [options]", benchCommand},
		"bench-child":   {"", benchChild}, // started by bench
		"corpus":        {"corpus [options] DIR", corpusCommand},
		"corpus-child":  {"", corpusChild}, // started by corpus
		"interop":       {"interop [--python PYTHON] [--dir DIR]", interopCommand},
		"conformance":   {"conformance [--verapdf DIR] DIR", conformanceCommand},
		"attacks":       {"attacks DIR", attacksCommand},
		"verify-corpus": {"verify-corpus [options] DIR", verifyCorpusCommand},
	}
}

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) > 1 {
		if c, ok := commands()[os.Args[1]]; ok {
			return c.run(ctx, os.Args[2:])
		}
	}
	fmt.Fprintln(os.Stderr, "usage:")
	for _, c := range commands() {
		if c.usage != "" {
			fmt.Fprintln(os.Stderr, "  kyso-judge "+c.usage)
		}
	}
	return 2
}
