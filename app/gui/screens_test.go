package gui_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"

	"kyso/app/demo"
	"kyso/app/demo/ink"
	"kyso/app/docsys"
	"kyso/app/explain"
	"kyso/app/gui"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
	"kyso/app/journal"
	"kyso/app/placement"
	"kyso/app/present"
	"kyso/app/preview"
	"kyso/app/signing"
	"kyso/app/signrate"
	"kyso/app/verdict"
	"kyso/assets"
	"kyso/signer"
	"kyso/signer/cert"
	"kyso/signer/signertest"
	"kyso/signer/token"
	"kyso/signer/verify"
)

var screens = flag.String("screens", "", "folder for pictures of every screen in every state (make screens)")

// errTorn is why a document of the pictures cannot be read.
var errTorn = fmt.Errorf("open: %w", preview.ErrDamaged)

// now is the time in the pictures: 25 November 2026, 8 o'clock in Hanoi.
func now() time.Time { return time.Date(2026, 11, 25, 1, 0, 0, 0, time.UTC) }

// office is everything behind the window of the pictures. A scenario changes it
// before the window opens.
type office struct {
	*bench

	// host gives the app that the window belongs to; nil is Fyne's own for tests.
	host func(fyne.App) fyne.App

	// closed closes the period of the board, kept has it come from the cache, plain has
	// a system without trend, fresh one without figures; refusal is what exports and
	// explanations meet.
	closed, kept, plain, fresh bool
	refusal                    error

	lang     words.Language
	pages    pageSource
	waiting  []docsys.Document
	down     error // the server's answer to everything
	noServer bool
	nobody   bool              // has logged in
	opened   shelf             // files that were opened before
	left     bool              // an earlier batch was not finished
	paths    map[string]string // of documents, by ID
	ahead    signing.Forecast
	found    signing.Found
	wrong    bool // every PIN is wrong
	fail     error
	last     present.Delivery
	sent     []present.Delivery
	held     bool     // all sending is paused
	wants    []string // wishes for deliveries, "id wish"
	papers   *papers
	figure   signrate.Figure
	batch    func(signing.BatchOptions, []signing.Row)
	stay     bool     // the batch does not end
	notes    []string // of the desktop
	reopens  bool     // the program can open itself again
	reopened int      // so often it was told to
	trayless bool     // the desktop shows no icons
	menu     []gui.TrayItem
	report   verify.Report
	window   *gui.Window
	desk     *present.Desktop
	cabinet  *cabinet
	clinic   present.Clinic
	maySend  func(context.Context, *docsys.Document, string, []byte) error
	rules    docsys.MarkTemplates // of the agency
	clerk    bool                 // the person keeps the agency's seal
	unsigned bool                 // files have no signature that could be sealed
	bare     bool                 // the person has no pictures
	journal  []journal.Entry
	broken   *journal.Break
	// practicePIN is the counter of the practice token, ready when empty.
	practicePIN token.PINState
	unsettled   bool // the scenario shows work that has not ended
}

// pageSource gives what the pages of files look like.
type pageSource interface {
	OpenSheet(ctx context.Context, path string, password []byte) (present.Sheet, error)
}

// plain is a source of grey pages, for runs that look at no picture.
type plainPages struct{}

func (plainPages) OpenSheet(_ context.Context, path string, password []byte) (present.Sheet, error) {
	switch {
	case strings.Contains(path, "torn"):
		return nil, errTorn
	case strings.Contains(path, "locked") && len(password) == 0:
		return nil, preview.ErrPassword
	}
	return sheet{}, nil
}

// letters is the source of the demonstration's letters.
type letters struct{ renderer *preview.Renderer }

func (l letters) OpenSheet(ctx context.Context, path string, password []byte) (present.Sheet, error) {
	if strings.Contains(path, "torn") || strings.Contains(path, "locked") {
		return plainPages{}.OpenSheet(ctx, path, password)
	}
	d, err := l.renderer.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	return d, nil
}

func (o *office) Waiting(context.Context) ([]docsys.Document, error) { return o.waiting, o.down }
func (o *office) Content(context.Context, string) (io.ReadCloser, error) {
	return nil, errors.ErrUnsupported
}

func (o *office) Board(_ context.Context, unit, period string) (docsys.BoardPage, error) {
	p := docsys.BoardPage{Unit: unit, Name: "Phường Kim Liên", Period: period, AsOf: now(), Own: o.figure, Formula: "R1 v1"}
	if unit == "DD" {
		p.Name = "Quận Đống Đa"
		for i, name := range []string{"Phường Kim Liên", "Phường Phương Liên – Trung Tự", "Phòng Tài nguyên và Môi trường", "Phường Văn Miếu – Quốc Tử Giám", "Thanh tra quận"} {
			f := signrate.Figure{Required: 170, Fulfilled: 169 - 33*i}
			f.Band = signrate.Judge(f.Required, f.Fulfilled, 10)
			p.Children = append(p.Children, docsys.BoardRow{Unit: strconv.Itoa(i), Name: name, Figure: f})
		}
	}
	for m := 1; m <= 11; m++ {
		p.Months = append(p.Months, docsys.BoardMonth{Month: fmt.Sprintf("2026-%02d", m), Figure: signrate.Figure{Required: 20, Fulfilled: 9 + m}})
	}
	return p, o.down
}

func (o *office) Unsigned(context.Context, string, string) ([]docsys.Document, error) {
	return o.waiting, o.down
}

func (o *office) Fetch(_ context.Context, d docsys.Document) (string, error) {
	return o.paths[d.ID], o.down
}
func (o *office) Match(string, []docsys.Document) (*docsys.Document, error) { return nil, nil }

func (o *office) Foresee(context.Context, string, []byte) (signing.Forecast, error) {
	return o.ahead, nil
}
func (o *office) Keys(context.Context) (signing.Found, error) { return o.found, nil }
func (o *office) Open(context.Context, signing.Key, []byte) (signing.Seat, error) {
	if o.wrong {
		return nil, &token.Error{Kind: token.KindPINWrong, Op: "login"}
	}
	return seat{o}, nil
}

type seat struct{ office *office }

func (seat) Close(context.Context) error { return nil }
func (s seat) Sign(_ context.Context, _ signing.Job, step func(signing.Step)) (signing.Outcome, error) {
	step(signing.StepPlan)
	step(signing.StepSign)
	if s.office.fail != nil {
		return signing.Outcome{}, s.office.fail
	}
	step(signing.StepCheck)
	return signing.Outcome{
		Path: "/home/khoi/kyso/signed/248-UBND-VP-daky.pdf", Queued: "q1",
		Certificate: verify.Status{Indication: verify.TotalPassed, Revocation: "good"},
	}, nil
}

func (o *office) List(context.Context) (present.DeliveryList, error) {
	l := present.DeliveryList{All: o.sent, Held: o.held}
	for _, d := range o.sent {
		if d.State == present.Confirmed || d.State == present.Stored {
			l.Arrived++
		}
	}
	return l, nil
}
func (o *office) Retry(context.Context) error { return nil }
func (o *office) Wish(_ context.Context, id string, w present.Wish) error {
	o.wants = append(o.wants, id+" "+string(w))
	return nil
}
func (o *office) Hold(_ context.Context, held bool) error { o.held = held; return nil }
func (o *office) Follow(context.Context, string, func(present.Delivery)) (present.Delivery, error) {
	return o.last, nil
}

// shelf has files that were opened before.
type shelf []string

func (s shelf) List() []string { return s }
func (shelf) Add(string) error { return nil }
func (shelf) Clear() error     { return nil }

// Unfinished, ResumeBatch and Forget are the batches of an earlier run.
func (o *office) Unfinished() ([]signing.Unfinished, error) {
	if !o.left {
		return nil, nil
	}
	return []signing.Unfinished{{ID: "b", At: now(), Left: make([]signing.Job, 37), Done: make([]signing.Job, 13)}}, nil
}

func (o *office) ResumeBatch(string, signing.BatchOptions) (present.BatchWork, error) {
	return nil, errors.ErrUnsupported
}
func (o *office) Forget(string) error { return nil }

func (o *office) Examine(context.Context, string, []byte, bool) (verify.Report, error) {
	return o.report, nil
}

// work is a batch that stands where the scenario wants it.
type work struct {
	office  *office
	all     []signing.Assignment
	options signing.BatchOptions
	rows    []signing.Row
}

func (w *work) Run(context.Context) error {
	w.office.batch(w.options, w.rows)
	return nil
}
func (w *work) Follow(context.Context) error { return nil }
func (w *work) Rows() []signing.Row          { return w.rows }
func (w *work) Pause()                       {}
func (w *work) Resume()                      {}
func (w *work) Cancel()                      {}
func (w *work) Again() []signing.Assignment {
	var out []signing.Assignment
	for i := range w.rows {
		if !w.rows[i].Signed() {
			out = append(out, w.all[i])
		}
	}
	return out
}

// newOffice makes an office with the demonstration's queue.
func newOffice(t *testing.T, lang words.Language, pages pageSource, folder string) *office {
	t.Helper()
	o := &office{
		papers: &papers{printers: []string{"Van-thu-HP", "PDF"}}, bench: &bench{t: t}, lang: lang, pages: pages, cabinet: newCabinet(), paths: map[string]string{},
		figure: signrate.Figure{Required: 170, Fulfilled: 160, Band: signrate.Normal},
		last:   present.Delivery{ID: "q1", State: present.Confirmed, SHA256: "b8292658264d0f4b", At: now()},
	}
	for i, l := range demo.Letters() {
		text, err := l.Text(now())
		if err != nil {
			t.Fatal(err)
		}
		d := docsys.Document{
			ID: l.File, Subject: text.Subject, Number: text.Number, Notation: text.Notation, Type: "Công văn", IssuedOn: "2026-11-25",
			DueOn: fmt.Sprintf("2026-11-%02d", 23+i), Urgent: i == 0, Drafter: "Phạm Quốc Bảo", SignerName: "Trần Minh Khôi", SignerTitle: "Chủ tịch",
			Version: "v1", Missing: []string{"approval", "initials"}, UnitName: "Ủy ban nhân dân phường Kim Liên",
		}
		if i == 2 {
			d.Explained = "pending"
		}
		if i%2 == 1 {
			d.InitialledBy, d.Missing = []string{"Phạm Quốc Bảo"}, []string{"approval"}
		}
		o.waiting = append(o.waiting, d)
		o.paths[l.File] = filepath.Join(folder, l.File+".pdf")
	}
	o.found = signing.Found{
		Modules: []signing.ModuleState{{Path: "/usr/lib/token.so", Tokens: 2}},
		Keys:    []signing.Key{keyOf("Trần Minh Khôi", "Chủ tịch", "Ủy ban nhân dân phường Kim Liên", cert.Fit), keyOf("Nguyễn Thị Hoàng Ngọc Phương Thảo Anh", "Phó Chủ tịch Thường trực", "Ủy ban nhân dân phường Phương Liên – Trung Tự, quận Đống Đa, thành phố Hà Nội", cert.Expired)},
	}
	return o
}

// signs is a certificate for signing documents, of nobody in particular.
var signs = sync.OnceValue(func() token.Certificate {
	pki, err := signertest.New(signertest.Options{})
	if err != nil {
		panic(err)
	}
	id, err := pki.Issue(signertest.IssueSpec{Name: "Mẫu"})
	if err != nil {
		panic(err)
	}
	return token.Certificate{DER: id.Certificate.Raw}
})

func keyOf(name, title, unit string, fit cert.Fitness) signing.Key {
	return signing.Key{
		Certificate: signs(),
		Module:      "/usr/lib/token.so", Token: token.Info{Label: "Token", PIN: token.PINReady, MinPIN: 4, MaxPIN: 16}, Fit: fit,
		Subject: cert.Subject{Name: name, Title: title, Unit: unit, Issuer: "CA thử nghiệm Ký số G1", SHA256: name, NotBefore: now().AddDate(-1, 0, 0), NotAfter: now().AddDate(1, 0, 0)},
	}
}

// open makes the window of the office.
func (o *office) open(t *testing.T, look theme.Appearance) {
	t.Helper()
	a := test.NewTempApp(t)
	if o.host != nil {
		a = o.host(a)
	}
	w, err := words.Load(o.lang)
	if err != nil {
		t.Fatal(err)
	}
	lang := explain.Language(o.lang)
	s := &present.Services{
		Road: o, Resumption: o, Recent: o.opened, Rehearsal: practice{o}, Sheets: o.pages, Library: o, Inbox: o, Board: o, Deliveries: o, Examiner: o,
		Picture: func(r placement.Role) image.Image {
			if o.bare {
				return nil
			}
			return ofPerson(t, r)
		},
		MarkFont: assets.SerifRegular(),
		Hint:     func(string) string { return "" },
		Explain:  func(err error) explain.Message { return explain.For(err, lang) },
		Warn:     func(f signing.Finding) explain.Message { return explain.Warning(f, lang) },
		Verdicts: func() verdict.Language { return verdict.Language(lang) },
		Offers:   (&signing.Desk{}).Offers,
		Notes:    func(o signing.Offer) []explain.Note { return explain.Notes(o, lang) },
		Clock:    now,
		Person: docsys.Person{Name: "Trần Minh Khôi", Title: "Chủ tịch", Unit: "KL", UnitName: "Phường Kim Liên", Board: "DD", Role: "head", Authorities: []docsys.HeldAuthority{
			{Unit: "KL", UnitName: "Phường Kim Liên", May: "approve", Form: "self", ValidFrom: "2026-01-01"},
			{Unit: "KL", UnitName: "Phường Kim Liên", May: "initial", Form: "self", ValidFrom: "2026-01-01"},
			{Unit: "TDP", UnitName: "Ban Chỉ đạo chuyển đổi số phường Kim Liên", May: "approve", Form: "TM", ValidFrom: "2026-03-01", ValidTo: "2027-01-01"},
		}},
		Batch: func(all []signing.Assignment, options signing.BatchOptions) (present.BatchWork, error) {
			b := &work{office: o, all: all, options: options}
			for i, x := range all {
				b.rows = append(b.rows, signing.Row{Index: i, Job: x.Job, State: signing.RowWaiting})
			}
			return b, nil
		},
	}
	s.SaveAnnex = func(context.Context, string, docsys.Annex) error { return o.refusal }
	if !o.plain {
		s.Figures = o
	}
	if o.noServer {
		s.Figures = nil
		s.Inbox, s.Board, s.Library, s.Deliveries, s.Person = nil, nil, nil, nil, docsys.Person{}
	}
	s.Tray = func(context.Context) bool { return !o.trayless }
	if o.nobody {
		s.Person = docsys.Person{}
	}
	s.Papers = o.papers
	o.cabinet.lang = lang
	if o.clerk {
		s.Person.Name, s.Person.Title, s.Person.Role = "Phạm Quốc Bảo", "Chánh Văn phòng", "clerk"
	}
	s.SealPlace = func(context.Context, string, []byte, float64) (placement.Proposal, error) {
		if o.unsigned {
			return placement.Proposal{}, signing.ErrNoApproval
		}
		return placement.Proposal{Page: 1, Rect: placement.Rect{X: 290, Y: 120, W: 102, H: 102}, Sure: true, Why: placement.WhySignature}, nil
	}
	s.BlockPlace = func(b signing.Block, _ string, _ []byte, s cert.Subject) (placement.Proposal, []string, error) {
		return placement.Proposal{Page: 1, Rect: placement.Rect{X: 397, Y: 804, W: 190, H: 30}, Sure: true, Why: placement.WhyCorner}, b.Lines(s), nil
	}
	s.Templates, s.MaySend, s.Reopens = o, o.maySend, o.reopens
	s.Preferences, s.Marks, s.Clinic = o.cabinet, o.cabinet, o.clinic
	s.History = func() ([]journal.Entry, *journal.Break, error) { return o.journal, o.broken, nil }
	o.desk = present.NewDesktop(s, o)
	o.window = gui.New(a, o.desk, gui.Options{
		Words: w, Theme: theme.Theme{Appearance: look}, Load: words.Load,
		Drag: func(paths []string) (func(), func()) {
			o.papers.done = append(o.papers.done, "drag "+strings.Join(paths, " "))
			return func() {}, func() { o.papers.done = append(o.papers.done, "drop") }
		},
		Notify: func(title, text string, then func()) {
			o.notes = append(o.notes, title+": "+text)
			if then != nil {
				then()
			}
		},
		Tray:   func(menu []gui.TrayItem) { o.menu = menu },
		Reopen: func() { o.reopened++ },
	})
	o.window.Show()
	o.settle()
}

// Templates and FetchTemplates are the agency's rules of marks.
func (o *office) Templates() docsys.MarkTemplates            { return o.rules }
func (*office) FetchTemplates(context.Context) (bool, error) { return false, nil }

// pictures keeps what ofPerson drew: hundreds of windows show the same three.
var pictures sync.Map

func ofPerson(t *testing.T, r placement.Role) image.Image {
	t.Helper()
	if m, ok := pictures.Load(r); ok {
		return m.(image.Image)
	}
	draw := ink.Signature
	switch r {
	case placement.Initials:
		draw = ink.Initials
	case placement.Seal:
		draw = func(string) (*image.NRGBA, error) {
			return ink.Seal("ỦY BAN NHÂN DÂN PHƯỜNG KIM LIÊN", signing.SealDiameter, assets.SerifBold())
		}
	case placement.Approval, placement.Appendix, placement.Copy:
	}
	m, err := draw("khoi")
	if err != nil {
		t.Fatal(err)
	}
	pictures.Store(r, m)
	return m
}

// press types keys and runes as the canvas gets them.
func (o *office) press(keys ...fyne.KeyName) {
	for _, k := range keys {
		e := &fyne.KeyEvent{Name: k}
		if f := o.window.Canvas().Focused(); f != nil {
			f.TypedKey(e)
		} else {
			o.window.Canvas().OnTypedKey()(e)
		}
		if !o.unsettled {
			o.settle()
		}
	}
}

func (o *office) typePIN() {
	for _, r := range "000000" {
		o.window.Canvas().Focused().TypedRune(r)
	}
}

// together opens the contact sheet.
func (o *office) together() {
	o.desk.Queue.SignTogether()
	o.settle()
}

// scenario is one screen in one state.
type scenario struct {
	name string
	// before changes the office, do acts on the window.
	before func(*office)
	do     func(*office)
}

// scenarios are all states that a person can meet.
func scenarios() []scenario {
	open := func(o *office) { o.press(fyne.KeyReturn) }
	pin := func(o *office) { o.press(fyne.KeyReturn, fyne.KeyReturn) }
	sign := func(o *office) { pin(o); o.typePIN(); o.press(fyne.KeyReturn) }
	batch := func(o *office) {
		o.together()
		o.press(fyne.KeyReturn)
		o.typePIN()
		o.press(fyne.KeyReturn)
	}
	pinState := func(s token.PINState) func(*office) { return func(o *office) { o.found.Keys[0].Token.PIN = s } }
	return append(slices.Concat(tourScenarios(), settingsScenarios(), studioScenarios(), historyScenarios(), sentScenarios()), []scenario{
		{"queue", nil, nil},
		{"queue-chosen", nil, func(o *office) { o.desk.Queue.Choose(1); o.desk.Queue.Choose(2) }},
		{"queue-recent", func(o *office) {
			o.opened = shelf{"/home/khoi/Văn bản/Tờ trình xin chủ trương đầu tư cải tạo hệ thống thoát nước phường Kim Liên năm 2026.pdf", "/home/khoi/Tải xuống/CV 1247.pdf"}
		}, func(o *office) {
			for _, b := range buttons(o.window.Canvas().Content()) {
				if b.Text == "Gần đây" || b.Text == "Recent" {
					test.Tap(b)
				}
			}
		}},
		{"queue-left", func(o *office) { o.left = true }, nil},
		{"queue-no-match", nil, func(o *office) { o.desk.Queue.Search("không có") }},
		{"queue-joint", func(o *office) {
			o.waiting[0].Unit, o.waiting[0].CoIssuers = "H26.13.25", []docsys.CoIssuer{{Unit: "H26.13.26", UnitName: "Ủy ban nhân dân phường Láng Hạ"}, {Unit: "H26.13.27"}}
			o.waiting[0].Approvals = []docsys.Approval{{Unit: "H26.13.25", Name: "Trần Minh Khôi", Form: "self"}}
			o.waiting[1].Replaces = "x"
		}, nil},
		{"queue-empty", func(o *office) { o.waiting = nil }, nil},
		{"queue-no-server", func(o *office) { o.noServer = true }, nil},
		{"queue-error", func(o *office) { o.down = docsys.ErrOffline }, nil},
		{"queue-many", func(o *office) { o.waiting = repeat(o.waiting, 2000) }, nil},
		{"reader", nil, open},
		{"reader-unsure", nil, func(o *office) { o.desk.Queue.OpenRow(5); o.settle() }},
		{"reader-warnings", func(o *office) {
			o.ahead.Warnings = []signing.Finding{{Code: "javascript"}, {Code: "hidden-layer", Page: 2}, {Code: "overlapping-picture", Page: 1}}
		}, open},
		{"reader-refused", func(o *office) { o.ahead.Refusal = &signer.RefusalError{Code: "certified-no-changes"} }, open},
		{"reader-locked", nil, func(o *office) { o.desk.OpenFiles([]string{"/home/khoi/locked.pdf"}); o.settle() }},
		{"reader-damaged", nil, func(o *office) { o.desk.OpenFiles([]string{"/home/khoi/torn.pdf"}); o.settle() }},
		{"contact", nil, (*office).together},
		{"contact-skipped", func(o *office) { o.paths[o.waiting[1].ID] = "/home/khoi/torn.pdf" }, func(o *office) { o.together(); o.press(fyne.KeyRight, fyne.KeySpace) }},
		{"contact-reading", nil, func(o *office) { o.desk.Queue.SignTogether(); o.one(); o.one() }},
		{"pin", nil, pin},
		{"pin-many", nil, func(o *office) { o.together(); o.press(fyne.KeyReturn) }},
		{"pin-wrong", func(o *office) { o.wrong = true; pinState(token.PINLow)(o) }, sign},
		{"pin-final", pinState(token.PINFinal), pin},
		{"pin-locked", pinState(token.PINLocked), pin},
		{"pin-no-token", func(o *office) { o.found = signing.Found{Modules: []signing.ModuleState{{Path: "/usr/lib/token.so"}}} }, pin},
		{"pin-no-driver", func(o *office) { o.found = signing.Found{} }, pin},
		{"working", nil, func(o *office) {
			pin(o)
			o.typePIN()
			o.unsettled = true
			o.press(fyne.KeyReturn)
		}},
		{"result", func(o *office) { o.last.State = present.Confirmed }, sign},
		{"result-waiting", func(o *office) { o.last = present.Delivery{ID: "q1", State: present.Waiting, Err: docsys.ErrOffline} }, sign},
		{"result-refused", func(o *office) { o.last = present.Delivery{ID: "q1", State: present.Refused, Err: errTorn} }, sign},
		{"failed", func(o *office) { o.fail = &token.Error{Kind: token.KindRemoved, Op: "sign"} }, sign},
		{"batch", func(o *office) { o.batch, o.stay = half(signing.LaneWorking), true }, func(o *office) { o.unsettled = true; batchHalf(o) }},
		{"batch-removed", func(o *office) { o.batch, o.stay = half(signing.LaneRemoved), true }, func(o *office) { o.unsettled = true; batchHalf(o) }},
		{"batch-result", func(o *office) { o.batch = whole }, batch},
		{"batch-failures", func(o *office) { o.batch = some }, batch},
		{"help", nil, func(o *office) { o.press(fyne.KeyF1) }},
	}...)
}

// repeat makes many documents of some.
func repeat(d []docsys.Document, n int) []docsys.Document {
	out := make([]docsys.Document, n)
	for i := range out {
		out[i] = d[i%len(d)]
		out[i].ID = strconv.Itoa(i)
	}
	return out
}

// batchHalf begins a batch and shows what it tells before its end.
func batchHalf(o *office) {
	o.unsettled = false
	o.together()
	o.press(fyne.KeyReturn)
	o.typePIN()
	o.unsettled = true
	o.press(fyne.KeyReturn)
	for len(o.work) > 0 {
		if w := o.take(); w != nil {
			w(o.t.Context()) // what it tells is shown, its end is not
		}
	}
}

// half is a batch in its middle.
func half(state signing.LaneState) func(signing.BatchOptions, []signing.Row) {
	return func(b signing.BatchOptions, rows []signing.Row) {
		p := signing.Progress{Total: len(rows), Signed: 2, PerMinute: 41.6, Left: 95 * time.Second}
		for i := range rows {
			r := rows[i]
			switch {
			case i < 2:
				r.State = signing.RowAccepted
			case i == 2:
				r.State, r.Step = signing.RowWorking, signing.StepSign
			default:
				continue
			}
			b.Told(signing.Event{Row: &r, Lane: &signing.Lane{State: state}, Progress: p})
		}
	}
}

// whole signs everything, some all but two.
func whole(_ signing.BatchOptions, rows []signing.Row) {
	for i := range rows {
		rows[i].State = signing.RowAccepted
		rows[i].Outcome.Path = "/home/khoi/kyso/signed/a.pdf"
	}
}

func some(b signing.BatchOptions, rows []signing.Row) {
	whole(b, rows)
	rows[1].State, rows[1].Err, rows[1].Outcome.Path = signing.RowFailed, &signer.RefusalError{Code: "certified-no-changes"}, ""
	rows[4].State, rows[4].Err, rows[4].Outcome.Path = signing.RowUnsigned, &token.Error{Kind: token.KindRemoved, Op: "sign"}, ""
}

// shot is how a window is shown in a picture.
type shot struct {
	size  fyne.Size
	scale float32
	name  string
	looks []theme.Appearance // nil for all
}

// TestScreens opens every screen in every state, in both languages, and sees that
// no text is cut off by the window's edge. With -screens it leaves pictures.
func TestScreens(t *testing.T) {
	notWithRaceDetector(t)
	shots := []shot{{fyne.NewSize(1024, 700), 1, "1024x700", nil}}
	looks := []theme.Appearance{theme.Light}
	var pages pageSource = plainPages{}
	folder := t.TempDir()
	if *screens != "" {
		shots = append(shots, shot{fyne.NewSize(1440, 900), 1, "1440x900", nil}, shot{fyne.NewSize(1920, 1080), 2, "3840x2160", []theme.Appearance{theme.Light}})
		looks = append(looks, theme.Dark)
		r := preview.New(filepath.Join(*screens, "..", "cache"))
		t.Cleanup(func() { _ = r.Close() })
		pages = letters{r}
		if err := demo.WriteLetters(folder, now()); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(*screens, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range slices.Concat(scenarios(), readerScenarios(), boardScenarios(), closingScenarios(), loginScenarios(), doctorScenarios(), watchScenarios()) {
		t.Run(s.name, func(t *testing.T) {
			for _, lang := range []words.Language{words.Vietnamese, words.English} {
				for _, look := range looks {
					for _, at := range shots {
						if at.looks != nil && !slices.Contains(at.looks, look) {
							continue
						}
						o := newOffice(t, lang, pages, folder)
						show(t, o, s, look, at)
						if *screens != "" {
							keep(t, o, fmt.Sprintf("%s-%s-%s-%s.png", s.name, lang, look, at.name))
						}
						o.desk.Reader.Close() // few files can be open at once
						o.settle()
					}
				}
			}
		})
	}
}

// show brings a window into the state of a scenario.
func show(t *testing.T, o *office, s scenario, look theme.Appearance, at shot) {
	t.Helper()
	if s.before != nil {
		s.before(o)
	}
	o.open(t, look)
	if c, ok := o.window.Canvas().(software.WindowlessCanvas); ok {
		c.SetScale(at.scale)
	}
	o.window.Resize(at.size)
	o.settle()
	if s.do != nil {
		s.do(o)
	}
	for _, text := range cut(o.window.Canvas(), at.size) {
		t.Errorf("%s %s: %q is cut off by the window's edge", o.lang, at.name, text)
	}
}

// keep writes the picture of a window.
func keep(t *testing.T, o *office, name string) {
	t.Helper()
	f, err := os.Create(filepath.Join(*screens, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(f, software.RenderCanvas(o.window.Canvas(), fyne.CurrentApp().Settings().Theme())), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// cut lists the texts that reach over the edges of the canvas. What a scroller
// holds may be anywhere.
func cut(c fyne.Canvas, size fyne.Size) []string {
	var out []string
	var walk func(o fyne.CanvasObject, at fyne.Position)
	walk = func(o fyne.CanvasObject, at fyne.Position) {
		if !o.Visible() {
			return
		}
		at = at.Add(o.Position())
		switch o := o.(type) {
		case *fyne.Container:
			for _, child := range o.Objects {
				walk(child, at)
			}
		case *canvas.Text:
			w := fyne.MeasureText(o.Text, o.TextSize, o.TextStyle).Width
			if o.Text != "" && (at.X < -1 || at.Y < -1 || at.Y+o.Size().Height > size.Height+1 || at.X+min(w, o.Size().Width) > size.Width+1) {
				out = append(out, o.Text)
			}
		case fyne.Scrollable:
		case fyne.Widget:
			for _, child := range test.WidgetRenderer(o).Objects() {
				walk(child, at)
			}
		}
	}
	walk(c.Content(), fyne.Position{})
	if top := c.Overlays().Top(); top != nil {
		walk(top, fyne.Position{})
	}
	return out
}

// notWithRaceDetector leaves a test to the run without the race detector: it
// draws hundreds of windows one after the other, in one goroutine.
func notWithRaceDetector(t *testing.T) {
	t.Helper()
	if slower > 1 {
		t.Skip("runs without the race detector, see make test")
	}
}
