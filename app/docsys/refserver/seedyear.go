package refserver

import (
	"context"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// districtCSV is the district of the letter with the documents of a year: the
// units are real, the figures are illustrative.
//
//go:embed district.csv
var districtCSV string

// seedUnit is a line of districtCSV.
type seedUnit struct {
	code, kind, name    string
	required, fulfilled int
}

func districtUnits() ([]seedUnit, error) {
	lines, err := csv.NewReader(strings.NewReader(districtCSV)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read the district: %w", err)
	}
	var units []seedUnit
	for _, l := range lines[1:] {
		u := seedUnit{code: l[0], kind: l[1], name: l[2]}
		var bad error
		u.required, err = strconv.Atoi(l[3])
		u.fulfilled, bad = strconv.Atoi(l[4])
		if err := errors.Join(err, bad); err != nil {
			return nil, fmt.Errorf("read the district, unit %s: %w", u.code, err)
		}
		units = append(units, u)
	}
	return units, nil
}

func (w *work) insertUnits(ctx context.Context, units []seedUnit) error {
	var n int
	if err := w.QueryRow(ctx, `SELECT count(*) FROM unit WHERE code=?`, DistrictUnit).Scan(&n); err != nil {
		return fmt.Errorf("look for the district: %w", err)
	}
	if n > 0 {
		return ErrSeeded
	}
	for rank, u := range units {
		steps := []statement{do(`INSERT INTO unit(code,name,kind,rank,valid_from) VALUES(?,?,?,?,'2008-08-01')`, u.code, u.name, u.kind, rank)}
		if u.code != DistrictUnit {
			steps = append(steps, do(`INSERT INTO unit_parent(unit,parent,valid_from) VALUES(?,?,'2008-08-01')`, u.code, DistrictUnit))
		}
		if err := w.run(ctx, "insert unit "+u.code, steps...); err != nil {
			return err
		}
	}
	return nil
}

// seedText is a kind of document with its subject; %s is the month.
type seedText struct{ kind, subject string }

func seedTexts() []seedText {
	return []seedText{
		{"Báo cáo", "Kết quả công tác cải cách hành chính tháng %s"},
		{"Công văn", "V/v rà soát, cập nhật dữ liệu dân cư trên địa bàn tháng %s"},
		{"Kế hoạch", "Tổ chức tổng vệ sinh môi trường tháng %s"},
		{"Thông báo", "Lịch tiếp công dân tháng %s"},
		{"Công văn", "V/v tăng cường bảo đảm trật tự đô thị tháng %s"},
		{"Quyết định", "Về việc kiện toàn tổ công nghệ số cộng đồng"},
		{"Tờ trình", "Về việc bố trí kinh phí sửa chữa nhà sinh hoạt cộng đồng"},
		{"Báo cáo", "Tình hình tiếp nhận, giải quyết thủ tục hành chính tháng %s"},
		{"Công văn", "V/v phối hợp kiểm tra an toàn phòng cháy, chữa cháy"},
		{"Giấy mời", "Họp giao ban công tác tháng %s"},
		{"Công văn", "V/v trả lời kiến nghị của cử tri"},
		{"Kế hoạch", "Triển khai chuyển đổi số tháng %s"},
	}
}

// insertYear adds the year's illustrative documents of all units. The ward of
// the newcomer gets as many unsigned ones fewer as letters wait in the year.
func (w *work) insertYear(ctx context.Context, units []seedUnit, letters int) error {
	days, err := workingDays(w.s.today())
	if err != nil {
		return err
	}
	for _, u := range units {
		if u.code == KimLienUnit {
			u.required = max(u.fulfilled, u.required-letters)
		}
		for i, line := range u.year(days) {
			id, err := w.insertDocument(ctx, documentRow{
				unit: u.code, number: strconv.Itoa(i + 1), notation: line.notation, kind: line.kind, subject: line.subject,
				issuedOn: line.day, dueOn: line.due, drafter: "Số liệu minh họa", origin: "illustrative", medium: "electronic",
			})
			if err != nil {
				return fmt.Errorf("insert a document of %s: %w", u.code, err)
			}
			o := obligation{document: id, unit: u.code, kind: "approval", day: line.day, dueOn: line.due, status: line.status, origin: "illustrative"}
			if err := w.addObligation(ctx, o); err != nil {
				return fmt.Errorf("insert a duty of %s: %w", u.code, err)
			}
		}
	}
	return nil
}

// seedLine is one illustrative document.
type seedLine struct{ day, due, kind, subject, notation, status string }

// year spreads a unit's documents, and the signed ones among them, evenly.
func (u seedUnit) year(days []string) []seedLine {
	texts := seedTexts()
	lines := make([]seedLine, u.required)
	for i := range lines {
		text := texts[(i*5+len(u.code)+u.required)%len(texts)]
		k := i * len(days) / u.required
		day := days[k]
		l := seedLine{day: day, due: days[min(k+1, len(days)-1)], kind: text.kind, subject: text.subject, notation: "MH", status: "open"}
		if strings.Contains(text.subject, "%s") {
			l.subject = fmt.Sprintf(text.subject, strings.TrimPrefix(day[5:7], "0")+"/"+day[:4])
		}
		if (i+1)*u.fulfilled/u.required > i*u.fulfilled/u.required {
			l.status = "done"
		}
		lines[i] = l
	}
	return lines
}
