package doctor

import (
	"maps"

	"kyso/app/explain"
)

// A text is title, cause and next step in both languages; what is well has a
// title only.
type text struct{ vi, en [3]string }

func (t text) in(l explain.Language) [3]string {
	if l == explain.English {
		return t.en
	}
	return t.vi
}

// fine is the text of something that is well.
func fine(vi, en string) text { return text{[3]string{vi}, [3]string{en}} }

// texts are what findings say, by code.
//
//nolint:gochecknoglobals // a constant table
var texts = joined(tokenTexts, certificateTexts, networkTexts, machineTexts)

func joined(tables ...map[string]text) map[string]text {
	all := map[string]text{}
	for _, t := range tables {
		maps.Copy(all, t)
	}
	return all
}

// pair is a word in both languages.
type pair struct{ vi, en string }

func (p pair) in(l explain.Language) string {
	if l == explain.English {
		return p.en
	}
	return p.vi
}

// Name is what a group is called.
func (g Group) Name(l explain.Language) string { return groupNames[g].in(l) }

//nolint:gochecknoglobals // a constant table
var groupNames = map[Group]pair{
	Tokens:      {"Đầu đọc và thiết bị ký số", "Readers and tokens"},
	Service:     {"Dịch vụ thẻ thông minh", "Smart-card service"},
	Drivers:     {"Trình điều khiển thiết bị", "Token drivers"},
	Certificate: {"Chứng thư số", "Certificates"},
	Clock:       {"Đồng hồ máy", "Computer clock"},
	Stamps:      {"Dấu thời gian", "Time stamps"},
	Server:      {"Máy chủ văn bản", "Document server"},
	Outbox:      {"Văn bản chờ gửi", "Outbox"},
	Folders:     {"Ổ đĩa và thư mục", "Disk and folders"},
	Settings:    {"Thiết lập", "Settings"},
	System:      {"Chương trình và máy", "Program and computer"},
}

// Name is what a state is called.
func (s State) Name(l explain.Language) string { return stateNames[s].in(l) }

//nolint:gochecknoglobals // a constant table
var stateNames = map[State]pair{
	OK:      {"Tốt", "Good"},
	Unknown: {"Chưa rõ", "Not known"},
	Warn:    {"Cần chú ý", "Needs a look"},
	Bad:     {"Có lỗi", "Not working"},
}

// word gives a word of the details in a language; an unknown one stays as it is.
func word(name string, l explain.Language) string {
	if w, ok := words[name]; ok {
		return w.in(l)
	}
	return name
}

//nolint:gochecknoglobals // a constant table
var words = map[string]pair{
	"yes":            {"có", "yes"},
	"fails":          {"trình điều khiển hỏng giữa chừng", "the driver failed on the way"},
	"chosen":         {"do người dùng chọn", "chosen by the person"},
	"known-name":     {"theo tên đã biết", "a known name"},
	"registered":     {"hệ điều hành đăng ký", "registered with the system"},
	"pin-ready":      {"bình thường", "no wrong try known"},
	"pin-low":        {"đã nhập sai", "wrong tries"},
	"pin-final":      {"còn một lần thử", "one try left"},
	"pin-locked":     {"bị khóa", "locked"},
	"pin-unset":      {"chưa đặt", "not set"},
	"status-good":    {"còn hiệu lực", "good"},
	"status-revoked": {"đã thu hồi", "revoked"},
	"status-unknown": {"không biết chứng thư này", "does not know it"},
	"unchecked":      {"không kiểm tra được: chưa có chứng thư gốc tin cậy", "not checked: no trusted roots"},
	"service":        {"dịch vụ thẻ thông minh", "the smart-card service"},
	"drivers":        {"việc tìm trình điều khiển", "the search for drivers"},
	"driver":         {"một trình điều khiển", "a driver"},
	"devices":        {"các thiết bị USB", "the USB devices"},
	"server":         {"máy chủ văn bản", "the document server"},
	"stamps":         {"máy chủ dấu thời gian", "a time-stamping server"},
	"certificate":    {"chứng thư số", "a certificate"},
	"outbox":         {"hàng đợi gửi", "the outbox"},
	"folders":        {"các thư mục của chương trình", "the program's folders"},
	"settings":       {"thiết lập", "the settings"},
	"system":         {"thông tin máy", "the computer"},
}

// label is what a detail is called.
func label(name string, l explain.Language) string {
	if w, ok := labels[name]; ok {
		return w.in(l)
	}
	return name
}

//nolint:gochecknoglobals // a constant table
var labels = map[string]pair{
	"path": {"tệp", "file"}, "found": {"tìm thấy", "found"}, "maker": {"hãng", "maker"}, "made-for": {"dành cho", "made for"},
	"writable": {"người khác thay được tệp này", "others may replace this file"}, "missing": {"thiếu thư viện", "libraries missing"},
	"error": {"chi tiết lỗi", "error"}, "slots": {"số khe", "slots"}, "driver": {"trình điều khiển", "driver"}, "slot": {"khe", "slot"},
	"serial": {"số hiệu", "serial"}, "device": {"thiết bị", "device"}, "firmware": {"phiên bản (phần mềm / phần cứng)", "firmware / hardware"},
	"pin-length": {"độ dài mã PIN", "PIN length"}, "pin-pad": {"nhập PIN trên thiết bị", "PIN typed on the reader"}, "pin": {"bộ đếm mã PIN", "PIN counter"},
	"driver-state": {"trạng thái", "state"}, "usb": {"mã USB", "USB id"}, "state": {"trạng thái", "state"},
	"unit": {"đơn vị", "unit"}, "issuer": {"nơi cấp", "issuer"}, "key": {"khóa", "key"}, "valid": {"hiệu lực", "valid"}, "uses": {"mục đích", "uses"},
	"chain": {"số chứng thư cấp trên", "issuers found"}, "issuer-missing": {"thiếu chứng thư của", "issuer missing"},
	"ocsp": {"OCSP", "OCSP"}, "ocsp-error": {"OCSP lỗi", "OCSP error"}, "ocsp-state": {"OCSP trả lời", "OCSP says"}, "ocsp-time": {"OCSP lúc", "OCSP as of"},
	"crl": {"CRL", "CRL"}, "crl-error": {"CRL lỗi", "CRL error"}, "crl-state": {"CRL trả lời", "CRL says"}, "crl-time": {"CRL lúc", "CRL as of"},
	"url": {"địa chỉ", "address"}, "ms": {"mất (ms)", "took (ms)"}, "code": {"mã lỗi", "code"}, "time": {"giờ của máy chủ", "server's time"},
	"trust": {"tin cậy", "trust"}, "http": {"mã HTTP", "HTTP status"}, "version": {"phiên bản", "version"}, "formula": {"công thức", "formula"},
	"now": {"giờ máy này", "this computer's time"}, "clock-of": {"so với", "compared with"}, "seconds": {"lệch (giây)", "difference (s)"},
	"kept": {"đang giữ", "kept"}, "tries": {"số lần thử nhiều nhất", "most tries"},
	"revision": {"bản dựng", "revision"}, "go": {"Go", "Go"}, "processor": {"bộ xử lý", "processor"}, "processors": {"số nhân", "cores"},
}
