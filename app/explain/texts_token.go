package explain

// tokenTexts are the messages about tokens, drivers and certificates.
//
//nolint:gochecknoglobals // a constant table
var tokenTexts = map[string]text{
	"token-cancelled": {
		vi: [3]string{"Việc nhập mã PIN đã bị hủy.", "Thiết bị báo người dùng đã hủy.", "Ký lại khi sẵn sàng; không mất lần thử PIN nào."},
		en: [3]string{"Entering the PIN was cancelled.", "The device says that its user cancelled.", "Sign again when you are ready; no PIN try was spent."},
	},
	"pin-wrong": {
		vi: [3]string{"Mã PIN không đúng.", "Thiết bị đã từ chối mã PIN và tính một lần thử sai.", "Kiểm tra phím Caps Lock, bộ gõ tiếng Việt rồi nhập lại. Sai 3 lần liên tiếp thiết bị thường bị khóa."},
		en: [3]string{"The PIN is wrong.", "The token refused it and counted one failed try.", "Check Caps Lock and the Vietnamese keyboard, then type it again. Most tokens lock after 3 wrong tries in a row."},
	},
	"pin-format": {
		vi: [3]string{"Mã PIN không đúng quy cách.", "Độ dài hoặc ký tự không được thiết bị chấp nhận; chưa mất lần thử nào.", "Nhập lại đúng độ dài mà thiết bị quy định."},
		en: [3]string{"The PIN has a wrong form.", "The token does not take this length or these characters; no try was spent.", "Type it again in the length that the token asks for."},
	},
	"pin-locked": {
		vi: [3]string{"Thiết bị ký số đã bị khóa.", "Mã PIN đã bị nhập sai quá số lần cho phép.", "Mở khóa bằng phần mềm quản lý của thiết bị, hoặc liên hệ nơi cấp chứng thư số."},
		en: [3]string{"The token is locked.", "Its PIN was typed wrong too often.", "Unlock it with the token's own manager, or ask the office that issued the certificate."},
	},
	"pin-final": {
		vi: [3]string{"Thiết bị chỉ còn một lần thử mã PIN.", "Mã PIN đã bị nhập sai trước đó; chương trình chưa gửi mã PIN lần này.", "Chỉ nhập lại khi chắc chắn đúng và xác nhận dùng lần thử cuối. Nếu không nhớ, liên hệ nơi cấp chứng thư số: sai lần nữa thiết bị sẽ bị khóa."},
		en: [3]string{"The token has one PIN try left.", "The PIN was typed wrong before; this time nothing was sent.", "Type it again only if you are sure, and confirm the last try. If you do not remember it, ask the office that issued the certificate: one more wrong PIN locks the token."},
	},
	"token-unsupported": {
		vi: [3]string{"Thiết bị không cho thực hiện việc này từ chương trình.", "Trình điều khiển của hãng không hỗ trợ, hoặc thiết bị chỉ cho đọc.", "Dùng phần mềm quản lý đi kèm thiết bị."},
		en: [3]string{"The token does not allow this from here.", "Its driver does not support it, or the token is read-only.", "Use the manager that came with the token."},
	},
	"soft-key-forbidden": {
		vi: [3]string{"Không được ký bằng khóa lưu trong tệp.", "Quản trị viên chưa cho phép dùng khóa mềm (.p12, .pfx) trên máy này.", "Ký bằng thiết bị ký số, hoặc đề nghị quản trị viên cho phép."},
		en: [3]string{"Keys in files may not be used.", "The administrator has not allowed soft keys (.p12, .pfx) on this machine.", "Sign with a token, or ask the administrator to allow it."},
	},
	"pin-expired": {
		vi: [3]string{"Mã PIN đã hết hạn.", "Thiết bị yêu cầu đổi mã PIN trước khi ký.", "Đổi mã PIN (kysoctl token change-pin, hoặc phần mềm quản lý của thiết bị) rồi ký lại."},
		en: [3]string{"The PIN has expired.", "The token wants a new PIN before it signs.", "Change the PIN (kysoctl token change-pin, or the token's own manager), then sign again."},
	},
	"token-removed": {
		vi: [3]string{"Thiết bị ký số đã bị rút ra.", "Chương trình không còn thấy thiết bị đang dùng để ký.", "Cắm lại đúng thiết bị đó rồi ký lại. Văn bản chưa ký vẫn nguyên vẹn."},
		en: [3]string{"The token was removed.", "The program no longer sees the token that it was signing with.", "Plug the same token in and sign again. Documents not yet signed are as they were."},
	},
	"login-needed": {
		vi: [3]string{"Thiết bị yêu cầu nhập lại mã PIN.", "Phiên đăng nhập vào thiết bị đã kết thúc.", "Ký lại và nhập mã PIN."},
		en: [3]string{"The token asks for the PIN again.", "The login on the token has ended.", "Sign again and type the PIN."},
	},
	"key-missing": {
		vi: [3]string{"Không tìm thấy khóa bí mật của chứng thư số.", "Thiết bị có chứng thư số này nhưng không có khóa đi kèm.", "Chọn chứng thư số khác, hoặc liên hệ nơi cấp chứng thư số."},
		en: [3]string{"The certificate's private key was not found.", "The token has this certificate but not its key.", "Choose another certificate, or ask the office that issued it."},
	},
	"driver-crashed": {
		vi: [3]string{"Trình điều khiển thiết bị đã dừng đột ngột.", "Phần mềm của hãng thiết bị gặp lỗi; chương trình đã khởi động lại nó.", "Nhập lại mã PIN để ký tiếp. Nếu lặp lại, cài lại trình điều khiển mới nhất của hãng."},
		en: [3]string{"The token's driver ended suddenly.", "The maker's software failed; the program has started it anew.", "Type the PIN again to go on. If it happens again, install the maker's newest driver."},
	},
	"driver-hung": {
		vi: [3]string{"Thiết bị ký số không trả lời.", "Trình điều khiển đã quá thời gian chờ nên chương trình đã dừng nó.", "Rút thiết bị, cắm lại rồi thử lại."},
		en: [3]string{"The token does not answer.", "Its driver passed the time limit, so the program ended it.", "Unplug the token, plug it in again and retry."},
	},
	"bad-signature": {
		vi: [3]string{"Thiết bị tạo ra chữ ký không đúng.", "Chữ ký không khớp với chứng thư số; chương trình đã bỏ, không lưu tệp nào.", "Thử lại. Nếu vẫn lỗi, thiết bị hoặc trình điều khiển bị hỏng: liên hệ nơi cấp."},
		en: [3]string{"The token made a wrong signature.", "It does not fit the certificate; the program threw it away and kept no file.", "Try again. If it stays, the token or its driver is faulty: ask the office that issued it."},
	},
	"driver-missing": {
		vi: [3]string{"Không tìm thấy trình điều khiển của thiết bị ký số.", "Máy này không có tệp thư viện PKCS#11 mà chương trình đã tìm.", "Cài phần mềm đi kèm thiết bị (do nơi cấp chứng thư số cung cấp) rồi thử lại."},
		en: [3]string{"No token driver was found.", "The PKCS#11 library that the program looked for is not on this computer.", "Install the software that came with the token (from the issuer of the certificate) and try again."},
	},
	"driver-machine": {
		vi: [3]string{"Trình điều khiển không hợp với máy này.", "Tệp thư viện dành cho loại bộ xử lý hoặc số bit khác.", "Cài bản trình điều khiển đúng với hệ điều hành 64 bit."},
		en: [3]string{"The driver does not fit this computer.", "The library was built for another processor or bitness.", "Install the driver for 64-bit systems."},
	},
	"not-a-driver": {
		vi: [3]string{"Tệp được chọn không phải trình điều khiển thiết bị ký số.", "Tệp không có giao diện PKCS#11.", "Chọn đúng tệp thư viện PKCS#11 của hãng thiết bị."},
		en: [3]string{"The chosen file is no token driver.", "It has no PKCS#11 interface.", "Choose the maker's PKCS#11 library."},
	},
	"mechanism": {
		vi: [3]string{"Thiết bị không ký được theo thuật toán cần dùng.", "Trình điều khiển từ chối thuật toán của khóa này.", "Cập nhật trình điều khiển, hoặc dùng chứng thư số khác."},
		en: [3]string{"The token cannot sign with the algorithm needed.", "Its driver refused the algorithm for this key.", "Update the driver, or use another certificate."},
	},
	"device-error": {
		vi: [3]string{"Thiết bị ký số báo lỗi.", "Thiết bị vẫn đang cắm nhưng không thực hiện được lệnh ký.", "Rút ra, cắm lại rồi ký lại; không mất lần thử PIN nào."},
		en: [3]string{"The token reports an error.", "It is plugged in but did not carry out the signature.", "Unplug it, plug it in again and sign again; no PIN try was spent."},
	},
	"no-token": {
		vi: [3]string{"Chưa thấy thiết bị ký số.", "Trình điều khiển đã có nhưng không có thiết bị nào đang cắm.", "Cắm thiết bị ký số (USB token) rồi thử lại."},
		en: [3]string{"No token is plugged in.", "A driver is there, but it shows no token.", "Plug your token in and try again."},
	},
	"no-certificate": {
		vi: [3]string{"Không có chứng thư số phù hợp.", "Các thiết bị đang cắm không có chứng thư số được chọn.", "Xem danh sách bằng kysoctl token list, hoặc cắm thiết bị khác."},
		en: [3]string{"No certificate fits.", "The tokens found have no certificate of that description.", "See kysoctl token list, or plug in another token."},
	},
	"unfit": {
		vi: [3]string{"Chứng thư số này không dùng để ký được.", "Chứng thư số không hợp lệ cho việc ký văn bản.", "Chọn chứng thư số khác."},
		en: [3]string{"This certificate may not sign.", "It is not fit for signing documents.", "Choose another certificate."},
	},
	"unfit-revoked": {
		vi: [3]string{"Chứng thư số đã bị thu hồi.", "Nơi cấp trả lời rằng chứng thư số này không còn giá trị; mã PIN chưa được dùng đến.", "Không ký được bằng chứng thư số này. Liên hệ nơi cấp hoặc chọn chứng thư số khác."},
		en: [3]string{"The certificate has been revoked.", "Its issuer says that it is no longer good; the PIN was not used.", "It cannot sign. Ask its issuer, or choose another certificate."},
	},
	"unfit-expired": {
		vi: [3]string{"Chứng thư số đã hết hạn.", "Luật không cho ký bằng chứng thư số đã hết hiệu lực.", "Đề nghị nơi cấp gia hạn, hoặc chọn chứng thư số khác."},
		en: [3]string{"The certificate has expired.", "The law allows no signature with an expired certificate.", "Ask its issuer to renew it, or choose another one."},
	},
	"unfit-not-yet-valid": {
		vi: [3]string{"Chứng thư số chưa có hiệu lực.", "Thời điểm hiện tại sớm hơn ngày bắt đầu hiệu lực.", "Kiểm tra đồng hồ của máy, hoặc chờ đến ngày có hiệu lực."},
		en: [3]string{"The certificate is not valid yet.", "It is now earlier than the day on which it begins.", "Check this computer's clock, or wait for that day."},
	},
	"unfit-wrong-use": {
		vi: [3]string{"Chứng thư số không dành cho ký văn bản.", "Mục đích sử dụng ghi trong chứng thư số không có ký số.", "Chọn chứng thư số dùng để ký."},
		en: [3]string{"The certificate is not meant for signing.", "Its key usage has no digital signature.", "Choose a certificate for signing."},
	},
	"unfit-weak-key": {
		vi: [3]string{"Khóa của chứng thư số quá yếu.", "Thông tư 15/2025/TT-BKHCN yêu cầu RSA từ 2048 bit hoặc ECDSA từ 256 bit.", "Đề nghị nơi cấp đổi chứng thư số mới."},
		en: [3]string{"The certificate's key is too weak.", "Circular 15/2025/TT-BKHCN asks for RSA of 2048 bits or ECDSA of 256 bits at least.", "Ask its issuer for a new certificate."},
	},
}
