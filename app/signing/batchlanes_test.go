package signing_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"kyso/app/signing"
	"kyso/signer/token"
	"kyso/signer/token/remote"
	"kyso/signer/token/tokentest"
)

// twoTokens writes two tokens into one SoftHSM behind the misbehaving module.
func twoTokens(t *testing.T, rules ...string) *tokentest.Faults {
	t.Helper()
	pki := authority(t)
	module, env := tokentest.SoftHSM(t, holder(t, pki, "Trần Minh Khôi"), holder(t, pki, "Lê Thu Hà"))
	return tokentest.Faulty(t, module, env, rules...)
}

func TestTwoRealTokensOfOneModuleHaveTwoLanes(t *testing.T) {
	t.Parallel()
	f := twoTokens(t, "pin-tries 3", "delay C_Sign 5")
	l := newLanes(t, helper(t, f, remote.Limits{}))
	docs := l.documents(15)
	b := l.run(docs)
	l.wantOnce(30)
	if lanes := b.Lanes(); len(lanes) != 2 || lanes[0].Signed != 15 || lanes[1].Signed != 15 {
		t.Errorf("got %+v", lanes)
	}
	if n := f.Answers("C_Login", 0xA0); n != 0 || len(l.asked) != 2 {
		t.Errorf("%d tries were spent, %d questions", n, len(l.asked))
	}
}

func TestAWrongPINOfOneTokenStopsItsLaneOnly(t *testing.T) {
	t.Parallel()
	f := twoTokens(t, "pin-tries 3")
	l := newLanes(t, helper(t, f, remote.Limits{}))
	docs := l.documents(10)
	bad := docs[0].Key.Subject.Name
	l.answer = func(q signing.Question) ([]byte, error) {
		if q.Key.Subject.Name == bad {
			return []byte("000000"), nil
		}
		return []byte(pin), nil
	}
	b := l.run(docs)
	l.wantOnce(10)
	if n := f.Answers("C_Login", 0xA0); n != 2 || count(b, signing.RowUnsigned) != 10 {
		t.Errorf("%d tries were spent, %d documents are unsigned", n, count(b, signing.RowUnsigned))
	}
	for _, r := range b.Rows() {
		if r.State == signing.RowUnsigned && !errors.Is(r.Err, token.ErrPINWrong) {
			t.Errorf("document %d: %v", r.Index, r.Err)
		}
	}
}

func TestATokenThatIsPulledLeavesTheOtherLaneAlone(t *testing.T) {
	t.Parallel()
	pki := authority(t)
	f, g := tokentest.NewFake(holder(t, pki, "Trần Minh Khôi")), tokentest.NewFake(holder(t, pki, "Lê Thu Hà"))
	f.OnSign = func(_ context.Context, n int) error {
		if n == 3 {
			return &token.Error{Kind: token.KindRemoved, Op: "sign"}
		}
		return nil
	}
	l := newLanes(t, f, g)
	var meanwhile int
	l.told = func(b *signing.Batch, _ signing.Event) {
		for _, lane := range b.Lanes() {
			if lane.State == signing.LaneDone && lane.Signed == lane.Total && lane.Key.Subject.Name == "Lê Thu Hà" && meanwhile == 0 {
				meanwhile = lane.Signed
				f.Plug("Trần Minh Khôi")
			}
		}
	}
	l.run(l.documents(8))
	l.wantOnce(16)
	if meanwhile != 8 {
		t.Errorf("the other lane signed %d documents meanwhile, want 8", meanwhile)
	}
}

func TestOnAPadNoPINPassesThroughTheProgram(t *testing.T) {
	t.Parallel()
	f := device(t, "pinpad "+pin)
	l := newLanes(t, helper(t, f, remote.Limits{}))
	l.answer = func(q signing.Question) ([]byte, error) {
		if !q.Key.Token.PINPad {
			t.Error("the pad is not told")
		}
		return nil, nil
	}
	l.run(l.documents(3))
	l.wantOnce(3)
}

func TestALoginThatWasIdleForTooLongIsAskedForAnew(t *testing.T) {
	t.Parallel()
	f := device(t, "pin-tries 3", "delay C_Sign 20")
	l := newLanes(t, helper(t, f, remote.Limits{}))
	l.config.Idle = 200 * time.Millisecond
	paused := false
	l.told = func(b *signing.Batch, e signing.Event) {
		if e.Progress.Signed == 2 && !paused {
			paused = true
			b.Pause()
			time.AfterFunc(time.Second, b.Resume)
		}
	}
	l.run(l.documents(20))
	l.wantOnce(20)
	if whys := l.whys(); len(whys) < 2 || slices.Contains(whys[1:], signing.WhyFirst) || whys[1] != signing.WhyEnded {
		t.Errorf("the PIN was asked for %v", whys)
	}
}

func TestCancelEndsAQuestion(t *testing.T) {
	t.Parallel()
	f := tokentest.NewFake(holder(t, authority(t), "Trần Minh Khôi"))
	l := newLanes(t, f)
	docs := l.documents(3)
	var b *signing.Batch
	o := l.options(&b)
	o.Ask = func(ctx context.Context, _ signing.Question) ([]byte, error) {
		b.Cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	}
	b, err := signing.NewDesk(l.config).Batch(docs, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if f.Logins() != 0 || count(b, signing.RowUnsigned) != 3 || !errors.Is(b.Rows()[0].Err, context.Canceled) {
		t.Errorf("%d logins, rows %+v", f.Logins(), b.Rows())
	}
}

func TestACertificateThatHasEndedFailsItsDocumentsOnly(t *testing.T) {
	t.Parallel()
	pki := authority(t)
	l := newLanes(t, tokentest.NewFake(holder(t, pki, "Trần Minh Khôi")), tokentest.NewFake(holder(t, pki, "Lê Thu Hà")))
	docs := l.documents(2)
	// It was fit when it was chosen; since then its end has come.
	end := docs[0].Key.Subject.NotAfter
	l.config.Clock = func() time.Time { return end.Add(time.Hour) }
	b := l.run(docs)
	for _, r := range b.Rows() {
		if e, ok := errors.AsType[*signing.UnfitError](r.Err); r.State != signing.RowFailed || !ok || e.Fit != "expired" {
			t.Errorf("document %d: %s, %v", r.Index, r.State, r.Err)
		}
	}
	if len(l.asked) != 0 {
		t.Error("a PIN was asked for")
	}
}

func TestAWindowThatClosesLeavesTheRestToBeResumed(t *testing.T) {
	t.Parallel()
	f := tokentest.NewFake(holder(t, authority(t), "Trần Minh Khôi"))
	f.OnSign = func(context.Context, int) error {
		<-time.After(50 * time.Millisecond) // so that it is not over before the window closes
		return nil
	}
	l := newLanes(t, f)
	ctx, closeWindow := context.WithCancel(t.Context())
	l.told = func(_ *signing.Batch, e signing.Event) {
		if e.Progress.Signed == 4 {
			closeWindow()
		}
	}
	desk := signing.NewDesk(l.config)
	var b *signing.Batch
	b, err := desk.Batch(l.documents(80), l.options(&b))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the end of the context", err)
	}
	signed := count(b, signing.RowSigned)
	l.wantOnce(signed)
	kept, err := desk.Unfinished()
	if err != nil || len(kept) != 1 || len(kept[0].Done) != signed || len(kept[0].Left) != 80-signed || signed == 80 {
		t.Fatalf("%d signed, kept as %+v, %v", signed, kept, err)
	}
	l.told = func(*signing.Batch, signing.Event) {}
	if b, err = desk.ResumeBatch(kept[0].ID, l.options(&b)); err != nil {
		t.Fatal(err)
	}
	if err := b.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.wantOnce(80)
}
