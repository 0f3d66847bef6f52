package main

import (
	"context"
	"log/slog"
	"time"

	"kyso/app"
	"kyso/app/docsys"
	"kyso/app/explain"
	"kyso/app/gui"
	"kyso/app/gui/words"
	"kyso/app/handout"
	"kyso/app/placement"
	"kyso/app/present"
	"kyso/app/preview"
	"kyso/app/settings"
	"kyso/app/signing"
	"kyso/app/tray"
	"kyso/app/verdict"
	"kyso/assets"
	"kyso/signer/cert"
)

// join fits the services to what the presenters ask for.
type join struct {
	app   *app.App
	loop  *gui.Loop
	lang  explain.Language
	marks *marks
	// clipboard holds files that were copied.
	clipboard *handout.Clipboard
}

// newJoin reads the pictures of marks.
func newJoin(a *app.App, l *gui.Loop, lang string) *join {
	return &join{app: a, loop: l, lang: explain.Language(lang), marks: newMarks(a), clipboard: &handout.Clipboard{}}
}

// services are what the presenters get.
func (j *join) services() *present.Services {
	s := &present.Services{
		Road:                road{j.app},
		Batch:               j.batch,
		Resumption:          resumption{j.app},
		AcceptAudit:         j.app.AcceptAudit,
		Rehearsal:           rehearsing{j.app},
		Recent:              settings.RecentIn(j.app.Folders),
		Sheets:              sheets{j.app},
		Picture:             j.marks.Mark,
		SealPlace:           sealPlace,
		BlockPlace:          blockPlace,
		MarkFont:            assets.SerifRegular(),
		Hint:                j.app.Handover.HintFor,
		Explain:             func(err error) explain.Message { return explain.For(err, j.lang) },
		Warn:                func(f signing.Finding) explain.Message { return explain.Warning(f, j.lang) },
		Examiner:            j.app,
		Verdicts:            func() verdict.Language { return verdict.Language(j.lang) },
		Papers:              papers{j.clipboard},
		Tray:                tray.Available,
		Clock:               time.Now,
		Person:              j.app.Handover.Person,
		Demonstration:       j.app.Handover.Demonstration,
		Clinic:              clinic{j},
		Preferences:         preferences{j.app, j},
		Marks:               j.marks,
		History:             j.app.History,
		Offers:              func(f signing.Found, o signing.OfferOptions) []signing.Offer { return j.app.Desk().Offers(f, o) },
		Notes:               func(o signing.Offer) []explain.Note { return explain.Notes(o, j.lang) },
		LastCertificate:     j.lastCertificate,
		RememberCertificate: j.rememberCertificate,
	}
	if j.app.Client != nil {
		figures := j.app.Figures()
		s.Inbox, s.Board, s.Figures, s.SaveAnnex = j.app.Client, figures, figures, figures.SaveAnnex
		s.Library = j.app
		s.Templates = j.app
		s.MaySend = j.app.MaySend
		s.Deliveries = deliveries{j.app.Outbox}
	}
	return s
}

// batch makes a batch.
func (j *join) batch(all []signing.Assignment, o signing.BatchOptions) (present.BatchWork, error) {
	return j.app.Desk().Batch(all, o)
}

// rehearsing lets people practise.
type rehearsing struct{ app *app.App }

func (r rehearsing) Begin(p docsys.Person) (signing.Road, error) { return r.app.Rehearse(p, "") }
func (rehearsing) PIN() string                                   { return app.PracticePIN }
func (r rehearsing) Sample(_ context.Context, p docsys.Person) (string, error) {
	return r.app.SampleLetter(p)
}

// resumption has the batches that were not finished.
type resumption struct{ app *app.App }

// Unfinished lists them.
func (r resumption) Unfinished() ([]signing.Unfinished, error) { return r.app.Desk().Unfinished() }

// Forget drops one.
func (r resumption) Forget(id string) error { return r.app.Desk().Forget(id) }

// ResumeBatch goes on with one.
func (r resumption) ResumeBatch(id string, o signing.BatchOptions) (present.BatchWork, error) {
	return r.app.Desk().ResumeBatch(id, o)
}

// lookEvery is how often the server is asked what waits, should a change not have been told.
const lookEvery = 15 * time.Minute

// ready is called when the window is painted. Only now the renderer warms up, the
// tokens are looked at and the outbox delivers: before, they would take the
// processor from the first picture.
func (j *join) ready(ctx context.Context, desk *present.Desktop) {
	j.loop.Go(func(context.Context) func() { // what is painted now is shown first
		return func() { j.start(ctx, desk) }
	})
}

// start has the renderer warm up, the tokens watched and the outbox deliver, and the
// window follow them.
func (j *join) start(ctx context.Context, desk *present.Desktop) {
	desk.Ready()
	j.app.Renderer()
	j.loop.Go(func(ctx context.Context) func() {
		j.app.Desk().Watch(ctx, func(signing.Plugged) { j.loop.Tell(desk.Ceremony.TokensChanged) })
		return nil
	})
	if j.app.Client == nil {
		return
	}
	j.app.FollowLogIn(func(somebody bool) { j.loop.Tell(func() { desk.LoggedIn(somebody) }) })
	if j.app.Handover.Person.Name == "" {
		j.loop.Go(func(ctx context.Context) func() {
			p, err := j.app.Whoami(ctx)
			if err != nil {
				return nil // nobody, or no line: the list of what waits tells it
			}
			return func() { desk.Known(p) }
		})
	}
	j.loop.Go(func(ctx context.Context) func() {
		j.app.WatchAudit(ctx, func(_ app.AuditState, err error) { j.loop.Tell(func() { desk.Audited(err) }) })
		return nil
	})
	j.loop.Go(func(ctx context.Context) func() {
		for every := time.NewTicker(lookEvery); ; {
			select {
			case <-every.C:
				j.loop.Tell(desk.Look)
			case <-ctx.Done():
				every.Stop()
				return nil
			}
		}
	})
	j.loop.Go(func(ctx context.Context) func() {
		app.WatchChanges(ctx, j.app.Client, func(h app.Happened) { j.loop.Tell(func() { desk.Happened(h.Documents, h.Figures) }) })
		return nil
	})
	j.follow(ctx, desk)
	j.loop.Go(func(ctx context.Context) func() {
		if err := j.app.Outbox.Run(ctx); err != nil {
			slog.Error("the outbox stopped", slog.String("error", err.Error())) //nolint:sloglint // the program's own log
		}
		return nil
	})
}

// load gives the texts of a language and has errors explained in it.
func (j *join) load(l words.Language) (*words.Words, error) {
	w, err := words.Load(l)
	if err == nil {
		j.lang = explain.Language(w.Language)
	}
	return w, err
}

// lastCertificate gives the certificate that was used last for a role in a unit.
func (j *join) lastCertificate(unit string, r placement.Role) string {
	stored, _ := j.app.Now()
	return stored.LastFor(unit, string(r))
}

// rememberCertificate keeps the certificate that was used; a failure costs only
// the choice at the next start.
func (j *join) rememberCertificate(unit string, r placement.Role, sha256 string) {
	if err := j.app.Keep(func(s *settings.Settings) { *s = s.Chose(unit, string(r), sha256) }); err != nil {
		slog.Warn("the settings were not kept", slog.String("error", err.Error())) //nolint:sloglint // the program's own log
	}
}

// sheets opens files with the application's renderer.
type sheets struct{ app *app.App }

// OpenSheet opens a file for view, with its password if the person gave one.
func (s sheets) OpenSheet(ctx context.Context, path string, password []byte) (present.Sheet, error) {
	d, err := s.app.Renderer().OpenWith(ctx, path, password)
	if err != nil {
		return nil, err
	}
	return d, nil
}

var _ present.Sheet = (*preview.Document)(nil)

// sealPlace finds where the seal goes.
func sealPlace(ctx context.Context, path string, password []byte, diameter float64) (placement.Proposal, error) {
	return signing.SealPlace(ctx, path, password, diameter, time.Now())
}

// blockPlace places the agency's block, set in the program's serif.
func blockPlace(b signing.Block, path string, password []byte, s cert.Subject) (placement.Proposal, []string, error) {
	b.Font = assets.SerifRegular()
	return b.Place(path, password, s)
}
