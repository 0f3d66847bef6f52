package letter_test

import (
	"bytes"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"kyso/app/demo/letter"
)

func today() time.Time { return time.Date(2026, 2, 3, 9, 0, 0, 0, time.FixedZone("ICT", 7*3600)) }

const head = `superior: ỦY BAN NHÂN DÂN QUẬN ĐỐNG ĐA
agency: ỦY BAN NHÂN DÂN
agency: PHƯỜNG KIM LIÊN
place: Kim Liên
number: 247
notation: UBND-VP
date: 0
subject: tăng cường ký số văn bản điện tử
to: Các bộ phận chuyên môn
capacity: KT. CHỦ TỊCH
capacity: PHÓ CHỦ TỊCH
signer: Lê Thu Hà
recipient: Như trên;
recipient: Lưu: VT.
---
`

func compose(t *testing.T, source string) *letter.Paper {
	t.Helper()
	l, err := letter.Parse(source, today())
	if err != nil {
		t.Fatal(err)
	}
	p, err := letter.Compose(l)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// file writes the paper and has qpdf judge it.
func file(t *testing.T, p *letter.Paper) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.WritePDF(&b); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "letter.pdf")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	tool(t, "qpdf", "--check", path)
	return path
}

func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return norm.NFC.String(string(out))
}

func TestTheTextCanBeExtracted(t *testing.T) {
	path := file(t, compose(t, head+"Yêu cầu các bộ phận nghiêm túc triển khai, bảo đảm mọi văn bản điện tử"+
		" được người có thẩm quyền ký số cá nhân trước ngày {date+7}./.\n"))
	got := strings.Join(strings.Fields(tool(t, "pdftotext", "-layout", path, "-")), " ")
	for _, want := range []string{
		"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "ỦY BAN NHÂN DÂN QUẬN ĐỐNG ĐA",
		"Số: 247/UBND-VP", "Kim Liên, ngày 03 tháng 02 năm 2026", "V/v tăng cường ký số",
		"Kính gửi: Các bộ phận chuyên môn", "trước ngày 10/02/2026./.", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Lê Thu Hà", "Nơi nhận:",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the text lacks %q:\n%s", want, got)
		}
	}
	if info := tool(t, "pdfinfo", path); !strings.Contains(info, "V/v tăng cường ký số văn bản điện tử") || !strings.Contains(info, "(A4)") {
		t.Errorf("title or page size:\n%s", info)
	}
}

func TestTheSameLetterGivesTheSameBytes(t *testing.T) {
	var files [2]bytes.Buffer
	for i := range files {
		if err := compose(t, head+"Nội dung./.\n").WritePDF(&files[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
		t.Error("two files of one letter differ")
	}
}

func TestPagesAreNumberedFromTheSecond(t *testing.T) {
	p := compose(t, head+strings.Repeat("Nội dung của một đoạn văn bản hành chính.\n", 60)+"Hết./.\n")
	if p.Pages() < 2 {
		t.Fatalf("pages: got %d, want at least 2", p.Pages())
	}
	path := file(t, p)
	first := strings.Fields(tool(t, "pdftotext", "-l", "1", path, "-"))
	second := strings.Fields(tool(t, "pdftotext", "-f", "2", "-l", "2", path, "-"))
	if first[0] == "1" || second[0] != "2" {
		t.Errorf("first words: got %q and %q, want no number and 2", first[0], second[0])
	}
	if p.End().Page != p.Pages() {
		t.Errorf("the content ends on page %d of %d", p.End().Page, p.Pages())
	}
}

func TestALetterWithoutNumberLeavesRoomForIt(t *testing.T) {
	l, err := letter.Parse(strings.Replace(head, "number: 247\n", "", 1)+"Nội dung./.\n", today())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := l.Symbol(), "      /UBND-VP"; got != want {
		t.Errorf("symbol: got %q, want %q", got, want)
	}
	if got, want := letter.LongDate(l.Date, true), "ngày      tháng 02 năm 2026"; got != want {
		t.Errorf("date: got %q, want %q", got, want)
	}
}

func TestParseRefuses(t *testing.T) {
	sources := map[string]string{
		"a source without a body":           "number: 1\n",
		"an unknown key":                    "color: red\n---\nNội dung\n",
		"a date that is not a number":       "date: mai\n---\nNội dung\n",
		"a table whose widths are no sizes": "number: 1\n---\n|a|b|\n",
		"a row with too few cells":          "number: 1\n---\n|1|2|\n|một|\n",
	}
	for name, source := range sources {
		t.Run(name, func(t *testing.T) {
			if l, err := letter.Parse(source, today()); err == nil {
				t.Errorf("got %+v, want an error", l)
			}
		})
	}
}

func TestScanLooksLikePaper(t *testing.T) {
	p := compose(t, head+"Nội dung của văn bản./.\n")
	printed, err := p.Picture(1, 100)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := printed.Bounds(), image.Rect(0, 0, 827, 1169); got != want {
		t.Errorf("size at 100 dpi: got %v, want %v", got, want)
	}
	scan := letter.Scan(printed, 0.6, 7)
	if again := letter.Scan(printed, 0.6, 7); !bytes.Equal(scan.Pix, again.Pix) {
		t.Error("two scans with one seed differ")
	}
	dark, white := 0, 0
	for i := 0; i < len(scan.Pix); i += 4 {
		if scan.Pix[i] < 100 {
			dark++
		}
		if scan.Pix[i] == 255 && scan.Pix[i+2] == 255 {
			white++
		}
	}
	all := len(scan.Pix) / 4
	if dark < all/200 || dark > all/10 || white > all/20 {
		t.Errorf("of %d pixels %d are dark and %d pure white", all, dark, white)
	}
	if _, err := p.Picture(2, 100); err == nil {
		t.Error("a page that is not there was drawn")
	}
}
