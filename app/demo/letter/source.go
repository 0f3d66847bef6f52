package letter

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Parse reads a letter from its source and puts in the dates relative to today.
//
// The source has "key: value" lines, a line "---", then the body: a line is a
// paragraph; "# " begins a heading, "~ " a legal basis; lines that begin with
// "|" are a table, the first one "|5|30|20|" with the relative widths of the
// columns. In all of it "{date-3}" stands for dd/MM/yyyy of three days before
// today, "{day+4}" for "ngày 05 tháng 4 năm 2026", "{year-1}" for a year and
// "{month}" for the month's number.
func Parse(source string, today time.Time) (Letter, error) {
	head, body, found := strings.Cut(dated(source, today), "\n---\n")
	if !found {
		return Letter{}, fmt.Errorf("letter: no line %q between head and body", "---")
	}
	var l Letter
	for number, line := range strings.Split(head, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		key, value, _ := strings.Cut(line, ":")
		if err := l.set(key, strings.TrimSpace(value), today); err != nil {
			return Letter{}, fmt.Errorf("letter: line %d: %w", number+1, err)
		}
	}
	blocks, err := parseBody(body)
	if err != nil {
		return Letter{}, err
	}
	l.Body = blocks
	return l, nil
}

// set enters one line of the head.
func (l *Letter) set(key, value string, today time.Time) error {
	texts := map[string]*string{
		"superior": &l.Superior, "number": &l.Number, "notation": &l.Notation, "place": &l.Place,
		"kind": &l.Kind, "subject": &l.Subject, "signer": &l.Signer, "reference": &l.Reference,
	}
	lists := map[string]*[]string{
		"agency": &l.Agency, "to": &l.To, "capacity": &l.Capacity, "recipient": &l.Recipients,
	}
	switch {
	case texts[key] != nil:
		*texts[key] = value
	case lists[key] != nil:
		*lists[key] = append(*lists[key], value)
	case key == "annex":
		l.Annex = value == "yes"
	case key == "date":
		days, err := strconv.Atoi(value)
		if err != nil {
			return fmt.Errorf("date %q: want days from today", value)
		}
		l.Date = today.AddDate(0, 0, days)
	default:
		return fmt.Errorf("unknown key %q", key)
	}
	return nil
}

func parseBody(body string) ([]Block, error) {
	var blocks []Block
	for line := range strings.SplitSeq(body, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if !strings.HasPrefix(line, "|") {
			blocks = append(blocks, textBlock(line))
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if n := len(blocks); n > 0 && blocks[n-1].Kind == Grid {
			if len(cells) != len(blocks[n-1].Widths) {
				return nil, fmt.Errorf("letter: row %q: %d cells, want %d", line, len(cells), len(blocks[n-1].Widths))
			}
			blocks[n-1].Table = append(blocks[n-1].Table, cells)
			continue
		}
		widths, err := parseWidths(cells)
		if err != nil {
			return nil, err
		}
		blocks = append(blocks, Block{Kind: Grid, Widths: widths})
	}
	return blocks, nil
}

func textBlock(line string) Block {
	if text, ok := strings.CutPrefix(line, "# "); ok {
		return Block{Kind: Heading, Text: text}
	}
	if text, ok := strings.CutPrefix(line, "~ "); ok {
		return Block{Kind: Basis, Text: text}
	}
	return Block{Kind: Paragraph, Text: line}
}

func parseWidths(cells []string) ([]float64, error) {
	widths := make([]float64, len(cells))
	for i, cell := range cells {
		w, err := strconv.ParseFloat(cell, 64)
		if err != nil || w <= 0 {
			return nil, fmt.Errorf("letter: column width %q: want a positive number", cell)
		}
		widths[i] = w
	}
	return widths, nil
}

// dated puts dates for their places in the source.
func dated(source string, today time.Time) string {
	place := regexp.MustCompile(`\{(date|day|month|year)([+-]\d+)?\}`)
	return place.ReplaceAllStringFunc(source, func(found string) string {
		parts := place.FindStringSubmatch(found)
		n, _ := strconv.Atoi(parts[2]) // empty means 0; else the pattern holds
		switch parts[1] {
		case "date":
			return today.AddDate(0, 0, n).Format("02/01/2006")
		case "day":
			return LongDate(today.AddDate(0, 0, n), false)
		case "month":
			return strconv.Itoa(int(today.Month()))
		default:
			return strconv.Itoa(today.Year() + n)
		}
	})
}
