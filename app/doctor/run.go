package doctor

import (
	"context"
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"kyso/signer/token"
)

// A check looks at one thing.
type check struct {
	group Group
	// name is what the person calls it, for a check that does not end.
	name  string
	order string
	limit time.Duration
	run   func(ctx context.Context) result
}

// result is what a check brings.
type result struct {
	findings []Finding
	// then are checks that follow from it.
	then []check
	// readings are clocks that it saw.
	readings []reading
	// holdings are the tokens that a module shows.
	holdings []token.Holding
	// devices are the plugged-in devices without a driver.
	unserved int
	// readers are counted by the smart-card service; −1 when it cannot tell.
	usable int // certificates that may sign
}

// Progress is how far a look is.
type Progress struct {
	// Done of All checks have ended; All grows when checks follow from others.
	Done, All int
	// Findings are those so far, in their order.
	Findings []Finding
}

// Run does all checks side by side, each within its own limit, and gives what
// they found. told, which may be nil, is called on the caller's goroutine as
// results come in. When ctx ends the rest is given up.
func Run(ctx context.Context, c Config, told func(Progress)) Report {
	c.Limits = c.Limits.orDefaults()
	r := &round{
		c: c, ctx: ctx, told: told, results: make(chan outcome),
		report: Report{Began: c.Clock(), Version: c.Version, config: c}, seen: map[[32]byte]bool{},
	}
	if told == nil {
		r.told = func(Progress) {}
	}
	began := time.Now()
	for _, k := range c.checks() {
		r.start(k)
	}
	for r.done < r.all {
		o := <-r.results
		r.done++
		r.take(o)
		r.tell()
	}
	r.conclude()
	r.report.Took = time.Since(began)
	return r.report
}

// checks are those that depend on no other.
func (c Config) checks() []check {
	local, network := c.Limits.Local, c.Limits.Network
	all := []check{
		{Service, "service", "0", local, c.checkService},
		{Server, "server", "0", network, c.checkServer},
		{Outbox, "outbox", "0", local, c.checkOutbox},
		{Folders, "folders", "0", local, c.checkFolders},
		{Settings, "settings", "0", local, c.checkSettings},
		{System, "system", "0", local, c.checkSystem},
	}
	if c.Modules != nil {
		all = append(all, check{Drivers, "drivers", "0", local, c.checkDrivers}, check{Tokens, "devices", "9", local, c.checkDevices})
	}
	if len(c.Stamps) == 0 {
		return append(all, check{Stamps, "stamps", "0", local, c.checkNoStamps})
	}
	for i, s := range c.Stamps {
		all = append(all, check{Stamps, "stamps", fmt.Sprintf("%03d", i), network, func(ctx context.Context) result { return c.checkStamp(ctx, s) }})
	}
	return all
}

// outcome is a result with the check that it is of.
type outcome struct {
	check  check
	result result
}

// round is one look; it belongs to the goroutine of Run.
type round struct {
	c       Config
	ctx     context.Context //nolint:containedctx // a round lives as long as the call of Run
	told    func(Progress)
	results chan outcome
	report  Report

	done, all int
	readings  []reading
	holdings  []token.Holding
	seen      map[[32]byte]bool // certificates that are being looked at
	unserved  int
	usable    int
	looked    bool // at the drivers
}

// grace is how long a check may take to notice that its time is up.
const grace = 500 * time.Millisecond

// start runs a check. One that does not heed its end, for instance a read of a
// dead network drive, is left behind: nothing can end it, and its result is
// dropped.
func (r *round) start(k check) {
	r.all++
	go func() {
		ctx, cancel := context.WithTimeout(r.ctx, k.limit)
		defer cancel()
		came := make(chan result, 1)
		go func() { came <- k.run(ctx) }()
		select {
		case got := <-came:
			r.results <- outcome{k, got}
			return
		case <-ctx.Done():
		}
		last := time.NewTimer(grace)
		defer last.Stop()
		select {
		case got := <-came:
			r.results <- outcome{k, got}
		case <-last.C:
			r.results <- outcome{k, result{findings: []Finding{{
				Group: k.group, State: Unknown, Code: "no-answer",
				Values: []Value{wordOf("what", k.name), plain("seconds", fmt.Sprint(int(k.limit.Round(time.Second).Seconds())))},
			}}}}
		}
	}()
}

// take keeps what a check brought and starts what follows from it.
func (r *round) take(o outcome) {
	got := o.result
	dropped := r.join(&got)
	for i, f := range got.findings {
		if f.Group == Tokens && dropped[f.order] {
			continue // the same token through another driver
		}
		if f.order = o.check.order + "." + f.order; f.Group != o.check.group {
			f.order = "5." + f.order
		}
		f.order += fmt.Sprintf(".%03d", i)
		r.report.Findings = append(r.report.Findings, f)
	}
	r.readings = append(r.readings, got.readings...)
	r.unserved += got.unserved
	r.usable += got.usable
	r.looked = r.looked || o.check.name == "drivers"
	for _, k := range got.then {
		r.start(k)
	}
	sortFindings(r.report.Findings)
}

// join keeps a token once that several drivers show, and starts a look at each
// of its certificates. It gives the places of the findings on tokens that were
// seen before.
func (r *round) join(got *result) map[string]bool {
	dropped := map[string]bool{}
	for _, h := range got.holdings {
		before := len(r.holdings)
		r.holdings = token.Join(append(r.holdings, h))
		if len(r.holdings) == before {
			dropped[slotOrder(h.Token.Slot)] = true
			continue
		}
		issuers := slices.Concat(caOf(h), r.c.Intermediates, r.c.Anchors)
		for _, c := range h.Certificates {
			x, err := x509.ParseCertificate(c.DER)
			if err == nil && x.IsCA || r.seen[c.Fingerprint()] {
				continue
			}
			r.seen[c.Fingerprint()] = true
			got.then = append(got.then, r.c.certificateCheck(c, issuers))
		}
	}
	return dropped
}

// tell reports what is known so far.
func (r *round) tell() {
	r.told(Progress{Done: r.done, All: r.all, Findings: slices.Clone(r.report.Findings)})
}

// conclude judges what only all checks together show.
func (r *round) conclude() {
	add := func(f Finding) { r.report.Findings = append(r.report.Findings, f) }
	for _, f := range judgeClock(r.c.Clock(), r.readings) {
		add(f)
	}
	if len(r.holdings) > 0 {
		r.forgiveService()
	}
	if r.looked && len(r.holdings) == 0 && r.unserved == 0 {
		add(Finding{Group: Tokens, State: Bad, Code: "token-none", order: "0"})
	}
	if len(r.holdings) > 0 && r.usable == 0 {
		add(Finding{Group: Certificate, State: Bad, Code: "cert-none", order: "z"})
	}
	sortFindings(r.report.Findings)
}

// forgiveService takes the fault from a smart-card service that does not run
// where tokens are seen without it.
func (r *round) forgiveService() {
	for i, f := range r.report.Findings {
		if f.Group == Service && (f.Code == "service-stopped" || f.Code == "service-absent") {
			r.report.Findings[i].State, r.report.Findings[i].Code = OK, "service-unneeded"
		}
	}
}
