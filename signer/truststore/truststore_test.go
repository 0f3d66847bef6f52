package truststore_test

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kyso/signer/cert"
	"kyso/signer/signertest"
	"kyso/signer/truststore"
)

func open(t *testing.T) (*truststore.Store, string) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "trust")
	s, err := truststore.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	return s, folder
}

func newPKI(t *testing.T) *signertest.PKI {
	t.Helper()
	p, err := signertest.New(signertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func day() time.Time { return time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC) }

func TestCertificatesAreAddedShownAndRemoved(t *testing.T) {
	s, folder := open(t)
	p := newPKI(t)
	both := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Issuing().Raw}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Root().Raw})...)
	if added, err := s.Add(both, "", day()); err != nil || len(added) != 2 {
		t.Fatalf("%d added, %v", len(added), err)
	}
	again, err := truststore.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	all, err := again.List()
	if err != nil || len(all) != 2 || !all[0].Root || all[1].Root || all[0].Name != signertest.RootName || !all[0].Added.Equal(day()) || all[0].Pinned {
		t.Fatalf("%v: %+v", err, all)
	}
	anchors, others, err := again.Certificates()
	if err != nil || len(anchors) != 1 || !anchors[0].Equal(p.Root()) || len(others) != 1 || !others[0].Equal(p.Issuing()) {
		t.Errorf("%v: %d anchors, %d others", err, len(anchors), len(others))
	}
	if err := again.Remove(strings.ToUpper(all[0].SHA256)); err != nil {
		t.Fatal(err)
	}
	if anchors, _, err := s.Certificates(); err != nil || len(anchors) != 0 {
		t.Errorf("after the removal: %v, %d anchors", err, len(anchors))
	}
	if err := again.Remove(all[0].SHA256); !errors.Is(err, truststore.ErrNotFound) {
		t.Errorf("removed twice: %v, want %v", err, truststore.ErrNotFound)
	}
	if err := again.Remove("../index"); !errors.Is(err, truststore.ErrNotFound) {
		t.Errorf("a path as fingerprint: %v, want %v", err, truststore.ErrNotFound)
	}
}

func TestAPinnedFingerprintMustBeTheCertificates(t *testing.T) {
	s, _ := open(t)
	p := newPKI(t)
	sum := cert.Of(p.Root()).SHA256
	spelt := ""
	for i := 0; i < len(sum); i += 2 {
		spelt += strings.ToUpper(sum[i:i+2]) + ":"
	}
	if _, err := s.Add(newPKI(t).Root().Raw, spelt, day()); !errors.Is(err, truststore.ErrFingerprint) {
		t.Errorf("another certificate: %v, want %v", err, truststore.ErrFingerprint)
	}
	if all, err := s.List(); err != nil || len(all) != 0 {
		t.Errorf("the store has %d certificates, %v", len(all), err)
	}
	added, err := s.Add(p.Root().Raw, spelt, day())
	if err != nil || len(added) != 1 || !added[0].Pinned {
		t.Fatalf("%v: %+v", err, added)
	}
	if added, err := s.Add(p.Root().Raw, "", day()); err != nil || !added[0].Pinned {
		t.Errorf("added again without the fingerprint: %v, pinned %v", err, added[0].Pinned)
	}
}

func TestWhatIsNoCAOrWasTamperedWithIsNotTrusted(t *testing.T) {
	s, folder := open(t)
	p := newPKI(t)
	id, err := p.Issue(signertest.IssueSpec{Name: "An", Key: "P-256"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Add(id.Certificate.Raw, "", day()); !errors.Is(err, truststore.ErrNotCA) {
		t.Errorf("a person's certificate: %v, want %v", err, truststore.ErrNotCA)
	}
	if _, err := s.Add([]byte("<html>"), "", day()); !errors.Is(err, truststore.ErrFormat) {
		t.Errorf("a page: %v, want %v", err, truststore.ErrFormat)
	}
	added, err := s.Add(p.Root().Raw, "", day())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, added[0].SHA256+".cer"), newPKI(t).Root().Raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Certificates(); !errors.Is(err, truststore.ErrDamaged) {
		t.Errorf("a swapped file: %v, want %v", err, truststore.ErrDamaged)
	}
}

// What an administrator puts into the folder by hand is shown and trusted alike.
func TestFilesUnderOtherNamesAreReadAsWell(t *testing.T) {
	_, folder := open(t)
	p, q, r := newPKI(t), newPKI(t), newPKI(t)
	block := func(c *x509.Certificate) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
	}
	for name, b := range map[string][]byte{
		"root.crt": p.Root().Raw, "hai.PEM": append(block(q.Root()), block(q.Issuing())...), "again.der": p.Root().Raw,
		"ba.cer": r.Root().Raw, "README.txt": []byte("not a certificate"),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	anchors, others, err := truststore.Read(folder)
	if err != nil || len(anchors) != 3 || len(others) != 1 {
		t.Fatalf("%d anchors, %d others, %v", len(anchors), len(others), err)
	}
	s, err := truststore.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	if all, err := s.List(); err != nil || len(all) != 4 || !all[0].Added.IsZero() {
		t.Errorf("%d shown, %v", len(all), err)
	}
	if err := s.Remove(cert.Of(q.Root()).SHA256); !errors.Is(err, truststore.ErrShared) {
		t.Errorf("removed one of two in a file: %v, want %v", err, truststore.ErrShared)
	}
	if err := s.Remove(cert.Of(r.Root()).SHA256); err != nil {
		t.Error(err)
	}
	if anchors, _, err := truststore.Read(folder); err != nil || len(anchors) != 2 {
		t.Errorf("after a removal: %d anchors, %v", len(anchors), err)
	}
	if err := os.WriteFile(filepath.Join(folder, "page.crt"), []byte("<html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := truststore.Read(folder); !errors.Is(err, truststore.ErrDamaged) {
		t.Errorf("a page: %v, want %v", err, truststore.ErrDamaged)
	}
	if _, _, err := truststore.Read(filepath.Join(folder, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v, want %v", err, fs.ErrNotExist)
	}
	if anchors, others, err := truststore.Read(""); err != nil || anchors != nil || others != nil {
		t.Errorf("no name: %v, %v, %v", anchors, others, err)
	}
}
