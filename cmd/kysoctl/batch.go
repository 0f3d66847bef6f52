package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kyso/app"
	"kyso/app/signing"
	"kyso/signer/token"
)

// batchRun drives a batch from the command line.
type batchRun struct {
	c       *console
	batch   *signing.Batch
	pinFile string
	wait    time.Duration
	// shown is told what is printed of a signed row, with the place in the whole before it.
	shown func(r signing.Row, head string)
	file  func(r signing.Row) string

	told    map[int]bool
	removed error       // why the token is away, nil while it is there
	timer   *time.Timer // ends the wait for it
}

// signMany signs files as a batch.
func (r *signRun) signMany(ctx context.Context, c *console, road *signing.Desk, files []string) int {
	status := exitDone
	var all []signing.Assignment
	var names []string
	for _, file := range files {
		j, err := r.job(ctx, file)
		if err != nil {
			c.fail("failed", file, err)
			status = exitFailed
			continue
		}
		j.Time = time.Time{} // its turn comes later
		all, names = append(all, signing.Assignment{Job: j.Job, Key: r.key, Unplaced: j.unplaced}), append(names, file)
	}
	if len(all) == 0 {
		return status
	}
	b := &batchRun{c: c, pinFile: r.options.pinFile, wait: r.options.wait, told: map[int]bool{}}
	b.file = func(row signing.Row) string { return names[row.Index] }
	b.shown = func(row signing.Row, head string) { r.tell(c, r.line(b.file(row), row.Job, row.Outcome), head) }
	batch, err := road.Batch(all, b.options(r.find))
	if err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	return max(status, b.run(ctx, batch))
}

// options tie the batch to the terminal.
func (b *batchRun) options(place func(context.Context, signing.Key, signing.Job) (signing.Job, error)) signing.BatchOptions {
	return signing.BatchOptions{Ask: b.ask, Told: b.tell, Place: place}
}

// run signs. The first interrupt ends the batch behind the signature under way.
func (b *batchRun) run(ctx context.Context, batch *signing.Batch) int {
	b.batch = batch
	detach := context.AfterFunc(ctx, batch.Cancel)
	defer detach()
	err := batch.Run(context.WithoutCancel(ctx))
	if b.timer != nil {
		b.timer.Stop()
	}
	status := exitDone
	if err != nil {
		b.c.fail("failed", "", err)
		status = exitFailed
	}
	for _, r := range batch.Rows() {
		if r.State != signing.RowSigned {
			status = exitFailed
		}
	}
	return status
}

// ask asks for the PIN on the terminal, or reads its file. A file with a wrong PIN
// is not read a second time.
func (b *batchRun) ask(_ context.Context, q signing.Question) ([]byte, error) {
	c := b.c
	if q.Why == signing.WhyWrong && b.pinFile != "" || q.Why != signing.WhyFirst && b.pinFile == "-" {
		return nil, q.Err
	}
	if why := c.why(q.Why); why != "" {
		c.say("%s", why)
	}
	if q.Key.Token.PIN == token.PINLow {
		c.say("%s", c.text("Mã PIN đã bị nhập sai trước đó. Hãy nhập cẩn thận.", "A wrong PIN was typed before. Type it with care."))
	}
	pin, err := c.pin(q.Key, b.pinFile)
	if err != nil && q.Err != nil {
		return nil, errors.Join(q.Err, err) // there is nobody to type it anew
	}
	return pin, err
}

// why says why a PIN is asked for.
func (c *console) why(w signing.Why) string {
	switch w {
	case signing.WhyWrong:
		return c.text("Mã PIN không đúng.", "The PIN is wrong.")
	case signing.WhyBack:
		return c.text("Thiết bị đã được cắm lại. Nhập lại mã PIN để ký tiếp.", "The token is back. Type the PIN again to go on.")
	case signing.WhyEnded:
		return c.text("Phiên đăng nhập đã hết. Nhập lại mã PIN để ký tiếp.", "The login has ended. Type the PIN again to go on.")
	case signing.WhyDriver:
		return c.text("Trình điều khiển đã được khởi động lại. Nhập lại mã PIN để ký tiếp.", "The driver was started anew. Type the PIN again to go on.")
	case signing.WhyFirst:
	}
	return ""
}

// tell prints what a batch tells.
func (b *batchRun) tell(e signing.Event) {
	if e.Lane != nil {
		b.lane(*e.Lane)
	}
	if e.Row == nil || !e.Row.Over() || b.told[e.Row.Index] {
		return
	}
	b.told[e.Row.Index] = true
	switch {
	case e.Row.State == signing.RowSigned:
		b.shown(*e.Row, fmt.Sprintf("[%d/%d] ", e.Progress.Signed, e.Progress.Total))
	case e.Row.State == signing.RowUnsigned && errors.Is(e.Row.Err, context.Canceled) && b.removed != nil:
		b.c.fail("failed", b.file(*e.Row), b.removed)
	default:
		b.c.fail("failed", b.file(*e.Row), e.Row.Err)
	}
	b.progress(e.Progress)
}

// A progress line is what --json prints of a batch under way.
type progressLine struct {
	Kind   string `json:"kind"`
	Total  int    `json:"total"`
	Signed int    `json:"signed"`
	Failed int    `json:"failed"`
	// PerMinute and Left are left out until they are known.
	PerMinute float64 `json:"per_minute,omitempty"`
	Left      float64 `json:"seconds_left,omitempty"`
}

// progress prints rate and time left.
func (b *batchRun) progress(p signing.Progress) {
	b.c.object(progressLine{Kind: "progress", Total: p.Total, Signed: p.Signed, Failed: p.Failed, PerMinute: p.PerMinute, Left: p.Left.Seconds()})
	if p.Left == 0 {
		return
	}
	b.c.say("  "+b.c.text("%.0f văn bản/phút, còn khoảng %s", "%.0f documents a minute, about %s left"), p.PerMinute, b.c.duration(p.Left))
}

// duration writes how long something takes, rounded up.
func (c *console) duration(d time.Duration) string {
	if s := int((d + time.Second - 1) / time.Second); s < 100 {
		return fmt.Sprintf(c.text("%d giây", "%d s"), s)
	}
	return fmt.Sprintf(c.text("%d phút", "%d min"), int((d+time.Minute-1)/time.Minute))
}

// lane follows the token: while it is out, the command waits for it.
func (b *batchRun) lane(l signing.Lane) {
	if l.State != signing.LaneRemoved {
		if l.State == signing.LaneWorking || l.State == signing.LaneAsking {
			b.removed = nil
		}
		if b.timer != nil {
			b.timer.Stop()
			b.timer = nil
		}
		return
	}
	if b.removed != nil {
		return
	}
	b.removed = l.Err
	b.c.object(struct {
		Kind  string            `json:"kind"`
		State signing.LaneState `json:"state"`
	}{"token", l.State})
	switch {
	case b.wait > 0:
		b.timer = time.AfterFunc(b.wait, b.batch.Cancel)
	case b.c.terminal() == nil:
		b.batch.Cancel()
		return
	}
	b.c.say("%s", b.c.text("Thiết bị đã bị rút. Cắm lại đúng thiết bị đó để ký tiếp (Ctrl+C để dừng).", "The token was pulled. Plug the same one in to go on (Ctrl+C to end)."))
}

// runBatch lists, resumes and forgets batches that a program did not end.
func runBatch(ctx context.Context, c *console, args []string) int {
	if len(args) == 0 {
		return c.bad("batch list | batch resume [ID] | batch forget ID")
	}
	f := c.flags("batch " + args[0])
	var o signOptions
	f.Var(&o.modules, "module", "PKCS#11 module; may be repeated")
	f.StringVar(&o.helper, "helper", "", "the kyso-token program; beside this one without it")
	f.StringVar(&o.pinFile, "pin-file", "", "file with the PIN; - is standard input")
	f.StringVar(&o.passwordFile, "password-file", "", "file with the password of encrypted documents; - is standard input")
	f.StringVar(&o.keyFile, "p12", "", "key in a file (.p12, .pfx), where the administrator allows it")
	f.StringVar(&o.data, "data", "", "the program's folder")
	f.DurationVar(&o.wait, "wait", 0, "how long to wait for a token that was pulled; without a limit at a terminal")
	if f.Parse(args[1:]) != nil {
		return exitUsage
	}
	s, err := app.Start(ctx, app.Options{Data: o.data, NoOutbox: true})
	if err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	all, err := s.Road.Unfinished()
	if err := errors.Join(err, s.Close()); err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	switch {
	case args[0] == "list" && f.NArg() == 0:
		c.listUnfinished(all)
		return exitDone
	case args[0] == "forget" && f.NArg() == 1:
		if err := s.Road.Forget(f.Arg(0)); err != nil {
			c.fail("failed", f.Arg(0), err)
			return exitFailed
		}
		return exitDone
	case args[0] == "resume" && f.NArg() <= 1:
		return c.resume(ctx, o, all, f.Arg(0))
	}
	return c.bad("batch list | batch resume [ID] | batch forget ID")
}

// An unfinished line is what --json prints of a batch that can be resumed.
type unfinishedLine struct {
	Kind    string    `json:"kind"`
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	Level   string    `json:"level"`
	Holders []string  `json:"holders"`
	Done    int       `json:"done"`
	Left    []string  `json:"left"`
}

// listUnfinished prints what can be resumed.
func (c *console) listUnfinished(all []signing.Unfinished) {
	if len(all) == 0 {
		c.say("%s", c.text("Không có lô ký nào dang dở.", "No batch is unfinished."))
	}
	for _, u := range all {
		line := unfinishedLine{Kind: "unfinished", ID: u.ID, At: u.At, Level: string(u.Level), Holders: u.Holders, Done: len(u.Done)}
		for _, j := range u.Left {
			line.Left = append(line.Left, j.Path)
		}
		c.object(line)
		c.say(c.text("%s  %s  đã ký %d, còn %d  %v", "%s  %s  %d signed, %d left  %v"), u.ID, clock(u.At), len(u.Done), len(u.Left), u.Holders)
		for _, j := range u.Left {
			c.say("  %s", j.Path)
		}
	}
}

// resume goes on with a batch, with the level that it was begun with.
func (c *console) resume(ctx context.Context, o signOptions, all []signing.Unfinished, id string) int {
	var u *signing.Unfinished
	for i := range all {
		if all[i].ID == id || id == "" && len(all) == 1 {
			u = &all[i]
		}
	}
	if u == nil {
		c.listUnfinished(all)
		return c.bad("batch resume %s: %s", id, c.text("không có lô này; nêu một mã ở trên", "there is no such batch; name one of those above"))
	}
	s, err := app.Start(ctx, app.Options{
		Data: o.data, Helper: o.helper, Modules: append(o.modules, u.Modules...), OnlyModules: true, Level: string(u.Level), PSS: u.PSS,
	})
	if err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	defer s.Close() //nolint:errcheck // what is signed is in the outbox
	if status := c.openKeyFile(s, o.keyFile, o.pinFile); status != exitDone {
		return status
	}
	password, err := c.documentPassword(o.passwordFile)
	if err != nil {
		return c.bad("--password-file: %v", err)
	}
	defer clear(password)
	r := &signRun{place: place{kind: "resume"}, pages: s.Pages}
	b := &batchRun{c: c, pinFile: o.pinFile, wait: o.wait, told: map[int]bool{}}
	b.file = func(row signing.Row) string { return row.Job.Path }
	b.shown = func(row signing.Row, head string) {
		for _, l := range b.batch.Lanes() {
			if l.Index == row.Lane {
				r.key = l.Key
			}
		}
		r.tell(c, r.line(row.Job.Path, row.Job, row.Outcome), head)
	}
	options := b.options(r.find)
	options.Password = func(signing.Job) []byte { return password }
	batch, err := s.Road.ResumeBatch(u.ID, options)
	if err != nil {
		c.fail("failed", u.ID, err)
		return exitFailed
	}
	return b.run(ctx, batch)
}
