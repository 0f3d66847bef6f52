package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"kyso/app"
	"kyso/app/docsys"
	"kyso/app/placement"
	"kyso/app/signing"
)

// rehearseOptions are the options of kysoctl rehearse.
type rehearseOptions struct {
	role, place, image, passwordFile, out, data string
	// name and title are printed on the documents.
	name, title string
}

// define adds the options to a flag set.
func (o *rehearseOptions) define(f *flag.FlagSet) {
	f.StringVar(&o.name, "name", "", "the signer's name as printed on the documents")
	f.StringVar(&o.title, "title", "", "the signer's title as printed on the documents")
	f.StringVar(&o.role, "as", "approval", "approval or initials")
	f.StringVar(&o.place, "place", "auto", "auto, invisible or PAGE:X,Y,W,H")
	f.StringVar(&o.image, "image", "", "PNG of the signature")
	f.StringVar(&o.passwordFile, "password-file", "", "file with the password of encrypted documents; - is standard input")
	f.StringVar(&o.data, "data", "", "the program's folder")
	f.StringVar(&o.out, "out", "", "existing folder for the results")
}

// check reads the options that can be wrong before anything is opened.
func (o *rehearseOptions) check(c *console, files []string) (place, int) {
	var none place
	if r := placement.Role(o.role); r != placement.Approval && r != placement.Initials {
		return none, c.bad("--as %s: approval, initials", o.role)
	}
	p, err := parsePlace(o.place)
	if err != nil || p.kind == "field" {
		return none, c.bad("--place %s: auto, invisible, PAGE:X,Y,W,H", o.place)
	}
	if st, err := os.Stat(o.out); o.out != "" && (err != nil || !st.IsDir()) {
		return none, c.bad("--out %s: %s", o.out, c.text("phải là thư mục có sẵn", "it must be an existing folder"))
	}
	return p, checkOut(c, o.out, files)
}

// runRehearse signs practice copies of files: the road of sign, with a key in
// memory that is worth nothing. It needs neither token nor PIN.
func runRehearse(ctx context.Context, c *console, args []string) int {
	var o rehearseOptions
	f := c.flags("rehearse")
	o.define(f)
	if f.Parse(args) != nil {
		return exitUsage
	}
	p, status := o.check(c, f.Args())
	if status != exitDone {
		return status
	}
	s, err := app.Start(ctx, app.Options{Data: o.data, OnlyModules: true, NoOutbox: true})
	if err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	defer s.Close() //nolint:errcheck // nothing is written any more
	r := &signRun{options: signOptions{role: o.role, out: o.out, image: o.image}, place: p, pages: s.Pages}
	if r.password, err = c.documentPassword(o.passwordFile); err != nil {
		return c.bad("--password-file: %v", err)
	}
	defer clear(r.password)
	if status := r.dress(c, s); status != exitDone {
		return status
	}
	for _, file := range f.Args() {
		if err := r.rehearse(ctx, c, s, o, file); err != nil {
			c.fail("failed", file, fmt.Errorf("%s: %w", filepath.Base(file), err))
			status = exitFailed
		}
	}
	return status
}

// rehearse signs the practice copy of one file, into the folder of its own output.
func (r *signRun) rehearse(ctx context.Context, c *console, s *app.App, o rehearseOptions, file string) error {
	road, err := s.Rehearse(docsys.Person{Name: o.name, Title: o.title}, output(o.out, file))
	if err != nil {
		return err
	}
	found, err := road.Keys(ctx)
	if err != nil {
		return fmt.Errorf("take the practice key: %w", err)
	}
	if len(found.Keys) != 1 {
		return noKey(found)
	}
	r.key = found.Keys[0]
	j, err := r.job(ctx, file)
	if err == nil && j.unplaced {
		printed := r.key // the certificate's own name says that it is for practice
		printed.Subject.Name, printed.Subject.Title = o.name, o.title
		j.Job, err = r.find(ctx, printed, j.Job)
	}
	if err != nil {
		return err
	}
	seat, err := road.Open(ctx, r.key, []byte(app.PracticePIN))
	if err != nil {
		return fmt.Errorf("open the practice key: %w", err)
	}
	out, err := seat.Sign(ctx, j.Job, func(signing.Step) {})
	if err := errors.Join(err, seat.Close(context.WithoutCancel(ctx))); err != nil {
		return err
	}
	line := r.line(file, j.Job, out)
	line.Kind, line.Revocation = "rehearsed", ""
	c.object(line)
	c.say("%s %s → %s", c.text("Bản thử, không có giá trị, không gửi đi:", "Rehearsed, worth nothing, not sent:"), file, out.Path)
	if !line.Sure {
		c.say("  %s", c.text("Chưa tìm thấy chức danh và họ tên: chữ ký đặt ở chỗ mặc định.", "Title and name were not found: the mark stands at a default place."))
	}
	return nil
}
