package gui_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kyso/app/docsys"
	"kyso/app/gui/control"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// TestTheLineOfAnEndedLogInLogsInAgain walks from the line over the list to the code
// on another device, with buttons and keys alone.
func TestTheLineOfAnEndedLogInLogsInAgain(t *testing.T) {
	o := newOffice(t, words.Vietnamese, plainPages{}, t.TempDir())
	o.cabinet.provider, o.cabinet.stay, o.cabinet.shown = "Cổng xác thực", true, make(chan struct{})
	o.down = &docsys.Problem{Status: 401, Type: "/problems/log-in-required", Title: "Cần đăng nhập"}
	o.open(t, theme.Light)
	o.window.Resize(fyne.NewSize(1024, 700))
	again := buttons(o.window.Canvas().Content())["Đăng nhập lại"]
	if again == nil {
		t.Fatal("nothing logs in again")
	}
	test.Tap(again)
	o.one() // the system names its provider
	over := func(name string) *control.Button {
		t.Helper()
		top := o.window.Canvas().Overlays().Top()
		if top == nil {
			t.Fatalf("no question has the button %q", name)
		}
		b := buttons(top)[name]
		if b == nil {
			t.Fatalf("the question has no button %q", name)
		}
		return b
	}
	test.Tap(over("Dùng mã trên thiết bị khác"))
	o.work = o.work[1:] // the browser's, which was ended
	o.aside()
	test.Tap(over("Chép mã"))
	if got := fyne.CurrentApp().Clipboard().Content(); got != "WDJB-MJHT" {
		t.Errorf("copied %q", got)
	}
	over("Đã chép")
	o.press(fyne.KeyEscape)
	if o.window.Canvas().Overlays().Top() != nil || o.desk.Settings.State().Ask != nil {
		t.Error("Escape leaves the question")
	}
	if o.desk.State().Place != present.PlaceQueue {
		t.Errorf("the person is brought to %s", o.desk.State().Place)
	}
	// Once somebody is logged in the line is gone.
	o.down = nil
	o.desk.Refresh()
	o.settle()
	if buttons(o.window.Canvas().Content())["Đăng nhập lại"] != nil {
		t.Error("the line stays")
	}
}

// TestTheListOfPlacesNamesWhoLoggedIn follows a log-in and a log-out.
func TestTheListOfPlacesNamesWhoLoggedIn(t *testing.T) {
	o := newOffice(t, words.Vietnamese, plainPages{}, t.TempDir())
	o.nobody, o.down = true, &docsys.Problem{Status: 401, Type: "/problems/log-in-required", Title: "Cần đăng nhập"}
	o.open(t, theme.Light)
	want := func(shown, gone string) {
		t.Helper()
		if seen := o.seen(); !strings.Contains(seen, shown) || strings.Contains(seen, gone) {
			t.Errorf("wanted %q and not %q", shown, gone)
		}
	}
	want("Chưa đăng nhập", "Trần Minh Khôi")
	o.down = nil
	o.desk.Known(docsys.Person{Name: "Trần Minh Khôi", Title: "Chủ tịch"})
	o.settle()
	want("Trần Minh Khôi", "Chưa đăng nhập")
	o.desk.Settings.Arrived(docsys.Person{}) // logged out
	o.settle()
	want("Chưa kết nối máy chủ", "Trần Minh Khôi")
}
