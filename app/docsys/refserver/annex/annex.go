// Package annex writes the figures of a period as they are sent to offices: the
// annex "Số liệu chi tiết kèm theo" as a workbook and as PDF, and the duties
// behind it as CSV, from which anybody can compute the figures again.
//
// It is pure: figures go in, a file comes out. It counts nothing.
package annex

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"kyso/app/signrate"
)

// Sheet is what an annex says.
type Sheet struct {
	Unit   string // whose figures, and those of the units below
	Period string // yyyy-MM or yyyy
	// Restated says that the figures are those known today, with units that ended
	// under their successors; Estimated that shares of such units are among them.
	Restated, Estimated bool
	Illustrative        bool // figures of a demonstration
	Made                time.Time
	// ClosedAt is when the period was closed; zero while it is open. ClosedBy is
	// empty when the server closed by itself.
	ClosedAt time.Time
	ClosedBy string
	Formula  string
	Policy   signrate.Policy // of the unit's own kind
	// Size and Root are the state of the audit log that the figures belong to.
	Size int64
	Root string
	// Total is the unit with all below it, Rows the units.
	Total signrate.Figure
	Rows  []Row
}

// Row is one unit.
type Row struct {
	Name   string
	Figure signrate.Figure
	Rank   int  // among the units of its kind, 0 when not judged
	Own    bool // the unit of the sheet alone, without those below it
}

const (
	title = "SỐ LIỆU CHI TIẾT KÈM THEO"
	what  = "Tỷ lệ ký số cá nhân trên văn bản điện tử"
)

// zone is Vietnam's.
func zone() *time.Location { return time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60) }

func moment(t time.Time) string { return t.In(zone()).Format("15:04:05 02/01/2006") }

func (s Sheet) period() string {
	if year, month, ok := strings.Cut(s.Period, "-"); ok {
		return "Tháng " + month + "/" + year
	}
	return "Năm " + s.Period
}

// facts are the lines that say what the figures are, with their labels.
func (s Sheet) facts() [][2]string {
	basis := "Theo thời điểm: đơn vị như đã có trong kỳ"
	if s.Restated {
		basis = "Tính lại: như biết đến lúc lập, đơn vị đã chấm dứt tính cho đơn vị kế thừa"
	}
	if s.Estimated {
		basis += "; có phần chia theo tỷ lệ (ước tính)"
	}
	closed := "Chưa chốt; số liệu còn thay đổi"
	if !s.ClosedAt.IsZero() {
		closed = moment(s.ClosedAt) + ", " + orServer(s.ClosedBy)
		if s.Restated {
			closed += "; số liệu tính lại có cả thay đổi sau khi chốt"
		}
	}
	out := [][2]string{
		{"Đơn vị", s.Unit}, {"Kỳ số liệu", s.period() + ", theo ngày ban hành"}, {"Cơ sở tính", basis}, {"Chốt số liệu", closed},
	}
	if s.Illustrative {
		out = append(out, [2]string{"Lưu ý", "SỐ LIỆU MINH HỌA"})
	}
	return out
}

func orServer(name string) string {
	if name == "" {
		return "máy chủ tự chốt"
	}
	return "người chốt: " + name
}

// grounds are how the figures were made and how they can be checked.
func (s Sheet) grounds() [][2]string {
	p := s.Policy
	return [][2]string{
		{"Công thức", s.Formula + ". " + signrate.Definition},
		{"Ngưỡng", fmt.Sprintf("Phiên bản %d: biểu dương trên %s, nhắc nhở dưới %s, chỉ tiêu %s, không xếp loại khi dưới %d văn bản",
			p.Version, percent(p.PraiseAbove), percent(p.WarnBelow), percent(p.Target), p.MinVolume)},
		{"Nhật ký", fmt.Sprintf("%d mục, mã băm gốc %s", s.Size, s.Root)},
		{"Kiểm tra lại", "Tệp CSV cùng kỳ liệt kê từng nghĩa vụ ký; cộng cột required và fulfilled theo đơn vị được đúng các số trên"},
		{"Lập lúc", moment(s.Made)},
	}
}

// percent writes hundredths of a per cent: "99 %", "95,5 %".
func percent(hundredths int) string {
	text := strconv.Itoa(hundredths / 100)
	if rest := hundredths % 100; rest != 0 {
		text += "," + strings.TrimSuffix(fmt.Sprintf("%02d", rest), "0")
	}
	return text + " %"
}

// word names a band.
func word(b signrate.Band) string {
	switch b {
	case signrate.Praised:
		return "Biểu dương"
	case signrate.Warned:
		return "Nhắc nhở"
	case signrate.Normal:
		return "Bình thường"
	case signrate.LowVolume:
		return "Ít văn bản"
	case signrate.None:
	}
	return "Không phát sinh"
}

// place writes a rank.
func place(n int) string {
	if n == 0 {
		return signrate.NoRate
	}
	return strconv.Itoa(n)
}
