package app_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"kyso/app"
	"kyso/app/docsys"
	"kyso/app/explain"
	"kyso/app/outbox"
	"kyso/app/placement"
	"kyso/app/secrecy"
	"kyso/app/signing"
	"kyso/assets"
	"kyso/signer"
	"kyso/signer/signertest"
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

// started is the program on new data.
func started(t *testing.T) *app.App {
	t.Helper()
	a, err := app.Start(t.Context(), app.Options{Data: t.TempDir(), OnlyModules: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
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
	a := started(t)
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

func TestADocumentOfARehearsalIsNeitherSentNorSignedForReal(t *testing.T) {
	a := started(t)
	road, err := a.Rehearse(docsys.Person{Name: "Trần Minh Khôi", Title: "Chủ tịch"}, "")
	if err != nil {
		t.Fatal(err)
	}
	found, err := road.Keys(t.Context())
	if err != nil || len(found.Keys) != 1 {
		t.Fatalf("found %+v, %v", found, err)
	}
	seat, err := road.Open(t.Context(), found.Keys[0], []byte(app.PracticePIN))
	if err != nil {
		t.Fatal(err)
	}
	defer seat.Close(t.Context()) //nolint:errcheck // a practice token
	practise := func(t *testing.T, password string) string {
		t.Helper()
		out, err := seat.Sign(t.Context(), signing.Job{
			Path: letter(t, "KHẨN", password), Document: &docsys.Document{ID: t.Name()}, Role: placement.Approval, Time: time.Now(), Password: []byte(password),
		}, func(signing.Step) {})
		if err != nil || out.Queued != "" {
			t.Fatalf("queued %q, %v", out.Queued, err)
		}
		return out.Path
	}
	pki, err := signertest.New(signertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	id, err := pki.Issue(signertest.IssueSpec{Name: "Trần Minh Khôi", Key: "P-256"})
	if err != nil {
		t.Fatal(err)
	}
	over := func(t *testing.T) string { // somebody signs the practice copy with another program
		t.Helper()
		path := filepath.Join(t.TempDir(), "Công văn.pdf")
		_, err := signer.SignFile(t.Context(), practise(t, ""), path, signer.Request{Credential: id.Credential(), Chain: pki.Chain(), Time: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	cases := map[string]struct {
		file     func(t *testing.T) string
		password string
		locked   bool // the outbox is not told the password
	}{
		"as it was made":                        {file: func(t *testing.T) string { t.Helper(); return practise(t, "") }},
		"encrypted":                             {file: func(t *testing.T) string { t.Helper(); return practise(t, "khoa") }, password: "khoa"},
		"encrypted, and nobody can look inside": {file: func(t *testing.T) string { t.Helper(); return practise(t, "khoa") }, password: "khoa", locked: true},
		"under another name, signed once more":  {file: over},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			path := c.file(t)
			item := outbox.Item{DocumentID: name, Path: path, Password: []byte(c.password), NotSecret: true}
			if c.locked {
				item.Password = nil
			}
			_, err := a.Outbox.Enqueue(t.Context(), item)
			if !errors.Is(err, app.ErrPractised) {
				t.Errorf("the outbox answers %v, want %v", err, app.ErrPractised)
			}
			f, err := a.Road.Foresee(t.Context(), path, []byte(c.password))
			if err != nil || !errors.Is(f.Refusal, app.ErrPractised) {
				t.Errorf("before the PIN it is told %v, %v; want %v", f.Refusal, err, app.ErrPractised)
			}
			if m := explain.For(f.Refusal, explain.Vietnamese); m.Code != "rehearsed" {
				t.Errorf("explained as %q", m.Code)
			}
		})
	}
	if entries, _, err := a.History(); err != nil || len(entries) != 0 {
		t.Errorf("the journal has %d entries, %v", len(entries), err)
	}
	if items, err := a.Outbox.List(t.Context()); err != nil || len(items) != 0 {
		t.Errorf("the outbox has %d items, %v", len(items), err)
	}
}
