package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// maxLog is how large the log may grow before the old one makes room.
const maxLog = 512 << 10

// Log is the program's log: a file in the program's folder that keeps the last
// megabyte, and another handler beside it. It never holds a PIN; it may name
// files, which is why only redacted lines of it leave the machine.
type Log struct {
	slog.Handler

	file *rotating
}

// LogPath is where the log lies in the program's folder.
func LogPath(folder string) string { return filepath.Join(folder, "log", "kyso.log") }

// OpenLog opens the log in the program's folder; what it takes goes to beside, too.
func OpenLog(folder string, beside slog.Handler) (*Log, error) {
	path := LogPath(folder)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	r := &rotating{path: path}
	if err := r.open(); err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	return &Log{&placed{[]slog.Handler{slog.NewJSONHandler(r, nil), beside}}, r}, nil
}

// Close closes the file.
func (l *Log) Close() error { return l.file.close() }

// placed adds where in the program a record was made, as "at".
type placed struct{ to []slog.Handler }

// Enabled reports whether any handler takes the level.
func (p *placed) Enabled(ctx context.Context, level slog.Level) bool {
	return slices.ContainsFunc(p.to, func(h slog.Handler) bool { return h.Enabled(ctx, level) })
}

// Handle passes the record on.
func (p *placed) Handle(ctx context.Context, r slog.Record) error {
	marked := r.Clone()
	if r.PC != 0 {
		f, _ := runtime.CallersFrames([]uintptr{r.PC}).Next()
		marked.AddAttrs(slog.String(atKey, f.Function))
	}
	var errs []error
	for i, h := range p.to {
		if !h.Enabled(ctx, r.Level) {
			continue
		}
		if i == 0 {
			errs = append(errs, h.Handle(ctx, marked))
		} else {
			errs = append(errs, h.Handle(ctx, r))
		}
	}
	return errors.Join(errs...)
}

// WithAttrs and WithGroup are as slog.Handler says.
func (p *placed) WithAttrs(as []slog.Attr) slog.Handler {
	return p.each(func(h slog.Handler) slog.Handler { return h.WithAttrs(as) })
}

// WithGroup is as slog.Handler says; the file keeps no groups, so that the place
// stays where it is looked for.
func (p *placed) WithGroup(name string) slog.Handler {
	out := &placed{slices.Clone(p.to)}
	for i := 1; i < len(out.to); i++ {
		out.to[i] = out.to[i].WithGroup(name)
	}
	return out
}

func (p *placed) each(f func(slog.Handler) slog.Handler) slog.Handler {
	out := &placed{}
	for _, h := range p.to {
		out.to = append(out.to, f(h))
	}
	return out
}

// rotating is a file that makes room when it is full: the old one is kept once.
type rotating struct {
	path string

	mu   sync.Mutex
	file *os.File
	size int64
}

func (r *rotating) open() error {
	f, err := os.OpenFile(r.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err //nolint:wrapcheck // wrapped by OpenLog
	}
	st, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	r.file, r.size = f, st.Size()
	return nil
}

// Write appends a line.
func (r *rotating) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		return 0, fs.ErrClosed
	}
	if r.size+int64(len(b)) > maxLog {
		_ = r.file.Close() // everything was written
		r.file = nil
		if err := os.Rename(r.path, r.path+".1"); err != nil {
			return 0, err //nolint:wrapcheck // slog drops it
		}
		if err := r.open(); err != nil {
			return 0, err
		}
	}
	n, err := r.file.Write(b)
	r.size += int64(n)
	return n, err //nolint:wrapcheck // slog drops it
}

func (r *rotating) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	r.file = nil
	return err //nolint:wrapcheck // the file's own
}

// The keys of a line that are not attributes of its record.
const (
	atKey    = "at"
	timeKey  = slog.TimeKey
	levelKey = slog.LevelKey
	msgKey   = slog.MessageKey
)

// The most of the log that is sent.
const (
	maxTail  = 64 << 10
	maxLines = 300
)

// tail reads the last lines of the log and keeps of each what is harmless.
func (x redactor) tail(path string) ([]string, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	defer func() { _ = f.Close() }() // read only
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	from := max(0, st.Size()-maxTail)
	b, err := io.ReadAll(io.NewSectionReader(f, from, maxTail))
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	if from > 0 { // the first line is cut off
		_, b, _ = bytes.Cut(b, []byte("\n"))
	}
	var out []string
	for line := range bytes.Lines(b) {
		out = append(out, x.logLine(bytes.TrimSpace(line)))
	}
	return out[max(0, len(out)-maxLines):], nil
}

// logLine keeps time and level; the message, if this program wrote it, for its
// messages are constants; and the known phrases of everything else.
func (x redactor) logLine(line []byte) string {
	var fields map[string]any
	if json.Unmarshal(line, &fields) != nil {
		return hidden
	}
	text := func(key string) string { s, _ := fields[key].(string); return s }
	at := text(atKey)
	ours := strings.HasPrefix(at, "kyso/") || strings.HasPrefix(at, "main.")
	when, level := text(timeKey), text(levelKey)
	if len(when) > 40 || !isStamp(when) || !slices.Contains([]string{"DEBUG", "INFO", "WARN", "ERROR"}, level) {
		return hidden
	}
	parts := []string{when, level}
	if ours {
		parts = append(parts, x.scrub(text(msgKey)), "("+x.scrub(at)+")")
	} else {
		parts = append(parts, harmless(text(msgKey)))
	}
	var keys []string
	for k := range fields {
		if !slices.Contains([]string{atKey, timeKey, levelKey, msgKey}, k) && ours {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		parts = append(parts, x.scrub(k)+"="+harmlessValue(fields[k]))
	}
	return strings.Join(parts, " ")
}

// isStamp reports a time as the log writes it.
func isStamp(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune("0123456789-:.+TZ", r) })
}

// harmlessValue keeps truth values, small numbers and known phrases.
func harmlessValue(v any) string {
	switch v := v.(type) {
	case bool:
		return fmt.Sprint(v)
	case float64:
		if v == float64(int(v)) && v > -100000 && v < 100000 {
			return fmt.Sprint(int(v))
		}
	case string:
		return harmless(v)
	}
	return hidden
}
