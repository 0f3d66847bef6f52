package placement_test

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"kyso/app/placement"
)

// reader takes numbers and texts from the bytes of a fuzzer.
type reader struct{ data []byte }

func (r *reader) byte() byte {
	if len(r.data) == 0 {
		return 0
	}
	b := r.data[0]
	r.data = r.data[1:]
	return b
}

// number is mostly a place on a page, sometimes anything that a float can be.
func (r *reader) number() float64 {
	b := r.byte()
	if b >= 0xF0 && len(r.data) >= 8 {
		n := math.Float64frombits(binary.BigEndian.Uint64(r.data))
		r.data = r.data[8:]
		return n
	}
	return float64(b)*4 - 40
}

func (r *reader) rect() placement.Rect {
	return placement.Rect{X: r.number(), Y: r.number(), W: r.number(), H: r.number()}
}

// words are the texts that the finder looks for, and some that it does not.
func (r *reader) words() string {
	texts := []string{
		"CHỦ TỊCH", "KT. CHỦ TỊCH", "Nguyễn Trọng Hải", "Thiếu tướng, PGS.TS.", "Nguyễn Trọng", "Hải", "thực hiện./.", "Nơi nhận:", "- Lưu: VT.",
		"PHỤ LỤC", "(Ký, ghi rõ họ tên)", "GIÁM ĐỐC", "", "\xff\xfe", "µ¸¶·¹ CHñ TÞCH", "Nguyen Trong Hai", "./.",
	}
	return texts[int(r.byte())%len(texts)]
}

func (r *reader) pages() []placement.Page {
	var out []placement.Page
	for i := range int(r.byte() % 4) {
		p := placement.Page{Number: i + 1, W: 595, H: 842, Scanned: r.byte()%2 > 0}
		if r.byte() > 0xC0 {
			p.W, p.H = r.number(), r.number()
		}
		for range r.byte() % 16 {
			l := placement.Line{Text: r.words(), Rect: r.rect()}
			for range r.byte() % 3 {
				l.Words = append(l.Words, placement.Word{Text: r.words(), Rect: r.rect()})
			}
			p.Lines = append(p.Lines, l)
		}
		for range r.byte() % 4 {
			p.Marks, p.Rules = append(p.Marks, r.rect()), append(p.Rules, r.rect())
		}
		out = append(out, p)
	}
	return out
}

// onPage holds a rectangle to the page: numbers, inside, with a size. A page
// without a size is taken for A4.
func onPage(t *testing.T, p placement.Page, r placement.Rect) {
	t.Helper()
	usable := p.W >= 1 && p.H >= 1 && p.W <= 1e5 && p.H <= 1e5
	if !usable {
		p.W, p.H = 595, 842
	}
	const dust = 1e-6
	inside := r.X >= 0 && r.Y >= 0 && r.X+r.W <= p.W+dust && r.Y+r.H <= p.H+dust && r.W > 0 && r.H > 0
	if !inside {
		t.Errorf("%+v does not lie on the page of %v × %v", r, p.W, p.H)
	}
}

func FuzzPropose(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x01\x00\x00\x04\x00\x64\x60\x20\x05\x00\x02\x64\x40\x28\x05\x00\x06\x10\x90\x60\x05\x00"))
	f.Add(append([]byte{1, 1, 0xFF, 0xFF}, binary.BigEndian.AppendUint64(nil, math.Float64bits(math.NaN()))...))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := &reader{data}
		pages := r.pages()
		w, h := r.number(), r.number()
		roles := []placement.Role{placement.Approval, placement.Initials, placement.Seal, placement.Appendix, placement.Copy, "another"}
		signers := []placement.Signer{head, {}, {Name: "NGUYEN TRONG HAI"}, {Title: "GIÁM ĐỐC"}, {Name: r.words(), Title: r.words()}}
		var all []placement.Proposal
		for _, role := range roles {
			for _, s := range signers {
				p := placement.Propose(pages, role, s, w, h)
				if p.Sure && role != placement.Seal {
					all = append(all, p)
				}
				check(t, pages, p)
			}
		}
		for _, p := range placement.ProposeAll(pages, placement.InitialsOn(pages, nil, w, h)...) {
			check(t, pages, p)
		}
		for _, p := range all {
			overNothing(t, pages[p.Page-1], p.Rect)
		}
		if len(pages) > 0 {
			moved, _ := placement.Snap(pages[0], r.rect(), r.number())
			placement.NearestFree(pages[0], moved)
		}
	})
}

// check holds any proposal to the page that it names.
func check(t *testing.T, pages []placement.Page, p placement.Proposal) {
	t.Helper()
	if p.Why == "" {
		t.Errorf("%+v says no reason", p)
	}
	if len(pages) == 0 {
		return
	}
	if p.Page < 1 || p.Page > len(pages) {
		t.Fatalf("got page %d of %d", p.Page, len(pages))
	}
	onPage(t, pages[p.Page-1], p.Rect)
}

// overNothing holds a sure proposal off text and marks, as far as these have
// sound places. Of a line with words the words count.
func overNothing(t *testing.T, p placement.Page, r placement.Rect) {
	t.Helper()
	over := func(o placement.Rect) bool {
		for _, v := range [4]float64{o.X, o.Y, o.W, o.H} {
			if math.IsNaN(v) || math.Abs(v) > 1e5 {
				return false
			}
		}
		return o.W > 0 && o.H > 0 && r.X < o.X+o.W && o.X < r.X+r.W && r.Y < o.Y+o.H && o.Y < r.Y+r.H
	}
	if slices.ContainsFunc(p.Marks, over) {
		t.Errorf("%+v lies over a mark of %+v", r, p)
	}
	for _, l := range p.Lines {
		if len(l.Words) == 0 && over(l.Rect) {
			t.Errorf("%+v lies over %+v", r, l)
		}
	}
}
