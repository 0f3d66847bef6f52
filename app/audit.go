package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/auditlog"
	"kyso/app/outbox"
)

// AuditState is what is known of the audit log of the document server. Nobody
// can change what was in it without this program telling so, since it keeps the
// last checkpoint that it saw.
type AuditState struct {
	auditlog.Memory

	// Seen is when the log was last found to go on from what was known.
	Seen time.Time `json:"seen"`
	// Alarm says what was wrong the first time that it was not, at Alarmed. It
	// stays until AcceptAudit.
	Alarm   string    `json:"alarm,omitempty"`
	Alarmed time.Time `json:"alarmed,omitzero"`
}

// AuditError reports a server whose audit log does not go on from what was seen
// before: history was rewritten, or another server answers.
type AuditError struct{ err error }

// Error says what does not fit.
func (e *AuditError) Error() string { return "audit log: " + e.err.Error() }
func (e *AuditError) Unwrap() error { return e.err }

// ExplainCode names the message that a person reads (package explain).
func (*AuditError) ExplainCode() string { return "audit-rewritten" }

// errAlarm is the error of an alarm that was stored.
var errAlarm = errors.New("told before")

// audits guards the file of states: window and outbox ask at the same time.
type audits struct{ mu sync.Mutex }

// Audit gives what is remembered of the server's log, without asking it.
func (a *App) Audit() (AuditState, error) {
	a.audits.mu.Lock()
	defer a.audits.mu.Unlock()
	all, err := a.readAudits()
	return all[a.server()], err
}

// CheckAudit asks the server for its newest checkpoint and holds it against what
// is remembered. An *AuditError is an alarm; it is remembered and given again by
// every check until AcceptAudit. A server without an audit log gives nothing.
func (a *App) CheckAudit(ctx context.Context) (AuditState, error) {
	if a.Client == nil {
		return AuditState{}, nil
	}
	a.audits.mu.Lock()
	defer a.audits.mu.Unlock()
	all, err := a.readAudits()
	if err != nil {
		return AuditState{}, err
	}
	s := all[a.server()]
	m, err := a.Client.Audit(ctx, s.Memory)
	switch {
	case hasNoLog(err) && s.Last.Size == 0:
		return s, nil
	case errors.Is(err, auditlog.ErrRewritten), errors.Is(err, auditlog.ErrUnsigned):
		if s.Alarm == "" {
			s.Alarm, s.Alarmed = err.Error(), time.Now()
		}
	case err != nil:
		return s, fmt.Errorf("check the audit log: %w", err)
	case s.Alarm == "": // after an alarm nothing is learned before a person has looked
		s.Memory, s.Seen = m, time.Now()
	}
	all[a.server()] = s
	if werr := a.writeAudits(all); werr != nil {
		return s, werr
	}
	if s.Alarm != "" {
		if err == nil {
			err = fmt.Errorf("%w: %s", errAlarm, s.Alarm)
		}
		return s, &AuditError{err}
	}
	return s, nil
}

// AcceptAudit forgets what was remembered of the server's log, and an alarm: a
// person knows why it is another one, such as a restored backup.
func (a *App) AcceptAudit() error {
	a.audits.mu.Lock()
	defer a.audits.mu.Unlock()
	all, err := a.readAudits()
	if err != nil {
		return err
	}
	delete(all, a.server())
	return a.writeAudits(all)
}

// auditEvery is how often WatchAudit asks by itself.
const auditEvery = time.Hour

// WatchAudit checks the log now, every hour, and after deliveries, until ctx ends,
// and tells what came of each check; a server that does not answer is not told.
func (a *App) WatchAudit(ctx context.Context, told func(AuditState, error)) {
	if a.Client == nil {
		return
	}
	delivered := make(chan struct{}, 1)
	if a.Outbox != nil {
		stop := a.Outbox.Watch(func(i outbox.Item) {
			if i.State != outbox.Accepted {
				return
			}
			select {
			case delivered <- struct{}{}:
			default: // a check is already asked for
			}
		})
		defer stop()
	}
	tick := time.NewTicker(auditEvery)
	defer tick.Stop()
	for {
		s, err := a.CheckAudit(ctx)
		if _, alarm := errors.AsType[*AuditError](err); ctx.Err() == nil && (err == nil || alarm) {
			told(s, err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-delivered:
		}
	}
}

// hasNoLog reports a system that offers no audit log.
func hasNoLog(err error) bool {
	p, ok := errors.AsType[*docsys.Problem](err)
	return ok && (p.Status == http.StatusNotFound || p.Status == http.StatusNotImplemented)
}

// server names the document server for what is remembered of it.
func (a *App) server() string {
	if a.Handover.Demonstration {
		return demonstration
	}
	return first(a.Handover.Server, a.effective().Server)
}

// auditFile is where checkpoints are remembered.
func (a *App) auditFile() string { return filepath.Join(a.Folders.Data, "audit.json") }

func (a *App) readAudits() (map[string]AuditState, error) {
	all := map[string]AuditState{}
	b, err := os.ReadFile(a.auditFile())
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("read what is remembered of the audit log: %w", err)
	}
	return all, nil
}

// writeAudits writes the states: the old file or the new one is there, never a part.
func (a *App) writeAudits(all map[string]AuditState) error {
	b, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return fmt.Errorf("remember the audit log: %w", err)
	}
	t, err := os.CreateTemp(a.Folders.Data, ".audit-*")
	if err != nil {
		return fmt.Errorf("remember the audit log: %w", err)
	}
	defer os.Remove(t.Name()) //nolint:errcheck // gone after the rename
	_, err = t.Write(append(b, '\n'))
	if err == nil {
		err = t.Sync()
	}
	if cerr := t.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(t.Name(), a.auditFile())
	}
	if err != nil {
		return fmt.Errorf("remember the audit log: %w", err)
	}
	return nil
}
