package docsys

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"kyso/app/docsys/api"
)

// Figures are what a system tells of the rate besides the board of today.
type Figures interface {
	// BoardOn is Board on a basis, AtTime or Restated.
	BoardOn(ctx context.Context, unit, period, basis string) (BoardPage, error)
	// Trend gives the last weeks ("week") or months ("month").
	Trend(ctx context.Context, unit, grain, basis string) (Trend, error)
	// Annex writes the annex of a period: "xlsx", "pdf", or "csv" for the duties behind it.
	Annex(ctx context.Context, w io.Writer, a Annex) error
	// Explain says why a signature is missing or, as a dispute, that the figure is
	// wrong; key makes it idempotent.
	Explain(ctx context.Context, document, text, key string, dispute bool) error
}

// Annex names an annex.
type Annex struct{ Format, Unit, Period, Basis string }

// Changes tells what happens at the server.
type Changes interface {
	// Changes tells what happened after a place in the feed; it waits up to wait
	// for something. An empty place gives that of now.
	Changes(ctx context.Context, after string, wait time.Duration) (Changed, error)
}

// Changed is a piece of the feed.
type Changed struct {
	Events []Change `json:"events"`
	// Next is the place to go on from; Reset says that everything is to be asked anew.
	Next  string `json:"next"`
	More  bool   `json:"more"`
	Reset bool   `json:"reset"`
}

// Change is one event: a step of a document, a verdict on a file, "figures" of a
// unit, "period.closed" or "target.set".
type Change struct {
	At       time.Time `json:"at"`
	Event    string    `json:"event"`
	Unit     string    `json:"unit"`
	Document string    `json:"document"`
}

var (
	_ Figures = (*Client)(nil)
	_ Changes = (*Client)(nil)
)

// BoardOn gives the rate of a unit, of those below it, and of its months.
func (c *Client) BoardOn(ctx context.Context, unit, period, basis string) (BoardPage, error) {
	resp, err := c.api.GetBoard(ctx, &api.GetBoardParams{Unit: unit, Period: period, Basis: (*api.GetBoardParamsBasis)(&basis)})
	b, err := decode[BoardPage](resp, err, http.StatusOK)
	if err != nil {
		return BoardPage{}, fmt.Errorf("ask for the board of %s: %w", unit, err)
	}
	return b, nil
}

// Trend gives a unit's last weeks or months.
func (c *Client) Trend(ctx context.Context, unit, grain, basis string) (Trend, error) {
	resp, err := c.api.GetTrend(ctx, &api.GetTrendParams{Unit: unit, Grain: api.GetTrendParamsGrain(grain), Basis: (*api.GetTrendParamsBasis)(&basis)})
	t, err := decode[Trend](resp, err, http.StatusOK)
	if err != nil {
		return Trend{}, fmt.Errorf("ask for the trend of %s: %w", unit, err)
	}
	return t, nil
}

// Annex writes an annex.
func (c *Client) Annex(ctx context.Context, w io.Writer, a Annex) error {
	var resp *http.Response
	var err error
	switch a.Format {
	case "xlsx":
		resp, err = c.api.ExportXlsx(ctx, &api.ExportXlsxParams{Unit: a.Unit, Period: a.Period, Basis: (*api.ExportXlsxParamsBasis)(&a.Basis)})
	case "pdf":
		resp, err = c.api.ExportPdf(ctx, &api.ExportPdfParams{Unit: a.Unit, Period: a.Period, Basis: (*api.ExportPdfParamsBasis)(&a.Basis)})
	case "csv":
		resp, err = c.api.ExportCsv(ctx, &api.ExportCsvParams{Unit: a.Unit, Period: a.Period, Basis: (*api.ExportCsvParamsBasis)(&a.Basis)})
	default:
		return fmt.Errorf("export figures: no format %q", a.Format)
	}
	resp, err = do(resp, err, http.StatusOK)
	if err != nil {
		return fmt.Errorf("export figures as %s: %w", a.Format, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(w, resp.Body); err != nil {
		return fmt.Errorf("export figures as %s: %w", a.Format, err)
	}
	return nil
}

// Explain explains a missing signature or disputes the figure.
func (c *Client) Explain(ctx context.Context, document, text, key string, dispute bool) error {
	kind := api.NewExplanationKindExplanation
	if dispute {
		kind = api.NewExplanationKindDispute
	}
	resp, err := c.api.AddExplanation(ctx, document, &api.AddExplanationParams{IdempotencyKey: key}, api.NewExplanation{Reason: text, Kind: &kind})
	if err := expect(resp, err, http.StatusCreated); err != nil {
		return fmt.Errorf("explain document %s: %w", document, err)
	}
	return nil
}

// Changes reads a piece of the feed.
func (c *Client) Changes(ctx context.Context, after string, wait time.Duration) (Changed, error) {
	seconds := int(wait / time.Second)
	p := api.ListEventsParams{Wait: &seconds}
	if after != "" {
		p.After = &after
	}
	resp, err := c.api.ListEvents(ctx, &p)
	got, err := decode[Changed](resp, err, http.StatusOK)
	if err != nil {
		return Changed{}, fmt.Errorf("ask what changed: %w", err)
	}
	return got, nil
}

// Targets lists all versions of the policy, newest first.
func (c *Client) Targets(ctx context.Context) ([]api.Target, error) {
	resp, err := c.api.ListTargets(ctx)
	list, err := decode[api.TargetList](resp, err, http.StatusOK)
	if err != nil {
		return nil, fmt.Errorf("ask for the targets: %w", err)
	}
	return list.Targets, nil
}

// ClosePeriod closes a period that has ended; only the administrator may.
func (c *Client) ClosePeriod(ctx context.Context, period string) (Close, error) {
	resp, err := c.api.ClosePeriod(ctx, period)
	got, err := decode[Close](resp, err, http.StatusOK, http.StatusCreated)
	if err != nil {
		return Close{}, fmt.Errorf("close period %s: %w", period, err)
	}
	return got, nil
}
