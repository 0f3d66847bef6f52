package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"kyso/app"
	"kyso/app/demo"
)

// demoFolder is where the demonstration lives unless --dir names another place.
const demoFolder = "build/demo"

// runDemo prepares the demonstration, starts its servers, and walks the road or
// opens the window.
func runDemo(ctx context.Context, c *console, args []string) int {
	f := c.flags("demo")
	dir := f.String("dir", demoFolder, "the demonstration's folder")
	window := f.Bool("window", false, "open the window instead of walking")
	as := f.String("as", demo.Chairman().ID, "whose window: chu-tich, pho-chu-tich, chanh-van-phong, van-thu")
	if f.Parse(args) != nil {
		return exitUsage
	}
	people := demo.People()
	at := slices.IndexFunc(people, func(p demo.Person) bool { return p.ID == *as })
	if at < 0 {
		return c.bad("--as %s", *as)
	}
	if err := c.demo(ctx, *dir, *window, people[at]); err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	return exitDone
}

// demo runs one demonstration.
func (c *console) demo(ctx context.Context, dir string, window bool, who demo.Person) (err error) {
	tools, err := demo.ToolsBeside()
	if err != nil {
		return err
	}
	if err := demo.Prepare(ctx, dir, tools, time.Now(), c.err); err != nil {
		return err
	}
	d, err := demo.Open(dir)
	if err != nil {
		return err
	}
	s, err := d.Start(ctx, tools, c.err)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if window {
		h, err := s.Handover(ctx, who)
		if err != nil {
			return err
		}
		return c.window(ctx, h)
	}
	return c.walk(ctx, d, s)
}

// walk goes the road with the chairman's token.
func (c *console) walk(ctx context.Context, d *demo.Demo, s *demo.Services) (err error) {
	h, err := s.Handover(ctx, demo.Chairman())
	if err != nil {
		return err
	}
	a, err := app.Start(ctx, app.Options{Handover: &h})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	c.say("%s: %s · %s", c.text("Minh họa", "Demonstration"), d.Dir(), s.Server())
	return walk{c: c, app: a, pin: []byte(demo.Chairman().PIN)}.run(ctx)
}

// window opens kyso with what it needs on its standard input, and waits for its end.
func (c *console) window(ctx context.Context, h app.Handover) error {
	exe, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the window's program: %w", err)
	}
	program := filepath.Join(filepath.Dir(exe), "kyso")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	w := exec.CommandContext(ctx, program, "--handover", "--lang", string(c.lang)) //nolint:gosec // the program's own
	in, err := w.StdinPipe()
	if err != nil {
		return fmt.Errorf("open the window: %w", err)
	}
	w.Stdout, w.Stderr = c.out, c.err
	if err := w.Start(); err != nil {
		return fmt.Errorf("open the window: %w", err)
	}
	if err := json.NewEncoder(in).Encode(h); err != nil {
		return fmt.Errorf("open the window: hand over: %w", errors.Join(err, w.Wait()))
	}
	if err := w.Wait(); err != nil {
		return fmt.Errorf("%w: %w", namedError{"demo-window", "the window ended"}, err)
	}
	return nil
}
