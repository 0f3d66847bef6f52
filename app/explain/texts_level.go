package explain

import (
	"errors"
	"strings"

	"kyso/signer"
)

// levelTexts are the messages about time stamps and about what keeps a
// signature provable for years.
//
//nolint:gochecknoglobals // a constant table
var levelTexts = map[string]text{
	"time-stamp": {
		vi: [3]string{"Không lấy được dấu thời gian.", "{servers}.", "Không có tệp nào được tạo: chương trình không tự hạ mức chữ ký. Kiểm tra mạng rồi ký lại, hoặc khai báo thêm máy chủ cấp dấu thời gian."},
		en: [3]string{"No time stamp could be had.", "{servers}.", "No file was made: the program never lowers a signature's level by itself. Check the network and sign again, or name another time-stamping server."},
	},
	"material": {
		vi: [3]string{"Không đủ dữ liệu để lưu kèm chữ ký lâu dài.", "Chứng thư số {certificate}: {detail}", "Không có tệp nào được tạo. Thử lại sau, hoặc gửi nội dung này cho bộ phận hỗ trợ."},
		en: [3]string{"The data that proves the signature for years is incomplete.", "Certificate {certificate}: {detail}", "No file was made. Try again later, or send this text to the support desk."},
	},
	"material-no-path": {
		vi: [3]string{"Không nối được chứng thư số tới chứng thư gốc tin cậy.", "Thiếu chứng thư của cơ quan cấp, hoặc chứng thư gốc chưa được khai báo tin cậy: {certificate}.", "Thêm chứng thư gốc và chứng thư trung gian vào thư mục tin cậy rồi ký lại. Không có tệp nào được tạo."},
		en: [3]string{"The certificate leads to no trusted root.", "An issuer's certificate is missing, or its root is not among the trusted ones: {certificate}.", "Add the root and intermediate certificates to the folder of trust and sign again. No file was made."},
	},
	"material-unknown": {
		vi: [3]string{"Không hỏi được tình trạng thu hồi của chứng thư số.", "OCSP và CRL đều không có câu trả lời dùng được cho {certificate}.", "Kiểm tra mạng rồi ký lại. Không có tệp nào được tạo."},
		en: [3]string{"Nobody could say whether a certificate was revoked.", "Neither OCSP nor a revocation list gave a usable answer for {certificate}.", "Check the network and sign again. No file was made."},
	},
	"material-revoked": {
		vi: [3]string{"Một chứng thư số trong chữ ký đã bị thu hồi.", "Đã bị thu hồi trước thời điểm ký: {certificate}.", "Không dùng chứng thư số này. Liên hệ nơi cấp. Không có tệp nào được tạo."},
		en: [3]string{"A certificate of the signature was revoked.", "It was revoked before the time of signing: {certificate}.", "Do not use it. Ask its issuer. No file was made."},
	},
	"material-expired": {
		vi: [3]string{"Một chứng thư số đã hết hạn vào lúc cần chứng minh.", "Không có dấu thời gian nào sớm hơn ngày hết hạn của {certificate}.", "Không nâng mức được chữ ký này. Ký lại bằng chứng thư số còn hiệu lực."},
		en: [3]string{"A certificate had expired at the time that is to be proven.", "No time stamp is older than the end of {certificate}.", "This signature cannot be raised. Sign again with a certificate that is valid."},
	},
	"at-level": {
		vi: [3]string{"Văn bản đã ở mức này.", "Mọi chữ ký trong tệp đã đạt mức được yêu cầu.", "Không cần làm gì. Muốn gia hạn dấu thời gian lưu trữ, dùng mức B-LTA."},
		en: [3]string{"The document is at this level already.", "All of its signatures have reached what was asked for.", "There is nothing to do. To renew the archive time stamp, ask for level B-LTA."},
	},
	"no-signature": {
		vi: [3]string{"Văn bản chưa có chữ ký số.", "Không có chữ ký nào để nâng mức.", "Ký văn bản trước."},
		en: [3]string{"The document has no signature.", "There is none whose level could be raised.", "Sign it first."},
	},
	"unsound": {
		vi: [3]string{"Một chữ ký trong văn bản không còn đúng.", "{detail}", "Không nâng mức được. Kiểm tra văn bản, đề nghị người gửi cung cấp lại bản gốc."},
		en: [3]string{"A signature of the document does not hold.", "{detail}", "It cannot be raised. Check the document and ask the sender for the original."},
	},
	"incomplete-request": {
		vi: [3]string{"Yêu cầu ký còn thiếu thông tin.", "{detail}", "Bổ sung rồi ký lại. Mức B-T cần máy chủ cấp dấu thời gian; từ mức B-LT cần thêm chứng thư gốc tin cậy."},
		en: [3]string{"The request to sign lacks something.", "{detail}", "Add it and sign again. B-T needs a time-stamping server; from B-LT on trusted roots are needed, too."},
	},
}

// stampWords say what a time-stamping server did, by signer.TSAAnswer.Code.
//
//nolint:gochecknoglobals // a constant table
var stampWords = map[string][2]string{
	"no-network":   {"không có mạng hoặc địa chỉ sai", "no network, or a wrong address"},
	"unreachable":  {"không kết nối được", "cannot be reached"},
	"timeout":      {"không trả lời kịp", "did not answer in time"},
	"redirects":    {"chuyển hướng vòng quanh", "redirects without end"},
	"http-status":  {"báo lỗi máy chủ", "reports a server error"},
	"content-type": {"trả lời không phải dấu thời gian", "answered something else than a time stamp"},
	"too-large":    {"trả lời quá lớn", "answered too much"},
	"format":       {"trả lời không đọc được", "gave an answer that cannot be read"},
	"refused":      {"từ chối yêu cầu", "refused the request"},
	"nonce":        {"trả lời cho yêu cầu khác", "answered another request"},
	"imprint":      {"đóng dấu cho dữ liệu khác", "stamped other data"},
	"policy":       {"dùng chính sách khác", "used another policy"},
	"accuracy":     {"giờ không đủ chính xác", "is not sure of its time"},
	"certificate":  {"chứng thư số của máy chủ không dùng được", "signed with a certificate that will not do"},
	"untrusted":    {"chứng thư số của máy chủ không được tin cậy", "has a certificate that is not trusted"},
}

// serversOf says what each time-stamping server did.
func serversOf(err error, l Language) string {
	failed, ok := errors.AsType[*signer.TimeStampError](err)
	if !ok || len(failed.Answers) == 0 {
		return err.Error()
	}
	var parts []string
	for _, a := range failed.Answers {
		words, ok := stampWords[a.Code]
		if !ok {
			words = [2]string{a.Code, a.Code}
		}
		word := words[0]
		if l == English {
			word = words[1]
		}
		parts = append(parts, a.URL+": "+word)
	}
	return strings.Join(parts, "; ")
}

// certificateOf names the certificate that an error is about, or "".
func certificateOf(err error) string {
	if m, ok := errors.AsType[*signer.MaterialError](err); ok {
		return m.Certificate
	}
	return ""
}
