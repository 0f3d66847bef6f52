package gui_test

import (
	"context"
	"image"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kyso/app/docsys"
	"kyso/app/explain"
	"kyso/app/gui"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
	"kyso/app/placement"
	"kyso/app/present"
	"kyso/app/preview"
	"kyso/app/signing"
	"kyso/signer/cert"
	"kyso/signer/token"
)

// bench runs work when the test says so, on the test's goroutine.
type bench struct {
	t    *testing.T
	work []func(context.Context) func()
}

func (b *bench) Go(work func(context.Context) func()) { b.work = append(b.work, work) }
func (b *bench) Tell(f func())                        { f() }
func (b *bench) settle() {
	for len(b.work) > 0 {
		b.one()
	}
}

// one does the oldest piece of work.
func (b *bench) one() {
	if then := b.take()(b.t.Context()); then != nil {
		then()
	}
}

// take gives the oldest piece of work.
func (b *bench) take() func(context.Context) func() {
	w := b.work[0]
	b.work = b.work[1:]
	return w
}

type sheet struct{}

// OpenSheet asks for the password "mở" of a file of that kind.
func (sheet) OpenSheet(_ context.Context, path string, password []byte) (present.Sheet, error) {
	if path == "/encrypted.pdf" && string(password) != "mở" {
		return nil, preview.ErrPassword
	}
	return sheet{}, nil
}

func (sheet) Pages() []preview.Size { return []preview.Size{{W: 595, H: 842}} }

func (sheet) Lines(ctx context.Context, page int) ([]placement.Line, error) {
	p, err := sheet{}.Page(ctx, page)
	return p.Lines, err
}

func (sheet) Page(context.Context, int) (placement.Page, error) {
	line := func(text string, y float64) placement.Line {
		return placement.Line{Text: text, Rect: placement.Rect{X: 85, Y: y, W: 200, H: 12}}
	}
	return placement.Page{Number: 1, W: 595, H: 842, Lines: []placement.Line{line("Chủ tịch Ủy ban nhân dân", 700), line("và các Phó Chủ tịch", 680)}}, nil
}

func (sheet) Render(context.Context, int, float64) (image.Image, error) {
	return image.NewGray(image.Rect(0, 0, 595, 842)), nil
}

func (sheet) Region(_ context.Context, _ int, _ float64, part image.Rectangle) (*image.RGBA, error) {
	return image.NewRGBA(image.Rectangle{Max: part.Size()}), nil
}

func (sheet) Close() error { return nil }

type road struct{ signed []signing.Job }

func (*road) Foresee(context.Context, string, []byte) (signing.Forecast, error) {
	return signing.Forecast{}, nil
}

func (r *road) Keys(context.Context) (signing.Found, error) {
	return signing.Found{Keys: []signing.Key{{
		Token: token.Info{MinPIN: 4, MaxPIN: 16}, Fit: cert.Fit, Subject: cert.Subject{Name: "Trần Minh Khôi", SHA256: "a"},
	}}}, nil
}

func (r *road) Open(context.Context, signing.Key, []byte) (signing.Seat, error) { return r, nil }
func (r *road) Close(context.Context) error                                     { return nil }
func (r *road) Sign(_ context.Context, j signing.Job, _ func(signing.Step)) (signing.Outcome, error) {
	r.signed = append(r.signed, j)
	return signing.Outcome{Path: "/signed.pdf"}, nil
}

// window is a window over doubles.
type window struct {
	*bench
	*gui.Window

	desk *present.Desktop
	road *road
}

func newWindow(t *testing.T) window {
	t.Helper()
	a := test.NewTempApp(t)
	b, r := &bench{t: t}, &road{}
	vi, err := words.Load(words.Vietnamese)
	if err != nil {
		t.Fatal(err)
	}
	desk := present.NewDesktop(&present.Services{
		Road: r, Sheets: sheet{}, Picture: func(placement.Role) image.Image { return nil }, Hint: func(string) string { return "" },
		Explain: func(err error) explain.Message { return explain.For(err, explain.Vietnamese) },
		Warn:    func(f signing.Finding) explain.Message { return explain.Warning(f, explain.Vietnamese) },
		Offers:  (&signing.Desk{}).Offers,
		Notes:   func(signing.Offer) []explain.Note { return nil },
		Clock:   func() time.Time { return time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC) },
		Person:  docsys.Person{Name: "Trần Minh Khôi"},
	}, b)
	w := gui.New(a, desk, gui.Options{
		Words: vi, Theme: theme.Theme{Appearance: theme.Light}, Load: words.Load,
	})
	w.Show()
	b.settle()
	return window{b, w, desk, r}
}

// press presses a key as the canvas gets it: the widget with the focus first.
func (w window) press(key fyne.KeyName) {
	e := &fyne.KeyEvent{Name: key}
	if f := w.Canvas().Focused(); f != nil {
		f.TypedKey(e)
	} else {
		w.Canvas().OnTypedKey()(e)
	}
	w.settle()
}

func TestAFileIsSignedByTheKeyboardAlone(t *testing.T) {
	w := newWindow(t)
	w.Raise([]string{filepath.Join(t.TempDir(), "thư.pdf")})
	w.settle()
	before := w.desk.Reader.State().Mark().Rect
	w.press(fyne.KeyLeft)
	if got := w.desk.Reader.State().Mark().Rect.X; got != before.X-1 {
		t.Errorf("got the mark at %v, want the arrow to move it to %v", got, before.X-1)
	}
	w.press(fyne.KeyReturn)
	if w.Canvas().Focused() == nil {
		t.Fatal("the PIN has no keyboard")
	}
	w.press(fyne.KeyReturn) // without a PIN nothing happens
	if len(w.road.signed) != 0 {
		t.Fatal("signed without a PIN")
	}
	for _, r := range "246810" {
		w.Canvas().Focused().TypedRune(r)
	}
	w.press(fyne.KeyReturn)
	if got := len(w.road.signed); got != 1 {
		t.Fatalf("got %d signatures, want 1", got)
	}
	if got := w.desk.Ceremony.State().Phase; got != present.Done {
		t.Fatalf("got phase %q", got)
	}
	w.press(fyne.KeyReturn)
	if got := w.desk.State().Place; got != present.PlaceQueue {
		t.Errorf("got place %q, want Enter to lead back to the queue", got)
	}
}

func TestAnEncryptedFileIsSignedByTheKeyboardAlone(t *testing.T) {
	w := newWindow(t)
	w.desk.OpenFiles([]string{"/encrypted.pdf"})
	w.settle()
	for _, r := range "mở" {
		w.Canvas().Focused().TypedRune(r)
	}
	w.press(fyne.KeyReturn)
	w.settle()
	w.press(fyne.KeyReturn)
	w.settle()
	if got := w.desk.Ceremony.State().Phase; got != present.Asking {
		t.Errorf("got phase %q after the password and Enter, want the PIN to be asked", got)
	}
}

func TestEscapeLeavesThePINAndTheDocument(t *testing.T) {
	w := newWindow(t)
	w.Raise([]string{filepath.Join(t.TempDir(), "thư.pdf")})
	w.settle()
	w.press(fyne.KeyReturn)
	w.press(fyne.KeyEscape)
	if got := w.desk.Ceremony.State().Phase; got != present.Idle {
		t.Errorf("got phase %q", got)
	}
	w.press(fyne.KeyEscape)
	if got := w.desk.State().Place; got != present.PlaceQueue {
		t.Errorf("got place %q", got)
	}
}

func TestEveryPlaceAndDialogOpens(t *testing.T) {
	w := newWindow(t)
	for _, p := range []present.Place{present.PlaceSent, present.PlaceBoard, present.PlaceDoctor, present.PlaceSettings, present.PlaceQueue} {
		w.desk.Go(p)
		w.settle()
	}
	for name, open := range map[string]func(){"help": func() { w.press(fyne.KeyF1) }, "files": w.Browse} {
		open()
		if w.Canvas().Overlays().Top() == nil {
			t.Errorf("the dialog of %s is not shown", name)
		}
		w.press(fyne.KeyEscape)
		if w.Canvas().Overlays().Top() != nil {
			t.Errorf("Escape does not close the dialog of %s", name)
		}
	}
}

func TestWhatLiesUnderADialogGetsNoKeys(t *testing.T) {
	w := newWindow(t)
	w.Raise([]string{filepath.Join(t.TempDir(), "thư.pdf")})
	w.settle()
	w.press(fyne.KeyF1)
	w.Canvas().Unfocus()
	w.press(fyne.KeyReturn)
	if got := w.desk.Ceremony.State().Phase; got != present.Idle {
		t.Errorf("got phase %q: Enter reached the document under the help", got)
	}
}

func TestTheEmptyQueueLooksAsItDid(t *testing.T) {
	w := newWindow(t)
	w.Resize(fyne.NewSize(1024, 700))
	test.AssertRendersToMarkup(t, "queue-empty.xml", w.Canvas())
}
