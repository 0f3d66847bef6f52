package gui_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"

	"kyso/app/gui/control"
	"kyso/app/gui/screen"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// deskApp is an app whose window takes keys with Ctrl as a desktop's does: Fyne's
// canvas of tests drops them.
type deskApp struct {
	fyne.App

	window *deskWindow
}

type deskWindow struct {
	fyne.Window

	canvas *deskCanvas
}

type deskCanvas struct {
	software.WindowlessCanvas

	shortcuts fyne.ShortcutHandler
}

type deskDriver struct {
	fyne.Driver

	app *deskApp
}

func (a *deskApp) Driver() fyne.Driver { return deskDriver{a.App.Driver(), a} }
func (a *deskApp) NewWindow(title string) fyne.Window {
	w := a.App.NewWindow(title)
	a.window = &deskWindow{w, &deskCanvas{WindowlessCanvas: w.Canvas().(software.WindowlessCanvas)}}
	return a.window
}

func (d deskDriver) AllWindows() []fyne.Window       { return []fyne.Window{d.app.window} }
func (w *deskWindow) Canvas() fyne.Canvas            { return w.canvas }
func (c *deskCanvas) TypedShortcut(s fyne.Shortcut)  { c.shortcuts.TypedShortcut(s) }
func (c *deskCanvas) RemoveShortcut(s fyne.Shortcut) { c.shortcuts.RemoveShortcut(s) }
func (c *deskCanvas) AddShortcut(s fyne.Shortcut, f func(s fyne.Shortcut)) {
	c.shortcuts.AddShortcut(s, f)
}

// onDesk has an office open its window on such an app.
func onDesk(t *testing.T, o *office) {
	t.Helper()
	o.host = func(a fyne.App) fyne.App {
		d := &deskApp{App: a}
		fyne.SetCurrentApp(d)
		return d
	}
}

// ctrl presses keys with Ctrl as Fyne's driver does: what has the keyboard gets them
// where it takes any, else the window.
func (o *office) ctrl(keys ...fyne.KeyName) {
	for _, k := range keys {
		s := fyne.Shortcut(&desktop.CustomShortcut{KeyName: k, Modifier: fyne.KeyModifierControl})
		switch k {
		case fyne.KeyA:
			s = &fyne.ShortcutSelectAll{}
		case fyne.KeyC:
			s = &fyne.ShortcutCopy{Clipboard: fyne.CurrentApp().Clipboard()}
		case fyne.KeyZ:
			s = &fyne.ShortcutUndo{}
		}
		if f, ok := o.window.Canvas().Focused().(fyne.Shortcutable); ok {
			f.TypedShortcut(s)
		} else {
			o.window.Canvas().(fyne.Shortcutable).TypedShortcut(s)
		}
		o.settle()
	}
}

// stops are all stops of Tab, in their order.
func (o *office) stops() []fyne.Focusable {
	c := o.window.Canvas()
	c.Unfocus()
	var all []fyne.Focusable
	for {
		c.FocusNext()
		f := c.Focused()
		if f == nil || slices.Contains(all, f) {
			c.Unfocus()
			return all
		}
		all = append(all, f)
	}
}

// stop is the first stop of Tab of a kind.
func stop[T fyne.Focusable](o *office, which func(T) bool) T {
	o.t.Helper()
	for _, f := range o.stops() {
		if found, ok := f.(T); ok && which(found) {
			o.window.Canvas().Focus(found)
			return found
		}
	}
	o.t.Fatalf("Tab reaches no such %T", *new(T))
	return *new(T)
}

// whichever takes the first one.
func whichever[T any](T) bool { return true }

func captioned(text string) func(*control.Button) bool {
	return func(b *control.Button) bool { return b.Text == text }
}

// TestTheWindowsKeysWorkFromEveryStopOfTab goes to all that can have the keyboard on
// every screen, once for each kind, and presses keys that are the window's.
func TestTheWindowsKeysWorkFromEveryStopOfTab(t *testing.T) {
	notWithRaceDetector(t)
	kinds := map[string]bool{}
	for name, place := range standing() {
		t.Run(name, func(t *testing.T) {
			o := place(t)
			here, tried := o.window.Scene(), map[string]bool{}
			for _, f := range o.stops() {
				kind := fmt.Sprintf("%T", f)
				if tried[kind] {
					continue
				}
				tried[kind], kinds[kind] = true, true
				focus := func() { o.window.Canvas().Focus(f) }
				focus()
				o.press(fyne.KeyF1)
				if got := o.window.Scene(); got != "help" {
					t.Fatalf("F1 in %s: %q has the keys", kind, got)
				}
				stop(o, whichever[*control.Button])
				o.press(fyne.KeyEscape)
				focus()
				o.ctrl(fyne.KeyO)
				if got := o.window.Scene(); got != "dialog" {
					t.Fatalf("Ctrl+O in %s: %q has the keys", kind, got)
				}
				o.window.Canvas().Unfocus()
				o.press(fyne.KeyEscape)
				if got := o.window.Scene(); got != here {
					t.Fatalf("Escape after %s: %q has the keys, want %q", kind, got, here)
				}
				if slices.Contains([]present.Place{present.PlaceReader, present.PlaceContact, present.PlaceBatch}, here) {
					continue // they are left by Escape
				}
				focus()
				o.ctrl(fyne.Key4)
				if got := o.window.Scene(); got != present.PlaceHistory {
					t.Fatalf("Ctrl+4 in %s: at %q", kind, got)
				}
				o.desk.Go(here)
				o.settle()
			}
		})
	}
	for _, want := range []string{
		"*control.Button", "*control.Card", "*control.Check", "*control.Grid", "*control.List", "*control.NavItem", "*control.Radio",
		"*control.Select", "*control.SideItem", "*control.Slider", "*control.Thumbs", "*control.Value", "*screen.lineEntry",
	} {
		if !kinds[want] {
			t.Errorf("Tab reached no %s on any screen", want)
		}
	}
}

// standing are the screens with all that can have the keyboard.
func standing() map[string]func(*testing.T) *office {
	at := func(do func(*office)) func(*testing.T) *office {
		return func(t *testing.T) *office {
			t.Helper()
			o := newOffice(t, words.Vietnamese, threePages{}, t.TempDir())
			onDesk(t, o)
			o.clinic, o.sent = &clinic{}, deliveries()
			o.open(t, theme.Light)
			o.window.Resize(fyne.NewSize(1440, 900))
			do(o)
			o.settle()
			o.window.Canvas().Unfocus()
			return o
		}
	}
	page := func(p present.SettingsPage) func(*office) {
		return func(o *office) { o.desk.Go(present.PlaceSettings); o.desk.Settings.Open(p) }
	}
	signed := at(func(*office) {})
	for _, s := range readerScenarios() {
		if s.name == "reader-signed" {
			signed = func(t *testing.T) *office {
				t.Helper()
				o := newOffice(t, words.Vietnamese, threePages{}, t.TempDir())
				onDesk(t, o)
				show(t, o, s, theme.Light, shot{size: fyne.NewSize(1440, 900), scale: 1})
				o.window.Canvas().Unfocus()
				return o
			}
		}
	}
	return map[string]func(*testing.T) *office{
		"queue":   at(func(*office) {}),
		"sent":    at(func(o *office) { o.desk.Go(present.PlaceSent) }),
		"board":   at(func(o *office) { o.desk.Go(present.PlaceBoard) }),
		"history": at(func(o *office) { o.desk.Go(present.PlaceHistory) }),
		"doctor":  at(func(o *office) { o.desk.Go(present.PlaceDoctor) }),
		"profile": at(page(present.PageProfile)),
		"server":  at(page(present.PageServer)),
		"look":    at(page(present.PageLook)),
		"stamps":  at(page(present.PageStamps)),
		"reader":  at(func(o *office) { o.desk.Queue.OpenRow(0) }),
		"file":    at(func(o *office) { o.desk.OpenFiles([]string{"/thư.pdf"}) }),
		"search":  at(func(o *office) { o.desk.Queue.OpenRow(0); o.settle(); o.ctrl(fyne.KeyF) }),
		"signed":  signed,
		"contact": at(func(o *office) { o.together() }),
		"studio":  at(func(o *office) { o.desk.Go(present.PlaceStudio) }),
		"photo":   at(photographed),
	}
}

// photographed has a photograph of a signature in the studio.
func photographed(o *office) {
	for _, s := range scenarios() {
		if s.name == "studio-photo" {
			s.do(o)
		}
	}
}

// readingOffice is an office that reads its first document.
func readingOffice(t *testing.T) *office {
	t.Helper()
	return standing()["reader"](t)
}

func TestEnterAndSpacePressTheButtonWithTheKeyboard(t *testing.T) {
	for _, key := range []fyne.KeyName{fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace} {
		t.Run(string(key), func(t *testing.T) {
			o := readingOffice(t)
			zoom := o.desk.Reader.State().Zoom
			nearer := stop(o, captioned("+"))
			o.press(key, key)
			if got := o.desk.Reader.State().Zoom; got <= zoom {
				t.Errorf("zoom %v after the button, was %v", got, zoom)
			}
			if o.window.Canvas().Focused() != fyne.Focusable(nearer) {
				t.Error("the pressed button lost the keyboard")
			}
			if got := o.desk.Ceremony.State().Phase; got != present.Idle {
				t.Errorf("%s on a button signs: phase %q", key, got)
			}
			stop(o, captioned("Quay lại"))
			o.press(key)
			if got := o.desk.State().Place; got != present.PlaceQueue {
				t.Errorf("at %q after “Quay lại”", got)
			}
		})
	}
}

func TestAButtonThatIsDisabledOrGoneDoesNothing(t *testing.T) {
	o := readingOffice(t)
	farther := stop(o, captioned("–"))
	zoom := o.desk.Reader.State().Zoom
	farther.Disable()
	o.press(fyne.KeyReturn)
	farther.Enable()
	farther.Hide()
	o.press(fyne.KeyReturn)
	if got := o.desk.Reader.State().Zoom; got != zoom {
		t.Errorf("zoom %v, was %v", got, zoom)
	}
	if got := o.desk.Ceremony.State().Phase; got != present.Idle {
		t.Errorf("Enter went on to the window: phase %q", got)
	}
	if o.window.Canvas().Focused() != nil {
		t.Error("a hidden button keeps the keyboard")
	}
}

func TestTheRoleIsChosenByArrows(t *testing.T) {
	o := standing()["file"](t)
	role := stop(o, whichever[*control.Radio])
	was, at := o.desk.Reader.State().Role, o.desk.Reader.State().Mark().Rect
	o.press(fyne.KeyDown)
	if got := o.desk.Reader.State().Role; got == was {
		t.Errorf("the role is still %q", got)
	}
	o.press(fyne.KeyUp)
	if got := o.desk.Reader.State(); got.Role != was || got.Mark().Rect != at {
		t.Errorf("got role %q with the mark at %v, want %q at %v", got.Role, got.Mark().Rect, was, at)
	}
	if o.window.Canvas().Focused() != fyne.Focusable(role) {
		t.Error("the choice lost the keyboard")
	}
	o.press(fyne.KeyReturn)
	if got := o.desk.Ceremony.State().Phase; got != present.Asking {
		t.Errorf("Enter after the choice does not sign: phase %q", got)
	}
}

func TestAnEntryKeepsWhatEditsItsText(t *testing.T) {
	o := standing()["queue"](t)
	o.ctrl(fyne.KeyF)
	entry, ok := o.window.Canvas().Focused().(interface {
		fyne.Focusable
		SelectedText() string
	})
	if !ok {
		t.Fatal("Ctrl+F does not lead to an entry")
	}
	for _, r := range "kế hoạch" {
		entry.TypedRune(r)
	}
	o.settle()
	o.ctrl(fyne.KeyA)
	if got := entry.SelectedText(); got != "kế hoạch" {
		t.Errorf("Ctrl+A chose %q", got)
	}
	o.ctrl(fyne.KeyC)
	if got := fyne.CurrentApp().Clipboard().Content(); got != "kế hoạch" {
		t.Errorf("Ctrl+C copied %q", got)
	}
	o.press(fyne.KeyEnd)
	o.ctrl(fyne.KeyBackspace)
	text := func() string { o.ctrl(fyne.KeyA); return entry.SelectedText() }
	if got := text(); got != "kế " {
		t.Errorf("Ctrl+Backspace left %q", got)
	}
	o.press(fyne.KeyEnd)
	o.press(fyne.KeySpace, fyne.KeyR, fyne.KeyB, fyne.KeyDelete, fyne.KeyHome)
	if got := o.desk.Queue.State().Chosen; got != 0 || text() != "kế " {
		t.Errorf("keys of the text reached the window: %d chosen, looking for %q", got, text())
	}
}

// TestNothingTypedWithThePINReachesTheDocument presses all keys of the window in the
// dialog of the PIN, from all that can have the keyboard there.
func TestNothingTypedWithThePINReachesTheDocument(t *testing.T) {
	o := readingOffice(t)
	o.press(fyne.KeyReturn)
	if o.window.Canvas().Focused() != o.window.PIN() {
		t.Fatal("the PIN has no keyboard")
	}
	for _, r := range "1234" {
		o.window.Canvas().Focused().TypedRune(r)
	}
	under := func() string { return test.RenderObjectToMarkup(o.window.Canvas().Content()) }
	pin, was := o.window.PIN().(*screen.SecretEntry), under()
	own := []fyne.KeyName{fyne.KeyReturn, fyne.KeyEnter, fyne.KeyEscape, fyne.KeyUp, fyne.KeyDown, fyne.KeySpace} // the dialog's and its buttons'
	for _, f := range append(o.stops(), o.window.PIN()) {
		typing, pressed := f == o.window.PIN(), 0
		for _, k := range o.window.Keys() {
			o.window.Canvas().Focus(f)
			switch {
			case typing && k.Name == fyne.KeyZ: // takes back what was typed, in the entry alone
				continue
			case k.Ctrl:
				o.ctrl(k.Name)
			case slices.Contains(own, k.Name), typing && !strings.HasPrefix(string(k.Name), "F"):
				continue
			default:
				o.press(k.Name)
			}
			pressed++
			if o.window.Scene() != "signing" || o.desk.Ceremony.State().Phase != present.Asking || o.desk.State().Place != present.PlaceReader {
				t.Fatalf("%+v in %T: at %q, %q has the keys", k, f, o.desk.State().Place, o.window.Scene())
			}
		}
		if pressed < 40 {
			t.Errorf("only %d keys were pressed in %T", pressed, f)
		}
	}
	if pin.Text != "1234" {
		t.Errorf("the PIN became %q", pin.Text)
	}
	if under() != was {
		t.Error("the screen under the dialog changed")
	}
}

func TestADialogIsLeftFromItsButtons(t *testing.T) {
	open := map[string]struct {
		do     func(*office)
		button string
	}{
		"the PIN":           {func(o *office) { o.press(fyne.KeyReturn) }, "Hủy bỏ"},
		"the page to go to": {func(o *office) { o.ctrl(fyne.KeyG) }, "Hủy bỏ"},
		"the help":          {func(o *office) { o.press(fyne.KeyF1) }, "Đóng"},
	}
	for name, d := range open {
		for _, key := range []fyne.KeyName{fyne.KeyReturn, fyne.KeySpace, fyne.KeyEscape} {
			t.Run(name+" by "+string(key), func(t *testing.T) {
				o := readingOffice(t)
				d.do(o)
				if o.window.Canvas().Overlays().Top() == nil {
					t.Fatal("it is not open")
				}
				stop(o, captioned(d.button))
				o.press(key)
				if got := o.window.Scene(); got != present.PlaceReader {
					t.Errorf("%q has the keys", got)
				}
				if got := o.desk.Ceremony.State().Phase; got != present.Idle {
					t.Errorf("phase %q", got)
				}
				if o.window.Canvas().Focused() != nil {
					t.Errorf("%T has the keyboard of the document", o.window.Canvas().Focused())
				}
			})
		}
	}
}

func TestADialogComesBackWithoutTheKeyboardOnItsButton(t *testing.T) {
	o := readingOffice(t)
	o.press(fyne.KeyReturn)
	fresh := test.RenderObjectToMarkup(o.window.Canvas().Overlays().Top())
	stop(o, captioned("Hủy bỏ"))
	o.press(fyne.KeyEscape)
	o.press(fyne.KeyReturn)
	if got := test.RenderObjectToMarkup(o.window.Canvas().Overlays().Top()); got != fresh {
		t.Error("it looks otherwise than the first time")
	}
}

func TestAScreenComesBackWithoutTheKeyboardOnWhatLeftIt(t *testing.T) {
	o := standing()["queue"](t)
	o.stops() // each has had the keyboard
	fresh := test.RenderObjectToMarkup(o.window.Canvas().Content())
	o.ctrl(fyne.KeyF, fyne.Key6, fyne.Key1)
	stop(o, whichever[*control.NavItem])
	o.desk.Queue.OpenRow(0)
	o.settle()
	stop(o, captioned("Quay lại"))
	o.press(fyne.KeyReturn)
	if got := test.RenderObjectToMarkup(o.window.Canvas().Content()); got != fresh {
		t.Error("it looks otherwise than the first time")
	}
}

func TestTheExplanationIsLeftByEscapeFromItsButton(t *testing.T) {
	o := standing()["board"](t)
	o.desk.Board.Ask(0, false)
	o.settle()
	if got := o.window.Scene(); got != "dialog" {
		t.Fatalf("%q has the keys", got)
	}
	if text, ok := o.window.Canvas().Focused().(fyne.Tabbable); !ok || text.AcceptsTab() {
		t.Error("Tab does not lead from the text to the buttons")
	}
	stop(o, captioned("Hủy bỏ"))
	o.press(fyne.KeyEscape)
	if got := o.window.Scene(); got != present.PlaceBoard {
		t.Errorf("%q has the keys", got)
	}
}
