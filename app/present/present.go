// Package present has every state and every decision of every screen.
//
// A presenter holds a state, changes it when the person acts or a piece of work
// ends, and hands the whole state to whoever shows it. It knows neither Fyne nor
// a language: texts are keys (Text), and what an error means comes from package
// explain, already in the person's language.
//
// Presenters belong to one goroutine, the window's. Work runs elsewhere through
// the Loop, and its result comes back on the window's goroutine.
package present

import (
	"context"
	"image"
	"time"

	"kyso/app/docsys"
	"kyso/app/explain"
	"kyso/app/journal"
	"kyso/app/placement"
	"kyso/app/preview"
	"kyso/app/signing"
	"kyso/app/verdict"
	"kyso/signer/cert"
)

// Loop carries work off the window's goroutine and results back to it.
type Loop interface {
	// Go runs work elsewhere and then what it returns, if anything, on the
	// window's goroutine. The context ends when the window closes.
	Go(work func(ctx context.Context) (then func()))
	// Tell runs f on the window's goroutine, after what was told before. It is
	// for progress that work reports while it runs.
	Tell(f func())
}

// Text is a message key with what it names; the window translates it. The zero
// Text is no text.
type Text struct {
	Key string
	// Args are the values that the message names. "Count" chooses the plural.
	Args map[string]any
}

// say makes a Text from a key and pairs of name and value.
func say(key string, pairs ...any) Text {
	t := Text{Key: key}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			continue
		}
		if t.Args == nil {
			t.Args = map[string]any{}
		}
		t.Args[name] = pairs[i+1]
	}
	return t
}

// Tone says how a text is meant; the theme gives it a colour, and a colour
// never stands alone: the words say the same.
type Tone string

// The tones.
const (
	Plain   Tone = ""
	Good    Tone = "good"
	Caution Tone = "caution"
	Bad     Tone = "bad"
	Quiet   Tone = "quiet"
)

// Problem is an error as the person reads it: what happened, why, what next.
type Problem = explain.Message

// Library fetches documents of the server to this machine.
type Library interface {
	// Fetch gives the path of the document's newest file, checked against its hash.
	Fetch(ctx context.Context, d docsys.Document) (string, error)
	// Match gives the document among those named whose newest file has the same
	// bytes as the file at path, nil when there is none.
	Match(path string, among []docsys.Document) (*docsys.Document, error)
}

// Sheets opens files for view.
type Sheets interface {
	// OpenSheet opens a file; password is nil until the person gave one. The error
	// of a file that asks for one is preview.ErrPassword or preview.ErrWrongPassword.
	OpenSheet(ctx context.Context, path string, password []byte) (Sheet, error)
}

// Sheet is a file that is open for view; *preview.Document is one.
type Sheet interface {
	preview.Pager
	// Lines is the text of a page alone, which is read sooner.
	Lines(ctx context.Context, page int) ([]placement.Line, error)
	Render(ctx context.Context, page int, scale float64) (image.Image, error)
	// Region draws a part of a page, in pixels of the page at the scale.
	Region(ctx context.Context, page int, scale float64, part image.Rectangle) (*image.RGBA, error)
	Close() error
}

// Services are what the presenters work with. Inbox, Board, Library and
// Deliveries are nil without a server.
type Services struct {
	Road signing.Road
	// Batch makes a batch of documents; what is needed to go on with it after a
	// crash is kept by then.
	Batch func(all []signing.Assignment, o signing.BatchOptions) (BatchWork, error)
	Inbox docsys.Inbox
	Board docsys.Board
	// Figures has trend, closes and annexes; nil when the system tells none.
	// SaveAnnex writes an annex to a file.
	Figures    docsys.Figures
	SaveAnnex  func(ctx context.Context, path string, a docsys.Annex) error
	Library    Library
	Deliveries Deliveries
	Sheets     Sheets
	// Picture gives the picture of the person's mark, nil when there is none.
	Picture func(placement.Role) image.Image
	// SealPlace finds where the seal goes in a file, BlockPlace where the block of an
	// annex or a copy does and its lines for the holder of a certificate; nil leaves
	// both to package placement. The diameter of the seal is in millimetres.
	SealPlace  func(ctx context.Context, path string, password []byte, diameter float64) (placement.Proposal, error)
	BlockPlace func(b signing.Block, path string, password []byte, s cert.Subject) (placement.Proposal, []string, error)
	// MarkFont is the TrueType file in which marks of text are set.
	MarkFont []byte
	// Hint gives a text to show under the PIN entry; demonstration only.
	Hint func(sha256 string) string
	// Explain says what an error means, in the person's language.
	Explain func(error) explain.Message
	// Warn says what a warning about a document means, in the person's language.
	Warn func(signing.Finding) explain.Message
	// Resumption has the batches that were not finished; nil keeps none.
	Resumption Resumption
	// Rehearsal lets the person practise; nil leaves it out.
	Rehearsal Rehearsal
	// Recent keeps the files that were opened last; nil keeps none.
	Recent RecentFiles
	// MaySend says what stands in the way of sending a file of a document, before a
	// PIN is asked for; it may be nil. What it means is told by Explain: "secret" and
	// "secret-doubt" are codes of its errors.
	MaySend func(ctx context.Context, d *docsys.Document, path string, password []byte) error
	// AcceptAudit forgets an alarm about the server's history; it may be nil.
	AcceptAudit func() error
	// Examiner judges the signatures of files that are opened; nil judges none.
	// Verdicts is the language of what it says.
	Examiner Examiner
	Verdicts func() verdict.Language
	// Papers hands files to other programs; nil leaves that out.
	Papers Papers
	// Reopens says that the program can open itself again.
	Reopens bool
	// Tray reports that the desktop shows icons of programs beside its clock; it may
	// take its time. nil says that it does not.
	Tray func(ctx context.Context) bool
	// Clock tells the time.
	Clock func() time.Time
	// Clinic looks at this machine; nil leaves the check-up out.
	Clinic Clinic
	// Preferences keeps the settings; nil leaves their pages empty.
	Preferences Preferences
	// History gives what was signed on this computer, oldest first, and where its
	// chain does not hold; nil keeps none.
	History func() ([]journal.Entry, *journal.Break, error)
	// Templates are how the agency wants marks to look; nil leaves it to the person.
	Templates Templates
	// Marks keeps the pictures of marks; nil keeps none.
	Marks Marks
	// Person is who is logged in to the server; the zero Person without one.
	Person docsys.Person
	// Demonstration marks everything as illustrative.
	Demonstration bool
	// Offers are the certificates found, as they are offered; Notes what to know of
	// one, in the person's language.
	Offers func(signing.Found, signing.OfferOptions) []signing.Offer
	Notes  func(signing.Offer) []explain.Note
	// LastCertificate gives the SHA-256 of the certificate that was used last for a
	// role in a unit, RememberCertificate keeps the one used now. They may be nil.
	LastCertificate     func(unit string, r placement.Role) string
	RememberCertificate func(unit string, r placement.Role, sha256 string)

	looks looks
}

// rememberCertificate keeps which certificate was used last for a role.
func (s *Services) rememberCertificate(k signing.Key, r placement.Role) {
	if s.RememberCertificate != nil {
		s.RememberCertificate(s.Person.Unit, r, k.Subject.SHA256)
	}
}

// lastCertificate is the one used last for a role, empty for none.
func (s *Services) lastCertificate(r placement.Role) string {
	if s.LastCertificate == nil {
		return ""
	}
	return s.LastCertificate(s.Person.Unit, r)
}

// problem explains an error, nil for none.
func (s *Services) problem(err error) *Problem {
	if err == nil {
		return nil
	}
	m := s.Explain(err)
	return &m
}

// today is the day in Vietnam, as docsys writes days.
func (s *Services) today() string { return s.Clock().In(docsys.Hanoi()).Format(time.DateOnly) }

// Date writes a day of docsys (yyyy-MM-dd) as dd/MM/yyyy; what is no day stays as it is.
func Date(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format("02/01/2006")
}

// Moment writes a time as dd/MM/yyyy HH:mm in Vietnam's zone.
func Moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(docsys.Hanoi()).Format("02/01/2006 15:04")
}

// Day writes a time's day in Vietnam as dd/MM/yyyy.
func Day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(docsys.Hanoi()).Format("02/01/2006")
}
