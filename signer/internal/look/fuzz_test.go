package look_test

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kyso/signer/internal/look"
	"kyso/signer/internal/pdf"
	"kyso/signer/signertest/seeds"
)

// page is a document of one page with a content stream; its font has a
// ToUnicode map and further entries, and it may show itself as a form.
func page(content, toUnicode []byte, font string) []byte {
	var b, rows bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	stream := func(dict string, data []byte) string {
		return fmt.Sprintf("<<%s/Length %d>>stream\n%s\nendstream", dict, len(data), data)
	}
	for i, body := range []string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources 5 0 R>>",
		stream("/Type/XObject/Subtype/Form/Resources 5 0 R/Matrix[1 0 0 1 5 5]", content),
		"<</Font<</F1 6 0 R>>/XObject<</X1 4 0 R>>>>",
		"<</Type/Font/Subtype/Type0/DescendantFonts[7 0 R]/ToUnicode 8 0 R>>", "<<" + font + ">>",
		stream("", toUnicode),
	} {
		fmt.Fprintf(&rows, "%010d 00000 n\r\n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	fmt.Fprintf(&b, "xref\n0 9\n0000000000 65535 f\r\n%strailer\n<</Root 1 0 R/Size 9>>\nstartxref\n%d\n%%%%EOF\n", rows.Bytes(), b.Len())
	return b.Bytes()
}

func shown(tb testing.TB, b []byte) []look.Item {
	tb.Helper()
	f, err := pdf.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		tb.Fatal(err)
	}
	return look.Page(f, f.Pages()[0])
}

// FuzzPage looks at a page with any content and any map of its font: it comes
// back, twice with the same, and every rectangle is one.
func FuzzPage(f *testing.F) {
	cmap := []byte("1 begincodespacerange <0000><ffff> endcodespacerange 2 beginbfchar <0001><1ec4> <0002><d83dde00> endbfchar 1 beginbfrange <0010><0020><0041> <0030><0031>[<0061><0062>] endbfrange")
	for _, s := range []string{
		"BT /F1 12 Tf 1 0 0 1 50 700 Tm <00010002> Tj 0 -14 TD [(ab) -300 <0010>] TJ T* (x) ' 1 2 (y) \" ET",
		"q 2 0 0 2 0 0 cm 1 1 5 5 re f Q /X1 Do 0 0 m 1 1 l 2 2 3 3 4 4 c 5 5 6 6 v b*",
		"BI /W 1 /H 1 ID \x00\x01 EI q Q n Q 3 Tr (hidden) Tj 50 Tz 1 Ts 2 Tc 3 Tw 4 TL",
		"[[[[(a\\(\\051\\\r\n) <</A 1>> % c\n",
	} {
		f.Add([]byte(s), cmap)
	}
	for _, b := range seeds.Corpus(f, seeds.Content, 8<<10) {
		f.Add(b, cmap)
	}
	f.Fuzz(func(t *testing.T, content, toUnicode []byte) {
		if len(content)+len(toUnicode) > 16<<10 {
			t.Skip("too long to be quick")
		}
		b := page(content, toUnicode, "/DW 500/W[1[500 600] 3 9 700]")
		first := shown(t, b)
		for _, item := range first {
			sum := item.Box.X0 + item.Box.X1 + item.Box.Y0 + item.Box.Y1
			if math.IsNaN(sum) || math.IsInf(sum, 0) || item.Box.X0 > item.Box.X1 || item.Box.Y0 > item.Box.Y1 {
				t.Errorf("%+v", item)
			}
		}
		if diff := cmp.Diff(first, shown(t, b)); diff != "" {
			t.Errorf("looked at twice (-first +second):\n%s", diff)
		}
		_ = look.Words(look.Under(first, pdf.Box{X0: 0, Y0: 0, X1: 600, Y1: 800})) // must only come back
	})
}

// What a page costs is bounded, whatever its fonts say: each of these took
// minutes, or gigabytes.
func TestAPageCostsLittle(t *testing.T) {
	long := "<" + strings.Repeat("0041", 100_000) + ">"
	for name, b := range map[string][]byte{
		"widths that are set again and again": page([]byte("/F1 1 Tf"), nil, "/W["+strings.Repeat("0 65534 1 ", 50_000)+"]"),
		"texts that are set again and again":  page([]byte("/F1 1 Tf"), []byte(strings.Repeat("<0000><ffff><0041>endbfrange ", 50_000)), ""),
		"a code that stands for a book": page([]byte("/F1 1 Tf <"+strings.Repeat("0001", 100_000)+"> Tj"),
			[]byte("<0001>"+long+"endbfchar"), ""),
		"texts without end": page([]byte("/F1 1 Tf "+strings.Repeat("<"+strings.Repeat("0001", 1000)+"> Tj ", 400)),
			[]byte("<0001>"+long+"endbfchar"), ""),
		"a form that shows itself": page([]byte(strings.Repeat("/X1 Do ", 1000)), nil, ""),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			size := 0
			for _, item := range shown(t, b) {
				size += len(item.Text)
			}
			took := time.Since(start)
			t.Log(took, size)
			if took > 20*time.Second || size > 16<<20 {
				t.Errorf("%d kB of a page took %s and gave %d bytes of text", len(b)>>10, took, size)
			}
		})
	}
}

func TestTheLastMappingOfACodeCounts(t *testing.T) {
	const all, small, one = "<0000><ffff><0100>endbfrange ", "<0005><0008><0041>endbfrange ", "<0006><005a>endbfchar "
	for name, c := range map[string]struct{ cmap, want string }{
		"all codes in one range":       {all, "\u0105\u0106\u0107"},
		"a part of them again":         {all + small, "ABC"},
		"all of them after a part":     {small + all, "\u0105\u0106\u0107"},
		"one code after two ranges":    {all + small + one, "AZC"},
		"all of them again, elsewhere": {all + "<0000><ffff><0200>endbfrange ", "\u0205\u0206\u0207"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			for _, item := range shown(t, page([]byte("BT /F1 12 Tf 1 0 0 1 50 700 Tm <000500060007> Tj ET"), []byte(c.cmap), "")) {
				got += item.Text
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
