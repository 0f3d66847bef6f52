package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"kyso/assets"
	"kyso/signer"
	"kyso/signer/signertest"
)

// archivePaper makes a document that claims PDF/A-2b: metadata, an output intent,
// an identifier; its page is empty, so that no font is missing.
const archivePaper = `import sys, pikepdf
from PIL import ImageCms
p = pikepdf.new()
p.add_blank_page(page_size=(595, 842))
icc = p.make_stream(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
icc.N = 3
p.Root.OutputIntents = pikepdf.Array([p.make_indirect(pikepdf.Dictionary(
    Type=pikepdf.Name.OutputIntent, S=pikepdf.Name.GTS_PDFA1, OutputConditionIdentifier="sRGB", DestOutputProfile=icc))])
with p.open_metadata(set_pikepdf_as_editor=False) as m:
    m["pdfaid:part"], m["pdfaid:conformance"], m["dc:title"] = "2", "B", "Tờ trình"
p.save(sys.argv[1], min_version="1.7")
`

// hybridPaper is a document with a cross-reference table that leaves its objects
// to a stream (ISO 32000-2, 7.5.8.4), as Microsoft Word writes them.
func hybridPaper() []byte {
	b := signertest.Paper{Stream: true, Form: true}.Bytes()
	tail := b[bytes.LastIndex(b, []byte("startxref")):]
	var at int
	_, _ = fmt.Sscanf(string(tail), "startxref\n%d", &at) // our own document
	return fmt.Appendf(b, "xref\n0 1\n0000000000 65535 f \ntrailer\n<</Root 1 0 R/Size 12/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n", at, len(b))
}

// marked signs documents with visible marks: several at once, and on an archive paper.
func (i *interop) marked(ctx context.Context, add adder) error {
	pages := filepath.Join(i.dir, "in of three pages.pdf")
	if err := os.WriteFile(pages, signertest.Paper{Pages: make([]signertest.PaperPage, 3)}.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write the document: %w", err)
	}
	archive := filepath.Join(i.dir, "in PDF-A.pdf")
	// The system's interpreter has pikepdf, the environment of pyHanko has not.
	if said, err := exec.CommandContext(ctx, "/usr/bin/python3", "-c", archivePaper, archive).CombinedOutput(); err != nil { //nolint:gosec // our own words
		return fmt.Errorf("make the archive paper: %w: %s", err, said)
	}
	for name, in := range map[string]string{"marks on three pages": pages, "PDF/A-2b": archive} {
		req, err := i.request("RSA-2048", false, signer.LevelLTA)
		if err != nil {
			return err
		}
		n := 1
		if in == pages {
			n = 3
		}
		for page := 1; page <= n; page++ {
			req.Marks = append(req.Marks, signer.Mark{
				Page: page, Rect: signer.Rect{X: 350, Y: 100, W: 170, H: 60}, Image: ink(),
				Lines: []string{"Nguyễn Thị Ánh Tuyết"}, Font: assets.SerifRegular(),
			})
		}
		plan, err := signer.PlanFile(ctx, in, req)
		if err != nil {
			return fmt.Errorf("plan %s: %w", name, err)
		}
		if len(plan.Lost) > 0 {
			return fmt.Errorf("%s: signing loses %v", name, plan.Lost)
		}
		if err := i.twiceAs(ctx, add, in, name, req); err != nil {
			return err
		}
	}
	return nil
}

// twiceAs signs as the request says and then by a second person, invisibly.
func (i *interop) twiceAs(ctx context.Context, add adder, in, name string, req signer.Request) error {
	file := filepath.Base(in)[len("in "):]
	out, err := i.sign(ctx, in, "marked "+file, req)
	if err != nil {
		return err
	}
	add(name+", signed", out, "", signer.LevelLTA)
	second, err := i.request("P-256", false, signer.LevelLTA)
	if err != nil {
		return err
	}
	again, err := i.sign(ctx, out, "marked twice "+file, second)
	if err != nil {
		return err
	}
	add(name+", signed twice", again, "", signer.LevelLTA)
	return nil
}

// ink is a stroke of a pen: blue, half of it transparent.
func ink() image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, 60, 20))
	for x := range 60 {
		for y := range 20 {
			if x/3 == y || x/3 == 20-y {
				m.SetNRGBA(x, y, color.NRGBA{R: 20, G: 40, B: 160, A: 128})
			}
		}
	}
	return m
}

// locked signs fields that lock the document, and raises that: no lock and no
// certification forbids time stamps and validation data (ISO 32000-2, 12.8.2.2).
func (i *interop) locked(ctx context.Context, add adder) error {
	for name, lock := range map[string]string{
		"every field locked": "<</Type/SigFieldLock/Action/All>>", "no change allowed": "<</Type/SigFieldLock/Action/All/P 1>>",
	} {
		in := filepath.Join(i.dir, "in "+name+".pdf")
		paper := signertest.Paper{EmptyField: "S)/Lock" + lock + "/Z("}
		if err := os.WriteFile(in, paper.Bytes(), 0o600); err != nil {
			return fmt.Errorf("write the document: %w", err)
		}
		req, err := i.request("RSA-2048", false, signer.LevelT)
		if err != nil {
			return err
		}
		req.Field = "S"
		signed, err := i.sign(ctx, in, name+" before", req)
		if err != nil {
			return err
		}
		out := filepath.Join(i.dir, name+".pdf")
		if err := i.extend(ctx, signed, out, req, signer.LevelLTA); err != nil {
			return err
		}
		add(name+", raised", out, "", signer.LevelLTA)
	}
	return nil
}

// barePage is a document with one page, object 3, and nothing on it.
func barePage() []byte {
	b := []byte("%PDF-1.7\n")
	var rows []byte
	for n, body := range []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"} {
		rows = fmt.Appendf(rows, "%010d 00000 n\r\n", len(b))
		b = fmt.Appendf(b, "%d 0 obj\n%s\nendobj\n", n+1, body)
	}
	return fmt.Appendf(b, "xref\n0 4\n0000000000 65535 f\r\n%strailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", rows, len(b))
}

// withObject adds a revision to a file with a table that writes an object again,
// with a word in it replaced.
func withObject(b []byte, number int, old, now string) ([]byte, error) {
	var before int
	if _, err := fmt.Sscanf(string(b[bytes.LastIndex(b, []byte("startxref")):]), "startxref\n%d", &before); err != nil {
		return nil, fmt.Errorf("the document has no startxref: %w", err)
	}
	head := fmt.Appendf(nil, "\n%d 0 obj", number)
	_, body, ok := bytes.Cut(b[bytes.LastIndex(b, head):], head)
	body, _, more := bytes.Cut(body, []byte("endobj"))
	changed := strings.Replace(string(body), old, now, 1)
	if old == "/Annots" { // a list that is open already
		changed = strings.Replace(changed, now+"[", now, 1)
		changed = strings.Replace(changed, now+" [", now, 1)
	}
	if !ok || !more || changed == string(body) {
		return nil, fmt.Errorf("object %d has no %s", number, old)
	}
	at := len(b)
	b = fmt.Appendf(b, "%d 0 obj%sendobj\n", number, changed)
	return fmt.Appendf(b, "xref\n%d 1\n%010d 00000 n\r\ntrailer\n<</Size 100/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", number, at, before, len(b)), nil
}
