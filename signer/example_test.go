package signer_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"kyso/signer"
	"kyso/signer/signertest"
)

// desk is what the examples sign with: a throwaway CA with its servers on
// loopback, a person's certificate, and a draft in a folder of its own.
type desk struct {
	pki    *signertest.Server
	person signertest.Identity
	folder string
}

func newDesk() desk {
	pki, err := signertest.Start(signertest.Options{})
	check(err)
	person, err := pki.Issue(signertest.IssueSpec{Name: "Nguyễn Thị Ánh Tuyết", Title: "Chủ tịch"})
	check(err)
	folder, err := os.MkdirTemp("", "kyso-example-")
	check(err)
	check(os.WriteFile(filepath.Join(folder, "draft.pdf"), signertest.Paper{}.Bytes(), 0o600))
	return desk{pki, person, folder}
}

func (d desk) path(name string) string { return filepath.Join(d.folder, name) }

func (d desk) anchors() []*x509.Certificate { return []*x509.Certificate{d.pki.Root()} }

func (d desk) close() {
	check(d.pki.Close())
	check(os.RemoveAll(d.folder))
}

func (d desk) request() signer.Request {
	return signer.Request{Credential: d.person.Credential(), Chain: d.pki.Chain(), Reason: "Phê duyệt", Time: time.Now()}
}

// pen is the picture of a signature: blue on nothing.
func pen() image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, 120, 50))
	draw.Draw(m, image.Rect(10, 20, 110, 26), image.NewUniform(color.NRGBA{B: 160, A: 255}), image.Point{}, draw.Src)
	return m
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// A signature with a picture and a time stamp of a server. The key may be any
// Credential: in a token, in a file, in another process.
func ExampleSignFile() {
	d := newDesk()
	defer d.close()
	req := d.request()
	req.Marks = []signer.Mark{signer.ApprovalMark(1, signer.Rect{X: 330, Y: 150, W: 170, H: 70}, pen())}
	req.Level = signer.LevelT
	req.TSAs = []signer.TSA{{URL: d.pki.BaseURL() + signertest.PathTSA}}
	req.Client = http.DefaultClient
	res, err := signer.SignFile(context.Background(), d.path("draft.pdf"), d.path("signed.pdf"), req)
	check(err)
	fmt.Println(res.Field, len(res.Report.Signatures), res.Report.Signatures[0].Coverage)
	// Output: Signature1 1 whole-file
}

// What a signature would meet is known before anybody types a PIN.
func ExamplePlanFile() {
	d := newDesk()
	defer d.close()
	check(os.WriteFile(d.path("form.pdf"), signertest.Paper{Form: true, EmptyField: "Leader"}.Bytes(), 0o600))
	plan, err := signer.PlanFile(context.Background(), d.path("form.pdf"), signer.Request{Field: "Leader", Time: time.Now()})
	check(err)
	fmt.Println(plan.Field, plan.NewField, len(plan.Refusals))
	for _, w := range plan.Warnings {
		fmt.Println(w.Code, w.Page)
	}
	// Output:
	// Leader false 0
	// fillable-fields 1
	// font-not-embedded 1
}

// The key can be elsewhere: Begin ends with a digest, Finish takes its signature,
// perhaps in another process and a day later.
func ExampleBegin() {
	d := newDesk()
	defer d.close()
	ctx := context.Background()
	req := d.request()
	req.Credential = signer.Public(d.person.Certificate)
	begun, err := signer.Begin(ctx, d.path("draft.pdf"), req)
	check(err)
	stored, err := json.Marshal(begun)
	check(err)

	var pending signer.Pending
	check(json.Unmarshal(stored, &pending))
	digest, opts := pending.ToSign()
	value, err := d.person.Credential().SignDigest(ctx, digest, opts) // where the key is
	check(err)
	_, err = signer.Finish(ctx, d.path("draft.pdf"), d.path("signed.pdf"), &pending, value, signer.FinishRequest{})
	check(err)
	fmt.Println(pending.Field())
	// Output: Signature1
}

// A signature that is made can be raised to a level that lasts: what proves it is
// put into the file and stamped.
func ExampleExtendFile() {
	d := newDesk()
	defer d.close()
	ctx := context.Background()
	_, err := signer.SignFile(ctx, d.path("draft.pdf"), d.path("signed.pdf"), d.request())
	check(err)
	_, err = signer.ExtendFile(ctx, d.path("signed.pdf"), d.path("lasting.pdf"), signer.ExtendRequest{
		Level: signer.LevelLTA, TSAs: []signer.TSA{{URL: d.pki.BaseURL() + signertest.PathTSA}},
		Anchors: d.anchors(), Client: http.DefaultClient, Time: time.Now(),
	})
	check(err)
	report, err := signer.VerifyFile(ctx, d.path("lasting.pdf"), signer.VerifyOptions{Anchors: d.anchors(), Offline: true, At: time.Now()})
	check(err)
	fmt.Println(report.Indication, report.Signatures[0].Level)
	// Output: TOTAL-PASSED B-LTA
}

// A verdict is more than yes or no. Nobody is asked when Offline is set.
func ExampleVerifyFile() {
	d := newDesk()
	defer d.close()
	ctx := context.Background()
	_, err := signer.SignFile(ctx, d.path("draft.pdf"), d.path("signed.pdf"), d.request())
	check(err)
	report, err := signer.VerifyFile(ctx, d.path("signed.pdf"), signer.VerifyOptions{Anchors: d.anchors(), Client: http.DefaultClient, At: time.Now()})
	check(err)
	s := report.Signatures[0]
	fmt.Println(report.Indication.Word(), s.Signer.Holder, s.Integrity, s.Coverage, s.Revocation)
	// Output: hợp lệ Nguyễn Thị Ánh Tuyết intact whole-file good
}
