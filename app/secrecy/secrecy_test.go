package secrecy_test

import (
	"errors"
	"strings"
	"testing"

	"kyso/app/placement"
	"kyso/app/secrecy"
)

// Where a line stands on an A4 page.
type place struct {
	page int
	x, y float64 // lower left corner, points
}

var (
	belowNumber  = place{1, 110, 720} // box 10a
	topRight     = place{1, 470, 800}
	topMiddle    = place{1, 280, 815}
	title        = place{1, 240, 660}
	body         = place{1, 85, 300}
	foot         = place{1, 280, 30}
	laterPage    = place{3, 110, 720}
	laterPageEnd = place{3, 300, 100}
)

// written makes pages of a letter with one more line.
func written(at place, text string, more ...placement.Line) []placement.Page {
	pages := make([]placement.Page, at.page)
	for n := range pages {
		pages[n] = placement.Page{Number: n + 1, W: 595, H: 842}
	}
	pages[0].Lines = append([]placement.Line{
		line(place{1, 90, 790}, "ỦY BAN NHÂN DÂN"), line(place{1, 95, 775}, "PHƯỜNG KIM LIÊN"), line(place{1, 100, 745}, "Số: 12/BC-UBND"),
		line(place{1, 320, 790}, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"), line(place{1, 340, 745}, "Kim Liên, ngày 20 tháng 11 năm 2026"),
	}, more...)
	pages[at.page-1].Lines = append(pages[at.page-1].Lines, line(at, text))
	return pages
}

func line(at place, text string) placement.Line {
	return placement.Line{Text: text, Rect: placement.Rect{X: at.x, Y: at.y, W: 7 * float64(len([]rune(text))), H: 13}}
}

func TestMarksInPlaceAndFormAreSure(t *testing.T) {
	cases := map[string]struct {
		at   place
		text string
		want secrecy.Level
	}{
		"secret":                          {belowNumber, "MẬT", secrecy.Mat},
		"top secret":                      {belowNumber, "TỐI MẬT", secrecy.ToiMat},
		"of the highest grade":            {belowNumber, "TUYỆT MẬT", secrecy.TuyetMat},
		"spaced out":                      {belowNumber, "M Ậ T", secrecy.Mat},
		"in decomposed Unicode":           {belowNumber, "MA\u0323\u0302T", secrecy.Mat},
		"in a typed frame":                {belowNumber, "| TỐI MẬT |", secrecy.ToiMat},
		"in brackets":                     {belowNumber, "[MẬT]", secrecy.Mat},
		"in a drawn frame":                {belowNumber, "║ TUYỆT MẬT ║", secrecy.TuyetMat},
		"in TCVN3":                        {belowNumber, "Tèi mËt", secrecy.ToiMat},
		"in VNI":                          {belowNumber, "TUYEÄT MAÄT", secrecy.TuyetMat},
		"with the date on the same line":  {belowNumber, "MẬT Hà Nội, ngày 20 tháng 11 năm 2026", secrecy.Mat},
		"as a label":                      {belowNumber, "Độ mật: Tối mật", secrecy.ToiMat},
		"as a label in capitals":          {topRight, "ĐỘ MẬT: MẬT", secrecy.Mat},
		"as a label that names the grade": {body, "Mức độ mật: TUYỆT MẬT", secrecy.TuyetMat},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := secrecy.Look(written(c.at, c.text))
			if got.Level != c.want || !got.Sure || got.Page != 1 || got.Rect.W == 0 {
				t.Errorf("got %+v, want %s for sure", got, c.want)
			}
			var e *secrecy.Error
			if !errors.As(got.Err(true), &e) || e.ExplainCode() != "secret" {
				t.Errorf("the person's word opened it: %v", got.Err(true))
			}
		})
	}
}

func TestWhatLooksLikeAMarkIsAQuestion(t *testing.T) {
	cases := map[string]struct {
		at   place
		text string
		want secrecy.Level
	}{
		"a stamp at the right":             {topRight, "MẬT", secrecy.Mat},
		"a running header":                 {topMiddle, "TUYỆT MẬT", secrecy.TuyetMat},
		"a running foot":                   {foot, "MẬT", secrecy.Mat},
		"a word of its own in the text":    {body, "TỐI MẬT", secrecy.ToiMat},
		"a mark on an appendix":            {laterPage, "MẬT", secrecy.Mat},
		"small letters in the place":       {belowNumber, "Mật", secrecy.Mat},
		"small letters of a high grade":    {body, "Tối mật", secrecy.ToiMat},
		"accents lost in the place":        {belowNumber, "MAT", secrecy.Mat},
		"accents lost, a high grade":       {body, "TUYET MAT", secrecy.TuyetMat},
		"a kind of paper":                  {title, "VĂN BẢN MẬT", secrecy.Mat},
		"a secret telegram":                {title, "ĐIỆN MẬT", secrecy.Mat},
		"in brackets behind a subject":     {title, "V/v bố trí lực lượng (Tối mật)", secrecy.ToiMat},
		"a label on a later page":          {laterPage, "Độ mật: Mật", secrecy.Mat},
		"a label whose value lost accents": {body, "Độ mật: TOI MAT", secrecy.ToiMat},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := secrecy.Look(written(c.at, c.text))
			if got.Level != c.want || !got.Doubtful() {
				t.Errorf("got %+v, want a doubt about %s", got, c.want)
			}
			var e *secrecy.Error
			if !errors.As(got.Err(false), &e) || e.ExplainCode() != "secret-doubt" || got.Err(true) != nil {
				t.Errorf("it should be a question: %v, %v", got.Err(false), got.Err(true))
			}
		})
	}
}

func TestHarmlessTwins(t *testing.T) {
	cases := map[string]struct {
		at   place
		text string
	}{
		"information security":        {title, "V/v bảo đảm an toàn, bảo mật thông tin"},
		"in capitals":                 {title, "KẾ HOẠCH BẢO MẬT THÔNG TIN"},
		"security alone":              {belowNumber, "BẢO MẬT"},
		"density":                     {body, "Mật độ dân số của phường là 21.000 người/km²."},
		"density in a heading":        {title, "MẬT ĐỘ XÂY DỰNG"},
		"honey":                       {title, "VỀ VIỆC NUÔI ONG LẤY MẬT ONG"},
		"state secrets as a subject":  {title, "V/v phổ biến Luật Bảo vệ bí mật nhà nước"},
		"grades in running text":      {body, "Tài liệu Tuyệt mật, Tối mật và Mật phải được quản lý riêng."},
		"grades in capitals in text":  {body, "không soạn thảo văn bản MẬT, TỐI MẬT trên máy tính nối mạng"},
		"a cell of a table":           {laterPageEnd, "Mật"},
		"the end of a broken line":    {belowNumber, "mật"},
		"a password":                  {body, "Mật khẩu"},
		"a code":                      {title, "MẬT MÃ"},
		"a label that says no":        {belowNumber, "Độ mật: Không"},
		"a label that is empty":       {belowNumber, "Độ mật:"},
		"urgent":                      {belowNumber, "HỎA TỐC"},
		"declassified only":           {belowNumber, "GIẢI MẬT"},
		"a French word without marks": {body, "MAT"},
		"close to":                    {body, "thân mật"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := secrecy.Look(written(c.at, c.text)); got.Level != secrecy.None || got.Err(false) != nil {
				t.Errorf("got %+v, want nothing", got)
			}
		})
	}
}

func TestNeighboursDecide(t *testing.T) {
	over := func(text string) placement.Line { return line(place{1, 110, 736}, text) }
	cases := map[string]struct {
		pages []placement.Page
		want  secrecy.Level
		sure  bool
	}{
		"a heading that goes on":           {written(belowNumber, "MẬT", over("VỀ TĂNG CƯỜNG CÔNG TÁC BẢO")), secrecy.Mat, false},
		"a subject above it":               {written(belowNumber, "MẬT", over("V/v bố trí lực lượng")), secrecy.Mat, true},
		"a label in a column of its own":   {written(place{1, 180, 720}, "Tối mật", line(belowNumber, "Độ mật:")), secrecy.ToiMat, true},
		"declassified":                     {written(belowNumber, "MẬT", line(place{1, 110, 690}, "GIẢI MẬT")), secrecy.Mat, false},
		"the gravest of several":           {written(belowNumber, "MẬT", line(place{1, 400, 100}, "TUYỆT MẬT")), secrecy.Mat, true},
		"a mark and words about secrecy":   {written(belowNumber, "TỐI MẬT", line(body, "bảo mật")), secrecy.ToiMat, true},
		"nothing but words about a secret": {written(body, "bí mật nhà nước", line(place{1, 85, 320}, "MẬT ĐỘ")), secrecy.None, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := secrecy.Look(c.pages); got.Level != c.want || got.Sure != c.sure {
				t.Errorf("got %+v, want %s, sure %v", got, c.want, c.sure)
			}
		})
	}
}

func TestAScanIsBlind(t *testing.T) {
	if got := secrecy.Look([]placement.Page{{Number: 1, W: 595, H: 842}}); !got.Blind || got.Level != secrecy.None {
		t.Errorf("got %+v", got)
	}
	if got := secrecy.Look(written(body, "văn bản thường")); got.Blind {
		t.Errorf("got %+v", got)
	}
}

func TestMetadata(t *testing.T) {
	cases := map[string]struct {
		mark string
		want secrecy.Level
		sure bool
	}{
		"none": {"none", secrecy.None, false}, "empty": {"", secrecy.None, false}, "Thường": {"Thường", secrecy.None, false},
		"mat": {"mat", secrecy.Mat, true}, "Mật": {"Mật", secrecy.Mat, true}, "toi_mat": {"toi_mat", secrecy.ToiMat, true},
		"TUYỆT MẬT": {"TUYỆT MẬT", secrecy.TuyetMat, true}, "tuyet-mat": {"tuyet-mat", secrecy.TuyetMat, true},
		"a word nobody knows": {"hạn chế", secrecy.Mat, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := secrecy.Declared(c.mark); got.Level != c.want || got.Sure != c.sure {
				t.Errorf("got %+v", got)
			}
		})
	}
	if got := secrecy.InSubject("Về việc bố trí (Mật)"); got.Level != secrecy.Mat || got.Sure {
		t.Errorf("a mark behind the subject gave %+v", got)
	}
	for _, s := range []string{"Về việc bảo mật (nội bộ)", "Mật độ dân số", "(bảo mật)", "(Mật"} {
		if got := secrecy.InSubject(s); got.Level != secrecy.None {
			t.Errorf("%q gave %+v", s, got)
		}
	}
}

// FuzzLook holds that a text never panics and that a finding carries nothing of
// the document but a mark.
func FuzzLook(f *testing.F) {
	for _, s := range []string{"MẬT", "Độ mật: Tối mật", "V/v (Mật)", "M\u1eac", "ĐIỆN MẬT", "\xff", "MẬT Hà Nội, ngày 1"} {
		f.Add(s, 110.0, 720.0)
	}
	f.Fuzz(func(t *testing.T, text string, x, y float64) {
		got := secrecy.Look([]placement.Page{{Number: 1, W: 595, H: 842, Lines: []placement.Line{line(place{1, x, y}, text)}}})
		if got.Level != secrecy.None && !strings.Contains(strings.ToUpper(got.Mark), "M") {
			t.Errorf("%q gave %+v", text, got)
		}
	})
}
