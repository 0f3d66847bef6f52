package signer_test

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kyso/signer"
	"kyso/signer/signertest"
)

func signTime() time.Time {
	return time.Date(2026, 11, 24, 8, 30, 0, 0, time.FixedZone("+07", 7*3600))
}

func newPKI(t *testing.T) *signertest.PKI {
	t.Helper()
	p, err := signertest.New(signertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// request is a request of a new person with a key of that kind.
func request(t *testing.T, p *signertest.PKI, key string) signer.Request {
	t.Helper()
	id, err := p.Issue(signertest.IssueSpec{Name: "Nguyễn Thị Ánh Tuyết", Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return signer.Request{Credential: id.Credential(), Chain: p.Chain(), Reason: "Phê duyệt", Time: signTime()}
}

func mustSign(t *testing.T, in string, req signer.Request) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "signed.pdf")
	before, err := os.ReadFile(in)
	if err != nil {
		t.Fatal(err)
	}
	res, err := signer.SignFile(t.Context(), in, out, req)
	if err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(after, before) {
		t.Error("the output does not begin with the input")
	}
	if res.SHA256 != sha256.Sum256(after) || res.Size != int64(len(after)) || res.Path != out {
		t.Errorf("the result does not describe the output: %+v", res)
	}
	return out
}

func TestEveryKindOfKeyAndFileIsAcceptedByForeignJudges(t *testing.T) {
	pki := newPKI(t)
	papers := map[string]signertest.Paper{
		"a table":                {},
		"a stream":               {Stream: true},
		"a table with a form":    {Form: true},
		"a stream with a form":   {Stream: true, Form: true},
		"junk before the header": {Junk: "HTTP/1.1 200 OK\r\n\r\n"},
	}
	for _, key := range []string{"RSA-2048", "RSA-3072", "P-256", "P-384"} {
		req := request(t, pki, key)
		for name, paper := range papers {
			t.Run(key+" on "+name, func(t *testing.T) {
				in := write(t, "in.pdf", paper.Bytes())
				once := mustSign(t, in, req)
				judge(t, pki, once, 1)
				twice := mustSign(t, once, req)
				judge(t, pki, twice, 2)
			})
		}
	}
}
