package letter

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Measures of the text, in millimeters and points.
const (
	bodySize    = 14.0
	lineHeight  = 6.3
	paraSpacing = 2.1
	firstIndent = 12.7
	signGap     = 30.0 // between title and name: room for the signature
)

// composer sets one letter. It belongs to one goroutine.
type composer struct {
	letter Letter
	face   *typeface
	sheets []sheet
	y      float64 // baseline of the next line on the last sheet
	end    Spot
}

// Compose sets the letter. The same letter gives the same paper.
func Compose(l Letter) (*Paper, error) {
	face, err := newTypeface()
	if err != nil {
		return nil, err
	}
	c := &composer{letter: l, face: face}
	c.newSheet()
	switch {
	case l.Annex:
		c.annexHead()
	case l.Kind != "":
		c.head()
		c.kindTitle()
	default:
		c.head()
		c.addressees()
	}
	for i, block := range l.Body {
		c.block(block, i == len(l.Body)-1)
	}
	if !l.Annex {
		c.signing()
	}
	return &Paper{letter: l, face: face, sheets: c.sheets, end: c.end}, nil
}

// newSheet begins a page; from the second on it carries its number at the top.
func (c *composer) newSheet() {
	c.sheets = append(c.sheets, sheet{})
	c.y = topMargin + 5
	if n := len(c.sheets); n > 1 {
		c.centered(strconv.Itoa(n), regular, 13, pageWidth/2+(leftMargin-rightMargin)/2, 13)
	}
}

// room begins a page when the next height millimeters do not fit on this one.
func (c *composer) room(height float64) {
	if c.y+height > pageHeight-bottomMargin {
		c.newSheet()
	}
}

func (c *composer) sheet() *sheet { return &c.sheets[len(c.sheets)-1] }

func (c *composer) put(text string, s style, size, x, y float64) {
	c.sheet().runs = append(c.sheet().runs, run{x: x, y: y, text: text, style: s, size: size})
}

func (c *composer) centered(text string, s style, size, middle, y float64) {
	c.put(text, s, size, middle-c.face.width(text, s, size)/2, y)
}

func (c *composer) rule(middle, y, length float64) {
	c.sheet().strokes = append(c.sheet().strokes, stroke{middle - length/2, y, middle + length/2, y, 0.25})
}

// head sets the four corners above the text: agency and national title, number
// and date (NĐ 30/2020, Annex I, part I, section II, points 1 to 4).
func (c *composer) head() {
	const left, right, step = leftMargin + 37, pageWidth - rightMargin - 44.4, 5.4
	l := c.letter
	top := c.y

	c.centered("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold, 12, right, top)
	motto := "Độc lập - Tự do - Hạnh phúc"
	c.centered(motto, bold, 13, right, top+step)
	c.rule(right, top+step+1.6, c.face.width(motto, bold, 13))

	y := top
	c.centered(l.Superior, regular, 12, left, y)
	for _, line := range l.Agency {
		y += step
		c.centered(line, bold, 12, left, y)
	}
	c.rule(left, y+1.6, c.face.width(l.Agency[len(l.Agency)-1], bold, 12)/2)

	y += 8.6
	c.centered("Số: "+l.Symbol(), regular, 13, left, y)
	c.centered(l.Place+", "+LongDate(l.Date, l.Number == ""), italic, 13, right, y)
	if l.Kind == "" {
		for _, line := range c.face.balance("V/v "+l.Subject, regular, 12, 70) {
			y += 5.2
			c.centered(line, regular, 12, left, y)
		}
	}
	c.y = y + 11
}

// LongDate spells a date as documents do: days below 10 and the months 1 and 2
// get a leading zero (NĐ 30/2020, Annex I, part I, section II, point 4). A
// document without a number has a blank for the day.
func LongDate(t time.Time, open bool) string {
	day, month := fmt.Sprintf("%02d", t.Day()), strconv.Itoa(int(t.Month()))
	if open {
		day = "    "
	}
	if t.Month() <= time.February {
		month = "0" + month
	}
	return fmt.Sprintf("ngày %s tháng %s năm %d", day, month, t.Year())
}

func (c *composer) addressees() {
	to := c.letter.To
	middle := leftMargin + textWidth/2
	if len(to) == 1 {
		lines := c.face.balance("Kính gửi: "+to[0], regular, bodySize, textWidth-20)
		for _, line := range lines {
			c.centered(line, regular, bodySize, middle, c.y)
			c.y += lineHeight
		}
		c.y += paraSpacing + 1.5
		return
	}
	const x = leftMargin + 18
	c.put("Kính gửi:", regular, bodySize, x, c.y)
	hang := x + c.face.width("Kính gửi: ", regular, bodySize)
	for i, name := range to {
		stop := ";"
		if i == len(to)-1 {
			stop = "."
		}
		c.y += lineHeight
		c.put("- "+name+stop, regular, bodySize, hang, c.y)
	}
	c.y += lineHeight + paraSpacing + 1.5
}

func (c *composer) kindTitle() {
	middle := leftMargin + textWidth/2
	c.centered(strings.ToUpper(c.letter.Kind), bold, bodySize, middle, c.y)
	c.y += lineHeight
	c.titleLines(middle)
}

func (c *composer) annexHead() {
	middle := leftMargin + textWidth/2
	c.centered(c.letter.Kind, bold, bodySize, middle, c.y)
	c.y += lineHeight
	for _, line := range c.face.balance(strings.ToUpper(c.letter.Subject), bold, bodySize, textWidth-10) {
		c.centered(line, bold, bodySize, middle, c.y)
		c.y += lineHeight
	}
	for _, line := range c.face.balance(c.letter.Reference, italic, bodySize, textWidth-10) {
		c.centered(line, italic, bodySize, middle, c.y)
		c.y += lineHeight
	}
	c.rule(middle, c.y-lineHeight+2.2, 45)
	c.y += 5
}

// titleLines sets the abstract under the name of the kind, with its stroke.
func (c *composer) titleLines(middle float64) {
	lines := c.face.balance(c.letter.Subject, bold, bodySize, textWidth-26)
	for _, line := range lines {
		c.centered(line, bold, bodySize, middle, c.y)
		c.y += lineHeight
	}
	length := c.face.width(lines[len(lines)-1], bold, bodySize) / 2
	c.rule(middle, c.y-lineHeight+2.2, min(length, 60))
	c.y += 4.5
}
