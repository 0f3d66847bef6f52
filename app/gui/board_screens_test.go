package gui_test

import (
	"context"
	"io"
	"time"

	"kyso/app/docsys"
	"kyso/app/present"
	"kyso/app/signrate"
)

// atBoard shows the signing rate.
func atBoard(o *office) {
	o.desk.Go(present.PlaceBoard)
	o.settle()
}

// boardScenarios are the states of the signing rate.
func boardScenarios() []scenario {
	return []scenario{
		{"board", nil, atBoard},
		{"board-weeks", nil, func(o *office) { atBoard(o); o.desk.Board.Step(present.ByWeek); o.settle() }},
		{"board-closed", func(o *office) { o.closed = true }, func(o *office) { atBoard(o); o.desk.Board.Show(present.LastMonth); o.settle() }},
		{"board-restated", func(o *office) { o.closed = true }, func(o *office) {
			atBoard(o)
			o.desk.Board.Show(present.LastMonth)
			o.desk.Board.Restate(true)
			o.settle()
		}},
		{"board-kept", func(o *office) { o.kept = true }, atBoard},
		{"board-done", func(o *office) {
			o.waiting = nil
			o.figure = signrate.Figure{Required: 170, Fulfilled: 170, Band: signrate.Praised}
		}, atBoard},
		{"board-new", func(o *office) { o.waiting = nil; o.figure = signrate.Figure{Band: signrate.None}; o.fresh = true }, atBoard},
		{"board-plain", func(o *office) { o.plain = true }, atBoard},
		{"board-explain", nil, func(o *office) { atBoard(o); o.desk.Board.Ask(0, false) }},
		{"board-dispute-error", func(o *office) { o.refusal = docsys.ErrOffline }, func(o *office) {
			atBoard(o)
			o.desk.Board.Ask(1, true)
			o.desk.Board.Answer("Văn bản này đã thu hồi.")
			o.settle()
		}},
		{"board-saved", nil, func(o *office) {
			atBoard(o)
			o.desk.Board.SaveAnnex("pdf", "/home/khoi/phu-luc-ky-so-2026.pdf")
			o.settle()
		}},
		{"board-no-server", func(o *office) { o.noServer = true }, atBoard},
		{"board-error", func(o *office) { o.down = docsys.ErrOffline }, atBoard},
	}
}

// BoardOn, Trend, Annex and Explain are what a system tells besides.
func (o *office) BoardOn(ctx context.Context, unit, period, basis string) (docsys.BoardPage, error) {
	p, err := o.Board(ctx, unit, period)
	p.Basis, p.Kept, p.Policy = basis, o.kept, signrate.Letter()
	p.Rank, p.RankBefore, p.Initials = 3, 5, signrate.Figure{Required: 23, Fulfilled: 22}
	p.ClosesAt = time.Date(2026, 12, 5, 17, 0, 0, 0, time.UTC)
	p.Subtree = signrate.Figure{Required: 850, Fulfilled: 515}
	for i := range p.Children {
		p.Children[i].Rank, p.Children[i].RankBefore = i+1, []int{3, 2, 1, 4, 0}[i]
	}
	if o.closed {
		p.Closed = &docsys.Close{At: time.Date(2026, 11, 5, 17, 0, 0, 0, time.UTC)}
		if basis == docsys.Restated {
			p.Own.Fulfilled += 4
			p.Estimated = true
		} else {
			p.Restated = &signrate.Figure{Required: p.Own.Required, Fulfilled: p.Own.Fulfilled + 4}
		}
	}
	return p, err
}

func (o *office) Trend(_ context.Context, unit, grain, basis string) (docsys.Trend, error) {
	t := docsys.Trend{Unit: unit, Grain: grain, Basis: basis}
	steps := map[string]int{"month": 12, "week": 13}[grain]
	for i := range steps {
		f := signrate.Figure{Required: 9 + i*7%20, Band: signrate.Normal}
		f.Fulfilled = f.Required * (60 + 3*i) / 100
		if i == 3 || o.fresh {
			f = signrate.Figure{}
		}
		day := now().AddDate(0, 0, 7*(i+1-steps))
		p := docsys.TrendPoint{Period: day.Format("2006-01"), From: day.Format("2006-01-02"), Figure: f, Rolling: signrate.Figure{Required: 60, Fulfilled: 36 + i}}
		if grain == "month" {
			p.Period = now().AddDate(0, i+1-steps, 0).Format("2006-01")
			p.Closed, p.Rolling = i < 10, f
		}
		t.Points = append(t.Points, p)
	}
	return t, o.down
}
func (o *office) Annex(context.Context, io.Writer, docsys.Annex) error        { return o.refusal }
func (o *office) Explain(context.Context, string, string, string, bool) error { return o.refusal }
