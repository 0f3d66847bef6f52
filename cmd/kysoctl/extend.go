package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kyso/app"
	"kyso/signer"
)

// An extended line is what --json prints of a file whose signatures were raised.
type extendedLine struct {
	Kind   string `json:"kind"`
	File   string `json:"file"`
	Out    string `json:"out"`
	SHA256 string `json:"sha256"`
	Level  string `json:"level"`
}

// runExtend raises the level of signatures that are made. No token is needed.
func runExtend(ctx context.Context, c *console, args []string) int {
	var o lasting
	f := c.flags("extend")
	o.define(f, string(signer.LevelLTA))
	passwordFile := f.String("password-file", "", "file with the password of encrypted documents; - is standard input")
	out := f.String("out", "", "file or folder for the result")
	if f.Parse(args) != nil {
		return exitUsage
	}
	if status := o.check(c); status != exitDone {
		return status
	}
	if status := checkOut(c, *out, f.Args()); status != exitDone {
		return status
	}
	s, err := app.Start(ctx, app.Options{NoOutbox: true, OnlyModules: true, TimeStampServers: o.tsa, Trust: o.trust})
	if err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	defer s.Close() //nolint:errcheck // nothing is written any more
	req, err := s.Extension(signer.Level(o.level))
	if err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	if req.Password, err = c.documentPassword(*passwordFile); err != nil {
		return c.bad("--password-file: %v", err)
	}
	defer clear(req.Password)
	return extendAll(ctx, c, req, *out, f.Args())
}

// extendAll raises the files in order and lists each with what came of it.
func extendAll(ctx context.Context, c *console, req signer.ExtendRequest, out string, files []string) int {
	status := exitDone
	for _, file := range files {
		req.Time = time.Now()
		r, err := signer.ExtendFile(ctx, file, extended(out, file, req.Level), req)
		if err != nil {
			c.fail("failed", file, fmt.Errorf("%s: %w", filepath.Base(file), err))
			status = exitFailed
			continue
		}
		c.object(extendedLine{Kind: "extended", File: file, Out: r.Path, SHA256: fmt.Sprintf("%x", r.SHA256), Level: string(req.Level)})
		c.say("%s %s → %s (%s)", c.text("Đã nâng mức, đã kiểm tra:", "Raised and checked:"), file, r.Path, req.Level)
	}
	return status
}

// extended is the place of the result: what --out says, else beside the file.
func extended(out, file string, level signer.Level) string {
	name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)) + "-" + string(level) + ".pdf"
	st, err := os.Stat(out)
	switch {
	case out == "":
		return filepath.Join(filepath.Dir(file), name)
	case err == nil && st.IsDir():
		return filepath.Join(out, name)
	}
	return out
}

// checkOut refuses files that would have one name.
func checkOut(c *console, out string, files []string) int {
	if len(files) == 0 {
		return c.bad("%s", c.text("chưa nêu tệp nào", "no file is named"))
	}
	if st, err := os.Stat(out); out != "" && len(files) > 1 && (err != nil || !st.IsDir()) {
		return c.bad("--out %s: %s", out, c.text("nhiều tệp thì phải là thư mục có sẵn", "several files need an existing folder"))
	}
	return exitDone
}
