package doctor

// machineTexts are about the program and the computer.
//
//nolint:gochecknoglobals // a constant table
var machineTexts = map[string]text{
	"no-answer": {
		vi: [3]string{"Chưa kiểm tra xong {what}.", "Không có trả lời trong {seconds} giây.", "Kiểm tra lại; nếu vẫn vậy, gửi tệp hỗ trợ cho bộ phận hỗ trợ."},
		en: [3]string{"The check of {what} did not end.", "There was no answer in {seconds} s.", "Check again; if it stays, send the support file to the support desk."},
	},
	"outbox-empty":   fine("Không còn văn bản nào chờ gửi.", "Nothing waits to be sent."),
	"outbox-waiting": fine("{waiting} văn bản đang chờ gửi, sẽ tự gửi khi có mạng.", "{waiting} document(s) wait and will leave by themselves."),
	"outbox-login": {
		vi: [3]string{"{waiting} văn bản chờ đăng nhập lại.", "Phiên làm việc với máy chủ đã hết.", "Đăng nhập lại máy chủ văn bản."},
		en: [3]string{"{waiting} document(s) wait for a login.", "The session with the server has ended.", "Log in to the document server again."},
	},
	"outbox-old": {
		vi: [3]string{"{waiting} văn bản chờ gửi quá lâu, cũ nhất từ {oldest}.", "Máy chủ chưa nhận được các văn bản đã ký.", "Xem mục Máy chủ văn bản; mở “Đã gửi” để gửi lại."},
		en: [3]string{"{waiting} document(s) have waited for long, the oldest since {oldest}.", "The server has not received them.", "Look at the document server; open “Sent” to try again."},
	},
	"outbox-stuck": {
		vi: [3]string{"{stuck} văn bản bị máy chủ từ chối, cần xử lý.", "Máy chủ đã trả lời là không nhận; lý do ghi ở trang “Đã gửi”. Cũ nhất từ {oldest}.", "Mở “Đã gửi”, đọc lý do từng văn bản rồi gửi lại."},
		en: [3]string{"The server refused {stuck} document(s).", "It does not take them; the reasons are under “Sent”. The oldest since {oldest}.", "Open “Sent”, read each reason and send again."},
	},
	"outbox-unread": {
		vi: [3]string{"Không đọc được hàng đợi gửi.", "Tệp dữ liệu bị hỏng hoặc bị khóa; xem chi tiết lỗi.", "Không xóa gì; gửi tệp hỗ trợ cho bộ phận hỗ trợ."},
		en: [3]string{"The outbox cannot be read.", "Its file is damaged or locked; see the detail.", "Delete nothing; send the support file to the support desk."},
	},
	"folder-ok": fine("Ghi được vào thư mục của chương trình, còn trống {free}.", "The program's folder can be written to, {free} free."),
	"folder-none": {
		vi: [3]string{"Không có thư mục để lưu dữ liệu của chương trình.", "Máy không cho biết thư mục cá nhân, hoặc thư mục đó không ghi được.", "Nhờ quản trị máy kiểm tra quyền ghi của tài khoản."},
		en: [3]string{"There is no folder for the program's data.", "The computer names no home folder, or it cannot be written to.", "Ask your administrator about this account's permissions."},
	},
	"folder-readonly": {
		vi: [3]string{"Không ghi được vào thư mục của chương trình.", "Thư mục {folder} chỉ cho đọc hoặc ổ đĩa đã đầy.", "Giải phóng dung lượng, hoặc nhờ quản trị máy cấp quyền ghi."},
		en: [3]string{"The program's folder cannot be written to.", "{folder} is read-only, or the disk is full.", "Free some space, or ask your administrator for the permission."},
	},
	"disk-full": {
		vi: [3]string{"Ổ đĩa gần đầy: chỉ còn {free}.", "Không đủ chỗ để ký nhiều văn bản.", "Xóa bớt tệp không cần rồi kiểm tra lại."},
		en: [3]string{"The disk is nearly full: {free} left.", "There is no room to sign many documents.", "Delete what you do not need, then check again."},
	},
	"disk-low": {
		vi: [3]string{"Ổ đĩa sắp đầy: còn {free}.", "Vẫn ký được, nhưng nên dọn bớt.", "Xóa bớt tệp không cần."},
		en: [3]string{"The disk fills up: {free} left.", "You can sign, but should make room.", "Delete what you do not need."},
	},
	"settings-ok":   fine("Đọc và lưu được thiết lập.", "The settings can be read and changed."),
	"settings-none": fine("Đang dùng thiết lập ban đầu.", "The first settings are in use."),
	"settings-damaged": {
		vi: [3]string{"Tệp thiết lập bị hỏng.", "Nội dung không đọc được; xem chi tiết lỗi.", "Gửi tệp hỗ trợ cho bộ phận hỗ trợ, hoặc đổi tên tệp settings.json để bắt đầu lại."},
		en: [3]string{"The file of settings is damaged.", "It cannot be read; see the detail.", "Send the support file to the support desk, or rename settings.json to begin anew."},
	},
	"settings-locked": {
		vi: [3]string{"Thiết lập bị khóa, chỉ xem được.", "Quản trị viên hoặc hệ điều hành không cho thay đổi tệp thiết lập.", "Muốn thay đổi, liên hệ quản trị viên."},
		en: [3]string{"The settings are locked.", "An administrator or the system does not let the file be changed.", "Ask your administrator for changes."},
	},
	"trust-unread": {
		vi: [3]string{"Không đọc được thư mục chứng thư tin cậy.", "Thư mục không còn, hoặc có tệp không phải chứng thư; xem chi tiết lỗi.", "Chọn lại thư mục trong Thiết lập, hoặc bỏ tệp sai ra."},
		en: [3]string{"The folder of trusted certificates cannot be read.", "It is gone, or has a file that is no certificate; see the detail.", "Choose the folder anew in the settings, or take the wrong file out."},
	},
	"system": fine("Ký số {version} trên {system}.", "Ký số {version} on {system}."),
	"helper-missing": {
		vi: [3]string{"Thiếu một phần của chương trình: kyso-token.", "Phần này nạp trình điều khiển thiết bị; thiếu nó thì không ký được.", "Cài lại chương trình Ký số."},
		en: [3]string{"A part of the program is missing: kyso-token.", "It loads the drivers of tokens; nothing can be signed without it.", "Install Ký số again."},
	},
	"screen": fine("Cửa sổ {size} điểm ảnh, phóng {scale} %.", "Window of {size} pixels, scale {scale} %."),
	"screen-small": {
		vi: [3]string{"Cửa sổ nhỏ: {size} điểm ảnh, phóng {scale} %.", "Một số trang không đủ chỗ hiện hết.", "Phóng to cửa sổ, hoặc giảm độ phóng của màn hình."},
		en: [3]string{"The window is small: {size} pixels, scale {scale} %.", "Some pages have no room to show all.", "Enlarge the window, or lower the scale of the screen."},
	},
}
