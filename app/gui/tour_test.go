package gui_test

import (
	"cmp"
	"context"
	"testing"

	"fyne.io/fyne/v2"

	"kyso/app"
	"kyso/app/docsys"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
	"kyso/app/present"
	"kyso/app/signing"
	"kyso/signer/cert"
	"kyso/signer/token"
)

// practice rehearses with a road of its own.
type practice struct{ office *office }

// practicePIN is how the counter of the practice token stands.
func practicePIN(s token.PINState) func(*office) { return func(o *office) { o.practicePIN = s } }

func (p practice) Begin(docsys.Person) (signing.Road, error) { return practiceRoad{p.office}, nil }
func (practice) PIN() string                                 { return "112233" }
func (p practice) Sample(context.Context, docsys.Person) (string, error) {
	return p.office.paths[p.office.waiting[0].ID], nil
}

// practiceRoad finds the practice token only.
type practiceRoad struct{ *office }

func (r practiceRoad) Keys(context.Context) (signing.Found, error) {
	k := keyOf("Trần Minh Khôi (BẢN THỬ)", "Chủ tịch", "BẢN THỬ – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ", cert.Fit)
	k.Token = token.Info{Label: "Thiết bị tập", PIN: cmp.Or(r.practicePIN, token.PINReady), MinPIN: 6, MaxPIN: 6}
	return signing.Found{Keys: []signing.Key{k}}, nil
}

// tourScenarios are the steps of the tour and the states of a rehearsal.
func tourScenarios() []scenario {
	at := func(n int) func(*office) {
		return func(o *office) {
			o.desk.Tour.Begin()
			for range n {
				o.desk.Tour.Next()
				o.settle()
			}
		}
	}
	rehearse := func(o *office) {
		o.press(fyne.KeyReturn)
		o.window.Control(fyne.KeyT)
		o.settle()
	}
	return []scenario{
		{"tour", nil, at(0)},
		{"tour-who", nil, at(1)},
		{"tour-who-nobody", func(o *office) { o.noServer = true }, at(1)},
		{"tour-token", nil, at(2)},
		{"tour-token-none", func(o *office) { o.found = signing.Found{} }, at(2)},
		{"tour-picture", nil, at(3)},
		{"tour-practice", nil, at(4)},
		{"tour-letter", nil, at(5)},
		{"tour-done", nil, func(o *office) { at(5)(o); o.rehearse() }},
		{"tour-left", nil, func(o *office) { at(3)(o); o.desk.Tour.Look(present.PlaceStudio); o.settle() }},
		{"queue-tour", func(o *office) { o.cabinet.stored.Toured = false }, nil},
		{"rehearsal", nil, rehearse},
		{"rehearsal-wrong", func(o *office) { o.wrong = true; practicePIN(token.PINLow)(o) }, func(o *office) {
			rehearse(o)
			o.typePIN()
			o.press(fyne.KeyReturn)
		}},
		{"rehearsal-locked", practicePIN(token.PINLocked), rehearse},
		{"rehearsal-working", nil, func(o *office) {
			rehearse(o)
			o.typePIN()
			o.unsettled = true
			o.press(fyne.KeyReturn)
		}},
		{"rehearsal-failed", func(o *office) { o.fail = errTorn }, func(o *office) {
			rehearse(o)
			o.typePIN()
			o.press(fyne.KeyReturn)
		}},
		{"rehearsal-refused", func(o *office) { o.ahead.Refusal = app.ErrPractised }, func(o *office) { o.press(fyne.KeyReturn) }},
		{"rehearsal-result", nil, func(o *office) {
			rehearse(o)
			o.typePIN()
			o.press(fyne.KeyReturn)
		}},
	}
}

// rehearse signs what is open for practice, and leaves the result.
func (o *office) rehearse() {
	o.press(fyne.KeyReturn)
	o.settle()
	o.window.Canvas().Focus(o.window.PIN())
	o.typePIN()
	o.press(fyne.KeyReturn, fyne.KeyReturn)
}

func TestTheTourIsWalkedByTheKeyboardAlone(t *testing.T) {
	o := newOffice(t, words.Vietnamese, threePages{}, t.TempDir())
	o.open(t, theme.Light)
	o.window.Control(fyne.KeyH)
	o.settle()
	for _, want := range []present.TourStep{present.TourWelcome, present.TourWho, present.TourToken, present.TourPicture, present.TourPractice} {
		if got := o.desk.Tour.State().Step; got != want {
			t.Fatalf("at %q, want %q", got, want)
		}
		o.press(fyne.KeyReturn)
	}
	if o.desk.State().Place != present.PlaceReader || !o.desk.Reader.State().Practising {
		t.Fatalf("at %q, not on the sample letter", o.desk.State().Place)
	}
	o.rehearse()
	if s := o.desk.Tour.State(); s.Step != present.TourDone || s.Signed == "" {
		t.Fatalf("got %+v", s)
	}
	o.press(fyne.KeyReturn)
	if o.desk.State().Place != present.PlaceQueue {
		t.Errorf("at %q at the end", o.desk.State().Place)
	}
}
