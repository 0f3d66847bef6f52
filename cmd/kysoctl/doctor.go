package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"kyso/app"
	"kyso/app/docsys"
	"kyso/app/explain"
	"kyso/signer/cert"
)

// A check line is what --json prints of one thing that was looked at.
type checkLine struct {
	Kind  string           `json:"kind"`
	Check string           `json:"check"`
	OK    bool             `json:"ok"`
	Note  string           `json:"note,omitempty"`
	Error *explain.Message `json:"error,omitempty"`
}

// check prints one thing that was looked at, and gives whether it is well.
func (c *console) check(name, note string, err error) bool {
	line := checkLine{Kind: "check", Check: name, OK: err == nil, Note: note}
	if err != nil {
		m := explain.For(err, c.lang)
		line.Error = &m
		c.say("✗ %s\n  %s\n  %s\n  %s", name, m.Title, m.Cause, m.Next)
	} else {
		c.say("✓ %s %s", name, note)
	}
	c.object(line)
	return err == nil
}

// runDoctor says what is there and what is missing.
func runDoctor(ctx context.Context, c *console, args []string) int {
	f := c.flags("doctor")
	var modules list
	f.Var(&modules, "module", "PKCS#11 module; may be repeated")
	helper := f.String("helper", "", "the kyso-token program; beside this one without it")
	server := f.String("server", "", "base URL of the document server")
	data := f.String("data", "", "the program's folder")
	if f.Parse(args) != nil {
		return exitUsage
	}
	s, err := app.Start(ctx, app.Options{Data: *data, Helper: *helper, Modules: modules, NoOutbox: true})
	if !c.check(c.text("thư mục của chương trình", "the program's folder"), "", err) {
		return exitFailed
	}
	defer s.Close() //nolint:errcheck // nothing is written any more
	well := c.checkTokens(ctx, s)
	if *server == "" {
		*server = s.Settings.Server
	}
	if *server != "" {
		well = c.checkServer(ctx, *server) && well
	}
	if !well {
		return exitFailed
	}
	return exitDone
}

// checkTokens looks for a certificate that may sign.
func (c *console) checkTokens(ctx context.Context, s *app.App) bool {
	found, err := s.Road.Keys(ctx)
	if !c.check(c.text("tìm thiết bị ký số", "search for tokens"), "", err) {
		return false
	}
	for _, m := range found.Modules {
		c.check(m.Path, fmt.Sprintf("%d %s", m.Tokens, c.text("thiết bị", "tokens")), m.Err)
	}
	usable := 0
	for _, k := range found.Keys {
		if k.Fit == cert.Fit {
			usable++
		}
		c.say("  %-13s %s · %s (%s)", k.Fit, k.Subject.Name, k.Subject.Unit, k.Token.Label)
	}
	if usable == 0 {
		return c.check(c.text("chứng thư số ký được", "certificate that may sign"), "", noKey(found))
	}
	return c.check(c.text("chứng thư số ký được", "certificate that may sign"), fmt.Sprint(usable), nil)
}

// maxClockSkew is how far the clock may be from the server's.
const maxClockSkew = 2 * time.Minute

// checkServer asks the server for its capabilities and compares the clocks.
func (c *console) checkServer(ctx context.Context, base string) bool {
	_, err := docsys.NewClient(base, "", app.HTTPClient()).Describe(ctx)
	if !c.check(c.text("máy chủ văn bản", "document server")+" "+base, "", err) {
		return false
	}
	skew, err := clockSkew(ctx, base)
	if err == nil && skew.Abs() > maxClockSkew {
		err = fmt.Errorf("%w: %s", errClock, skew.Round(time.Second))
	}
	return c.check(c.text("đồng hồ", "clock"), "", err)
}

// errClock reports a clock that is wrong.
var errClock = errors.New("this computer's clock differs from the server's")

// clockSkew is the server's clock minus ours, from its Date header.
func clockSkew(ctx context.Context, base string) (time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/v1/capabilities", nil)
	if err != nil {
		return 0, fmt.Errorf("ask %s: %w", base, err)
	}
	resp, err := app.HTTPClient().Do(req)
	if err != nil {
		return 0, fmt.Errorf("ask %s: %w", base, err)
	}
	defer resp.Body.Close() //nolint:errcheck // only the header matters
	t, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return 0, fmt.Errorf("read the clock of %s: %w", base, err)
	}
	return time.Until(t), nil
}
