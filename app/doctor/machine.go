package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"kyso/app/outbox"
)

// ServiceState is the state of the system's smart-card service.
type ServiceState struct {
	// Code is "running", "stopped", "absent", "denied" or "unknown".
	Code string
	// Readers are the readers that it knows; nil when it cannot be asked.
	Readers []Reader
	// Detail is for the support desk.
	Detail string
}

// Reader is a smart-card reader.
type Reader struct {
	Name string
	Card bool // a card is in it
}

// checkService looks at the smart-card service and its readers. A USB token
// with a driver of its own does without, so its absence alone is no fault.
func (c Config) checkService(ctx context.Context) result {
	if c.Service == nil {
		return result{}
	}
	s := c.Service(ctx)
	f := Finding{Group: Service, State: OK, Code: "service-" + s.Code}
	switch s.Code {
	case "stopped", "denied":
		f.State = Warn
	case "absent", "unknown":
		f.State = Unknown
	}
	f.Values = []Value{plain("count", strconv.Itoa(len(s.Readers)))}
	if s.Detail != "" {
		f.Details = append(f.Details, Value{"state", Failure, s.Detail})
	}
	got := result{findings: []Finding{f}}
	for _, r := range s.Readers {
		code := "reader-empty"
		if r.Card {
			code = "reader-card"
		}
		got.findings = append(got.findings, Finding{Group: Tokens, State: OK, Code: code, Values: []Value{maker("reader", r.Name)}, order: "r"})
	}
	return got
}

// The space that is wanted on the disk of the program's folder.
const (
	spaceLow  = 1 << 30   // a warning
	spaceNone = 100 << 20 // too little for a batch
)

// checkFolders looks whether the program's folders can be written to, and at the
// space that is left.
func (c Config) checkFolders(context.Context) result {
	if c.FolderErr != nil {
		return result{findings: []Finding{{Group: Folders, State: Bad, Code: "folder-none", Details: []Value{failure("error", c.FolderErr)}}}}
	}
	var got result
	for _, dir := range []string{c.Folders.Data, c.Folders.Cache} {
		if dir == "" {
			continue
		}
		f := Finding{Group: Folders, State: OK, Code: "folder-ok", Values: []Value{file("folder", dir)}}
		free, err := freeSpace(dir)
		if err == nil {
			f.Values = append(f.Values, plain("free", size(free)))
		} else {
			f.Values = append(f.Values, plain("free", "?"))
		}
		if werr := tryWrite(dir); werr != nil {
			f.State, f.Code = Bad, "folder-readonly"
			f.Details = append(f.Details, failure("error", werr))
		} else if err == nil && free < spaceNone {
			f.State, f.Code = Bad, "disk-full"
		} else if err == nil && free < spaceLow {
			f.State, f.Code = Warn, "disk-low"
		}
		if dir == c.Folders.Data || f.State != OK { // the other one counts only when it is ill
			got.findings = append(got.findings, f)
		}
	}
	return got
}

// tryWrite writes a file into a folder and removes it.
func tryWrite(dir string) error {
	t, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return fmt.Errorf("write to the folder: %w", err)
	}
	_, err = t.WriteString("kyso")
	if serr := t.Sync(); err == nil {
		err = serr
	}
	err = errors.Join(err, t.Close(), os.Remove(t.Name()))
	if err != nil {
		return fmt.Errorf("write to the folder: %w", err)
	}
	return nil
}

// size writes a number of bytes.
func size(n uint64) string {
	if n < 10<<30 {
		return fmt.Sprintf("%d MB", n>>20)
	}
	return fmt.Sprintf("%d GB", n>>30)
}

// checkOutbox counts what waits for delivery.
func (c Config) checkOutbox(ctx context.Context) result {
	if c.Outbox == nil {
		return result{}
	}
	items, err := c.Outbox(ctx)
	if err != nil {
		return result{findings: []Finding{{Group: Outbox, State: Bad, Code: "outbox-unread", Details: []Value{failure("error", err)}}}}
	}
	f := Finding{Group: Outbox, State: OK, Code: "outbox-empty"}
	waiting, stuck, login, tries := 0, 0, 0, 0
	oldest := time.Time{}
	for _, i := range items {
		switch i.State {
		case outbox.Accepted:
			continue
		case outbox.NeedsAction:
			stuck++
		case outbox.NeedsLogin:
			login++
			waiting++
		case outbox.Queued, outbox.Uploading, outbox.Committing, outbox.Verifying, outbox.Held:
			waiting++
		}
		tries = max(tries, i.Tries)
		if oldest.IsZero() || i.QueuedAt.Before(oldest) {
			oldest = i.QueuedAt
		}
	}
	switch {
	case stuck > 0:
		f.State, f.Code = Bad, "outbox-stuck"
	case login > 0:
		f.State, f.Code = Warn, "outbox-login"
	case waiting > 0 && c.Clock().Sub(oldest) > outbox.AskAfter:
		f.State, f.Code = Warn, "outbox-old"
	case waiting > 0:
		f.Code = "outbox-waiting"
	}
	f.Values = []Value{plain("waiting", strconv.Itoa(waiting)), plain("stuck", strconv.Itoa(stuck)), plain("oldest", moment(oldest))}
	f.Details = []Value{plain("kept", strconv.Itoa(len(items))), plain("tries", strconv.Itoa(tries))}
	return result{findings: []Finding{f}}
}

// checkSettings looks whether the settings can be read and changed.
func (c Config) checkSettings(context.Context) result {
	f := Finding{Group: Settings, State: OK, Code: "settings-ok"}
	path := filepath.Join(c.Folders.Data, settingsFile)
	switch _, err := os.Stat(path); {
	case c.SettingsErr != nil:
		f.State, f.Code = Bad, "settings-damaged"
		f.Details = append(f.Details, failure("error", c.SettingsErr))
	case c.Folders.Data == "" || errors.Is(err, fs.ErrNotExist):
		f.Code = "settings-none"
	default:
		w, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			f.State, f.Code = Warn, "settings-locked"
			f.Details = append(f.Details, failure("error", err))
		} else {
			_ = w.Close() // nothing was written
		}
	}
	got := result{findings: []Finding{f}}
	if c.TrustErr != nil {
		got.findings = append(got.findings, Finding{Group: Settings, State: Bad, Code: "trust-unread", Details: []Value{failure("error", c.TrustErr)}})
	}
	return got
}

// settingsFile is the name of the file with the settings.
const settingsFile = "settings.json"

// The smallest window on which every screen has room, in window units.
const (
	leastWidth  = 1000
	leastHeight = 640
)

// checkSystem names the program, the system and the screen.
func (c Config) checkSystem(context.Context) result {
	f := Finding{Group: System, State: OK, Code: "system"}
	f.Values = []Value{plain("version", c.Version), plain("system", systemName())}
	f.Details = []Value{
		plain("revision", revision()), plain("go", runtime.Version()), plain("processor", runtime.GOOS+"/"+runtime.GOARCH),
		plain("processors", strconv.Itoa(runtime.NumCPU())),
	}
	got := result{findings: []Finding{f}}
	if c.Helper != "" {
		if _, err := os.Stat(c.Helper); err != nil {
			got.findings = append(got.findings, Finding{Group: System, State: Bad, Code: "helper-missing", order: "0", Details: []Value{failure("error", err)}})
		}
	}
	if s := c.Screen; s.Scale > 0 {
		screen := Finding{Group: System, State: OK, Code: "screen", order: "1"}
		screen.Values = []Value{plain("size", fmt.Sprintf("%d×%d", s.Width, s.Height)), plain("scale", strconv.Itoa(int(s.Scale*100+0.5)))}
		if float64(s.Width)/s.Scale < leastWidth || float64(s.Height)/s.Scale < leastHeight {
			screen.State, screen.Code = Warn, "screen-small"
		}
		got.findings = append(got.findings, screen)
	}
	return got
}

// revision is the source revision that the program was built from.
func revision() string {
	b, ok := debug.ReadBuildInfo()
	if !ok {
		return "–"
	}
	i := slices.IndexFunc(b.Settings, func(s debug.BuildSetting) bool { return s.Key == "vcs.revision" })
	if i < 0 {
		return "–"
	}
	return strings.ToLower(b.Settings[i].Value[:min(12, len(b.Settings[i].Value))])
}
