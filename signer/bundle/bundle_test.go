package bundle_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kyso/signer"
	"kyso/signer/bundle"
	"kyso/signer/signertest"
	"kyso/signer/verify"
)

// judged signs a paper, has it judged with the servers running, and stops them.
func judged(t *testing.T) (*bundle.Bundle, verify.Report) {
	t.Helper()
	server, err := signertest.Start(signertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	id, err := server.Issue(signertest.IssueSpec{Name: "Nguyễn Văn An", Key: "P-256"})
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	in, out := filepath.Join(folder, "in.pdf"), filepath.Join(folder, "Mật danh.pdf")
	if err := os.WriteFile(in, signertest.Paper{}.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := signer.SignFile(t.Context(), in, out, signer.Request{Credential: id.Credential(), Chain: server.Chain(), Time: time.Now()}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	e, err := signer.Collect(t.Context(), bytes.NewReader(b), int64(len(b)), signer.VerifyOptions{
		Anchors: []*x509.Certificate{server.Root()}, Client: new(http.Client), At: time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	policy := verify.Policy{Anchors: []*x509.Certificate{server.Root()}}
	made, err := bundle.New(sha256.Sum256(b), e, policy)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	return made, verify.Evaluate(e, policy)
}

func export(t *testing.T, b *bundle.Bundle) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := b.Export(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestABundleGivesTheSameReportByteForByte(t *testing.T) {
	made, want := judged(t)
	if want.Indication != verify.TotalPassed {
		t.Fatalf("%+v", want)
	}
	file := export(t, made)
	if !bytes.Equal(file, export(t, made)) {
		t.Error("two exports differ")
	}
	again, err := bundle.Import(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := again.Replay()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the replayed report (-first +replayed):\n%s", d)
	}
	if !bytes.Equal(made.Report, again.Report) || made.SHA256 != again.SHA256 {
		t.Error("the report or the file's hash changed on the way")
	}
	if !bytes.Equal(file, export(t, again)) {
		t.Error("the export of the import differs")
	}
	if bytes.Contains(file, []byte("Mật danh")) {
		t.Error("the bundle names the document")
	}
}

// repacked is a bundle with its parts changed.
func repacked(t *testing.T, file []byte, change func(name string, data []byte) []byte) []byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range r.File {
		opened, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(opened)
		if err != nil {
			t.Fatal(err)
		}
		if data = change(f.Name, data); data == nil {
			continue
		}
		part, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestABentBundleIsRefused(t *testing.T) {
	made, _ := judged(t)
	file := export(t, made)
	made.Report = bytes.Replace(made.Report, []byte("TOTAL-PASSED"), []byte("TOTAL-FAILED"), 1)
	if _, err := made.Replay(); !errors.Is(err, bundle.ErrReplay) {
		t.Errorf("a report that was changed: %v, want %v", err, bundle.ErrReplay)
	}
	for name, bent := range map[string][]byte{
		"no ZIP":    []byte("PK"),
		"cut short": file[:len(file)/2],
		"another part": repacked(t, file, func(name string, data []byte) []byte {
			if name == "answers/0000.ocsp" || name == "certificates/0000.cer" {
				data[len(data)-1] ^= 1
			}
			return data
		}),
		"a part less": repacked(t, file, func(name string, data []byte) []byte {
			if name == "certificates/0000.cer" {
				return nil
			}
			return data
		}),
		"without its manifest": repacked(t, file, func(name string, data []byte) []byte {
			if name == "manifest.json" {
				return nil
			}
			return data
		}),
	} {
		if _, err := bundle.Import(bytes.NewReader(bent), int64(len(bent))); !errors.Is(err, bundle.ErrFormat) {
			t.Errorf("%s: %v, want %v", name, err, bundle.ErrFormat)
		}
	}
}

func TestBundlesAreKeptAndDestroyed(t *testing.T) {
	made, want := judged(t)
	folder := filepath.Join(t.TempDir(), "evidence")
	k, err := bundle.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	name, err := k.Keep(made)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, name+".evidence.zip")
	linked := filepath.Join(t.TempDir(), "link")
	if err := os.Link(path, linked); err != nil {
		t.Fatal(err)
	}
	names, err := k.Names()
	if err != nil || len(names) != 1 || names[0] != name {
		t.Fatalf("%v: %v", err, names)
	}
	loaded, err := k.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := loaded.Replay(); err != nil || cmp.Diff(want, got) != "" {
		t.Errorf("replayed: %v", err)
	}
	if err := k.Destroy(name); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadFile(linked)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(left, []byte("PK\x03\x04")) || bytes.Contains(left, []byte("report.json")) {
		t.Error("the bytes of a destroyed bundle can still be read")
	}
	for _, gone := range []string{name, "../x", ".", ""} {
		if err := k.Destroy(gone); !errors.Is(err, bundle.ErrNotFound) {
			t.Errorf("destroy %q: %v, want %v", gone, err, bundle.ErrNotFound)
		}
	}
	if files, err := os.ReadDir(folder); err != nil || len(files) != 0 {
		t.Errorf("%d files are left, %v", len(files), err)
	}
}
