package refserver

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"kyso/app/docsys"
	"kyso/app/docsys/api"
	"kyso/app/signrate"
)

const (
	maxTable     = 16 << 20
	maxUnzipped  = 128 << 20
	maxTableRows = 20_000
	maxBadLines  = 500
)

// table is what an import reads: the names of the columns and the rows.
type table struct {
	columns []string
	rows    [][]string
}

// row is a line of a table, by the name of its column.
type row map[string]string

// columnsOf are the columns of a kind, those that must be there first, and how
// many of them must be.
func columnsOf(kind string) (columns []string, required int) {
	switch kind {
	case "units":
		return []string{"code", "name", "kind", "valid_from", "parent"}, 4
	case "aliases":
		return []string{"unit", "scheme", "code"}, 3
	case "successions":
		return []string{"unit", "to", "share", "on", "basis"}, 5
	case "people":
		return []string{"name", "unit", "title", "login", "role", "may", "form", "valid_from", "valid_to", "basis"}, 2
	case "certificates":
		return []string{"login", "certificate", "agency"}, 2
	case "documents":
		return []string{"unit", "number", "type", "subject", "issued_on", "notation", "signer_name", "signer_title", "drafter", "medium", "origin"}, 5
	}
	return nil, 0
}

// vietnamese are the heads that tables of offices have.
func vietnamese() map[string]string {
	return map[string]string{
		"hệ mã": "scheme", "đơn vị kế thừa": "to", "tỷ lệ": "share", "tỷ lệ kế thừa": "share", "ngày": "on",
		"mã đơn vị": "unit", "đơn vị": "unit", "mã": "code", "tên": "name", "tên đơn vị": "name", "họ và tên": "name", "họ tên": "name", "chức vụ": "title",
		"cấp": "kind", "đơn vị cấp trên": "parent", "từ ngày": "valid_from", "đến ngày": "valid_to", "căn cứ": "basis", "tên đăng nhập": "login",
		"vai trò": "role", "thẩm quyền": "may", "hình thức": "form", "chứng thư": "certificate", "chứng thư số": "certificate", "cơ quan": "agency",
		"số": "number", "ký hiệu": "notation", "loại": "type", "loại văn bản": "type", "trích yếu": "subject", "ngày ban hành": "issued_on",
		"người ký": "signer_name", "chức vụ người ký": "signer_title", "người soạn": "drafter", "hình thức văn bản": "medium", "nguồn": "origin",
	}
}

// errDryRun ends a transaction whose only purpose was to see what would happen.
var errDryRun = errors.New("a dry run")

// ImportTable implements POST /imports/{kind}.
func (c calls) ImportTable(w http.ResponseWriter, r *http.Request, kind string, p api.ImportTableParams) {
	ctx, who := r.Context(), callerOf(r)
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxTable))
	if err != nil {
		c.fail(w, r, refuse(http.StatusRequestEntityTooLarge, "too-large", "Bảng quá lớn hoặc bị ngắt", err.Error()))
		return
	}
	t, err := readTable(kind, raw)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	report, err := c.importTable(ctx, who, kind, t, p.DryRun)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.send(w, r, http.StatusOK, report)
}

// importTable stores all rows, or none when one is bad or it is a dry run. A
// dry run does all the work and lets it go, so that it finds what the real one finds.
func (s *Server) importTable(ctx context.Context, who caller, kind string, t table, dry bool) (api.ImportReport, error) {
	var report api.ImportReport
	err := s.inTx(ctx, func(w *work) error {
		report = api.ImportReport{Rows: len(t.rows)}
		bad := []api.ImportLine{}
		rows, unnamed, err := w.rowsOf(ctx, t)
		if err != nil {
			return err
		}
		for i := range rows {
			why, err := unnamed[i], error(nil)
			if why == "" {
				why, err = w.importRow(ctx, who, kind, rows, i)
			}
			if err != nil {
				return err
			}
			if why == "" {
				continue
			}
			report.Bad++
			if len(bad) < maxBadLines {
				bad = append(bad, api.ImportLine{Line: i + 2, Why: why})
			}
		}
		report.Lines = &bad
		if dry || report.Bad > 0 {
			return errDryRun
		}
		w.note(who.account, "table.imported", kind, fmt.Sprint(len(t.rows)))
		return nil
	})
	if errors.Is(err, errDryRun) {
		return report, nil
	}
	report.Stored = err == nil
	return report, err
}

// importRow stores row i; what is wrong with it is not an error. After a bad
// row the transaction goes on, to find the other ones, and is never committed.
func (w *work) importRow(ctx context.Context, who caller, kind string, rows []row, i int) (why string, err error) {
	if err := w.run(ctx, "import a row", do(`SAVEPOINT import_row`)); err != nil {
		return "", err
	}
	r := rows[i]
	switch kind {
	case "units":
		err = w.addUnit(ctx, who.account, api.NewUnit{Code: r["code"], Name: r["name"], Kind: r["kind"], ValidFrom: r["valid_from"], Parent: unlessEmpty(r["parent"])})
	case "aliases":
		err = w.addAlias(ctx, who.account, r["unit"], api.AliasScheme(r["scheme"]), r["code"])
	case "successions":
		err = w.importSuccession(ctx, who, rows, i)
	case "people":
		err = w.importPerson(ctx, who, r)
	case "certificates":
		err = w.importCertificate(ctx, who, r)
	case "documents":
		err = w.importDocument(ctx, who, r)
	}
	if err == nil {
		return "", w.run(ctx, "import a row", do(`RELEASE SAVEPOINT import_row`))
	}
	if why = said(err); why == "" {
		return "", err
	}
	return why, w.run(ctx, "import a row", do(`ROLLBACK TO SAVEPOINT import_row`))
}

// said is what a refusal says; "" for other errors.
func said(err error) string {
	p, ok := errors.AsType[*docsys.Problem](err)
	if !ok {
		return ""
	}
	if p.Detail != "" {
		return p.Title + ": " + p.Detail
	}
	return p.Title
}

// rowsOf gives the rows with the units' own codes in place of those of other
// schemes, and says of which rows a code names no one unit.
func (w *work) rowsOf(ctx context.Context, t table) (rows []row, unnamed map[int]string, err error) {
	known := map[string]string{}
	unnamed = map[int]string{}
	for i, cells := range t.rows {
		r := t.row(cells)
		rows = append(rows, r)
		for _, column := range []string{"unit", "parent", "to"} {
			code := r[column]
			if _, ok := known[code]; !ok && code != "" {
				known[code], err = w.unitNamed(ctx, code)
				if why := said(err); why != "" {
					unnamed[i] = why
					delete(known, code)
				} else if err != nil {
					return nil, nil, err
				}
			}
			r[column] = known[code]
		}
	}
	return rows, unnamed, nil
}

// importSuccession ends a unit with its last row: only then all shares are known.
// Without a successor it has one row, whose columns to and share are empty.
func (w *work) importSuccession(ctx context.Context, who caller, rows []row, i int) error {
	r := rows[i]
	for _, err := range []error{checkDay("on", r["on"], false), checkFields(field{"basis", r["basis"], 1, 300})} {
		if err != nil {
			return err
		}
	}
	if _, err := shareOf(r); err != nil {
		return err
	}
	same := func(x row) bool { return x["unit"] == r["unit"] }
	if slices.ContainsFunc(rows[i+1:], same) {
		return nil
	}
	in := api.UnitEnd{On: r["on"], Basis: r["basis"], Successors: &[]api.Successor{}}
	for _, x := range rows[:i+1] {
		if !same(x) {
			continue
		}
		if x["on"] != r["on"] {
			return refuse(http.StatusUnprocessableEntity, "bad-succession", "Một đơn vị chỉ kết thúc vào một ngày", x["on"]+", "+r["on"])
		}
		share, err := shareOf(x)
		if err != nil {
			return err
		}
		if x["to"] != "" {
			*in.Successors = append(*in.Successors, api.Successor{Unit: x["to"], Share: share})
		}
	}
	return w.endUnit(ctx, who.account, r["unit"], in)
}

// shareOf reads a share in per cent, with at most two decimals: "33,34" or "100 %".
func shareOf(r row) (int, error) {
	text := strings.TrimSpace(strings.TrimSuffix(r["share"], "%"))
	if r["to"] == "" && text == "" {
		return 0, nil
	}
	whole, part, _ := strings.Cut(strings.ReplaceAll(text, ",", "."), ".")
	n, err := strconv.ParseUint(whole+(part + "00")[:2], 10, 16)
	if err != nil || len(part) > 2 || n < 1 || n > signrate.Whole || r["to"] == "" {
		return 0, refuse(http.StatusUnprocessableEntity, "bad-succession", "Tỷ lệ kế thừa phải là phần trăm, không quá hai số lẻ, có đơn vị kế thừa", r["share"])
	}
	return int(n), nil
}

func (w *work) importPerson(ctx context.Context, who caller, r row) error {
	id, err := w.addPerson(ctx, who.account, r["name"], r["title"], r["unit"])
	if err != nil {
		return err
	}
	from := r["valid_from"]
	if from == "" {
		from = w.s.today()
	}
	if r["login"] != "" {
		if err := w.addAccount(ctx, who.account, r["login"], id, ""); err != nil {
			return err
		}
		if r["role"] != "" {
			in := api.NewGrant{Role: api.NewGrantRole(r["role"]), Unit: &[]string{r["unit"]}[0], ValidFrom: from, ValidTo: unlessEmpty(r["valid_to"])}
			if _, err := w.addGrant(ctx, who.account, r["login"], in); err != nil {
				return err
			}
		}
	}
	for may := range strings.FieldsSeq(strings.ReplaceAll(r["may"], ",", " ")) {
		in := api.NewAuthority{
			Unit: r["unit"], May: api.NewAuthorityMay(may), Form: api.NewAuthorityForm(r["form"]), ValidFrom: from, ValidTo: unlessEmpty(r["valid_to"]), Basis: r["basis"],
		}
		if _, err := w.addAuthority(ctx, who.account, id, in); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) importCertificate(ctx context.Context, who caller, r row) error {
	rows, err := w.Query(ctx, `SELECT person FROM account WHERE login=? AND person<>''`, r["login"])
	if err != nil {
		return fmt.Errorf("look up the account: %w", err)
	}
	found, err := texts(rows)
	if err != nil {
		return fmt.Errorf("look up the account: %w", err)
	}
	if len(found) == 0 {
		return refuse(http.StatusNotFound, "not-found", "Không có người với tên đăng nhập này")
	}
	return w.addCertificate(ctx, who.account, found[0], r["certificate"], isYes(r["agency"]))
}

func isYes(text string) bool {
	return slices.Contains([]string{"1", "x", "true", "yes", "có"}, strings.ToLower(text))
}

// importDocument registers a document that was issued and perhaps signed
// elsewhere. It is unsigned here until its file is uploaded and verified.
func (w *work) importDocument(ctx context.Context, who caller, r row) error {
	in := api.NewDocument{
		Unit: r["unit"], Number: unlessEmpty(r["number"]), Notation: unlessEmpty(r["notation"]), Type: r["type"], Subject: r["subject"],
		IssuedOn: unlessEmpty(r["issued_on"]), SignerName: unlessEmpty(r["signer_name"]), SignerTitle: unlessEmpty(r["signer_title"]), Drafter: unlessEmpty(r["drafter"]),
	}
	d := documentRow{
		unit: in.Unit, number: r["number"], notation: r["notation"], kind: in.Type, subject: in.Subject, issuedOn: r["issued_on"],
		drafter: r["drafter"], signerName: r["signer_name"], signerTitle: r["signer_title"], medium: "electronic", origin: "own", by: who.step("import"),
	}
	if r["medium"] != "" {
		d.medium = r["medium"]
	}
	if r["origin"] != "" {
		d.origin = r["origin"]
	}
	if !slices.Contains([]string{"electronic", "paper"}, d.medium) || !slices.Contains([]string{"own", "certified_copy"}, d.origin) {
		return refuse(http.StatusUnprocessableEntity, "bad-document", "Hình thức phải là electronic hoặc paper, nguồn là own hoặc certified_copy")
	}
	for _, err := range []error{
		checkTexts(in), checkFields(field{"number", d.number, 1, 20}), w.s.checkIssueDay(d.issuedOn), w.needUnit(ctx, d.unit),
	} {
		if err != nil {
			return err
		}
	}
	_, err := w.insertDocument(ctx, d)
	return err
}

func (t table) row(cells []string) row {
	r := row{}
	for i, name := range t.columns {
		if i < len(cells) && name != "" {
			r[name] = strings.TrimSpace(cells[i])
		}
	}
	return r
}

// readTable reads CSV or xlsx (a zip archive) and checks its head.
func readTable(kind string, raw []byte) (table, error) {
	columns, required := columnsOf(kind)
	if columns == nil {
		return table{}, refuse(http.StatusNotFound, "not-found", "Không có loại bảng này")
	}
	read := readCSV
	if bytes.HasPrefix(raw, []byte("PK\x03\x04")) {
		read = readXLSX
	}
	lines, err := read(raw)
	if err != nil {
		return table{}, badTable(err.Error())
	}
	if len(lines) == 0 {
		return table{}, badTable("bảng trống")
	}
	t := table{rows: lines[1:]}
	for _, head := range lines[0] {
		name := strings.ToLower(strings.TrimSpace(strings.TrimPrefix(head, "\ufeff")))
		if known, ok := vietnamese()[name]; ok && !slices.Contains(columns, name) {
			name = known
		}
		if name != "" && !slices.Contains(columns, name) {
			return table{}, badTable("không có cột " + strings.ToValidUTF8(head, "?"))
		}
		if name != "" && slices.Contains(t.columns, name) {
			return table{}, badTable("cột lặp lại: " + name)
		}
		t.columns = append(t.columns, name)
	}
	for _, name := range columns[:required] {
		if !slices.Contains(t.columns, name) {
			return table{}, badTable("thiếu cột " + name)
		}
	}
	if len(t.rows) > maxTableRows {
		return table{}, badTable(fmt.Sprintf("quá %d dòng", maxTableRows))
	}
	return t, nil
}

func badTable(detail string) *docsys.Problem {
	return refuse(http.StatusUnprocessableEntity, "bad-table", "Không đọc được bảng", detail)
}

func readCSV(raw []byte) ([][]string, error) {
	if !utf8.Valid(raw) {
		return nil, errors.New("bảng CSV phải dùng mã UTF-8")
	}
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord = -1
	lines, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("CSV: %w", err)
	}
	return lines, nil
}

// readXLSX reads the first sheet.
func readXLSX(raw []byte) (lines [][]string, err error) {
	f, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxUnzipped})
	if err != nil {
		return nil, fmt.Errorf("xlsx: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sheets := f.GetSheetList()
	if len(sheets) == 0 {
		return nil, errors.New("xlsx: không có trang tính")
	}
	rows, err := f.Rows(sheets[0])
	if err != nil {
		return nil, fmt.Errorf("xlsx: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		cells, err := rows.Columns()
		if err != nil {
			return nil, fmt.Errorf("xlsx: %w", err)
		}
		if len(lines) > maxTableRows+1 {
			return nil, fmt.Errorf("xlsx: quá %d dòng", maxTableRows)
		}
		lines = append(lines, cells)
	}
	return lines, rows.Error() //nolint:wrapcheck // told to the person who sent the table
}
