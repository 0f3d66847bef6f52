package signer_test

import (
	"bytes"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kyso/signer/internal/pdf"
	"kyso/signer/signertest"
)

// run runs a foreign program and gives everything that it prints.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// judge has foreign programs look at a signed file that must hold n good
// signatures, the last one covering the whole file.
func judge(t *testing.T, pki *signertest.PKI, path string, n int) {
	t.Helper()
	said := run(t, "pdfsig", "-nocert", path)
	if got := strings.Count(said, "Signature Validation: Signature is Valid."); got != n {
		t.Errorf("pdfsig finds %d valid signatures, want %d:\n%s", got, n, said)
	}
	if !strings.Contains(said, "Total document signed") {
		t.Errorf("pdfsig: no signature covers the whole file:\n%s", said)
	}
	run(t, "qpdf", "--check", path)
	root := filepath.Join(t.TempDir(), "root.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pki.Root().Raw})
	if err := os.WriteFile(root, block, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, s := range signatures(t, path) {
		dir := t.TempDir()
		content, value := filepath.Join(dir, "content"), filepath.Join(dir, "cms")
		if err := os.WriteFile(content, s.signed, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(value, s.cms, 0o600); err != nil {
			t.Fatal(err)
		}
		run(t, "openssl", "cms", "-verify", "-cades", "-inform", "DER", "-in", value, "-content", content, "-binary",
			"-CAfile", root, "-purpose", "any", "-out", os.DevNull)
	}
}

// signedPart is one signature with the bytes that it covers.
type signedPart struct {
	field       string
	signed, cms []byte
}

func signatures(t *testing.T, path string) []signedPart {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f := open(t, b)
	var out []signedPart
	for _, s := range f.SignatureFields() {
		if s.Value == nil {
			continue
		}
		sig := f.Signature(s.Value)
		r := sig.ByteRange
		if len(r) != 4 {
			t.Fatalf("ByteRange of %s: %v", s.Name, r)
		}
		signed := append(bytes.Clone(b[:r[1]]), b[r[2]:r[2]+r[3]]...)
		out = append(out, signedPart{s.Name, signed, sig.Contents})
	}
	if len(out) == 0 {
		t.Fatal("no signature in the file")
	}
	return out
}

func open(t *testing.T, b []byte) *pdf.File {
	t.Helper()
	f, err := pdf.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// write puts b into a file of the test's folder.
func write(t *testing.T, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
