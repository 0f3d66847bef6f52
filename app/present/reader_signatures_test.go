package present_test

import (
	"context"
	"errors"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kyso/app/placement"
	"kyso/app/present"
	"kyso/app/verdict"
	"kyso/signer/verify"
)

// examiner answers with what the file alone says, and with what CAs add.
type examiner struct {
	offline, online verify.Report
	err             error
	asked           int
}

func (e *examiner) Examine(_ context.Context, _ string, _ []byte, ask bool) (verify.Report, error) {
	if ask {
		e.asked++
		return e.online, e.err
	}
	return e.offline, e.err
}

// examined opens a file whose signatures an examiner judges.
func examined(t *testing.T, e *examiner) *office {
	t.Helper()
	o := newOffice(t)
	o.services.Examiner = e
	o.services.Verdicts = func() verdict.Language { return verdict.Vietnamese }
	o.desk.OpenFiles([]string{"/a.pdf"})
	o.settle()
	return o
}

// good is a valid signature on two pages.
func good() verify.Signature {
	return verify.Signature{
		Field: "KySo1", Page: 1, Rect: [4]float64{10, 20, 30, 40}, ClaimedTime: now(), Reason: "Ký phê duyệt",
		Places:    []verify.MarkPlace{{Page: 1, Rect: [4]float64{10, 20, 30, 40}}, {Page: 2, Rect: [4]float64{1, 2, 3, 4}}},
		Integrity: verify.Intact, Coverage: verify.CoversRevision, Revocation: "good", Level: "B-LT", Indication: verify.TotalPassed,
		Signer: verify.Certificate{Holder: "Trần Minh Khôi", Title: "Chủ tịch", Unit: "UBND phường Kim Liên", Issuer: "CA Chính phủ"},
	}
}

func TestTheSignaturesOfADocumentAreToldInWords(t *testing.T) {
	s := good()
	s.Changes = []verify.Change{
		{Kind: "signature-added", Role: verify.RoleNumber, Allowed: true, Page: 1, Rect: [4]float64{72, 700, 144, 20}},
		{Kind: "signature-added", Role: verify.RoleDate, Allowed: true, Page: 1},
		{Kind: "signature-added", Role: verify.RoleInitials, Allowed: true, Page: 2},
		{Kind: "signature-added", Role: verify.RoleInitials, Allowed: true, Page: 3},
		{Kind: "metadata-changed", Allowed: true},
	}
	o := examined(t, &examiner{offline: verify.Report{Signatures: []verify.Signature{s}}})
	got := o.desk.Reader.State().Signatures
	want := present.Signatures{
		Summary: present.Text{Key: "signatures.good", Args: map[string]any{"Count": 1}}, Tone: present.Good, Chosen: -1,
		List: []present.Signed{{
			Name: "Trần Minh Khôi", Post: "Chủ tịch · UBND phường Kim Liên", At: "24/11/2026 08:00",
			Source: "theo máy của người ký, không có dấu thời gian", Word: "hợp lệ", Tone: present.Good, Issuer: "CA Chính phủ",
			Purpose: "Ký phê duyệt", Level: "B-LT", Bytes: "Nguyên vẹn; sau đó chỉ có các cập nhật được phép",
			After: []present.Since{
				{What: []string{"Thông tin mô tả tệp – được phép"}, Permitted: true},
				{Pages: "1", What: []string{"Ghi số, ký hiệu văn bản (chữ ký của cơ quan) – được phép", "Ghi ngày tháng văn bản (chữ ký của cơ quan) – được phép"}, Permitted: true},
				{Pages: "2, 3", What: []string{"Ký nháy bổ sung – được phép"}, Permitted: true},
			},
			Places: []present.Spot{{Page: 1, Rect: placement.Rect{X: 10, Y: 20, W: 30, H: 40}}, {Page: 2, Rect: placement.Rect{X: 1, Y: 2, W: 3, H: 4}}},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the signatures differ (-want +got):\n%s", diff)
	}
}

func TestTheWorstSignatureDecidesTheSummary(t *testing.T) {
	bad, doubtful, warned := good(), good(), good()
	bad.Indication, bad.SubIndication, bad.Integrity = verify.TotalFailed, verify.HashFailure, verify.Altered
	bad.Changes = []verify.Change{
		{Kind: "signature-added", Role: verify.RoleDate, Allowed: true, Page: 2},
		{Kind: "content-changed", Page: 2, Before: "100", After: "900"},
	}
	doubtful.Indication, doubtful.SubIndication = verify.Indeterminate, verify.NoCertificateChain
	warned.Warnings = []verify.Warning{{Code: verify.SignatureOverContent, Page: 2}}
	cases := map[string]struct {
		list []verify.Signature
		key  string
		tone present.Tone
	}{
		"none is calm":                            {nil, "signatures.none", present.Plain},
		"a bad one among good ones is told":       {[]verify.Signature{good(), bad, doubtful}, "signatures.bad", present.Bad},
		"without a trusted root nothing is green": {[]verify.Signature{good(), doubtful}, "signatures.doubtful", present.Caution},
		"a warning is not green":                  {[]verify.Signature{warned}, "signatures.doubtful", present.Caution},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := examined(t, &examiner{offline: verify.Report{Signatures: c.list}})
			got := o.desk.Reader.State().Signatures
			if got.Summary.Key != c.key || got.Tone != c.tone || len(got.List) != len(c.list) {
				t.Errorf("got %q in %q, %d signatures", got.Summary.Key, got.Tone, len(got.List))
			}
		})
	}
	o := examined(t, &examiner{offline: verify.Report{Signatures: []verify.Signature{bad}}})
	got := o.desk.Reader.State().Signatures.List[0]
	if want := (present.Since{Pages: "2", What: []string{"Sửa nội dung – KHÔNG được phép; trước: “100”, sau: “900”", "Ghi ngày tháng văn bản (chữ ký của cơ quan) – được phép"}}); !cmp.Equal(got.After, []present.Since{want}) {
		t.Errorf("got %+v, want %+v", got.After, want)
	}
	if got.Reason != "Nội dung đã bị thay đổi sau khi ký" {
		t.Errorf("got reason %q", got.Reason)
	}
}

func TestTheCAIsAskedOnlyWhereTheFileLeavesItOpen(t *testing.T) {
	open := good()
	open.Indication, open.SubIndication = verify.Indeterminate, verify.TryLater
	e := &examiner{offline: verify.Report{Signatures: []verify.Signature{open}}, online: verify.Report{Signatures: []verify.Signature{good()}}}
	o := examined(t, e)
	if got := o.desk.Reader.State().Signatures; e.asked != 1 || got.Asking || got.Tone != present.Good {
		t.Errorf("asked %d times, still asking %v, tone %q", e.asked, got.Asking, got.Tone)
	}
	e = &examiner{offline: verify.Report{Signatures: []verify.Signature{good()}}}
	examined(t, e)
	if e.asked != 0 {
		t.Error("a CA was asked although the file proves everything")
	}
}

func TestSignaturesThatCannotBeJudgedAreNotCalledGood(t *testing.T) {
	o := examined(t, &examiner{err: fs.ErrPermission})
	got := o.desk.Reader.State().Signatures
	if got.Problem == nil || got.Looking || got.Tone != present.Caution || got.Summary.Key != "signatures.unknown" {
		t.Errorf("got %+v", got)
	}
	if !o.desk.Reader.State().CanSign {
		t.Error("the document cannot be signed any more")
	}
}

func TestAnAnswerForAnotherDocumentIsDropped(t *testing.T) {
	e := &examiner{offline: verify.Report{Signatures: []verify.Signature{good()}}}
	o := examined(t, e)
	o.desk.OpenFiles([]string{"/b.pdf"})
	if got := o.desk.Reader.State().Signatures; len(got.List) != 0 || got.Summary.Key != "" {
		t.Errorf("the new document shows %+v", got)
	}
	e.err = errors.New("gone")
	o.settle()
	if got := o.desk.Reader.State().Signatures; len(got.List) != 0 {
		t.Errorf("the new document shows %+v", got)
	}
}

func TestASignatureIsChosenAndLetGo(t *testing.T) {
	o := examined(t, &examiner{offline: verify.Report{Signatures: []verify.Signature{good(), good()}}})
	r := o.desk.Reader
	before := r.State()
	if at := r.Choose(1); at.Page != 1 || at.Rect.X != 10 {
		t.Errorf("got place %+v", at)
	}
	if s := r.State().Signatures; s.Chosen != 1 || !s.List[1].Open || s.List[0].Open {
		t.Errorf("got chosen %d", s.Chosen)
	}
	if before.Signatures.List[1].Open {
		t.Error("a state that was handed out has changed")
	}
	if at := r.Choose(1); at.Page != 0 || r.State().Signatures.Chosen != -1 || r.State().Signatures.List[1].Open {
		t.Errorf("got place %+v, chosen %d", at, r.State().Signatures.Chosen)
	}
	r.Choose(7)
	r.Choose(-1)
}

func TestRangesReadAsPeopleWriteThem(t *testing.T) {
	for want, pages := range map[string][]int{"": nil, "2": {2}, "1, 2": {1, 2}, "1–4, 7": {1, 2, 3, 4, 7}, "1, 3, 5–7": {1, 3, 5, 6, 7}} {
		if got := present.Ranges(pages); got != want {
			t.Errorf("%v: got %q, want %q", pages, got, want)
		}
	}
}
