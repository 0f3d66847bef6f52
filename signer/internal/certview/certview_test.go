package certview_test

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"kyso/signer/internal/certview"
	"kyso/signer/internal/trust"
)

// openssl makes a self-signed certificate and returns it in DER.
func openssl(t *testing.T, key []string, more ...string) []byte {
	t.Helper()
	folder := t.TempDir()
	for _, args := range [][]string{
		append([]string{"genpkey", "-out", "key.pem"}, key...),
		append([]string{
			"req", "-x509", "-new", "-key", "key.pem", "-days", "30", "-out", "certificate.pem", "-utf8",
			"-subj", "/C=VN/L=Hà Nội/O=UBND phường Văn Miếu/title=Phó Chủ tịch/CN=Trần Thị Bình",
		}, more...),
	} {
		command := exec.CommandContext(t.Context(), "openssl", args...)
		command.Dir = folder
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("openssl %v: %v\n%s", args, err, out)
		}
	}
	b, err := os.ReadFile(filepath.Join(folder, "certificate.pem"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(b)
	return block.Bytes
}

func TestCertificatesThatTheStandardLibraryRefusesAreRead(t *testing.T) {
	p256 := []string{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"}
	for name, c := range map[string]struct {
		key, more []string
		refused   bool
	}{
		"an ordinary one":          {key: p256},
		"a negative serial number": {key: p256, more: []string{"-set_serial", "-5"}, refused: true},
		"a brainpool curve": {
			key: []string{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"}, refused: true,
		},
		"secp256k1":              {key: []string{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"}, refused: true},
		"a key for RSA-PSS":      {key: []string{"-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"}},
		"Ed448":                  {key: []string{"-algorithm", "ED448"}},
		"an RSA key of 512 bits": {key: []string{"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:512"}},
		"a malformed address":    {key: p256, more: []string{"-addext", "crlDistributionPoints=URI:http://[bad"}},
	} {
		t.Run(name, func(t *testing.T) {
			der := openssl(t, c.key, c.more...)
			if _, err := x509.ParseCertificate(der); (err != nil) != c.refused {
				t.Fatalf("crypto/x509: %v, want refused %v", err, c.refused)
			}
			got, err := certview.Parse(der)
			if err != nil {
				t.Fatal(err)
			}
			if got.Subject.CommonName != "Trần Thị Bình" || got.PublicKey == nil || got.SerialNumber.Sign() == 0 || got.NotAfter.Before(got.NotBefore) {
				t.Errorf("%+v, key %T", got.Subject, got.PublicKey)
			}
			if !got.IsCA || len(got.SubjectKeyId) == 0 {
				t.Errorf("extensions: CA %v, key identifier %x", got.IsCA, got.SubjectKeyId)
			}
			if _, err := trust.Issued(got, got); err != nil {
				t.Errorf("its own signature: %v", err)
			}
			bent := bytes.Clone(der)
			bent[len(bent)-1] ^= 1
			if again, err := certview.Parse(bent); err == nil {
				if _, err := trust.Issued(again, got); err == nil {
					t.Error("a bent signature verifies")
				}
			}
		})
	}
}

func TestReadingAgreesWithTheStandardLibrary(t *testing.T) {
	der := openssl(t, []string{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"},
		"-addext", "keyUsage=critical,digitalSignature,nonRepudiation", "-addext", "extendedKeyUsage=OCSPSigning",
		"-addext", "authorityInfoAccess=OCSP;URI:http://a/ocsp,caIssuers;URI:http://a/ca", "-addext", "crlDistributionPoints=URI:http://a/crl")
	want, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	// The same certificate with a negative serial number is read by the other parser.
	serial, err := asn1.Marshal(want.SerialNumber)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(der, serial) + 2
	bent := bytes.Clone(der)
	bent[at] |= 0x80
	if _, err := x509.ParseCertificate(bent); err == nil {
		t.Fatal("crypto/x509 takes a negative serial number again: this test compares nothing")
	}
	got, err := certview.Parse(bent)
	if err != nil {
		t.Fatal(err)
	}
	if got.Subject.String() != want.Subject.String() || got.Issuer.String() != want.Issuer.String() || !got.NotBefore.Equal(want.NotBefore) ||
		!got.NotAfter.Equal(want.NotAfter) || got.Version != want.Version {
		t.Errorf("got %+v", got)
	}
	if got.KeyUsage != want.KeyUsage || got.IsCA != want.IsCA || got.BasicConstraintsValid != want.BasicConstraintsValid ||
		!bytes.Equal(got.AuthorityKeyId, want.AuthorityKeyId) || !bytes.Equal(got.SubjectKeyId, want.SubjectKeyId) ||
		len(got.ExtKeyUsage) != 1 || got.ExtKeyUsage[0] != want.ExtKeyUsage[0] || len(got.Extensions) != len(want.Extensions) {
		t.Errorf("extensions: %+v", got)
	}
	if len(got.OCSPServer) != 1 || got.OCSPServer[0] != "http://a/ocsp" || len(got.IssuingCertificateURL) != 1 || len(got.CRLDistributionPoints) != 1 {
		t.Errorf("addresses: %v %v %v", got.OCSPServer, got.IssuingCertificateURL, got.CRLDistributionPoints)
	}
	if len(got.UnhandledCriticalExtensions) != 0 {
		t.Errorf("not handled: %v", got.UnhandledCriticalExtensions)
	}
}

func TestGarbageIsNoCertificate(t *testing.T) {
	der := openssl(t, []string{"-algorithm", "ED448"})
	for n := 0; n < len(der); n += 7 {
		if _, err := certview.Parse(der[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes are a certificate", n, len(der))
		}
	}
	if _, err := certview.Parse(append(bytes.Clone(der), 0)); err == nil {
		t.Error("a certificate with a byte behind it was read")
	}
}

// What crypto/x509 does not handle our parser does not, either: here a critical
// issuerAltName (RFC 5280, 4.2.1.7).
func TestACriticalExtensionThatNobodyUsesIsNotHandled(t *testing.T) {
	der := openssl(t, []string{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"}, "-addext", "issuerAltName=critical,DNS:a")
	want, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	got, ok := certview.Read(der)
	if !ok || len(got.UnhandledCriticalExtensions) != 1 || len(want.UnhandledCriticalExtensions) != 1 {
		t.Errorf("not handled: %v, crypto/x509 %v", got.UnhandledCriticalExtensions, want.UnhandledCriticalExtensions)
	}
}
