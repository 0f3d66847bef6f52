package present_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"kyso/app/docsys"
	"kyso/app/present"
	"kyso/app/signing"
	"kyso/signer/token"
)

// errTorn is why a document of the tests cannot be signed.
var errTorn = errors.New("torn")

// manyWait has four documents wait; the places of the last two are unsure, for
// they name somebody who is not on the page.
func manyWait(o *office) {
	o.system.waiting = nil
	for _, id := range []string{"a", "b", "c", "d"} {
		name := "Trần Minh Khôi"
		if id > "b" {
			name = "Người khác"
		}
		o.system.waiting = append(o.system.waiting, docsys.Document{ID: id, Subject: id, SignerName: name, Version: "v", Missing: []string{"approval"}})
	}
	o.desk.Start()
	o.settle()
}

// sheetOf shows all that waits on the contact sheet.
func sheetOf(o *office) present.ContactState {
	manyWait(o)
	o.desk.Queue.SignTogether()
	o.settle()
	return o.desk.Contact.State()
}

func titles(s present.ContactState) []string {
	var out []string
	for _, c := range s.Cards {
		out = append(out, c.Title)
	}
	return out
}

func TestTheContactSheetShowsUnsurePlacesFirst(t *testing.T) {
	o := newOffice(t)
	s := sheetOf(o)
	if o.desk.State().Place != present.PlaceContact || s.Loading() || s.Count != 4 || !s.CanSign {
		t.Fatalf("got place %q, state %+v", o.desk.State().Place, s)
	}
	if got, want := titles(s), []string{"C", "D", "A", "B"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if s.Summary[1].Key != "contact.unsure" || s.Summary[1].Args["Count"] != 2 {
		t.Errorf("got summary %+v", s.Summary)
	}
}

func TestFourActsSignManyDocumentsWithOnePIN(t *testing.T) {
	o := newOffice(t)
	manyWait(o)
	o.desk.Queue.SignTogether() // 1
	o.settle()
	o.desk.Contact.Confirm() // 2
	o.settle()
	if s := o.desk.Ceremony.State(); s.Phase != present.Asking || s.Documents != 4 {
		t.Fatalf("got %+v, want the PIN of four documents to be asked for", s)
	}
	pin := []byte("246810")
	o.desk.Ceremony.Confirm(pin) // 3
	o.settle()
	s := o.desk.Batch.State()
	if s.Running || s.Signed != 4 || s.Failed != 0 || s.Summary.Key != "batch.done" {
		t.Errorf("got %+v", s)
	}
	if got := o.batches[0].pins; !slices.Equal(got, []string{"246810"}) {
		t.Errorf("the PIN was asked for as %q, want once", got)
	}
	if slices.ContainsFunc(pin, func(b byte) bool { return b != 0 }) {
		t.Error("the PIN was not wiped")
	}
	if o.desk.State().Place != present.PlaceBatch || o.desk.Ceremony.State().Phase != present.Idle {
		t.Errorf("got place %q, phase %q", o.desk.State().Place, o.desk.Ceremony.State().Phase)
	}
}

func TestWhatIsSkippedIsNotSigned(t *testing.T) {
	o := newOffice(t)
	sheetOf(o)
	o.desk.Contact.Skip(0)
	o.desk.Contact.Confirm()
	o.settle()
	o.desk.Ceremony.Confirm([]byte("246810"))
	o.settle()
	if got := len(o.batches[0].all); got != 3 {
		t.Errorf("got %d documents, want 3", got)
	}
}

func TestAMarkOnTheSheetStaysOnItsPageAndTellsWhatItCovers(t *testing.T) {
	o := newOffice(t)
	s := sheetOf(o)
	to := s.Cards[0].Mark.Rect
	to.X, to.Y = 5000, 700
	o.desk.Contact.Move(0, to)
	c := o.desk.Contact.State().Cards[0]
	if right := c.Mark.Rect.X + c.Mark.Rect.W; right > c.Size.W {
		t.Errorf("the mark ends at %v on a page of %v", right, c.Size.W)
	}
	if c.Note.Key != "place.byhand" {
		t.Errorf("got %q", c.Note.Key)
	}
	to.X, to.Y = 90, 495 // over the text
	o.desk.Contact.Move(0, to)
	if got := o.desk.Contact.State().Cards[0].Note.Key; got != "place.overtext" {
		t.Errorf("got %q", got)
	}
}

func TestADocumentThatFailsIsToldFirstAndTriedAgain(t *testing.T) {
	o := newOffice(t)
	o.fail = map[int]error{2: errTorn}
	sheetOf(o)
	o.desk.Contact.Confirm()
	o.settle()
	o.desk.Ceremony.Confirm([]byte("246810"))
	o.settle()
	s := o.desk.Batch.State()
	if s.Signed != 3 || s.Failed != 1 || s.Again != 1 || s.Rows[0].Problem == nil {
		t.Fatalf("got %+v", s)
	}
	if got := len(o.desk.Queue.State().Rows); got != 4 {
		t.Errorf("got %d rows that wait; the server still names four", got)
	}
	o.fail = nil
	o.desk.Batch.Ask = func(_ signing.Question, answer func([]byte, error)) { answer([]byte("246810"), nil) }
	o.desk.Batch.TryAgain()
	o.settle()
	again := o.batches[1]
	if len(again.all) != 1 || again.all[0].Job.Path != "/cache/a.pdf" || !slices.Equal(again.pins, []string{"246810"}) {
		t.Errorf("got %+v, PINs %q", again.all, again.pins)
	}
	if s := o.desk.Batch.State(); s.Signed != 1 || s.Again != 0 {
		t.Errorf("got %+v", s)
	}
}

func TestAPulledTokenIsAskedForOnceMore(t *testing.T) {
	o := newOffice(t)
	sheetOf(o)
	k := o.road.found.Keys[1]
	var answers []string
	answer := func(pin []byte, err error) { answers = append(answers, string(pin)+errText(err)) }
	o.desk.Ceremony.Ask(signing.Question{Key: k, Why: signing.WhyBack, Documents: 3}, answer)
	s := o.desk.Ceremony.State()
	if s.Phase != present.Asking || !s.Fixed || s.Warning.Key != "pin.back" || !s.CanConfirm || s.Documents != 3 {
		t.Fatalf("got %+v", s)
	}
	o.desk.Ceremony.Confirm([]byte("246810"))
	o.desk.Ceremony.Ask(signing.Question{Key: k, Why: signing.WhyBack, Documents: 3}, answer)
	o.desk.Ceremony.Leave()
	if want := []string{"246810", "context canceled"}; !slices.Equal(answers, want) {
		t.Errorf("got %q, want %q", answers, want)
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestTheLastTryIsConfirmedAndNeverSpentOnABatch(t *testing.T) {
	o := newOffice(t)
	o.road.found.Keys[1].Token.PIN = token.PINFinal
	reach(o)
	s := o.desk.Ceremony.State()
	if !s.LastTry || s.CanConfirm || s.WhyNot.Key != "pin.final.confirm" {
		t.Fatalf("got %+v", s)
	}
	o.desk.Ceremony.Confirm([]byte("246810"))
	if len(o.road.opened) != 0 {
		t.Fatal("the last try was spent without the person's word")
	}
	o.desk.Ceremony.Understand(true)
	o.desk.Ceremony.Confirm([]byte("246810"))
	o.settle()
	if got := o.desk.Ceremony.State().Phase; got != present.Done || !o.road.lastTry {
		t.Errorf("got phase %q, last try %v", got, o.road.lastTry)
	}

	o = newOffice(t)
	o.road.found.Keys[1].Token.PIN = token.PINFinal
	sheetOf(o)
	o.desk.Contact.Confirm()
	o.settle()
	if s := o.desk.Ceremony.State(); s.LastTry || s.CanConfirm || s.WhyNot.Key != "pin.final.batch" {
		t.Errorf("got %+v, want a batch to be refused", s)
	}
}

func TestChosenRowsAreSignedTogether(t *testing.T) {
	o := newOffice(t)
	manyWait(o)
	o.desk.Queue.Choose(1)
	o.desk.Queue.Choose(3)
	if s := o.desk.Queue.State(); s.Chosen != 2 || s.Together != 2 {
		t.Fatalf("got %d chosen, %d together", s.Chosen, s.Together)
	}
	o.desk.Queue.Refresh()
	o.settle()
	if got := o.desk.Queue.State().Chosen; got != 2 {
		t.Errorf("got %d chosen after the server's answer, want 2", got)
	}
	o.desk.Queue.SignTogether()
	o.settle()
	if got := titles(o.desk.Contact.State()); !slices.Equal(got, []string{"D", "B"}) {
		t.Errorf("got %q", got)
	}
}

func TestTheSearchIgnoresDiacritics(t *testing.T) {
	o := newOffice(t)
	o.desk.Start()
	o.settle()
	q := o.desk.Queue
	for search, want := range map[string]int{"phong chay": 1, "PHÒNG 248": 1, "đất": 0, "": 1} {
		q.Search(search)
		if got := q.State(); len(got.Rows) != want || got.Hidden != 1-want {
			t.Errorf("%q: got %d rows, %d hidden, want %d", search, len(got.Rows), got.Hidden, want)
		}
	}
	q.Filter(present.FilterUrgent)
	if got := q.State(); len(got.Rows) != 0 || got.Empty.Key != "queue.nomatch" {
		t.Errorf("got %d rows, empty %q", len(got.Rows), got.Empty.Key)
	}
}

func TestADroppedFolderIsOpenedAsItsPDFs(t *testing.T) {
	o := newOffice(t)
	o.services.Inbox = nil
	dir := t.TempDir()
	for _, name := range []string{"a.pdf", "con/b.PDF", "c.docx", ".git/d.pdf"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o.desk.OpenFiles([]string{dir})
	o.settle()
	if got := titles(o.desk.Contact.State()); !slices.Equal(got, []string{"a.pdf", "b.PDF"}) {
		t.Errorf("got %q", got)
	}
}

func TestTheBatchIsFollowedToTheServer(t *testing.T) {
	o := newOffice(t)
	o.after = func(b *batchWork) {
		o.system.figure.Fulfilled += 4
		for i, state := range []signing.RowState{signing.RowAccepted, signing.RowRefused} {
			b.rows[i].State = state
			row := b.rows[i]
			b.options.Told(signing.Event{Row: &row})
		}
	}
	sheetOf(o)
	o.desk.Contact.Confirm()
	o.settle()
	o.desk.Ceremony.Confirm([]byte("246810"))
	o.settle()
	s := o.desk.Batch.State()
	if s.Rows[0].Note.Key != "batch.row.accepted" || s.Rows[1].Note.Key != "batch.row.refused" {
		t.Errorf("got %+v", s.Rows[:2])
	}
	if s.RateBefore != "94,12 % (160/170)" || s.RateAfter != "96,47 % (164/170)" {
		t.Errorf("got rate %q, then %q", s.RateBefore, s.RateAfter)
	}
}

// left is what an earlier run left behind.
type left struct {
	o   *office
	all []signing.Unfinished
}

func (l *left) Unfinished() ([]signing.Unfinished, error) { return l.all, nil }
func (l *left) Forget(string) error                       { l.all = nil; return nil }
func (l *left) ResumeBatch(_ string, o signing.BatchOptions) (present.BatchWork, error) {
	var all []signing.Assignment
	for _, j := range l.all[0].Left {
		all = append(all, signing.Assignment{Job: j, Key: l.o.road.found.Keys[1]})
	}
	l.all = nil
	return l.o.services.Batch(all, o)
}

func TestABatchOfAnEarlierRunGoesOn(t *testing.T) {
	o := newOffice(t)
	o.services.Resumption = &left{o, []signing.Unfinished{{ID: "b1", At: now(), Left: []signing.Job{{Path: "c.pdf"}, {Path: "d.pdf"}}, Done: []signing.Job{{Path: "a.pdf"}}}}}
	o.desk.Start()
	o.settle()
	s := o.desk.Left.State()
	if len(s.Batches) != 1 || s.Batches[0].What.Args["Count"] != 2 || s.Batches[0].Done.Args["Count"] != 1 {
		t.Fatalf("got %+v", s)
	}
	o.desk.Batch.Ask = func(_ signing.Question, answer func([]byte, error)) { answer([]byte("246810"), nil) }
	o.desk.Left.Resume("b1")
	o.settle()
	if got := o.desk.Batch.State(); got.Signed != 2 || o.desk.State().Place != present.PlaceBatch {
		t.Errorf("got %+v", got)
	}
	if got := o.desk.Left.State(); len(got.Batches) != 0 {
		t.Errorf("got %+v, want nothing left", got)
	}
}

func TestARewrittenHistoryIsToldUntilThePersonKnowsWhy(t *testing.T) {
	o := newOffice(t)
	accepted := 0
	o.services.AcceptAudit = func() error { accepted++; return nil }
	o.desk.Audited(errTorn)
	if o.desk.State().Alarm == nil {
		t.Fatal("no alarm")
	}
	o.desk.AcceptAlarm()
	o.settle()
	if accepted != 1 || o.desk.State().Alarm != nil {
		t.Errorf("accepted %d times, alarm %v", accepted, o.desk.State().Alarm)
	}
}

func TestASystemThatChecksNothingIsNotSaidToHaveConfirmed(t *testing.T) {
	o := newOffice(t)
	o.outbox.last = present.Delivery{ID: "q1", State: present.Stored}
	reach(o)
	o.desk.Ceremony.Confirm([]byte("246810"))
	o.settle()
	if got := o.desk.Ceremony.State().Result.Key; got != "result.stored" {
		t.Errorf("got %q", got)
	}
}
