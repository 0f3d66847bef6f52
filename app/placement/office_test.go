package placement_test

import (
	"encoding/xml"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kyso/app/placement"
	"kyso/app/placement/placementtest"
)

// officeLetter is a letter that LibreOffice sets.
type officeLetter struct {
	font, size  string
	signers     [][2]string // title, lines parted by "|", and name
	who         int
	annex, tabs bool
	pageW       string
	pageH       string
}

// drawOffice varies a letter.
func drawOffice(n int) officeLetter {
	d := rand.New(rand.NewPCG(uint64(n), 7))
	fonts := []string{"Liberation Serif", "Liberation Serif", "Liberation Sans", "DejaVu Serif", "DejaVu Sans"}
	people := []string{"Nguyễn Trọng Hải", "Trần Thị Ngọc Ánh", "Lê Huy Hoàng Ý", "Phạm Quốc Bảo", "Công Tằng Tôn Nữ Minh Khai"}
	titles := []string{"CHỦ TỊCH", "KT. CHỦ TỊCH|PHÓ CHỦ TỊCH", "TM. ỦY BAN NHÂN DÂN|CHỦ TỊCH", "TL. CHỦ TỊCH|CHÁNH VĂN PHÒNG", "HIỆU TRƯỞNG", "TRƯỞNG PHÒNG"}
	l := officeLetter{
		font: fonts[d.IntN(len(fonts))], size: []string{"12pt", "13pt", "14pt"}[d.IntN(3)], annex: d.IntN(3) == 0, tabs: d.IntN(3) == 0,
		pageW: "21cm", pageH: "29.7cm",
	}
	first := d.IntN(len(people))
	for i := range 1 + d.IntN(2) {
		l.signers = append(l.signers, [2]string{titles[d.IntN(len(titles))], people[(first+i)%len(people)]})
	}
	l.who = d.IntN(len(l.signers))
	if d.IntN(6) == 0 {
		l.pageW, l.pageH = "29.7cm", "21cm"
	}
	return l
}

const odfHead = `<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text">
<office:automatic-styles>
<style:page-layout style:name="P"><style:page-layout-properties fo:page-width="%[3]s" fo:page-height="%[4]s" fo:margin-top="2cm" fo:margin-bottom="2cm" fo:margin-left="3cm" fo:margin-right="1.5cm"/></style:page-layout>
<style:style style:name="B" style:family="paragraph"><style:paragraph-properties fo:text-align="justify" fo:text-indent="1cm" fo:margin-bottom="0.2cm"/><style:text-properties fo:font-family="%[1]s" fo:font-size="%[2]s"/></style:style>
<style:style style:name="C" style:family="paragraph"><style:paragraph-properties fo:text-align="center"/><style:text-properties fo:font-family="%[1]s" fo:font-size="%[2]s" fo:font-weight="bold"/></style:style>
<style:style style:name="N" style:family="paragraph" style:parent-style-name="C"><style:paragraph-properties fo:text-align="center" fo:break-before="page"/><style:text-properties fo:font-family="%[1]s" fo:font-size="%[2]s" fo:font-weight="bold"/></style:style>
<style:style style:name="L" style:family="paragraph"><style:text-properties fo:font-family="%[1]s" fo:font-size="10pt"/></style:style>
<style:style style:name="T" style:family="paragraph"><style:paragraph-properties><style:tab-stops><style:tab-stop style:type="center" style:position="4cm"/><style:tab-stop style:type="center" style:position="12cm"/></style:tab-stops></style:paragraph-properties><style:text-properties fo:font-family="%[1]s" fo:font-size="%[2]s" fo:font-weight="bold"/></style:style>
</office:automatic-styles>
<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="P"/></office:master-styles>
<office:body><office:text>
`

// source writes the letter as a flat OpenDocument text.
func (l officeLetter) source() string {
	var b strings.Builder
	fmt.Fprintf(&b, odfHead, l.font, l.size, l.pageW, l.pageH)
	p := func(style, text string) { fmt.Fprintf(&b, "<text:p text:style-name=%q>%s</text:p>\n", style, text) }
	cells := func(left, right func()) {
		b.WriteString("<table:table><table:table-column table:number-columns-repeated=\"2\"/><table:table-row><table:table-cell>")
		left()
		b.WriteString("</table:table-cell><table:table-cell>")
		right()
		b.WriteString("</table:table-cell></table:table-row></table:table>\n")
	}
	cells(func() { p("C", "UBND QUẬN ĐỐNG ĐA"); p("C", "VĂN PHÒNG") }, func() {
		p("C", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
		p("C", "Độc lập - Tự do - Hạnh phúc")
	})
	p("C", "THÔNG BÁO")
	for range 3 {
		p("B", "Ủy ban nhân dân quận đề nghị các phòng, ban, đơn vị báo cáo Chủ tịch Ủy ban nhân dân quận kết quả ký số văn bản điện tử trước ngày 25 hằng tháng theo quy định.")
	}
	p("B", "Yêu cầu các đơn vị nghiêm túc thực hiện./.")
	block := func(s [2]string) {
		for t := range strings.SplitSeq(s[0], "|") {
			p("C", t)
		}
		for range 4 {
			p("C", "")
		}
		p("C", s[1])
	}
	list := func() { p("L", "Nơi nhận:"); p("L", "- Như trên;"); p("L", "- Lưu: VT, VP.") }
	switch {
	case len(l.signers) == 2 && l.tabs:
		a, c := l.signers[0], l.signers[1]
		p("T", "<text:tab/>"+lastLine(a[0])+"<text:tab/>"+lastLine(c[0]))
		for range 4 {
			p("T", "")
		}
		p("T", "<text:tab/>"+a[1]+"<text:tab/>"+c[1])
		list()
	case len(l.signers) == 2:
		cells(func() { block(l.signers[0]) }, func() { block(l.signers[1]) })
		list()
	default:
		cells(list, func() { block(l.signers[0]) })
	}
	if l.annex {
		p("N", "PHỤ LỤC")
		p("B", "1. "+l.signers[0][1]+" - Chủ tịch;")
	}
	b.WriteString("</office:text></office:body></office:document>")
	return b.String()
}

// lastLine is the title proper, below the capacity.
func lastLine(title string) string { return title[strings.LastIndexByte(title, '|')+1:] }

// popplerPage is what pdftotext says of a page: another program's eyes.
type popplerPage struct {
	W     float64 `xml:"width,attr"`
	H     float64 `xml:"height,attr"`
	Words []struct {
		XMin float64 `xml:"xMin,attr"`
		YMin float64 `xml:"yMin,attr"`
		XMax float64 `xml:"xMax,attr"`
		YMax float64 `xml:"yMax,attr"`
		Text string  `xml:",chardata"`
	} `xml:"word"`
}

// boxes gives the words of a page as boxes, cut to about the ink.
func (p popplerPage) boxes() []placementtest.Box {
	var out []placementtest.Box
	for _, w := range p.Words {
		h := w.YMax - w.YMin
		out = append(out, placementtest.Box{X: w.XMin, Y: p.H - w.YMax + 0.2*h, W: w.XMax - w.XMin, H: 0.65 * h})
	}
	return out
}

// find gives the box of the first words that read as text when they are joined:
// LibreOffice takes letters that a face lacks from another, and poppler parts
// words there.
func (p popplerPage) find(text string) (placementtest.Box, bool) {
	want := strings.Join(strings.Fields(text), "")
	boxes := p.boxes()
	for i := range p.Words {
		joined := ""
		for j := i; j < len(p.Words) && len(joined) < len(want); j++ {
			joined += p.Words[j].Text
			if joined == want {
				first, last := boxes[i], boxes[j]
				return placementtest.Box{X: first.X, Y: first.Y, W: last.X + last.W - first.X, H: first.H}, true
			}
		}
	}
	return placementtest.Box{}, false
}

// TestTheSignatureIsPlacedOnLettersOfLibreOffice sets letters with LibreOffice
// and asks poppler where title and name are.
func TestTheSignatureIsPlacedOnLettersOfLibreOffice(t *testing.T) {
	needs(t, "soffice")
	needs(t, "pdftotext")
	dir := t.TempDir()
	const n = 40
	sources := make([]string, n)
	for i := range n {
		sources[i] = filepath.Join(dir, fmt.Sprintf("letter%02d.fodt", i))
		if err := os.WriteFile(sources[i], []byte(drawOffice(i).source()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	convert := []string{"-env:UserInstallation=file://" + dir + "/profile", "--headless", "--convert-to", "pdf", "--outdir", dir}
	if out, err := exec.CommandContext(t.Context(), "soffice", append(convert, sources...)...).CombinedOutput(); err != nil {
		t.Fatalf("soffice: %v\n%s", err, out)
	}
	counts := table{}
	for i := range n {
		l := drawOffice(i)
		path := strings.TrimSuffix(sources[i], ".fodt") + ".pdf"
		pages := read(t, path)
		s := l.signers[l.who]
		kind := fmt.Sprintf("%d signers", len(l.signers))
		p := placement.Propose(pages, placement.Approval, placement.Signer{Name: s[1]}, 141.7, 62.4)
		o := officeOutcome(t, path, s, p)
		counts.add(kind, o)
		if o != rightPlace {
			t.Logf("%d %s: %s %+v: %+v", i, kind, o, l, p)
		}
	}
	t.Log(counts)
	bars(t, counts)
}

// officeOutcome judges a proposal with poppler's words.
func officeOutcome(t *testing.T, path string, s [2]string, p placement.Proposal) outcome {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "pdftotext", "-bbox", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Pages []popplerPage `xml:"body>doc>page"`
	}
	if err := xml.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	first := doc.Pages[0]
	title, okTitle := first.find(lastLine(s[0]))
	name, okName := first.find(s[1])
	if !okTitle || !okName {
		t.Fatalf("%s: poppler finds no %q with %q", path, s[0], s[1])
	}
	r := placementtest.Box(p.Rect)
	over := slices.ContainsFunc(doc.Pages[p.Page-1].boxes(), r.Overlaps)
	middle := r.X + r.W/2
	between := p.Page == 1 && r.Y >= name.Y && r.Y+r.H <= title.Y+title.H && middle > name.X-10 && middle < name.X+name.W+10
	switch {
	case !p.Sure:
		return asked
	case over:
		return overInk
	case !between:
		return wrongPlace
	}
	return rightPlace
}
