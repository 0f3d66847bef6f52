package verdict

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"kyso/app/docsys"
	"kyso/signer/verify"
)

// of is the text in the language.
func (l Language) of(vietnamese, english string) string {
	if l == English {
		return english
	}
	return vietnamese
}

func (l Language) word(i verify.Indication) string {
	switch i {
	case verify.TotalPassed:
		return l.of(i.Word(), "valid")
	case verify.TotalFailed:
		return l.of(i.Word(), "not valid")
	case verify.Indeterminate:
	}
	return l.of(verify.Indeterminate.Word(), "not enough evidence")
}

// result is the word with the reason.
func (l Language) result(s verify.Signature) string {
	out := l.word(s.Indication)
	if reason := l.reason(s.SubIndication); reason != "" {
		out += ": " + reason
	}
	return out
}

// reason says in plain words why, for a sub-indication of EN 319 102-1.
func (l Language) reason(s verify.SubIndication) string {
	texts := map[verify.SubIndication][2]string{
		verify.FormatFailure:          {"cấu trúc chữ ký hoặc tệp sai quy cách", "the structure of the signature or of the file is wrong"},
		verify.HashFailure:            {"nội dung đã bị thay đổi sau khi ký", "the content was changed after signing"},
		verify.SigCryptoFailure:       {"giá trị chữ ký sai", "the signature value is wrong"},
		verify.CryptoConstraints:      {"thuật toán hoặc khóa không đủ mạnh vào thời điểm ký", "the algorithm or the key was too weak at the time of signing"},
		verify.CryptoConstraintsNoPOE: {"thuật toán hoặc khóa nay không còn đủ mạnh và không có dấu thời gian chứng minh đã ký từ trước", "the algorithm or the key is too weak today and no time-stamp proves that the signature is older"},
		verify.Revoked:                {"chứng thư số đã bị thu hồi trước khi ký", "the certificate was revoked before the signing"},
		verify.RevokedNoPOE:           {"chứng thư số đã bị thu hồi và không có dấu thời gian chứng minh đã ký từ trước", "the certificate was revoked and no time-stamp proves that the signature is older"},
		verify.RevokedCANoPOE:         {"chứng thư số của cơ quan cấp đã bị thu hồi", "the certificate of an issuer was revoked"},
		verify.Expired:                {"ký sau khi chứng thư số hết hạn", "signed after the certificate had expired"},
		verify.NotYetValid:            {"ký khi chứng thư số chưa có hiệu lực", "signed before the certificate was valid"},
		verify.OutOfBoundsNoPOE:       {"chứng thư số đã hết hạn và không có dấu thời gian chứng minh đã ký từ trước", "the certificate has expired and no time-stamp proves that the signature is older"},
		verify.NoCertificateChain:     {"không tìm được đường dẫn tới cơ quan gốc được tin cậy", "no path to a trusted root was found"},
		verify.ChainConstraints:       {"chứng thư số dùng sai mục đích hoặc đường dẫn sai quy định", "a certificate was used against its purpose or its constraints"},
		verify.SignatureConstraints:   {"chưa đáp ứng quy tắc kiểm tra, cần người xem lại", "the policy is not met; a person must look"},
		verify.TryLater:               {"chưa biết chứng thư số có bị thu hồi hay không", "it is not known whether a certificate was revoked"},
		verify.NoSigningCertificate:   {"không có chứng thư số của người ký", "the signer's certificate is not at hand"},
	}
	t := texts[s]
	return l.of(t[0], t[1])
}

func (l Language) source(s string) string {
	if s == "timestamp" {
		return l.of("theo dấu thời gian", "by a time-stamp")
	}
	return l.of("theo máy của người ký, không có dấu thời gian", "by the signer's computer, without a time-stamp")
}

func (l Language) integrity(i Integrity, malformed bool) string {
	switch {
	case i.Intact && i.Coverage == verify.CoversFile:
		return l.of("nguyên vẹn, bao trùm toàn bộ tệp", "intact, over the whole file")
	case i.Intact:
		return l.of("nguyên vẹn; sau đó chỉ có các cập nhật được phép", "intact; only permitted updates came later")
	case i.Bytes == verify.Altered, i.Modified:
		return l.of("nội dung đã bị thay đổi sau khi ký", "the content was changed after signing")
	case i.Bytes == verify.Unchecked, i.Unfinished:
		return l.of("chưa kiểm tra được", "could not be checked")
	case malformed, i.Coverage == verify.CoversPart:
		return l.of("không bảo đảm: chữ ký không bao trùm trọn vẹn tệp hoặc bị sửa", "not assured: the signature does not cover the file as it must, or was tampered with")
	}
	return l.of("chữ ký sai hoặc hỏng", "wrong or broken signature")
}

func (l Language) validity(v Validity) string {
	revocation := map[string][2]string{
		"good":    {"không bị thu hồi", "not revoked"},
		"revoked": {"đã bị thu hồi", "revoked"},
		"unknown": {"chưa xác định được tình trạng thu hồi", "revocation not known"},
	}[v.Revocation]
	state := l.of(cmp.Or(revocation[0], "chưa kiểm tra tình trạng thu hồi"), cmp.Or(revocation[1], "revocation not checked"))
	switch v.Indication {
	case verify.TotalPassed:
		return l.of("có hiệu lực, ", "valid, ") + state
	case verify.TotalFailed:
		return l.of("không có hiệu lực, ", "not valid, ") + state
	case verify.Indeterminate:
	}
	return l.of("chưa đủ căn cứ, ", "not enough evidence, ") + state
}

// change says what came after a signature.
func (l Language) change(c verify.Change) string {
	roles := map[verify.Role][2]string{
		verify.RoleNumber:    {"ghi số, ký hiệu văn bản (chữ ký của cơ quan)", "number of the document (agency's signature)"},
		verify.RoleDate:      {"ghi ngày tháng văn bản (chữ ký của cơ quan)", "date of the document (agency's signature)"},
		verify.RoleSeal:      {"đóng dấu của cơ quan", "seal of the agency"},
		verify.RoleAgency:    {"chữ ký số của cơ quan", "signature of an agency"},
		verify.RoleInitials:  {"ký nháy bổ sung", "further initials"},
		verify.RolePerson:    {"chữ ký số của cá nhân khác", "signature of another person"},
		verify.RoleTimeStamp: {"dấu thời gian lưu trữ", "archive time-stamp"},
		verify.RoleEvidence:  {"dữ liệu phục vụ kiểm tra về sau", "data for later validation"},
	}
	kinds := map[string][2]string{
		"metadata-changed":        {"thông tin mô tả tệp", "metadata"},
		"validation-data-added":   {"dữ liệu phục vụ kiểm tra về sau", "data for later validation"},
		"validation-data-removed": {"xóa dữ liệu phục vụ kiểm tra", "validation data removed"},
		"extensions-changed":      {"phiên bản, phần mở rộng của tệp", "version and extensions of the file"},
		"form-flags-changed":      {"thuộc tính của biểu mẫu", "flags of the form"},
		"signature-field-added":   {"thêm ô chữ ký", "a signature field added"},
		"signature-field-changed": {"sửa ô chữ ký", "a signature field changed"},
		"signature-field-removed": {"xóa ô chữ ký", "a signature field removed"},
		"signature-added":         {"thêm chữ ký", "a signature added"},
		"signature-changed":       {"sửa chữ ký", "a signature changed"},
		"signature-removed":       {"xóa chữ ký", "a signature removed"},
		"time-stamp-added":        {"dấu thời gian lưu trữ", "archive time-stamp"},
		"form-field-added":        {"thêm ô nhập liệu", "a form field added"},
		"form-filled":             {"điền ô nhập liệu", "a form field filled"},
		"form-field-removed":      {"xóa ô nhập liệu", "a form field removed"},
		"annotation-added":        {"thêm chú thích", "an annotation added"},
		"annotation-changed":      {"sửa chú thích", "an annotation changed"},
		"annotation-removed":      {"xóa chú thích", "an annotation removed"},
		"content-added":           {"thêm nội dung", "content added"},
		"content-changed":         {"sửa nội dung", "content changed"},
		"content-removed":         {"xóa nội dung", "content removed"},
		"not-compared":            {"tệp quá phức tạp, chưa so sánh hết các thay đổi sau khi ký", "the file is too complex, not all that came after signing was compared"},
	}
	text, ok := roles[c.Role]
	if !ok {
		text, ok = kinds[c.Kind]
	}
	out := c.Kind
	if ok {
		out = l.of(text[0], text[1])
	}
	switch {
	case c.Kind == "not-compared":
	case c.Allowed:
		out += l.of(" – được phép", " – permitted")
	default:
		out += l.of(" – KHÔNG được phép", " – NOT permitted")
	}
	return out + l.place(c.Page, c.Rect) + l.texts(c.Before, c.After)
}

// warning says what needs a look.
func (l Language) warning(w verify.Warning) string {
	switch w.Code {
	case verify.SignatureOverContent:
		return l.of("hình chữ ký thêm sau nằm đè lên nội dung đã ký", "the mark of a later signature lies over signed content") + l.place(w.Page, w.Rect) + l.texts(w.Before, "")
	case verify.AnnotationOverContent:
		return l.of("đối tượng thêm sau nằm đè lên nội dung đã ký", "something added later lies over signed content") + l.place(w.Page, w.Rect) + l.texts(w.Before, w.After)
	case verify.AnnotationChanged:
		return l.of("chú thích đã ký bị sửa hoặc xóa", "a signed annotation says something else or is gone") + l.place(w.Page, w.Rect) + l.texts(w.Before, w.After)
	case verify.AppearanceSwapped:
		return l.of("ô nhập liệu hiển thị khác với giá trị của nó", "a form field shows another text than its value") + l.place(w.Page, w.Rect) + l.texts(w.Before, w.After)
	case verify.TimeSevenHoursOff:
		return l.of("thời điểm ký do máy ghi lệch khoảng 7 giờ so với dấu thời gian (ghi giờ Việt Nam như giờ UTC)", "the claimed time is about 7 hours off (Vietnam's time written as UTC)")
	case verify.TimeAfterProof:
		return l.of("thời điểm ký do máy ghi muộn hơn dấu thời gian", "the claimed time is later than the time-stamp")
	}
	return string(w.Code)
}

// millimetre is one in points.
const millimetre = 72 / 25.4

func (l Language) place(page int, rect [4]float64) string {
	if page == 0 {
		return ""
	}
	out := fmt.Sprintf("; %s %d", l.of("trang", "page"), page)
	if rect[2] > 0 && rect[3] > 0 {
		out += fmt.Sprintf(l.of(", cách mép trái %.0f mm, mép dưới %.0f mm, khổ %.0f × %.0f mm", ", %.0f mm from the left, %.0f mm from below, %.0f × %.0f mm"),
			rect[0]/millimetre, rect[1]/millimetre, rect[2]/millimetre, rect[3]/millimetre)
	}
	return out
}

func (l Language) texts(before, after string) string {
	var parts []string
	if before != "" {
		parts = append(parts, l.of("trước: “", "before: “")+before+"”")
	}
	if after != "" {
		parts = append(parts, l.of("sau: “", "after: “")+after+"”")
	}
	if parts == nil {
		return ""
	}
	return "; " + strings.Join(parts, ", ")
}

// clock writes a time as Vietnam's officials do, in Vietnam's zone.
func (l Language) clock(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.In(docsys.Hanoi()).Format("02/01/2006 15:04:05 -07:00")
}
