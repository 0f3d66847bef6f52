package pdf_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"kyso/signer/internal/pdf"
	"kyso/signer/signertest"
)

// qpdf runs qpdf on a document and gives what it writes.
func qpdf(t *testing.T, b []byte, args ...string) []byte {
	t.Helper()
	in, out := filepath.Join(t.TempDir(), "in.pdf"), filepath.Join(t.TempDir(), "out.pdf")
	if err := os.WriteFile(in, b, 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := exec.CommandContext(t.Context(), "qpdf", append(slices.Clone(args), in, out)...).CombinedOutput()
	if err != nil {
		t.Fatalf("qpdf %v: %v\n%s", args, err, said)
	}
	if b, err = os.ReadFile(out); err != nil {
		t.Fatal(err)
	}
	return b
}

// encryptions are qpdf's options for every revision of the standard handler.
func encryptions() map[string][]string {
	return map[string][]string{
		"revision 2":                             {"40", "--annotate=n"},
		"revision 3":                             {"128", "--use-aes=n", "--annotate=n"},
		"revision 4, RC4":                        {"128", "--use-aes=n", "--annotate=n", "--force-V4"},
		"revision 4, AES":                        {"128", "--use-aes=y", "--annotate=n"},
		"revision 4, with readable metadata":     {"128", "--use-aes=y", "--annotate=n", "--cleartext-metadata"},
		"revision 5":                             {"256", "--annotate=n", "--force-R5"},
		"revision 6":                             {"256", "--annotate=n"},
		"revision 6, readable metadata, packed":  {"256", "--annotate=n", "--cleartext-metadata", "--", "--object-streams=generate"},
		"revision 4, in object streams, AES-128": {"128", "--use-aes=y", "--annotate=n", "--", "--object-streams=generate"},
	}
}

func encrypt(t *testing.T, b []byte, user, owner string, how []string) []byte {
	t.Helper()
	args := append([]string{"--allow-weak-crypto", "--encrypt", user, owner}, how...)
	if !slices.Contains(args, "--") {
		args = append(args, "--")
	}
	return qpdf(t, b, args...)
}

func TestAFileOpensAsItsPasswordAllows(t *testing.T) {
	plain := signertest.Paper{Form: true}.Bytes()
	for name, how := range encryptions() {
		t.Run(name, func(t *testing.T) {
			b := encrypt(t, plain, "user", "owner", how)
			for password, want := range map[string]error{"user": nil, "owner": nil, "": pdf.ErrPassword, "wrong": pdf.ErrWrongPassword} {
				f, err := pdf.OpenWith(bytes.NewReader(b), int64(len(b)), []byte(password))
				if !errors.Is(err, want) || err != nil && !errors.Is(err, pdf.ErrEncrypted) {
					t.Fatalf("the password %q: %v, want %v", password, err, want)
				}
				if err != nil {
					continue
				}
				if got := titleOf(f); got != "Máº«u" {
					t.Errorf("the password %q: the title is %q", password, got)
				}
				const annotate = 1 << 5
				if got := f.Permissions()&annotate != 0; got != (password == "owner") {
					t.Errorf("the password %q: it may annotate: %t", password, got)
				}
				again := extended(t, b, password)
				g := open(t, qpdf(t, again, "--password="+password, "--decrypt"))
				if got := titleOf(g); got != "mới" {
					t.Errorf("qpdf reads the title %q", got)
				}
				checkStreams(t, g)
			}
		})
	}
}

// extended has a new title, and two streams, one of them metadata, from the catalog.
func extended(t *testing.T, b []byte, password string) []byte {
	t.Helper()
	f, err := pdf.OpenWith(bytes.NewReader(b), int64(len(b)), []byte(password))
	if err != nil {
		t.Fatal(err)
	}
	u := f.Update()
	info, _ := f.Trailer().Get("Info").(pdf.Ref)
	u.Set(info, pdf.NewDict("Title", pdf.NewText("mới")))
	root := f.Catalog().Clone()
	root.Set("Metadata", u.Add(&pdf.NewStream{Dict: pdf.NewDict("Type", pdf.Name("Metadata"), "Subtype", pdf.Name("XML")), Data: []byte("<readable/>")}))
	root.Set("Other", u.Add(&pdf.NewStream{Dict: &pdf.Dict{}, Data: []byte("sealed")}))
	u.Set(f.CatalogRef(), root)
	more, err := u.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(more, []byte("sealed")) {
		t.Error("a stream is written without encryption")
	}
	whole := append(bytes.Clone(b), more...)
	g, err := pdf.OpenWith(bytes.NewReader(whole), int64(len(whole)), []byte(password))
	if err != nil {
		t.Fatal(err)
	}
	checkStreams(t, g)
	return whole
}

func checkStreams(t *testing.T, f *pdf.File) {
	t.Helper()
	for key, want := range map[string]string{"Metadata": "<readable/>", "Other": "sealed"} {
		s, ok := f.Resolve(f.Catalog().Get(key)).(*pdf.Stream)
		if !ok {
			t.Errorf("/%s is no stream", key)
			continue
		}
		if got, err := f.StreamData(s); err != nil || string(got) != want {
			t.Errorf("/%s holds %q, %v, want %q", key, got, err, want)
		}
	}
}

func TestAPasswordIsEncodedAsTheRevisionPrescribes(t *testing.T) {
	plain := signertest.Paper{}.Bytes()
	for name, c := range map[string]struct {
		how         []string
		file, typed string
	}{
		"Latin letters in PDFDocEncoding":           {[]string{"128", "--use-aes=y"}, "Žižek €", "Žižek €"},
		"Vietnamese in UTF-8":                       {[]string{"256"}, "mật khẩu", "mật khẩu"},
		"decomposed letters are composed":           {[]string{"256"}, "mật khẩu", "ma\u0323\u0302t kha\u0302\u0309u"},
		"compatible letters and spaces are unified": {[]string{"256"}, "IX a", "Ⅸ\u00a0a\u00ad"},
		"a writer that prepared nothing":            {[]string{"256"}, "Ⅸ", "Ⅸ"},
		"no more than 127 bytes count":              {[]string{"256"}, string(bytes.Repeat([]byte("x"), 127)), string(bytes.Repeat([]byte("x"), 140))},
		"no more than 32 bytes count":               {[]string{"128", "--use-aes=n"}, string(bytes.Repeat([]byte("x"), 32)), string(bytes.Repeat([]byte("x"), 33))},
	} {
		t.Run(name, func(t *testing.T) {
			b := encrypt(t, plain, c.file, "owner", c.how)
			if _, err := pdf.OpenWith(bytes.NewReader(b), int64(len(b)), []byte(c.typed)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAFileThatNeedsNoPasswordOpensWithAny(t *testing.T) {
	for name, b := range map[string][]byte{
		"an encrypted one":     encrypt(t, signertest.Paper{}.Bytes(), "", "owner", []string{"256", "--annotate=n"}),
		"one that is not":      signertest.Paper{}.Bytes(),
		"one of revision four": encrypt(t, signertest.Paper{}.Bytes(), "", "", []string{"128", "--use-aes=y"}),
	} {
		for _, password := range []string{"", "any"} {
			f, err := pdf.OpenWith(bytes.NewReader(b), int64(len(b)), []byte(password))
			if err != nil {
				t.Errorf("%s, the password %q: %v", name, password, err)
			} else if titleOf(f) == "" {
				t.Errorf("%s: no title", name)
			}
		}
	}
}

func TestUnknownEncryptionIsToldFromAMissingPassword(t *testing.T) {
	b := encrypt(t, signertest.Paper{}.Bytes(), "", "", []string{"128", "--use-aes=y"})
	for name, change := range map[string][2]string{
		"a public-key handler":   {"/Filter /Standard", "/Filter /Recipien"},
		"an unpublished version": {"/V 4", "/V 3"},
		"an unknown cipher":      {"/CFM /AESV2", "/CFM /AESV9"},
	} {
		t.Run(name, func(t *testing.T) {
			other := bytes.Replace(b, []byte(change[0]), []byte(change[1]), 1)
			if bytes.Equal(b, other) {
				t.Fatal("the file does not say " + change[0])
			}
			if _, err := pdf.OpenWith(bytes.NewReader(other), int64(len(other)), nil); !errors.Is(err, pdf.ErrHandler) {
				t.Errorf("got %v, want ErrHandler", err)
			}
		})
	}
}

func TestPermissionsThatWereChangedInTheFileDoNotCount(t *testing.T) {
	b := encrypt(t, signertest.Paper{}.Bytes(), "", "owner", []string{"256", "--modify=none", "--annotate=n"})
	f := open(t, b)
	was := string(pdf.Int(int64(int32(f.Permissions()))))
	other := bytes.Replace(b, []byte("/P "+was), append([]byte("/P -4"), bytes.Repeat([]byte(" "), len(was)-2)...), 1)
	if bytes.Equal(b, other) {
		t.Fatal("no /P " + was)
	}
	if got := open(t, other).Permissions(); got != f.Permissions() {
		t.Errorf("got %b, want %b as sealed in /Perms", got, f.Permissions())
	}
}
