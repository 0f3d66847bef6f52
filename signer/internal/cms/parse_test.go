package cms_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kyso/signer/internal/certview"
	"kyso/signer/internal/cms"
	"kyso/signer/signertest"
)

var data = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}

const content = "Nội dung của văn bản"

// workshop is a folder with a key and a certificate for openssl.
type workshop struct {
	dir         string
	certificate *x509.Certificate
}

func newWorkshop(tb testing.TB, key ...string) workshop {
	tb.Helper()
	w := workshop{dir: tb.TempDir()}
	w.openssl(tb, append([]string{"req", "-x509", "-nodes", "-subj", "/CN=Nguyen Van An", "-keyout", "key.pem", "-out", "cert.pem", "-days", "30"}, key...)...)
	block, _ := pem.Decode(w.read(tb, "cert.pem"))
	certificate, err := certview.Parse(block.Bytes)
	if err != nil {
		tb.Fatal(err)
	}
	w.certificate = certificate
	if err := os.WriteFile(filepath.Join(w.dir, "content"), []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
	return w
}

func (w workshop) openssl(tb testing.TB, args ...string) {
	tb.Helper()
	command := exec.CommandContext(tb.Context(), "openssl", args...)
	command.Dir = w.dir
	if out, err := command.CombinedOutput(); err != nil {
		tb.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func (w workshop) read(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// sign makes a CMS signature over the content with openssl.
func (w workshop) sign(tb testing.TB, args ...string) []byte {
	tb.Helper()
	w.openssl(tb, append([]string{
		"cms", "-sign", "-binary", "-in", "content", "-signer", "cert.pem", "-inkey", "key.pem",
		"-outform", "DER", "-out", "signature",
	}, args...)...)
	return w.read(tb, "signature")
}

func check(s *cms.Signer, c *x509.Certificate, text string) error {
	hash, err := s.Digest()
	if err != nil {
		return err
	}
	h := hash.New()
	h.Write([]byte(text))
	return s.Check(c, data, h.Sum(nil))
}

var kinds = map[string]struct{ key, sign []string }{
	"RSA PKCS #1 v1.5":       {[]string{"-newkey", "rsa:2048"}, []string{"-md", "sha256"}},
	"RSA and SHA-512":        {[]string{"-newkey", "rsa:2048"}, []string{"-md", "sha512"}},
	"RSA and SHA-1":          {[]string{"-newkey", "rsa:2048"}, []string{"-md", "sha1"}},
	"RSASSA-PSS":             {[]string{"-newkey", "rsa:2048"}, []string{"-md", "sha256", "-keyopt", "rsa_padding_mode:pss"}},
	"RSASSA-PSS and SHA-384": {[]string{"-newkey", "rsa:2048"}, []string{"-md", "sha384", "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:20"}},
	"P-256":                  {[]string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"}, []string{"-md", "sha256"}},
	"P-384":                  {[]string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"}, []string{"-md", "sha384"}},
	"RSASSA-PSS, no salt":    {[]string{"-newkey", "rsa:2048"}, []string{"-md", "sha256", "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:0"}},
	"RSA and SHA-512/256":    {[]string{"-newkey", "rsa:2048"}, []string{"-md", "sha512-256"}},
	"RSA and MD5":            {[]string{"-newkey", "rsa:2048"}, []string{"-md", "md5"}},
	"RSA of 1000 bits":       {[]string{"-newkey", "rsa:1000"}, []string{"-md", "sha256"}},
	"P-521":                  {[]string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521"}, []string{"-md", "sha512"}},
	"brainpool":              {[]string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:brainpoolP384r1"}, []string{"-md", "sha384"}},
	"a key identifier":       {[]string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"}, []string{"-md", "sha256", "-keyid"}},
	"no signed attributes":   {[]string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"}, []string{"-md", "sha256", "-noattr"}},
	"CAdES":                  {[]string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"}, []string{"-md", "sha256", "-cades"}},
	"indefinite lengths":     {[]string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"}, []string{"-md", "sha256", "-stream", "-nodetach"}},
}

func TestSignaturesOfOpenSSLVerifyAndOthersDoNot(t *testing.T) {
	other := newWorkshop(t, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			w := newWorkshop(t, kind.key...)
			der := w.sign(t, kind.sign...)
			parsed, err := cms.Parse(append(bytes.Clone(der), make([]byte, 100)...))
			if err != nil {
				t.Fatal(err)
			}
			if len(parsed.Signers) != 1 || len(parsed.Certificates) != 1 || !parsed.Certificates[0].Equal(w.certificate) {
				t.Fatalf("%d signers, %d certificates", len(parsed.Signers), len(parsed.Certificates))
			}
			s := &parsed.Signers[0]
			if err := check(s, w.certificate, content); err != nil {
				t.Errorf("the right content: %v", err)
			}
			wrong := cms.ErrDigest
			if !s.HasSignedAttributes() {
				wrong = cms.ErrSignature
			}
			if err := check(s, w.certificate, content+"."); !errors.Is(err, wrong) {
				t.Errorf("another content: %v, want %v", err, wrong)
			}
			if err := check(s, other.certificate, content); !errors.Is(err, cms.ErrCertificate) {
				t.Errorf("another certificate: %v, want %v", err, cms.ErrCertificate)
			}
			if got, want := s.HasSigningCertificate(), name == "CAdES"; got != want {
				t.Errorf("signing-certificate attribute: %v, want %v", got, want)
			}
			if name == "indefinite lengths" && string(parsed.Content) != content {
				t.Errorf("embedded content %q, want %q", parsed.Content, content)
			}
		})
	}
}

func TestNoBentByteOfASignatureVerifies(t *testing.T) {
	w := newWorkshop(t, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
	der := w.sign(t, "-md", "sha256", "-cades", "-nocerts")
	// What stands before the issuer's name (lengths, versions, the list of digest
	// algorithms) is not protected by the signature (RFC 5652, 5.4).
	for at := bytes.Index(der, w.certificate.RawIssuer); at < len(der); at++ {
		bent := bytes.Clone(der)
		bent[at] ^= 0x01
		parsed, err := cms.Parse(bent)
		if err != nil || len(parsed.Signers) != 1 {
			continue
		}
		if check(&parsed.Signers[0], w.certificate, content) == nil {
			t.Errorf("byte %d of %d bent and the signature verifies", at, len(der))
		}
	}
}

func TestWhatIsNoSignedDataIsRefused(t *testing.T) {
	w := newWorkshop(t, "-newkey", "rsa:2048")
	der := w.sign(t, "-md", "sha256")
	deep := bytes.Repeat([]byte{0x30, 0x80}, 5000)
	for name, in := range map[string][]byte{
		"nothing":             nil,
		"zeros":               make([]byte, 64),
		"text":                []byte("<not CMS>"),
		"half of it":          der[:len(der)/2],
		"bytes behind it":     append(bytes.Clone(der), 1),
		"nested without end":  deep,
		"a length of 4 GiB":   {0x30, 0x84, 0xff, 0xff, 0xff, 0xff},
		"data, not signed":    {0x30, 0x0f, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01, 0xa0, 0x02, 0x04, 0x00},
		"larger than allowed": make([]byte, cms.MaxSize+1),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := cms.Parse(in); !errors.Is(err, cms.ErrFormat) {
				t.Errorf("got %v, want %v", err, cms.ErrFormat)
			}
		})
	}
}

// built is a signature over the content by this package's own builder.
func built(tb testing.TB, id signertest.Identity, chain []*x509.Certificate) []byte {
	tb.Helper()
	digest := sha256.Sum256([]byte(content))
	scheme, err := cms.SchemeFor(id.Certificate, false)
	if err != nil {
		tb.Fatal(err)
	}
	builder, err := cms.NewBuilder(scheme, id.Certificate, chain, digest[:])
	if err != nil {
		tb.Fatal(err)
	}
	toSign, err := builder.Digest()
	if err != nil {
		tb.Fatal(err)
	}
	value, err := id.Credential().SignDigest(tb.Context(), toSign, builder.Scheme.Hash)
	if err != nil {
		tb.Fatal(err)
	}
	der, err := builder.Build(value)
	if err != nil {
		tb.Fatal(err)
	}
	return der
}

// indefinite writes the outermost value with an indefinite length (X.690, 8.1.3.6).
func indefinite(der []byte) []byte {
	header := 2
	if der[1] > 0x80 {
		header += int(der[1] & 0x7f)
	}
	return append(append([]byte{der[0], 0x80}, der[header:]...), 0, 0)
}

func TestAnIndefiniteLengthReadsAsTheDefiniteOne(t *testing.T) {
	pki, err := signertest.New(signertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	id, err := pki.Issue(signertest.IssueSpec{Name: "An", Key: "P-256"})
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := cms.Parse(indefinite(built(t, id, pki.Chain())))
	if err != nil {
		t.Fatal(err)
	}
	if err := check(&parsed.Signers[0], id.Certificate, content); err != nil {
		t.Error(err)
	}
}
