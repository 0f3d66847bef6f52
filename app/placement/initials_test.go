package placement_test

import (
	"testing"

	"kyso/app/placement"
)

func TestSeveralMarksArePlacedInOneAct(t *testing.T) {
	pages := []placement.Page{
		page(1, line("Căn cứ Luật Tổ chức chính quyền địa phương;", 300, 400)),
		page(2, line("3", 520, 30), line("thực hiện nghiêm túc./.", 200, 420),
			line("Nơi nhận:", 100, 300), line("- Như trên;", 105, 287), line("- Lưu: VT.", 103, 274),
			line("CHỦ TỊCH", right, 300), line("Nguyễn Trọng Hải", right, 200)),
		page(3, line("PHỤ LỤC", 297, 780)),
	}
	wishes := append(placement.InitialsOn(pages, nil, 45, 25),
		placement.Wish{Role: placement.Initials, W: 45, H: 25},
		placement.Wish{Role: placement.Initials, W: 45, H: 25, At: placement.AtRecipients},
		placement.Wish{Role: placement.Approval, Signer: head, W: 130, H: 55})
	got := placement.ProposeAll(pages, wishes...)
	want := []struct {
		page int
		why  string
	}{
		{1, placement.WhyFoot},
		{2, placement.WhyFoot},
		{3, placement.WhyFoot},
		{2, placement.WhyEndOfText},
		{2, placement.WhyRecipients},
		{2, placement.WhyTitleAndName},
	}
	for i, w := range want {
		if !got[i].Sure || got[i].Page != w.page || got[i].Why != w.why {
			t.Errorf("mark %d: got %+v, want it sure on page %d for %s", i, got[i], w.page, w.why)
		}
		others := pages[got[i].Page-1]
		for j, o := range got {
			if j != i && o.Page == got[i].Page {
				others.Marks = append(others.Marks, o.Rect)
			}
		}
		coversNothing(t, others, got[i].Rect)
	}
	if got[0].Rect != got[2].Rect {
		t.Errorf("got %+v and %+v, want the same place on pages with nothing there", got[0].Rect, got[2].Rect)
	}
	if len(pages[1].Marks) > 0 {
		t.Error("the pages of the caller were changed")
	}
}

func TestOnlyChosenPagesGetInitials(t *testing.T) {
	pages := []placement.Page{page(1), page(2), page(3)}
	got := placement.InitialsOn(pages, []int{1, 3}, 45, 25)
	if len(got) != 2 || got[0].Page != 1 || got[1].Page != 3 {
		t.Errorf("got %+v, want pages 1 and 3", got)
	}
}

func TestInitialsWithoutTheSignAreAskedAtTheRecipients(t *testing.T) {
	p := page(1, line("Nơi nhận:", 100, 300), line("- Như trên;", 105, 287), line("- Lưu: VT.", 103, 274))
	got := placement.Propose([]placement.Page{p}, placement.Initials, placement.Signer{}, 45, 25)
	if got.Sure || got.Why != placement.WhyRecipients {
		t.Errorf("got %+v, want to be asked about the last line of the list", got)
	}
	coversNothing(t, p, got.Rect)
}
