package present_test

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"io"
	"slices"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/explain"
	"kyso/app/placement"
	"kyso/app/present"
	"kyso/app/preview"
	"kyso/app/signing"
	"kyso/app/signrate"
	"kyso/signer/cert"
	"kyso/signer/token"
	"kyso/signer/verify"
)

// bench is a loop that runs nothing by itself: the test decides when work is
// done and in which order answers come.
type bench struct {
	t    *testing.T
	work []func(context.Context) func()
	// late keeps what work tells while it runs; nil runs it at once.
	late func(func())
}

func (b *bench) Go(work func(context.Context) func()) { b.work = append(b.work, work) }

func (b *bench) Tell(f func()) {
	if b.late != nil {
		b.late(f)
		return
	}
	f()
}

// settle does all work, and the work that follows from it.
func (b *bench) settle() {
	b.t.Helper()
	for rounds := 0; len(b.work) > 0; rounds++ {
		if rounds > 200 {
			b.t.Fatal("the work does not end")
		}
		b.one(0)
	}
}

// one does the piece of work at i.
func (b *bench) one(i int) {
	w := b.work[i]
	b.work = append(b.work[:i:i], b.work[i+1:]...)
	if then := w(b.t.Context()); then != nil {
		then()
	}
}

// system is a document system in memory.
type system struct {
	waiting  []docsys.Document
	figure   signrate.Figure
	children []docsys.BoardRow
	err      error
}

func (s *system) Waiting(context.Context) ([]docsys.Document, error) { return s.waiting, s.err }
func (s *system) Board(_ context.Context, unit, period string) (docsys.BoardPage, error) {
	return docsys.BoardPage{Unit: unit, Name: "Phường Kim Liên", Period: period, Own: s.figure, Children: s.children, Formula: "R1 v1"}, s.err
}

func (s *system) Unsigned(context.Context, string, string) ([]docsys.Document, error) {
	return s.waiting, s.err
}

func (s *system) Fetch(_ context.Context, d docsys.Document) (string, error) {
	return "/cache/" + d.ID + ".pdf", s.err
}

func (s *system) Match(path string, among []docsys.Document) (*docsys.Document, error) {
	for i := range among {
		if path == "/home/"+among[i].ID+".pdf" {
			return &among[i], nil
		}
	}
	return nil, nil
}

// sheet is a page with title and name.
type sheet struct {
	pages  []placement.Page
	closed int
	drawn  int
	fail   error // of Region
}

func (s *sheet) Pages() []preview.Size {
	out := make([]preview.Size, len(s.pages))
	for i, p := range s.pages {
		out[i] = preview.Size{W: p.W, H: p.H}
	}
	return out
}

func (s *sheet) Lines(_ context.Context, n int) ([]placement.Line, error) {
	return s.pages[n-1].Lines, nil
}
func (s *sheet) Page(_ context.Context, n int) (placement.Page, error) { return s.pages[n-1], nil }
func (s *sheet) Render(_ context.Context, _ int, scale float64) (image.Image, error) {
	return image.NewGray(image.Rect(0, 0, int(595*scale), int(842*scale))), nil
}

func (s *sheet) Region(_ context.Context, _ int, _ float64, part image.Rectangle) (*image.RGBA, error) {
	s.drawn++
	return image.NewRGBA(image.Rectangle{Max: part.Size()}), s.fail
}

func (s *sheet) Close() error { s.closed++; return nil }

// sheets opens always the same.
type sheets struct {
	sheet *sheet
	err   error
	// password is what the file asks for; empty for none.
	password string
}

func (s *sheets) OpenSheet(_ context.Context, _ string, password []byte) (present.Sheet, error) {
	switch {
	case s.err != nil:
		return nil, s.err
	case s.password != "" && len(password) == 0:
		return nil, preview.ErrPassword
	case s.password != string(password):
		return nil, preview.ErrWrongPassword
	}
	return s.sheet, nil
}

// road is a road with one right PIN.
type road struct {
	found  signing.Found
	pin    string
	opened []string // the PINs that were tried
	jobs   []signing.Job
	fail   error // of Sign
	queued string
	status verify.Status
	wiped  []byte // the slice that Open was given
	ahead  signing.Forecast
	// lastTry is the person's word in the newest login.
	lastTry bool
}

func (r *road) Foresee(context.Context, string, []byte) (signing.Forecast, error) {
	return r.ahead, nil
}

func (r *road) Keys(context.Context) (signing.Found, error) { return r.found, nil }
func (r *road) Open(_ context.Context, k signing.Key, pin []byte) (signing.Seat, error) {
	r.lastTry = k.LastTry
	r.opened = append(r.opened, string(pin))
	r.wiped = pin
	if string(pin) != r.pin {
		return nil, token.ErrPINWrong
	}
	return seat{r}, nil
}

type seat struct{ road *road }

func (s seat) Close(context.Context) error { return nil }
func (s seat) Sign(_ context.Context, j signing.Job, step func(signing.Step)) (signing.Outcome, error) {
	s.road.jobs = append(s.road.jobs, j)
	step(signing.StepPlan)
	step(signing.StepSign)
	if s.road.fail != nil {
		return signing.Outcome{}, s.road.fail
	}
	step(signing.StepCheck)
	if j.Document == nil {
		return signing.Outcome{Path: "/signed/a.pdf", Certificate: s.road.status}, nil
	}
	step(signing.StepQueue)
	return signing.Outcome{Path: "/signed/a.pdf", Queued: s.road.queued, Certificate: s.road.status}, nil
}

// batchWork signs what it is given, one document after the other, and asks for
// the PIN as often as why says.
type batchWork struct {
	all     []signing.Assignment
	options signing.BatchOptions
	fail    map[int]error // by index
	why     []signing.Why
	pins    []string
	rows    []signing.Row
	paused  bool
	ended   bool
	after   func(*batchWork) // runs when the deliveries are followed
}

func (b *batchWork) Run(ctx context.Context) error {
	for _, why := range b.why {
		pin, err := b.options.Ask(ctx, signing.Question{Key: b.all[0].Key, Why: why, Documents: len(b.all)})
		if err != nil {
			return err
		}
		b.pins = append(b.pins, string(pin))
		clear(pin)
	}
	for i := range b.rows {
		r := &b.rows[i]
		r.State = signing.RowSigned
		r.Outcome = signing.Outcome{Path: "/signed/" + r.Job.Path, Queued: fmt.Sprint("q", i)}
		if err := b.fail[i]; err != nil {
			r.State, r.Err, r.Outcome = signing.RowFailed, err, signing.Outcome{}
		}
		told := *r
		b.options.Told(signing.Event{Row: &told, Progress: signing.Progress{Total: len(b.rows), Signed: i + 1, PerMinute: 30, Left: 90 * time.Second}})
	}
	return nil
}

func (b *batchWork) Follow(context.Context) error {
	if b.after != nil {
		b.after(b)
	}
	return nil
}
func (b *batchWork) Rows() []signing.Row { return b.rows }
func (b *batchWork) Again() []signing.Assignment {
	var out []signing.Assignment
	for i := range b.rows {
		if b.rows[i].State == signing.RowFailed {
			out = append(out, b.all[i])
		}
	}
	return out
}
func (b *batchWork) Pause()  { b.paused = true }
func (b *batchWork) Resume() { b.paused = false }
func (b *batchWork) Cancel() { b.ended = true }

// outbox ends every delivery in one state.
type outbox struct {
	last  present.Delivery
	after func() // runs when the delivery is followed
	list  []present.Delivery
	held  bool
	wants []string              // what was wanted, "id wish"
	fail  error                 // of a wish
	first present.DeliveryState // told by Follow; empty means Received
	grace time.Time             // until when it can be taken back
	// arrived is how many of today have arrived.
	arrived int
}

func (o *outbox) List(context.Context) (present.DeliveryList, error) {
	return present.DeliveryList{All: slices.Clone(o.list), Held: o.held, Arrived: o.arrived}, nil
}
func (o *outbox) Retry(context.Context) error { return nil }
func (o *outbox) Wish(_ context.Context, id string, w present.Wish) error {
	o.wants = append(o.wants, id+" "+string(w))
	return o.fail
}
func (o *outbox) Hold(_ context.Context, held bool) error { o.held = held; return o.fail }
func (o *outbox) Follow(_ context.Context, _ string, told func(present.Delivery)) (present.Delivery, error) {
	told(present.Delivery{State: cmp.Or(o.first, present.Received), NotBefore: o.grace})
	if o.after != nil {
		o.after()
	}
	return o.last, nil
}

// office is everything that a test of the window's logic works with.
type office struct {
	*bench

	system   *system
	sheets   *sheets
	road     *road
	outbox   *outbox
	services *present.Services
	desk     *present.Desktop
	// batches are those that were made; fail and why are what the next one does.
	batches []*batchWork
	fail    map[int]error
	why     []signing.Why
	after   func(*batchWork)
}

// now is the time of the tests: 24 November 2026 in Hanoi.
func now() time.Time { return time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC) }

func line(text string, x, y, w float64) placement.Line {
	return placement.Line{Text: text, Rect: placement.Rect{X: x, Y: y, W: w, H: 11}}
}

// letter is a page with a chairman's title and name.
func letter() *sheet {
	return &sheet{pages: []placement.Page{{Number: 1, W: 595, H: 842, Lines: []placement.Line{
		line("Nội dung của văn bản./.", 85, 500, 300), line("CHỦ TỊCH", 395, 400, 70), line("Trần Minh Khôi", 380, 300, 100),
	}}}}
}

func key(name string, fit cert.Fitness, pin token.PINState) signing.Key {
	return signing.Key{
		Module: "/usr/lib/token.so",
		Token:  token.Info{Label: "Token", PIN: pin, MinPIN: 4, MaxPIN: 16},
		Subject: cert.Subject{
			Name: name, SHA256: "sha-" + name, NotBefore: now().AddDate(-1, 0, 0), NotAfter: now().AddDate(1, 0, 0),
		},
		Fit: fit,
	}
}

// newOffice makes an office with one document that waits and one good key.
func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{
		bench: &bench{t: t},
		system: &system{
			figure: signrate.Figure{Required: 170, Fulfilled: 160, Band: signrate.Normal},
			waiting: []docsys.Document{{
				ID: "d1", Subject: "V/v phòng cháy", Number: "248", Notation: "UBND-VP", SignerName: "Trần Minh Khôi",
				SignerTitle: "Chủ tịch", DueOn: "2026-11-25", Version: "v1", Missing: []string{"approval"},
			}},
		},
		sheets: &sheets{sheet: letter()},
		road: &road{
			pin: "246810", queued: "q1", status: verify.Status{Indication: verify.TotalPassed, Revocation: "good"},
			found: signing.Found{
				Keys:    []signing.Key{key("Lê Thu Hà", cert.Fit, token.PINReady), key("Trần Minh Khôi", cert.Fit, token.PINReady)},
				Modules: []signing.ModuleState{{Path: "/usr/lib/token.so", Tokens: 2}},
			},
		},
		outbox: &outbox{last: present.Delivery{ID: "q1", State: present.Confirmed, SHA256: "abcdef0123456789", At: now()}},
	}
	o.services = &present.Services{
		Road: o.road, Inbox: inbox{o.system}, Board: o.system, Library: o.system, Deliveries: o.outbox, Sheets: o.sheets,
		Picture: func(placement.Role) image.Image { return image.NewGray(image.Rect(0, 0, 200, 80)) },
		Hint:    func(string) string { return "" },
		Explain: func(err error) explain.Message { return explain.For(err, explain.Vietnamese) },
		Warn:    func(f signing.Finding) explain.Message { return explain.Warning(f, explain.Vietnamese) },
		Offers:  offers,
		Notes:   func(o signing.Offer) []explain.Note { return explain.Notes(o, explain.Vietnamese) },
		Clock:   now,
		Person:  docsys.Person{Name: "Trần Minh Khôi", Title: "Chủ tịch", Unit: "KL", Role: "head"},
	}
	o.why = []signing.Why{signing.WhyFirst}
	o.services.Batch = func(all []signing.Assignment, options signing.BatchOptions) (present.BatchWork, error) {
		b := &batchWork{all: all, options: options, fail: o.fail, why: o.why, after: o.after}
		for i, a := range all {
			b.rows = append(b.rows, signing.Row{Index: i, Job: a.Job, State: signing.RowWaiting})
		}
		o.batches = append(o.batches, b)
		return b, nil
	}
	o.desk = present.NewDesktop(o.services, o.bench)
	return o
}

// inbox gives system the method that the presenters do not need.
type inbox struct{ *system }

func (inbox) Content(context.Context, string) (io.ReadCloser, error) { return nil, nil }

// offers are the certificates as a desk without an administrator's rules offers them.
func offers(f signing.Found, o signing.OfferOptions) []signing.Offer {
	out := make([]signing.Offer, len(f.Keys))
	for i, k := range f.Keys {
		out[i] = signing.Offer{
			Key: k, Usable: k.Fit == cert.Fit, WhyNot: k.Fit, Counter: k.Token.PIN, Soft: k.Soft(),
			Last: o.Last != "" && o.Last == k.Subject.SHA256, Expiry: signing.ExpiryOf(k.Subject.NotAfter, o.At),
		}
	}
	return out
}
