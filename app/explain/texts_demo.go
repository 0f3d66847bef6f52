package explain

// demoTexts are the messages of the demonstration.
//
//nolint:gochecknoglobals // a constant table
var demoTexts = map[string]text{
	"demo-port": {
		vi: [3]string{"Không mở được dịch vụ chứng thực minh họa.", "Một chương trình khác đang dùng cổng của nó trên máy này; có thể bản minh họa đang chạy.", "Đóng chương trình đó rồi chạy lại, hoặc xóa thư mục minh họa để tạo bản mới."},
		en: [3]string{"The demonstration's certification service cannot open.", "Another program uses its port on this computer; the demonstration may be running already.", "Close that program and start again, or delete the demonstration's folder to make a new one."},
	},
	"demo-occupied": {
		vi: [3]string{"Thư mục này đang chứa dữ liệu khác.", "Bản minh họa chỉ được tạo trong thư mục trống hoặc chưa có.", "Chọn thư mục khác bằng --dir."},
		en: [3]string{"The folder holds something else.", "A demonstration is made only in a folder that is empty or not there.", "Choose another folder with --dir."},
	},
	"demo-softhsm": {
		vi: [3]string{"Máy chưa có SoftHSM.", "Bản minh họa dùng thiết bị ký bằng phần mềm SoftHSM.", "Cài gói softhsm2 (Debian, Ubuntu: apt install softhsm2) rồi chạy lại."},
		en: [3]string{"SoftHSM is not installed.", "The demonstration uses software tokens of SoftHSM.", "Install the package softhsm2 (Debian, Ubuntu: apt install softhsm2) and start again."},
	},
	"demo-finished": {
		vi: [3]string{"Không còn văn bản nào chờ ký.", "Các văn bản của bản minh họa này đã được ký hết.", "Xóa thư mục minh họa rồi chạy lại để bắt đầu từ đầu."},
		en: [3]string{"No letter waits any more.", "All letters of this demonstration are signed.", "Delete the demonstration's folder and start again to begin anew."},
	},
	"demo-window": {
		vi: [3]string{"Cửa sổ chương trình không mở được.", "Lý do ở các dòng phía trên.", "Trên máy không có màn hình, dùng make demo để đi hết quy trình trong cửa sổ dòng lệnh."},
		en: [3]string{"The window did not open.", "The reason stands in the lines above.", "On a computer without a display, make demo walks the whole road in the terminal."},
	},
}
