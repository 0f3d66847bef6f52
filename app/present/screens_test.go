package present_test

import (
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/placement"
	"kyso/app/present"
	"kyso/app/preview"
	"kyso/app/signing"
	"kyso/app/signrate"
	"kyso/signer"
)

func TestTheQueueOrdersAndDates(t *testing.T) {
	o := newOffice(t)
	document := func(id, due string, urgent bool) docsys.Document {
		return docsys.Document{ID: id, Subject: id, DueOn: due, Urgent: urgent, Version: "v", SignerName: "Trần Minh Khôi"}
	}
	o.system.waiting = []docsys.Document{
		document("không hạn", "", false), document("mai", "2026-11-25", false), document("quá hạn", "2026-11-20", false),
		document("khẩn", "2026-11-30", true), document("hôm nay", "2026-11-24", false),
	}
	o.desk.Queue.Refresh()
	o.settle()
	s := o.desk.Queue.State()
	var subjects, due []string
	for _, r := range s.Rows {
		subjects = append(subjects, r.Subject)
		due = append(due, r.Due.Key)
	}
	if want := []string{"Khẩn", "Quá hạn", "Hôm nay", "Mai", "Không hạn"}; !slices.Equal(subjects, want) {
		t.Errorf("got %q, want %q", subjects, want)
	}
	if want := []string{"queue.due", "queue.overdue", "queue.duetoday", "queue.due", ""}; !slices.Equal(due, want) {
		t.Errorf("got %q, want %q", due, want)
	}
	if got := s.Rows[1].Due.Args["Date"]; got != "20/11/2026" {
		t.Errorf("got date %v, want 20/11/2026", got)
	}
	if s.Summary.Key != "queue.summary.late" || s.Summary.Args["Late"] != 1 {
		t.Errorf("got summary %+v", s.Summary)
	}
}

func TestTheQueueIsSortedAsThePersonWants(t *testing.T) {
	o := newOffice(t)
	document := func(subject, number, notation, issued, drafter string) docsys.Document {
		return docsys.Document{ID: subject, Subject: subject, Number: number, Notation: notation, IssuedOn: issued, Drafter: drafter, Version: "v", SignerName: "Trần Minh Khôi"}
	}
	o.system.waiting = []docsys.Document{
		document("a", "1010", "UBND-VP", "2026-11-20", "Đỗ An"), document("b", "9", "UBND-VP", "2026-11-24", "Bùi Bình"),
		document("c", "3", "KH-UBND", "2026-11-22", "Ân Chi"), document("d", "", "", "", ""),
	}
	o.desk.Queue.Refresh()
	o.settle()
	o.desk.Queue.AddFiles([]string{"/nhà/z.pdf"})
	for s, want := range map[present.Sort]string{
		present.SortNeeded: "z.pdf A B C D", present.SortNewest: "z.pdf B C A D", present.SortReference: "z.pdf D C B A", present.SortDrafter: "z.pdf D C B A",
	} {
		o.desk.Queue.Sort(s)
		var subjects []string
		for _, r := range o.desk.Queue.State().Rows {
			subjects = append(subjects, r.Subject)
		}
		if got := strings.Join(subjects, " "); got != want || o.desk.Queue.State().Sort != s {
			t.Errorf("%q: got %s, want %s", s, got, want)
		}
	}
}

func TestALateAnswerDoesNotReplaceANewerOne(t *testing.T) {
	o := newOffice(t)
	o.desk.Queue.Refresh()
	o.desk.Queue.Refresh()
	o.one(1) // the newer request is answered first
	o.system.waiting = nil
	o.one(0)
	if got := len(o.desk.Queue.State().Rows); got != 1 {
		t.Errorf("got %d rows, want the newer answer's 1", got)
	}
}

func TestRowsStayWhenTheServerIsGone(t *testing.T) {
	o := newOffice(t)
	o.desk.Queue.Refresh()
	o.settle()
	o.system.err = docsys.ErrOffline
	o.desk.Queue.Refresh()
	o.settle()
	s := o.desk.Queue.State()
	if len(s.Rows) != 1 || s.Problem == nil || s.Problem.Code != "offline" {
		t.Errorf("got %d rows, problem %+v", len(s.Rows), s.Problem)
	}
}

func TestAnEmptyQueueTeaches(t *testing.T) {
	o := newOffice(t)
	o.system.waiting = nil
	o.desk.Queue.Refresh()
	o.settle()
	if got := o.desk.Queue.State().Empty.Key; got != "queue.empty" {
		t.Errorf("got %q", got)
	}
	o.services.Inbox = nil
	o.desk.Queue.Refresh()
	if got := o.desk.Queue.State().Empty.Key; got != "queue.noserver" {
		t.Errorf("got %q without a server", got)
	}
}

func TestDroppedFiles(t *testing.T) {
	cases := map[string]struct {
		paths  []string
		place  present.Place
		rows   int
		notice string
	}{
		"one PDF is opened":            {[]string{"/a.pdf"}, present.PlaceReader, 1, ""},
		"several are shown together":   {[]string{"/a.pdf", "/b.PDF"}, present.PlaceContact, 2, ""},
		"what is no PDF is told":       {[]string{"/a.docx"}, present.PlaceQueue, 0, "queue.notpdf"},
		"the PDF among others is kept": {[]string{"/a.docx", "/b.pdf"}, present.PlaceQueue, 1, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.services.Inbox = nil
			o.desk.OpenFiles(c.paths)
			o.settle()
			if got := o.desk.State(); got.Place != c.place || got.Notice.Key != c.notice {
				t.Errorf("got place %q notice %q", got.Place, got.Notice.Key)
			}
			if got := len(o.desk.Queue.State().Rows); got != c.rows {
				t.Errorf("got %d rows, want %d", got, c.rows)
			}
		})
	}
}

func TestWhatIsAskedOfThePerson(t *testing.T) {
	document := docsys.Document{ID: "d", SignerName: "Trần Minh Khôi", Missing: []string{"approval", "initials"}, Version: "v"}
	cases := map[string]struct {
		person docsys.Person
		want   string
	}{
		"the named signer approves":      {docsys.Person{Name: "Trần Minh Khôi", Role: "head"}, "queue.wanted.approval"},
		"a head of department initials":  {docsys.Person{Name: "Phạm Quốc Bảo", Role: "signer"}, "queue.wanted.initials"},
		"a deputy who is named approves": {docsys.Person{Name: "trần minh khôi", Role: "signer"}, "queue.wanted.approval"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.services.Person = c.person
			o.system.waiting = []docsys.Document{document}
			o.desk.Queue.Refresh()
			o.settle()
			if got := o.desk.Queue.State().Rows[0].Wanted.Key; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAJointDocumentIsSignedForOnesOwnUnit(t *testing.T) {
	document := docsys.Document{
		ID: "d", Unit: "KL", SignerName: "Trần Minh Khôi", SignerTitle: "Chủ tịch", Missing: []string{"approval", "initials"}, Version: "v", Replaces: "old",
		CoIssuers: []docsys.CoIssuer{{Unit: "LH"}, {Unit: "TQ"}}, Approvals: []docsys.Approval{{Unit: "KL", Name: "Trần Minh Khôi"}},
	}
	cases := map[string]struct {
		person docsys.Person
		role   string
	}{
		"the head of a unit that issues it, too": {docsys.Person{Name: "Ngô Thị Lan", Title: "Chủ tịch", Unit: "LH", Role: "head"}, "queue.wanted.approval"},
		"an official of the leading unit":        {docsys.Person{Name: "Phạm Quốc Bảo", Unit: "KL", Role: "signer"}, "queue.wanted.initials"},
		"somebody of a unit that does not issue": {docsys.Person{Name: "Lê An", Unit: "XX", Role: "signer"}, "queue.wanted.initials"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.services.Person = c.person
			o.sheets.sheet = &sheet{pages: []placement.Page{{Number: 1, W: 595, H: 842, Lines: []placement.Line{
				line("Nội dung của văn bản./.", 85, 500, 300), line("CHỦ TỊCH", 115, 400, 70), line("Trần Minh Khôi", 100, 300, 100),
				line("CHỦ TỊCH", 395, 400, 70), line("Ngô Thị Lan", 380, 300, 100),
			}}}}
			o.system.waiting = []docsys.Document{document}
			o.desk.Queue.Refresh()
			o.settle()
			r := o.desk.Queue.State().Rows[0]
			if r.Wanted.Key != c.role || r.Joint.Key != "queue.joint" || r.Joint.Args["Signed"] != 1 || r.Joint.Args["Units"] != 3 || r.Replaces.Key != "queue.replaces" {
				t.Errorf("got %+v", r)
			}
			o.desk.Queue.OpenRow(0)
			o.settle()
			if m := o.desk.Reader.State().Mark(); c.role == "queue.wanted.approval" && (m.Rect.X < 300 || m.Page != 1) {
				t.Errorf("the mark stands at %+v", m)
			}
		})
	}
}

func TestTheReaderProposesAndSaysHowSureItIs(t *testing.T) {
	empty := &sheet{pages: []placement.Page{{Number: 1, W: 595, H: 842}}}
	cases := map[string]struct {
		sheet *sheet
		note  string
		tone  present.Tone
	}{
		"title and name": {letter(), "place.found-title-and-name", present.Good},
		"a scan":         {empty, "place.default-no-text", present.Caution},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.sheets.sheet = c.sheet
			o.desk.OpenFiles([]string{"/a.pdf"})
			o.settle()
			s := o.desk.Reader.State()
			if s.Note.Key != c.note || s.NoteTone != c.tone || !s.CanSign || s.Mark().Page != 1 {
				t.Errorf("got note %q tone %q, mark %+v", s.Note.Key, s.NoteTone, s.Mark())
			}
		})
	}
}

func TestTheMarkMovesAndStaysOnThePage(t *testing.T) {
	o := newOffice(t)
	o.desk.OpenFiles([]string{"/a.pdf"})
	o.settle()
	r := o.desk.Reader
	before := r.State().Mark().Rect
	r.Nudge(5, -3)
	if got := r.State().Mark().Rect; got.X != before.X+5 || got.Y != before.Y-3 {
		t.Errorf("got %+v from %+v", got, before)
	}
	r.MoveMark(1, placement.Rect{X: 9999, Y: -50, W: 100, H: 40})
	if got, want := r.State().Mark().Rect, (placement.Rect{X: 495, Y: 0, W: 100, H: 40}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	r.MoveMark(1, placement.Rect{X: 90, Y: 495, W: 100, H: 40})
	if s := r.State(); s.Note.Key != "place.overtext" || s.NoteTone != present.Caution {
		t.Errorf("got note %q over text", s.Note.Key)
	}
	r.MoveMark(7, placement.Rect{X: 1, Y: 1, W: 50, H: 20})
	if got := r.State().Mark().Page; got != 1 {
		t.Errorf("got page %d, want the mark to stay on a page that there is", got)
	}
}

func TestWhatIsSignedIsWhatIsShown(t *testing.T) {
	o := newOffice(t)
	o.desk.OpenFiles([]string{"/a.pdf"})
	o.settle()
	o.desk.Reader.MoveMark(1, placement.Rect{X: 50, Y: 60, W: 100, H: 40})
	var got signing.Job
	o.desk.Reader.Sign = func(j signing.Job) { got = j }
	o.desk.Reader.Confirm()
	if got.Page != 1 || got.Rect != (placement.Rect{X: 50, Y: 60, W: 100, H: 40}) || got.Path != "/a.pdf" || got.Role != placement.Approval {
		t.Errorf("got %+v", got)
	}
}

func TestInitialsGoAfterTheEndOfTheText(t *testing.T) {
	o := newOffice(t)
	o.desk.OpenFiles([]string{"/a.pdf"})
	o.settle()
	o.desk.Reader.SetRole(placement.Initials)
	s := o.desk.Reader.State()
	if s.Note.Key != "place.found-end-of-text" || s.Mark().Rect.X < 385 {
		t.Errorf("got note %q, mark %+v", s.Note.Key, s.Mark().Rect)
	}
}

func TestAFileThatCannotBeOpenedIsExplained(t *testing.T) {
	o := newOffice(t)
	o.sheets.err = preview.ErrDamaged
	o.desk.OpenFiles([]string{"/a.pdf"})
	o.settle()
	s := o.desk.Reader.State()
	if s.CanSign || s.Problem == nil || s.Loading {
		t.Errorf("got %+v", s)
	}
	o.desk.Reader.Confirm()
	if got := o.desk.Ceremony.State().Phase; got != present.Idle {
		t.Errorf("got phase %q, want nothing to be signed", got)
	}
}

func TestAnEncryptedFileAsksForItsPassword(t *testing.T) {
	o := newOffice(t)
	o.sheets.password = "bí mật"
	o.desk.OpenFiles([]string{"/a.pdf"})
	o.settle()
	s := o.desk.Reader.State()
	if !s.Locked || s.CanSign || s.Problem != nil || s.LockNote.Key != "reader.locked.help" {
		t.Fatalf("got locked %v, can sign %v, problem %v, note %q", s.Locked, s.CanSign, s.Problem, s.LockNote.Key)
	}
	wrong := []byte("khác")
	o.desk.Reader.Unlock(wrong)
	o.settle()
	if s = o.desk.Reader.State(); !s.Locked || s.LockNote.Key != "reader.locked.wrong" {
		t.Fatalf("after a wrong password: got locked %v, note %q", s.Locked, s.LockNote.Key)
	}
	if string(wrong) == "khác" {
		t.Error("the wrong password was not wiped")
	}
	right := []byte("bí mật")
	o.desk.Reader.Unlock(right)
	o.settle()
	if s = o.desk.Reader.State(); s.Locked || !s.CanSign || len(s.Pages) == 0 {
		t.Fatalf("after the right password: got locked %v, can sign %v, %d pages", s.Locked, s.CanSign, len(s.Pages))
	}
	var job signing.Job
	o.desk.Reader.Sign = func(j signing.Job) { job = j }
	o.desk.Reader.Confirm()
	if string(job.Password) != "bí mật" {
		t.Errorf("the job has password %q", job.Password)
	}
	o.desk.Leave()
	if string(right) == "bí mật" {
		t.Error("the password is still there after the document was left")
	}
}

func TestWhatIsKnownOfADocumentIsToldBeforeThePIN(t *testing.T) {
	o := newOffice(t)
	o.road.ahead.Warnings = []signing.Finding{
		{Code: "font-not-embedded", Page: 1}, {Code: "covered-content", Page: 2}, {Code: "javascript"}, {Code: "covered-content", Page: 1}, {Code: "covered-content", Page: 2},
	}
	o.desk.OpenFiles([]string{"/a.pdf"})
	o.settle()
	s := o.desk.Reader.State()
	if !s.CanSign || s.Refusal != nil || len(s.Warnings) != 3 {
		t.Fatalf("got can sign %v, refusal %v, %d warnings", s.CanSign, s.Refusal, len(s.Warnings))
	}
	if w := s.Warnings[0]; w.Code != "warning-covered-content" || !slices.Equal(w.Pages, []int{1, 2}) {
		t.Errorf("got %q on pages %v", w.Code, w.Pages)
	}
}

func TestARefusedDocumentIsNotSigned(t *testing.T) {
	o := newOffice(t)
	o.road.ahead.Refusal = &signer.RefusalError{Code: "certified-no-changes"}
	o.desk.OpenFiles([]string{"/a.pdf"})
	o.settle()
	s := o.desk.Reader.State()
	if s.CanSign || s.Refusal == nil || s.Refusal.Code != "refused-certified-no-changes" || s.Mark().Page != 0 {
		t.Errorf("got can sign %v, refusal %v, mark on page %d", s.CanSign, s.Refusal, s.Mark().Page)
	}
	o.desk.Reader.SetRole(placement.Initials)
	o.desk.Reader.Confirm()
	if got := o.desk.Ceremony.State().Phase; got != present.Idle {
		t.Errorf("got phase %q, want no PIN to be asked", got)
	}
}

func TestADocumentLeftIsClosedAndItsLatePicturesAreDropped(t *testing.T) {
	o := newOffice(t)
	drawn := 0
	o.desk.Reader.Picture = func(present.Piece, image.Image) { drawn++ }
	o.desk.OpenFiles([]string{"/a.pdf"})
	o.settle()
	o.desk.Reader.Want([]present.Piece{present.WholePage(1, o.desk.Reader.State().Pages[0], 1)})
	o.desk.Leave()
	o.settle()
	if drawn != 0 || o.sheets.sheet.closed != 1 {
		t.Errorf("got %d pictures, closed %d times", drawn, o.sheets.sheet.closed)
	}
}

func TestZoomKeepsItsBounds(t *testing.T) {
	o := newOffice(t)
	o.desk.OpenFiles([]string{"/a.pdf"})
	o.settle()
	r := o.desk.Reader
	r.Zoom(100)
	if got := r.State().Zoom; got != 8 {
		t.Errorf("got %v, want 8", got)
	}
	r.Zoom(-100)
	if got := r.State().Zoom; got != 0.4 {
		t.Errorf("got %v, want 0.4", got)
	}
	r.FitWidth(1190)
	if got := r.State().Zoom; got != 2 {
		t.Errorf("got %v, want 2", got)
	}
}

func TestTheBoardSaysOneSentence(t *testing.T) {
	cases := map[string]struct {
		figure     signrate.Figure
		said, next string
		count      any
	}{
		"on the way":     {signrate.Figure{Required: 170, Fulfilled: 160, Band: signrate.Normal}, "board.sentence", "board.next", 9},
		"praised":        {signrate.Figure{Required: 100, Fulfilled: 100, Band: signrate.Praised}, "board.sentence", "board.next.praised", nil},
		"warned":         {signrate.Figure{Required: 100, Fulfilled: 10, Band: signrate.Warned}, "board.sentence", "board.next.warned", 10},
		"nothing is due": {signrate.Figure{Band: signrate.None}, "board.sentence.none", "", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.system.figure = c.figure
			o.desk.Go(present.PlaceBoard)
			o.settle()
			s := o.desk.Board.State()
			if s.Sentence.Key != c.said || s.Next.Key != c.next || s.Next.Args["Count"] != c.count {
				t.Errorf("got %+v, %+v", s.Sentence, s.Next)
			}
			if s.Year != "2026" {
				t.Errorf("got year %q", s.Year)
			}
		})
	}
}

func TestADocumentWithoutAFileCannotBeSignedFromTheBoard(t *testing.T) {
	o := newOffice(t)
	o.system.waiting[0].Version = ""
	o.desk.Go(present.PlaceBoard)
	o.settle()
	if got := o.desk.Board.State().Unsigned[0].WhyNot.Key; got != "queue.nofile" {
		t.Errorf("got %q", got)
	}
	o.desk.Board.Sign(0)
	if got := o.desk.State().Place; got != present.PlaceBoard {
		t.Errorf("got place %q, want the board still", got)
	}
}

func TestTheSentListTellsWhatStandsInTheWay(t *testing.T) {
	o := newOffice(t)
	o.outbox.list = []present.Delivery{
		{ID: "1", Title: "a", State: present.Confirmed, SHA256: "0123456789abcdef", At: time.Date(2026, 11, 23, 18, 30, 0, 0, time.UTC)},
		{ID: "2", Title: "b", State: present.Waiting, Err: docsys.ErrOffline},
	}
	o.desk.Go(present.PlaceSent)
	o.settle()
	s := o.desk.Sent.State()
	if s.Rows[0].At != "24/11/2026 01:30" || s.Rows[0].Proof != "0123456789abcdef" {
		t.Errorf("got %+v", s.Rows[0])
	}
	if s.Rows[1].Why == "" || !s.CanRetry || o.desk.State().UnderWay != 1 {
		t.Errorf("got %+v, retry %v, under way %d", s.Rows[1], s.CanRetry, o.desk.State().UnderWay)
	}
}

func TestALocalFileThatWaitsOnTheServerIsThatDocument(t *testing.T) {
	o := newOffice(t)
	o.desk.Queue.Refresh()
	o.settle()
	o.desk.OpenFiles([]string{"/home/d1.pdf"})
	o.settle()
	s := o.desk.Reader.State()
	if s.Title != "V/v phòng cháy" || s.Reference != "248/UBND-VP" || s.CanChooseRole {
		t.Errorf("shown as a local file: %+v", s)
	}
	var job signing.Job
	o.desk.Reader.Sign = func(j signing.Job) { job = j }
	o.desk.Reader.Confirm()
	if job.Document == nil || job.Document.ID != "d1" || job.Path != "/home/d1.pdf" {
		t.Errorf("job: %+v", job)
	}
}

func TestAnotherLocalFileStaysLocal(t *testing.T) {
	o := newOffice(t)
	o.desk.Queue.Refresh()
	o.settle()
	o.desk.OpenFiles([]string{"/home/other.pdf"})
	o.settle()
	if s := o.desk.Reader.State(); s.Title != "other.pdf" || !s.CanChooseRole {
		t.Errorf("got %+v", s)
	}
}
