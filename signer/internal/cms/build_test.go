package cms_test

import (
	"bytes"
	"crypto"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kyso/signer/internal/cms"
	"kyso/signer/signertest"
)

func TestABuiltSignatureHasThePAdESAttributesAndNoTime(t *testing.T) {
	pki, err := signertest.New(signertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		key  string
		pss  bool
		hash crypto.Hash
	}{
		"RSA-2048":          {"RSA-2048", false, crypto.SHA256},
		"RSA-2048 with PSS": {"RSA-2048", true, crypto.SHA256},
		"RSA-3072":          {"RSA-3072", false, crypto.SHA384},
		"RSA-3072 with PSS": {"RSA-3072", true, crypto.SHA384},
		"P-256":             {"P-256", false, crypto.SHA256},
		"P-384":             {"P-384", false, crypto.SHA384},
		"P-521":             {"P-521", false, crypto.SHA512},
	} {
		t.Run(name, func(t *testing.T) {
			hash := test.hash
			id, err := pki.Issue(signertest.IssueSpec{Name: "Lê Văn Đức", Key: test.key})
			if err != nil {
				t.Fatal(err)
			}
			scheme, err := cms.SchemeFor(id.Certificate, test.pss)
			if err != nil || scheme.Hash != hash {
				t.Fatalf("the hash is %s, %v, want %s", scheme.Hash, err, hash)
			}
			h := hash.New()
			h.Write([]byte("content"))
			b, err := cms.NewBuilder(scheme, id.Certificate, append(pki.Chain(), id.Certificate), h.Sum(nil))
			if err != nil {
				t.Fatal(err)
			}
			digest, err := b.Digest()
			if err != nil {
				t.Fatal(err)
			}
			value, err := id.Credential().SignDigest(t.Context(), digest, scheme.Options())
			if err != nil {
				t.Fatal(err)
			}
			if err := scheme.Verify(id.Certificate, digest, value); err != nil {
				t.Error(err)
			}
			der, err := b.Build(value)
			if err != nil {
				t.Fatal(err)
			}
			if again, _ := b.Build(value); !bytes.Equal(der, again) {
				t.Error("the same input gives other bytes")
			}
			if most, _ := b.MaxSize(); len(der) > most || most > len(der)+10 {
				t.Errorf("MaxSize %d for %d bytes", most, len(der))
			}
			said := printed(t, der)
			for _, want := range []string{"1.2.840.113549.1.9.16.2.47", "messageDigest", "contentType"} {
				if !strings.Contains(strings.ToLower(said), strings.ToLower(want)) {
					t.Errorf("openssl does not see %s:\n%s", want, said)
				}
			}
			if strings.Contains(said, "rsassaPss") != test.pss || test.pss && strings.Contains(said, "(default)") {
				t.Errorf("openssl does not see explicit RSASSA-PSS parameters:\n%s", said)
			}
			if strings.Contains(said, "signingTime") || strings.Count(said, "d.certificate:") != 2 {
				t.Errorf("openssl sees a signing time or other than two certificates:\n%s", said)
			}
		})
	}
}

func printed(t *testing.T, der []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cms")
	if err := os.WriteFile(path, der, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-in", path, "-noout").CombinedOutput()
	if err != nil {
		t.Fatalf("openssl: %v\n%s", err, out)
	}
	return string(out)
}
