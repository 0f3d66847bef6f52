package annex

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Duty is one obligation as it counts.
type Duty struct {
	ID               string
	Number, Notation string // empty where the caller may not list the document
	Unit, UnitName   string
	Path             string // codes of the units above it with itself, "H26/H26.13/H26.13.25"
	Kind             string // "approval", "initials", "seal"
	Day, DueOn       string // yyyy-MM-dd
	Status, Reason   string
	Late             bool
	Share            int64 // of the duty that counts for Unit, in millionths
}

// Required reports whether the duty is in the denominator, Fulfilled in the numerator.
func (d Duty) Required() bool { return d.Status != "excluded" }

// Fulfilled says that a valid signature fulfilled the duty.
func (d Duty) Fulfilled() bool { return d.Status == "done" }

// Whole is the share of a duty that counts for one unit alone.
const Whole = 1_000_000

// Lines writes duties as CSV (RFC 4180), in UTF-8 with a byte order mark, so that
// spreadsheets read Vietnamese. Close ends it.
type Lines struct {
	w     *csv.Writer
	fixed []string
}

// Columns are the names in the first line.
func Columns() []string {
	return []string{
		"obligation", "number", "notation", "unit", "unit_name", "path", "kind", "day", "due_on", "status", "late", "reason",
		"required", "fulfilled", "share", "period", "basis", "closed_at", "formula", "log_size", "log_root",
	}
}

// NewLines begins the file of a sheet's period.
func NewLines(w io.Writer, s Sheet) (*Lines, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil, fmt.Errorf("write the duties: %w", err)
	}
	basis, closed := "atTime", ""
	if s.Restated {
		basis = "restated"
	}
	if !s.ClosedAt.IsZero() {
		closed = s.ClosedAt.In(zone()).Format(time.RFC3339)
	}
	l := &Lines{w: csv.NewWriter(w), fixed: []string{s.Period, basis, closed, s.Formula, strconv.FormatInt(s.Size, 10), "sha256:" + s.Root}}
	l.w.UseCRLF = true
	if err := l.w.Write(Columns()); err != nil {
		return nil, fmt.Errorf("write the duties: %w", err)
	}
	return l, nil
}

// Write adds a duty.
func (l *Lines) Write(d Duty) error {
	row := append([]string{
		d.ID, d.Number, d.Notation, d.Unit, d.UnitName, d.Path, d.Kind, d.Day, d.DueOn, d.Status, bit(d.Late), d.Reason,
		bit(d.Required()), bit(d.Fulfilled()), fmt.Sprintf("%d.%06d", d.Share/Whole, d.Share%Whole),
	}, l.fixed...)
	for i, text := range row {
		row[i] = harmless(text)
	}
	if err := l.w.Write(row); err != nil {
		return fmt.Errorf("write the duties: %w", err)
	}
	return nil
}

// Close writes what is left.
func (l *Lines) Close() error {
	l.w.Flush()
	if err := l.w.Error(); err != nil {
		return fmt.Errorf("write the duties: %w", err)
	}
	return nil
}

func bit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// harmless puts an apostrophe before what a spreadsheet would take for a formula
// (OWASP, CSV injection).
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(text)[0]) {
		return "'" + text
	}
	return text
}
