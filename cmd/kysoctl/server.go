package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"kyso/app"
	"kyso/app/docsys"
	"kyso/app/network"
	"kyso/app/outbox"
	"kyso/app/session"
	"kyso/app/signrate"
)

// account is how the commands reach a server and log in to it.
type account struct{ server, login, passwordFile, identity, data string }

// options adds the account's options to a flag set.
func (a *account) options(f *flag.FlagSet) {
	a.where(f)
	f.StringVar(&a.login, "login", "", "name of a local account; without it the account of kysoctl login")
	f.StringVar(&a.passwordFile, "password-file", "", "file with the password; - is standard input")
	f.StringVar(&a.identity, "identity", "", "browser or code: log in at the server's identity provider for this command")
}

// where adds the options that say which server it is.
func (a *account) where(f *flag.FlagSet) {
	f.StringVar(&a.server, "server", "", "base URL of the document server; that of the settings without it")
	f.StringVar(&a.data, "data", "", "the program's folder")
}

// A line to a server: its client is not logged in.
type line struct {
	reach  app.Reach
	client *docsys.Client
	keeper *session.Keeper
}

// reach finds the server and the way to it. Nothing is sent yet.
func (a *account) reach(ctx context.Context, c *console) (line, int) {
	reach, err := app.FindReach(ctx, app.Options{Data: a.data})
	if err != nil {
		c.fail("failed", "", err)
		return line{}, exitFailed
	}
	if a.server == "" {
		a.server = reach.Server
	}
	if a.server == "" {
		return line{}, c.bad("--server")
	}
	if err := network.CheckAddress(a.server); err != nil {
		c.fail("failed", "", err)
		return line{}, exitFailed
	}
	client := docsys.NewClient(a.server, "", reach.HTTP)
	return line{reach, client, reach.Session(a.server, client)}, exitDone
}

// connect logs in: with a password, now at the identity provider, or by what kysoctl
// login kept.
func (a *account) connect(ctx context.Context, c *console) (line, int) {
	if a.identity != "" && (a.login != "" || a.identity != "browser" && a.identity != "code") {
		return line{}, c.bad("--identity browser|code, %s", c.text("không cùng --login", "without --login"))
	}
	l, status := a.reach(ctx, c)
	if status != exitDone {
		return l, status
	}
	var err error
	switch {
	case a.login != "":
		err = a.password(ctx, c, l.client)
	case a.identity != "":
		_, _, err = l.keeper.LogIn(ctx, c.way(a.identity == "code"))
	default:
		if err = l.keeper.Renew(ctx); err == nil {
			l.client.SetRenew(l.keeper.Renew)
		}
	}
	if errors.Is(err, errNoSecret) {
		return l, c.bad("%v", err)
	}
	if err != nil {
		c.fail("failed", "", fmt.Errorf("log in to %s: %w", a.server, err))
		return l, exitFailed
	}
	return l, exitDone
}

// password logs in with a local account.
func (a *account) password(ctx context.Context, c *console, client *docsys.Client) error {
	password, err := c.secret(a.passwordFile, c.text("Mật khẩu: ", "Password: "))
	if err != nil {
		return err
	}
	defer clear(password)
	_, err = client.Login(ctx, a.login, string(password))
	return err
}

// runRate prints a unit's signing rate.
func runRate(ctx context.Context, c *console, args []string) int {
	var a account
	f := c.flags("rate")
	a.options(f)
	unit := f.String("unit", "", "code of the unit; your own without it")
	q := rateQuery{}
	f.StringVar(&q.period, "period", time.Now().In(docsys.Hanoi()).Format("2006"), "2026 or 2026-11")
	f.BoolVar(&q.restated, "restated", false, "as known today, also when the period is closed")
	f.StringVar(&q.trend, "trend", "", "week or month: the last 13 weeks or 12 months, too")
	f.StringVar(&q.annex, "annex", "", "write the annex to this file: .xlsx, .pdf, or .csv with every obligation")
	if f.Parse(args) != nil {
		return exitUsage
	}
	if q.trend != "" && q.trend != "week" && q.trend != "month" {
		return c.bad("--trend week|month")
	}
	if format := strings.TrimPrefix(filepath.Ext(q.annex), "."); q.annex != "" && format != "xlsx" && format != "pdf" && format != "csv" {
		return c.bad("--annex FILE.xlsx, FILE.pdf, FILE.csv")
	}
	l, status := a.connect(ctx, c)
	if status != exitDone {
		return status
	}
	if *unit == "" {
		me, err := l.client.Whoami(ctx)
		if err != nil {
			c.fail("failed", "", err)
			return exitFailed
		}
		*unit = me.Unit
	}
	q.unit = *unit
	if err := c.rate(ctx, l.client, q); err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	return exitDone
}

// A rate line is what --json prints of a board.
type rateLine struct {
	Kind             string            `json:"kind"`
	docsys.BoardPage                   //nolint:embeddedstructfieldcheck // "kind" stands first in the line
	Unsigned         []docsys.Document `json:"unsigned"`
}

// rateQuery is what is asked of the figures.
type rateQuery struct {
	unit, period, trend, annex string
	restated                   bool
}

func (q rateQuery) basis() string {
	if q.restated {
		return docsys.Restated
	}
	return docsys.AtTime
}

// rate prints the board of a unit: the sentence first, then its children, then
// what is unsigned; then the trend, and writes the annex, where they are asked for.
func (c *console) rate(ctx context.Context, client *docsys.Client, q rateQuery) error {
	p, err := client.BoardOn(ctx, q.unit, q.period, q.basis())
	if err != nil {
		return fmt.Errorf("read the board of %s: %w", q.unit, err)
	}
	missing, err := client.Unsigned(ctx, q.unit, q.period)
	if err != nil {
		return fmt.Errorf("read what is unsigned in %s: %w", q.unit, err)
	}
	c.object(rateLine{Kind: "rate", BoardPage: p, Unsigned: missing})
	c.say("%s: %s", p.Name, c.sentence(q.period, p.Subtree, p.Policy))
	if p.Illustrative {
		c.say("  (%s)", c.text("số liệu minh họa", "illustrative figures"))
	}
	c.close(p)
	for _, r := range p.Children {
		c.say("  %-45s %9s  %d/%d  %s%s", r.Name, r.Figure.Text(), r.Figure.Fulfilled, r.Figure.Required, c.band(r.Figure.Band), c.place(r.Rank))
	}
	for _, d := range missing {
		c.say("  %s: %s/%s %s", c.text("chưa ký", "unsigned"), d.Number, d.Notation, d.Subject)
	}
	if err := c.trend(ctx, client, q); err != nil || q.annex == "" {
		return err
	}
	return c.annex(ctx, client, q)
}

// close says whether and when the period is closed.
func (c *console) close(p docsys.BoardPage) {
	const form = "02/01/2006 15:04"
	switch {
	case p.Closed != nil:
		c.say("  %s %s, %s %s", c.text("đã chốt", "closed"), p.Closed.At.In(docsys.Hanoi()).Format(form), c.text("mã băm nhật ký", "log root"), p.Closed.Root)
		if p.Restated != nil {
			c.say("  %s: %s (%d/%d)", c.text("tính lại đến nay", "as of today"), p.Restated.Text(), p.Restated.Fulfilled, p.Restated.Required)
		}
	case !p.ClosesAt.IsZero():
		c.say("  %s %s", c.text("chốt lúc", "closes"), p.ClosesAt.In(docsys.Hanoi()).Format(form))
	}
}

// place is a rank at the end of a line.
func (c *console) place(rank int) string {
	if rank == 0 {
		return ""
	}
	return fmt.Sprintf("  %s %d", c.text("hạng", "rank"), rank)
}

// A trend line is what --json prints of a trend.
type trendLine struct {
	Kind         string `json:"kind"`
	docsys.Trend        //nolint:embeddedstructfieldcheck // "kind" stands first in the line
}

// trend prints the last weeks or months.
func (c *console) trend(ctx context.Context, client *docsys.Client, q rateQuery) error {
	if q.trend == "" {
		return nil
	}
	t, err := client.Trend(ctx, q.unit, q.trend, q.basis())
	if err != nil {
		return err
	}
	c.object(trendLine{"trend", t})
	for _, p := range t.Points {
		closed := ""
		if p.Closed {
			closed = "  " + c.text("đã chốt", "closed")
		}
		c.say("  %-9s %9s  %d/%d  (%s %s)%s", p.Period, p.Figure.Text(), p.Figure.Fulfilled, p.Figure.Required, c.text("4 tuần", "4 weeks"), p.Rolling.Text(), closed)
	}
	return nil
}

// annex writes the annex to a file; one that is there stays.
func (c *console) annex(ctx context.Context, client *docsys.Client, q rateQuery) (err error) {
	f, err := os.OpenFile(filepath.Clean(q.annex), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write the annex: %w", err)
	}
	err = client.Annex(ctx, f, docsys.Annex{Format: strings.TrimPrefix(filepath.Ext(q.annex), "."), Unit: q.unit, Period: q.period, Basis: q.basis()})
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(q.annex))
	}
	c.say("  %s %s", c.text("đã lưu", "saved"), q.annex)
	return nil
}

// sentence is the rate in one sentence (people.md's first wish of unit heads).
func (c *console) sentence(period string, f signrate.Figure, p signrate.Policy) string {
	s := fmt.Sprintf("%s: %s (%d/%d), %s.", period, f.Text(), f.Fulfilled, f.Required, c.band(f.Band))
	if n := p.ToPraise(f); n > 0 {
		bound := strings.ReplaceAll(strconv.FormatFloat(float64(p.PraiseAbove)/100, 'f', -1, 64), ".", c.text(",", "."))
		s += " " + fmt.Sprintf(c.text("Còn %d văn bản nữa là trên %s %%.", "%d more documents for more than %s %%."), n, bound)
	}
	return s
}

// band is the word of a band.
func (c *console) band(b signrate.Band) string {
	switch b {
	case signrate.Praised:
		return c.text("biểu dương", "praised")
	case signrate.Warned:
		return c.text("nhắc nhở", "warned")
	case signrate.LowVolume:
		return c.text("ít văn bản", "few documents")
	case signrate.None:
		return c.text("không phát sinh", "nothing due")
	case signrate.Normal:
		return c.text("bình thường", "normal")
	}
	return string(b)
}

// runUpload delivers one signed file.
func runUpload(ctx context.Context, c *console, args []string) int {
	var a account
	f := c.flags("upload")
	a.options(f)
	id := f.String("document", "", "the document's identifier on the server")
	stage := f.String("stage", "signed", "initialled or signed")
	notSecret := f.Bool("not-secret", false, "you looked: a doubtful mark of secrecy is none")
	if f.Parse(args) != nil {
		return exitUsage
	}
	if *id == "" || f.NArg() != 1 {
		return c.bad("--document ID FILE")
	}
	l, status := a.connect(ctx, c)
	if status != exitDone {
		return status
	}
	if err := c.upload(ctx, l.client, a.data, outbox.Item{DocumentID: *id, Stage: *stage, Path: f.Arg(0), Target: a.server, NotSecret: *notSecret}); err != nil {
		c.fail("failed", f.Arg(0), err)
		return exitFailed
	}
	return exitDone
}

// errNotAccepted reports that the server took the file and did not find it valid.
var errNotAccepted = errors.New("the server did not accept the signature")

// An item line is what --json prints of an outbox item.
type itemLine struct {
	Kind         string               `json:"kind"`
	ID           string               `json:"id"`
	Document     string               `json:"document"`
	Title        string               `json:"title"`
	State        outbox.State         `json:"state"`
	SHA256       string               `json:"sha256"`
	Receipt      docsys.Receipt       `json:"receipt"`
	Verification docsys.VersionStatus `json:"verification"`
	Problem      string               `json:"problem,omitempty"`
}

// item prints one outbox item.
func (c *console) item(i outbox.Item) {
	c.object(itemLine{"item", i.ID, i.DocumentID, i.Title, i.State, i.SHA256, i.Receipt, i.Verification, i.Problem})
	c.say("%-13s %s %s %s %s", i.State, i.ID, i.SHA256[:12], i.Title, i.Problem)
}

// upload queues one file for its target, delivers it and waits for the server's verification.
func (c *console) upload(ctx context.Context, client *docsys.Client, data string, i outbox.Item) error {
	d, err := client.Document(ctx, i.DocumentID)
	if err != nil {
		return fmt.Errorf("read document %s: %w", i.DocumentID, err)
	}
	i.BaseVersion, i.Title, i.Metadata = d.Version, d.Subject, docsys.MetadataOf(&d)
	s, err := app.Start(ctx, app.Options{Data: data})
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // the outbox has written what it holds
	if err := s.Outbox.Connect(ctx, i.Target, client); err != nil {
		return fmt.Errorf("connect the outbox: %w", err)
	}
	id, err := s.Outbox.Enqueue(ctx, i)
	if err != nil {
		return fmt.Errorf("queue %s: %w", i.Path, err)
	}
	done, err := await(ctx, s.Outbox, id, func(outbox.Item) {})
	if err != nil {
		return err
	}
	c.item(done)
	if done.State != outbox.Accepted || done.Verification.State != "passed" {
		return fmt.Errorf("%w: %s %s", errNotAccepted, done.Verification.Why, done.Problem)
	}
	return nil
}

// deliveryLimit bounds how long a command waits for the server; what is not
// delivered by then stays queued.
const deliveryLimit = 2 * time.Minute

// await runs the outbox until the item settles or a try has failed.
func await(ctx context.Context, b *outbox.Box, id string, told func(outbox.Item)) (outbox.Item, error) {
	ctx, cancel := context.WithTimeout(ctx, deliveryLimit)
	defer cancel()
	runs, stop := context.WithCancel(ctx)
	ran := make(chan error, 1)
	go func() { ran <- b.Run(runs) }()
	i, err := b.Follow(ctx, id, told)
	stop()
	if err := errors.Join(err, <-ran); err != nil {
		return i, fmt.Errorf("deliver: %w", err)
	}
	return i, nil
}

// wish does what the first argument says with the item that the second names.
func wish(ctx context.Context, b *outbox.Box, args []string) error {
	wishes := map[string]func(context.Context, string) error{
		"pause": b.Pause, "resume": b.Resume, "cancel": b.Cancel, "retry": b.Retry, "discard": b.Discard,
	}
	if err := wishes[args[0]](ctx, args[1]); err != nil {
		return fmt.Errorf("%s %s: %w", args[0], args[1], err)
	}
	return nil
}

// runQueue lists the outbox, after a wish for one of its items if there is one.
func runQueue(ctx context.Context, c *console, args []string) int {
	f := c.flags("queue")
	data := f.String("data", "", "the program's folder")
	if f.Parse(args) != nil {
		return exitUsage
	}
	if n := f.NArg(); n != 0 && (n != 2 || !slices.Contains([]string{"pause", "resume", "cancel", "retry", "discard"}, f.Arg(0))) {
		return c.bad("queue [pause|resume|cancel|retry|discard ID]")
	}
	s, err := app.Start(ctx, app.Options{Data: *data})
	if err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	defer s.Close() //nolint:errcheck // nothing is written any more
	if f.NArg() == 2 {
		if err := wish(ctx, s.Outbox, f.Args()); err != nil {
			c.fail("failed", "", err)
			return exitFailed
		}
	}
	items, err := s.Outbox.List(ctx)
	if err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	for _, i := range items {
		c.item(i)
	}
	if len(items) == 0 {
		c.say("%s", c.text("Hàng đợi trống.", "The queue is empty."))
	}
	return exitDone
}
