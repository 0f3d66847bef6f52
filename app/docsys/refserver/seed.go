package refserver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"database/sql"
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
	// Role is "head", "deputy", "department-head" or "clerk". A head approves
	// and initials for the unit, a deputy on behalf (KT.); the head of a
	// department or of an office initials; a clerk does neither.
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
	files, err := s.storeLetters(d.Letters)
	if err != nil {
		return fmt.Errorf("seed the district: %w", err)
	}
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		if err := insertUnits(ctx, tx, units); err != nil {
			return err
		}
		for _, p := range d.People {
			if err := s.insertPerson(ctx, tx, p); err != nil {
				return fmt.Errorf("%s: %w", p.Login, err)
			}
		}
		inYear := 0
		for k, l := range d.Letters {
			if err := s.insertLetter(ctx, tx, l, files[k]); err != nil {
				return fmt.Errorf("letter %s/%s: %w", l.Number, l.Notation, err)
			}
			if len(l.IssuedOn) > 4 && l.IssuedOn[:4] == s.today()[:4] {
				inYear++
			}
		}
		if d.NoYear {
			return nil
		}
		return s.insertYear(ctx, tx, units, inYear)
	})
	if err != nil {
		return fmt.Errorf("seed the district: %w", err)
	}
	s.wakeWorker()
	return nil
}

func (s *Server) storeLetters(letters []Letter) ([]commitment, error) {
	files := make([]commitment, len(letters))
	for k, l := range letters {
		sha, size, err := s.blobs.Put(bytes.NewReader(l.PDF))
		if err != nil {
			return nil, err
		}
		files[k] = commitment{sha256: sha, size: size, stage: "draft"}
		if len(l.InitialledBy) > 0 {
			files[k].stage = "initialled"
		}
	}
	return files, nil
}

func (s *Server) insertLetter(ctx context.Context, tx *sql.Tx, l Letter, file commitment) error {
	if l.IssuedOn > s.today() {
		return fmt.Errorf("it is issued on %s, after today", l.IssuedOn)
	}
	id, err := s.insertDocument(ctx, tx, documentRow{
		unit: KimLienUnit, number: l.Number, notation: l.Notation, kind: l.Type, subject: l.Subject, issuedOn: l.IssuedOn, dueOn: l.DueOn, urgent: l.Urgent,
		drafter: l.Drafter, signerName: l.SignerName, signerTitle: l.SignerTitle, origin: "own", submitted: len(l.InitialledBy) > 0,
	})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO blob(sha256,unit,size,at) VALUES(?,?,?,?) ON CONFLICT DO NOTHING`, file.sha256, KimLienUnit, file.size, s.clock().UnixMilli())
	if err != nil {
		return fmt.Errorf("note the file: %w", err)
	}
	file.document = id
	_, err = s.insertVersion(ctx, tx, "", file)
	return err
}

func (s *Server) insertPerson(ctx context.Context, tx *sql.Tx, p Person) error {
	id, hash := newID(), ""
	if p.Password != "" {
		hash = hashPassword(p.Password)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO person(id,name,title,unit) VALUES(?,?,?,?)`, id, p.Name, p.Title, p.Unit); err != nil {
		return fmt.Errorf("insert the person: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO account(id,login,person,role,pw_hash) VALUES(?,?,?,?,?)`, newID(), p.Login, id, p.Role, hash); err != nil {
		return fmt.Errorf("insert the account: %w", err)
	}
	for _, c := range p.Certificates {
		if err := insertCertificate(ctx, tx, id, c); err != nil {
			return err
		}
	}
	for _, a := range append(authoritiesOf(p), p.More...) {
		_, err := tx.ExecContext(ctx, `INSERT INTO authority(person,unit,may,form,valid_from,basis) VALUES(?,?,?,?,?,?)`,
			id, a.Unit, a.May, a.Form, s.today()[:4]+"-01-01", "Số liệu minh họa")
		if err != nil {
			return fmt.Errorf("insert the authority: %w", err)
		}
	}
	return s.note(ctx, tx, "", "account.created", p.Login, p.Unit)
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

func insertCertificate(ctx context.Context, tx *sql.Tx, person string, c Certificate) error {
	parsed, err := x509.ParseCertificate(c.DER)
	if err != nil {
		return fmt.Errorf("read the certificate: %w", err)
	}
	kind := "personal"
	if c.Agency {
		kind = "agency"
	}
	sum := sha256.Sum256(c.DER)
	_, err = tx.ExecContext(ctx, `INSERT INTO person_cert(sha256,person,kind,subject,serial,issuer,not_before,not_after) VALUES(?,?,?,?,?,?,?,?)`,
		hex.EncodeToString(sum[:]), person, kind, parsed.Subject.String(), parsed.SerialNumber.String(), parsed.Issuer.String(),
		parsed.NotBefore.UnixMilli(), parsed.NotAfter.UnixMilli())
	if err != nil {
		return fmt.Errorf("register the certificate: %w", err)
	}
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
