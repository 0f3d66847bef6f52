package draft_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"codeberg.org/go-pdf/fpdf"

	"kyso/app/draft"
	"kyso/assets"
)

// letter makes a PDF whose pages say "Trang 1", "Trang 2", ….
func letter(t *testing.T, pages int) *bytes.Reader {
	t.Helper()
	doc := fpdf.New("P", "mm", "A4", "")
	doc.SetTitle("Công văn về phòng cháy", true)
	doc.AddUTF8FontFromBytes("serif", "", assets.SerifRegular())
	for n := range pages {
		doc.AddPage()
		doc.SetFont("serif", "", 14)
		doc.Text(30, 30, fmt.Sprintf("Trang %d", n+1))
	}
	var b bytes.Buffer
	if err := doc.Output(&b); err != nil {
		t.Fatalf("make letter: %v", err)
	}
	return bytes.NewReader(b.Bytes())
}

// picture makes a PNG of the given size.
func picture(t *testing.T, w, h int) io.Reader {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for x := range w {
		m.Set(x, x%h, color.RGBA{R: 200, A: 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatalf("make picture: %v", err)
	}
	return &b
}

// judge asks qpdf whether the file is sound, and returns its path.
func judge(t *testing.T, pdf []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "out.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "qpdf", "--check", path).CombinedOutput(); err != nil {
		t.Errorf("qpdf --check: %v\n%s", err, out)
	}
	return path
}

func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

func TestPicturesBecomeA4Pages(t *testing.T) {
	var out bytes.Buffer
	if err := draft.FromImages(&out, picture(t, 1654, 2339), picture(t, 400, 300)); err != nil {
		t.Fatal(err)
	}
	path := judge(t, out.Bytes())
	info := tool(t, "pdfinfo", "-l", "2", path)
	if got := strings.Count(info, "(A4)"); got != 2 {
		t.Errorf("A4 pages: got %d, want 2\n%s", got, info)
	}
}

func TestMergeKeepsOrderAndTitle(t *testing.T) {
	var out bytes.Buffer
	if err := draft.Merge(&out, letter(t, 2), letter(t, 1)); err != nil {
		t.Fatal(err)
	}
	path := judge(t, out.Bytes())
	got := strings.Fields(tool(t, "pdftotext", path, "-"))
	want := "Trang 1 Trang 2 Trang 1"
	if strings.Join(got, " ") != want {
		t.Errorf("text: got %q, want %q", strings.Join(got, " "), want)
	}
	if info := tool(t, "pdfinfo", path); !strings.Contains(info, "Công văn về phòng cháy") {
		t.Errorf("the title is lost:\n%s", info)
	}
}

func TestWatermarkIsOnEveryPageAndNotInTheText(t *testing.T) {
	var out bytes.Buffer
	if err := draft.Watermark(&out, letter(t, 3), "BẢN NHÁP", assets.SerifBold()); err != nil {
		t.Fatal(err)
	}
	path := judge(t, out.Bytes())
	images := tool(t, "pdfimages", "-list", path)
	for page := 1; page <= 3; page++ {
		if !strings.Contains(images, fmt.Sprintf("\n%4d ", page)) {
			t.Errorf("page %d has no watermark:\n%s", page, images)
		}
	}
	if text := tool(t, "pdftotext", path, "-"); strings.Contains(text, "NHÁP") {
		t.Errorf("the watermark reached the text: %q", text)
	}
}

func TestPageCount(t *testing.T) {
	for _, want := range []int{1, 5} {
		got, err := draft.PageCount(letter(t, want))
		if err != nil || got != want {
			t.Errorf("pages: got %d (%v), want %d", got, err, want)
		}
	}
}

func TestASignedFileIsRefused(t *testing.T) {
	signed := signed(t)
	work := map[string]func() error{
		"merge, as the first part":  func() error { return draft.Merge(io.Discard, signed(), letter(t, 1)) },
		"merge, as the second part": func() error { return draft.Merge(io.Discard, letter(t, 1), signed()) },
		"watermark": func() error {
			return draft.Watermark(io.Discard, signed(), "BẢN THỬ", assets.SerifBold())
		},
	}
	for name, do := range work {
		t.Run(name, func(t *testing.T) {
			if err := do(); !errors.Is(err, draft.ErrSigned) {
				t.Errorf("got %v, want ErrSigned", err)
			}
		})
	}
}

func TestFields(t *testing.T) {
	got, err := draft.Fields(letter(t, 1))
	if err != nil || len(got) != 0 {
		t.Errorf("a letter without a form: got %v, %v", got, err)
	}
	got, err = draft.Fields(handwritten(t, formBody)())
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Name != "hoten" || got[0].Value != "Kim" {
		t.Errorf("fields: got %+v, want hoten = Kim", got)
	}
}

func TestNothingIsWrittenToHome(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, ".config"))
	if _, err := draft.PageCount(letter(t, 1)); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(home)
	if err != nil || len(entries) != 0 {
		t.Errorf("HOME holds %v (%v), want nothing", entries, err)
	}
}
