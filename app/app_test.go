package app_test

import (
	"crypto/rand"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"software.sslmate.com/src/go-pkcs12"

	"kyso/app"
	"kyso/app/settings"
	"kyso/app/signing"
	"kyso/signer/signertest"
	"kyso/signer/token"
)

const password = "83920184"

// keyFile writes a PKCS #12 file of an agency.
func keyFile(t *testing.T) string {
	t.Helper()
	pki, err := signertest.New(signertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	id, err := pki.Issue(signertest.IssueSpec{Name: "UBND phường Kim Liên", Key: "P-256"})
	if err != nil {
		t.Fatal(err)
	}
	b, err := pkcs12.Modern2023.WithRand(rand.Reader).Encode(id.Signer, id.Certificate, []*x509.Certificate{pki.Issuing()}, password)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, "khoa.p12", b)
}

func write(t *testing.T, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// start starts the services with a policy, without any module.
func start(t *testing.T, policy string) *app.App {
	t.Helper()
	a, err := app.Start(t.Context(), app.Options{Data: t.TempDir(), OnlyModules: true, NoOutbox: true, Policy: policy})
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

func TestAKeyFileIsNotOpenedWithoutTheAdministratorsWord(t *testing.T) {
	a := start(t, filepath.Join(t.TempDir(), "none.json"))
	if err := a.OpenSoftKey(keyFile(t), []byte(password)); !errors.Is(err, token.ErrSoftForbidden) {
		t.Errorf("got %v, want %v", err, token.ErrSoftForbidden)
	}
	if found, err := a.Road.Keys(t.Context()); err != nil || len(found.Keys) != 0 {
		t.Errorf("got %+v, %v", found.Keys, err)
	}
}

func TestAKeyFileThatIsAllowedIsFoundAndMarkedAsSoft(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root makes files that count as an administrator's")
	}
	a := start(t, write(t, "policy.json", []byte(`{"soft_keys":"agency"}`)))
	path := keyFile(t)
	for range 2 { // opening it again is no second key
		if err := a.OpenSoftKey(path, []byte(password)); err != nil {
			t.Fatal(err)
		}
	}
	found, err := a.Road.Keys(t.Context())
	if err != nil || len(found.Tokens) != 1 || !found.Keys[0].Soft() || found.Keys[0].Module != path {
		t.Fatalf("got %+v, %v", found, err)
	}
	s, err := a.Road.Open(t.Context(), found.Keys[0], []byte(password))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := a.OpenSoftKey(path, []byte("wrong")); !errors.Is(err, token.ErrPINWrong) {
		t.Errorf("got %v, want %v", err, token.ErrPINWrong)
	}
}

func TestAPolicyOfSomebodyElseIsToldAndCountsForNothing(t *testing.T) {
	path := write(t, "policy.json", []byte(`{"soft_keys":"agency","locked":{"language":"en"}}`))
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	a := start(t, path)
	if !errors.Is(a.PolicyProblem, settings.ErrNotAdministrators) || a.Policy.SoftKeys != string(signing.SoftNone) || a.Effective.Language != "" {
		t.Errorf("got %+v, %v", a.Policy, a.PolicyProblem)
	}
}
