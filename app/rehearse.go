package app

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"kyso/app/docsys"
	"kyso/app/rehearsal"
	"kyso/app/signing"
	"kyso/assets"
	"kyso/signer"
)

// PracticePIN opens the key of every rehearsal.
const PracticePIN = rehearsal.PIN

// practised is why a document of a rehearsal is not sent.
type practised struct{}

// Error says so.
func (practised) Error() string { return "the document was signed in a rehearsal" }

// ExplainCode names the message that a person reads (package explain).
func (practised) ExplainCode() string { return "rehearsed" }

// ErrPractised reports a document that was signed in a rehearsal: it is not
// signed for real, and never enters the outbox.
var ErrPractised error = practised{}

// Rehearse makes a road for practice, with a fresh key that p would sign with.
// What it makes lies in folder, the program's own for practice when that is empty,
// and is never sent, counted or noted.
func (a *App) Rehearse(p docsys.Person, folder string) (signing.Road, error) {
	return rehearsal.New(rehearsal.Options{
		Name: p.Name, Title: p.Title, Folder: first(folder, a.rehearsals()), Font: assets.SerifRegular(), Heavy: assets.SerifBold(), Clock: time.Now,
	})
}

// SampleLetter writes the letter that newcomers practise on and gives its path.
func (a *App) SampleLetter(p docsys.Person) (string, error) {
	return rehearsal.Sample(a.rehearsals(), p.Name, p.Title, time.Now().In(docsys.Hanoi()))
}

// refuseRehearsed keeps a real signature from a page with "BẢN THỬ" across it.
func refuseRehearsed(signed []string) error {
	if slices.ContainsFunc(signed, rehearsal.PractisedField) {
		return ErrPractised
	}
	return nil
}

func (a *App) rehearsals() string { return filepath.Join(a.Folders.Data, "rehearsals") }

// refusePractised refuses what was signed in a rehearsal. A file that cannot be
// read is for those to tell who come after; of one that is locked the bytes tell.
func refusePractised(path string, password []byte) error {
	in, err := signer.InspectWith(path, password)
	practised := err == nil && rehearsal.Practised(in)
	if !practised && (err != nil || len(in.Refusals) > 0) {
		practised = practisedBytes(path)
	}
	if practised {
		return fmt.Errorf("deliver %s: %w", path, ErrPractised)
	}
	return nil
}

// practisedBytes looks for a rehearsal in a file that cannot be opened.
func practisedBytes(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false // it cannot be delivered either
	}
	defer f.Close() //nolint:errcheck // only read
	practised, err := rehearsal.PractisedBytes(f)
	return err == nil && practised
}
