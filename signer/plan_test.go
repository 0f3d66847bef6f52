package signer_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kyso/signer"
	"kyso/signer/signertest"
)

// codes are the codes of findings, each once, in order.
func codes(found []signer.Finding) []string {
	var out []string
	for _, f := range found {
		out = append(out, f.Code)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestAPlanTellsWhatSigningThenDoes(t *testing.T) {
	pki := newPKI(t)
	first := mustSign(t, write(t, "in.pdf", signertest.Paper{Pages: make([]signertest.PaperPage, 2)}.Bytes()), request(t, pki, "P-256"))
	req := request(t, pki, "P-256")
	req.Marks = initialled(2)
	before, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := signer.PlanFile(t.Context(), first, req)
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Refusals) > 0 || plan.Field != "Signature2" || !plan.NewField || plan.Level != signer.LevelB {
		t.Errorf("plan %+v", plan)
	}
	want := []signer.EarlierSignature{{
		Field: "Signature1", Signer: "Nguyễn Thị Ánh Tuyết", Time: "D:20261124083000+07'00'", Revision: 2, Revisions: 2, Stays: true,
	}}
	if diff := cmp.Diff(want, plan.Earlier); diff != "" {
		t.Errorf("earlier signatures (-want +got):\n%s", diff)
	}
	out := mustSign(t, first, req)
	after, err := os.Stat(out)
	if err != nil {
		t.Fatal(err)
	}
	if grown := after.Size() - int64(len(before)); grown != plan.Bytes {
		t.Errorf("grew by %d, planned %d", grown, plan.Bytes)
	}
	report, err := signer.VerifyFile(t.Context(), out, signer.VerifyOptions{At: signTime(), Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range report.Signatures[1].Places {
		m := plan.Marks[i]
		if got := (signer.Rect{X: p.Rect[0], Y: p.Rect[1], W: p.Rect[2], H: p.Rect[3]}); m.Page != p.Page || m.Rect != got {
			t.Errorf("mark %d: planned %+v, is %+v", i+1, m, p)
		}
	}
}

func TestAPlanRefusesWhatSigningRefuses(t *testing.T) {
	pki := newPKI(t)
	signed, err := os.ReadFile(mustSign(t, write(t, "in.pdf", signertest.Paper{}.Bytes()), request(t, pki, "P-256")))
	if err != nil {
		t.Fatal(err)
	}
	far := []signer.Mark{{Page: 7, Rect: signer.Rect{X: 1, Y: 1, W: 20, H: 20}, Image: quarters(10)}}
	for name, c := range map[string]struct {
		file  []byte
		field string
		marks []signer.Mark
		want  []string
	}{
		"bytes behind the last signature": {append(slices.Clip(signed), "%something\n"...), "", nil, []string{"trailing-bytes"}},
		"no PDF":                          {[]byte("hello"), "", nil, []string{"damaged"}},
		"a page that is not there":        {signertest.Paper{}.Bytes(), "", far, []string{"no-place"}},
		"a field that is used":            {signed, "Signature1", nil, []string{"field-used"}},
		"a name with a full stop":         {signertest.Paper{}.Bytes(), "a.b", nil, []string{"field-name"}},
		"two conditions of a field":       {field("/SV<</Ff 9/Filter/X/Reasons[(a)]>>"), "S", nil, []string{"seed-value"}},
		"a letter that the font lacks": {
			signertest.Paper{}.Bytes(),
			"",
			[]signer.Mark{{Page: 1, Rect: signer.Rect{X: 1, Y: 1, W: 20, H: 20}, Lines: []string{"漢"}, Font: font(t)}},
			[]string{"no-letter"},
		},
		"certified without changes, and a page that is not there": {
			signertest.Paper{Catalog: "/Perms<</DocMDP<</Type/Sig/Reference[<</TransformMethod/DocMDP/TransformParams<</P 1>>>>]>>>>"}.Bytes(),
			"",
			far,
			[]string{"certified-no-changes", "no-place"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			req := request(t, pki, "P-256")
			req.Field, req.Marks = c.field, c.marks
			req.Credential = untouchable{t, req.Credential.Certificate()}
			in := write(t, "in.pdf", c.file)
			plan, err := signer.PlanFile(t.Context(), in, req)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, codes(plan.Refusals)); diff != "" {
				t.Errorf("refusals (-want +got):\n%s", diff)
			}
			if _, err := signer.SignFile(t.Context(), in, filepath.Join(t.TempDir(), "out.pdf"), req); err == nil {
				t.Error("SignFile signs it")
			}
		})
	}
}

func TestAPlanNeedsNoKeyAndLeavesALetterInPeace(t *testing.T) {
	in := write(t, "in.pdf", signertest.Paper{Stream: true}.Bytes())
	plan, err := signer.PlanFile(t.Context(), in, signer.Request{})
	if err != nil {
		t.Fatal(err)
	}
	if got := codes(plan.Warnings); len(plan.Refusals) > 0 || !slices.Equal(got, []string{"font-not-embedded"}) {
		t.Errorf("refusals %v, warnings %v", plan.Refusals, got)
	}
}

// tagged is the catalog of a tagged document that claims PDF/UA-1.
func tagged(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	xmp := `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description rdf:about="" xmlns:ua="http://www.aiim.org/pdfua/ns/id/" ua:part="1"/></rdf:RDF></x:xmpmeta>`
	meta := filepath.Join(dir, "meta.xml")
	if err := os.WriteFile(meta, []byte(xmp), 0o600); err != nil {
		t.Fatal(err)
	}
	in := write(t, "plain.pdf", signertest.Paper{}.Bytes())
	out := filepath.Join(dir, "tagged.pdf")
	script := `
import sys, pikepdf
p = pikepdf.open(sys.argv[1])
p.Root.Lang = "vi"
p.Root.MarkInfo = pikepdf.Dictionary(Marked=True)
doc = p.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructElem, S=pikepdf.Name.Document, K=pikepdf.Array()))
tree = p.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructTreeRoot, K=doc, ParentTree=p.make_indirect(pikepdf.Dictionary(Nums=pikepdf.Array([4, doc])))))
doc.P = tree
p.Root.StructTreeRoot = tree
m = p.make_stream(open(sys.argv[3], "rb").read())
m.Type, m.Subtype = pikepdf.Name.Metadata, pikepdf.Name.XML
p.Root.Metadata = m
p.save(sys.argv[2])
`
	run(t, "/usr/bin/python3", "-c", script, in, out, meta)
	return out
}

func TestATaggedDocumentGetsATaggedMarkUntilItIsSigned(t *testing.T) {
	pki := newPKI(t)
	req := request(t, pki, "P-256")
	req.Marks = []signer.Mark{{Page: 1, Rect: signer.Rect{X: 50, Y: 50, W: 100, H: 50}, Image: quarters(20)}}
	in := tagged(t)
	plan, err := signer.PlanFile(t.Context(), in, req)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"PDF/UA-1"}, plan.Claims); diff != "" || len(plan.Lost) > 0 {
		t.Errorf("claims (-want +got):\n%s\nlost %v", diff, plan.Lost)
	}
	once := mustSign(t, in, req)
	judge(t, pki, once, 1)
	b, err := os.ReadFile(once)
	if err != nil {
		t.Fatal(err)
	}
	f := open(t, b)
	widget := f.Dict(f.Array(f.Pages()[0].Dict.Get("Annots"))[0])
	key, _ := f.Int(widget.Get("StructParent"))
	numbers := f.Array(f.Dict(f.Dict(f.Catalog().Get("StructTreeRoot")).Get("ParentTree")).Get("Nums"))
	element := f.Dict(numbers[len(numbers)-1])
	if key != 5 || f.Name(element.Get("S")) != "Form" || f.Name(f.Pages()[0].Dict.Get("Tabs")) != "S" {
		t.Errorf("key %d, element %v", key, element)
	}
	if said := f.Text(widget.Get("Contents")); said != "Chữ ký số Nguyễn Thị Ánh Tuyết" || f.Text(widget.Get("TU")) != said {
		t.Errorf("the widget says %q", said)
	}
	if plan, err = signer.PlanFile(t.Context(), once, req); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(codes(plan.Warnings), "untagged") || !slices.Equal(plan.Lost, []string{"PDF/UA-1"}) {
		t.Errorf("warnings %v, lost %v", codes(plan.Warnings), plan.Lost)
	}
	judge(t, pki, mustSign(t, once, req), 2)
}

func TestPreparedShadowsAreWarnedOf(t *testing.T) {
	folder := corpus(t, "attacks", "shadow-bases")
	files, err := filepath.Glob(filepath.Join(folder, "*.pdf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no file in %s: %v", folder, err)
	}
	for _, path := range files {
		plan, err := signer.PlanFile(t.Context(), path, signer.Request{})
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		got := codes(plan.Warnings)
		if len(got) == 0 {
			t.Errorf("%s: no warning", path)
		}
		if strings.Contains(path, "shadowed") && slices.Equal(got, []string{"font-not-embedded"}) {
			t.Errorf("%s: only %v", path, got)
		}
	}
}

func TestAPlanOfAHugeFileIsBounded(t *testing.T) {
	paper := signertest.Paper{Pages: make([]signertest.PaperPage, 30_000)}
	in := write(t, "in.pdf", paper.Bytes())
	start := time.Now()
	plan, err := signer.PlanFile(t.Context(), in, signer.Request{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(codes(plan.Warnings), "not-fully-examined") {
		t.Errorf("warnings %v", codes(plan.Warnings))
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %s", took)
	}
}
