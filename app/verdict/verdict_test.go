package verdict_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kyso/app/verdict"
	"kyso/signer/verify"
)

func report() verify.Report {
	signed := time.Date(2026, 11, 24, 7, 5, 9, 0, time.UTC)
	person := verify.Certificate{
		Holder: "Trần Thị Bình", Title: "Phó Chủ tịch", Unit: "UBND phường Văn Miếu – Quốc Tử Giám", Issuer: "CA Chính phủ",
		NotBefore: signed.AddDate(-1, 0, 0), NotAfter: signed.AddDate(4, 0, 0),
	}
	good := verify.Signature{
		Field: "KySo1", Page: 1, Signer: person, ClaimedTime: signed, ProvenTime: signed.Add(time.Minute), TimeSource: "timestamp",
		Integrity: verify.Intact, Coverage: verify.CoversRevision, Revocation: "good", Level: "B-LT", Indication: verify.TotalPassed,
		Changes: []verify.Change{
			{Kind: "signature-added", Role: verify.RoleNumber, Allowed: true, Page: 1, Rect: [4]float64{72, 700, 144, 20}},
			{Kind: "signature-added", Role: verify.RoleSeal, Allowed: true, Page: 2},
		},
		Warnings: []verify.Warning{{Code: verify.SignatureOverContent, Page: 2, Rect: [4]float64{72, 72, 100, 100}, Before: "100.000 đồng"}},
	}
	bad := good
	bad.Field, bad.Indication, bad.SubIndication, bad.ProvenTime = "KySo2", verify.TotalFailed, verify.HashFailure, time.Time{}
	bad.Changes = []verify.Change{{Kind: "content-changed", Page: 1, Before: "Số tiền: 100.000 đồng", After: "Số tiền: 900.000 đồng"}}
	bad.Warnings = nil
	return verify.Report{
		Indication: verify.TotalFailed, SubIndication: verify.HashFailure, Policy: string(verify.Basic), At: signed.Add(time.Hour),
		Signatures: []verify.Signature{good, bad},
	}
}

func TestTheReportHasTheSevenItemsInBothLanguages(t *testing.T) {
	s := verdict.New("Kế hoạch.pdf", bytes.Repeat([]byte{0xab}, 32), report())
	for language, want := range map[verdict.Language][]string{
		verdict.Vietnamese: {
			"Kế hoạch.pdf", "không hợp lệ (TOTAL-FAILED)", "abababab", "kyso-basic-2", "1. KySo1 (trang 1)",
			"1. Cơ quan cấp chứng thư số: CA Chính phủ", "2. Người ký: Trần Thị Bình, Phó Chủ tịch",
			"3. Đơn vị quản lý chứng thư số: UBND phường Văn Miếu – Quốc Tử Giám", "4. Thời điểm ký: 24/11/2026 14:06:09 +07:00 (theo dấu thời gian)",
			"5. Tính toàn vẹn: nguyên vẹn; sau đó chỉ có các cập nhật được phép", "6. Hiệu lực chứng thư số khi ký: có hiệu lực, không bị thu hồi",
			"7. Thời hạn của chứng thư số: 24/11/2025", "PAdES B-LT", "ghi số, ký hiệu văn bản (chữ ký của cơ quan) – được phép; trang 1, cách mép trái 25 mm",
			"đóng dấu của cơ quan – được phép", "nằm đè lên nội dung đã ký; trang 2", "trước: “100.000 đồng”",
			"✗ không hợp lệ: nội dung đã bị thay đổi sau khi ký", "theo máy của người ký, không có dấu thời gian",
			"sửa nội dung – KHÔNG được phép; trang 1; trước: “Số tiền: 100.000 đồng”, sau: “Số tiền: 900.000 đồng”",
		},
		verdict.English: {
			"not valid (TOTAL-FAILED)", "1. Issuer of the certificate: CA Chính phủ", "2. Signer: Trần Thị Bình", "3. Unit that manages the certificate: UBND",
			"4. Signing time: 24/11/2026 14:06:09 +07:00 (by a time-stamp)", "5. Integrity: intact; only permitted updates came later",
			"6. Validity when signing: valid, not revoked", "7. Period of the certificate: 24/11/2025", "seal of the agency – permitted",
			"content changed – NOT permitted; page 1",
		},
	} {
		text := s.Text(language)
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: no %q in\n%s", language, w, text)
			}
		}
	}
}

func TestTheJSONCanBeReadBack(t *testing.T) {
	s := verdict.New("a.pdf", nil, report())
	var out bytes.Buffer
	if err := s.JSON(&out); err != nil {
		t.Fatal(err)
	}
	var again verdict.Sheet
	if err := json.Unmarshal(out.Bytes(), &again); err != nil {
		t.Fatal(err)
	}
	if got, want := again.Text(verdict.Vietnamese), s.Text(verdict.Vietnamese); got != want {
		t.Errorf("another text after reading back:\n%s\nwant\n%s", got, want)
	}
	for _, key := range []string{`"issuer"`, `"signer"`, `"managing_unit"`, `"signing_time"`, `"integrity"`, `"validity_at_signing"`, `"certificate_period"`} {
		if strings.Count(out.String(), key) < 2 {
			t.Errorf("%s is not there for both signatures", key)
		}
	}
}

func TestThePaperSaysWhatTheTextSays(t *testing.T) {
	s := verdict.New(strings.Repeat("tên rất dài ", 20)+".pdf", bytes.Repeat([]byte{0xcd}, 32), report())
	for _, language := range []verdict.Language{verdict.Vietnamese, verdict.English} {
		var once, twice bytes.Buffer
		if err := s.PDF(&once, language); err != nil {
			t.Fatal(err)
		}
		if err := s.PDF(&twice, language); err != nil || !bytes.Equal(once.Bytes(), twice.Bytes()) {
			t.Errorf("%s: %v, or two prints differ", language, err)
		}
		path := filepath.Join(t.TempDir(), "report.pdf")
		if err := os.WriteFile(path, once.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), "qpdf", "--check", path).CombinedOutput(); err != nil {
			t.Errorf("qpdf: %v\n%s", err, out)
		}
		out, err := exec.CommandContext(t.Context(), "pdftotext", "-raw", path, "-").Output()
		if err != nil {
			t.Fatal(err)
		}
		words := strings.Join(strings.Fields(string(out)), "")
		for _, want := range []string{"Trần Thị Bình", "UBND phường Văn Miếu – Quốc Tử Giám", "24/11/2026 14:06:09", "PAdES B-LT", "100.000 đồng", "TOTAL-FAILED"} {
			if !strings.Contains(words, strings.Join(strings.Fields(want), "")) {
				t.Errorf("%s: no %q on paper:\n%s", language, want, out)
			}
		}
	}
}

func TestAFileWithoutSignatureOrWithTracesOfOneIsExplained(t *testing.T) {
	none := verdict.New("a.pdf", nil, verify.Report{Indication: verify.Indeterminate, SubIndication: verify.FormatFailure})
	if text := none.Text(verdict.Vietnamese); !strings.Contains(text, "không có chữ ký số") || !strings.Contains(text, "chưa đủ căn cứ") {
		t.Error(text)
	}
	damaged := verdict.New("a.pdf", nil, verify.Report{Indication: verify.TotalFailed, SubIndication: verify.FormatFailure})
	if text := damaged.Text(verdict.English); !strings.Contains(text, "traces of a digital signature") || !strings.Contains(text, "not valid") {
		t.Error(text)
	}
}
