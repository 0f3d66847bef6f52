package explain

// settingsTexts are the messages about the settings.
//
//nolint:gochecknoglobals // a constant table
var settingsTexts = map[string]text{
	"trust-format": {
		vi: [3]string{"Tệp này không chứa chứng thư số nào.", "Chương trình đọc được chứng thư số dạng DER, PEM (.cer, .crt, .pem) và PKCS #7 (.p7b).", "Tải lại tệp từ trang của nơi cấp, hoặc hỏi quản trị viên. Chưa có gì thay đổi."},
		en: [3]string{"There is no certificate in this file.", "The program reads certificates in DER, PEM (.cer, .crt, .pem) and PKCS #7 (.p7b).", "Download the file from its issuer again, or ask the administrator. Nothing was changed."},
	},
	"trust-fingerprint": {
		vi: [3]string{"Dấu vân tay không khớp: chứng thư số này không được tin cậy.", "Tệp không có chứng thư số nào mang dấu vân tay SHA-256 đã nhập; có thể tệp bị thay, hoặc nhập nhầm.", "So lại từng nhóm bốn ký tự với dấu vân tay do nơi cấp công bố. Nếu vẫn khác, đừng tin cậy tệp này."},
		en: [3]string{"The fingerprint does not match: the certificate is not trusted.", "No certificate in the file has the SHA-256 that was typed; the file may be another one, or there is a slip.", "Compare each group of four with what the issuer published. If they still differ, do not trust this file."},
	},
	"trust-not-ca": {
		vi: [3]string{"Đây không phải chứng thư số của cơ quan chứng thực.", "Chứng thư số của người dùng không cấp được chứng thư số khác nên không dùng làm gốc tin cậy.", "Chọn chứng thư số gốc hoặc trung gian của nơi cấp."},
		en: [3]string{"This is not the certificate of an authority.", "A person's certificate issues no other one, so it cannot be trusted as a root.", "Choose the root or the intermediate certificate of the issuer."},
	},
	"trust-damaged": {
		vi: [3]string{"Kho chứng thư số tin cậy có một tệp không đúng tên của nó.", "Tệp có thể đã bị thay: {detail}", "Đưa tệp đó ra khỏi thư mục rồi thêm lại chứng thư số từ nguồn tin cậy."},
		en: [3]string{"A file in the store of trusted certificates is not what its name says.", "It may have been replaced: {detail}", "Take that file out of the folder and add the certificate again from a source that you trust."},
	},
	"picture-format": {
		vi: [3]string{"Không đọc được ảnh này.", "Tệp không phải ảnh PNG hay JPEG, hoặc đã hỏng.", "Chụp lại, hoặc lưu ảnh thành PNG hay JPEG rồi chọn lại."},
		en: [3]string{"This picture cannot be read.", "The file is neither PNG nor JPEG, or it is damaged.", "Take the picture again, or save it as PNG or JPEG and choose it again."},
	},
	"picture-large": {
		vi: [3]string{"Ảnh quá lớn.", "Ảnh có hơn 60 triệu điểm ảnh.", "Cắt lấy phần có chữ ký rồi chọn lại."},
		en: [3]string{"The picture is too large.", "It has more than 60 million pixels.", "Cut out the part with the signature and choose it again."},
	},
	"picture-no-ink": {
		vi: [3]string{"Không thấy nét chữ ký trong ảnh.", "Nét mực quá nhạt so với giấy, hoặc ảnh không có chữ ký.", "Kéo “Giữ nét mực” sang trái, hoặc ký bằng bút đậm hơn trên giấy trắng rồi chụp lại đủ sáng."},
		en: [3]string{"No ink was found in the picture.", "The ink is too faint for the paper, or there is no signature.", "Move “Keep ink” to the left, or sign with a stronger pen on white paper and take it again in good light."},
	},
	"not-settings": {
		vi: [3]string{"Tệp này không phải tệp thiết lập của Ký số.", "Tệp có nội dung mà chương trình không biết, hoặc đã bị sửa hỏng.", "Chọn tệp do nút “Xuất ra tệp” tạo. Chưa có gì thay đổi."},
		en: [3]string{"This is not a file of settings of Ký số.", "It holds something that the program does not know, or it was damaged.", "Choose a file that “Export to a file” made. Nothing was changed."},
	},
	"key-file-password": {
		vi: [3]string{"Mật khẩu của tệp khóa không đúng.", "Tệp không mở được bằng mật khẩu vừa nhập.", "Kiểm tra phím Caps Lock và bộ gõ tiếng Việt rồi nhập lại."},
		en: [3]string{"That is not the password of the key file.", "The file does not open with the password that was typed.", "Check Caps Lock and the Vietnamese keyboard, then type it again."},
	},
}
