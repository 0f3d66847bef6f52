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
}
