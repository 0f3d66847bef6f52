package refserver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// The units of the demonstration that others name.
const (
	DistrictUnit = "H26.13"    // UBND quận Đống Đa
	OfficeUnit   = "H26.13.1"  // Văn phòng HĐND và UBND
	KimLienUnit  = "H26.13.25" // UBND phường Kim Liên, whose chairman the newcomer is
)

// ErrSeeded reports that the server has the demonstration already.
var ErrSeeded = errors.New("the server has the demonstration already")

// Demonstration is what a demonstration brings besides the district: people
// with their certificates, and letters that wait for a signature.
type Demonstration struct {
	People  []Person
	Letters []Letter
	// NoYear leaves the year of illustrative documents out: units, people and letters only.
	NoYear bool
}

// Person is a person with an account and registered certificates.
type Person struct {
	Login string
	// Password is for a log-in by hand; empty allows none.
	Password string
	Name     string // as printed on documents: "Nguyễn Văn A"
	Title    string // "Chủ tịch"
	Unit     string // code
	// Role is a post: "head", "deputy" or "department-head", or a role at the
	// server without authority: "secretary", "clerk", "viewer", "auditor". A head
	// approves and initials for the unit, a deputy on behalf (KT.); the head of a
	// department or of an office initials; the others do neither.
	Role         string
	Certificates []Certificate
	// More are authorities besides those of the role.
	More []Authority
}

// Certificate is a certificate to register.
type Certificate struct {
	DER []byte
	// Agency says that it is the agency's, not the person's own.
	Agency bool
}

// Authority is a right to sign for a unit.
type Authority struct {
	Unit string
	May  string // "approve", "initial"
	Form string // "self", "KT", "TM", "TL", "TUQ"
}

// Letter is a document that was issued and waits for the personal signature of
// the person named as its signer.
type Letter struct {
	Number, Notation, Type, Subject string
	IssuedOn                        string // yyyy-MM-dd; empty before issue
	DueOn                           string // yyyy-MM-dd; empty is the next working day
	Urgent                          bool
	Drafter                         string
	SignerName, SignerTitle         string
	PDF                             []byte
	// InitialledBy is non-empty when the PDF carries initials. It only says that
	// initials are due: the server looks into the file and names the holders that it found.
	InitialledBy []string
}

// SeedDistrict fills an empty server with the district of the letter that
// started this program: its units, a year of documents up to today so that the
// board shows the letter's praised and warned units, and d. The figures of the
// year are marked as illustrative; no signature is claimed to stand behind
// them. It returns ErrSeeded when the units are there already.
//
//nolint:gocognit // one step after another, each with its error
func SeedDistrict(ctx context.Context, s *Server, d Demonstration) error {
	units, err := districtUnits()
	if err != nil {
		return fmt.Errorf("seed the district: %w", err)
	}
	// The files come first: a crash leaves blobs that nothing names.
	files, err := s.storeLetters(ctx, d.Letters)
	if err != nil {
		return fmt.Errorf("seed the district: %w", err)
	}
	err = s.inTx(ctx, func(w *work) error {
		if err := w.insertUnits(ctx, units); err != nil {
			return err
		}
		for _, p := range d.People {
			if err := w.insertPerson(ctx, p); err != nil {
				return fmt.Errorf("%s: %w", p.Login, err)
			}
		}
		inYear := 0
		for k, l := range d.Letters {
			if err := w.insertLetter(ctx, l, files[k]); err != nil {
				return fmt.Errorf("letter %s/%s: %w", l.Number, l.Notation, err)
			}
			if len(l.IssuedOn) > 4 && l.IssuedOn[:4] == s.today()[:4] {
				inYear++
			}
		}
		if d.NoYear {
			return nil
		}
		return w.insertYear(ctx, units, inYear)
	})
	if err != nil {
		return fmt.Errorf("seed the district: %w", err)
	}
	return nil
}

func (s *Server) storeLetters(ctx context.Context, letters []Letter) ([]commitment, error) {
	files := make([]commitment, len(letters))
	for k, l := range letters {
		sum := sha256.Sum256(l.PDF)
		sha := hex.EncodeToString(sum[:])
		size, err := s.blobs.PutAs(ctx, bytes.NewReader(l.PDF), sha)
		if err != nil {
			return nil, fmt.Errorf("store a letter: %w", err)
		}
		files[k] = commitment{sha256: sha, size: size, stage: "draft"}
		if len(l.InitialledBy) > 0 {
			files[k].stage = "initialled"
		}
	}
	return files, nil
}

func (w *work) insertLetter(ctx context.Context, l Letter, file commitment) error {
	if l.IssuedOn > w.s.today() {
		return fmt.Errorf("it is issued on %s, after today", l.IssuedOn)
	}
	id, err := w.insertDocument(ctx, documentRow{
		unit: KimLienUnit, number: l.Number, notation: l.Notation, kind: l.Type, subject: l.Subject, issuedOn: l.IssuedOn, dueOn: l.DueOn, urgent: l.Urgent,
		drafter: l.Drafter, signerName: l.SignerName, signerTitle: l.SignerTitle, origin: "own", medium: "electronic", submitted: len(l.InitialledBy) > 0,
		by: stepBy{name: l.Drafter},
	})
	if err != nil {
		return err
	}
	err = w.run(ctx, "note the file", do(`INSERT INTO blob(sha256,unit,size,at) VALUES(?,?,?,?) ON CONFLICT DO NOTHING`,
		file.sha256, KimLienUnit, file.size, w.s.clock().UnixMilli()))
	if err != nil {
		return err
	}
	file.document = id
	_, err = w.insertVersion(ctx, "", file)
	return err
}

func (w *work) insertPerson(ctx context.Context, p Person) error {
	id, account, hash := newID(), newID(), ""
	if p.Password != "" {
		hash = hashPassword(p.Password)
	}
	from := w.s.today()[:4] + "-01-01"
	err := w.run(ctx, "insert a person",
		do(`INSERT INTO person(id,name,title,unit) VALUES(?,?,?,?)`, id, p.Name, p.Title, p.Unit),
		do(`INSERT INTO account(id,login,person,pw_hash) VALUES(?,?,?,?)`, account, p.Login, id, hash),
		do(`INSERT INTO role_grant(id,account,unit,role,valid_from) VALUES(?,?,?,?,?)`, newID(), account, p.Unit, p.role(), from))
	if err != nil {
		return err
	}
	for _, c := range p.Certificates {
		if err := w.insertCertificate(ctx, "", id, c); err != nil {
			return err
		}
	}
	for _, a := range append(authoritiesOf(p), p.More...) {
		err := w.run(ctx, "insert an authority", do(`INSERT INTO authority(id,person,unit,may,form,valid_from,basis) VALUES(?,?,?,?,?,?,?)`,
			newID(), id, a.Unit, a.May, a.Form, from, "Số liệu minh họa"))
		if err != nil {
			return err
		}
	}
	w.note("", "account.created", p.Login, p.Unit)
	return nil
}

// role is the role at the server that a post brings.
func (p Person) role() string {
	if p.Role == "deputy" || p.Role == "department-head" {
		return roleSigner
	}
	return p.Role
}

// authoritiesOf gives the authorities that come with a role.
func authoritiesOf(p Person) []Authority {
	initial := Authority{p.Unit, "initial", "self"}
	switch p.Role {
	case "head":
		return []Authority{{p.Unit, "approve", "self"}, initial}
	case "deputy":
		return []Authority{{p.Unit, "approve", "KT"}, initial}
	case "department-head":
		return []Authority{initial}
	}
	return nil
}

// errCertificate reports a certificate that cannot be read, or that another person has.
var errCertificate = errors.New("the certificate cannot be registered")

func (w *work) insertCertificate(ctx context.Context, account, person string, c Certificate) error {
	parsed, err := x509.ParseCertificate(c.DER)
	if err != nil {
		return fmt.Errorf("%w: %w", errCertificate, err)
	}
	kind := "personal"
	if c.Agency {
		kind = "agency"
	}
	sum := sha256.Sum256(c.DER)
	digest := hex.EncodeToString(sum[:])
	n, err := w.Exec(ctx, `INSERT INTO person_cert(sha256,person,kind,subject,serial,issuer,not_before,not_after,registered_at,registered_by) VALUES(?,?,?,?,?,?,?,?,?,?)
		ON CONFLICT (sha256) DO NOTHING`,
		digest, person, kind, parsed.Subject.String(), parsed.SerialNumber.String(), parsed.Issuer.String(),
		parsed.NotBefore.UnixMilli(), parsed.NotAfter.UnixMilli(), w.s.clock().UnixMilli(), account)
	if err != nil {
		return fmt.Errorf("register the certificate: %w", err)
	}
	if n == 0 {
		return fmt.Errorf("%w: it is registered already", errCertificate)
	}
	w.note(account, "certificate.registered", person, digest)
	return nil
}

// workingDays lists the working days from the first of the year of a day up to
// that day; all days when none is a working day, as on 2 January may be.
func workingDays(today string) ([]string, error) {
	end, err := time.Parse(dayForm, today)
	if err != nil {
		return nil, fmt.Errorf("read a day: %w", err)
	}
	var all, working []string
	for t := time.Date(end.Year(), time.January, 1, 0, 0, 0, 0, time.UTC); !t.After(end); t = t.AddDate(0, 0, 1) {
		all = append(all, t.Format(dayForm))
		newYear := t.YearDay() == 1
		if t.Weekday() != time.Saturday && t.Weekday() != time.Sunday && !newYear {
			working = append(working, t.Format(dayForm))
		}
	}
	if len(working) == 0 {
		return all, nil
	}
	return working, nil
}
