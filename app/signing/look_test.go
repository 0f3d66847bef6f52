package signing_test

import (
	"context"
	"image"
	"image/color"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kyso/app/docsys"
	"kyso/app/placement"
	"kyso/app/signing"
	"kyso/assets"
	"kyso/signer/cert"
	"kyso/signer/token"
	"kyso/signer/token/tokentest"
)

// block is an image of so many pixels, all of one colour.
func block(w, h int, c color.Color) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, c)
		}
	}
	return m
}

func TestTheLookOfAMark(t *testing.T) {
	agency := docsys.MarkTemplates{Templates: []docsys.MarkTemplate{
		{Role: docsys.TemplateSigner, Picture: true, Width: 60, Height: 20},
		{Role: docsys.TemplateKT, Picture: true, Locked: true, Width: 40, Height: 20, Lines: []string{"holder"}},
		{Role: docsys.TemplateInitials, Locked: true, Width: 20, Height: 6, Lines: []string{"holder", "title"}, Text: "Đã rà soát"},
		{Role: docsys.TemplateSeal, Picture: true, Locked: true, Width: 38, Height: 38},
		{Role: docsys.TemplateCopy, Width: 70, Height: 12},
	}}
	free := docsys.MarkTemplates{Templates: []docsys.MarkTemplate{
		{Role: docsys.TemplateInitials, Width: 20, Height: 6, Lines: []string{"holder"}},
		{Role: docsys.TemplateSeal, Picture: true, Width: 38, Height: 38},
	}}
	picture, seal := block(400, 100, color.NRGBA{B: 200, A: 255}), block(300, 300, color.NRGBA{R: 200, A: 255})
	holder := cert.Subject{Name: "Phạm Quốc Bảo", Title: "Phó Chủ tịch", Unit: "UBND phường Kim Liên"}
	at := time.Date(2026, 11, 25, 1, 2, 3, 0, time.UTC)
	for name, c := range map[string]struct {
		templates docsys.MarkTemplates
		role      placement.Role
		form      string
		choice    signing.Choice
		// width and height in millimetres
		width, height  float64
		picture        bool
		locked, unused bool
		lines          []string
	}{
		"nothing is set, a picture":                  {docsys.MarkTemplates{}, placement.Approval, "self", signing.Choice{Picture: picture}, 50, 12.5, true, false, false, nil},
		"nothing is set, no picture":                 {docsys.MarkTemplates{}, placement.Approval, "self", signing.Choice{}, 50, 22, false, false, false, signing.TextMark(holder, at)},
		"nothing is set, initials without a picture": {docsys.MarkTemplates{}, placement.Initials, "self", signing.Choice{}, 16, 9, false, false, false, []string{"Phạm Quốc Bảo"}},
		"the head":                   {agency, placement.Approval, "self", signing.Choice{Picture: picture}, 60, 15, true, false, false, nil},
		"a deputy":                   {agency, placement.Approval, "KT", signing.Choice{Picture: picture}, 40, 10, true, true, false, nil},
		"a deputy without a picture": {agency, placement.Approval, "KT", signing.Choice{}, 40, 20, false, true, false, []string{"Phạm Quốc Bảo"}},
		"a form without a template has that of the head": {agency, placement.Approval, "TUQ", signing.Choice{Picture: picture}, 60, 15, true, false, false, nil},
		"initials as text, whatever picture there is":    {agency, placement.Initials, "KT", signing.Choice{Picture: picture}, 20, 6, false, true, true, []string{"Đã rà soát", "Phạm Quốc Bảo", "Phó Chủ tịch"}},
		"initials as text that are free":                 {free, placement.Initials, "self", signing.Choice{Picture: picture}, 20, 5, true, false, false, nil},
		"initials as text that are free, no picture":     {free, placement.Initials, "self", signing.Choice{}, 20, 6, false, false, false, []string{"Phạm Quốc Bảo"}},
		"the seal": {agency, placement.Seal, "self", signing.Choice{Picture: seal}, 38, 38, true, true, false, nil},
		"a diameter that the agency does not want": {agency, placement.Seal, "self", signing.Choice{Picture: seal, Diameter: 42}, 38, 38, true, true, true, nil},
		"a diameter that is free":                  {free, placement.Seal, "self", signing.Choice{Picture: seal, Diameter: 42}, 42, 42, true, false, false, nil},
		"a seal of which nothing is set":           {docsys.MarkTemplates{}, placement.Seal, "self", signing.Choice{Picture: seal}, 36, 36, true, false, false, nil},
		"a copy has no picture":                    {agency, placement.Copy, "self", signing.Choice{Picture: picture}, 70, 12, false, false, true, signing.TextMark(holder, at)},
		"an annex of which nothing is set":         {agency, placement.Appendix, "self", signing.Choice{}, 50, 22, false, false, false, signing.TextMark(holder, at)},
	} {
		t.Run(name, func(t *testing.T) {
			l := signing.LookOf(c.templates, c.role, c.form, c.choice)
			w, h := l.Size()
			const mm = 72 / 25.4
			if math.Abs(w/mm-c.width) > 1e-9 || math.Abs(h/mm-c.height) > 1e-9 {
				t.Errorf("got %.2f × %.2f mm, want %g × %g", w/mm, h/mm, c.width, c.height)
			}
			if got := l.Picture != nil; got != c.picture || l.Locked != c.locked || l.Unused != c.unused {
				t.Errorf("got picture %v, locked %v, unused %v", got, l.Locked, l.Unused)
			}
			if diff := cmp.Diff(c.lines, l.Lines(holder, at)); diff != "" {
				t.Error(diff)
			}
			if c.role == placement.Seal && math.Abs(l.Diameter()-c.width) > 1e-9 {
				t.Errorf("diameter %g, want %g", l.Diameter(), c.width)
			}
			if c.role == placement.Appendix || c.role == placement.Copy {
				return // their lines are those of their block
			}
			j := l.Dress(signing.Job{Role: c.role, Page: 1, Time: at}).Dressed(holder)
			if diff := cmp.Diff(c.lines, j.Lines); diff != "" {
				t.Errorf("what is signed differs: %s", diff)
			}
		})
	}
}

func TestAPictureIsAsTransparentAsTheAgencyWantsIt(t *testing.T) {
	all := docsys.MarkTemplates{Templates: []docsys.MarkTemplate{{Role: docsys.TemplateInitials, Picture: true, Width: 16, Height: 9, Opacity: 60}}}
	m := signing.LookOf(all, placement.Initials, "", signing.Choice{Picture: block(4, 2, color.NRGBA{B: 200, A: 200})}).Picture
	if got, want := color.NRGBAModel.Convert(m.At(1, 1)), (color.NRGBA{B: 200, A: 120}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestABlockSaysWhatTheDecreeWantsWhateverTheTemplate(t *testing.T) {
	holder := cert.Subject{Name: "Ủy ban nhân dân phường Kim Liên", Title: "", Unit: "Ủy ban nhân dân phường Kim Liên"}
	at := time.Date(2026, 11, 25, 1, 2, 3, 0, time.UTC)
	const stamp = "2026-11-25T08:02:03+07:00"
	for name, c := range map[string]struct {
		block    signing.Block
		template *docsys.MarkTemplate
		want     []string
	}{
		"an annex":                         {signing.Block{Role: placement.Appendix, Text: "12/QĐ-UBND"}, nil, []string{"12/QĐ-UBND", stamp}},
		"an annex with the unit":           {signing.Block{Role: placement.Appendix, Text: "12/QĐ-UBND"}, &docsys.MarkTemplate{Lines: []string{"time", "unit", "holder"}}, []string{"12/QĐ-UBND", holder.Unit, stamp}},
		"an annex with a text":             {signing.Block{Role: placement.Appendix, Text: "12/QĐ-UBND"}, &docsys.MarkTemplate{Text: "PHỤ LỤC"}, []string{"PHỤ LỤC", "12/QĐ-UBND", stamp}},
		"a copy":                           {signing.Block{Role: placement.Copy, Text: "SAO Y", Agency: holder.Unit}, &docsys.MarkTemplate{}, []string{"SAO Y; " + holder.Unit, stamp}},
		"a copy says its agency once":      {signing.Block{Role: placement.Copy, Text: "SAO Y", Agency: holder.Unit}, &docsys.MarkTemplate{Lines: []string{"unit"}}, []string{"SAO Y; " + holder.Unit, stamp}},
		"a copy says its form once":        {signing.Block{Role: placement.Copy, Text: "SAO Y", Agency: holder.Unit}, &docsys.MarkTemplate{Text: "SAO Y"}, []string{"SAO Y; " + holder.Unit, stamp}},
		"another form than the template's": {signing.Block{Role: placement.Copy, Text: "TRÍCH SAO", Agency: holder.Unit}, &docsys.MarkTemplate{Text: "BẢN ĐIỆN TỬ"}, []string{"BẢN ĐIỆN TỬ", "TRÍCH SAO; " + holder.Unit, stamp}},
	} {
		t.Run(name, func(t *testing.T) {
			j := signing.Job{Role: c.block.Role, Page: 1, Time: at, Block: &c.block, Template: c.template}
			if diff := cmp.Diff(c.want, j.Dressed(holder).Lines); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnUnfinishedBatchKeepsHowItsMarksLook(t *testing.T) {
	t.Parallel()
	f := tokentest.NewFake(holder(t, authority(t), "Trần Minh Khôi"))
	f.OnSign = func(_ context.Context, n int) error {
		if n > 1 {
			return &token.Error{Kind: token.KindCrashed, Op: "sign"}
		}
		return nil
	}
	l := newLanes(t, f)
	all := l.documents(4)
	initials := &docsys.MarkTemplate{Role: docsys.TemplateInitials, Width: 20, Height: 6, Lines: []string{"holder"}, Text: "Đã rà soát"}
	annex := &docsys.MarkTemplate{Role: docsys.TemplateAppendix, Width: 70, Height: 12, Lines: []string{"unit"}}
	at := placement.Rect{X: 60, Y: 60, W: 57, H: 18}
	for i := range all {
		j := &all[i].Job
		if i%2 == 0 {
			j.Image, j.Role, j.Template = nil, placement.Initials, initials
			j.Also = []signing.Mark{{Page: 1, Rect: at, Template: initials}}
			continue
		}
		j.Image, j.Role, j.Template = nil, placement.Appendix, annex
		j.Block = &signing.Block{Role: placement.Appendix, Text: "12/QĐ-UBND", Font: assets.SerifRegular()}
	}
	l.run(all)
	kept, err := signing.NewDesk(l.config).Unfinished()
	if err != nil || len(kept) != 1 || len(kept[0].Left) < 2 {
		t.Fatalf("it is kept as %+v, %v", kept, err)
	}
	for _, j := range kept[0].Left {
		j.Time = time.Date(2026, 11, 25, 1, 2, 3, 0, time.UTC)
		want := []string{"12/QĐ-UBND", "UBND phường Kim Liên", "2026-11-25T08:02:03+07:00"}
		if j.Role == placement.Initials {
			want = []string{"Đã rà soát", "Trần Minh Khôi"}
		}
		got := j.Dressed(cert.Subject{Name: "Trần Minh Khôi", Unit: "UBND phường Kim Liên"})
		if diff := cmp.Diff(want, got.Lines); diff != "" {
			t.Errorf("%s: %s", j.Role, diff)
		}
		if j.Role == placement.Initials && (len(got.Also) != 1 || !cmp.Equal(got.Also[0].Lines, want)) {
			t.Errorf("the other marks are %+v", got.Also)
		}
	}
}
