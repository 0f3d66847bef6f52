package shadow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kyso/signer/internal/shadow"
)

// Many pages may name the same annotations and the same content.
func TestADocumentCostsLittle(t *testing.T) {
	const pages, widgets, areas = 1500, 1500, 4000
	var kids, annotations, content strings.Builder
	objects := []string{catalog, "", "", "", "<</Font<<>>>>"}
	for i := range widgets {
		fmt.Fprintf(&annotations, "<</Subtype/Widget/FT/Tx/V(x)/MK<</BG[1]>>/Rect[%d 1 %d 9]>>", 10*i, 10*i+5)
	}
	for i := range areas {
		fmt.Fprintf(&content, "%d 100 5 5 re f ", 10*i)
	}
	for i := range pages {
		fmt.Fprintf(&kids, "%d 0 R ", 6+i)
		objects = append(objects, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots 3 0 R/Contents 4 0 R/Resources 5 0 R>>")
	}
	objects[1] = "<</Type/Pages/Kids[" + kids.String() + "]>>"
	objects[2] = "[" + annotations.String() + "]"
	objects[3] = fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", content.Len(), content.String())
	b := document("", objects...)
	start := time.Now()
	got := looked(t, b)
	took := time.Since(start)
	t.Log(len(b)>>10, "kB:", took)
	if !slices.Contains(got, shadow.CodeTooLarge) {
		t.Errorf("found %v, and not that there is more", got)
	}
	if took > time.Minute {
		t.Errorf("it took %s", took)
	}
}
