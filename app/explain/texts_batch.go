package explain

import (
	"errors"
	"strings"

	"kyso/app/signing"
	"kyso/signer/token"
)

// batchTexts are the messages about batches, new PINs and the administrator's file.
//
//nolint:gochecknoglobals // a constant table
var batchTexts = map[string]text{
	"changed-file": {
		vi: [3]string{"Văn bản đã bị sửa sau khi anh/chị xem.", "Tệp không còn như lúc chuẩn bị lô ký, nên chương trình không ký.", "Mở văn bản xem lại, rồi ký lại."},
		en: [3]string{"The document was changed after you looked at it.", "The file is not what it was when the batch was prepared, so it was not signed.", "Open the document, look at it and sign again."},
	},
	"weak-pin": {
		vi: [3]string{"Mã PIN mới chưa an toàn.", "Lý do: {weaknesses}. Chưa có gì được gửi đến thiết bị.", "Chọn mã PIN khác, khó đoán hơn."},
		en: [3]string{"The new PIN is not safe.", "Why: {weaknesses}. Nothing was sent to the token.", "Choose another PIN that is harder to guess."},
	},
	"pin-not-the-same": {
		vi: [3]string{"Hai lần nhập mã PIN mới không giống nhau.", "Lần nhập lại khác lần đầu. Chưa có gì được gửi đến thiết bị.", "Nhập lại từ đầu."},
		en: [3]string{"The new PIN was not typed the same twice.", "The second one differs from the first. Nothing was sent to the token.", "Begin again."},
	},
	"batch-busy": {
		vi: [3]string{"Lô ký này đang chạy.", "Một cửa sổ hoặc một lệnh khác đang ký lô này.", "Chờ lô đó xong, hoặc dừng ở nơi đang chạy."},
		en: [3]string{"This batch is under way.", "Another window or command is signing it.", "Wait until it ends, or end it where it runs."},
	},
	"other-level": {
		vi: [3]string{"Lô ký này được bắt đầu với mức chữ ký khác.", "Mức chữ ký (B-B, B-T, B-LT, B-LTA) hoặc kiểu RSA-PSS trong thiết lập đã đổi từ lúc đó.", "Đặt lại như lúc bắt đầu rồi ký tiếp, hoặc bỏ phần còn lại của lô và ký lại từ đầu."},
		en: [3]string{"This batch was begun with another level of signatures.", "The level (B-B, B-T, B-LT, B-LTA) or RSA-PSS was changed in the settings since then.", "Set it as it was and go on, or drop the rest of the batch and begin anew."},
	},
	"no-documents": {
		vi: [3]string{"Không có văn bản nào để ký.", "Lô ký trống.", "Chọn ít nhất một văn bản."},
		en: [3]string{"There is no document to sign.", "The batch is empty.", "Choose one document at least."},
	},
	"policy-owner": {
		vi: [3]string{"Không dùng tệp thiết lập của quản trị.", "Người khác ngoài quản trị viên có thể sửa tệp đó nên nó không có giá trị.", "Đề nghị quản trị viên đặt lại quyền của tệp: chỉ quản trị viên được ghi."},
		en: [3]string{"The administrator's settings are not used.", "Others than an administrator can change the file, so it counts for nothing.", "Ask the administrator to set its permissions: only administrators may write it."},
	},
	"policy": {
		vi: [3]string{"Tệp thiết lập của quản trị bị sai.", "{detail}", "Đề nghị quản trị viên sửa tệp đó; chương trình không chạy khi chưa biết điều gì bị khóa."},
		en: [3]string{"The administrator's settings are wrong.", "{detail}", "Ask the administrator to mend the file; the program does not run without knowing what is locked."},
	},
}

// weaknesses are the words for what is weak about a PIN.
//
//nolint:gochecknoglobals // a constant table
var weaknesses = map[token.Weakness][2]string{
	token.WeakShort:      {"quá ngắn", "too short"},
	token.WeakLong:       {"quá dài", "too long"},
	token.WeakCharacters: {"có ký tự mà bàn phím khác có thể không gõ được (chữ có dấu, dấu cách)", "it has characters that not every keyboard types alike (accents, blanks)"},
	token.WeakUnchanged:  {"trùng mã PIN cũ", "it is the old PIN"},
	token.WeakSame:       {"chỉ có một ký tự lặp lại", "it is one character only"},
	token.WeakSequence:   {"là dãy liên tiếp như 123456", "it is a sequence such as 123456"},
	token.WeakRepeated:   {"là một đoạn lặp lại như 121212", "it repeats a part, such as 121212"},
	token.WeakDate:       {"giống ngày tháng năm sinh", "it reads as a date of birth"},
}

// Weakness says what is weak about a new PIN.
func Weakness(w token.Weakness, lang Language) string {
	words, ok := weaknesses[w]
	switch {
	case !ok:
		return string(w)
	case lang == English:
		return words[1]
	}
	return words[0]
}

// weaknessesOf lists what is weak about the PIN that an error names.
func weaknessesOf(err error, lang Language) string {
	e, ok := errors.AsType[*signing.WeakPINError](err)
	if !ok {
		return ""
	}
	words := make([]string, len(e.Weaknesses))
	for i, w := range e.Weaknesses {
		words[i] = Weakness(w, lang)
	}
	return strings.Join(words, "; ")
}
