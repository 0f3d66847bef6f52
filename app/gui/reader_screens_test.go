package gui_test

import (
	"time"

	"fyne.io/fyne/v2"

	"kyso/app/placement"
	"kyso/app/present"
	"kyso/signer/verify"
)

// readerScenarios are the states of an open document that has signatures, is
// searched, or gets several marks.
func readerScenarios() []scenario {
	open := func(o *office) { o.press(fyne.KeyReturn) }
	signed := func(change func(*verify.Report)) func(*office) {
		return func(o *office) {
			o.report = earlier()
			change(&o.report)
		}
	}
	choose := func(i int) func(*office) {
		return func(o *office) { open(o); o.desk.Reader.Choose(i); o.settle() }
	}
	search := func(text string) func(*office) {
		return func(o *office) {
			open(o)
			o.window.Control(fyne.KeyF)
			for _, r := range text {
				o.window.Canvas().Focused().TypedRune(r)
			}
			o.settle()
		}
	}
	// The second letter has two pages.
	initials := func(on present.InitialsOn, pages string) func(*office) {
		return func(o *office) {
			o.desk.Queue.OpenRow(1)
			o.settle()
			o.desk.Reader.SetInitials(on, pages)
			o.settle()
		}
	}
	clerk := func(change func(*office)) func(*office) {
		return func(o *office) {
			o.clerk = true
			if change != nil {
				change(o)
			}
		}
	}
	agency := func(role placement.Role, more func(*office)) func(*office) {
		return func(o *office) {
			o.desk.OpenFiles([]string{o.paths[o.waiting[0].ID]})
			o.settle()
			o.desk.Reader.SetRole(role)
			o.settle()
			if more != nil {
				more(o)
				o.settle()
			}
		}
	}
	return []scenario{
		{"reader-seal", clerk(nil), agency(placement.Seal, nil)},
		{"reader-seal-unsigned", clerk(func(o *office) { o.unsigned = true }), agency(placement.Seal, nil)},
		{"reader-appendix-empty", clerk(nil), agency(placement.Appendix, nil)},
		{"reader-appendix", clerk(nil), agency(placement.Appendix, func(o *office) { o.desk.Reader.SetBlock("", "248/UBND-VP", "") })},
		{"reader-copy", clerk(nil), agency(placement.Copy, nil)},
		{"reader-signed", signed(func(*verify.Report) {}), choose(0)},
		{"reader-signed-doubtful", signed(func(r *verify.Report) {
			r.Signatures[0].Indication, r.Signatures[0].SubIndication = verify.Indeterminate, verify.NoCertificateChain
			r.Signatures[1].Warnings = []verify.Warning{{Code: verify.SignatureOverContent, Page: 1, Before: "Nơi nhận"}}
		}), open},
		{"reader-signed-bad", signed(func(r *verify.Report) {
			s := &r.Signatures[0]
			s.Indication, s.SubIndication, s.Integrity = verify.TotalFailed, verify.HashFailure, verify.Altered
			s.Changes = append(s.Changes, verify.Change{Kind: "content-changed", Page: 1, Before: "100.000 đồng", After: "900.000 đồng"})
		}), choose(0)},
		{"reader-search", nil, search("uy ban")},
		{"reader-search-none", nil, search("không có trong thư")},
		{"reader-initials", nil, initials(present.InitialsAll, "")},
		{"reader-initials-wrong", nil, initials(present.InitialsPages, "1-99")},
		{"reader-goto", nil, func(o *office) { open(o); o.window.Control(fyne.KeyG) }},
	}
}

// earlier is a letter with initials, an approval and the agency's number.
func earlier() verify.Report {
	one := func(name, title, reason string, rect [4]float64, after ...verify.Change) verify.Signature {
		return verify.Signature{
			Field: "KySo1", Page: 1, Rect: rect, ClaimedTime: now().Add(-time.Hour), ProvenTime: now().Add(-time.Hour), Reason: reason,
			Integrity: verify.Intact, Coverage: verify.CoversRevision, Changes: after, Revocation: "good", Level: "B-LT", Indication: verify.TotalPassed,
			Signer: verify.Certificate{Holder: name, Title: title, Unit: "Ủy ban nhân dân phường Kim Liên", Issuer: "Tổ chức cung cấp dịch vụ chứng thực chữ ký số chuyên dùng Chính phủ"},
		}
	}
	number := verify.Change{Kind: "signature-added", Role: verify.RoleNumber, Allowed: true, Page: 1}
	date := verify.Change{Kind: "signature-added", Role: verify.RoleDate, Allowed: true, Page: 1}
	return verify.Report{Indication: verify.TotalPassed, At: now(), Signatures: []verify.Signature{
		one("Phạm Quốc Bảo", "Chánh Văn phòng", "Ký nháy", [4]float64{450, 380, 45, 25},
			verify.Change{Kind: "signature-added", Role: verify.RolePerson, Allowed: true, Page: 1}, number, date),
		one("Nguyễn Thị Hoàng Ngọc Phương Thảo Anh", "Phó Chủ tịch Thường trực", "Ký phê duyệt", [4]float64{370, 250, 140, 58}, number, date),
	}}
}
