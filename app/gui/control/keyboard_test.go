package control_test

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
)

// keyboard is a window whose own keys are noted.
type keyboard struct {
	fyne.Window

	got []fyne.KeyName
}

// around puts a widget into a window and gives it the keyboard.
func around(t *testing.T, w interface {
	fyne.Widget
	fyne.Focusable
},
) *keyboard {
	t.Helper()
	test.NewTempApp(t)
	k := &keyboard{Window: test.NewTempWindow(t, container.NewStack(w))}
	k.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) { k.got = append(k.got, e.Name) })
	k.Resize(fyne.NewSize(400, 300))
	k.Canvas().Focus(w)
	return k
}

// press presses keys as Fyne's driver does, the letter of Space included.
func (k *keyboard) press(keys ...fyne.KeyName) {
	for _, name := range keys {
		e := &fyne.KeyEvent{Name: name}
		if f := k.Canvas().Focused(); f != nil {
			f.TypedKey(e)
			if name == fyne.KeySpace {
				f.TypedRune(' ')
			}
		} else {
			k.Canvas().OnTypedKey()(e)
		}
	}
}

// handed checks which keys came to the window.
func (k *keyboard) handed(t *testing.T, want ...fyne.KeyName) {
	t.Helper()
	if !slices.Equal(k.got, want) {
		t.Errorf("the window got %q, want %q", k.got, want)
	}
	k.got = nil
}

func TestACheckIsSetOnceBySpace(t *testing.T) {
	told := 0
	c := control.NewCheck("", func(bool) { told++ })
	k := around(t, c)
	k.press(fyne.KeySpace, fyne.KeyReturn, fyne.KeyLeft)
	if !c.Checked || told != 1 {
		t.Errorf("set %v, told %d times", c.Checked, told)
	}
	k.handed(t, fyne.KeyReturn, fyne.KeyLeft)
	c.Disable()
	k.press(fyne.KeySpace)
	if !c.Checked {
		t.Error("a disabled check was cleared")
	}
	k.handed(t)
}

func TestASliderKeepsItsArrowsAlone(t *testing.T) {
	s := control.NewSlider(-1, 1)
	k := around(t, s)
	k.press(fyne.KeyRight, fyne.KeyUp, fyne.KeyReturn)
	if s.Value != 1 {
		t.Errorf("at %v", s.Value)
	}
	k.handed(t, fyne.KeyUp, fyne.KeyReturn)
}

func TestAChoiceOpensAndChangesByTheKeyboard(t *testing.T) {
	for _, key := range []fyne.KeyName{fyne.KeyReturn, fyne.KeySpace, fyne.KeyUp, fyne.KeyDown} {
		s := control.NewSelect([]string{"a", "b"}, nil)
		k := around(t, s)
		k.press(fyne.KeyRight, fyne.KeyRight, fyne.KeyF1)
		if s.Selected != "b" {
			t.Errorf("%q is chosen", s.Selected)
		}
		k.handed(t, fyne.KeyF1)
		k.press(key)
		if k.Canvas().Overlays().Top() == nil {
			t.Errorf("%s does not open it", key)
		}
		k.handed(t)
	}
}

// TestAChoiceThatIsSteppedKeepsTheKeyboard lets what is told give the keyboard back, as a screen
// does after a tap.
func TestAChoiceThatIsSteppedKeepsTheKeyboard(t *testing.T) {
	var k *keyboard
	s := control.NewSelect([]string{"a", "b"}, func(string) { k.Canvas().Unfocus() })
	k = around(t, s)
	k.press(fyne.KeyRight, fyne.KeyRight)
	if s.Selected != "b" || k.Canvas().Focused() != fyne.Focusable(s) {
		t.Errorf("%q is chosen, %T has the keyboard", s.Selected, k.Canvas().Focused())
	}
}

func TestARadioIsOneStopWhoseArrowsMoveTheChoice(t *testing.T) {
	var told []string
	r := control.NewRadio([]string{"a", "b", "c"}, func(o string) { told = append(told, o) })
	k := around(t, r)
	k.press(fyne.KeySpace, fyne.KeySpace, fyne.KeyDown, fyne.KeyRight, fyne.KeyRight, fyne.KeyUp, fyne.KeyLeft)
	if want := []string{"a", "b", "c", "a", "c", "b"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	k.handed(t)
	k.press(fyne.KeyReturn, fyne.KeyF1, fyne.KeyHome)
	k.handed(t, fyne.KeyReturn, fyne.KeyF1, fyne.KeyHome)
	k.Canvas().FocusNext()
	if k.Canvas().Focused() != fyne.Focusable(r) {
		t.Error("Tab stops twice")
	}
	r.Disable()
	k.press(fyne.KeyDown)
	test.TapAt(r, fyne.NewPos(20, 10))
	if r.Selected != "b" {
		t.Errorf("a disabled choice was moved to %q", r.Selected)
	}
}

func TestARadioIsChosenByTheMouse(t *testing.T) {
	for name, horizontal := range map[string]bool{"below each other": false, "beside each other": true} {
		t.Run(name, func(t *testing.T) {
			test.NewTempApp(t)
			r := control.NewRadio([]string{"gần", "rất xa"}, nil)
			r.Horizontal = horizontal
			w := test.NewTempWindow(t, container.NewStack(r))
			w.Resize(fyne.NewSize(600, 400))
			m := r.MinSize()
			last := fyne.NewPos(m.Width-8, m.Height-8)
			r.MouseIn(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: last}})
			r.MouseOut()
			r.Tapped(&fyne.PointEvent{Position: last})
			if r.Selected != "rất xa" {
				t.Errorf("%q is chosen", r.Selected)
			}
			r.Tapped(&fyne.PointEvent{Position: last.AddXY(20, 20)})
			r.Tapped(&fyne.PointEvent{Position: last}) // a choice is not taken back
			if r.Selected != "rất xa" {
				t.Errorf("%q is chosen", r.Selected)
			}
			r.Tapped(&fyne.PointEvent{Position: fyne.NewPos(8, 8)})
			if r.Selected != "gần" {
				t.Errorf("%q is chosen", r.Selected)
			}
			if w.Canvas().Focused() != nil {
				t.Error("a tap took the keyboard")
			}
		})
	}
}

// TestARadioTakesTheRoomOfFynes compares the sizes with Fyne's own group.
func TestARadioTakesTheRoomOfFynes(t *testing.T) {
	test.NewTempApp(t)
	options := []string{"Ký phê duyệt", "Ký nháy"}
	for _, horizontal := range []bool{false, true} {
		own, fynes := control.NewRadio(options, nil), widget.NewRadioGroup(options, nil)
		own.Horizontal, fynes.Horizontal = horizontal, horizontal
		if got, want := own.MinSize(), fynes.MinSize(); got != want {
			t.Errorf("%v, Fyne's %v", got, want)
		}
	}
}

func TestAListKeepsWhatGoesThroughItsRows(t *testing.T) {
	var opened []int
	list := func() *control.List {
		return control.NewList(func() int { return 9 }, func() fyne.CanvasObject { return widget.NewLabel("") },
			func(int, fyne.CanvasObject) {}, func(row int) { opened = append(opened, row) })
	}
	k := around(t, list())
	k.press(fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn, fyne.KeyUp, fyne.KeySpace, fyne.KeyEnd, fyne.KeyReturn, fyne.KeyHome, fyne.KeyEnter)
	if want := []int{2, 1, 8, 0}; !slices.Equal(opened, want) {
		t.Errorf("opened %v, want %v", opened, want)
	}
	k.handed(t)
	k.press(fyne.KeyEscape, fyne.KeyF5, fyne.KeyPageDown)
	k.handed(t, fyne.KeyEscape, fyne.KeyF5, fyne.KeyPageDown)

	all := []fyne.KeyName{fyne.KeyDown, fyne.KeySpace, fyne.KeyReturn, fyne.KeyHome, fyne.KeyEscape}
	k, opened = around(t, list().ByWindow()), nil
	k.press(all...)
	k.handed(t, all...)
	if opened != nil {
		t.Errorf("opened %v", opened)
	}
}

func TestAnEntryHandsOnFunctionKeysAndEscapeAlone(t *testing.T) {
	e := control.NewEntry()
	k := around(t, e)
	for _, r := range "ab" {
		e.TypedRune(r)
	}
	k.press(fyne.KeyF1, fyne.KeyF12, fyne.KeyEscape, fyne.KeyReturn, fyne.KeyR, fyne.Key1, fyne.KeyPageUp, fyne.KeyDelete)
	k.handed(t, fyne.KeyF1, fyne.KeyF12, fyne.KeyEscape)
	if e.Text != "b" {
		t.Errorf("%q is left", e.Text)
	}
}

func TestAValueIsCopiedByKeyboardAndMenu(t *testing.T) {
	v := control.NewValue()
	v.SetText("/home/khoi")
	k := around(t, v)
	v.TypedShortcut(&fyne.ShortcutCopy{})
	if got := fyne.CurrentApp().Clipboard().Content(); got != "/home/khoi" {
		t.Errorf("copied %q", got)
	}
	v.TappedSecondary(&fyne.PointEvent{})
	if k.Canvas().Overlays().Top() == nil {
		t.Error("there is no menu")
	}
}
