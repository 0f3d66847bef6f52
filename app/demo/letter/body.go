package letter

import "strings"

func (c *composer) block(b Block, last bool) {
	switch b.Kind {
	case Grid:
		c.grid(b)
	case Heading:
		c.room(3 * lineHeight) // a heading never ends a page
		c.paragraph(b.Text, bold, false)
	case Basis:
		c.paragraph(b.Text, italic, false)
	default:
		c.paragraph(b.Text, regular, last)
	}
}

// paragraph sets justified text with a first-line indent. The last paragraph
// of the body tells where the content ends.
func (c *composer) paragraph(text string, s style, last bool) {
	lines := c.face.wrap(text, s, bodySize, textWidth, firstIndent)
	if len(lines) > 1 {
		c.room(lineHeight) // no single first line at the foot of a page
	}
	for i, line := range lines {
		c.room(0)
		x := leftMargin
		if i == 0 {
			x += firstIndent
		}
		if i < len(lines)-1 {
			c.justified(line, s, x)
		} else {
			c.put(line, s, bodySize, x, c.y)
			if last {
				c.markEnd(x + c.face.width(line, s, bodySize))
			}
		}
		c.y += lineHeight
	}
	c.y += paraSpacing
}

func (c *composer) markEnd(x float64) {
	c.end = Spot{Page: len(c.sheets), X: x / millimeter, Y: (pageHeight - c.y) / millimeter}
}

// justified spreads the words of a line up to the right margin. Each word keeps
// the space behind it, so that the text reads right when it is extracted.
func (c *composer) justified(line string, s style, x float64) {
	words := strings.Fields(line)
	spare := leftMargin + textWidth - x - c.face.width(line, s, bodySize)
	gap := spare / float64(max(1, len(words)-1))
	for i, word := range words {
		if i < len(words)-1 {
			word += " "
		}
		c.put(word, s, bodySize, x, c.y)
		x += c.face.width(word, s, bodySize) + gap
	}
}

// signing sets "Nơi nhận" on the left, title and name on the right, on one page.
func (c *composer) signing() {
	const listSize, listStep = 11.0, 4.9
	l := c.letter
	capacity := float64(len(l.Capacity)) * lineHeight
	height := max(capacity+signGap+lineHeight, lineHeight+float64(len(l.Recipients))*listStep)
	c.y += 2
	c.room(height - lineHeight)

	y := c.y
	c.put("Nơi nhận:", boldItalic, 12, leftMargin, y)
	for _, name := range l.Recipients {
		for _, line := range c.face.wrap("- "+name, regular, listSize, 74, 0) {
			y += listStep
			c.put(line, regular, listSize, leftMargin, y)
		}
	}

	const middle = leftMargin + textWidth*0.75
	y = c.y
	for _, line := range l.Capacity {
		c.centered(line, bold, bodySize, middle, y)
		y += lineHeight
	}
	c.centered(l.Signer, bold, bodySize, middle, y+signGap)
	c.y += height
}
