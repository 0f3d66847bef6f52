package gui_test

import (
	"strings"
	"testing"

	"kyso/app/docsys"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
)

func TestWhatArrivesIsNotedOnTheDesktopWithoutNames(t *testing.T) {
	o := newOffice(t, words.Vietnamese, plainPages{}, t.TempDir())
	o.open(t, theme.Light)
	arrive := func(id string) {
		t.Helper()
		o.waiting = append(o.waiting, docsys.Document{ID: id, Subject: "Kế hoạch tuyệt mật", Version: "v"})
		o.desk.Look()
		o.settle()
	}
	arrive("while the window is in front")
	if len(o.notes) != 0 {
		t.Errorf("noted %q over the window itself", o.notes)
	}
	o.window.Away()
	arrive("while it is not")
	if len(o.notes) != 1 || o.notes[0] != "Ký số: Có 1 văn bản mới chờ ký." {
		t.Errorf("noted %q", o.notes)
	}
	if strings.Contains(strings.Join(o.notes, ""), "tuyệt mật") {
		t.Error("a note names a document")
	}
}
