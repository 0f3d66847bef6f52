package look_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"kyso/signer/internal/look"
	"kyso/signer/internal/pdf"
	"kyso/signer/signertest"
)

// lookAt opens a paper of one page and lists what the page shows.
func lookAt(t *testing.T, paper signertest.Paper) []look.Item {
	t.Helper()
	b := paper.Bytes()
	f, err := pdf.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return look.Page(f, f.Pages()[0])
}

func near(a, b pdf.Box) bool {
	return math.Abs(a.X0-b.X0)+math.Abs(a.Y0-b.Y0)+math.Abs(a.X1-b.X1)+math.Abs(a.Y1-b.Y1) < 0.5
}

func TestWhatAPageShowsIsFoundWithItsPlace(t *testing.T) {
	// The font of the paper has no widths: 500 thousandths a letter.
	text := func(s string, x, y float64) look.Item {
		return look.Item{Kind: look.Text, Text: s, Box: pdf.Box{X0: x, Y0: y - 2, X1: x + 5*float64(len(s)), Y1: y + 8}}
	}
	for name, c := range map[string]struct {
		page signertest.PaperPage
		want []look.Item
	}{
		"a text":                      {signertest.PaperPage{Content: "BT /F1 10 Tf 50 700 Td (abc) Tj ET"}, []look.Item{text("abc", 50, 700)}},
		"in hexadecimal":              {signertest.PaperPage{Content: "BT /F1 10 Tf 50 700 Td <61 62 63> Tj ET"}, []look.Item{text("abc", 50, 700)}},
		"with escapes":                {signertest.PaperPage{Content: `BT /F1 10 Tf 50 700 Td (a\(b\)\101\\) Tj ET`}, []look.Item{text(`a(b)A\`, 50, 700)}},
		"lines by T* and leading":     {signertest.PaperPage{Content: "BT /F1 10 Tf 12 TL 50 700 Td (a) Tj T* (b) Tj (c) ' ET"}, []look.Item{text("a", 50, 700), text("b", 50, 688), text("c", 50, 676)}},
		"one after the other":         {signertest.PaperPage{Content: "BT /F1 10 Tf 50 700 Td (ab) Tj (cd) Tj ET"}, []look.Item{text("ab", 50, 700), text("cd", 60, 700)}},
		"a matrix":                    {signertest.PaperPage{Content: "q 1 0 0 1 100 100 cm BT /F1 10 Tf 1 0 0 1 50 50 Tm (ab) Tj ET Q"}, []look.Item{text("ab", 150, 150)}},
		"what is saved comes back":    {signertest.PaperPage{Content: "q 1 0 0 1 100 100 cm Q BT /F1 10 Tf 5 5 Td (a) Tj ET"}, []look.Item{text("a", 5, 5)}},
		"an invisible text":           {signertest.PaperPage{Content: "BT /F1 10 Tf 3 Tr 50 700 Td (abc) Tj ET"}, nil},
		"a comment and a dictionary":  {signertest.PaperPage{Content: "% (x) Tj\n/Span <</A (x)>> BDC BT /F1 10 Tf 5 5 Td (a) Tj ET EMC"}, []look.Item{text("a", 5, 5)}},
		"a filled area":               {signertest.PaperPage{Content: "10 20 30 40 re f"}, []look.Item{{Kind: look.Area, Box: pdf.Box{X0: 10, Y0: 20, X1: 40, Y1: 60}}}},
		"a clipped path is not shown": {signertest.PaperPage{Content: "10 20 30 40 re W n 1 1 m 2 2 l S"}, nil},
		"an inline image": {
			signertest.PaperPage{Content: "q 20 0 0 10 100 200 cm BI /W 1 /H 1 ID x EI Q"},
			[]look.Item{{Kind: look.Picture, Box: pdf.Box{X0: 100, Y0: 200, X1: 120, Y1: 210}}},
		},
		"on a turned page": {
			signertest.PaperPage{W: 600, H: 800, Rotate: 90, Content: "10 20 30 40 re f"},
			[]look.Item{{Kind: look.Area, Box: pdf.Box{X0: 20, Y0: 560, X1: 60, Y1: 590}}},
		},
		"an unknown font": {signertest.PaperPage{Content: "BT /F9 10 Tf 50 700 Td (abc) Tj ET"}, []look.Item{text("abc", 50, 700)}},
		"garbage":         {signertest.PaperPage{Content: "((( ]] >> <zz 1 2 3 q Q Tj TJ ' \" Do"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := lookAt(t, signertest.Paper{Pages: []signertest.PaperPage{c.page}})
			if len(got) != len(c.want) {
				t.Fatalf("got %+v, want %+v", got, c.want)
			}
			for i := range got {
				if got[i].Kind != c.want[i].Kind || got[i].Text != c.want[i].Text || !near(got[i].Box, c.want[i].Box) {
					t.Errorf("item %d: got %+v, want %+v", i, got[i], c.want[i])
				}
			}
		})
	}
}

func TestWordsAreJoinedAndFoundUnderAPlace(t *testing.T) {
	items := lookAt(t, signertest.Paper{Pages: []signertest.PaperPage{{
		Content: "BT /F1 10 Tf 50 700 Td [(So)-300(tien:)] TJ (100) Tj 0 -20 Td (dong) Tj ET",
	}}})
	if got, want := look.Words(items), "So tien:100 dong"; got != want {
		t.Errorf("words %q, want %q", got, want)
	}
	if got := look.Words(look.Under(items, pdf.Box{X0: 0, Y0: 670, X1: 600, Y1: 695})); got != "dong" {
		t.Errorf("under the second line: %q", got)
	}
	if got := look.Under(items, pdf.Box{X0: 0, Y0: 0, X1: 600, Y1: 100}); len(got) != 0 {
		t.Errorf("under an empty place: %+v", got)
	}
}

func TestContentThatNeverEndsIsCutOff(t *testing.T) {
	many := lookAt(t, signertest.Paper{Pages: []signertest.PaperPage{{Content: strings.Repeat("0 0 1 1 re f ", 200_000)}}})
	if len(many) > 50_000 {
		t.Errorf("%d items", len(many))
	}
}
