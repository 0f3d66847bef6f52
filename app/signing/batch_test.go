package signing_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/outbox"
	"kyso/app/placement"
	"kyso/app/signing"
	"kyso/assets"
	"kyso/signer"
	"kyso/signer/signertest"
	"kyso/signer/token"
	"kyso/signer/token/provision"
	"kyso/signer/token/tokentest"
)

// box is an outbox in memory that several goroutines may use.
type box struct {
	mu    sync.Mutex
	items []outbox.Item
	err   error
	// secret is the document that must not be delivered.
	secret string
}

var errSecret = errors.New("a secret document")

func (b *box) Admit(_ context.Context, i outbox.Item) error {
	if i.DocumentID == b.secret && b.secret != "" {
		return errSecret
	}
	return nil
}

func (b *box) Enqueue(_ context.Context, i outbox.Item) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return "", b.err
	}
	b.items = append(b.items, i)
	return fmt.Sprintf("item-%d", len(b.items)), nil
}

// lanes is a desk over providers, with documents to sign.
type lanes struct {
	t      *testing.T
	config signing.Config
	box    *box
	folder string

	mu     sync.Mutex
	asked  []signing.Question
	answer func(signing.Question) ([]byte, error)
	told   func(*signing.Batch, signing.Event)
}

// holder makes a token with one P-256 key.
func holder(t *testing.T, pki *signertest.PKI, name string) provision.Token {
	t.Helper()
	id, err := pki.Issue(signertest.IssueSpec{Name: name, Unit: "UBND phường Kim Liên", Key: "P-256"})
	if err != nil {
		t.Fatal(err)
	}
	return provision.Token{
		Label: name, SOPIN: []byte("87654321"), PIN: []byte(pin), Chain: [][]byte{pki.Issuing().Raw},
		Identities: []provision.Identity{{ID: []byte{1}, Label: name, Key: id.Signer, Certificate: id.Certificate.Raw}},
	}
}

func authority(t *testing.T) *signertest.PKI {
	t.Helper()
	pki, err := signertest.New(signertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return pki
}

func newLanes(t *testing.T, providers ...token.Provider) *lanes {
	t.Helper()
	var modules []signing.Module
	for i, p := range providers {
		modules = append(modules, signing.Module{Path: fmt.Sprintf("/module-%d.so", i), Provider: p})
	}
	l := &lanes{t: t, box: &box{}, folder: t.TempDir()}
	l.config = signing.Config{
		Modules: func(context.Context) ([]signing.Module, []signing.ModuleState) { return modules, nil },
		Queue:   l.box, Folder: l.folder, Font: assets.SerifRegular(), Clock: time.Now, Batches: filepath.Join(t.TempDir(), "batches"),
	}
	l.answer = func(signing.Question) ([]byte, error) { return []byte(pin), nil }
	l.told = func(*signing.Batch, signing.Event) {}
	return l
}

// documents gives n documents of the system for each key that is found.
func (l *lanes) documents(n int) []signing.Assignment {
	l.t.Helper()
	found, err := signing.NewDesk(l.config).Keys(l.t.Context())
	if err != nil {
		l.t.Fatal(err)
	}
	var out []signing.Assignment
	dir := l.t.TempDir()
	for _, k := range found.Keys {
		if k.Fit != "fit" {
			continue
		}
		for range n {
			i := len(out)
			path := filepath.Join(dir, fmt.Sprintf("%03d.pdf", i))
			paper := signertest.Paper{Pages: []signertest.PaperPage{{Content: fmt.Sprintf("%% document %d", i)}}}
			if err := os.WriteFile(path, paper.Bytes(), 0o600); err != nil {
				l.t.Fatal(err)
			}
			out = append(out, signing.Assignment{Key: k, Job: signing.Job{
				Path: path, Role: placement.Approval, Document: &docsys.Document{ID: fmt.Sprintf("d%d", i), Number: fmt.Sprint(i), Notation: "UBND-VP", Version: "v1"},
				Page: 1, Rect: placement.Rect{X: 300, Y: 100, W: 150, H: 60}, Image: picture(),
			}})
		}
	}
	return out
}

// options tie a batch to the test; ref is set before it runs.
func (l *lanes) options(ref **signing.Batch) signing.BatchOptions {
	return signing.BatchOptions{
		Ask: func(_ context.Context, q signing.Question) ([]byte, error) {
			l.mu.Lock()
			l.asked = append(l.asked, q)
			l.mu.Unlock()
			return l.answer(q)
		},
		Told: func(e signing.Event) { l.told(*ref, e) },
	}
}

// run signs documents and gives the batch when it is over.
func (l *lanes) run(docs []signing.Assignment) *signing.Batch {
	l.t.Helper()
	var b *signing.Batch
	b, err := signing.NewDesk(l.config).Batch(docs, l.options(&b))
	if err != nil {
		l.t.Fatal(err)
	}
	if err := b.Run(l.t.Context()); err != nil {
		l.t.Fatal(err)
	}
	return b
}

// wantOnce checks that n documents are signed once each and queued once each.
func (l *lanes) wantOnce(n int) {
	l.t.Helper()
	wantFiles(l.t, l.folder, n)
	ids := map[string]bool{}
	for _, i := range l.box.items {
		ids[i.DocumentID] = true
	}
	if len(ids) != n || len(l.box.items) != n {
		l.t.Errorf("%d items of %d documents were queued, want %d", len(l.box.items), len(ids), n)
	}
}

// whys gives why the PIN was asked for.
func (l *lanes) whys() []signing.Why {
	var out []signing.Why
	for _, q := range l.asked {
		out = append(out, q.Why)
	}
	return out
}

func count(b *signing.Batch, s signing.RowState) int {
	n := 0
	for _, r := range b.Rows() {
		if r.State == s {
			n++
		}
	}
	return n
}

func TestABatchSignsEachDocumentOnceUnderOnePIN(t *testing.T) {
	t.Parallel()
	l := newLanes(t, tokentest.NewFake(holder(t, authority(t), "Trần Minh Khôi")))
	docs := l.documents(12)
	steps := map[int][]signing.Step{}
	var last signing.Progress
	l.told = func(_ *signing.Batch, e signing.Event) {
		last = e.Progress
		if e.Row != nil && e.Row.Step != "" {
			steps[e.Row.Index] = append(steps[e.Row.Index], e.Row.Step)
		}
	}
	b := l.run(docs)
	l.wantOnce(len(docs))
	if got := count(b, signing.RowSigned); got != len(docs) || len(l.asked) != 1 {
		t.Errorf("%d signed, PIN asked %d times, want %d and once", got, len(l.asked), len(docs))
	}
	for i := range docs {
		if want := []signing.Step{signing.StepPlan, signing.StepSign, signing.StepCheck, signing.StepQueue}; !slices.Equal(steps[i], want) {
			t.Errorf("document %d went %v, want %v", i, steps[i], want)
		}
	}
	if last.Signed != len(docs) || last.Total != len(docs) || last.Left != 0 {
		t.Errorf("at the end it told %+v", last)
	}
	if left, err := os.ReadDir(l.config.Batches); err != nil || len(left) != 0 {
		t.Errorf("of a batch that has ended is kept: %v, %v", left, err)
	}
}

func TestTheRateIsLearntFromTheFirstSignatures(t *testing.T) {
	t.Parallel()
	f := tokentest.NewFake(holder(t, authority(t), "Trần Minh Khôi"))
	var device sync.Mutex
	f.OnSign = func(context.Context, int) error { // a slow token, that makes one at a time
		device.Lock()
		defer device.Unlock()
		<-time.After(20 * time.Millisecond)
		return nil
	}
	l := newLanes(t, f)
	var rates []float64
	var left []time.Duration
	l.told = func(_ *signing.Batch, e signing.Event) {
		if e.Progress.Left > 0 {
			rates, left = append(rates, e.Progress.PerMinute), append(left, e.Progress.Left)
		}
	}
	l.run(l.documents(10))
	if len(left) == 0 {
		t.Fatal("no rate was told")
	}
	for i, r := range rates {
		if r > 3000 || r < 100 { // 20 ms each are 3,000 a minute; the rest is the machine's load
			t.Errorf("rate %d: got %.0f a minute", i, r)
		}
	}
	if left[0] <= left[len(left)-1] {
		t.Errorf("the time left went from %v to %v", left[0], left[len(left)-1])
	}
}

func TestTwoTokensSignSideBySide(t *testing.T) {
	t.Parallel()
	pki := authority(t)
	meet := make(chan struct{})
	together := func(ctx context.Context, n int) error {
		if n != 2 {
			return nil
		}
		select { // the other token is in the middle of a signature now
		case meet <- struct{}{}:
		case <-meet:
		case <-time.After(20 * time.Second):
			t.Error("the other token did not sign meanwhile")
		case <-ctx.Done():
		}
		return nil
	}
	one, two := tokentest.NewFake(holder(t, pki, "Trần Minh Khôi")), tokentest.NewFake(holder(t, pki, "Lê Thu Hà"))
	one.OnSign, two.OnSign = together, together
	l := newLanes(t, one, two)
	docs := l.documents(6)
	b := l.run(docs)
	l.wantOnce(12)
	if len(b.Lanes()) != 2 || len(l.asked) != 2 || one.Logins() != 1 || two.Logins() != 1 {
		t.Errorf("%d lanes, asked %d times, want two of each", len(b.Lanes()), len(l.asked))
	}
	for _, r := range b.Rows() {
		if got := r.Outcome.Report.Signatures[0].Signer.SHA256; got != docs[r.Index].Key.Subject.SHA256 {
			t.Errorf("document %d was signed with another certificate", r.Index)
		}
	}
}

func TestATokenPulledAtDocument27Of50GoesOnWhenItIsBack(t *testing.T) {
	t.Parallel()
	f := tokentest.NewFake(holder(t, authority(t), "Trần Minh Khôi"))
	f.OnSign = func(_ context.Context, n int) error {
		if n == 27 {
			return &token.Error{Kind: token.KindRemoved, Op: "sign"}
		}
		return nil
	}
	l := newLanes(t, f)
	var states []signing.LaneState
	l.told = func(_ *signing.Batch, e signing.Event) {
		if e.Lane == nil {
			return
		}
		if len(states) == 0 || states[len(states)-1] != e.Lane.State {
			states = append(states, e.Lane.State)
			if e.Lane.State == signing.LaneRemoved {
				f.Plug("Trần Minh Khôi")
			}
		}
	}
	l.run(l.documents(50))
	l.wantOnce(50)
	if want := []signing.Why{signing.WhyFirst, signing.WhyBack}; !slices.Equal(l.whys(), want) || f.Logins() != 2 {
		t.Errorf("the PIN was asked for %v, %d logins, want %v", l.whys(), f.Logins(), want)
	}
	want := []signing.LaneState{signing.LaneAsking, signing.LaneWorking, signing.LaneRemoved, signing.LaneAsking, signing.LaneWorking, signing.LaneDone}
	if !slices.Equal(states, want) {
		t.Errorf("the lane went %v, want %v", states, want)
	}
}

func TestAnotherTokenDoesNotGoOnForTheOneThatWasPulled(t *testing.T) {
	t.Parallel()
	pki := authority(t)
	f := tokentest.NewFake(holder(t, pki, "Trần Minh Khôi"), holder(t, pki, "Lê Thu Hà"))
	l := newLanes(t, f)
	docs := slices.DeleteFunc(l.documents(2), func(a signing.Assignment) bool { return a.Key.Subject.Name != "Trần Minh Khôi" })
	f.Pull("Trần Minh Khôi")
	l.told = func(b *signing.Batch, e signing.Event) {
		if e.Lane != nil && e.Lane.State == signing.LaneRemoved {
			time.AfterFunc(2*time.Second, b.Cancel)
		}
	}
	b := l.run(docs)
	if f.Logins() != 0 || len(l.asked) != 0 || count(b, signing.RowUnsigned) != 2 {
		t.Errorf("%d logins, %d questions, rows %+v", f.Logins(), len(l.asked), b.Rows())
	}
}

func TestCancelFinishesTheSignatureUnderWayAndNoMore(t *testing.T) {
	t.Parallel()
	const documents, underWay = 60, 8 // so many may wait in front of a key
	f := tokentest.NewFake(holder(t, authority(t), "Trần Minh Khôi"))
	var device sync.Mutex
	signs, atCancel := 0, 0
	f.OnSign = func(context.Context, int) error {
		device.Lock()
		defer device.Unlock()
		signs++
		<-time.After(20 * time.Millisecond)
		return nil
	}
	l := newLanes(t, f)
	l.told = func(b *signing.Batch, e signing.Event) {
		if e.Progress.Signed == 5 && !e.Progress.Cancelled {
			b.Cancel()
			device.Lock()
			defer device.Unlock()
			atCancel = max(atCancel, signs)
		}
	}
	first := l.run(l.documents(documents))
	signed, rest := count(first, signing.RowSigned), first.Again()
	if signed < 5 || signed > atCancel+underWay || signed+len(rest) != documents {
		t.Fatalf("%d signed, %d not; %d at the cancel", signed, len(rest), atCancel)
	}
	for _, r := range first.Rows() {
		if r.State == signing.RowUnsigned && !errors.Is(r.Err, context.Canceled) {
			t.Errorf("document %d is unsigned for %v, want a cancel", r.Index, r.Err)
		}
	}
	l.wantOnce(signed)
	if kept, err := signing.NewDesk(l.config).Unfinished(); err != nil || len(kept) != 0 {
		t.Errorf("what the person ended is kept: %+v, %v", kept, err)
	}
	l.told = func(*signing.Batch, signing.Event) {}
	l.run(rest)
	l.wantOnce(documents)
}

func TestAPauseAsksNoKey(t *testing.T) {
	t.Parallel()
	f := tokentest.NewFake(holder(t, authority(t), "Trần Minh Khôi"))
	var mu sync.Mutex
	signs, atPause := 0, 0
	f.OnSign = func(context.Context, int) error {
		mu.Lock()
		defer mu.Unlock()
		signs++
		return nil
	}
	l := newLanes(t, f)
	paused := false
	l.told = func(b *signing.Batch, e signing.Event) {
		switch {
		case e.Progress.Signed == 3 && !paused:
			paused = true
			b.Pause()
			time.AfterFunc(300*time.Millisecond, func() { // what was under way is over
				mu.Lock()
				atPause = signs
				mu.Unlock()
				if s := b.Lanes()[0].State; s != signing.LanePaused {
					t.Errorf("the lane is %s", s)
				}
				time.AfterFunc(300*time.Millisecond, func() {
					mu.Lock()
					if signs != atPause || signs == 20 {
						t.Errorf("%d signatures, %d at the pause", signs, atPause)
					}
					mu.Unlock()
					b.Resume()
				})
			})
		}
	}
	l.run(l.documents(20))
	l.wantOnce(20)
	if len(l.asked) != 1 {
		t.Errorf("the PIN was asked %d times", len(l.asked))
	}
}

func TestAWrongPINIsAskedForAnewAndNeverSentAgain(t *testing.T) {
	t.Parallel()
	f := tokentest.NewFake(holder(t, authority(t), "Trần Minh Khôi"))
	l := newLanes(t, f)
	l.answer = func(q signing.Question) ([]byte, error) {
		if q.Why == signing.WhyFirst {
			return []byte("111111"), nil
		}
		if !errors.Is(q.Err, token.ErrPINWrong) || q.Key.Token.PIN != token.PINLow {
			t.Errorf("asked again with %v, counter %s", q.Err, q.Key.Token.PIN)
		}
		return []byte(pin), nil
	}
	l.run(l.documents(3))
	l.wantOnce(3)
	if f.Logins() != 2 {
		t.Errorf("%d logins, want 2", f.Logins())
	}
}

func TestABatchNeverSpendsTheLastTry(t *testing.T) {
	t.Parallel()
	f := tokentest.NewFake(holder(t, authority(t), "Trần Minh Khôi"))
	l := newLanes(t, f)
	docs := l.documents(3)
	docs[0].Key.LastTry = true // nobody's word counts here
	l.answer = func(signing.Question) ([]byte, error) { return []byte("111111"), nil }
	b := l.run(docs)
	if f.Logins() != 2 || count(b, signing.RowUnsigned) != 3 {
		t.Fatalf("%d logins, %d unsigned, want 2 and 3", f.Logins(), count(b, signing.RowUnsigned))
	}
	if err := b.Rows()[2].Err; !errors.Is(err, token.ErrPINWrong) {
		t.Errorf("got %v, want a wrong PIN", err)
	}
	l.answer = func(signing.Question) ([]byte, error) {
		t.Error("it was asked with one try left")
		return []byte(pin), nil
	}
	b = l.run(b.Again())
	if err := b.Rows()[0].Err; !errors.Is(err, token.ErrPINFinal) || f.Logins() != 2 {
		t.Errorf("got %v after %d logins, want %v after 2", err, f.Logins(), token.ErrPINFinal)
	}
}

func TestADocumentThatFailsStopsNoOther(t *testing.T) {
	t.Parallel()
	l := newLanes(t, tokentest.NewFake(holder(t, authority(t), "Trần Minh Khôi")))
	docs := l.documents(6)
	if err := os.WriteFile(docs[1].Job.Path, []byte("no PDF"), 0o600); err != nil {
		t.Fatal(err)
	}
	docs[3].Job.Page = 99
	docs[4].Unplaced = true // and nobody who places it
	l.box.secret = "d5"
	b := l.run(docs)
	l.wantOnce(2)
	l.box.secret = ""
	for i, want := range map[int]error{5: errSecret, 1: signer.ErrRefused, 3: signer.ErrNoPlace, 4: signer.ErrNoPlace} {
		if r := b.Rows()[i]; r.State != signing.RowFailed || !errors.Is(r.Err, want) {
			t.Errorf("document %d: %s, %v, want %v", i, r.State, r.Err, want)
		}
	}
	again := b.Again()
	if len(again) != 4 {
		t.Fatalf("%d are to be tried again, want 4", len(again))
	}
	for i := range again {
		again[i].Job.Page, again[i].Unplaced = 1, false
	}
	b = l.run(again[1:])
	l.wantOnce(5)
	if b.Progress().Signed != 3 {
		t.Errorf("got %+v", b.Progress())
	}
}

func TestAFileThatWasChangedSinceItWasReviewedIsNotSigned(t *testing.T) {
	t.Parallel()
	l := newLanes(t, tokentest.NewFake(holder(t, authority(t), "Trần Minh Khôi")))
	docs := l.documents(2)
	l.answer = func(signing.Question) ([]byte, error) {
		return []byte(pin), os.WriteFile(docs[1].Job.Path, signertest.Paper{Stream: true}.Bytes(), 0o600)
	}
	if r := l.run(docs).Rows()[1]; !errors.Is(r.Err, signing.ErrChanged) {
		t.Errorf("got %s, %v, want %v", r.State, r.Err, signing.ErrChanged)
	}
}

func TestWhatIsSignedAndNotQueuedIsNotSignedASecondTime(t *testing.T) {
	t.Parallel()
	l := newLanes(t, tokentest.NewFake(holder(t, authority(t), "Trần Minh Khôi")))
	l.box.err = errors.New("the disk is full")
	b := l.run(l.documents(4))
	if count(b, signing.RowUnsent) != 4 {
		t.Fatalf("got %+v", b.Rows())
	}
	l.box.err = nil
	b = l.run(b.Again())
	l.wantOnce(4)
	if count(b, signing.RowSigned) != 4 {
		t.Errorf("got %+v", b.Rows())
	}
}

func TestADriverThatFailsAgainAndAgainEndsItsLaneAndTheRestCanBeResumed(t *testing.T) {
	t.Parallel()
	f := tokentest.NewFake(holder(t, authority(t), "Trần Minh Khôi"))
	broken := true
	f.OnSign = func(_ context.Context, n int) error {
		if n > 2 && broken {
			return &token.Error{Kind: token.KindCrashed, Op: "sign"}
		}
		return nil
	}
	l := newLanes(t, f)
	b := l.run(l.documents(5))
	if signed := count(b, signing.RowSigned); len(l.asked) < 3 || signed == 0 || signed+count(b, signing.RowUnsigned) != 5 || !errors.Is(b.Lanes()[0].Err, token.ErrCrashed) {
		t.Fatalf("asked %d times, lane %+v", len(l.asked), b.Lanes()[0])
	}
	desk := signing.NewDesk(l.config)
	kept, err := desk.Unfinished()
	if err != nil || len(kept) != 1 || len(kept[0].Left) != len(b.Again()) || len(kept[0].Done) != count(b, signing.RowSigned) {
		t.Errorf("it is kept as %+v, %v", kept, err)
	}
	broken = false
	l.run(b.Again()) // takes the place of what was kept
	l.wantOnce(5)
	if kept, err := desk.Unfinished(); err != nil || len(kept) != 0 {
		t.Errorf("after the end there is kept: %+v, %v", kept, err)
	}
}
