package signertest_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kyso/signer/signertest"
)

func start(t *testing.T, o signertest.Options) *signertest.Server {
	t.Helper()
	server, err := signertest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

func issue(t *testing.T, p *signertest.PKI, spec signertest.IssueSpec) signertest.Identity {
	t.Helper()
	id, err := p.Issue(spec)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// writePEM writes certificates for openssl.
func writePEM(t *testing.T, path string, certificates ...*x509.Certificate) {
	t.Helper()
	var text bytes.Buffer
	for _, c := range certificates {
		command := exec.CommandContext(t.Context(), "openssl", "x509", "-inform", "DER")
		command.Stdin = bytes.NewReader(c.Raw)
		out, err := command.Output()
		if err != nil {
			t.Fatal(err)
		}
		text.Write(out)
	}
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func openssl(t *testing.T, dir string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "openssl", args...)
	command.Dir = dir
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestOCSPAnswersAsOpenSSLWantsThem(t *testing.T) {
	for name, key := range map[string]string{"with elliptic-curve CA keys": "P-256", "with RSA CA keys": "RSA-2048"} {
		t.Run(name, func(t *testing.T) {
			server := start(t, signertest.Options{Key: key})
			good := issue(t, server.PKI, signertest.IssueSpec{Name: "Nguyễn Văn An", Unit: "UBND phường Văn Miếu", Title: "Chủ tịch"})
			bad := issue(t, server.PKI, signertest.IssueSpec{Name: "Trần Thị Bình", Key: "P-256"})
			server.Revoke(bad.Certificate.SerialNumber, time.Now().Add(-time.Minute))

			dir := t.TempDir()
			writePEM(t, filepath.Join(dir, "good.pem"), good.Certificate)
			writePEM(t, filepath.Join(dir, "bad.pem"), bad.Certificate)
			writePEM(t, filepath.Join(dir, "issuing.pem"), server.Issuing())
			writePEM(t, filepath.Join(dir, "root.pem"), server.Root())
			for file, want := range map[string]string{"good.pem": "good.pem: good", "bad.pem": "bad.pem: revoked"} {
				got := openssl(t, dir, "ocsp", "-issuer", "issuing.pem", "-cert", file, "-CAfile", "root.pem",
					"-verify_other", "issuing.pem", "-url", server.BaseURL()+signertest.PathOCSP)
				if !strings.Contains(got, want) || !strings.Contains(got, "Response verify OK") || strings.Contains(got, "no nonce") {
					t.Errorf("openssl ocsp for %s said:\n%s\nwant %q, verified, with nonce", file, got, want)
				}
			}
		})
	}
}

func TestTimeStampsSatisfyOpenSSL(t *testing.T) {
	server := start(t, signertest.Options{Key: "RSA-2048"})
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	if err := os.WriteFile(data, []byte("nội dung"), 0o600); err != nil {
		t.Fatal(err)
	}
	openssl(t, dir, "ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "query")
	query, err := os.ReadFile(filepath.Join(dir, "query"))
	if err != nil {
		t.Fatal(err)
	}
	answer, status := post(t, server.BaseURL()+signertest.PathTSA, query)
	if status != http.StatusOK {
		t.Fatalf("status %d: %s", status, answer)
	}
	if err := os.WriteFile(filepath.Join(dir, "answer"), answer, 0o600); err != nil {
		t.Fatal(err)
	}
	writePEM(t, filepath.Join(dir, "root.pem"), server.Root())
	writePEM(t, filepath.Join(dir, "issuing.pem"), server.Issuing())
	got := openssl(t, dir, "ts", "-verify", "-in", "answer", "-queryfile", "query", "-CAfile", "root.pem", "-untrusted", "issuing.pem")
	if !strings.Contains(got, "Verification: OK") {
		t.Errorf("openssl ts -verify said:\n%s", got)
	}
}

func TestARevokedSerialStandsInTheCRL(t *testing.T) {
	server := start(t, signertest.Options{})
	id := issue(t, server.PKI, signertest.IssueSpec{Name: "Lê Văn Cường", Key: "P-256"})
	at := time.Now().Add(-time.Hour)
	server.Revoke(id.Certificate.SerialNumber, at)

	list, err := x509.ParseRevocationList(fetch(t, id.Certificate.CRLDistributionPoints[0]))
	if err != nil {
		t.Fatal(err)
	}
	if err := list.CheckSignatureFrom(server.Issuing()); err != nil {
		t.Error(err)
	}
	if len(list.RevokedCertificateEntries) != 1 || list.RevokedCertificateEntries[0].SerialNumber.Cmp(id.Certificate.SerialNumber) != 0 {
		t.Errorf("entries of the CRL: %v, want the one serial", list.RevokedCertificateEntries)
	}
}

func TestAPKIOpensAgainFromItsParts(t *testing.T) {
	first, err := signertest.New(signertest.Options{BaseURL: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	second, err := signertest.Open(first.Parts(), signertest.Options{BaseURL: first.BaseURL()})
	if err != nil {
		t.Fatal(err)
	}
	id := issue(t, second, signertest.IssueSpec{Name: "Nguyễn Văn An", Key: "P-256"})
	roots, middle := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(first.Root())
	middle.AddCert(first.Issuing())
	if _, err := id.Certificate.Verify(x509.VerifyOptions{Roots: roots, Intermediates: middle, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err != nil {
		t.Errorf("certificate of the opened PKI under the first root: %v", err)
	}

	parts := first.Parts()
	parts[signertest.PartRoot] = signertest.Identity{Certificate: first.Root(), Signer: first.Parts()[signertest.PartTSA].Signer}
	if _, err := signertest.Open(parts, signertest.Options{}); err == nil {
		t.Error("Open took a root certificate with the key of the time-stamping server")
	}
}

func TestABrokenServiceAnswersNothing(t *testing.T) {
	server := start(t, signertest.Options{})
	server.Break(signertest.PathOCSP, true)
	if _, status := post(t, server.BaseURL()+signertest.PathOCSP, nil); status != http.StatusServiceUnavailable {
		t.Errorf("status %d, want 503", status)
	}
	if _, err := server.Serve("0.0.0.0:0"); err == nil {
		t.Error("the servers listen on every interface")
	}
}

func post(t *testing.T, url string, body []byte) ([]byte, int) {
	t.Helper()
	return do(t, http.MethodPost, url, body)
}

func fetch(t *testing.T, url string) []byte {
	t.Helper()
	body, _ := do(t, http.MethodGet, url, nil)
	return body
}

func do(t *testing.T, method, url string, body []byte) ([]byte, int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := new(http.Client).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return answer, response.StatusCode
}
