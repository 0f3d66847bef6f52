package gui_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"kyso/app/docsys"
	"kyso/app/present"
)

// papers notes what is done with files.
type papers struct {
	printers []string
	fail     error
	done     []string
}

func (p *papers) note(what ...string) error {
	p.done = append(p.done, strings.Join(what, " "))
	return p.fail
}
func (p *papers) Reveal(_ context.Context, path string) error { return p.note("reveal", path) }
func (p *papers) Printers(context.Context) ([]string, error)  { return p.printers, p.fail }
func (p *papers) Copy(_ context.Context, paths []string) error {
	return p.note("copy", strings.Join(paths, " "))
}

func (p *papers) Print(_ context.Context, path, printer string, n int) error {
	return p.note("print", path, printer, fmt.Sprint(n))
}

func (p *papers) Receipt(path string) (present.Receipt, error) {
	return present.Receipt{
		Title: "V/v kiểm tra, bảo đảm an toàn phòng cháy, chữa cháy tại các khu nhà tập thể cũ", File: "248-UBND-VP-daky.pdf",
		System: "https://vanban.kimlien.gov.vn", Version: "019ab2c4-7f1e-7c3a-9d5e-1b2a3c4d5e6f", SHA256: strings.Repeat("b8292658264d0f4b", 4),
		Size: 214_873, ReceivedAt: now(), Checked: "passed",
	}, p.note("receipt", path)
}

// refusedError is an error with a message of its own.
type refusedError struct{ error }

// ExplainCode names it.
func (refusedError) ExplainCode() string { return "delivery-refused" }

// deliveries are one of each state.
func deliveries() []present.Delivery {
	hash := strings.Repeat("b8292658264d0f4b", 4)
	at := func(minutes int) time.Time { return now().Add(-time.Duration(minutes) * time.Minute) }
	path := "/home/khoi/kyso/signed/248-UBND-VP-daky.pdf"
	receipt := "/home/khoi/kyso/signed/248-UBND-VP-daky.bien-nhan.json"
	return []present.Delivery{
		{ID: "1", Title: "V/v phân công trực và lịch tiếp công dân quý I năm 2027", State: present.Waiting, At: at(0), NotBefore: now().Add(8 * time.Second), Path: path, Wishes: []present.Wish{present.WishPause, present.WishCancel}},
		{ID: "2", Title: "V/v kiểm tra, bảo đảm an toàn phòng cháy, chữa cháy tại các khu nhà tập thể cũ trên địa bàn phường", State: present.Sending, At: at(1), Sent: 45, Size: 100, Path: path, Wishes: []present.Wish{present.WishPause, present.WishCancel}},
		{ID: "3", Title: "V/v báo cáo kết quả ký số cá nhân tháng 11 năm 2026", State: present.Received, At: at(2), Path: path, SHA256: hash, Receipt: receipt},
		{ID: "4", Title: "Kế hoạch Chuyển đổi số năm 2027", State: present.Refused, At: at(3), Path: path, Err: refusedError{errors.New("Đã có bản mới hơn của văn bản này (412)")}, Wishes: []present.Wish{present.WishPause, present.WishCancel, present.WishRetry, present.WishDiscard}},
		{ID: "5", Title: "V/v rà soát hộ nghèo, hộ cận nghèo", State: present.Waiting, At: at(4), Err: docsys.ErrOffline, NextTry: now().Add(5 * time.Minute), Attempts: 4, Path: path, Wishes: []present.Wish{present.WishPause, present.WishCancel, present.WishRetry}},
		{ID: "6", Title: "V/v tổ chức Ngày hội Đại đoàn kết toàn dân tộc", State: present.Paused, At: at(9), Path: path, Wishes: []present.Wish{present.WishResume, present.WishCancel, present.WishRetry}},
		{ID: "7", Title: "V/v lấy ý kiến dự thảo quy chế làm việc", State: present.LoginNeeded, At: at(15), Path: path, Err: refusedError{errors.New("401")}, Wishes: []present.Wish{present.WishCancel, present.WishRetry}},
		{ID: "8", Title: "V/v tiếp nhận và xử lý kiến nghị của cử tri", State: present.Confirmed, At: at(40), Path: path, SHA256: hash, Receipt: receipt},
		{ID: "9", Title: "Báo cáo công tác văn thư, lưu trữ quý III năm 2026", State: present.Stored, At: at(60 * 30), Path: path, SHA256: hash, Receipt: receipt},
	}
}

// sentScenarios are the states of what was sent.
func sentScenarios() []scenario {
	some := func(o *office) { o.sent = deliveries() }
	at := func(row int, more ...func(*office)) func(*office) {
		return func(o *office) {
			o.desk.Go(present.PlaceSent)
			o.settle()
			o.desk.Sent.Select(row)
			for _, do := range more {
				do(o)
				o.settle()
			}
		}
	}
	path := "/home/khoi/kyso/signed/248-UBND-VP-daky.pdf"
	return []scenario{
		{"queue-onway", some, nil},
		{"queue-held", func(o *office) { some(o); o.held = true }, nil},
		{"queue-sent-all", func(o *office) { o.sent = deliveries()[7:] }, nil},
		{"sent-empty", nil, at(0)},
		{"sent", some, at(0)},
		{"sent-sending", some, at(1)},
		{"sent-refused", some, at(3)},
		{"sent-offline", some, at(4)},
		{"sent-done", some, at(7)},
		{"sent-held", func(o *office) { some(o); o.held = true }, at(1)},
		{"sent-taken-back", some, at(0, func(o *office) { o.desk.Sent.DoSelected(present.WishCancel) })},
		{"sent-filter", some, at(0, func(o *office) { o.desk.Sent.Show(present.SentMine) })},
		{"sent-filter-empty", func(o *office) { o.sent = deliveries()[:1] }, at(0, func(o *office) { o.desk.Sent.Show(present.SentDone) })},
		{"sent-discard", some, at(3, func(o *office) { o.press("Delete") })},
		{"sent-receipt", some, at(7, func(o *office) { o.press("B") })},
		{"sent-print", some, at(7, func(o *office) { o.desk.Handing.AskPrint(path) })},
		{"sent-printed", some, at(7, func(o *office) { o.desk.Handing.Print(path, "Van-thu-HP", 2) })},
		{"sent-no-printer", func(o *office) { some(o); o.papers.fail = noPrinterError{} }, at(7, func(o *office) { o.desk.Handing.AskPrint(path) })},
		{"sent-copied", some, at(7, func(o *office) { o.desk.Handing.Copy([]string{path}) })},
	}
}

// noPrinterError is the error of a system without a printer.
type noPrinterError struct{}

func (noPrinterError) Error() string       { return "no printer is set up" }
func (noPrinterError) ExplainCode() string { return "no-printer" }
