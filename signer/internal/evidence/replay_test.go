package evidence_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kyso/signer"
	"kyso/signer/internal/evidence"
	"kyso/signer/signertest"
	"kyso/signer/verify"
)

func document(t *testing.T, p *signertest.PKI) []byte {
	t.Helper()
	id, err := p.Issue(signertest.IssueSpec{Name: "An", Key: "P-256"})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
	if err := os.WriteFile(in, signertest.Paper{}.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	request := signer.Request{Credential: id.Credential(), Chain: p.Chain(), Time: time.Now()}
	if _, err := signer.SignFile(t.Context(), in, out, request); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestKeptEvidenceGivesTheSameReportAfterTheServersAreGone(t *testing.T) {
	server, err := signertest.Start(signertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := document(t, server.PKI)
	sources := evidence.Sources{Client: new(http.Client), Anchors: []*x509.Certificate{server.Root()}}
	e, err := evidence.Gather(t.Context(), bytes.NewReader(b), int64(len(b)), time.Now(), sources)
	if err != nil {
		t.Fatal(err)
	}
	policy := verify.Policy{Anchors: sources.Anchors}
	want := verify.Evaluate(e, policy)
	if want.Indication != verify.TotalPassed {
		t.Fatalf("%+v", want)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	kept, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var again verify.Evidence
	if err := json.Unmarshal(kept, &again); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, verify.Evaluate(again, policy)); d != "" {
		t.Errorf("the replayed report differs (-first +replayed):\n%s", d)
	}
}

var errDisk = errors.New("the disk is gone")

// faultyReader fails from an offset on.
type faultyReader struct {
	*bytes.Reader

	from int64
}

func (r faultyReader) ReadAt(b []byte, at int64) (int, error) {
	if at+int64(len(b)) > r.from && at <= r.from {
		return 0, errDisk
	}
	return r.Reader.ReadAt(b, at)
}

func TestAReadErrorIsNoVerdict(t *testing.T) {
	p, err := signertest.New(signertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := document(t, p)
	broken := faultyReader{bytes.NewReader(b), 20} // in the header, which only the digest reads as a whole
	e, err := evidence.Gather(t.Context(), broken, int64(len(b)), time.Now(), evidence.Sources{})
	if err == nil && verify.Evaluate(e, verify.Policy{}).Indication == verify.TotalPassed {
		t.Error("a file that cannot be read passed")
	}
}
