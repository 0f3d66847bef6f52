package present

import (
	"context"
	"math"
	"slices"

	"kyso/app/docsys"
	"kyso/app/signing"
	"kyso/app/signrate"
)

// remember reads the unit's rate as it is before a document is delivered.
func (c *Ceremony) remember(f *signrate.Figure) { c.before = f }

// signed shows a signed document and follows it to the server. err is why it
// could not be queued, nil when it was or need not be.
func (c *Ceremony) signed(k signing.Key, out signing.Outcome, err error) {
	c.state.Path = out.Path
	if c.practice != nil {
		c.state.Warning, c.state.Receipt = Text{}, say("result.rehearsal.real")
		if c.job.Document == nil {
			c.state.Receipt = say("result.rehearsal.file")
		}
		c.finish(say("result.rehearsal"), Good, Over)
		return
	}
	c.services.rememberCertificate(k, c.job.Role)
	c.state.Warning, c.state.WarningTone = Text{}, Plain
	if out.Unchecked() {
		c.state.Warning, c.state.WarningTone = say("result.unchecked"), Caution
	}
	c.Signed(c.job)
	switch {
	case err != nil:
		c.state.Problem = c.services.problem(err)
		c.finish(say("result.notqueued"), Caution, Stopped)
	case out.Queued == "" || c.services.Deliveries == nil:
		c.finish(say("result.local"), Good, Over)
	default:
		c.follow(out.Queued)
	}
}

// follow shows the steps of a delivery until it ends or has to wait. One that can
// still be taken back ends the walk: the person must reach what takes it back.
func (c *Ceremony) follow(id string) {
	c.step(signing.StepUpload)
	job, early := c.job, false
	c.loop.Go(func(ctx context.Context) func() {
		last, err := c.services.Deliveries.Follow(ctx, id, func(d Delivery) {
			c.loop.Tell(func() {
				wait := d.NotBefore.Sub(c.services.Clock())
				switch {
				case c.state.Phase != Working:
				case d.State == Received:
					c.step(signing.StepAnswer)
				case d.State == Waiting && wait > 0:
					early = true
					c.finish(say("result.grace", "Count", int(math.Ceil(wait.Seconds()))), Good, Postponed)
				}
			})
		})
		var after *signrate.Figure
		if err == nil && last.State == Confirmed {
			after = c.rate(ctx, job.Document)
		}
		return func() {
			if !early {
				c.delivered(last, err, after)
			}
		}
	})
}

// rate asks for the rate of a document's unit; nil when it cannot be known.
func (c *Ceremony) rate(ctx context.Context, d *docsys.Document) *signrate.Figure {
	if c.services.Board == nil || d == nil {
		return nil
	}
	page, err := c.services.Board.Board(ctx, c.services.Person.Unit, c.services.today()[:4])
	if err != nil {
		return nil // the rate is an extra; the result stands without it
	}
	return &page.Own
}

// delivered shows what became of a delivery.
func (c *Ceremony) delivered(d Delivery, err error, after *signrate.Figure) {
	if err == nil {
		err = d.Err
	}
	switch d.State {
	case Confirmed:
		c.state.Receipt = say("result.receipt", "At", Moment(d.At), "Hash", short(d.SHA256))
		c.compare(after)
		c.finish(say("result.confirmed"), Good, Over)
	case Stored:
		c.state.Receipt = say("result.receipt", "At", Moment(d.At), "Hash", short(d.SHA256))
		c.finish(say("result.stored"), Good, Over)
	case Refused:
		c.state.Problem = c.services.problem(err)
		c.finish(say("result.refused"), Bad, Stopped)
	case Received:
		c.finish(say("result.received"), Good, Postponed)
	case LoginNeeded:
		c.state.Problem = c.services.problem(err)
		c.finish(say("result.login"), Caution, Postponed)
	default:
		c.state.Problem = c.services.problem(err)
		if err == nil {
			c.finish(say("result.held"), Caution, Postponed)
			return
		}
		c.finish(say("result.waiting"), Caution, Postponed)
	}
}

// compare shows the rate before and after.
func (c *Ceremony) compare(after *signrate.Figure) {
	if after == nil {
		return
	}
	c.state.RateAfter = figureText(*after)
	if c.before != nil {
		c.state.RateBefore = figureText(*c.before)
		c.state.RateMoved = *c.before != *after
	}
	c.before = after
}

// figureText writes a figure with what it counts: "94,12 % (160/170)".
func figureText(f signrate.Figure) string {
	if f.Required == 0 {
		return f.Text()
	}
	return f.Text() + " (" + count(f.Fulfilled) + "/" + count(f.Required) + ")"
}

// finish ends the walk with a result; the step under way gets the state given.
func (c *Ceremony) finish(result Text, tone Tone, last StepState) {
	steps := slices.Clone(c.state.Steps)
	for i := range steps {
		switch {
		case last == Over:
			steps[i].State = Over
		case steps[i].State == Now:
			steps[i].State = last
		case steps[i].State == Ahead && last == Postponed:
			steps[i].State = Postponed
		}
	}
	c.state.Phase, c.state.Steps = Done, steps
	c.state.Result, c.state.ResultTone = result, tone
	c.Changed(c.state)
}

// short is the beginning of a hash, enough to compare by eye.
func short(hash string) string {
	const enough = 12
	if len(hash) > enough {
		return hash[:enough] + "…"
	}
	return hash
}
