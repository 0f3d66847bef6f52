package present

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"kyso/app/doctor"
	"kyso/app/explain"
)

// Clinic looks at this machine.
type Clinic interface {
	// Check does all checks and tells how far they are, on its own goroutine.
	Check(ctx context.Context, s Screen, told func(doctor.Progress)) doctor.Report
	// Save writes the file for the support desk and gives its path.
	Save(r doctor.Report) (path string, err error)
	// Language is the person's.
	Language() explain.Language
}

// Screen is where the window is shown: its size in pixels, pixels to a unit.
type Screen struct {
	Width, Height int
	Scale         float64
}

// DoctorState is the screen "Kiểm tra máy".
type DoctorState struct {
	Running bool
	// Done of All checks have ended.
	Done, All int
	// Headline says it all in one line, Tone how it is meant; Progress stands in
	// its place while the checks run.
	Headline string
	Tone     Tone
	Progress Text
	// When is the time of the last look.
	When   Text
	Groups []DoctorGroup
	// CanSave allows to save and to copy; Saved is where the support file lies.
	CanSave bool
	Saved   string
	Notice  Text
	Problem *Problem
	Empty   Text
}

// DoctorGroup is what belongs together: the clock, the drivers, ….
type DoctorGroup struct {
	// ID is the name of the group in the program, Name in the language of the person.
	ID, Name string
	// State is the worst of its rows, in a word.
	State string
	Tone  Tone
	Rows  []DoctorRow
}

// DoctorRow is one thing that was looked at. What is well has a title only.
type DoctorRow struct {
	Title, Cause, Next string
	Tone               Tone
	// Details are for the support desk.
	Details string
}

// Doctor is the presenter of the check-up.
type Doctor struct {
	services *Services
	loop     Loop
	state    DoctorState
	round    int
	cancel   context.CancelFunc
	report   *doctor.Report
	findings []doctor.Finding

	// Changed is told each new state.
	Changed func(DoctorState)
	// Screen tells where the window is shown.
	Screen func() Screen
}

// newDoctor makes the presenter; it looks at nothing yet.
func newDoctor(s *Services, l Loop) *Doctor {
	return &Doctor{services: s, loop: l, cancel: func() {}, Changed: func(DoctorState) {}, Screen: func() Screen { return Screen{} }}
}

// State gives the state as it is.
func (d *Doctor) State() DoctorState { return d.state }

// Visit looks at the machine when nobody has yet.
func (d *Doctor) Visit() {
	if d.report == nil && !d.state.Running {
		d.Run()
		return
	}
	d.Say()
}

// Run looks at everything anew; while a look is under way it does nothing.
func (d *Doctor) Run() {
	if d.services.Clinic == nil {
		d.state = DoctorState{Empty: say("doctor.none")}
		d.Changed(d.state)
		return
	}
	if d.state.Running {
		return
	}
	d.round++
	round, screen := d.round, d.Screen()
	d.findings, d.report = nil, nil
	d.state = DoctorState{Running: true, Progress: say("doctor.starting")}
	d.Changed(d.state)
	d.loop.Go(func(ctx context.Context) func() {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		d.loop.Tell(func() { d.began(round, cancel) })
		r := d.services.Clinic.Check(ctx, screen, func(p doctor.Progress) {
			d.loop.Tell(func() { d.came(round, p) })
		})
		stopped := ctx.Err() != nil
		return func() { d.ended(round, r, stopped) }
	})
}

// began keeps the way to stop the look.
func (d *Doctor) began(round int, cancel context.CancelFunc) {
	if round == d.round {
		d.cancel = cancel
	}
}

// came shows what is known so far.
func (d *Doctor) came(round int, p doctor.Progress) {
	if round != d.round || !d.state.Running {
		return
	}
	d.findings = p.Findings
	d.state.Done, d.state.All = p.Done, p.All
	d.state.Progress = say("doctor.running", "Done", p.Done, "All", p.All)
	d.state.Groups = d.groups(p.Findings, false)
	d.Changed(d.state)
}

// ended shows the report.
func (d *Doctor) ended(round int, r doctor.Report, stopped bool) {
	if round != d.round {
		return
	}
	d.cancel = func() {}
	if stopped {
		d.state.Running, d.state.Progress, d.state.Notice = false, Text{}, say("doctor.stopped")
		d.Changed(d.state)
		return
	}
	d.report, d.findings = &r, r.Findings
	d.Say()
}

// Stop ends the look that runs.
func (d *Doctor) Stop() { d.cancel() }

// Say makes the texts anew, in the language of now.
func (d *Doctor) Say() {
	if d.report == nil {
		if d.services.Clinic != nil {
			d.state.Groups = d.groups(d.findings, false)
		}
		d.Changed(d.state)
		return
	}
	r := *d.report
	d.state = DoctorState{
		Headline: r.Headline(d.services.Clinic.Language()), Tone: tone(r.State()), When: say("doctor.when", "Time", Moment(r.Began)),
		Groups: d.groups(r.Findings, true), CanSave: true, Saved: d.state.Saved, Notice: d.state.Notice,
	}
	d.Changed(d.state)
}

// groups makes the groups of findings; sorted puts what is ill first.
func (d *Doctor) groups(all []doctor.Finding, sorted bool) []DoctorGroup {
	l := d.services.Clinic.Language()
	var out []DoctorGroup
	var ill []doctor.State
	for _, f := range all {
		if len(out) == 0 || out[len(out)-1].ID != string(f.Group) {
			out = append(out, DoctorGroup{ID: string(f.Group), Name: f.Group.Name(l)})
			ill = append(ill, doctor.OK)
		}
		g, i := &out[len(out)-1], len(out)-1
		m := f.Say(l)
		g.Rows = append(g.Rows, DoctorRow{Title: m.Title, Cause: m.Cause, Next: m.Next, Tone: tone(f.State), Details: m.Detail})
		if severity(f.State) > severity(ill[i]) {
			ill[i] = f.State
		}
		g.State, g.Tone = ill[i].Name(l), tone(ill[i])
	}
	if sorted {
		rank := map[Tone]int{Bad: 0, Caution: 1}
		place := func(t Tone) int {
			if n, ok := rank[t]; ok {
				return n
			}
			return len(rank)
		}
		slices.SortStableFunc(out, func(a, b DoctorGroup) int { return cmp.Compare(place(a.Tone), place(b.Tone)) })
		for _, g := range out {
			slices.SortStableFunc(g.Rows, func(a, b DoctorRow) int { return cmp.Compare(place(a.Tone), place(b.Tone)) })
		}
	}
	return out
}

// severity orders states.
func severity(s doctor.State) int {
	return slices.Index([]doctor.State{doctor.OK, doctor.Unknown, doctor.Warn, doctor.Bad}, s)
}

// tone is how a state is meant.
func tone(s doctor.State) Tone {
	switch s {
	case doctor.OK:
		return Good
	case doctor.Warn:
		return Caution
	case doctor.Bad:
		return Bad
	case doctor.Unknown:
	}
	return Quiet
}

// Save writes the file for the support desk.
func (d *Doctor) Save() {
	if d.report == nil {
		return
	}
	r, round := *d.report, d.round
	d.loop.Go(func(context.Context) func() {
		path, err := d.services.Clinic.Save(r)
		return func() {
			if round != d.round {
				return
			}
			d.state.Problem, d.state.Notice = d.services.problem(err), Text{}
			if err == nil {
				d.state.Saved, d.state.Notice = path, say("doctor.saved", "Path", path)
			}
			d.Changed(d.state)
		}
	})
}

// Copied gives the report as a text to paste, without anything personal.
func (d *Doctor) Copied() string {
	if d.report == nil {
		return ""
	}
	var b strings.Builder
	if err := d.report.Redacted().WriteText(&b, d.services.Clinic.Language(), true); err != nil {
		return ""
	}
	d.state.Problem, d.state.Notice = nil, say("doctor.copied")
	d.Changed(d.state)
	return b.String()
}
