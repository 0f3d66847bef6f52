package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"kyso/signer/verify"
)

// attackFolders say what becomes of the files in the folders of the corpus.
func attackFolders() map[string]bool {
	return map[string]bool{"isa-siwa-usf": true, "shadow-manipulated": true, "shadow-clean": false}
}

// attacksCommand judges the attack files of a corpus: manipulated ones must be
// reported as not valid or changed, their clean twins accepted as unmodified.
func attacksCommand(ctx context.Context, args []string) int {
	flags := flag.NewFlagSet("attacks", flag.ContinueOnError)
	if flags.Parse(args) != nil || flags.NArg() != 1 {
		return 2
	}
	root := flags.Arg(0)
	if _, err := os.Stat(filepath.Join(root, "attacks")); err == nil {
		root = filepath.Join(root, "attacks")
	}
	files, err := judgeFiles(ctx, root, 2)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "FILE\tEXPECTED\tVERDICT\tSUB-INDICATION\tPDFSIG\tWHY")
	counts := map[string]int{}
	for _, f := range files {
		folder := filepath.Base(filepath.Dir(f.path))
		manipulated, known := attackFolders()[folder]
		if !known {
			continue
		}
		expected, key := "unmodified", "clean"
		if manipulated {
			expected, key = "reported", "manipulated"
		}
		counts[key]++
		verdict, why := verdictOn(f)
		if (verdict == "reported") == manipulated {
			counts[key+"_right"]++
		} else {
			expected += " !"
		}
		counts["pdfsig_valid"] += popplerValid(f, manipulated)
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", f.path, expected, f.report.Indication, f.report.SubIndication, poppler(f), why)
	}
	if err := table.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	fmt.Printf("attacks manipulated=%d reported=%d clean=%d unmodified=%d manipulated_valid_to_pdfsig=%d\n",
		counts["manipulated"], counts["manipulated_right"], counts["clean"], counts["clean_right"], counts["pdfsig_valid"])
	if counts["manipulated"] == 0 || counts["clean"] == 0 || counts["manipulated"] != counts["manipulated_right"] || counts["clean"] != counts["clean_right"] {
		return 1
	}
	return 0
}

// verdictOn is "reported" or "unmodified": a file passes as unmodified when it has
// signatures, all of them hold, and nothing came after them that needs a look.
func verdictOn(f judgedFile) (verdict, why string) {
	if f.err != nil {
		return "error", f.err.Error()
	}
	for _, s := range f.report.Signatures {
		if !s.Sound() || len(s.Warnings) > 0 {
			why = s.Why
			if why == "" && len(s.Warnings) > 0 {
				why = string(s.Warnings[0].Code)
			}
			return "reported", why
		}
	}
	if f.report.Indication == verify.TotalFailed {
		return "reported", "damaged"
	}
	if len(f.report.Signatures) == 0 {
		return "unsigned", ""
	}
	return "unmodified", ""
}

func poppler(f judgedFile) string {
	var all []string
	for _, s := range f.signatures {
		all = append(all, s.pdfs)
	}
	return strings.Join(all, ",")
}

func popplerValid(f judgedFile, manipulated bool) int {
	if manipulated && strings.Contains(poppler(f), "good") {
		return 1
	}
	return 0
}
