package placementtest

import (
	"math"
	"math/rand/v2"
	"strings"
	"unicode"
)

// composer sets one letter. It counts y from the bottom, as PDF does.
type composer struct {
	spec   spec
	fonts  [4]*face
	dice   *rand.Rand
	sheets []sheet
	y      float64 // baseline of the next line
	truth  Truth
}

// left and right are the edges of the text.
func (c *composer) left() float64  { return c.spec.margins[3] }
func (c *composer) right() float64 { return c.spec.paper.w - c.spec.margins[1] }

// step is the height of a line of the body.
func (c *composer) step() float64 { return c.spec.size * c.spec.leading }

func (c *composer) sheet() *sheet { return &c.sheets[len(c.sheets)-1] }

// newSheet begins a page.
func (c *composer) newSheet() {
	s := c.spec
	c.sheets = append(c.sheets, sheet{w: s.paper.w, h: s.paper.h, rotate: s.rotate, cropX: s.cropX, cropY: s.cropY})
	c.y = s.paper.h - s.margins[0] - s.size
}

// need begins a page when the next height points do not fit on this one.
func (c *composer) need(height float64) {
	if c.y-height < c.spec.margins[2] {
		c.newSheet()
	}
}

// put sets text with its left end at x on a baseline, and gives its ink.
func (c *composer) put(text string, s style, size, x, y float64) Box {
	r := run{text: text, x: x, y: y, style: s, size: size, stretch: c.spec.stretch}
	c.sheet().runs = append(c.sheet().runs, r)
	return c.ink(r)
}

// ink is the box of the ink of a run on the page, before any skew.
func (c *composer) ink(r run) Box {
	b := c.fonts[r.style].ink(r.text, r.size)
	return Box{r.x + b.X*r.stretch, r.y + b.Y, b.W * r.stretch, b.H}
}

func (c *composer) width(text string, s style, size float64) float64 {
	return c.fonts[s].width(text, size) * c.spec.stretch
}

// centred sets text around a middle.
func (c *composer) centred(text string, s style, size, middle, y float64) Box {
	return c.put(text, s, size, middle-c.width(text, s, size)/2, y)
}

// wrap breaks text into lines no wider than measure.
func (c *composer) wrap(text string, s style, size, measure float64) []string {
	var out []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		longer := strings.TrimSpace(line + " " + word)
		if line != "" && c.width(longer, s, size) > measure {
			out = append(out, line)
			longer = word
		}
		line = longer
	}
	return append(out, line)
}

// head sets what stands above the text: agency, national title, number, date.
func (c *composer) head() {
	s := c.spec
	text := c.right() - c.left()
	small := s.size - 2
	if s.logo {
		c.sheet().pictures = append(c.sheet().pictures, picture{box: Box{c.left(), c.y - 30, 40, 40}})
	}
	lm, rm := c.left()+text*0.24, c.left()+text*0.72
	top := c.y
	c.centred("ỦY BAN NHÂN DÂN QUẬN", regular, small*0.9, lm, top)
	c.centred("PHƯỜNG ĐỐNG ĐA", bold, small*0.9, lm, top-1.3*small)
	c.centred("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold, small*0.9, rm, top)
	c.centred("Độc lập - Tự do - Hạnh phúc", bold, small, rm, top-1.3*small)
	c.sheet().strokes = append(c.sheet().strokes, Box{rm - 60, top - 1.6*small, 120, 0.6}, Box{lm - 30, top - 1.6*small, 60, 0.6})
	c.centred("Số: 118/UBND-VP", regular, small, lm, top-3*small)
	c.centred("Hà Nội, ngày 23 tháng 11 năm 2026", italic, small, rm, top-3*small)
	c.y = top - 5*small
	c.centred("KẾ HOẠCH", bold, s.size, (c.left()+c.right())/2, c.y)
	c.y -= c.step()
	c.centred("Về việc ký số văn bản điện tử", bold, s.size, (c.left()+c.right())/2, c.y)
	c.y -= 1.5 * c.step()
}

// content sets the body; its last line ends in "./.".
func (c *composer) content() {
	for i := range c.spec.body {
		text := sentences[c.dice.IntN(len(sentences))] + " " + sentences[c.dice.IntN(len(sentences))]
		if i == c.spec.body-1 {
			text = strings.TrimRight(text, ",.;") + "./."
		}
		lines := c.wrap(text, regular, c.spec.size, c.right()-c.left())
		for j, line := range lines {
			c.need(0)
			b := c.put(line, regular, c.spec.size, c.left(), c.y)
			if i == c.spec.body-1 && j == len(lines)-1 {
				c.truth.EndPage, c.truth.End = len(c.sheets), b
			}
			c.y -= c.step()
		}
		c.y -= 0.3 * c.step()
		if c.spec.table && i == 0 {
			c.table([]string{"1", "Phòng Nội vụ", "Trưởng phòng", "99,1 %"}, 4)
		}
	}
}

// honours sets a name under a heading, with as much room as for a signature.
func (c *composer) honours() {
	name := c.spec.signers[c.spec.who].name
	if c.spec.stranger {
		name = stranger
	}
	middle := (c.left() + c.right()) / 2
	c.centred("TẶNG GIẤY KHEN CHO", bold, c.spec.size, middle, c.y)
	c.y -= 30 + c.step()
	c.centred("Ông "+name, bold, c.spec.size, middle, c.y)
	c.y -= 2 * c.step()
}

// table sets rows with borders.
func (c *composer) table(row []string, rows int) {
	h := 1.4 * c.step()
	width := (c.right() - c.left()) / float64(len(row))
	for range rows {
		c.need(h)
		for i, cell := range row {
			x := c.left() + float64(i)*width
			c.put(cell, regular, c.spec.size-2, x+4, c.y-4)
			c.sheet().strokes = append(c.sheet().strokes, Box{x, c.y - 8, width, 0.5}, Box{x, c.y - 8, 0.5, h})
		}
		c.y -= h
	}
	c.y -= c.step()
}

// signing sets the signers and the list of recipients.
func (c *composer) signing() {
	s := c.spec
	most, ends := 0, 0
	for i := range s.signers {
		most = max(most, len(c.titleLines(i)))
		ends = max(ends, len(c.nameLines(i)))
	}
	titleHeight := float64(most) * c.step()
	height := titleHeight + s.gap + float64(ends)*c.step()
	c.y -= 0.4 * c.step()
	if !s.parted {
		c.need(height)
	}
	top := c.y
	bottom := top
	for i := range s.signers {
		bottom = math.Min(bottom, c.signer(i, top))
	}
	list := top
	if s.below {
		list = bottom - 1.5*c.step()
	}
	if !s.noList {
		c.list(list)
	}
	c.y = math.Min(bottom, c.y)
}

// column is the middle and the width of a signer's column.
func (c *composer) column(i int) (middle, width float64) {
	text := c.right() - c.left()
	width = text * 0.5
	if len(c.spec.signers) > 1 {
		width = text / float64(len(c.spec.signers))
	}
	return c.left() + text*c.spec.signers[i].place, width
}

// titleLines are the lines above a signer's room, broken to the column.
func (c *composer) titleLines(i int) []string {
	_, width := c.column(i)
	var out []string
	for _, t := range c.spec.signers[i].title {
		if c.spec.lower {
			r := []rune(strings.ToLower(t))
			r[0] = unicode.ToUpper(r[0])
			t = string(r)
		}
		if c.spec.spaced {
			t = strings.TrimSpace(strings.Join(strings.Split(strings.ReplaceAll(t, " ", "  "), ""), " "))
			out = append(out, t)
			continue
		}
		out = append(out, c.wrap(t, bold, c.spec.size, width-12)...)
	}
	if n := c.spec.signers[i].notes; n != "" {
		out = append(out, n)
	}
	return out
}

// nameLines are the lines below a signer's room.
func (c *composer) nameLines(i int) []string {
	_, width := c.column(i)
	s := c.spec.signers[i]
	rank, above := strings.CutSuffix(s.rank, "\n")
	if above {
		return append([]string{rank}, c.wrap(s.name, bold, c.spec.size, width-12)...)
	}
	return c.wrap(s.rank+s.name, bold, c.spec.size, width-12)
}

// signer sets one signer and notes the room between title and name.
func (c *composer) signer(i int, top float64) float64 {
	s := c.spec
	middle, width := c.column(i)
	y := top
	var title, name Box
	for _, line := range c.titleLines(i) {
		st := bold
		if strings.HasPrefix(line, "(") {
			st = italic
		}
		title = c.centred(line, st, s.size, middle, y)
		y -= c.step()
	}
	y -= s.gap - c.step()*0.3
	if s.parted {
		c.newSheet()
		y = c.y
	}
	if s.nameless {
		return y
	}
	for j, line := range c.nameLines(i) {
		if s.capitals {
			line = strings.ToUpper(line)
		}
		b := c.centred(line, bold, s.size, middle, y)
		if j == 0 {
			name = b
		}
		y -= c.step()
	}
	if i == s.who {
		c.truth.Page = len(c.sheets)
		c.truth.Room = Box{middle - width/2, name.Y + name.H, width, title.Y - name.Y - name.H}
	}
	if s.dotted {
		c.centred(strings.Repeat(".", 40), regular, s.size, middle, name.Y+name.H+8)
	}
	if s.framed {
		c.frame(Box{middle - width/2 + 3, y, width - 6, top + c.step() - y})
	}
	if s.signed && i == s.who {
		r := c.truth.Room
		c.sheet().pictures = append(c.sheet().pictures, picture{box: Box{middle - 60, r.Y + 1, 120, r.H - 2}})
	}
	return y
}

// frame draws strokes around a box.
func (c *composer) frame(b Box) {
	c.sheet().strokes = append(c.sheet().strokes, Box{b.X, b.Y, b.W, 0.7}, Box{b.X, b.Y + b.H, b.W, 0.7},
		Box{b.X, b.Y, 0.7, b.H}, Box{b.X + b.W, b.Y, 0.7, b.H})
}

// list sets "Nơi nhận".
func (c *composer) list(y float64) {
	measure := (c.right() - c.left()) * 0.42
	small := math.Max(c.spec.size-3, 8)
	c.put("Nơi nhận:", boldItalic, small+1, c.left(), y)
	for i := range c.spec.recipients {
		text := "- " + lists[(i+c.dice.IntN(2))%len(lists)]
		if i == c.spec.recipients-1 {
			text = "- Lưu: VT, VP."
		}
		for _, line := range c.wrap(text, regular, small, measure) {
			y -= 1.2 * small
			if y < c.spec.margins[2]/2 {
				return
			}
			c.truth.List = c.put(line, regular, small, c.left(), y)
			c.truth.ListPage = len(c.sheets)
		}
	}
	c.y = y
}

// annex sets pages that follow the signed one and carry titles and names of
// their own.
func (c *composer) annex() {
	for i := range c.spec.annex {
		c.newSheet()
		middle := (c.left() + c.right()) / 2
		c.centred("PHỤ LỤC", bold, c.spec.size, middle, c.y)
		c.y -= c.step()
		c.centred("DANH SÁCH NGƯỜI CÓ THẨM QUYỀN KÝ SỐ", bold, c.spec.size, middle, c.y)
		c.y -= c.step()
		c.centred("(Kèm theo Kế hoạch số 118/KH-UBND ngày 23 tháng 11 năm 2026)", italic, c.spec.size, middle, c.y)
		c.y -= 2 * c.step()
		c.table([]string{"STT", "Đơn vị", "CHỨC VỤ", "Họ và tên"}, 1)
		c.y += c.step()
		person := "Nguyễn Văn Mẫu"
		if c.spec.annexTable {
			person = c.spec.signers[c.spec.who].name
		}
		c.table([]string{"1", "UBND phường", "CHỦ TỊCH", person}, 3+i%3)
	}
}
