// Package verdict makes the report on a verification that people keep and
// print: the seven items of TT 15/2025/TT-BKHCN, Đ6.4 for every signature, what
// came after it, what needs a look, and the word that follows from the policy.
// It exists as JSON, as text and as a PDF for paper, in Vietnamese and English.
//
// It judges nothing: all it says is in the verify.Report that it is made from.
package verdict

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"kyso/signer/verify"
)

// Language chooses the words.
type Language string

// The languages.
const (
	Vietnamese Language = "vi"
	English    Language = "en"
)

// Sheet is the report on one file.
type Sheet struct {
	// File is the name of the file, without its folder.
	File string `json:"file"`
	// SHA256 is the hash of the file that was judged, in hexadecimal.
	SHA256 string `json:"sha256,omitempty"`
	// Word is the plain word for the file; Words are the same in both languages.
	Word          string               `json:"word"`
	Indication    verify.Indication    `json:"indication"`
	SubIndication verify.SubIndication `json:"sub_indication,omitempty"`
	Policy        string               `json:"policy"`
	At            time.Time            `json:"at"`
	Signatures    []Signature          `json:"signatures"`
}

// Signature is the report on one signature: the seven items of TT
// 15/2025/TT-BKHCN, Đ6.4 and what else is to be known.
type Signature struct {
	Field string `json:"field"`
	Word  string `json:"word"`

	Issuer       string      `json:"issuer"`                  // 1. who issued the certificate
	Signer       string      `json:"signer"`                  // 2. who signed
	ManagingUnit string      `json:"managing_unit,omitempty"` // 3. the unit that manages the certificate
	SigningTime  SigningTime `json:"signing_time"`            // 4. when, and how that is known
	Integrity    Integrity   `json:"integrity"`               // 5. whether the document is as it was signed
	Validity     Validity    `json:"validity_at_signing"`     // 6. whether the certificate was valid then
	Period       Period      `json:"certificate_period"`      // 7. from when to when it is valid

	// Judged is the whole verdict that the items are taken from.
	Judged verify.Signature `json:"judged"`
}

// SigningTime is the fourth item.
type SigningTime struct {
	At time.Time `json:"at,omitzero"`
	// Source is "timestamp" where a time-stamp proves it, "claimed" where the signer says it.
	Source string `json:"source"`
}

// Integrity is the fifth item.
type Integrity struct {
	// Intact: the signed bytes are whole, they are the whole file or a whole earlier
	// state of it, and nothing came later that the signature does not permit.
	Intact   bool             `json:"intact"`
	Bytes    verify.Integrity `json:"bytes"`
	Coverage verify.Coverage  `json:"coverage"`
	Modified bool             `json:"modified"`
	// Unfinished: not all that came later could be compared.
	Unfinished bool `json:"unfinished,omitempty"`
}

// Validity is the sixth item.
type Validity struct {
	Indication verify.Indication `json:"indication"`
	Revocation string            `json:"revocation"`
}

// Period is the seventh item.
type Period struct {
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
}

// New makes the report of a file. hash may be nil where nobody took it.
func New(file string, hash []byte, r verify.Report) Sheet {
	s := Sheet{
		File: file, SHA256: hex.EncodeToString(hash), Word: r.Indication.Word(), Indication: r.Indication,
		SubIndication: r.SubIndication, Policy: r.Policy, At: r.At, Signatures: []Signature{},
	}
	for _, judged := range r.Signatures {
		s.Signatures = append(s.Signatures, signature(judged))
	}
	return s
}

func signature(s verify.Signature) Signature {
	out := Signature{
		Field: s.Field, Word: s.Indication.Word(), Issuer: s.Signer.Issuer, Signer: s.Signer.Holder, ManagingUnit: s.Signer.Unit,
		SigningTime: SigningTime{At: s.ClaimedTime, Source: "claimed"},
		Integrity: Integrity{
			Intact: s.Sound(), Bytes: s.Integrity, Coverage: s.Coverage, Modified: s.Modified(), Unfinished: !s.Compared(),
		},
		Validity: Validity{Indication: validity(s), Revocation: s.Revocation},
		Period:   Period{From: s.Signer.NotBefore, To: s.Signer.NotAfter},
		Judged:   s,
	}
	if !s.ProvenTime.IsZero() {
		out.SigningTime = SigningTime{At: s.ProvenTime, Source: "timestamp"}
	} else if out.SigningTime.At.IsZero() {
		out.SigningTime.At = s.SigningTime
	}
	return out
}

// validity is the verdict on the certificate alone: what made the signature fail
// for the document's sake says nothing of it.
func validity(s verify.Signature) verify.Indication {
	switch s.SubIndication {
	case verify.FormatFailure, verify.HashFailure, verify.SigCryptoFailure, verify.SignatureConstraints, verify.NoSigningCertificate:
		return verify.Indeterminate // judging ended before it came to the certificate
	default:
		return s.Indication
	}
}

// Row is one line of the report: what it is about, and what there is to say.
type Row struct {
	Label, Value string
	// Bad marks what is wrong, Doubtful what needs a look.
	Bad, Doubtful bool
}

// Head is the lines about the file.
func (s Sheet) Head(l Language) []Row {
	rows := []Row{
		{Label: l.of("Tệp", "File"), Value: s.File},
		{Label: l.of("Kết luận", "Conclusion"), Value: l.word(s.Indication) + " (" + string(s.Indication) + ")", Bad: s.Indication == verify.TotalFailed, Doubtful: s.Indication == verify.Indeterminate},
	}
	if s.SubIndication != "" && len(s.Signatures) == 0 {
		rows = append(rows, Row{Label: l.of("Lý do", "Reason"), Value: l.fileReason(s)})
	}
	if s.SHA256 != "" {
		rows = append(rows, Row{Label: "SHA-256", Value: s.SHA256})
	}
	return append(rows,
		Row{Label: l.of("Thời điểm kiểm tra", "Judged at"), Value: l.clock(s.At)},
		Row{Label: l.of("Quy tắc áp dụng", "Policy"), Value: s.Policy},
	)
}

func (l Language) fileReason(s Sheet) string {
	if s.Indication == verify.TotalFailed {
		return l.of("Tệp có dấu vết chữ ký số nhưng bị hỏng hoặc bị sửa, không đọc được một cách chắc chắn.",
			"The file has traces of a digital signature but is damaged or was changed, so that it cannot be read with certainty.")
	}
	return l.of("Tệp không có chữ ký số.", "The file has no digital signature.")
}

// Rows is the lines about one signature, the seven items first.
func (s Signature) Rows(l Language) []Row {
	j := s.Judged
	dash := func(v string) string { return cmp.Or(v, "—") }
	rows := []Row{
		{Label: l.of("Kết quả", "Result"), Value: l.result(j), Bad: j.Indication == verify.TotalFailed, Doubtful: j.Indication == verify.Indeterminate},
		{Label: l.of("1. Cơ quan cấp chứng thư số", "1. Issuer of the certificate"), Value: dash(s.Issuer)},
		{Label: l.of("2. Người ký", "2. Signer"), Value: dash(join(s.Signer, j.Signer.Title))},
		{Label: l.of("3. Đơn vị quản lý chứng thư số", "3. Unit that manages the certificate"), Value: dash(s.ManagingUnit)},
		{Label: l.of("4. Thời điểm ký", "4. Signing time"), Value: l.clock(s.SigningTime.At) + " (" + l.source(s.SigningTime.Source) + ")"},
		{Label: l.of("5. Tính toàn vẹn", "5. Integrity"), Value: l.integrity(s.Integrity, len(j.Malformed) > 0), Bad: !s.Integrity.Intact},
		{
			Label: l.of("6. Hiệu lực chứng thư số khi ký", "6. Validity when signing"), Value: l.validity(s.Validity),
			Bad: s.Validity.Indication == verify.TotalFailed || s.Validity.Revocation == "revoked", Doubtful: s.Validity.Indication == verify.Indeterminate,
		},
		{Label: l.of("7. Thời hạn của chứng thư số", "7. Period of the certificate"), Value: l.clock(s.Period.From) + " – " + l.clock(s.Period.To)},
	}
	switch {
	case j.Level != "":
		rows = append(rows, Row{Label: l.of("Mức chữ ký", "Level"), Value: "PAdES " + j.Level})
	case j.SubFilter != "ETSI.RFC3161":
		rows = append(rows, Row{Label: l.of("Mức chữ ký", "Level"), Value: l.of("không đạt mức PAdES nào", "no level of PAdES")})
	}
	for _, c := range pageByPage(j.Changes) {
		rows = append(rows, Row{Label: l.of("Thay đổi sau khi ký", "Changed since") + l.ofPage(c.Page), Value: l.change(c), Bad: !c.Allowed})
	}
	for _, w := range j.Warnings {
		rows = append(rows, Row{Label: l.of("Cần xem lại", "Needs a look"), Value: l.warning(w), Doubtful: true})
	}
	return rows
}

// pageByPage are changes in the order of the pages, then those of no page.
func pageByPage(changes []verify.Change) []verify.Change {
	sorted := slices.Clone(changes)
	slices.SortStableFunc(sorted, func(a, b verify.Change) int {
		return cmp.Or(cmp.Compare(min(b.Page, 1), min(a.Page, 1)), cmp.Compare(a.Page, b.Page))
	})
	return sorted
}

func (l Language) ofPage(page int) string {
	if page == 0 {
		return ""
	}
	return fmt.Sprintf(l.of(", trang %d", ", page %d"), page)
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ", " + b
}

// Title is the heading of the report.
func (s Sheet) Title(l Language) string {
	return l.of("KẾT QUẢ KIỂM TRA CHỮ KÝ SỐ", "RESULT OF THE VERIFICATION OF DIGITAL SIGNATURES")
}

// heading is that of one signature.
func (s Signature) heading(l Language, i int) string {
	name := fmt.Sprintf("%d. %s", i+1, cmp.Or(s.Field, l.of("chữ ký", "signature")))
	if s.Judged.Page > 0 {
		name += fmt.Sprintf(" (%s %d)", l.of("trang", "page"), s.Judged.Page)
	}
	return name
}
