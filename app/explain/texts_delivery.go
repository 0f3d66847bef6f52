package explain

// deliveryTexts are the messages about documents on their way to the document
// system; the errors name them themselves.
//
//nolint:gochecknoglobals // a constant table
var deliveryTexts = map[string]text{
	"delivery-unknown": {
		vi: [3]string{"Không còn văn bản này trong hàng đợi.", "Văn bản đã được rút lại hoặc bỏ khỏi hàng đợi.", "Mở lại danh sách Đã gửi; nếu cần gửi, hãy đưa tệp đã ký vào lại."},
		en: [3]string{"The document is not in the queue any more.", "It was taken back or removed.", "Open the list of deliveries again; queue the signed file again if it is to be sent."},
	},
	"delivery-too-late": {
		vi: [3]string{"Không làm được việc này ở bước hiện tại.", "Hệ thống văn bản có thể đã nhận văn bản, hoặc văn bản chưa tới bước đó.", "Chờ trả lời của hệ thống; muốn thu hồi văn bản đã gửi thì làm trên hệ thống văn bản."},
		en: [3]string{"That is not possible at this step.", "The document system may hold the document already, or the document has not come so far.", "Wait for the system's answer; recall a document that was sent in the document system."},
	},
	"delivery-login": {
		vi: [3]string{"Cần đăng nhập lại để gửi.", "Máy chủ không còn nhận phiên đăng nhập trước.", "Nhấn “Đăng nhập lại” ở đầu cửa sổ; mọi văn bản đang chờ sẽ tự gửi tiếp."},
		en: [3]string{"Log in again to send.", "The server does not accept the earlier log-in any more.", "Press “Log in again” at the top of the window; all that waits is then sent by itself."},
	},
	"delivery-refused": {
		vi: [3]string{"Hệ thống không nhận văn bản.", "{detail}", "Sửa theo lý do trên rồi nhấn “Thử lại”; nếu không gửi nữa, nhấn “Bỏ khỏi hàng gửi”. Tệp đã ký vẫn còn nguyên."},
		en: [3]string{"The system did not take the document.", "{detail}", "Mend the reason and press “Try again”; if it is not to be sent, press “Remove from outbox”. The signed file stays."},
	},
	"delivery-later": {
		vi: [3]string{"Lần gửi vừa rồi chưa xong.", "{detail}", "Không cần làm gì: chương trình tự gửi lại. Muốn gửi ngay, nhấn “Thử lại”."},
		en: [3]string{"The last try did not succeed.", "{detail}", "Nothing to do: it is tried again by itself. Press “Try again” to send it now."},
	},
	"no-printer": {
		vi: [3]string{"Chưa có máy in.", "Máy tính này chưa cài máy in nào.", "Thêm máy in trong phần cài đặt của hệ thống rồi in lại; tệp đã ký vẫn còn nguyên."},
		en: [3]string{"There is no printer.", "No printer is set up on this computer.", "Add a printer in the system's settings and print again; the signed file is as it was."},
	},
	"no-printing": {
		vi: [3]string{"Không in được từ máy này.", "Dịch vụ in không chạy, hoặc chưa có chương trình xem PDF để in.", "Mở tệp bằng chương trình xem PDF rồi in ở đó, hoặc nhờ quản trị viên bật dịch vụ in."},
		en: [3]string{"Printing is not possible here.", "The printing service does not run, or no program that shows PDF files is installed.", "Open the file in a PDF viewer and print there, or ask the administrator to start the printing service."},
	},
	"print-failed": {
		vi: [3]string{"Chưa in được.", "{detail}", "Kiểm tra máy in rồi in lại, hoặc chọn máy in khác."},
		en: [3]string{"It was not printed.", "{detail}", "Look at the printer and print again, or choose another one."},
	},
	"no-file-manager": {
		vi: [3]string{"Không mở được thư mục.", "Không có chương trình quản lý tệp nào trả lời.", "Dùng “Chép tệp”, hoặc tự mở thư mục chứa tệp."},
		en: [3]string{"The folder cannot be opened.", "No file manager answers.", "Use “Copy file”, or open the folder yourself."},
	},
	"files-too-many": {
		vi: [3]string{"Quá nhiều tệp cho một lần.", "Danh sách tệp dài hơn mức cho phép khi kéo hoặc chép.", "Chọn ít tệp hơn, hoặc mở thư mục rồi chép ở đó."},
		en: [3]string{"Too many files at once.", "The list of files is longer than can be dragged or copied.", "Take fewer files, or open the folder and copy there."},
	},
	"files-no-clipboard": {
		vi: [3]string{"Không chép được tệp.", "Màn hình này không có bộ nhớ tạm dùng chung.", "Nhấn “Mở thư mục” rồi chép tệp ở đó."},
		en: [3]string{"The file cannot be copied.", "This screen has no clipboard that programs share.", "Press “Open folder” and copy the file there."},
	},
	"secret": {
		vi: [3]string{"Văn bản mật, không được đưa lên mạng.", "Văn bản mang dấu chỉ độ mật. Luật Bảo vệ bí mật nhà nước không cho phép gửi văn bản này qua hệ thống.", "Xử lý văn bản trên máy độc lập theo quy định về bí mật nhà nước; chương trình không gửi và không lưu nội dung."},
		en: [3]string{"A secret document must not go on a network.", "The document bears a mark of secrecy. The law on state secrets does not allow it to be sent.", "Handle it on a separate machine by the rules for state secrets; the program sends and keeps nothing of it."},
	},
	"rehearsed": {
		vi: [3]string{"Đây là bản thử: không ký thật, không gửi đi được.", "Văn bản này được ký khi tập ký: chữ ký không có giá trị pháp lý.", "Mở văn bản gốc rồi ký thật bằng thiết bị ký số."},
		en: [3]string{"This is a rehearsal: it is neither signed for real nor sent.", "The document was signed for practice: the signature is worth nothing.", "Open the original document and sign it with your device."},
	},
	"secret-doubt": {
		vi: [3]string{"Văn bản này có phải văn bản mật không?", "Có chữ giống dấu chỉ độ mật, hoặc tệp có mật khẩu nên chương trình không đọc được.", "Xem lại văn bản: nếu không mật, xác nhận “Không mật” rồi làm lại; nếu mật thì không gửi."},
		en: [3]string{"Is this document secret?", "Something in it looks like a mark of secrecy, or the file has a password and could not be read.", "Look at the document: if it is not secret, say so and go on; if it is, do not send it."},
	},
	"network-settings": {
		vi: [3]string{"Không dùng được phần cài đặt mạng.", "Địa chỉ proxy, tệp chứng thư hoặc mã ghim trong cài đặt không đúng, nên chương trình không kết nối.", "Mở “Thiết lập”, trang “Mạng” để sửa, rồi mở lại chương trình."},
		en: [3]string{"The network settings cannot be used.", "The proxy's address, the file of authorities or a pinned key is wrong, so nothing is connected.", "Correct it in Settings on the page “Network”, then open the program again."},
	},
	"pin-mismatch": {
		vi: [3]string{"Máy chủ không đúng khóa đã ghim.", "Có thể đường truyền bị chặn giữa chừng, hoặc máy chủ đã đổi chứng thư.", "Đừng đăng nhập. Gửi mã trong phần chi tiết cho bộ phận quản trị để đối chiếu."},
		en: [3]string{"The server does not show the pinned key.", "Somebody may be in between, or the server has a new certificate.", "Do not log in. Give the code in the details to your administrator to compare."},
	},
	"no-tls": {
		vi: [3]string{"Địa chỉ máy chủ không mã hóa.", "Mật khẩu và văn bản gửi qua http:// có thể bị đọc trên đường truyền.", "Đổi địa chỉ sang https://; hỏi quản trị nếu máy chủ chưa có chứng thư."},
		en: [3]string{"The server's address is not encrypted.", "A password and documents that go over http:// can be read on the way.", "Change the address to https://; ask the administrator if the server has no certificate."},
	},
	"connector": {
		vi: [3]string{"Không dùng được kết nối đã chọn.", "{detail}", "Mở “Thiết lập”, trang “Máy chủ” để sửa, rồi nhấn “Thử kết nối”; văn bản đã ký vẫn nằm trong hàng đợi."},
		en: [3]string{"The chosen connection cannot be used.", "{detail}", "Correct it in Settings on the page “Server” and test the connection; signed documents stay in the queue."},
	},
	"audit-rewritten": {
		vi: [3]string{"Nhật ký của máy chủ không khớp với lần trước.", "Máy chủ đưa ra lịch sử khác: nhật ký đã bị sửa hoặc xóa, máy chủ được phục hồi từ bản sao lưu cũ, hoặc một máy khác đang trả lời.", "Báo ngay cho bộ phận quản trị kèm phần chi tiết; văn bản đã ký trên máy này vẫn nguyên vẹn."},
		en: [3]string{"The server's log does not go on from what it was.", "It shows another history: the log was changed, an old backup was restored, or another machine answers.", "Tell the administrator at once, with the details; signed documents on this computer are intact."},
	},
}
