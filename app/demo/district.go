package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"kyso/app"
	"kyso/app/docsys/refserver"
)

// seed fills the document server's data: the district with a year of
// documents, the people with their certificates, and the six letters.
func (b *builder) seed(ctx context.Context) (err error) {
	d := refserver.Demonstration{}
	for _, p := range People() {
		d.People = append(d.People, p.account(b.people[p.ID].Certificate.Raw))
	}
	for _, l := range Letters() {
		waiting, err := b.waiting(l)
		if err != nil {
			return fmt.Errorf("seed the district: letter %s: %w", l.File, err)
		}
		d.Letters = append(d.Letters, waiting)
	}
	reach, err := app.FindReach(ctx, app.Options{Data: b.demo.Window()})
	if err != nil {
		return fmt.Errorf("seed the district: %w", err)
	}
	verifier, err := refserver.Trusting(b.demo.Trust(), reach.HTTP)
	if err != nil {
		return fmt.Errorf("seed the district: %w", err)
	}
	server, err := refserver.Open(ctx, refserver.Config{
		Data: b.demo.serverData(), Verifier: verifier, Clock: func() time.Time { return b.now },
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	return refserver.SeedDistrict(ctx, server, d)
}

// account is the person's account and rights at the document server.
func (p Person) account(certificate []byte) refserver.Person {
	account := refserver.Person{
		Login: p.ID, Name: p.Name, Title: p.Title, Unit: refserver.KimLienUnit, Role: p.Role,
		Certificates: []refserver.Certificate{{DER: certificate, Agency: p.Agency}},
	}
	if p.ID == SectionHead().ID {
		account.More = []refserver.Authority{{Unit: refserver.KimLienUnit, May: "initial", Form: "self"}}
	}
	return account
}

// waiting is a letter as the server lists it.
func (b *builder) waiting(l Letter) (refserver.Letter, error) {
	text, err := l.Text(b.now)
	if err != nil {
		return refserver.Letter{}, err
	}
	pdf, err := os.ReadFile(b.demo.Letter(l))
	if err != nil {
		return refserver.Letter{}, fmt.Errorf("read the PDF: %w", err)
	}
	w := refserver.Letter{
		Number: text.Number, Notation: text.Notation, Type: kindOf(text), Subject: text.Title(),
		IssuedOn: b.now.Format(time.DateOnly), Urgent: l.Urgent, Drafter: SectionHead().Name,
		SignerName: Chairman().Name, SignerTitle: Chairman().Title, PDF: pdf,
	}
	if l.Initialed {
		w.InitialledBy = []string{SectionHead().Name}
	}
	return w, nil
}
