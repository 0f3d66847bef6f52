package signer_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"kyso/signer"
	"kyso/signer/signertest"
)

func TestAnEncryptedFileIsSignedWithItsPasswordOnly(t *testing.T) {
	pki := newPKI(t)
	for name, how := range map[string][]string{
		"AES-256": {"256"},
		"AES-128": {"128", "--use-aes=y"},
		"RC4":     {"40"},
	} {
		t.Run(name, func(t *testing.T) {
			in := filepath.Join(t.TempDir(), "in.pdf")
			args := append([]string{"--allow-weak-crypto", "--encrypt", "user", "owner"}, how...)
			run(t, "qpdf", append(args, "--", write(t, "plain.pdf", signertest.Paper{Form: true}.Bytes()), in)...)
			for password, code := range map[string]string{"": "encrypted", "wrong": "wrong-password"} {
				found, err := signer.InspectWith(in, []byte(password))
				if err != nil || len(found.Refusals) != 1 || found.Refusals[0].Code != code {
					t.Errorf("the password %q: %+v, %v, want the code %s", password, found.Refusals, err, code)
				}
			}
			req := request(t, pki, "P-256")
			req.Password = []byte("user")
			once, twice := filepath.Join(t.TempDir(), "once.pdf"), filepath.Join(t.TempDir(), "twice.pdf")
			if _, err := signer.SignFile(t.Context(), in, once, req); err != nil {
				t.Fatal(err)
			}
			req.Password = []byte("owner")
			if _, err := signer.SignFile(t.Context(), once, twice, req); err != nil {
				t.Fatal(err)
			}
			judgeEncrypted(t, twice)
			if _, err := signer.VerifyFile(t.Context(), twice, withTime(signer.VerifyOptions{Offline: true})); !errors.Is(err, signer.ErrPassword) || !errors.Is(err, signer.ErrUnreadable) {
				t.Errorf("verified without a password: %v, want ErrPassword", err)
			}
			report, err := signer.VerifyFile(t.Context(), twice, withTime(signer.VerifyOptions{Offline: true, Password: []byte("user")}))
			if err != nil || len(report.Signatures) != 2 {
				t.Fatalf("%+v, %v", report, err)
			}
			for _, s := range report.Signatures {
				if !s.Sound() {
					t.Errorf("%s: %s", s.Field, s.Why)
				}
			}
		})
	}
}

func judgeEncrypted(t *testing.T, path string) {
	t.Helper()
	run(t, "qpdf", "--check", "--password=user", path)
	said := run(t, "pdfsig", "-nocert", "-upw", "user", path)
	if got := strings.Count(said, "Signature Validation: Signature is Valid."); got != 2 {
		t.Errorf("pdfsig finds %d valid signatures, want 2:\n%s", got, said)
	}
}
