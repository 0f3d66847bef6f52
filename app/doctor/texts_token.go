package doctor

// tokenTexts are about drivers, readers and tokens.
//
//nolint:gochecknoglobals // a constant table
var tokenTexts = map[string]text{
	"driver-ok":    fine("{driver}: hoạt động tốt, đang thấy {count} thiết bị.", "{driver}: works, and sees {count} token(s)."),
	"driver-empty": fine("{driver}: hoạt động tốt, chưa có thiết bị nào của hãng này được cắm.", "{driver}: works; no token of its kind is plugged in."),
	"driver-trust": fine("{driver}: kho chứng thư của hệ thống, không phải thiết bị ký số.", "{driver}: the system's store of certificates, no token."),
	"driver-none": {
		vi: [3]string{"Máy này chưa có trình điều khiển thiết bị ký số nào.", "Không tìm thấy phần mềm của hãng thiết bị ở những chỗ thường cài.", "Cài trình điều khiển từ đĩa hoặc trang mạng của nơi cấp chứng thư số, rồi kiểm tra lại."},
		en: [3]string{"This computer has no driver for tokens.", "The makers' software was not found where it is usually installed.", "Install the driver from the office that issued the certificate, then check again."},
	},
	"driver-missing": {
		vi: [3]string{"{driver}: không thấy tệp trình điều khiển.", "Tệp đã chọn trong thiết lập không còn ở đó hoặc không đọc được.", "Cài lại trình điều khiển, hoặc chọn lại tệp trong Thiết lập."},
		en: [3]string{"{driver}: the driver's file is not there.", "The file chosen in the settings is gone or cannot be read.", "Install the driver again, or choose the file anew in the settings."},
	},
	"driver-not": {
		vi: [3]string{"{driver}: tệp này không phải trình điều khiển thiết bị ký số.", "Tệp không có phần giao tiếp PKCS #11 mà chương trình cần; nó không được nạp.", "Chọn đúng tệp trình điều khiển của hãng, hoặc bỏ tệp này khỏi Thiết lập."},
		en: [3]string{"{driver}: this file is no token driver.", "It lacks the PKCS #11 interface; it was not loaded.", "Choose the maker's driver, or take this file out of the settings."},
	},
	"driver-machine": {
		vi: [3]string{"{driver}: trình điều khiển là bản {machine}, chương trình là bản {program}.", "Hai bản khác loại không làm việc trực tiếp với nhau, và máy chưa có bản trợ giúp tương ứng.", "Cài bản {program} của trình điều khiển; hoặc cài thêm bản trợ giúp {machine} của chương trình."},
		en: [3]string{"{driver}: the driver is for {machine}, the program is for {program}.", "The two cannot work together directly, and the helper program for it is not installed.", "Install the driver for {program}, or the program's helper for {machine}."},
	},
	"driver-other": {
		vi: [3]string{"{driver}: không dùng được.", "Chương trình không nạp được tệp này; xem chi tiết lỗi.", "Cài lại trình điều khiển mới nhất của hãng."},
		en: [3]string{"{driver}: cannot be used.", "The program cannot load this file; see the detail.", "Install the maker's newest driver."},
	},
	"driver-libraries": {
		vi: [3]string{"{driver}: thiếu thư viện nên không nạp được.", "Trình điều khiển cần những tệp mà máy không có: {libraries}.", "Cài lại trọn bộ phần mềm của hãng, hoặc nhờ quản trị máy cài các thư viện trên."},
		en: [3]string{"{driver}: libraries are missing, so it cannot be loaded.", "It needs files that this computer does not have: {libraries}.", "Install the maker's whole software again, or ask your administrator for these libraries."},
	},
	"driver-failed": {
		vi: [3]string{"{driver}: nạp được tệp nhưng trình điều khiển báo lỗi.", "Phần mềm của hãng không khởi động được; xem chi tiết lỗi.", "Rút thiết bị, khởi động lại máy; nếu vẫn lỗi, cài lại trình điều khiển mới nhất."},
		en: [3]string{"{driver}: it reports an error.", "The maker's software does not start; see the detail.", "Unplug the token and restart the computer; if it stays, install the newest driver."},
	},
	"driver-hung": {
		vi: [3]string{"{driver}: trình điều khiển bị treo.", "Nó không trả lời trong thời hạn nên chương trình đã dừng nó; các thiết bị khác không bị ảnh hưởng.", "Rút thiết bị, cắm lại rồi kiểm tra lại; nếu vẫn treo, cài lại trình điều khiển mới nhất."},
		en: [3]string{"{driver}: the driver hangs.", "It did not answer in time, so the program ended it; other tokens are not affected.", "Unplug the token, plug it in and check again; if it stays, install the newest driver."},
	},
	"driver-crashed": {
		vi: [3]string{"{driver}: trình điều khiển dừng đột ngột.", "Phần mềm của hãng gặp lỗi nặng; nó chạy tách riêng nên chương trình không bị ảnh hưởng.", "Cài lại trình điều khiển mới nhất của hãng, hoặc gỡ bỏ nếu không dùng."},
		en: [3]string{"{driver}: the driver crashes.", "The maker's software fails badly; it runs apart, so the program is not affected.", "Install the maker's newest driver, or remove it if you do not use it."},
	},

	"token-none": {
		vi: [3]string{"Không thấy thiết bị ký số nào.", "Chưa cắm thiết bị, hoặc máy chưa có trình điều khiển của nó.", "Cắm thiết bị trực tiếp vào máy (không qua bộ chia), chờ vài giây rồi kiểm tra lại; nếu vẫn không thấy, cài trình điều khiển của nơi cấp."},
		en: [3]string{"No token is seen.", "None is plugged in, or its driver is not installed.", "Plug it straight into the computer (not through a hub), wait some seconds and check again; if it stays, install the issuer's driver."},
	},
	"token-ready": fine("Thiết bị “{token}” sẵn sàng, có {count} chứng thư.", "The token “{token}” is ready and has {count} certificate(s)."),
	"token-soft": {
		vi: [3]string{"“{token}” là khóa lưu trong tệp, không phải thiết bị.", "Khóa mềm chỉ dùng để thử hoặc khi quản trị viên cho phép.", "Ký văn bản chính thức bằng thiết bị ký số."},
		en: [3]string{"“{token}” is a key in a file, not a device.", "Such keys are for trials, or where the administrator allows them.", "Sign official documents with a token."},
	},
	"token-low": {
		vi: [3]string{"Thiết bị “{token}” đã bị nhập sai mã PIN.", "Số lần thử còn lại đã giảm; nhập đúng một lần thì bộ đếm trở lại như cũ.", "Lần tới hãy nhập thật chắc chắn; chú ý phím Caps Lock và bộ gõ tiếng Việt."},
		en: [3]string{"A wrong PIN was typed on the token “{token}”.", "Fewer tries are left; one right PIN resets the counter.", "Type it with care next time; mind Caps Lock and the Vietnamese keyboard."},
	},
	"token-final": {
		vi: [3]string{"Thiết bị “{token}” chỉ còn một lần thử mã PIN.", "Nhập sai thêm một lần nữa thiết bị sẽ bị khóa.", "Chỉ nhập khi chắc chắn nhớ đúng; nếu không, liên hệ nơi cấp chứng thư số trước."},
		en: [3]string{"The token “{token}” has one PIN try left.", "One more wrong PIN locks it.", "Type it only if you are sure; else ask the office that issued the certificate first."},
	},
	"token-locked": {
		vi: [3]string{"Thiết bị “{token}” đã bị khóa.", "Mã PIN đã bị nhập sai quá số lần cho phép.", "Mở khóa bằng phần mềm quản lý của thiết bị, hoặc liên hệ nơi cấp chứng thư số."},
		en: [3]string{"The token “{token}” is locked.", "Its PIN was typed wrong too often.", "Unlock it with its own manager, or ask the office that issued the certificate."},
	},
	"token-unset": {
		vi: [3]string{"Thiết bị “{token}” chưa được đặt mã PIN.", "Thiết bị mới, chưa kích hoạt.", "Kích hoạt theo hướng dẫn của nơi cấp chứng thư số."},
		en: [3]string{"The token “{token}” has no PIN yet.", "It is new and not activated.", "Activate it as the office that issued the certificate says."},
	},
	"token-empty": {
		vi: [3]string{"Thiết bị “{token}” không có chứng thư số.", "Thiết bị trống, hoặc trình điều khiển không đọc được nội dung.", "Liên hệ nơi cấp để nạp chứng thư số; hoặc thử trình điều khiển khác của hãng."},
		en: [3]string{"The token “{token}” has no certificate.", "It is empty, or the driver cannot read it.", "Ask the issuing office to put the certificate on it, or try another driver of the maker."},
	},
	"token-unread": {
		vi: [3]string{"Không đọc được thiết bị “{token}”.", "Thiết bị có mặt nhưng không cho đọc chứng thư số; có thể vừa được cắm hoặc đang lỏng.", "Rút ra, cắm lại vào cổng USB khác rồi kiểm tra lại."},
		en: [3]string{"The token “{token}” cannot be read.", "It is there but does not show its certificates; it may just have been plugged in, or sit loosely.", "Unplug it, use another USB port and check again."},
	},
	"usb-served": fine("Đã cắm thiết bị USB “{device}” và máy có trình điều khiển của hãng.", "The USB device “{device}” is plugged in and its maker's driver is installed."),
	"usb-unserved": {
		vi: [3]string{"Đã cắm “{device}” nhưng máy chưa có trình điều khiển của nó.", "Máy nhận ra thiết bị qua cổng USB, nhưng không có phần mềm nào của các hãng: {makers}.", "Cài trình điều khiển của nơi cấp chứng thư số (một trong các hãng trên), rồi kiểm tra lại."},
		en: [3]string{"“{device}” is plugged in, but its driver is not installed.", "The USB port sees the device; no software of these makers is there: {makers}.", "Install the driver of the issuing office (one of the makers above), then check again."},
	},

	"service-running":  fine("Đang chạy, thấy {count} đầu đọc.", "It runs and knows {count} reader(s)."),
	"service-unneeded": fine("Không chạy, nhưng thiết bị đang cắm không cần đến.", "It does not run, and the token that is plugged in does without."),
	"service-stopped": {
		vi: [3]string{"Dịch vụ thẻ thông minh không chạy.", "Thẻ và một số loại thiết bị ký số cần dịch vụ này.", "Khởi động dịch vụ (Windows: “Smart Card”; Linux: pcscd), hoặc khởi động lại máy."},
		en: [3]string{"The smart-card service does not run.", "Cards and some tokens need it.", "Start the service (Windows: “Smart Card”; Linux: pcscd), or restart the computer."},
	},
	"service-absent": {
		vi: [3]string{"Máy không có dịch vụ thẻ thông minh.", "Nhiều thiết bị USB có trình điều khiển riêng và không cần dịch vụ này; thẻ thì cần.", "Chỉ khi thiết bị không nhận: cài dịch vụ (Linux: gói pcscd)."},
		en: [3]string{"This computer has no smart-card service.", "Many USB tokens have drivers of their own and do without; cards need it.", "Only if your token is not seen: install it (Linux: package pcscd)."},
	},
	"service-denied": {
		vi: [3]string{"Không được phép dùng dịch vụ thẻ thông minh.", "Hệ điều hành từ chối tài khoản này.", "Nhờ quản trị máy cấp quyền dùng dịch vụ thẻ thông minh."},
		en: [3]string{"The smart-card service may not be used.", "The system refuses this account.", "Ask your administrator for access to the smart-card service."},
	},
	"service-unknown": {
		vi: [3]string{"Chưa biết được trạng thái dịch vụ thẻ thông minh.", "Hệ điều hành không cho biết.", "Chỉ cần xem khi thiết bị không nhận."},
		en: [3]string{"The state of the smart-card service is not known.", "The system does not tell.", "It matters only if your token is not seen."},
	},
	"reader-empty": fine("Đầu đọc “{reader}”: chưa có thẻ.", "Reader “{reader}”: no card in it."),
	"reader-card":  fine("Đầu đọc “{reader}”: có thẻ.", "Reader “{reader}”: a card is in it."),
}
