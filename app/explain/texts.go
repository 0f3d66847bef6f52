package explain

// generalTexts are the messages about the program, its files and the server.
//
//nolint:gochecknoglobals // a constant table
var generalTexts = map[string]text{
	codeUnknown: {
		vi: [3]string{"Có lỗi chưa lường trước.", "Chi tiết: {detail}", "Thử lại. Nếu vẫn lỗi, gửi dòng chi tiết trên cho bộ phận hỗ trợ."},
		en: [3]string{"Something unforeseen went wrong.", "Detail: {detail}", "Try again. If it stays, send the line above to the support desk."},
	},
	"cancelled": {
		vi: [3]string{"Đã dừng theo yêu cầu.", "Anh/chị đã bấm Hủy.", "Chưa có gì bị thay đổi; có thể ký lại bất cứ lúc nào."},
		en: [3]string{"Stopped as you asked.", "You pressed Cancel.", "Nothing was changed; you can sign again at any time."},
	},
	"no-display": {
		vi: [3]string{"Không mở được cửa sổ.", "Máy không có màn hình đồ họa: DISPLAY và WAYLAND_DISPLAY đều không dùng được.", "Hãy chạy chương trình từ màn hình làm việc, hoặc dùng lệnh kysoctl trong cửa sổ dòng lệnh."},
		en: [3]string{"The window cannot be shown.", "There is no display: neither DISPLAY nor WAYLAND_DISPLAY leads to one.", "Start the program from the desktop, or use kysoctl in the terminal."},
	},
	"no-opengl": {
		vi: [3]string{"Không mở được cửa sổ.", "Máy này không có OpenGL 2 dùng được; thường gặp trên máy ảo và khi kết nối từ xa.", "Hãy cập nhật trình điều khiển đồ họa, hoặc cài bản có kèm OpenGL (Mesa). Lệnh kysoctl vẫn dùng được."},
		en: [3]string{"The window cannot be shown.", "This computer has no OpenGL 2 that works; this is common on virtual machines and remote desktops.", "Update the graphics driver, or install the variant of the program with its own OpenGL (Mesa). kysoctl works without."},
	},
	"no-folder": {
		vi: [3]string{"Không có thư mục để lưu dữ liệu của chương trình.", "Máy không cho biết thư mục cá nhân, hoặc thư mục đó không ghi được.", "Đặt biến HOME, kiểm tra quyền ghi, hoặc chạy với --data THƯ_MỤC."},
		en: [3]string{"There is no folder for the program's data.", "The computer names no home folder, or it cannot be written to.", "Set HOME, check the permissions, or start with --data FOLDER."},
	},
	"offline": {
		vi: [3]string{"Chưa kết nối được máy chủ văn bản.", "Máy chủ không trả lời hoặc mạng đang ngắt.", "Vẫn có thể ký; văn bản đã ký nằm trong hàng đợi và tự gửi khi có mạng."},
		en: [3]string{"The document server cannot be reached.", "It does not answer, or the network is down.", "You can go on signing; signed documents wait in the queue and leave by themselves."},
	},
	"disk-full": {
		vi: [3]string{"Ổ đĩa đã đầy.", "Không còn chỗ để ghi tệp đã ký; chưa có tệp nào bị ghi dở.", "Giải phóng dung lượng rồi ký lại."},
		en: [3]string{"The disk is full.", "There is no room for the signed file; nothing was left half-written.", "Free some space and sign again."},
	},
	"read-only": {
		vi: [3]string{"Thư mục chỉ cho đọc.", "Không ghi được tệp đã ký vào {path}.", "Chọn thư mục khác để lưu."},
		en: [3]string{"The folder is read-only.", "The signed file cannot be written to {path}.", "Choose another folder."},
	},
	"no-permission": {
		vi: [3]string{"Không có quyền với tệp hoặc thư mục.", "Hệ điều hành từ chối: {path}", "Chọn thư mục khác, hoặc nhờ quản trị cấp quyền."},
		en: [3]string{"No permission for a file or folder.", "The system refused: {path}", "Choose another folder, or ask your administrator."},
	},
	"no-file": {
		vi: [3]string{"Không tìm thấy tệp.", "Không còn tệp: {path}", "Kiểm tra lại đường dẫn; có thể tệp đã được chuyển chỗ."},
		en: [3]string{"The file was not found.", "There is no file: {path}", "Check the path; the file may have been moved."},
	},
	"slow": {
		vi: [3]string{"Quá thời gian chờ.", "Công việc không xong trong thời hạn cho phép.", "Kiểm tra mạng và thiết bị rồi thử lại."},
		en: [3]string{"It took too long.", "The work did not end within its limit.", "Check the network and the token, then try again."},
	},
	"server-refused": {
		vi: [3]string{"Máy chủ văn bản không nhận yêu cầu.", "{detail}", "Đọc lý do ở trên, sửa rồi gửi lại; tệp đã ký vẫn được giữ trong hàng đợi."},
		en: [3]string{"The document server refused the request.", "{detail}", "Read the reason above, mend it and send again; the signed file stays in the queue."},
	},
}
