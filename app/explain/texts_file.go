package explain

// fileTexts are the messages about the file to sign.
//
//nolint:gochecknoglobals // a constant table
var fileTexts = map[string]text{
	"exists": {
		vi: [3]string{"Đã có tệp trùng tên.", "Chương trình không bao giờ ghi đè lên tệp đã có.", "Chọn tên khác, hoặc chuyển tệp cũ đi nơi khác."},
		en: [3]string{"A file of that name is there already.", "The program never writes over a file.", "Choose another name, or move the old file away."},
	},
	"no-approval": {
		vi: [3]string{"Chưa đóng dấu được văn bản này.", "Văn bản chưa có chữ ký số hợp lệ, nhìn thấy được của người có thẩm quyền (Nghị định 30/2020/NĐ-CP, Điều 32).", "Trình người có thẩm quyền ký trước, rồi đóng dấu."},
		en: [3]string{"The document cannot be sealed yet.", "It has no sound, visible signature of the authorised person (Decree 30/2020/NĐ-CP, article 32).", "Have the authorised person sign it first, then seal it."},
	},
	"weak-key": {
		vi: [3]string{"Khóa của chứng thư số quá yếu.", "Thông tư 15/2025/TT-BKHCN yêu cầu RSA từ 2048 bit hoặc ECDSA từ 256 bit.", "Đề nghị nơi cấp đổi chứng thư số mới."},
		en: [3]string{"The certificate's key is too weak.", "Circular 15/2025/TT-BKHCN asks for RSA of 2048 bits or ECDSA of 256 bits at least.", "Ask its issuer for a new certificate."},
	},
	"no-place": {
		vi: [3]string{"Vị trí chữ ký không nằm trên trang.", "Trang không có, hoặc khung chữ ký nằm ngoài trang.", "Kéo chữ ký vào trong trang rồi ký lại; văn bản chưa bị ký."},
		en: [3]string{"The place is not on a page.", "There is no such page, or the mark lies outside it.", "Move the mark onto the page and sign again; nothing was signed."},
	},
	"no-letter": {
		vi: [3]string{"Phông chữ thiếu ký tự cần in.", "Dòng chữ của dấu hiển thị có ký tự mà phông không có.", "Dùng ảnh chữ ký thay cho dòng chữ."},
		en: [3]string{"The font lacks a letter.", "The text of the mark has a letter that the font does not have.", "Use a picture of the signature instead of text."},
	},
	"field-used": {
		vi: [3]string{"Ô chữ ký này không ký được.", "Ô đã có chữ ký, hoặc không phải ô chữ ký.", "Chọn ô khác, hoặc để chương trình tạo ô mới."},
		en: [3]string{"That field cannot be signed.", "It holds a signature already, or is no signature field.", "Choose another field, or let the program make one."},
	},
	"field-name": {
		vi: [3]string{"Tên ô chữ ký không hợp lệ.", "Tên ô mới không được có dấu chấm.", "Đặt tên khác, hoặc để chương trình tự đặt."},
		en: [3]string{"That is no name for a signature field.", "A new field's name must not have a full stop.", "Give another name, or let the program choose one."},
	},
	"check-failed": {
		vi: [3]string{"Tệp vừa ký không qua được bước tự kiểm tra.", "Chương trình kiểm tra lại trước khi đặt tên tệp và đã thấy sai.", "Không có tệp nào được lưu. Ký lại; nếu vẫn lỗi, gửi văn bản gốc cho bộ phận hỗ trợ."},
		en: [3]string{"The signed file failed its own check.", "The program checks before the file gets its name, and found a fault.", "No file was kept. Sign again; if it stays, send the original to the support desk."},
	},
	"too-large": {
		vi: [3]string{"Tệp hoặc trang quá lớn để hiển thị.", "Tệp vượt giới hạn an toàn của phần hiển thị.", "Ký bằng vị trí tự nhập (kysoctl sign --place), hoặc tách tệp nhỏ hơn."},
		en: [3]string{"The file or page is too large to show.", "It passes the safe limit of the page view.", "Sign with a place of your own (kysoctl sign --place), or split the file."},
	},
	"refused": {
		vi: [3]string{"Văn bản này không ký thêm được.", "{detail}", "Đề nghị người gửi cung cấp bản khác."},
		en: [3]string{"This document takes no further signature.", "{detail}", "Ask the sender for another copy."},
	},
	"refused-certified-no-changes": {
		vi: [3]string{"Văn bản đã được chứng nhận là không cho thay đổi.", "Người ký trước đã khóa tệp (DocMDP mức 1); ký thêm sẽ làm hỏng chữ ký đó.", "Đề nghị người gửi cung cấp bản không khóa."},
		en: [3]string{"The document is certified and allows no change.", "An earlier signer locked it (DocMDP level 1); a further signature would break that one.", "Ask the sender for a copy that is not locked."},
	},
	"refused-locked": {
		vi: [3]string{"Ô chữ ký đã bị khóa.", "Chữ ký trước đó khóa các ô trong văn bản.", "Ký vào ô khác, hoặc đề nghị người gửi cung cấp bản không khóa."},
		en: [3]string{"The signature field is locked.", "An earlier signature locks the fields of the document.", "Use another field, or ask the sender for a copy that is not locked."},
	},
	"refused-dynamic-xfa": {
		vi: [3]string{"Văn bản là biểu mẫu XFA động.", "Nội dung trang do chương trình khác dựng nên, không ký an toàn được.", "In biểu mẫu ra PDF thường rồi ký."},
		en: [3]string{"The document is a dynamic XFA form.", "Its pages are built by a script and cannot be signed safely.", "Print the form to a plain PDF and sign that."},
	},
	"refused-trailing-bytes": {
		vi: [3]string{"Văn bản đã ký có dữ liệu lạ ở cuối tệp.", "Phần thêm sau chữ ký trước không thuộc bản cập nhật hợp lệ nào.", "Không ký. Đề nghị người gửi cung cấp lại bản gốc."},
		en: [3]string{"The signed file has foreign data at its end.", "What follows the earlier signature belongs to no valid update.", "Do not sign. Ask the sender for the original again."},
	},
	"refused-annotations-not-allowed": {
		vi: [3]string{"Không đặt thêm được dấu hiệu trên các trang.", "Văn bản đã có chữ ký hoặc chứng nhận không cho thêm chú thích; đặt thêm sẽ làm hỏng chữ ký đó.", "Ký với các dấu hiệu là ô chữ ký, hoặc chỉ đặt một dấu hiệu."},
		en: [3]string{"No further marks can be put on the pages.", "An earlier signature or certification allows no annotations; they would break it.", "Sign with marks that belong to the signature field, or with one mark only."},
	},
	"refused-seed-value": {
		vi: [3]string{"Ô chữ ký có điều kiện bắt buộc chưa được đáp ứng.", "{detail}", "Chọn chứng thư số, lý do hoặc mức ký phù hợp; hoặc ký vào ô khác."},
		en: [3]string{"The signature field sets a condition that is not met.", "{detail}", "Choose a certificate, reason or level that fits, or another field."},
	},
	"refused-permission": {
		vi: [3]string{"Văn bản không cho phép ký.", "Quyền đặt trong tệp mã hóa không cho thêm chữ ký.", "Đề nghị người gửi cung cấp bản cho phép ký."},
		en: [3]string{"The document does not permit signing.", "The permissions of the encrypted file allow no signature.", "Ask the sender for a copy that does."},
	},
	"refused-encrypted": {
		vi: [3]string{"Văn bản có mật khẩu.", "Tệp được mã hóa và chỉ mở được bằng mật khẩu.", "Nhập mật khẩu của văn bản rồi thử lại (kysoctl: --password-file), hoặc đề nghị người gửi cung cấp bản không mã hóa."},
		en: [3]string{"The document has a password.", "It is encrypted and opens with a password only.", "Give the document's password and try again (kysoctl: --password-file), or ask the sender for a copy that is not encrypted."},
	},
	"refused-wrong-password": {
		vi: [3]string{"Sai mật khẩu của văn bản.", "Mật khẩu đã nhập không mở được tệp; đây không phải mã PIN của thiết bị ký số.", "Kiểm tra bộ gõ và phím Caps Lock rồi nhập lại, hoặc hỏi người gửi."},
		en: [3]string{"That is not the document's password.", "The password does not open the file; it is not the token's PIN.", "Check the keyboard layout and Caps Lock and type it again, or ask the sender."},
	},
	"refused-security-handler": {
		vi: [3]string{"Không mở được kiểu mã hóa của văn bản.", "Tệp được mã hóa cho người nhận cụ thể hoặc bằng phần mềm quản lý bản quyền, không phải bằng mật khẩu.", "Đề nghị người gửi cung cấp bản không mã hóa."},
		en: [3]string{"The document's kind of encryption cannot be opened.", "It is encrypted for certain recipients or by rights management, not with a password.", "Ask the sender for a copy that is not encrypted."},
	},
	"refused-damaged": {
		vi: [3]string{"Không đọc được tệp PDF.", "Tệp bị hỏng hoặc không phải PDF.", "Đề nghị người gửi cung cấp lại tệp."},
		en: [3]string{"The PDF cannot be read.", "The file is damaged, or is no PDF.", "Ask the sender for the file again."},
	},
}
