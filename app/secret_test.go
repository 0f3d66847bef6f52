package app_test

import (
	"errors"
	"path/filepath"
	"testing"

	"codeberg.org/go-pdf/fpdf"

	"kyso/app"
	"kyso/app/docsys"
	"kyso/app/outbox"
	"kyso/app/secrecy"
	"kyso/assets"
)

// letter writes a letter of many pages with a framed word below number and notation.
func letter(t *testing.T, word, password string) string {
	t.Helper()
	f := fpdf.New("P", "mm", "A4", "")
	f.AddUTF8FontFromBytes("serif", "", assets.SerifRegular())
	f.AddUTF8FontFromBytes("serif", "B", assets.SerifBold())
	if password != "" {
		f.SetProtection(0, password, "owner")
	}
	for page := range 10 {
		f.AddPage()
		f.SetFont("serif", "", 13)
		if page == 0 {
			f.Text(40, 30, "Số: 12/BC-UBND")
			f.Text(120, 30, "Kim Liên, ngày 20 tháng 11 năm 2026")
			f.SetFont("serif", "B", 14)
			f.Rect(38, 38, 34, 8, "D")
			f.Rect(39, 39, 32, 6, "D")
			f.SetXY(38, 38)
			f.CellFormat(34, 8, word, "", 0, "CM", false, 0, "")
			f.SetFont("serif", "", 13)
		}
		f.Text(30, 120, "Mật độ dân số và việc bảo mật thông tin.")
	}
	path := filepath.Join(t.TempDir(), "letter.pdf")
	if err := f.OutputFileAndClose(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestASecretDocumentDoesNotEnterTheOutbox(t *testing.T) {
	cases := map[string]struct {
		word, password string
		item           outbox.Item // what is told of the document
		code           string      // empty when it is taken
	}{
		"a stamp in its place":              {word: "TỐI MẬT", code: "secret"},
		"the person's word does not help":   {word: "MẬT", item: outbox.Item{NotSecret: true}, code: "secret"},
		"small letters are a question":      {word: "Mật", code: "secret-doubt"},
		"the person answered":               {word: "Mật", item: outbox.Item{NotSecret: true}},
		"a mark in the metadata":            {word: "HỎA TỐC", item: outbox.Item{Metadata: docsys.Metadata{Secrecy: "mat"}}, code: "secret"},
		"a mark behind the subject":         {word: "HỎA TỐC", item: outbox.Item{Metadata: docsys.Metadata{Subject: "V/v A (Mật)"}}, code: "secret-doubt"},
		"nothing":                           {word: "HỎA TỐC", item: outbox.Item{Metadata: docsys.Metadata{Secrecy: "none", Subject: "V/v A"}}},
		"a locked file is a question":       {word: "MẬT", password: "khoá", code: "secret-doubt"},
		"a locked file and its password":    {word: "MẬT", password: "khoa", item: outbox.Item{Password: []byte("khoa")}, code: "secret"},
		"a locked file, harmless, and open": {word: "KHẨN", password: "khoa", item: outbox.Item{Password: []byte("khoa")}},
	}
	a, err := app.Start(t.Context(), app.Options{Data: t.TempDir(), OnlyModules: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.item.DocumentID, c.item.Path = name, letter(t, c.word, c.password)
			_, err := a.Outbox.Enqueue(t.Context(), c.item)
			e, refused := errors.AsType[*secrecy.Error](err)
			switch {
			case c.code == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.code != "" && (!refused || e.ExplainCode() != c.code):
				t.Errorf("got %v, want it refused as %s", err, c.code)
			}
		})
	}
}
