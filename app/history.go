package app

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"kyso/app/journal"
	"kyso/app/outbox"
	"kyso/app/signing"
)

// openJournal opens the journal of signatures. Without one the program signs on,
// and JournalProblem says why nothing is written.
func (a *App) openJournal() {
	if a.options.NoOutbox {
		return // a command beside the window: one program writes at a time
	}
	a.Journal, a.JournalProblem = journal.Open(filepath.Join(a.Folders.Data, "journal"))
	if a.Journal != nil && a.Outbox != nil {
		a.Outbox.Watch(a.delivered) // until the outbox is closed
	}
}

// write appends an entry and keeps why it could not be.
func (a *App) write(e journal.Entry) {
	if a.Journal == nil {
		return
	}
	if err := a.Journal.Append(e); err != nil {
		a.noting.Lock()
		defer a.noting.Unlock()
		a.JournalProblem = err
	}
}

// signed writes a signature.
func (a *App) signed(k signing.Key, j signing.Job, o signing.Outcome) {
	e := journal.Entry{
		Kind: journal.Signed, At: time.Now(), Title: filepath.Base(j.Path), Path: o.Path, SHA256: o.SHA256,
		Role: string(j.Role), Level: o.Level, Signer: k.Subject.Name, Certificate: k.Subject.SHA256,
	}
	if d := j.Document; d != nil {
		e.Document, e.Title = d.ID, d.Subject
	}
	a.write(e)
}

// delivered writes the end of a delivery.
func (a *App) delivered(i outbox.Item) {
	e := journal.Entry{At: time.Now(), Document: i.DocumentID, Title: i.Title, Path: i.Path, SHA256: i.Receipt.SHA256, Queued: i.ID, Receipt: i.Receipt.Version, Why: i.Problem}
	switch i.State {
	case outbox.Accepted:
		e.Kind = journal.Accepted
	case outbox.NeedsAction:
		e.Kind = journal.Refused
	case outbox.Queued, outbox.Uploading, outbox.Committing, outbox.Verifying, outbox.NeedsLogin, outbox.Held:
		return
	}
	if a.told(e) {
		return
	}
	a.write(e)
}

// told reports that the same end of the same delivery was written already.
func (a *App) told(e journal.Entry) bool {
	if a.Journal == nil {
		return true
	}
	for _, old := range slices.Backward(a.Journal.Entries()) {
		if old.Queued == e.Queued {
			return old.Kind == e.Kind
		}
	}
	return false
}

// History gives what was signed here, and where its chain does not hold.
func (a *App) History() ([]journal.Entry, *journal.Break, error) {
	a.noting.Lock()
	j, err := a.Journal, a.JournalProblem
	a.noting.Unlock()
	if err != nil {
		return nil, nil, fmt.Errorf("read the journal: %w", err)
	}
	if j == nil {
		return nil, nil, nil
	}
	return j.Entries(), j.Broken(), nil
}
