package doctor

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"kyso/app/explain"
)

// WriteZip writes the file for the support desk. Everything in it is redacted:
// no PIN, key, name, certificate, title, file name or account is in it.
func (r Report) WriteZip(w io.Writer, l explain.Language) error {
	x, clean := newRedactor(r), r.Redacted()
	var vi, en bytes.Buffer
	err := errors.Join(clean.WriteText(&vi, explain.Vietnamese, true), clean.WriteText(&en, explain.English, true))
	if err != nil {
		return err
	}
	report, err := json.MarshalIndent(clean, "", "  ")
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	lines, err := x.tail(LogPath(r.config.Folders.Data))
	if err != nil {
		lines = []string{harmless(err.Error())}
	}
	z := zip.NewWriter(w)
	for _, f := range []struct {
		name string
		body []byte
	}{
		{"README.txt", []byte(pair{readmeVI, readmeEN}.in(l))},
		{"report-vi.txt", vi.Bytes()},
		{"report-en.txt", en.Bytes()},
		{"report.json", report},
		{"versions.txt", []byte(versions(r.Version))},
		{"settings.json", x.settings(filepath.Join(r.config.Folders.Data, settingsFile))},
		{"log.txt", []byte(strings.Join(lines, "\n") + "\n")},
	} {
		e, err := z.Create(f.name)
		if err == nil {
			_, err = e.Write(f.body)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", f.name, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write the support file: %w", err)
	}
	return nil
}

// SaveZip writes the support file to path; a file that is there already is an
// error (fs.ErrExist), a half-written one is removed.
func (r Report) SaveZip(path string, l explain.Language) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("save the support file: %w", err)
	}
	err = r.WriteZip(f, l)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("save the support file: %w", errors.Join(err, os.Remove(path)))
	}
	return nil
}

const (
	readmeVI = `Tệp này dành cho bộ phận hỗ trợ của chương trình Ký số.

Có trong tệp: kết quả kiểm tra máy (report-vi.txt, report-en.txt, report.json), phiên bản phần mềm,
thiết lập đã lược bỏ, những dòng nhật ký cuối đã lược bỏ.
Không có: mã PIN, khóa, họ tên, nội dung chứng thư số, tên văn bản, tên tệp, tên tài khoản, số hiệu thiết bị.
Chỗ nào ghi ‹…› là đã lược bỏ. Anh/chị có thể mở từng tệp để xem trước khi gửi.
`
	readmeEN = `This file is for the support desk of the program Ký số.

In it: what the check-up found (report-vi.txt, report-en.txt, report.json), versions, the settings
and the last lines of the log, both with everything personal taken out.
Not in it: PINs, keys, names, certificates, titles of documents, file names, account names, serial numbers.
‹…› marks what was taken out. Open the files and see for yourself before you send them.
`
)

// versions lists the program and what it was built from.
func versions(version string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "kyso %s (%s)\n%s %s/%s\n%s\n", version, revision(), runtime.Version(), runtime.GOOS, runtime.GOARCH, systemName())
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			fmt.Fprintf(&b, "%s %s\n", d.Path, d.Version)
		}
	}
	return b.String()
}

// choices are the values of settings that are words of the program.
//
//nolint:gochecknoglobals // a constant table
var choices = []string{"", "vi", "en", "light", "dark", "system", "B-B", "B-T", "B-LT", "B-LTA"}

// settings tells which settings are made, without what they say: words of the
// program, numbers and hosts stay, everything else is only told to be there.
func (x redactor) settings(path string) []byte {
	var all map[string]any
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	if err != nil {
		all = nil
	}
	out := map[string]any{}
	for k, v := range all {
		if isKey(k) {
			out[x.scrub(k)] = x.setting(v, 0)
		}
	}
	if err != nil {
		out["error"] = harmless(err.Error())
	}
	clean, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return []byte("{}")
	}
	return append(clean, '\n')
}

// isKey reports a name as the program gives to its settings.
func isKey(k string) bool {
	return len(k) <= 40 && !strings.ContainsFunc(k, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') })
}

// setting is what leaves of a setting.
func (x redactor) setting(v any, depth int) any {
	switch v := v.(type) {
	case bool, nil:
		return v
	case float64:
		return harmlessValue(v)
	case string:
		switch {
		case slices.Contains(choices, v):
			return v
		case strings.HasPrefix(v, "http://"), strings.HasPrefix(v, "https://"):
			return x.address(v)
		}
		return hidden
	case []any:
		out := make([]any, 0, len(v))
		for _, e := range v {
			if s, ok := e.(string); ok && strings.ContainsAny(s, `/\`) && !strings.Contains(s, "://") {
				out = append(out, x.path(s))
			} else if depth < 1 {
				out = append(out, x.setting(e, depth+1))
			}
		}
		return out
	case map[string]any:
		return fmt.Sprintf("%d", len(v))
	}
	return hidden
}
