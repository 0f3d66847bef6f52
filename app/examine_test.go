package app_test

import (
	"bytes"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kyso/app"
	"kyso/signer"
	"kyso/signer/signertest"
	"kyso/signer/verify"
)

func TestAFileIsExaminedWithTheRootsOfTheSettings(t *testing.T) {
	pki, err := signertest.Start(signertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pki.Close(); err != nil {
			t.Error(err)
		}
	})
	person, err := pki.Issue(signertest.IssueSpec{Name: "Nguyễn Thị Ánh Tuyết", Title: "Chủ tịch"})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	draft, signed, trust := filepath.Join(dir, "draft.pdf"), filepath.Join(dir, "signed.pdf"), filepath.Join(dir, "trust")
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pki.Root().Raw})
	for path, content := range map[string][]byte{draft: signertest.Paper{}.Bytes(), filepath.Join(trust, "root.pem"): root} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := signer.SignFile(t.Context(), draft, signed, signer.Request{Credential: person.Credential(), Chain: pki.Chain(), Time: time.Now()}); err != nil {
		t.Fatal(err)
	}
	a, err := app.Start(t.Context(), app.Options{Data: filepath.Join(dir, "data"), Trust: trust, OnlyModules: true, NoOutbox: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	examine := func(path string, ask bool) verify.Report {
		t.Helper()
		r, err := a.Examine(t.Context(), path, nil, ask)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := examine(draft, true); len(r.Signatures) != 0 {
		t.Errorf("an unsigned file has %d signatures", len(r.Signatures))
	}
	if r := examine(signed, false); r.Indication != verify.Indeterminate || r.SubIndication != verify.TryLater {
		t.Errorf("without asking: got %s %s, want that revocation is not known", r.Indication, r.SubIndication)
	}
	first := examine(signed, true)
	if first.Indication != verify.TotalPassed {
		t.Errorf("with the CA's answer: got %s %s", first.Indication, first.SubIndication)
	}
	if again := examine(signed, true); !again.At.Equal(first.At) {
		t.Error("the same file was judged twice")
	}
	b, err := os.ReadFile(signed)
	if err != nil {
		t.Fatal(err)
	}
	spoilt := bytes.Replace(b, []byte("/Kids"), []byte("/Kidz"), 1)
	if err := os.WriteFile(signed, spoilt, 0o600); err != nil {
		t.Fatal(err)
	}
	if r := examine(signed, true); r.Indication == verify.TotalPassed {
		t.Error("the file was changed under the same name and is still called valid")
	}
}
