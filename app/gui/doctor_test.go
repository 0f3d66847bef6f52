package gui_test

import (
	"context"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kyso/app/doctor"
	"kyso/app/explain"
	"kyso/app/gui"
	"kyso/app/gui/control"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// clinic finds a dead server and a clock that is right.
type clinic struct{ screen present.Screen }

func (c *clinic) Check(_ context.Context, s present.Screen, told func(doctor.Progress)) doctor.Report {
	c.screen = s
	all := []doctor.Finding{
		{
			Group: doctor.Server, State: doctor.Bad, Code: "server-slow", Values: []doctor.Value{{Name: "server", Sort: doctor.Address, Text: "van-thu.example"}},
			Details: []doctor.Value{{Name: "ms", Sort: doctor.Plain, Text: "25000"}},
		},
		{Group: doctor.Outbox, State: doctor.OK, Code: "outbox-empty"},
	}
	told(doctor.Progress{Done: 1, All: 2, Findings: all[:1]})
	return doctor.Report{Findings: all}
}
func (*clinic) Save(doctor.Report) (string, error) { return "/tmp/kyso-ho-tro.zip", nil }
func (*clinic) Language() explain.Language         { return explain.Vietnamese }

// buttons are the captions of the buttons that are shown.
func buttons(o fyne.CanvasObject) map[string]*control.Button {
	out := map[string]*control.Button{}
	for _, found := range test.LaidOutObjects(o) {
		if b, ok := found.(*control.Button); ok && b.Visible() {
			out[b.Text] = b
		}
	}
	return out
}

func TestTheCheckUpIsDoneByTheKeyboardAndTheMouse(t *testing.T) {
	a := test.NewTempApp(t)
	b, c := &bench{t: t}, &clinic{}
	vi, err := words.Load(words.Vietnamese)
	if err != nil {
		t.Fatal(err)
	}
	desktop := &papers{}
	desk := present.NewDesktop(&present.Services{Clinic: c, Papers: desktop, Sheets: sheet{}, Road: &road{}, Explain: func(err error) explain.Message { return explain.For(err, explain.Vietnamese) }, Clock: nil}, b)
	w := gui.New(a, desk, gui.Options{
		Words: vi, Theme: theme.Theme{Appearance: theme.Light}, Load: words.Load,
	})
	desk.Go(present.PlaceDoctor)
	b.settle()
	if c.screen.Scale <= 0 || c.screen.Width <= 0 {
		t.Errorf("got screen %+v", c.screen)
	}
	shown := buttons(w.Canvas().Content())
	for _, want := range []string{"Kiểm tra lại", "Sao chép", "Lưu tệp hỗ trợ"} {
		if shown[want] == nil {
			t.Fatalf("there is no button %q", want)
		}
	}
	if shown["Dừng"] != nil || shown["Mở thư mục"] != nil {
		t.Error("buttons are shown that do nothing now")
	}
	test.Tap(shown["Lưu tệp hỗ trợ"])
	b.settle()
	shown = buttons(w.Canvas().Content())
	if shown["Mở thư mục"] == nil {
		t.Fatal("the folder of the support file cannot be opened")
	}
	test.Tap(shown["Mở thư mục"])
	b.settle()
	if want := []string{"reveal /tmp/kyso-ho-tro.zip"}; !slices.Equal(desktop.done, want) {
		t.Errorf("got %q, want %q", desktop.done, want)
	}
	test.Tap(shown["Sao chép"])
	if got := a.Clipboard().Content(); got == "" {
		t.Error("nothing was copied")
	}
}
