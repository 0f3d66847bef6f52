package main_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"kyso/app"
	"kyso/app/demo"
	"kyso/app/demo/letter"
	"kyso/app/docsys"
	"kyso/app/docsys/refserver"
)

// office is a running demonstration of the test's own: server, authority, tokens.
type office struct {
	program  string // kyso
	demo     *demo.Demo
	handover app.Handover
	client   *docsys.Client
}

// openOffice prepares a demonstration and starts its services.
func openOffice(t *testing.T) *office {
	t.Helper()
	programs := build(t)
	dir := filepath.Join(t.TempDir(), "demo")
	tools := demo.ToolsIn(programs)
	if err := demo.Prepare(t.Context(), dir, tools, time.Now(), io.Discard); err != nil {
		t.Fatal(err)
	}
	d, err := demo.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	services, err := d.Start(t.Context(), tools, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := services.Close(); err != nil {
			t.Error(err)
		}
	})
	h, err := services.Handover(t.Context(), demo.Chairman())
	if err != nil {
		t.Fatal(err)
	}
	return &office{
		program: filepath.Join(programs, "kyso"), demo: d, handover: h,
		client: docsys.NewClient(h.Server, h.Token, &http.Client{Timeout: patience}),
	}
}

// fulfilled is the unit's number of signed documents of this year.
func (o *office) fulfilled(t *testing.T) int {
	t.Helper()
	p, err := o.client.Board(t.Context(), o.handover.Person.Unit, time.Now().In(docsys.Hanoi()).Format("2006"))
	if err != nil {
		t.Fatal(err)
	}
	return p.Own.Fulfilled
}

// paper is a document that waits at the server, with its bytes.
type paper struct {
	document docsys.Document
	pdf      []byte
}

// submit has the section put n more letters before the chairman, each with its
// own number and so its own bytes.
func (o *office) submit(t *testing.T, n int) []paper {
	t.Helper()
	text, err := demo.Letters()[0].Text(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	papers := make([]paper, n)
	for i := range papers {
		text.Number = fmt.Sprint(5000 + i)
		papers[i] = o.submitOne(t, text)
	}
	return papers
}

// submitOne registers one letter and stores its file.
func (o *office) submitOne(t *testing.T, text letter.Letter) paper {
	t.Helper()
	composed, err := letter.Compose(text)
	if err != nil {
		t.Fatal(err)
	}
	var pdf bytes.Buffer
	if err := composed.WritePDF(&pdf); err != nil {
		t.Fatal(err)
	}
	d, err := o.client.Create(t.Context(), "acts-create-"+text.Number, docsys.NewDocument{
		Unit: refserver.KimLienUnit, Type: "Công văn", Subject: text.Subject + " (" + text.Number + ")", Secrecy: "none",
		Number: &text.Number, Notation: &text.Notation, IssuedOn: new(text.Date.Format(time.DateOnly)),
		Drafter: new(demo.SectionHead().Name), SignerName: new(demo.Chairman().Name), SignerTitle: new(demo.Chairman().Title),
	})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(pdf.Bytes())
	_, err = o.client.Submit(t.Context(), docsys.Submission{
		Key: "acts-submit-" + text.Number, DocumentID: d.ID, Stage: "draft", SHA256: hex.EncodeToString(sum[:]), Size: int64(pdf.Len()),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(pdf.Bytes())), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return paper{d, pdf.Bytes()}
}

// papers are all documents that wait, with their bytes.
func (o *office) papers(t *testing.T) []paper {
	t.Helper()
	waiting, err := o.client.Waiting(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	papers := make([]paper, len(waiting))
	for i, d := range waiting {
		papers[i] = paper{d, content(t, o.client, d.Version)}
	}
	return papers
}

// judgeSigned judges the papers that were signed since, of which there must be n.
func (o *office) judgeSigned(t *testing.T, all []paper, n int) {
	t.Helper()
	signed := 0
	for _, p := range all {
		now, err := o.client.Document(t.Context(), p.document.ID)
		if err != nil {
			t.Fatal(err)
		}
		if now.Version == p.document.Version {
			continue
		}
		signed++
		judge(t, o.client, p.document, p.pdf, bytes.Count(p.pdf, []byte("/ByteRange"))+1)
	}
	if signed != n {
		t.Errorf("%d documents were signed, want %d", signed, n)
	}
}
