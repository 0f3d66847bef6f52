package present

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"unicode/utf8"

	"kyso/app/docsys"
)

// Show shows another period.
func (b *Board) Show(p BoardPeriod) {
	if p != b.state.Period {
		b.state.Period = p
		b.Refresh()
	}
}

// Restate shows the figures as they are known today, or as they were closed.
func (b *Board) Restate(restated bool) {
	if restated != b.state.Restated {
		b.state.Restated = restated
		b.Refresh()
	}
}

// Step shows the chart by week or by month.
func (b *Board) Step(g Grain) {
	if g != b.state.Grain {
		b.state.Grain = g
		b.Refresh()
	}
}

// Annexes are the formats of an annex in the order in which they are offered.
func Annexes() []string { return []string{"xlsx", "pdf", "csv"} }

// AnnexName is the name that is proposed for a file.
func (b *Board) AnnexName(format string) string {
	name := "phu-luc-ky-so-" + b.choice().period
	if format == "csv" {
		name = "nghia-vu-ky-" + b.choice().period
	}
	return name + "." + format
}

// SaveAnnex writes the annex of the period that is shown: of the whole that the
// person may see, the unit's own board otherwise.
func (b *Board) SaveAnnex(format, path string) {
	if b.services.SaveAnnex == nil || b.state.Saving {
		return
	}
	c, p := b.choice(), b.services.Person
	a := docsys.Annex{Format: format, Unit: p.Unit, Period: c.period, Basis: c.basis}
	if p.Board != "" {
		a.Unit = p.Board
	}
	if !strings.HasSuffix(strings.ToLower(path), "."+format) {
		path += "." + format
	}
	b.state.Saving, b.state.Said, b.state.Problem = true, Text{}, nil
	b.Changed(b.state)
	b.loop.Go(func(ctx context.Context) func() {
		err := b.services.SaveAnnex(ctx, path, a)
		return func() {
			b.state.Saving = false
			if err != nil {
				b.state.Problem = b.services.problem(err)
			} else {
				b.state.Said = say("board.saved", "Path", path)
			}
			b.Changed(b.state)
		}
	})
}

// Asked is an explanation of a missing signature that the person writes, or a
// dispute of the figure.
type Asked struct {
	Dispute bool
	// About names the document.
	About string
	// Sending says that it is on its way, Problem why it was not taken.
	Sending bool
	Problem *Problem

	document, key string
}

// MaxExplanation is how many letters an explanation may have; the server takes no more.
const MaxExplanation = 1000

// Ask begins an explanation of an unsigned document, or a dispute.
func (b *Board) Ask(row int, dispute bool) {
	if row < 0 || row >= len(b.state.Unsigned) || b.services.Figures == nil {
		return
	}
	r := b.state.Unsigned[row]
	about := r.Subject
	if r.Reference != "" {
		about = r.Reference + " · " + r.Subject
	}
	b.state.Asked = &Asked{Dispute: dispute, About: about, document: r.document.ID, key: "explain-" + rand.Text()}
	b.state.Said = Text{}
	b.Changed(b.state)
}

// ExplanationFits reports whether a text can be sent.
func ExplanationFits(text string) bool {
	n := utf8.RuneCountInString(strings.TrimSpace(text))
	return n > 0 && n <= MaxExplanation
}

// Answer sends what the person wrote.
func (b *Board) Answer(text string) {
	asked := b.state.Asked
	if asked == nil || asked.Sending || !ExplanationFits(text) {
		return
	}
	sending := *asked
	sending.Sending, sending.Problem = true, nil
	b.state.Asked = &sending
	b.Changed(b.state)
	b.loop.Go(func(ctx context.Context) func() {
		err := b.services.Figures.Explain(ctx, asked.document, strings.TrimSpace(text), asked.key, asked.Dispute)
		return func() {
			if b.state.Asked != &sending {
				return // the person left it meanwhile
			}
			if err != nil {
				again := *asked
				again.Problem = b.services.problem(err)
				if p, ok := errors.AsType[*docsys.Problem](err); ok && !p.Retryable {
					again.key = "explain-" + rand.Text() // what is refused may be corrected
				}
				b.state.Asked = &again
				b.Changed(b.state)
				return
			}
			b.state.Asked, b.state.Said = nil, say("board.explained")
			if asked.Dispute {
				b.state.Said = say("board.disputed")
			}
			b.Refresh()
		}
	})
}

// Dismiss ends an explanation without sending it.
func (b *Board) Dismiss() {
	b.state.Asked = nil
	b.Changed(b.state)
}
