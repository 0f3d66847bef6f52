package signer_test

import (
	"crypto/sha1" // names a VRI entry
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kyso/signer"
	"kyso/signer/internal/cms"
	"kyso/signer/internal/pdf"
	"kyso/signer/signertest"
)

// pems writes certificates for OpenSSL.
func pems(t *testing.T, certificates ...*x509.Certificate) string {
	t.Helper()
	var b []byte
	for _, c := range certificates {
		b = append(b, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return write(t, "certificates.pem", b)
}

func TestThePartsOfAnArchivedSignatureSatisfyForeignJudges(t *testing.T) {
	t.Parallel()
	s := servers(t)
	root, issuing := pems(t, s.Root()), pems(t, s.Issuing())
	for name, test := range map[string]struct {
		key string
		pss bool
	}{"RSA": {"RSA-2048", false}, "RSA with PSS": {"RSA-2048", true}, "P-384": {"P-384", false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := levelRequest(t, s, test.key, signer.LevelLTA)
			req.PSS = test.pss
			path := mustSign(t, write(t, "in.pdf", signertest.Paper{Stream: true}.Bytes()), req)
			run(t, "qpdf", "--check", path)
			// poppler judges the signature and knows no document time stamps.
			if said := run(t, "pdfsig", "-nocert", path); strings.Count(said, "Signature is Valid.") != 1 {
				t.Errorf("pdfsig: %s", said)
			}
			for _, sig := range signatures(t, path) {
				token, stamped := sig.cms, sha256.Sum256(sig.signed)
				if !strings.HasPrefix(sig.field, "TimeStamp") {
					data, err := cms.Parse(sig.cms)
					if err != nil {
						t.Fatal(err)
					}
					token, stamped = data.Signers[0].TimeStamps()[0], sha256.Sum256(data.Signers[0].Value())
				}
				said := run(t, "openssl", "ts", "-verify", "-token_in", "-in", write(t, "token", token),
					"-digest", fmt.Sprintf("%x", stamped), "-CAfile", root, "-untrusted", issuing)
				if !strings.Contains(said, "Verification: OK") {
					t.Errorf("openssl ts of %s: %s", sig.field, said)
				}
			}
			judgeStore(t, path, root, issuing)
		})
	}
}

// judgeStore has OpenSSL verify every answer and list of the security store and
// checks that each signature has an entry of its own.
func judgeStore(t *testing.T, path, root, issuing string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f := open(t, b)
	dss := f.Dict(f.Catalog().Get("DSS"))
	both := write(t, "both.pem", append(mustRead(t, root), mustRead(t, issuing)...))
	for _, der := range streams(t, f, dss.Get("OCSPs")) {
		said := run(t, "openssl", "ocsp", "-respin", write(t, "answer", der), "-CAfile", root, "-verify_other", issuing, "-text")
		if !strings.Contains(said, "Response verify OK") || !strings.Contains(said, "Cert Status: good") {
			t.Errorf("openssl ocsp: %s", said)
		}
	}
	for _, der := range streams(t, f, dss.Get("CRLs")) {
		if said := run(t, "openssl", "crl", "-inform", "DER", "-in", write(t, "list", der), "-CAfile", both, "-noout"); !strings.Contains(said, "verify OK") {
			t.Errorf("openssl crl: %s", said)
		}
	}
	if n := len(streams(t, f, dss.Get("Certs"))); n < 4 { // signer, issuing CA, root, server of the time stamp
		t.Errorf("%d certificates", n)
	}
	vri := f.Dict(dss.Get("VRI"))
	for _, field := range f.SignatureFields() {
		sig := f.Signature(field.Value)
		entry := f.Dict(vri.Get(fmt.Sprintf("%X", sha1.Sum(sig.Contents))))
		if sig.SubFilter == "ETSI.CAdES.detached" && (len(f.Array(entry.Get("Cert"))) < 4 || len(f.Array(entry.Get("CRL"))) == 0) {
			t.Errorf("VRI of %s: %v", field.Name, entry)
		}
	}
}

func streams(t *testing.T, f *pdf.File, list any) [][]byte {
	t.Helper()
	var out [][]byte
	for _, v := range f.Array(list) {
		s, ok := f.Resolve(v).(*pdf.Stream)
		if !ok {
			t.Fatalf("%v is no stream", v)
		}
		data, err := f.StreamData(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, data)
	}
	if len(out) == 0 {
		t.Error("a list of the security store is empty")
	}
	return out
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
