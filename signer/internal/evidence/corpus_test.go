package evidence_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kyso/signer/internal/evidence"
	"kyso/signer/internal/pdf"
	"kyso/signer/signertest"
	"kyso/signer/verify"
)

// compareBoth holds what a comparison finds that walks only towards what changed
// against what one finds that walks everywhere.
func compareBoth(t *testing.T, b []byte) (signatures int) {
	t.Helper()
	f, err := pdf.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil || len(f.Revisions()) < 2 {
		return 0
	}
	whole, all, err1 := evidence.Signatures(t.Context(), f, true)
	g, err := pdf.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	got, steps, err2 := evidence.Signatures(t.Context(), g, false)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if diff := cmp.Diff(whole, got); diff != "" {
		t.Errorf("differences (- whole, + short):\n%s", diff)
	}
	if steps > all+1000 {
		t.Errorf("%d steps, %d for everything", steps, all)
	}
	return len(got)
}

// The files of other people have the revisions that nobody thinks of; without
// them the revisions that are made here count.
func TestNoDifferenceIsLost(t *testing.T) {
	for name, fill := range revised() {
		t.Run(name, func(t *testing.T) {
			g := newGrowing(t)
			fill(g)
			if n := compareBoth(t, g.b); n != g.signed {
				t.Errorf("%d signatures, want %d", n, g.signed)
			}
		})
	}
	dir := os.Getenv("KYSO_CORPUS")
	if dir == "" {
		return
	}
	files, signatures := 0, 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.EqualFold(filepath.Ext(path), ".pdf") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil || len(b) > 64<<20 {
			return err
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			if n := compareBoth(t, b); n > 0 {
				files++
				signatures += n
			}
		})
		return nil
	})
	if err != nil || files == 0 {
		t.Fatalf("%d files: %v", files, err)
	}
	t.Logf("%d files, %d signatures", files, signatures)
}

// revised makes files whose later revisions change something in a way that is
// easy to miss.
func revised() map[string]func(g *growing) {
	return map[string]func(g *growing){
		"nothing but signatures": func(g *growing) {
			g.pages(12)
			g.signs(5)
		},
		"the content of a later page": func(g *growing) {
			g.pages(12)
			g.signs(3)
			g.revise(func(f *pdf.File, u *pdf.Update) {
				ref, _ := f.Pages()[7].Dict.Get("Contents").(pdf.Ref)
				u.Set(ref, &pdf.NewStream{Dict: pdf.NewDict(), Data: []byte("BT (other) Tj ET")})
			})
			g.signs(2)
		},
		"an object of everything that leads to everything": func(g *growing) {
			g.rings(30)
			g.signs(3)
		},
		"a signature that is taken away": func(g *growing) {
			g.pages(3)
			g.signs(3)
			g.unlist(1)
			g.signs(1)
		},
	}
}

// A difference that a shared object hides would make a changed document valid.
func TestWhatOlderRevisionsReadOtherwiseIsNoticed(t *testing.T) {
	for name, change := range map[string]func(g *growing){
		"the length of a stream": func(g *growing) {
			g.text("<</Length 4 0 R/X 1>>", "BT ET\nendstream (more) Tj")
			g.revise(func(_ *pdf.File, u *pdf.Update) { u.Set(g.length, pdf.Int(5)) })
			g.signs(1)
			g.revise(func(_ *pdf.File, u *pdf.Update) { u.Set(g.length, pdf.Int(26)) })
		},
		"an object stream": func(g *growing) {
			g.b = signertest.Paper{Stream: true}.Bytes()
			g.signs(1)
			f := g.open()
			for n := range 100 {
				if held := f.Holder(n); held > 0 {
					g.repack(held, "/Count", "/Zount")
					return
				}
			}
			g.tb.Fatal("nothing is packed")
		},
		"an object that ends behind its revision": func(g *growing) {
			g.beyondEnd()
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGrowing(t)
			change(g)
			compareBoth(t, g.b)
			first := g.gather().Signatures[0]
			if !slices.ContainsFunc(first.Differences, func(d verify.Difference) bool { return d.Place == verify.InContent }) {
				t.Errorf("no difference of content: %+v", first.Differences)
			}
		})
	}
}

// Work is in proportion to what changes, not to signatures times objects.
func TestTheWorkOfManyRevisionsIsBounded(t *testing.T) {
	const signatures = 50
	steps := func(pages int) int {
		g := newGrowing(t)
		g.pages(pages)
		g.signs(signatures)
		found, steps, err := evidence.Signatures(t.Context(), g.open(), false)
		if err != nil || len(found) != signatures {
			t.Fatal(len(found), err)
		}
		for _, s := range found {
			for _, d := range s.Differences {
				if d.Place != verify.InSignature && d.Place != verify.InFormFlags {
					t.Errorf("%s: %+v", s.Field, d)
				}
			}
		}
		return steps
	}
	few, many := steps(50), steps(5000)
	// Every comparison looks at each page of the tree once, and at what changed.
	if most := few + signatures*3*5000; many > most {
		t.Errorf("%d steps for 200 objects, %d for 20,000, want at most %d", few, many, most)
	}
}
