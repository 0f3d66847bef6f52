package signer_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kyso/signer"
	"kyso/signer/signertest"
)

// BenchmarkVerifyManySignatures judges 50 signatures of real keys over a document
// of 20,000 objects, trust included.
func BenchmarkVerifyManySignatures(b *testing.B) {
	const pages, signatures = 10_000, 50
	p, err := signertest.New(signertest.Options{})
	if err != nil {
		b.Fatal(err)
	}
	id, err := p.Issue(signertest.IssueSpec{Name: "Lê Văn Cường", Key: "P-256"})
	if err != nil {
		b.Fatal(err)
	}
	in := filepath.Join(b.TempDir(), "0.pdf")
	if err := os.WriteFile(in, signertest.Paper{Pages: make([]signertest.PaperPage, pages)}.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	for i := range signatures {
		out := filepath.Join(filepath.Dir(in), fmt.Sprintf("%d.pdf", i+1))
		request := signer.Request{
			Credential: id.Credential(), Chain: p.Chain(), Time: time.Now(),
			Marks: []signer.Mark{{Page: 1 + i, Rect: signer.Rect{X: 90, Y: 200, W: 100, H: 30}, Image: ink()}},
		}
		if _, err := signer.SignFile(b.Context(), in, out, request); err != nil {
			b.Fatal(err)
		}
		in = out
	}
	document, err := os.ReadFile(in)
	if err != nil {
		b.Fatal(err)
	}
	options := trusting(p)
	options.At = time.Now()
	for b.Loop() {
		report, err := signer.Verify(b.Context(), bytes.NewReader(document), int64(len(document)), options)
		if err != nil || len(report.Signatures) != signatures {
			b.Fatal(len(report.Signatures), err)
		}
		for _, s := range report.Signatures {
			if !s.Sound() {
				b.Fatal(s.Field, s.Why)
			}
		}
	}
	b.ReportMetric(float64(len(document))/(1<<20), "MiB-file")
}
