package gui_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kyso/app/gui/theme"
	"kyso/app/gui/words"
	"kyso/app/placement"
	"kyso/app/present"
	"kyso/app/preview"
	"kyso/app/signing"
	"kyso/app/studio"
	"kyso/signer/cert"
)

// threePages has documents of three pages.
type threePages struct{ sheet }

func (threePages) OpenSheet(context.Context, string, []byte) (present.Sheet, error) {
	return threePages{}, nil
}

func (threePages) Pages() []preview.Size {
	return []preview.Size{{W: 595, H: 842}, {W: 595, H: 842}, {W: 595, H: 842}}
}

func (threePages) Page(ctx context.Context, page int) (placement.Page, error) {
	p, err := sheet{}.Page(ctx, page)
	p.Number = page
	return p, err
}

// keyOffice is an office that stands at a place, ready for any of its keys.
func keyOffice(t *testing.T, place present.Place) *office {
	t.Helper()
	o := newOffice(t, words.Vietnamese, threePages{}, t.TempDir())
	o.clinic = &clinic{}
	if place == present.PlaceSent {
		o.sent = deliveries()
	}
	o.batch = func(_ signing.BatchOptions, rows []signing.Row) { whole(signing.BatchOptions{}, rows) }
	o.found.Keys[1].Fit = cert.Fit
	o.open(t, theme.Light)
	o.window.Resize(fyne.NewSize(1024, 700))
	switch place {
	case present.PlaceReader:
		o.desk.Queue.OpenRow(0)
	case present.PlaceContact:
		o.together()
	case present.PlaceBatch:
		o.together()
		o.press(fyne.KeyReturn)
		o.typePIN()
		o.press(fyne.KeyReturn)
	case "signing":
		o.desk.Queue.OpenRow(0)
		o.settle()
		o.press(fyne.KeyReturn)
		o.typePIN()
	case "dialog":
		o.window.Browse()
	case "help":
		o.press(fyne.KeyF1)
	case "closing":
		o.sent = stopped(present.Sending)
		o.desk.Sent.Refresh()
		o.settle()
		o.window.Closing()
	default:
		o.desk.Go(place)
	}
	o.settle()
	o.window.Canvas().Unfocus()
	if got := o.window.Scene(); got != place {
		t.Fatalf("%q has the keys, want %q", got, place)
	}
	return o
}

// before says what the person did before an act makes sense.
func before() map[string]func(*office) {
	stroke := func(o *office) {
		o.desk.Studio.Draw()
		o.desk.Studio.Add(studio.Stroke{{X: 40, Y: 150}, {X: 90, Y: 40}, {X: 110, Y: 160}, {X: 170, Y: 60}})
	}
	larger := func(steps int) func(*office) { // cards grow by whole columns
		return func(o *office) {
			for range steps {
				o.window.Control(fyne.KeyPlus)
			}
		}
	}
	press := func(keys ...fyne.KeyName) func(*office) { return func(o *office) { o.press(keys...) } }
	delivery := func(row int) func(*office) { return func(o *office) { o.desk.Sent.Select(row); o.settle() } }
	initials := func(o *office) { o.desk.Reader.SetInitials(present.InitialsAll, ""); o.settle() }
	return map[string]func(*office){
		"queue.row Up":            press(fyne.KeyDown),
		"reader.nextmark F6":      initials,
		"reader.previousmark F6":  initials,
		"reader.undo Z":           press(fyne.KeyLeft),
		"reader.pageup Prior":     press(fyne.KeyEnd),
		"reader.pagedown Next":    press(fyne.KeyHome),
		"reader.pagedown Space":   press(fyne.KeyHome),
		"reader.firstpage Home":   press(fyne.KeyEnd),
		"reader.lastpage End":     press(fyne.KeyHome),
		"reader.fit 0":            func(o *office) { o.window.Control(fyne.KeyPlus) },
		"contact.card Left":       press(fyne.KeyRight),
		"contact.card Up":         press(fyne.KeyDown),
		"contact.firstcard Home":  press(fyne.KeyRight),
		"contact.zoom +":          larger(2),
		"contact.zoom =":          larger(2),
		"contact.zoom -":          larger(3),
		"studio.keep Return":      stroke,
		"studio.keep KP_Enter":    stroke,
		"studio.undostroke Z":     stroke,
		"sent.row Up":             delivery(1),
		"sent.row Down":           delivery(1),
		"sent.firstcard Home":     delivery(3),
		"sent.lastcard End":       delivery(0),
		"sent.openrow Return":     delivery(7),
		"sent.openrow KP_Enter":   delivery(7),
		"sent.pausesent Space":    delivery(1),
		"sent.undosent Z":         delivery(0),
		"sent.retrysent R":        delivery(4),
		"sent.discardsent Delete": delivery(3),
		"sent.receipt B":          delivery(7),
		"sent.printsent P":        delivery(7),
		"sent.copysent C":         delivery(7),
		"sent.revealsent Return":  delivery(7),
		"tour.tourback BackSpace": func(o *office) { o.desk.Tour.Next() },
		"signing.certificate Up":  func(o *office) { o.desk.Ceremony.Step(1) },
		"dialog.scroll Up":        press(fyne.KeyDown),
		"dialog.scroll Prior":     press(fyne.KeyDown),
	}
}

// atNumber reports that the place with a number is the one that is shown.
func (o *office) atNumber(number fyne.KeyName) bool {
	was := o.desk.State().Place
	o.window.Control(number)
	o.settle()
	same := o.desk.State().Place == was
	o.desk.Go(was)
	o.settle()
	return same
}

// seen is all that a person can see, and what the window works on.
func (o *office) seen() string {
	top := o.window.Canvas().Overlays().Top()
	over := ""
	if top != nil {
		over = test.RenderObjectToMarkup(top)
	}
	return fmt.Sprintf("%s\n%s\n%p %d %v %v %v", test.RenderObjectToMarkup(o.window.Canvas().Content()), over,
		o.window.Canvas().Focused(), len(o.work), o.desk.State().Place, o.desk.Ceremony.State().Phase, o.papers.done)
}

func TestEveryKeyOfTheTableDoesSomethingOnItsScreen(t *testing.T) {
	notWithRaceDetector(t)
	first := newOffice(t, words.Vietnamese, threePages{}, t.TempDir())
	first.open(t, theme.Light)
	keys := first.window.Keys()
	if len(keys) < 100 {
		t.Fatalf("the table has only %d keys", len(keys))
	}
	ready := before()
	for _, k := range keys {
		name := fmt.Sprintf("%s.%s %s", k.Group, k.Act, k.Name)
		t.Run(string(k.Place)+"/"+name, func(t *testing.T) {
			o := keyOffice(t, k.Place)
			if do := ready[name]; do != nil {
				do(o)
			}
			if k.Act == "place" && o.atNumber(k.Name) {
				o.desk.Go(present.PlaceStudio) // the place itself is shown already
			}
			was := o.seen()
			if !o.window.Press(k) {
				t.Fatal("the window does not know the key")
			}
			if o.seen() == was {
				t.Error("nothing happened")
			}
		})
	}
}

func TestNoKeyMeansTwoThingsOnAScreen(t *testing.T) {
	o := newOffice(t, words.Vietnamese, plainPages{}, t.TempDir())
	o.open(t, theme.Light)
	type pressed struct {
		place       present.Place
		key         fyne.KeyName
		ctrl, shift bool
	}
	meant := map[pressed]string{}
	for _, k := range o.window.Keys() {
		p, act := pressed{k.Place, k.Name, k.Ctrl, k.Shift}, k.Group+"."+k.Act
		if other, taken := meant[p]; taken {
			t.Errorf("%+v means %s and %s", p, other, act)
		}
		meant[p] = act
	}
}

func TestShiftMakesTheArrowsStepLonger(t *testing.T) {
	o := keyOffice(t, present.PlaceReader)
	x := o.desk.Reader.State().Mark().Rect.X
	o.window.Shift(true)
	o.press(fyne.KeyLeft)
	if got := o.desk.Reader.State().Mark().Rect.X; got != x-12 {
		t.Errorf("got %v, want %v", got, x-12)
	}
	o.press(fyne.KeyReturn) // a key that has no meaning of its own with Shift
	if got := o.desk.Ceremony.State().Phase; got != present.Asking {
		t.Errorf("got phase %q", got)
	}
}

// TestEveryButtonIsReachedByTheKeyboard looks at every screen in every state: what
// can be tapped has the keyboard by Tab, or its act is one of the key table.
func TestEveryButtonIsReachedByTheKeyboard(t *testing.T) {
	notWithRaceDetector(t)
	seen := 0
	for _, s := range append(scenarios(), readerScenarios()...) {
		t.Run(s.name, func(t *testing.T) {
			o := newOffice(t, words.Vietnamese, plainPages{}, t.TempDir())
			show(t, o, s, theme.Light, shot{size: fyne.NewSize(1024, 700), scale: 1})
			defer func() { o.desk.Reader.Close(); o.settle() }()
			root := o.window.Canvas().Content()
			if top := o.window.Canvas().Overlays().Top(); top != nil {
				root = top
			}
			for _, found := range test.LaidOutObjects(root) {
				if _, can := found.(fyne.Tappable); !can || !found.Visible() {
					continue
				}
				seen++
				if _, can := found.(fyne.Focusable); !can && !hasKeys(found) {
					t.Errorf("%T can be tapped and the keyboard does not reach it", found)
				}
			}
		})
	}
	if seen < 300 {
		t.Errorf("only %d things to tap were found", seen)
	}
}

// hasKeys reports what can be tapped without Tab reaching it, for a reason.
func hasKeys(o fyne.CanvasObject) bool {
	return slices.Contains([]string{
		"*screen.contactCard", "*control.MarkedPage", "*widget.gridWrapItem", // arrows choose them
		"*screen.keyRow",                            // arrows choose it while the PIN is typed
		"*widget.listItem",                          // the key table and the row's own focus
		"*widget.menuItem",                          // an open menu has arrows and Enter
		"*widget.OverlayContainer", "*widget.PopUp", // what lies under a dialog; Escape
		"*widget.scrollBarArea",    // only moves the view
		"*widget.passwordRevealer", // shows a password that was typed; no act needs it
	}, fmt.Sprintf("%T", o))
}

func TestAnotherCertificateIsChosenWhileThePINIsTyped(t *testing.T) {
	o := keyOffice(t, "signing")
	was := o.desk.Ceremony.State().Selected
	o.window.Canvas().Focus(o.window.PIN())
	o.press(fyne.KeyDown)
	if got := o.desk.Ceremony.State().Selected; got != was+1 {
		t.Errorf("got certificate %d, want %d", got, was+1)
	}
	o.press(fyne.KeyUp)
	if got := o.desk.Ceremony.State().Selected; got != was {
		t.Errorf("got certificate %d, want %d", got, was)
	}
}
