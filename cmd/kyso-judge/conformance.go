package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"kyso/assets"
	"kyso/signer"
	"kyso/signer/signertest"
)

// conformanceCommand signs every file that veraPDF passes, in several ways, and
// asks veraPDF again. It prints a table, every claim that a file lost, and as its
// last line "conformance claims=N kept=N told=N lost=N": told are those that the
// plan said would be lost. The exit status is 0 when lost is 0.
func conformanceCommand(ctx context.Context, args []string) int {
	f := flag.NewFlagSet("conformance", flag.ContinueOnError)
	jars := f.String("verapdf", "build/verapdf", "the folder with veraPDF's jar files")
	if f.Parse(args) != nil || f.NArg() != 1 {
		return 2
	}
	c := &conformance{jars: *jars, counts: map[count]int{}}
	err := c.run(ctx, f.Arg(0), os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		return 1
	}
	return c.report(os.Stdout)
}

// claim is one profile of veraPDF ("2b", "ua1") that a file passes.
type claim struct{ file, profile string }

// count is a cell of the table.
type count struct{ way, profile, outcome string }

// The outcomes of a claim after signing.
const (
	claimKept = "kept"
	claimTold = "told" // lost, and the plan said so
	claimLost = "lost"
)

// conformance is one run.
type conformance struct {
	jars    string
	request signer.Request
	ways    []way
	counts  map[count]int
	lost    []string
}

// way is one way to sign.
type way struct {
	name  string
	marks []signer.Mark
	stamp bool
	twice bool
}

func (c *conformance) run(ctx context.Context, folder string, out io.Writer) error {
	if err := c.prepare(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "kyso-conformance-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	files, err := pdfsBelow(folder)
	if err != nil {
		return err
	}
	before, err := c.ask(ctx, files)
	if err != nil {
		return err
	}
	if len(before) == 0 {
		return fmt.Errorf("no file in %s conforms to anything", folder)
	}
	fmt.Fprintf(out, "%d files, %d claims\n", len(files), len(before))
	for i, w := range c.ways {
		if err := c.tryWay(ctx, w, before, filepath.Join(dir, strconv.Itoa(i))); err != nil {
			return err
		}
	}
	return nil
}

// prepare makes the key and the marks.
func (c *conformance) prepare() error {
	pki, err := signertest.New(signertest.Options{})
	if err != nil {
		return fmt.Errorf("make a CA: %w", err)
	}
	id, err := pki.Issue(signertest.IssueSpec{Name: "Nguyễn Thị Ánh Tuyết", Key: "P-256"})
	if err != nil {
		return fmt.Errorf("issue a certificate: %w", err)
	}
	c.request = signer.Request{Credential: id.Credential(), Chain: pki.Chain(), Time: time.Now()}
	ink := image.NewNRGBA(image.Rect(0, 0, 64, 24))
	for x := range 64 {
		for y := range 24 {
			ink.Set(x, y, color.NRGBA{R: 20, G: 40, B: 160, A: uint8(4 * x)})
		}
	}
	one := signer.Mark{
		Page: 1, Rect: signer.Rect{X: 1, Y: 1, W: 30, H: 20}, Image: ink, Lines: []string{"Đã ký số"},
		Font: assets.SerifRegular(), FontSize: 6,
	}
	two := one
	two.Rect.X = 35
	c.ways = []way{
		{name: "a mark", marks: []signer.Mark{one}},
		{name: "two marks", marks: []signer.Mark{one, two}},
		{name: "a mark and a stamp", marks: []signer.Mark{one, two}, stamp: true},
		{name: "invisible"},
		{name: "a second mark", marks: []signer.Mark{one}, twice: true},
	}
	return nil
}

func pdfsBelow(folder string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.EqualFold(filepath.Ext(path), ".pdf") {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", folder, err)
	}
	return out, nil
}

// ask gives the claims that veraPDF grants to files.
func (c *conformance) ask(ctx context.Context, files []string) (map[claim]bool, error) {
	out := map[claim]bool{}
	for part := range slices.Chunk(files, 100) {
		args := []string{"-cp", filepath.Join(c.jars, "*"), "org.verapdf.apps.GreenfieldCliWrapper", "--format", "text", "--loglevel", "0"}
		said, err := exec.CommandContext(ctx, "java", append(args, part...)...).Output() //nolint:gosec // the folder is the developer's
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {        // its status tells of failed files too
			return nil, fmt.Errorf("start veraPDF: %w", err)
		}
		lines := bufio.NewScanner(bytes.NewReader(said))
		judged := 0
		for lines.Scan() {
			verdict, rest, _ := strings.Cut(lines.Text(), " ")
			i := strings.LastIndexByte(rest, ' ')
			if i < 0 || verdict != "PASS" && verdict != "FAIL" {
				continue
			}
			judged++
			if verdict == "PASS" {
				out[claim{rest[:i], rest[i+1:]}] = true
			}
		}
		if judged == 0 {
			return nil, fmt.Errorf("veraPDF in %s judges nothing: %w", c.jars, err)
		}
	}
	return out, nil
}

// tryWay signs every file that has a claim and compares.
func (c *conformance) tryWay(ctx context.Context, w way, before map[claim]bool, dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	names := map[string]string{} // signed to original
	told := map[string]bool{}
	var signed []string
	for k := range before {
		if told[k.file] || slices.Contains(signed, c.place(dir, k.file)) {
			continue
		}
		out := c.place(dir, k.file)
		lost, err := c.sign(ctx, w, k.file, out)
		if err != nil {
			return fmt.Errorf("sign %s, %s: %w", k.file, w.name, err)
		}
		names[k.file], told[k.file] = out, len(lost) > 0
		signed = append(signed, out)
	}
	after, err := c.ask(ctx, signed)
	if err != nil {
		return err
	}
	for k := range before {
		outcome := claimKept
		switch {
		case after[claim{names[k.file], k.profile}]:
		case told[k.file] && strings.HasPrefix(k.profile, "ua"):
			outcome = claimTold
		default:
			outcome = claimLost
			c.lost = append(c.lost, fmt.Sprintf("%s: %s, %s", w.name, k.file, k.profile))
		}
		c.counts[count{w.name, k.profile, outcome}]++
	}
	return nil
}

// place is where the signed file of another one goes: names may come twice.
func (c *conformance) place(dir, file string) string {
	return filepath.Join(dir, strings.NewReplacer(string(filepath.Separator), "_", " ", "_").Replace(file))
}

// sign signs a file and gives the claims that the plan would give up.
func (c *conformance) sign(ctx context.Context, w way, in, out string) ([]string, error) {
	req := c.request
	req.Marks, req.StampPages = w.marks, w.stamp
	if w.twice {
		first := out + ".first"
		if _, err := signer.SignFile(ctx, in, first, req); err != nil {
			return nil, err
		}
		in = first
	}
	plan, err := signer.PlanFile(ctx, in, req)
	if err != nil {
		return nil, err
	}
	_, err = signer.SignFile(ctx, in, out, req)
	return plan.Lost, err
}

// report prints the table and the last line.
func (c *conformance) report(out io.Writer) int {
	total := map[string]int{}
	var profiles []string
	for k, n := range c.counts {
		total[k.outcome] += n
		profiles = append(profiles, k.profile)
	}
	slices.Sort(profiles)
	fmt.Fprintf(out, "%-20s %-8s %5s %5s %5s\n", "way", "profile", claimKept, claimTold, claimLost)
	for _, w := range c.ways {
		for _, p := range slices.Compact(slices.Clone(profiles)) {
			fmt.Fprintf(out, "%-20s %-8s %5d %5d %5d\n", w.name, p, c.counts[count{w.name, p, claimKept}],
				c.counts[count{w.name, p, claimTold}], c.counts[count{w.name, p, claimLost}])
		}
	}
	slices.Sort(c.lost)
	for _, l := range c.lost {
		fmt.Fprintln(out, "lost:", l)
	}
	kept, told, lost := total[claimKept], total[claimTold], total[claimLost]
	fmt.Fprintf(out, "conformance claims=%d kept=%d told=%d lost=%d\n", kept+told+lost, kept, told, lost)
	if lost > 0 {
		return 1
	}
	return 0
}
