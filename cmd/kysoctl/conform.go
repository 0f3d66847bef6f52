package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"kyso/app"
	"kyso/app/docsys"
	"kyso/app/docsys/conform"
	"kyso/app/docsys/program"
)

// runConform judges whether a document system keeps what the outbox relies on.
func runConform(ctx context.Context, c *console, args []string) int {
	var a account
	f := c.flags("conform")
	a.options(f)
	unit := f.String("unit", "", "code of the unit whose documents are made; the account's own without it")
	path := f.String("program", "", "a connector program instead of a server, by absolute path; arguments follow")
	documents := f.String("documents", "", "file with identifiers of documents for the program, one a line; made up without it")
	if f.Parse(args) != nil {
		return exitUsage
	}
	var cases []conform.Case
	if *path != "" {
		system, err := programSystem(*path, f.Args(), *documents)
		if err != nil {
			c.fail("failed", *path, err)
			return exitFailed
		}
		cases = conform.Delivery(system)
	} else {
		l, status := a.connect(ctx, c)
		if status != exitDone {
			return status
		}
		s, err := serverOf(ctx, l, a.server, *unit)
		if err != nil {
			c.fail("failed", "", err)
			return exitFailed
		}
		cases = append(conform.Contract(s), conform.Delivery(s.Submissions())...)
	}
	return c.judge(ctx, cases)
}

// serverOf names the server for the suite.
func serverOf(ctx context.Context, l line, base, unit string) (conform.Server, error) {
	s := conform.Server{Base: base, Token: l.client.Token(), Unit: unit, Client: l.reach.HTTP}
	if unit != "" {
		return s, nil
	}
	me, err := l.client.Whoami(ctx)
	s.Unit = me.Unit
	return s, err
}

// programSystem makes the system behind a connector program.
func programSystem(path string, args []string, list string) (conform.System, error) {
	p, err := program.New(program.Options{Path: path, Arguments: args})
	if err != nil {
		return conform.System{}, err
	}
	ids, err := readIDs(list)
	if err != nil {
		return conform.System{}, err
	}
	return conform.System{Connector: p, Next: func(context.Context) (docsys.Submission, error) {
		id := "conform-" + rand.Text()
		if list != "" {
			if len(ids) == 0 {
				return docsys.Submission{}, errors.New("the file of documents has too few")
			}
			id, ids = ids[0], ids[1:]
		}
		return conform.Submission(id, "", "signed", rand.Text(), fmt.Appendf(nil, "%%PDF-1.4\n%% %s\n%%%%EOF\n", rand.Text())), nil
	}}, nil
}

// readIDs reads identifiers, one a line; none without a file.
func readIDs(path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the documents: %w", err)
	}
	var ids []string
	for s := bufio.NewScanner(strings.NewReader(string(b))); s.Scan(); {
		ids = append(ids, strings.TrimSpace(s.Text()))
	}
	return slices.DeleteFunc(ids, func(id string) bool { return id == "" }), nil
}

// A conformLine is what --json prints of a case.
type conformLine struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Why  string `json:"why,omitempty"`
}

// judge runs the cases and prints what came of each.
func (c *console) judge(ctx context.Context, cases []conform.Case) int {
	kept := 0
	for _, k := range cases {
		err := k.Run(ctx)
		line := conformLine{Kind: "conform", Name: k.Name, OK: err == nil}
		sign := "✓"
		if err != nil {
			line.Why, sign = err.Error(), "✗"
		} else {
			kept++
		}
		c.object(line)
		c.say("%s %s", sign, c.text(k.Vietnamese, k.Name))
		if err != nil {
			c.say("    %v", err)
		}
	}
	c.say(c.text("%d/%d mục đạt", "%d of %d are kept"), kept, len(cases))
	if kept < len(cases) {
		return exitFailed
	}
	return exitDone
}

// runConnection tries the connection of the settings.
func runConnection(ctx context.Context, c *console, args []string) int {
	f := c.flags("connection")
	data := f.String("data", "", "the program's folder")
	if f.Parse(args) != nil {
		return exitUsage
	}
	s, err := app.Start(ctx, app.Options{Data: *data, NoOutbox: true})
	if err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	defer s.Close() //nolint:errcheck // nothing is written
	k, err := s.CheckConnection(ctx, s.Effective.Connector, "")
	for _, step := range k.Steps {
		sign := "✓"
		if step.Err != nil {
			sign = "✗"
		}
		c.say("%s %s", sign, c.step(step.Name))
	}
	if err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	c.object(struct {
		Kind   string `json:"kind"`
		System string `json:"system"`
	}{"connection", k.System})
	c.say("%s %s", c.text("Kết nối tốt:", "The connection is good:"), k.System)
	return exitDone
}

// step names a step of a test.
func (c *console) step(name string) string {
	switch name {
	case "reach":
		return c.text("tới được hệ thống", "the system is reached")
	case "login":
		return c.text("đăng nhập", "logged in")
	case "write":
		return c.text("ghi tệp", "a file is written")
	case "rename":
		return c.text("đổi tên tệp", "it is renamed")
	case "answer":
		return c.text("đọc lại đúng nội dung", "it is read back")
	case "remove":
		return c.text("xóa tệp thử", "it is removed")
	}
	return name
}
