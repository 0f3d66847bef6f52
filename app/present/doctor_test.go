package present_test

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"kyso/app/doctor"
	"kyso/app/explain"
	"kyso/app/present"
)

// clinic is a doctor that finds what the test says.
type clinic struct {
	lang   explain.Language
	report doctor.Report
	told   []doctor.Progress
	screen present.Screen
	looks  int
	hangs  bool
	err    error
	saved  int
}

func (c *clinic) Check(ctx context.Context, s present.Screen, told func(doctor.Progress)) doctor.Report {
	c.looks++
	c.screen = s
	for _, p := range c.told {
		told(p)
	}
	if c.hangs {
		<-ctx.Done()
	}
	return c.report
}

func (c *clinic) Save(doctor.Report) (string, error) {
	c.saved++
	return "/home/khoi/Downloads/kyso-ho-tro.zip", c.err
}

func (c *clinic) Language() explain.Language { return c.lang }

// sick is a machine with a dead server, an old certificate and a good clock.
func sick() *clinic {
	name := doctor.Value{Name: "name", Sort: doctor.Private, Text: "Trần Minh Khôi"}
	clock := doctor.Finding{Group: doctor.Clock, State: doctor.OK, Code: "clock-ok", Values: []doctor.Value{
		{Name: "seconds", Sort: doctor.Plain, Text: "0"}, {Name: "source", Sort: doctor.Address, Text: "tsa.example"},
	}}
	all := []doctor.Finding{
		{Group: doctor.Certificate, State: doctor.OK, Code: "chain-ok", Values: []doctor.Value{name}},
		{Group: doctor.Certificate, State: doctor.Warn, Code: "cert-30", Values: []doctor.Value{name, {Name: "days", Text: "12"}, {Name: "to", Text: "07/12/2026"}}},
		clock,
		{
			Group: doctor.Server, State: doctor.Bad, Code: "server-down", Values: []doctor.Value{{Name: "server", Sort: doctor.Address, Text: "van-thu.example"}},
			Details: []doctor.Value{{Name: "error", Sort: doctor.Failure, Text: "dial: connection refused"}},
		},
	}
	return &clinic{
		lang: explain.Vietnamese, report: doctor.Report{Began: now(), Took: time.Second, Findings: all},
		told: []doctor.Progress{{Done: 1, All: 3, Findings: []doctor.Finding{clock}}, {Done: 3, All: 3, Findings: all}},
	}
}

// groupsOf lists names and states of the groups.
func groupsOf(s present.DoctorState) []string {
	var out []string
	for _, g := range s.Groups {
		out = append(out, g.Name+": "+g.State)
	}
	return out
}

func TestTheCheckUpShowsWhatIsIllFirst(t *testing.T) {
	o := newOffice(t)
	c := sick()
	o.services.Clinic = c
	o.desk.Doctor.Screen = func() present.Screen { return present.Screen{Width: 1440, Height: 900, Scale: 1} }
	var seen []present.DoctorState
	o.desk.Doctor.Changed = func(s present.DoctorState) { seen = append(seen, s) }
	o.desk.Go(present.PlaceDoctor)
	o.settle()
	s := o.desk.Doctor.State()
	if want := []string{"Máy chủ văn bản: Có lỗi", "Chứng thư số: Cần chú ý", "Đồng hồ máy: Tốt"}; !slices.Equal(groupsOf(s), want) {
		t.Errorf("got %q, want %q", groupsOf(s), want)
	}
	if s.Running || !s.CanSave || s.Tone != present.Bad || s.Headline != "Có 1 lỗi cần xử lý và 1 điều cần chú ý." {
		t.Errorf("got %+v", s)
	}
	r := s.Groups[0].Rows[0]
	if r.Title != "van-thu.example: máy chủ văn bản không nhận kết nối." || r.Cause == "" || r.Next == "" || !strings.Contains(r.Details, "connection refused") {
		t.Errorf("got %+v", r)
	}
	if got := s.Groups[1].Rows[0]; got.Tone != present.Caution || !strings.Contains(got.Title, "còn 12 ngày") {
		t.Errorf("got %+v first, want what is ill", got)
	}
	if c.screen.Width != 1440 {
		t.Errorf("got screen %+v", c.screen)
	}
	// Progress came in on the way: first nothing, then the clock alone.
	if !seen[1].Running || seen[1].Done != 1 && seen[2].Done != 1 {
		t.Errorf("got %d states, no progress among them", len(seen))
	}
	i := slices.IndexFunc(seen, func(s present.DoctorState) bool { return s.Done == 1 })
	if i < 0 || len(seen[i].Groups) != 1 || seen[i].Progress.Args["Done"] != 1 || seen[i].CanSave {
		t.Errorf("got no state with one check done, or a wrong one: %+v", seen)
	}
}

func TestAVisitLooksOnceAndAgainWhenAsked(t *testing.T) {
	o := newOffice(t)
	c := sick()
	o.services.Clinic = c
	for range 3 {
		o.desk.Go(present.PlaceDoctor)
		o.settle()
		o.desk.Go(present.PlaceQueue)
		o.settle()
	}
	if c.looks != 1 {
		t.Errorf("got %d looks for three visits, want 1", c.looks)
	}
	o.desk.Go(present.PlaceDoctor)
	o.desk.Refresh() // F5
	o.desk.Refresh() // again while it runs
	o.settle()
	if c.looks != 2 {
		t.Errorf("got %d looks, want 2", c.looks)
	}
}

func TestTheCheckUpCanBeStopped(t *testing.T) {
	o := newOffice(t)
	c := sick()
	c.hangs = true
	o.services.Clinic = c
	o.desk.Doctor.Changed = func(s present.DoctorState) {
		if s.Done == s.All && s.All > 0 && s.Running {
			o.desk.Doctor.Stop()
		}
	}
	o.desk.Go(present.PlaceDoctor)
	o.settle()
	if s := o.desk.Doctor.State(); s.Running || s.CanSave || s.Notice.Key != "doctor.stopped" || len(s.Groups) == 0 {
		t.Errorf("got %+v", s)
	}
	c.hangs = false
	o.desk.Doctor.Changed = func(present.DoctorState) {}
	o.desk.Doctor.Run()
	o.settle()
	if s := o.desk.Doctor.State(); !s.CanSave || s.Notice.Key != "" {
		t.Errorf("got %+v after another look", s)
	}
}

func TestSavingAndCopying(t *testing.T) {
	o := newOffice(t)
	c := sick()
	o.services.Clinic = c
	o.desk.Doctor.Save() // nothing was looked at yet
	if got := o.desk.Doctor.Copied(); got != "" || c.saved != 0 {
		t.Errorf("got %q and %d files of nothing", got, c.saved)
	}
	o.desk.Go(present.PlaceDoctor)
	o.settle()
	o.desk.Doctor.Save()
	o.settle()
	if s := o.desk.Doctor.State(); s.Saved == "" || s.Notice.Key != "doctor.saved" || s.Problem != nil {
		t.Errorf("got %+v", s)
	}
	text := o.desk.Doctor.Copied()
	if strings.Contains(text, "Khôi") || !strings.Contains(text, "connection refused") || !strings.Contains(text, "Đồng hồ đúng") {
		t.Errorf("got %q: a name, or nothing of use", text)
	}
	c.err = &fs.PathError{Op: "open", Path: "/x", Err: errors.New("read-only")}
	o.desk.Doctor.Save()
	o.settle()
	if s := o.desk.Doctor.State(); s.Problem == nil || s.Notice.Key != "" {
		t.Errorf("got %+v, want the problem", s)
	}
}

func TestTheCheckUpSpeaksTheLanguageOfNow(t *testing.T) {
	o := newOffice(t)
	c := sick()
	o.services.Clinic = c
	o.desk.Go(present.PlaceDoctor)
	o.settle()
	c.lang = explain.English
	o.desk.Doctor.Say()
	if s := o.desk.Doctor.State(); s.Groups[0].Name != "Document server" || s.Headline != "1 thing does not work, 1 thing needs a look." {
		t.Errorf("got %q, %q", s.Groups[0].Name, s.Headline)
	}
}

func TestWithoutAClinicThePageSaysSo(t *testing.T) {
	o := newOffice(t)
	o.desk.Go(present.PlaceDoctor)
	o.settle()
	if s := o.desk.Doctor.State(); s.Empty.Key != "doctor.none" || s.Running {
		t.Errorf("got %+v", s)
	}
}
