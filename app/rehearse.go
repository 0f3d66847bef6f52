package app

import (
	"fmt"
	"path/filepath"
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

// ErrPractised reports a document that was signed in a rehearsal: it never
// enters the outbox.
var ErrPractised error = practised{}

// Rehearse makes a road for practice, with a fresh key that p would sign with.
// What it makes lies in a folder of its own and is never sent, counted or noted.
func (a *App) Rehearse(p docsys.Person) (signing.Road, error) {
	return rehearsal.New(rehearsal.Options{
		Name: p.Name, Title: p.Title, Folder: a.rehearsals(), Font: assets.SerifRegular(), Heavy: assets.SerifBold(), Clock: time.Now,
	})
}

// SampleLetter writes the letter that newcomers practise on and gives its path.
func (a *App) SampleLetter(p docsys.Person) (string, error) {
	return rehearsal.Sample(a.rehearsals(), p.Name, p.Title, time.Now().In(docsys.Hanoi()))
}

func (a *App) rehearsals() string { return filepath.Join(a.Folders.Data, "rehearsals") }

// refusePractised refuses what was signed in a rehearsal. A file that cannot be
// read is for those to tell who come after.
func refusePractised(path string, password []byte) error {
	in, err := signer.InspectWith(path, password)
	if err == nil && rehearsal.Practised(in) {
		return fmt.Errorf("deliver %s: %w", path, ErrPractised)
	}
	return nil
}
