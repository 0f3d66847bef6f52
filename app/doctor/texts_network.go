package doctor

// networkTexts are about time stamps, the server and the clock.
//
//nolint:gochecknoglobals // a constant table
var networkTexts = map[string]text{
	"stamp-off": fine("Chưa dùng dấu thời gian.", "Time stamps are not used."),
	"stamp-ok":  fine("{server}: cấp dấu thời gian đúng ({ms} ms).", "{server}: gives correct time stamps ({ms} ms)."),
	"stamp-needed": {
		vi: [3]string{"Mức chữ ký {level} cần dấu thời gian nhưng chưa có máy chủ nào.", "Thiết lập chọn mức {level} mà không ghi địa chỉ máy chủ dấu thời gian.", "Thêm địa chỉ máy chủ trong Thiết lập, hoặc chọn mức B-B."},
		en: [3]string{"Level {level} needs time stamps, and there is no server.", "The settings ask for {level} and name no time-stamping server.", "Add a server in the settings, or choose B-B."},
	},
	"stamp-unreachable": {
		vi: [3]string{"{server}: không kết nối được máy chủ dấu thời gian.", "Mạng ngắt, địa chỉ sai, hoặc tường lửa chặn.", "Kiểm tra mạng và địa chỉ trong Thiết lập."},
		en: [3]string{"{server}: the time-stamping server cannot be reached.", "The network is down, the address is wrong, or a firewall stands between.", "Check the network and the address in the settings."},
	},
	"stamp-slow": {
		vi: [3]string{"{server}: máy chủ dấu thời gian trả lời quá chậm.", "Không có dấu thời gian trong thời hạn chờ.", "Thử lại sau; thêm một máy chủ khác để dự phòng."},
		en: [3]string{"{server}: the time-stamping server is too slow.", "There was no time stamp within the limit.", "Try again later; add another server to fall back on."},
	},
	"stamp-refused": {
		vi: [3]string{"{server}: máy chủ dấu thời gian từ chối.", "Máy chủ trả lời nhưng không cấp; xem chi tiết lỗi.", "Hỏi đơn vị cung cấp dịch vụ, có thể cần đăng ký."},
		en: [3]string{"{server}: the time-stamping server refuses.", "It answers and gives none; see the detail.", "Ask its operator; a registration may be needed."},
	},
	"stamp-odd": {
		vi: [3]string{"{server}: trả lời không phải dấu thời gian.", "Địa chỉ không đúng dịch vụ, hoặc có trang đăng nhập mạng chen vào.", "Kiểm tra địa chỉ trong Thiết lập; mở trình duyệt xem mạng có đòi đăng nhập không."},
		en: [3]string{"{server}: the answer is no time stamp.", "The address is of another service, or a login page of the network stands between.", "Check the address; see in the browser whether the network asks for a login."},
	},
	"stamp-untrusted": {
		vi: [3]string{"{server}: chứng thư của máy chủ dấu thời gian không dẫn đến gốc tin cậy.", "Dấu thời gian đúng dạng, nhưng người nhận không có căn cứ để tin.", "Dùng máy chủ của đơn vị được cấp phép, hoặc nhờ quản trị thêm chứng thư gốc."},
		en: [3]string{"{server}: its certificate leads to no trusted root.", "The time stamp is well formed, but nobody has reason to trust it.", "Use the server of a licensed provider, or have its root added."},
	},
	"stamp-wrong": {
		vi: [3]string{"{server}: dấu thời gian không đúng.", "Máy chủ trả lời sai yêu cầu, ký sai, hoặc không chắc giờ của mình; chương trình không nhận dấu này.", "Không dùng máy chủ này; báo bộ phận hỗ trợ."},
		en: [3]string{"{server}: its time stamp is wrong.", "It answers something else, signs wrongly, or is not sure of its time; the program takes none of it.", "Do not use this server; tell the support desk."},
	},

	"server-off": fine("Chưa nối với máy chủ văn bản; ký tệp trên máy vẫn bình thường.", "No document server is connected; files on this computer can be signed."),
	"server-ok":  fine("{server}: hoạt động tốt, giao diện phiên bản {version}.", "{server}: works, interface version {version}."),
	"server-down": {
		vi: [3]string{"{server}: máy chủ văn bản không nhận kết nối.", "Máy có mặt trên mạng nhưng dịch vụ chưa chạy.", "Báo quản trị máy chủ. Vẫn ký được; văn bản chờ trong hàng đợi và tự gửi sau."},
		en: [3]string{"{server}: the document server takes no connections.", "The machine is there, its service does not run.", "Tell its administrator. You can sign; documents wait and leave by themselves."},
	},
	"server-name": {
		vi: [3]string{"{server}: không tìm thấy máy chủ có tên này.", "Tên gõ sai, hoặc mạng nội bộ chưa kết nối (VPN).", "Kiểm tra địa chỉ trong Thiết lập và kết nối mạng."},
		en: [3]string{"{server}: there is no server of this name.", "It is misspelt, or the office network (VPN) is not connected.", "Check the address in the settings, and the network."},
	},
	"server-slow": {
		vi: [3]string{"{server}: máy chủ văn bản trả lời quá chậm.", "Không có trả lời trong thời hạn chờ.", "Kiểm tra mạng; thử lại sau ít phút."},
		en: [3]string{"{server}: the document server is too slow.", "There was no answer within the limit.", "Check the network; try again in some minutes."},
	},
	"server-unreachable": {
		vi: [3]string{"{server}: không kết nối được máy chủ văn bản.", "Mạng ngắt, hoặc kết nối bị cắt giữa chừng.", "Kiểm tra mạng. Vẫn ký được; văn bản chờ trong hàng đợi và tự gửi sau."},
		en: [3]string{"{server}: the document server cannot be reached.", "The network is down, or the connection broke.", "Check the network. You can sign; documents wait and leave by themselves."},
	},
	"server-certificate": {
		vi: [3]string{"{server}: kết nối bảo mật không tin cậy.", "Chứng thư của máy chủ không khớp tên hoặc do nơi lạ cấp; có thể có thiết bị chen giữa.", "Không nhập mật khẩu; báo quản trị mạng."},
		en: [3]string{"{server}: the secure connection is not trusted.", "The server's certificate is for another name or of an unknown issuer; something may stand between.", "Type no password; tell your network's administrator."},
	},
	"server-certificate-time": {
		vi: [3]string{"{server}: chứng thư của máy chủ hết hạn hoặc chưa đến hạn.", "Thường là do đồng hồ máy này sai.", "Xem mục Đồng hồ máy; nếu đồng hồ đúng, báo quản trị máy chủ."},
		en: [3]string{"{server}: the server's certificate is expired or not valid yet.", "Mostly this computer's clock is wrong.", "Look at the clock; if it is right, tell the server's administrator."},
	},
	"server-odd": {
		vi: [3]string{"{server}: trả lời không phải của máy chủ văn bản.", "Địa chỉ thuộc dịch vụ khác, hoặc có trang đăng nhập mạng chen vào.", "Kiểm tra địa chỉ trong Thiết lập; mở trình duyệt xem mạng có đòi đăng nhập không."},
		en: [3]string{"{server}: the answer is not of a document server.", "The address is of another service, or a login page of the network stands between.", "Check the address; see in the browser whether the network asks for a login."},
	},
	"server-refuses": {
		vi: [3]string{"{server}: máy chủ văn bản báo lỗi.", "Máy chủ đang trục trặc hoặc không nhận phiên bản này; xem chi tiết.", "Thử lại sau; nếu vẫn lỗi, gửi tệp hỗ trợ cho quản trị máy chủ."},
		en: [3]string{"{server}: the document server reports an error.", "It is out of order, or does not take this version; see the detail.", "Try again later; if it stays, send the support file to its administrator."},
	},

	"clock-ok": fine("Đồng hồ đúng: lệch {seconds} giây so với {source}.", "The clock is right: {seconds} s from {source}."),
	"clock-unknown": {
		vi: [3]string{"Chưa có gì để đối chiếu đồng hồ.", "Không có máy chủ nào trả lời giờ của nó.", "Xem giờ ở góc màn hình có đúng không."},
		en: [3]string{"There is nothing to compare the clock with.", "No server told its time.", "See whether the time on the screen is right."},
	},
	"clock-off": {
		vi: [3]string{"Đồng hồ lệch {seconds} giây so với {source}.", "Lệch ít, chưa ảnh hưởng đến chữ ký.", "Bật tự động chỉnh giờ của hệ điều hành."},
		en: [3]string{"The clock is {seconds} s from {source}.", "That is little and does no harm yet.", "Switch on the system's automatic time."},
	},
	"clock-behind": {
		vi: [3]string{"Đồng hồ máy chạy chậm {seconds} giây so với {source}.", "Giờ ghi trong chữ ký sẽ sai; máy chủ có thể từ chối.", "Bật tự động chỉnh giờ của hệ điều hành rồi kiểm tra lại."},
		en: [3]string{"The clock is {seconds} s behind {source}.", "The time in signatures would be wrong; servers may refuse.", "Switch on the system's automatic time, then check again."},
	},
	"clock-ahead": {
		vi: [3]string{"Đồng hồ máy chạy nhanh {seconds} giây so với {source}.", "Giờ ghi trong chữ ký sẽ ở tương lai; chữ ký có thể bị coi là không hợp lệ.", "Bật tự động chỉnh giờ của hệ điều hành rồi kiểm tra lại."},
		en: [3]string{"The clock is {seconds} s ahead of {source}.", "The time in signatures would lie in the future; they may be refused.", "Switch on the system's automatic time, then check again."},
	},
	"clock-zone": {
		vi: [3]string{"Đồng hồ máy sai đúng 7 giờ: nhầm múi giờ.", "Máy lấy giờ quốc tế (UTC) làm giờ Việt Nam hoặc ngược lại; so với {source} lệch {seconds} giây.", "Đặt múi giờ (UTC+07:00) Bangkok, Hanoi, Jakarta, bật tự động chỉnh giờ, rồi kiểm tra lại."},
		en: [3]string{"The clock is wrong by exactly 7 hours: a mix-up of time zones.", "The computer takes UTC for Vietnam's time or the other way round; {seconds} s from {source}.", "Set the zone (UTC+07:00) Bangkok, Hanoi, Jakarta, switch on automatic time, then check again."},
	},
	"clock-hours": {
		vi: [3]string{"Đồng hồ máy sai đúng {hours} giờ: nhầm múi giờ.", "Lệch tròn giờ so với {source} thường là do chọn sai múi giờ.", "Đặt múi giờ (UTC+07:00) Bangkok, Hanoi, Jakarta, bật tự động chỉnh giờ, rồi kiểm tra lại."},
		en: [3]string{"The clock is wrong by {hours} full hour(s): a wrong time zone.", "Full hours from {source} are mostly a wrong zone.", "Set the zone (UTC+07:00) Bangkok, Hanoi, Jakarta, switch on automatic time, then check again."},
	},
	"clock-server": {
		vi: [3]string{"Đồng hồ của {server} sai {seconds} giây; đồng hồ máy này đúng.", "Máy chủ dấu thời gian {a} khớp với máy này.", "Không cần làm gì ở máy này; báo quản trị của {server}."},
		en: [3]string{"The clock of {server} is {seconds} s wrong; this computer's is right.", "The time-stamping server {a} agrees with this computer.", "Nothing to do here; tell the administrator of {server}."},
	},
	"clock-disagree": {
		vi: [3]string{"Các nguồn giờ không khớp nhau.", "{a} lệch {seconds-a} giây, {b} lệch {seconds-b} giây so với máy này.", "Xem giờ máy này có đúng không; báo bộ phận hỗ trợ."},
		en: [3]string{"The sources of time disagree.", "{a} is {seconds-a} s, {b} is {seconds-b} s from this computer.", "See whether this computer's time is right; tell the support desk."},
	},
	"zone": {
		vi: [3]string{"Máy đang đặt múi giờ {zone}, không phải giờ Việt Nam (+07:00).", "Giờ hiện trên màn hình khác giờ Việt Nam; giờ trong chữ ký vẫn đúng.", "Nếu đang ở Việt Nam, đặt múi giờ (UTC+07:00) Bangkok, Hanoi, Jakarta."},
		en: [3]string{"This computer's zone is {zone}, not Vietnam's (+07:00).", "The time on the screen is not Vietnam's; the time in signatures is right.", "If you are in Vietnam, set the zone (UTC+07:00) Bangkok, Hanoi, Jakarta."},
	},
}
