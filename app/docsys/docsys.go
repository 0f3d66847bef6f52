// Package docsys is the program's side of the contract with a document
// management system: what a system offers, a client for it, and the connectors.
//
// The contract itself is openapi.yaml in this folder; docsys/refserver
// implements it.
package docsys

import (
	"context"
	"io"
	"time"

	"kyso/app/signrate"
)

// Hanoi is the zone of every day and time of the contract: Asia/Ho_Chi_Minh,
// UTC+7, without summer time since 1975.
func Hanoi() *time.Location { return time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60) }

// DayOf is the beginning of a time's day in Hanoi.
func DayOf(t time.Time) time.Time {
	t = t.In(Hanoi())
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// Document is a document of the system as the inbox and the board show it.
type Document struct {
	ID       string `json:"id"`
	Unit     string `json:"unit"`      // code of the issuing unit
	UnitName string `json:"unit_name"` // full name of the issuing unit
	Number   string `json:"number"`    // "1247"; empty before numbering
	Notation string `json:"notation"`  // "UBND-VP"
	Type     string `json:"type"`      // "Công văn", "Quyết định", …
	Subject  string `json:"subject"`   // trích yếu
	IssuedOn string `json:"issued_on"` // yyyy-MM-dd in Asia/Ho_Chi_Minh, empty before issue
	DueOn    string `json:"due_on"`    // the same, when the signature is due
	Urgent   bool   `json:"urgent"`
	Drafter  string `json:"drafter"` // who submitted it
	// SignerName and SignerTitle are the authorised person's, as printed.
	SignerName  string `json:"signer_name"`
	SignerTitle string `json:"signer_title"`
	// InitialledBy lists those whose valid initials the server found.
	InitialledBy []string `json:"initialled_by"`
	// Missing lists the obligations that are open: "approval", "initials".
	Missing []string `json:"missing"`
	// State is where the document is on its way: "draft", "submitted",
	// "initialled", "returned", "signed", "numbered", "sealed", "issued",
	// "replaced" or "revoked".
	State string `json:"state"`
	// Next is what is to be done: "submit", "initials", "approval", "number",
	// "seal", "issue", "rework" or "none".
	Next string `json:"next"`
	// ReturnedBecause is the reason when State is "returned".
	ReturnedBecause string `json:"returned_because,omitempty"`
	// Replaces is the document that this one replaces when it is issued.
	Replaces string `json:"replaces,omitempty"`
	// CoIssuers are the units that issue the document together with Unit.
	CoIssuers []CoIssuer `json:"co_issuers,omitempty"`
	// Approvals are those that the server verified, the earliest first.
	Approvals []Approval `json:"approvals,omitempty"`
	// Explained is the decision on the last explanation of a missing signature
	// ("pending", "accepted", "rejected"), empty without one; Disputed says that it
	// is no explanation but says that the figure is wrong.
	Explained string `json:"explained,omitempty"`
	Disputed  bool   `json:"disputed,omitempty"`
	// Version, SHA256, Size and Pages describe the newest file; Version is empty when there is none.
	Version string `json:"version"`
	SHA256  string `json:"sha256"`
	Size    int64  `json:"size"`
	ETag    string `json:"etag"`
}

// CoIssuer is a unit that issues a document together with others.
type CoIssuer struct {
	Unit     string `json:"unit"`
	UnitName string `json:"unit_name"`
	Signed   bool   `json:"signed"` // its approval was verified
}

// Approval is an approval that the server verified. Form is that of the
// authority: "self", "KT", "TM", "TL", "TUQ" (NĐ 30/2020/NĐ-CP, Điều 13), empty
// for one of an earlier release.
type Approval struct {
	Unit string    `json:"unit"`
	Name string    `json:"name"`
	Form string    `json:"form"`
	At   time.Time `json:"at"`
}

// Submission is one signed file to deliver.
type Submission struct {
	// Key is the idempotency key; it never changes for one submission.
	Key        string
	DocumentID string
	// BaseVersion is the version that the signed file extends.
	BaseVersion string
	Stage       string // "initialled", "signed", "sealed", "copy"
	SHA256      string // lower-case hex
	Size        int64
	// Metadata describes the document for systems that have no record of it.
	Metadata Metadata
	// Open gives the bytes; it may be called more than once.
	Open func() (io.ReadCloser, error)
	// Committing is called when the bytes are stored and the commit is about to
	// be asked for; an error of it stops the submission. It may be nil.
	Committing func() error
	// Progress is told how many bytes of the file the system took so far; the
	// number goes back when a transfer has to begin again. It may be nil.
	Progress func(sent int64)
	// Resume is what Remember was told last for this submission, empty at first.
	Resume string
	// Remember keeps what is needed to go on with a broken transfer, durably; it
	// may be nil, transfers then begin again.
	Remember func(resume string) error
}

// sent tells the progress.
func (s Submission) sent(n int64) {
	if s.Progress != nil {
		s.Progress(n)
	}
}

// Receipt is the server's proof that it stored a version.
type Receipt struct {
	Version    string    `json:"version"`
	SHA256     string    `json:"sha256"` // computed by the server from what it stored
	ReceivedAt time.Time `json:"received_at"`
}

// VersionStatus is the server's own verification of a version.
type VersionStatus struct {
	Version string `json:"version"`
	// State is "pending", "passed", "failed", "indeterminate", "unsigned" for a
	// draft without any signature, or Unverified.
	State string `json:"state"`
	// Why is one line when State is failed or indeterminate, or when a valid
	// signature fulfilled nothing.
	Why string `json:"why,omitempty"`
	// Fulfilled lists the obligations that this version fulfilled: "approval", "initials".
	Fulfilled []string `json:"fulfilled,omitempty"`
}

// Unverified is the state of a version in a system that keeps files and checks
// no signature: it holds the bytes, and nothing more is to come.
const Unverified = "unverified"

// Connector delivers signed files to one document system. Its methods may be
// called from several goroutines. A refusal is a *Problem, ErrOffline says that
// there was no answer.
type Connector interface {
	// Submit stores the file and commits it as a version. It is idempotent by s.Key.
	Submit(ctx context.Context, s Submission) (Receipt, error)
	// Status asks for the system's own verification of a version.
	Status(ctx context.Context, version string) (VersionStatus, error)
	// Check tries what a delivery needs and leaves nothing behind: the test
	// button of the settings. The error is that of the first step that failed.
	Check(ctx context.Context) (Checkup, error)
}

// Checkup is what the test of a connection found.
type Checkup struct {
	// System names what answered, in its own words.
	System string
	// Verifies reports that the system checks signatures itself.
	Verifies bool
	// Steps are what was tried, in order; the last one may have failed.
	Steps []CheckStep
}

// CheckStep is one thing that was tried: "reach", "login", "write", "rename",
// "remove", "answer".
type CheckStep struct {
	Name string
	Err  error
}

// Try runs a step, notes it and gives its error.
func (c *Checkup) Try(name string, do func() error) error {
	err := do()
	c.Steps = append(c.Steps, CheckStep{name, err})
	return err
}

// Inbox lists what waits for the person.
type Inbox interface {
	// Waiting lists documents that miss an obligation of the person who is logged in.
	Waiting(ctx context.Context) ([]Document, error)
	// Content opens the newest file of a version.
	Content(ctx context.Context, version string) (io.ReadCloser, error)
}

// Board reads the signing rate.
type Board interface {
	// Board gives a unit's rate and its children's for a period ("2026", "2026-11").
	Board(ctx context.Context, unit, period string) (BoardPage, error)
	// Unsigned lists the unit's documents of the period that miss the approval, newest first.
	Unsigned(ctx context.Context, unit, period string) ([]Document, error)
}

// BoardPage is the answer of a board request.
type BoardPage struct {
	Unit    string    `json:"unit"`
	Name    string    `json:"name"`
	Period  string    `json:"period"`
	AsOf    time.Time `json:"as_of"`
	Formula string    `json:"formula"` // name and version of the formula, "R1 v1"
	// Basis is AtTime or Restated.
	Basis string `json:"basis"`
	// Policy is how the unit's kind is judged in the period.
	Policy signrate.Policy `json:"policy"`
	// ClosesAt is when the server closes the period by itself; Closed what it
	// noted, nil while the period is open.
	ClosesAt time.Time       `json:"closes_at"`
	Closed   *Close          `json:"closed,omitempty"`
	Own      signrate.Figure `json:"own"`
	Subtree  signrate.Figure `json:"subtree"`
	// Initials are the submissions upwards with their initials, of the unit alone.
	Initials signrate.Figure `json:"initials"`
	// Restated is Own as it is known today; only of a closed period at the time.
	Restated *signrate.Figure `json:"restated,omitempty"`
	// Rank is the unit's place among those of its kind, RankBefore that in the
	// period before; 0 when the unit is not judged.
	Rank       int          `json:"rank"`
	RankBefore int          `json:"rank_before"`
	Estimated  bool         `json:"estimated"` // shares of units that ended are in the figures
	Children   []BoardRow   `json:"children"`
	Months     []BoardMonth `json:"months"` // of the unit itself, oldest first
	// Illustrative reports that the figures are a demonstration ("số liệu minh họa").
	Illustrative bool `json:"illustrative"`
	// Kept reports an earlier answer that was kept here: the server cannot be reached.
	Kept bool `json:"-"`
}

// BoardRow is one unit below the board's unit.
type BoardRow struct {
	Unit       string          `json:"unit"`
	Name       string          `json:"name"`
	Kind       string          `json:"kind"` // "phong", "phuong", …
	Figure     signrate.Figure `json:"figure"`
	Rank       int             `json:"rank"`
	RankBefore int             `json:"rank_before"`
	Reached    bool            `json:"reached"` // the target of its kind
	Estimated  bool            `json:"estimated"`
}

// Bases of a figure.
const (
	AtTime   = "atTime"   // a closed period as it was closed, units as they were
	Restated = "restated" // as it is known today, units that ended under their successors, by share
)

// Close is the note of a closed period (chốt số liệu).
type Close struct {
	Period  string    `json:"period"`
	At      time.Time `json:"closed_at"`
	By      string    `json:"by"` // empty when the server closed by itself
	Formula string    `json:"formula"`
	// Size and Root are the state of the audit log, Checkpoint its signed note.
	Size       int64  `json:"size"`
	Root       string `json:"root"`
	Checkpoint string `json:"checkpoint"`
	Digest     string `json:"digest"` // of the figures; the audit log holds it too
}

// Trend is a unit's rate over weeks or months, oldest first.
type Trend struct {
	Unit    string       `json:"unit"`
	Name    string       `json:"name"`
	Grain   string       `json:"grain"` // "week" or "month"
	AsOf    time.Time    `json:"as_of"`
	Formula string       `json:"formula"`
	Basis   string       `json:"basis"`
	Points  []TrendPoint `json:"points"`
}

// TrendPoint is a week (2026-W47), a part of one, or a month (2026-11).
type TrendPoint struct {
	Period string          `json:"period"`
	From   string          `json:"from"` // yyyy-MM-dd
	To     string          `json:"to"`
	Figure signrate.Figure `json:"figure"` // the unit with all below it
	// Rolling are the last four weeks together; for months the month itself.
	Rolling   signrate.Figure `json:"rolling"`
	Rank      int             `json:"rank"` // months only, 0 when not judged
	Closed    bool            `json:"closed"`
	Estimated bool            `json:"estimated"`
}

// BoardMonth is one month of the board's unit.
type BoardMonth struct {
	Month  string          `json:"month"` // yyyy-MM
	Figure signrate.Figure `json:"figure"`
	Closed bool            `json:"closed"`
}

// Person is who is logged in.
type Person struct {
	Name     string `json:"name"`
	Title    string `json:"title"`
	Unit     string `json:"unit"`
	UnitName string `json:"unit_name"`
	// Board is the unit whose whole board the person may see (the unit's parent for heads).
	Board string `json:"board"`
	// Role is the weightiest role at home: "head", "signer", "clerk",
	// "secretary", "viewer", "auditor", "admin" or "none".
	Role  string     `json:"role"`
	Roles []HeldRole `json:"roles"`
	// Authorities are those that hold today.
	Authorities []HeldAuthority `json:"authorities"`
}

// HeldAuthority is a right to sign for a unit, and in which form: in person
// ("self"), KT., TM., TL. or TUQ. (NĐ 30/2020, art. 13).
type HeldAuthority struct {
	Unit      string `json:"unit"`
	UnitName  string `json:"unit_name"`
	May       string `json:"may"`        // "approve", "initial"
	Form      string `json:"form"`       // "self", "KT", "TM", "TL", "TUQ"
	ValidFrom string `json:"valid_from"` // yyyy-MM-dd
	ValidTo   string `json:"valid_to"`   // the first day on which it holds no more; may be empty
}

// HeldRole is a role that a person has in a unit; it follows from a grant or from an authority to sign.
type HeldRole struct {
	Role string `json:"role"`
	Unit string `json:"unit"` // empty for roles that belong to no unit
}
