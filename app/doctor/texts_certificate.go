package doctor

// certificateTexts are about certificates, their chains and their revocation.
//
//nolint:gochecknoglobals // a constant table
var certificateTexts = map[string]text{
	"cert-ok": fine("“{name}”: ký được, còn hạn đến {to}.", "“{name}”: may sign, valid until {to}."),
	"cert-60": {
		vi: [3]string{"“{name}”: còn {days} ngày là hết hạn ({to}).", "Sau ngày đó không ký được nữa.", "Bắt đầu thủ tục gia hạn với nơi cấp chứng thư số."},
		en: [3]string{"“{name}”: ends in {days} days ({to}).", "After that day it cannot sign.", "Begin the renewal with the office that issued it."},
	},
	"cert-30": {
		vi: [3]string{"“{name}”: chỉ còn {days} ngày là hết hạn ({to}).", "Gia hạn thường mất một đến hai tuần.", "Nộp hồ sơ gia hạn ngay trong tuần này."},
		en: [3]string{"“{name}”: ends in only {days} days ({to}).", "A renewal usually takes one or two weeks.", "Apply for the renewal this week."},
	},
	"cert-7": {
		vi: [3]string{"“{name}”: sắp hết hạn, còn {days} ngày ({to}).", "Hết hạn là không ký được văn bản nào.", "Liên hệ nơi cấp chứng thư số ngay hôm nay."},
		en: [3]string{"“{name}”: about to end, {days} days left ({to}).", "When it ends nothing can be signed.", "Ask the issuing office today."},
	},
	"cert-expired": {
		vi: [3]string{"“{name}”: đã hết hạn ngày {to}.", "Chứng thư số hết hạn không được dùng để ký.", "Gia hạn hoặc xin cấp mới tại nơi cấp; nếu ngày trên chưa tới, xem mục Đồng hồ máy."},
		en: [3]string{"“{name}”: it ended on {to}.", "An expired certificate must not sign.", "Renew it; if that day has not come, look at the computer's clock."},
	},
	"cert-early": {
		vi: [3]string{"“{name}”: chưa đến ngày hiệu lực ({from}).", "Chứng thư số mới cấp, hoặc đồng hồ máy chạy chậm.", "Xem mục Đồng hồ máy; nếu đồng hồ đúng, chờ đến ngày hiệu lực."},
		en: [3]string{"“{name}”: not valid before {from}.", "It is new, or the computer's clock is behind.", "Look at the computer's clock; if it is right, wait for that day."},
	},
	"cert-use": {
		vi: [3]string{"“{name}”: chứng thư số này không dùng để ký văn bản.", "Nơi cấp ghi mục đích khác, ví dụ mã hóa hoặc đăng nhập.", "Chọn chứng thư số ký của mình; không cần làm gì với chứng thư này."},
		en: [3]string{"“{name}”: this certificate is not for signing documents.", "Its issuer says another use, such as encryption or login.", "Choose your signing certificate; nothing is to be done about this one."},
	},
	"cert-weak": {
		vi: [3]string{"“{name}”: khóa {key} quá yếu để ký.", "Quy định yêu cầu RSA từ 2048 bit trở lên (TT 15/2025/TT-BKHCN).", "Xin cấp lại chứng thư số với khóa mạnh hơn."},
		en: [3]string{"“{name}”: the key {key} is too weak to sign.", "RSA of 2048 bits or more is required (TT 15/2025/TT-BKHCN).", "Ask for a new certificate with a stronger key."},
	},
	"cert-unreadable": {
		vi: [3]string{"“{name}”: không đọc được chứng thư số.", "Nội dung trên thiết bị không đúng định dạng.", "Liên hệ nơi cấp chứng thư số."},
		en: [3]string{"“{name}”: the certificate cannot be read.", "What the token holds is malformed.", "Ask the office that issued it."},
	},
	"cert-none": {
		vi: [3]string{"Không có chứng thư số nào ký được lúc này.", "Lý do của từng chứng thư ghi ở trên.", "Xử lý theo từng mục ở trên, hoặc cắm thiết bị khác."},
		en: [3]string{"No certificate may sign now.", "The reason for each is given above.", "Follow what is said there, or plug in another token."},
	},
	"chain-ok":         fine("“{name}”: đủ chuỗi chứng thư đến gốc tin cậy.", "“{name}”: the chain to a trusted root is complete."),
	"chain-unanchored": fine("“{name}”: đủ chuỗi chứng thư; chưa chọn gốc tin cậy để đối chiếu.", "“{name}”: the chain is complete; no trusted roots are chosen to hold it against."),
	"chain-self": {
		vi: [3]string{"“{name}”: chứng thư tự ký, không do nơi nào cấp.", "Người nhận không có căn cứ để tin chữ ký.", "Chỉ dùng để thử; ký văn bản chính thức bằng chứng thư số được cấp."},
		en: [3]string{"“{name}”: self-signed, issued by nobody.", "Recipients have no reason to trust it.", "Use it for trials only."},
	},
	"chain-missing": {
		vi: [3]string{"“{name}”: thiếu chứng thư của nơi cấp.", "Không tìm thấy trên thiết bị, trong thư mục tin cậy, hay ở địa chỉ ghi trong chứng thư.", "Kiểm tra mạng; hoặc thêm chứng thư của nơi cấp vào thư mục tin cậy."},
		en: [3]string{"“{name}”: a certificate of its issuer is missing.", "It is neither on the token, nor in the trust folder, nor at the address in the certificate.", "Check the network, or add the issuer's certificate to the trust folder."},
	},
	"chain-untrusted": {
		vi: [3]string{"“{name}”: chuỗi chứng thư không dẫn đến gốc tin cậy.", "Nơi cấp không nằm trong các gốc tin cậy của chương trình.", "Nếu chứng thư do cơ quan có thẩm quyền cấp, nhờ quản trị thêm chứng thư gốc."},
		en: [3]string{"“{name}”: the chain leads to no trusted root.", "The issuer is not among the program's trusted roots.", "If a proper authority issued it, ask your administrator to add its root."},
	},
	"status-ok": fine("“{name}”: chưa bị thu hồi ({ways} trả lời, lúc {at}).", "“{name}”: not revoked ({ways} answered, as of {at})."),
	"status-revoked": {
		vi: [3]string{"“{name}”: đã bị thu hồi từ ngày {since}.", "Nơi cấp đã thu hồi chứng thư số này; không được ký bằng nó.", "Liên hệ nơi cấp chứng thư số để xin cấp lại."},
		en: [3]string{"“{name}”: revoked on {since}.", "Its issuer has revoked it; nothing may be signed with it.", "Ask the issuing office for a new one."},
	},
	"status-part": {
		vi: [3]string{"“{name}”: chưa bị thu hồi, nhưng {ways} không trả lời dùng được.", "Một trong hai cách hỏi nơi cấp đang trục trặc.", "Vẫn ký được. Nếu kéo dài, báo bộ phận hỗ trợ."},
		en: [3]string{"“{name}”: not revoked, but {ways} gives no usable answer.", "One of the two ways to ask the issuer is out of order.", "You can sign. If it stays, tell the support desk."},
	},
	"status-none": {
		vi: [3]string{"“{name}”: không hỏi được nơi cấp xem có bị thu hồi không.", "OCSP và CRL đều không trả lời dùng được; có thể do mạng hoặc tường lửa.", "Kiểm tra mạng. Vẫn ký được, nhưng kết quả sẽ ghi rõ là chưa kiểm tra."},
		en: [3]string{"“{name}”: the issuer cannot be asked whether it was revoked.", "Neither OCSP nor CRL gives a usable answer; network or firewall may be the cause.", "Check the network. You can sign, but the result will say that it was not checked."},
	},
	"status-nowhere": {
		vi: [3]string{"“{name}”: không ghi địa chỉ để hỏi việc thu hồi.", "Nơi cấp không đưa OCSP hay CRL vào chứng thư.", "Không cần làm gì; chữ ký có thể bị báo là chưa kiểm tra được."},
		en: [3]string{"“{name}”: it names no address to ask about revocation.", "Its issuer put neither OCSP nor CRL into it.", "Nothing to do; signatures may be told as not checked."},
	},
}
