package demo_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"kyso/app/demo"
)

func morning() time.Time {
	return time.Date(2026, 11, 12, 8, 30, 0, 0, time.FixedZone("Asia/Ho_Chi_Minh", 7*3600))
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return norm.NFC.String(string(out))
}

func TestLettersAreWhatTheyShow(t *testing.T) {
	dir := t.TempDir()
	if err := demo.WriteLetters(dir, morning()); err != nil {
		t.Fatal(err)
	}
	t.Run("the scan is in color and fine enough", func(t *testing.T) { scanned(t, dir) })
	t.Run("the signature's place is on the letter and not on the annex", func(t *testing.T) { annexed(t, dir) })
	pages := map[string]string{
		"1-mot-trang": "1", "2-hai-trang": "2", "3-ke-hoach": "5", "4-co-phu-luc": "2", "5-da-ky-nhay": "1", "6-ban-quet": "1",
	}
	for _, l := range demo.Letters() {
		t.Run(l.File, func(t *testing.T) {
			path := filepath.Join(dir, l.File+".pdf")
			run(t, "qpdf", "--check", path)
			info := run(t, "pdfinfo", path)
			if want := "Pages:           " + pages[l.File] + "\n"; !strings.Contains(info, want) || !strings.Contains(info, "(A4)") {
				t.Errorf("want %s pages of A4:\n%s", pages[l.File], info)
			}
			text := strings.Join(strings.Fields(run(t, "pdftotext", "-layout", path, "-")), " ")
			if l.Scanned {
				if text != "" {
					t.Errorf("a scan with text: %q", text)
				}
				return
			}
			content, err := l.Text(morning())
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{content.Signer, "CHỦ TỊCH", "./.", "Kim Liên, ngày 12 tháng 11 năm 2026", "Nơi nhận:"} {
				if !strings.Contains(text, want) {
					t.Errorf("the text lacks %q", want)
				}
			}
			if !strings.Contains(info, content.Title()) {
				t.Errorf("the title is not %q:\n%s", content.Title(), info)
			}
		})
	}
}

func scanned(t *testing.T, dir string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(run(t, "pdfimages", "-list", filepath.Join(dir, "6-ban-quet.pdf"))), "\n")
	f := strings.Fields(lines[len(lines)-1]) // page num type width height color comp bpc enc interp object ID x-ppi …
	if len(lines) != 3 || f[5] != "rgb" || f[12] < "200" {
		t.Errorf("want one RGB picture of at least 200 dpi:\n%s", strings.Join(lines, "\n"))
	}
}

func annexed(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, "4-co-phu-luc.pdf")
	letter, annex := run(t, "pdftotext", "-l", "1", path, "-"), run(t, "pdftotext", "-f", "2", path, "-")
	if !strings.Contains(letter, "Trần Minh Khôi") || strings.Contains(annex, "Trần Minh Khôi") {
		t.Error("want the signer's name on the letter only")
	}
	if !strings.Contains(annex, "Phụ lục") || !strings.Contains(annex, "Kèm theo Công văn số 249/UBND-VP ngày 12") {
		t.Errorf("the annex does not name its letter:\n%s", annex)
	}
}

func TestNoLetterNamesARepealedText(t *testing.T) {
	files, err := filepath.Glob("letters/*.txt")
	if err != nil || len(files) < 7 {
		t.Fatalf("sources: %v (%v)", files, err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, repealed := range []string{"41/2017", "22/2020", "130/2018"} {
			if strings.Contains(string(source), repealed) {
				t.Errorf("%s cites %s, which is repealed", file, repealed)
			}
		}
		if !norm.NFC.IsNormal(source) {
			t.Errorf("%s is not in NFC", file)
		}
	}
}
