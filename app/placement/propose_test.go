package placement_test

import (
	"testing"

	"kyso/app/placement"
)

// line makes a line of 14-point text centred at cx with its bottom at y.
func line(text string, cx, y float64) placement.Line {
	w := 7.5 * float64(len([]rune(text)))
	return placement.Line{Text: text, Rect: placement.Rect{X: cx - w/2, Y: y, W: w, H: 11}}
}

// page makes an A4 page.
func page(number int, lines ...placement.Line) placement.Page {
	return placement.Page{Number: number, W: 595, H: 842, Lines: lines}
}

const (
	right = 430.0
	left  = 150.0
)

var head = placement.Signer{Name: "Nguyễn Trọng Hải", Title: "Chủ tịch"}

func TestApprovalIsPlacedBetweenTitleAndName(t *testing.T) {
	recipients := []placement.Line{line("Nơi nhận:", 90, 300), line("- Như trên;", 95, 285), line("- Lưu: VT.", 95, 270)}
	letter := func(lines ...placement.Line) []placement.Page {
		return []placement.Page{page(1, append(recipients, lines...)...)}
	}
	cases := map[string]struct {
		pages  []placement.Page
		signer placement.Signer
		page   int
		low    float64 // the mark lies above this
		high   float64 // and below this
		sure   bool
		why    string
	}{
		"the plain title": {
			letter(line("CHỦ TỊCH", right, 300), line("Nguyễn Trọng Hải", right, 200)), head, 1, 211, 300, true, placement.WhyTitleAndName,
		},
		"a deputy signs in the place of the head": {
			letter(line("KT. CHỦ TỊCH", right, 316), line("PHÓ CHỦ TỊCH", right, 300), line("Trần Thị Minh", right, 200)),
			placement.Signer{Name: "Trần Thị Minh"},
			1, 211, 300, true, placement.WhyTitleAndName,
		},
		"decomposed letters and old tone marks": {
			letter(line("TRƯỞNG PHÒNG", right, 300), line("Lê Thị Hoà", right, 200)),
			placement.Signer{Name: "Lê Thị Hòa"},
			1, 211, 300, true, placement.WhyTitleAndName,
		},
		"a rank before the name": {
			letter(line("TRƯỞNG CÔNG AN PHƯỜNG", right, 300), line("Thượng tá Nguyễn Trọng Hải", right, 200)), head, 1, 211, 300, true, placement.WhyTitleAndName,
		},
		"an annex after the signed page": {
			append(letter(line("CHỦ TỊCH", right, 300), line("Nguyễn Trọng Hải", right, 200)), page(2, line("PHỤ LỤC", 297, 780))),
			head, 1, 211, 300, true, placement.WhyTitleAndName,
		},
		"nobody is named and a name is printed": {
			letter(line("GIÁM ĐỐC", right, 300), line("Phạm Văn Đồng", right, 200)), placement.Signer{}, 1, 211, 300, true, placement.WhyTitleAndName,
		},
		"two signers: the name decides": {
			letter(line("CHỦ TỊCH", right, 300), line("Nguyễn Trọng Hải", right, 200), line("GIÁM ĐỐC", right, 150), line("Lê Văn Tám", right, 60)),
			head, 1, 211, 300, true, placement.WhyTitleAndName,
		},
		"somebody else's name is printed": {
			letter(line("CHỦ TỊCH", right, 300), line("Lê Văn Tám", right, 200)), head, 1, 211, 300, false, placement.WhyTitleOtherName,
		},
		"a title in running text is no title": {
			letter(line("báo cáo Chủ tịch", right, 400)), head, 1, 0, 842, false, placement.WhyDefault,
		},
		"the signer's column is the left one of two": {
			letter(line("CHỦ TỊCH", left, 600), line("Nguyễn Trọng Hải", left, 500), line("GIÁM ĐỐC", right, 600), line("Lê Văn Tám", right, 500)),
			head, 1, 511, 600, true, placement.WhyTitleAndName,
		},
		"a title at the left without the signer's name is not the signer's": {
			letter(line("CHỦ TỊCH", left, 600), line("Lê Văn Tám", left, 500)), head, 1, 0, 842, false, placement.WhyDefault,
		},
		"no text at all": {[]placement.Page{page(1), page(2)}, head, 2, 0, 842, false, placement.WhyDefault},
		"only the title": {letter(line("CHỦ TỊCH", right, 300)), head, 1, 200, 300, false, placement.WhyTitleOnly},
		"only the name":  {letter(line("Nguyễn Trọng Hải", right, 200)), head, 1, 211, 300, false, placement.WhyNameOnly},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := placement.Propose(c.pages, placement.Approval, c.signer, 130, 55)
			if got.Page != c.page || got.Sure != c.sure || got.Why != c.why {
				t.Errorf("got page %d sure %v why %s, want page %d sure %v why %s", got.Page, got.Sure, got.Why, c.page, c.sure, c.why)
			}
			if got.Rect.Y < c.low || got.Rect.Y+got.Rect.H > c.high {
				t.Errorf("got %+v, want it between %v and %v", got.Rect, c.low, c.high)
			}
			if got.Rect.W > 130 || got.Rect.H > 55 || got.Rect.H < 10 {
				t.Errorf("got size %v×%v", got.Rect.W, got.Rect.H)
			}
			coversNothing(t, c.pages[got.Page-1], got.Rect)
		})
	}
}

// coversNothing fails when r lies over text, over a mark or off the page.
func coversNothing(t *testing.T, p placement.Page, r placement.Rect) {
	t.Helper()
	over := func(o placement.Rect) bool {
		return r.X < o.X+o.W && o.X < r.X+r.W && r.Y < o.Y+o.H && o.Y < r.Y+r.H
	}
	for _, l := range p.Lines {
		if over(l.Rect) {
			t.Errorf("%+v lies over the text %q", r, l.Text)
		}
	}
	for _, m := range p.Marks {
		if over(m) {
			t.Errorf("%+v lies over the mark %+v", r, m)
		}
	}
	if r.X < 0 || r.Y < 0 || r.X+r.W > p.W || r.Y+r.H > p.H {
		t.Errorf("%+v lies off the page", r)
	}
}

func TestAnEarlierMarkIsNeverCovered(t *testing.T) {
	p := page(1, line("CHỦ TỊCH", right, 300), line("Nguyễn Trọng Hải", right, 200))
	p.Marks = []placement.Rect{{X: 370, Y: 214, W: 120, H: 80}}
	got := placement.Propose([]placement.Page{p}, placement.Approval, head, 130, 55)
	if got.Sure || got.Why != placement.WhyOccupied {
		t.Errorf("got sure %v why %s, want an unsure one because the place is occupied", got.Sure, got.Why)
	}
	coversNothing(t, p, got.Rect)
}

func TestASmallMarkInTheRoomIsAvoided(t *testing.T) {
	p := page(1, line("CHỦ TỊCH", right, 300), line("Nguyễn Trọng Hải", right, 200))
	p.Marks = []placement.Rect{{X: 340, Y: 230, W: 30, H: 15}}
	got := placement.Propose([]placement.Page{p}, placement.Approval, head, 130, 55)
	if !got.Sure {
		t.Errorf("got %+v, want a sure place beside the small mark", got)
	}
	coversNothing(t, p, got.Rect)
}

func TestInitialsFollowTheEndOfTheText(t *testing.T) {
	body := placement.Line{Text: "thực hiện nghiêm túc./.", Rect: placement.Rect{X: 85, Y: 400, W: 160, H: 11}}
	above := placement.Line{Text: "Đề nghị các đơn vị", Rect: placement.Rect{X: 85, Y: 420, W: 460, H: 11}}
	list := placement.Line{Text: "- Lưu: VT./.", Rect: placement.Rect{X: 85, Y: 200, W: 60, H: 9}}
	p := page(1, body, above, list)
	got := placement.Propose([]placement.Page{p, page(2, line("PHỤ LỤC", 297, 700))}, placement.Initials, placement.Signer{}, 45, 20)
	if !got.Sure || got.Page != 1 || got.Rect.X < 245 || got.Rect.X > 260 || got.Rect.Y < 380 || got.Rect.Y > 411 {
		t.Errorf("got %+v, want it right after the sign", got)
	}
	coversNothing(t, p, got.Rect)

	p.Marks = []placement.Rect{got.Rect}
	second := placement.Propose([]placement.Page{p}, placement.Initials, placement.Signer{}, 45, 20)
	if !second.Sure {
		t.Errorf("got %+v, want the second initials beside the first", second)
	}
	coversNothing(t, p, second.Rect)
}

func TestASealCoversAThirdOfTheSignature(t *testing.T) {
	p := page(1, line("CHỦ TỊCH", right, 300), line("Nguyễn Trọng Hải", right, 200))
	sig := placement.Rect{X: 375, Y: 225, W: 120, H: 55}
	p.Marks = []placement.Rect{sig}
	got := placement.Propose([]placement.Page{p}, placement.Seal, head, 110, 110)
	if want := sig.X + sig.W/3; !got.Sure || got.Rect.X+got.Rect.W != want {
		t.Errorf("got %+v, want its right edge at %v", got, want)
	}
	if got.Rect.Y+got.Rect.H/2 != sig.Y+sig.H/2 {
		t.Errorf("got %+v, want it level with the signature", got)
	}
}

func TestTheCornerBlockStandsTopRight(t *testing.T) {
	got := placement.Propose([]placement.Page{page(1)}, placement.Copy, placement.Signer{}, 170, 30)
	want := placement.Proposal{Page: 1, Rect: placement.Rect{X: 595 - 178, Y: 842 - 38, W: 170, H: 30}, Sure: true, Why: placement.WhyCorner}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAFullPageStillGetsAnUnsurePlaceOnThePage(t *testing.T) {
	p := page(1, placement.Line{Text: "kín trang", Rect: placement.Rect{X: 0, Y: 0, W: 595, H: 842}})
	got := placement.Propose([]placement.Page{p}, placement.Approval, head, 130, 55)
	if got.Sure || got.Why != placement.WhyFull {
		t.Errorf("got %+v, want an unsure place that says the page is full", got)
	}
}
