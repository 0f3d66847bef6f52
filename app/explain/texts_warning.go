package explain

import "kyso/signer"

// Refusal explains why a plan says that a document will not be signed.
func Refusal(f signer.Finding, lang Language) Message {
	code := known("refused-"+f.Code, known(f.Code, "refused"))
	return finding(f, code, texts[code].in(lang))
}

// Warning explains what a plan warns of. It does not stop the signature.
func Warning(f signer.Finding, lang Language) Message {
	code := "warning-" + f.Code
	t, ok := warningTexts[code]
	if !ok {
		code = "warning"
		t = warningTexts[code]
	}
	return finding(f, code, t.in(lang))
}

func finding(f signer.Finding, code string, t [3]string) Message {
	return Message{Title: t[0], Cause: replaceDetail(t[1], f.Text), Next: t[2], Code: code, Detail: f.Text}
}

// warningTexts are the messages about what a signer should know of a document.
//
//nolint:gochecknoglobals // a constant table
var warningTexts = map[string]text{
	"warning": {
		vi: [3]string{"Có điều cần lưu ý ở văn bản này.", "{detail}", "Xem kỹ văn bản trước khi ký."},
		en: [3]string{"There is something to know about this document.", "{detail}", "Look at the document closely before you sign."},
	},
	"warning-repaired": {
		vi: [3]string{"Cấu trúc tệp bị lỗi.", "Bảng mục lục bên trong tệp không dùng được; chương trình đã đọc bằng cách dò từng đối tượng.", "So kỹ nội dung hiển thị với bản gốc, hoặc xuất lại tệp PDF từ phần mềm soạn thảo."},
		en: [3]string{"The structure of the file is faulty.", "Its table of objects is unusable; the program read it by searching.", "Compare what is shown with the original, or export the PDF again."},
	},
	"warning-seed-value": {
		vi: [3]string{"Ô chữ ký có yêu cầu chưa được đáp ứng.", "Người lập văn bản mong muốn nhưng không bắt buộc: {detail}.", "Vẫn ký được. Hỏi người lập văn bản nếu chưa rõ."},
		en: [3]string{"The signature field asks for something else.", "Its author would like it, and does not require it: {detail}.", "You can sign. Ask the author if in doubt."},
	},
	"warning-untagged": {
		vi: [3]string{"Dấu hiệu chữ ký mới không gắn được thẻ trợ năng.", "Văn bản đã có chữ ký bao trùm cây cấu trúc; sửa cây đó sẽ làm hỏng chữ ký trước.", "Vẫn ký được; tệp không còn đạt chuẩn PDF/UA."},
		en: [3]string{"The new mark cannot be tagged for accessibility.", "An earlier signature covers the structure tree; changing it would break that signature.", "You can sign; the file will no longer conform to PDF/UA."},
	},
	"warning-locks-after": {
		vi: [3]string{"Ký vào ô này sẽ khóa văn bản.", "Ô chữ ký quy định khóa; sau đó không ký thêm, đóng dấu hay cấp số được nữa.", "Chỉ ký nếu đây là chữ ký cuối cùng; nếu không, ký vào ô khác."},
		en: [3]string{"Signing this field locks the document.", "The field says so; nobody can sign, seal or number it afterwards.", "Sign only if yours is the last signature; else use another field."},
	},
	"warning-hidden-layers": {
		vi: [3]string{"Văn bản có lớp nội dung ẩn.", "Có lớp đang tắt, hoặc lớp hiện trên màn hình khác với khi in; bật lên thì văn bản sẽ khác.", "Đề nghị người soạn gộp hoặc xóa các lớp rồi gửi lại."},
		en: [3]string{"The document has hidden layers.", "A layer is off, or is shown on the screen and on paper differently; switched on, the document looks different.", "Ask its author to flatten or remove the layers."},
	},
	"warning-covered-content": {
		vi: [3]string{"Có nội dung bị che khuất.", "Chữ hoặc hình trên trang nằm dưới một hình, một ô hay một vùng tô khác; bỏ lớp che đi thì văn bản sẽ khác.", "Đề nghị người soạn gửi bản không có nội dung bị che."},
		en: [3]string{"Something on a page is covered.", "Text or a picture lies under another picture, field or filled area; without the cover the document looks different.", "Ask its author for a copy in which nothing is covered."},
	},
	"warning-alternate-objects": {
		vi: [3]string{"Tệp chứa đối tượng không có trong mục lục.", "Đây là cách chuẩn bị để đổi nội dung sau khi ký (tấn công bóng), hoặc do phần mềm ghi tệp lỗi.", "Xuất lại tệp PDF từ phần mềm soạn thảo rồi ký bản đó."},
		en: [3]string{"The file has objects that its table does not list.", "It may be prepared to change after signing (a shadow attack), or a program wrote it badly.", "Export the PDF again and sign that copy."},
	},
	"warning-unused-objects": {
		vi: [3]string{"Tệp chứa trang hoặc chú thích không dùng đến.", "Phần thừa này không hiện ra, nhưng có thể được đưa vào sau khi ký.", "Xuất lại tệp PDF từ phần mềm soạn thảo rồi ký bản đó."},
		en: [3]string{"The file has pages or annotations that nothing uses.", "They are not shown, and could be brought in after signing.", "Export the PDF again and sign that copy."},
	},
	"warning-field-shows-other": {
		vi: [3]string{"Ô biểu mẫu hiện khác giá trị của nó.", "Chữ nhìn thấy trong ô không phải là giá trị được lưu; phần mềm khác có thể hiện giá trị kia.", "Đề nghị người soạn in biểu mẫu ra PDF thường rồi gửi lại."},
		en: [3]string{"A form field shows something else than it holds.", "The text you see is not the value that is stored; another program may show that value.", "Ask its author to print the form to a plain PDF."},
	},
	"warning-fillable-fields": {
		vi: [3]string{"Văn bản còn ô để điền.", "Sau khi ký vẫn có thể điền vào các ô này; khi đó chữ ký không còn hợp lệ.", "Điền xong thì in ra PDF thường rồi ký, nếu văn bản không cần điền tiếp."},
		en: [3]string{"The document has fields to fill in.", "They can be filled after signing; the signature is then no longer valid.", "If nothing is left to fill in, print the form to a plain PDF and sign that."},
	},
	"warning-replaceable-font": {
		vi: [3]string{"Văn bản nhúng trọn bộ phông chữ.", "Phông nhúng đủ mọi ký tự có thể dùng để viết chữ khác sau khi ký; phần mềm văn phòng thường chỉ nhúng ký tự đã dùng.", "Kiểm tra nguồn gốc văn bản; nếu lạ, xuất lại tệp PDF."},
		en: [3]string{"The document holds a font with all its letters.", "Such a font can write other text after signing; office programs embed only the letters in use.", "Check where the document comes from; if in doubt, export the PDF again."},
	},
	"warning-font-not-embedded": {
		vi: [3]string{"Văn bản không nhúng phông chữ.", "Chữ được vẽ bằng phông của từng máy nên có thể hiện khác nhau.", "Nên xuất lại tệp PDF có nhúng phông (PDF/A) trước khi ký."},
		en: [3]string{"The document does not hold its fonts.", "Each computer draws the text with its own fonts, so it can look different.", "It is better to export the PDF with its fonts (PDF/A) before you sign."},
	},
	"warning-javascript": {
		vi: [3]string{"Văn bản có mã JavaScript.", "Mã này có thể làm văn bản hiện khác đi khi mở bằng phần mềm khác.", "Đề nghị người soạn gửi bản không có mã."},
		en: [3]string{"The document has JavaScript.", "It can change what another program shows.", "Ask its author for a copy without scripts."},
	},
	"warning-external-references": {
		vi: [3]string{"Văn bản lấy nội dung hoặc mở địa chỉ ở bên ngoài.", "Phần nằm ngoài tệp không được chữ ký bảo vệ và có thể thay đổi.", "Đề nghị người soạn đưa toàn bộ nội dung vào tệp."},
		en: [3]string{"The document leads outside.", "What is not in the file is not signed and can change.", "Ask its author to put everything into the file."},
	},
	"warning-launch-action": {
		vi: [3]string{"Văn bản có lệnh mở chương trình khác.", "Lệnh này có thể chạy phần mềm trên máy người đọc.", "Không bấm vào các nút trong văn bản; đề nghị người gửi cung cấp bản khác."},
		en: [3]string{"The document can start another program.", "Such an action may run software on the reader's computer.", "Click nothing in it; ask the sender for another copy."},
	},
	"warning-embedded-files": {
		vi: [3]string{"Văn bản có tệp đính kèm bên trong.", "Chữ ký bao trùm cả tệp đính kèm mà trang không hiện ra.", "Mở xem tệp đính kèm trước khi ký."},
		en: [3]string{"The document has files within it.", "Your signature covers them too, and no page shows them.", "Look at the attached files before you sign."},
	},
	"warning-multimedia": {
		vi: [3]string{"Văn bản có âm thanh, phim hoặc hình 3D.", "Nội dung này không hiện giống nhau ở mọi phần mềm.", "Xem hết các nội dung đó trước khi ký."},
		en: [3]string{"The document has sound, film or 3D.", "Not every program shows it alike.", "See all of it before you sign."},
	},
	"warning-print-differs": {
		vi: [3]string{"Bản in sẽ khác bản trên màn hình.", "Có chú thích chỉ hiện khi in.", "In thử và xem bản in trước khi ký."},
		en: [3]string{"On paper it looks different.", "An annotation is shown on paper only.", "Print it and look at it before you sign."},
	},
	"warning-xfa-form": {
		vi: [3]string{"Biểu mẫu có thêm một bản XFA.", "Phần mềm khác có thể hiện bản XFA thay cho trang anh/chị đang xem.", "In biểu mẫu ra PDF thường rồi ký."},
		en: [3]string{"The form is there a second time, as XFA.", "Another program may show that one instead of the pages you see.", "Print the form to a plain PDF and sign that."},
	},
	"warning-not-fully-examined": {
		vi: [3]string{"Tệp quá lớn nên chưa soát hết.", "Việc tìm nội dung ẩn dừng ở giới hạn an toàn; việc ký không bị ảnh hưởng.", "Nếu không rõ nguồn gốc văn bản, tách tệp nhỏ hơn để soát."},
		en: [3]string{"The file is too large to be examined to its end.", "The search for hidden content stopped at its limit; signing is not affected.", "If you do not know where it comes from, split the file and look again."},
	},
}
