package signer_test

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kyso/signer"
	"kyso/signer/internal/pdf"
	"kyso/signer/signertest"
)

func TestAnExistingFieldIsSignedInItsPlace(t *testing.T) {
	pki := newPKI(t)
	req := request(t, pki, "P-256")
	req.Field = "Lãnh đạo"
	req.Marks = []signer.Mark{{Image: quarters(50)}} // the field has its own place
	for name, paper := range map[string]signertest.Paper{
		"a table": {EmptyField: `\376\377\000L\000\343\000n\000h\000 \001\021\036\241\000o`}, "a stream": {Stream: true, EmptyField: `\376\377\000L\000\343\000n\000h\000 \001\021\036\241\000o`},
	} {
		t.Run(name, func(t *testing.T) {
			in := write(t, "in.pdf", paper.Bytes())
			out := mustSign(t, in, req)
			judge(t, pki, out, 1)
			found, err := signer.Inspect(out)
			if err != nil {
				t.Fatal(err)
			}
			want := []signer.Field{{Name: req.Field, Signed: true, Page: 1, Rect: signer.Rect{X: 100, Y: 100, W: 200, H: 80}}}
			if diff := cmp.Diff(want, found.Fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
			img := render(t, out, 1)
			if c := img.At(150, img.Bounds().Dy()-170); !near(c, color.NRGBA{R: 255}) {
				t.Errorf("the mark is not in the field: %v", c)
			}
			if _, err := signer.SignFile(t.Context(), out, filepath.Join(t.TempDir(), "x.pdf"), req); !errors.Is(err, signer.ErrFieldUsed) {
				t.Errorf("signing the field again: %v, want ErrFieldUsed", err)
			}
		})
	}
}

func TestTheFormKeepsWhatItHas(t *testing.T) {
	pki := newPKI(t)
	for name, paper := range map[string]signertest.Paper{"a table": {Form: true}, "a stream": {Form: true, Stream: true}} {
		t.Run(name, func(t *testing.T) {
			before := open(t, paper.Bytes())
			b, err := os.ReadFile(mustSign(t, write(t, "in.pdf", paper.Bytes()), request(t, pki, "P-256")))
			if err != nil {
				t.Fatal(err)
			}
			after := open(t, b)
			old, now := before.Dict(before.Catalog().Get("AcroForm")), after.Dict(after.Catalog().Get("AcroForm"))
			for _, k := range []string{"DA", "DR"} {
				if !pdf.Equal(old.Get(k), now.Get(k)) {
					t.Errorf("/%s changed", k)
				}
			}
			fields := after.Array(now.Get("Fields"))
			if len(fields) != 2 || after.Text(after.Dict(fields[0]).Get("V")) != "kept" {
				t.Errorf("fields: %v", fields)
			}
			if flags, _ := after.Int(now.Get("SigFlags")); flags != 3 {
				t.Errorf("SigFlags %d, want 3", flags)
			}
			if before.CatalogRef() != after.CatalogRef() || !pdf.Equal(before.Trailer().Get("Info"), after.Trailer().Get("Info")) {
				t.Error("the catalog's number or /Info changed")
			}
		})
	}
}

func TestEncryptedFilesAreSignedUnlessTheyNeedAPassword(t *testing.T) {
	pki := newPKI(t)
	plain := write(t, "in.pdf", signertest.Paper{Form: true}.Bytes())
	for name, args := range map[string][]string{
		"RC4 of 40 bits":  {"", "o", "40"},
		"RC4 of 128 bits": {"", "o", "128", "--use-aes=n"},
		"AES of 128 bits": {"", "o", "128", "--use-aes=y"},
		"AES of 256 bits": {"", "o", "256"},
		"AES revision 5":  {"", "o", "256", "--force-R5"},
	} {
		for _, packed := range []string{"disable", "generate"} {
			t.Run(name+", object streams "+packed, func(t *testing.T) {
				in := filepath.Join(t.TempDir(), "in.pdf")
				all := append([]string{"--allow-weak-crypto", "--object-streams=" + packed, "--encrypt"}, args...)
				run(t, "qpdf", append(all, "--", plain, in)...)
				req := request(t, pki, "P-256")
				req.Marks = []signer.Mark{{Page: 1, Rect: signer.Rect{X: 50, Y: 50, W: 200, H: 60}, Image: quarters(20), Lines: []string{"Đã ký"}, Font: font(t)}}
				out := mustSign(t, in, req)
				judge(t, pki, out, 1)
				if text := run(t, "pdftotext", out, "-"); !strings.Contains(text, "Đã ký") {
					t.Errorf("the text of the mark cannot be read: %q", text)
				}
				if said := run(t, "pdfsig", "-nocert", out); !strings.Contains(said, "Signature Field Name: Signature1") {
					t.Errorf("the field's name cannot be read:\n%s", said)
				}
				judge(t, pki, mustSign(t, out, req), 2)
			})
		}
	}
	locked := filepath.Join(t.TempDir(), "locked.pdf")
	run(t, "qpdf", "--encrypt", "user", "owner", "256", "--", plain, locked)
	refused(t, locked, "encrypted")
}

// refused checks that a file is refused with a code, before the key is asked.
func refused(t *testing.T, path, code string) {
	t.Helper()
	found, err := signer.Inspect(path)
	if err != nil || len(found.Refusals) == 0 || found.Refusals[0].Code != code {
		t.Errorf("Inspect refuses with %v, %v, want %s", found.Refusals, err, code)
	}
	req := request(t, newPKI(t), "P-256")
	req.Credential = untouchable{t, req.Credential.Certificate()}
	out := filepath.Join(t.TempDir(), "out.pdf")
	_, err = signer.SignFile(t.Context(), path, out, req)
	if r := (*signer.RefusalError)(nil); !errors.As(err, &r) || r.Code != code || !errors.Is(err, signer.ErrRefused) {
		t.Errorf("SignFile: %v, want a refusal with %s", err, code)
	}
}

// untouchable is a key that nobody may ask.
type untouchable struct {
	t           *testing.T
	certificate *x509.Certificate
}

func (u untouchable) Certificate() *x509.Certificate { return u.certificate }

func (u untouchable) SignDigest(context.Context, []byte, crypto.SignerOpts) ([]byte, error) {
	u.t.Error("the key was asked")
	return nil, errors.New("asked")
}

func TestDocumentsThatMustNotBeSignedAreRefusedBeforeTheKeyIsAsked(t *testing.T) {
	pki := newPKI(t)
	signed, err := os.ReadFile(mustSign(t, write(t, "in.pdf", signertest.Paper{}.Bytes()), request(t, pki, "P-256")))
	if err != nil {
		t.Fatal(err)
	}
	certified := func(p int) string {
		return fmt.Sprintf("/Perms<</DocMDP<</Type/Sig/Reference[<</TransformMethod/DocMDP/TransformParams<</P %d>>>>]>>>>", p)
	}
	for name, c := range map[string]struct {
		file []byte
		code string
	}{
		"bytes behind the last signature": {append(slices.Clip(signed), "%something\n"...), "trailing-bytes"},
		"certified without changes":       {signertest.Paper{Catalog: certified(1)}.Bytes(), "certified-no-changes"},
		"a dynamic XFA form":              {signertest.Paper{Catalog: "/NeedsRendering true/AcroForm<</XFA()/Fields[]>>"}.Bytes(), "dynamic-xfa"},
		"a lock on everything":            {signertest.Paper{Catalog: "/AcroForm<</Fields[<</FT/Sig/T(L)/Lock<</Action/All>>/V<</Type/Sig>>>>]>>"}.Bytes(), "locked"},
		"no PDF":                          {[]byte("hello"), "damaged"},
		"an empty file":                   {nil, "damaged"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, write(t, "in.pdf", c.file), c.code) })
	}
	t.Run("certified with form filling is signed", func(t *testing.T) {
		judge(t, pki, mustSign(t, write(t, "in.pdf", signertest.Paper{Catalog: certified(2)}.Bytes()), request(t, pki, "P-256")), 1)
	})
}
