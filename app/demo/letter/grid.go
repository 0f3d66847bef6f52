package letter

const (
	cellSize    = 13.0
	cellStep    = 5.6
	cellPadding = 1.4
	gridStroke  = 0.2
)

// grid sets a table; its header row is repeated on each page that it reaches.
func (c *composer) grid(b Block) {
	t := table{widths: columns(b), middle: short(b.Table)}
	c.room(6 * lineHeight)  // the header never stands alone at the foot of a page
	c.y -= lineHeight - 1.5 // from the baseline to the upper edge
	c.gridRow(b.Table[0], t, true)
	for _, row := range b.Table[1:] {
		if c.y+c.rowHeight(row, t.widths, regular) > pageHeight-bottomMargin {
			c.newSheet()
			c.y -= lineHeight - 1.5
			c.gridRow(b.Table[0], t, true)
		}
		c.gridRow(row, t, false)
	}
	c.y += lineHeight + paraSpacing
}

// table is how a table's columns are set: their widths in millimeters and
// whether their text is centered.
type table struct {
	widths []float64
	middle []bool
}

// short tells the columns that hold only numbers, dates and the like.
func short(rows [][]string) []bool {
	const most = 14 // letters
	middle := make([]bool, len(rows[0]))
	for i := range middle {
		middle[i] = true
		for _, row := range rows[1:] {
			middle[i] = middle[i] && len([]rune(row[i])) <= most
		}
	}
	return middle
}

// columns gives the widths of the columns in millimeters.
func columns(b Block) []float64 {
	sum := 0.0
	for _, w := range b.Widths {
		sum += w
	}
	widths := make([]float64, len(b.Widths))
	for i, w := range b.Widths {
		widths[i] = w / sum * textWidth
	}
	return widths
}

func (c *composer) cell(text string, s style, width float64) []string {
	return c.face.wrap(text, s, cellSize, width-2*cellPadding, 0)
}

func (c *composer) rowHeight(row []string, widths []float64, s style) float64 {
	most := 1
	for i, text := range row {
		most = max(most, len(c.cell(text, s, widths[i])))
	}
	return float64(most)*cellStep + 2*cellPadding
}

// gridRow sets one row with its borders. The header is bold and centered.
func (c *composer) gridRow(row []string, t table, header bool) {
	s := regular
	if header {
		s = bold
	}
	height := c.rowHeight(row, t.widths, s)
	x := leftMargin
	for i, text := range row {
		c.box(x, c.y, t.widths[i], height)
		lines := c.cell(text, s, t.widths[i])
		y := c.y + (height-float64(len(lines))*cellStep)/2 + 4.2
		for _, line := range lines {
			if header || t.middle[i] {
				c.centered(line, s, cellSize, x+t.widths[i]/2, y)
			} else {
				c.put(line, s, cellSize, x+cellPadding, y)
			}
			y += cellStep
		}
		x += t.widths[i]
	}
	c.y += height
}

func (c *composer) box(x, y, w, h float64) {
	c.sheet().strokes = append(c.sheet().strokes,
		stroke{x, y, x + w, y, gridStroke}, stroke{x, y + h, x + w, y + h, gridStroke},
		stroke{x, y, x, y + h, gridStroke}, stroke{x + w, y, x + w, y + h, gridStroke})
}
