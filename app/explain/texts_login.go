package explain

// loginTexts are the messages about logging in to the document server.
//
//nolint:gochecknoglobals // a constant table
var loginTexts = map[string]text{
	"provider-unreachable": {
		vi: [3]string{"Chưa liên lạc được với cổng xác thực.", "Cổng xác thực, nơi giữ tài khoản, không trả lời hoặc trả lời không đúng chuẩn.", "Kiểm tra mạng rồi thử lại; nếu vẫn vậy, báo quản trị viên kèm phần chi tiết. Văn bản đã ký vẫn nằm trong hàng đợi."},
		en: [3]string{"The identity provider cannot be reached.", "The provider, which keeps the account, does not answer, or not as the standards say.", "Check the network and try again; if it stays, tell the administrator with the details. Signed documents wait in the queue."},
	},
	"provider-denied": {
		vi: [3]string{"Cổng xác thực không cho đăng nhập.", "Anh/chị đã từ chối ở trang đăng nhập, hoặc tài khoản chưa được phép dùng Ký số.", "Đăng nhập lại và chọn đồng ý; nếu vẫn bị từ chối, nhờ quản trị viên cấp quyền cho tài khoản."},
		en: [3]string{"The identity provider did not allow the log-in.", "You refused on its page, or the account may not use Ký số.", "Log in again and agree; if it is refused still, ask the administrator to allow the account."},
	},
	"provider-late": {
		vi: [3]string{"Đã quá thời gian đăng nhập.", "Trang đăng nhập hoặc mã không được dùng kịp lúc.", "Đăng nhập lại từ đầu; chưa có gì bị thay đổi."},
		en: [3]string{"The log-in took too long.", "The page or the code was not used in time.", "Log in again from the start; nothing was changed."},
	},
	"provider-forged": {
		vi: [3]string{"Câu trả lời không thuộc lần đăng nhập này.", "Trình duyệt hoặc cổng xác thực đưa về kết quả của một lần đăng nhập khác: trang cũ còn mở, hoặc có người giả mạo.", "Đóng các trang đăng nhập cũ rồi đăng nhập lại. Nếu lặp lại, dừng và báo bộ phận an toàn thông tin."},
		en: [3]string{"The answer does not belong to this log-in.", "Browser or provider brought the result of another log-in: an old page is open still, or somebody forged it.", "Close old log-in pages and log in again. If it happens again, stop and tell those who care for security."},
	},
	"provider-ended": {
		vi: [3]string{"Phiên đăng nhập đã hết.", "Cổng xác thực không gia hạn phiên này nữa.", "Đăng nhập lại; văn bản đang chờ sẽ tự gửi tiếp, không mất gì."},
		en: [3]string{"The log-in has ended.", "The identity provider renews it no more.", "Log in again; what waits is then sent by itself, and nothing is lost."},
	},
	"provider-no-codes": {
		vi: [3]string{"Cổng xác thực không có đăng nhập bằng mã.", "Nơi giữ tài khoản không hỗ trợ mã trên thiết bị khác.", "Đăng nhập bằng trình duyệt trên máy này."},
		en: [3]string{"The identity provider has no log-in by a code.", "It does not offer codes for other devices.", "Log in with the browser of this computer."},
	},
	"provider-nobody": {
		vi: [3]string{"Chưa đăng nhập máy chủ văn bản.", "Trên máy này không có phiên nào của cổng xác thực cho máy chủ này.", "Trong cửa sổ: “Thiết lập”, trang “Máy chủ”. Từ dòng lệnh: kysoctl login, hoặc --login với tài khoản có mật khẩu."},
		en: [3]string{"Nobody is logged in to the document server.", "This computer has no log-in of the identity provider for this server.", "In the window: Settings, page “Server”. On the command line: kysoctl login, or --login with an account that has a password."},
	},
	"no-provider": {
		vi: [3]string{"Máy chủ không dùng cổng xác thực.", "Máy chủ văn bản chỉ nhận tài khoản và mật khẩu của chính nó.", "Đăng nhập bằng tên tài khoản và mật khẩu; từ dòng lệnh là --login."},
		en: [3]string{"The server uses no identity provider.", "The document server takes its own accounts with a password only.", "Log in with an account's name and password; on the command line with --login."},
	},
	"no-browser": {
		vi: [3]string{"Không mở được trình duyệt.", "Máy này không có trình duyệt nào nhận địa chỉ trang.", "Dùng mã trên thiết bị khác; từ dòng lệnh là kysoctl login --device."},
		en: [3]string{"No browser could be opened.", "This computer has no browser that takes the address of a page.", "Use a code on another device; on the command line kysoctl login --device."},
	},
	"no-keyring": {
		vi: [3]string{"Máy này không giữ được phiên đăng nhập.", "Hệ thống không có kho mật khẩu đang mở, và chương trình không ghi phiên vào tệp.", "Mở kho mật khẩu của hệ thống rồi đăng nhập lại; hoặc thêm --identity browser (hay code) vào từng lệnh."},
		en: [3]string{"This computer cannot keep the log-in.", "The system has no keyring that is open, and the program writes a log-in to no file.", "Open the system's keyring and log in again; or add --identity browser (or code) to each command."},
	},
	"log-in-required": {
		vi: [3]string{"Cần đăng nhập lại.", "Máy chủ văn bản không còn nhận phiên đăng nhập trước, hoặc chưa có ai đăng nhập.", "Nhấn “Đăng nhập lại” ở đầu cửa sổ, hoặc chạy kysoctl login; việc đang dở vẫn còn nguyên."},
		en: [3]string{"Please log in again.", "The document server does not accept the earlier log-in any more, or nobody has logged in.", "Press “Log in again” at the top of the window, or run kysoctl login; nothing is lost."},
	},
	"identity-not-linked": {
		vi: [3]string{"Tài khoản này chưa được nối với máy chủ văn bản.", "{detail}", "Gửi dòng trên cho quản trị viên máy chủ để nối tài khoản, rồi đăng nhập lại."},
		en: [3]string{"This account is not linked at the document server.", "{detail}", "Send the line above to the server's administrator, who links the account; then log in again."},
	},
}
