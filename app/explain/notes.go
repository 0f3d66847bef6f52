package explain

import (
	"strconv"
	"strings"
	"time"

	"kyso/app/docsys"
	"kyso/app/signing"
	"kyso/signer/cert"
	"kyso/signer/token"
)

// Note is one thing to know of a certificate before it is chosen.
type Note struct {
	Code string `json:"code"`
	// Level is "info", "caution" or "bad".
	Level string `json:"level"`
	Text  string `json:"text"`
}

// noteText is a note's words; {days}, {from} and {until} are filled in.
type noteText struct{ level, vi, en string }

// noteTexts are the notes by code.
//
//nolint:gochecknoglobals // a constant table
var noteTexts = map[string]noteText{
	"why-" + string(cert.IsCA):        {"info", "Chứng thư số của cơ quan cấp, không dùng để ký văn bản", "A certificate of a CA, not for documents"},
	"why-" + string(cert.NoKey):       {"bad", "Thiết bị không có khóa bí mật của chứng thư số này", "The token has no private key for it"},
	"why-" + string(cert.NotYetValid): {"bad", "Chưa có hiệu lực, bắt đầu từ {from}", "Not valid before {from}"},
	"why-" + string(cert.Expired):     {"bad", "Đã hết hạn ngày {until}", "Expired on {until}"},
	"why-" + string(cert.WrongUse):    {"bad", "Không được cấp để ký văn bản", "Not issued for signing documents"},
	"why-" + string(cert.WeakKey):     {"bad", "Khóa quá yếu so với Thông tư 15/2025/TT-BKHCN", "The key is weaker than Circular 15/2025/TT-BKHCN allows"},
	"why-" + string(cert.Unreadable):  {"bad", "Không đọc được chứng thư số", "The certificate cannot be read"},
	"why-" + string(cert.Revoked):     {"bad", "Đã bị thu hồi", "Revoked"},
	"why-" + string(signing.WhySoft):  {"bad", "Quản trị viên không cho dùng khóa tệp cho việc này", "The administrator does not allow keys in files for this"},

	"soft": {"caution", "Khóa tệp, không phải token", "A key in a file, not a token"},

	"pin-low":    {"caution", "Mã PIN đã bị nhập sai trước đó", "A wrong PIN was typed before"},
	"pin-final":  {"bad", "Chỉ còn một lần thử mã PIN", "One PIN try is left"},
	"pin-locked": {"bad", "Mã PIN đã bị khóa: liên hệ nơi cấp", "The PIN is locked: ask the issuer"},
	"pin-unset":  {"bad", "Thiết bị chưa đặt mã PIN", "The token has no PIN yet"},

	"expiry-notice":  {"info", "Còn {days} ngày nữa hết hạn ({until}). Hãy chuẩn bị gia hạn.", "It ends in {days} days ({until}). Prepare its renewal."},
	"expiry-warning": {"caution", "Còn {days} ngày nữa hết hạn ({until}). Hãy làm thủ tục gia hạn.", "It ends in {days} days ({until}). Apply for its renewal."},
	"expiry-urgent":  {"bad", "Còn {days} ngày nữa hết hạn ({until}). Phải gia hạn ngay.", "It ends in {days} days ({until}). Renew it now."},
	"expiry-today":   {"bad", "Hết hạn hôm nay ({until}). Phải gia hạn ngay.", "It ends today ({until}). Renew it now."},
}

// Notes says what a person should know of a certificate that is offered: why it
// cannot be chosen, that its key is in a file, how its PIN counter stands, and
// that it ends soon. It is empty where there is nothing to say.
func Notes(o signing.Offer, lang Language) []Note {
	var codes []string
	if !o.Usable {
		codes = append(codes, "why-"+string(o.WhyNot))
	}
	if o.Soft {
		codes = append(codes, "soft")
	}
	if o.Usable && o.Counter != token.PINReady {
		codes = append(codes, "pin-"+string(o.Counter))
	}
	switch {
	case !o.Usable || o.Expiry.Level == signing.ExpiryNone:
	case o.Expiry.Days == 0 && o.Expiry.Level == signing.ExpiryUrgent:
		codes = append(codes, "expiry-today")
	default:
		codes = append(codes, "expiry-"+string(o.Expiry.Level))
	}
	fill := strings.NewReplacer("{days}", strconv.Itoa(o.Expiry.Days), "{from}", dayOf(o.Key.Subject.NotBefore), "{until}", dayOf(o.Key.Subject.NotAfter))
	var notes []Note
	for _, code := range codes {
		t, ok := noteTexts[code]
		if !ok {
			continue // a state that needs no words, such as a counter that is not told
		}
		words := t.vi
		if lang == English {
			words = t.en
		}
		notes = append(notes, Note{Code: code, Level: t.level, Text: fill.Replace(words)})
	}
	return notes
}

// dayOf writes a day in Vietnam.
func dayOf(t time.Time) string { return t.In(docsys.Hanoi()).Format("02/01/2006") }
