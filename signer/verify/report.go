// Package verify judges the signatures of a PDF file.
//
// The work has two halves that never mix. Package evidence gathers and passes
// no judgement; Evaluate applies a policy to the evidence and reads neither
// clock, file nor network. A verdict can therefore be replayed years later from
// the stored evidence alone (EN 319 102-1, 5).
package verify

import (
	"slices"
	"time"
)

// Indication is the main result of a validation (EN 319 102-1, 5.1.3).
type Indication string

// The indications.
const (
	TotalPassed   Indication = "TOTAL-PASSED"
	TotalFailed   Indication = "TOTAL-FAILED"
	Indeterminate Indication = "INDETERMINATE"
)

// SubIndication says why (EN 319 102-1, 5.1.3, table 6).
type SubIndication string

// The sub-indications in use.
const (
	FormatFailure     SubIndication = "FORMAT_FAILURE"
	HashFailure       SubIndication = "HASH_FAILURE"
	SigCryptoFailure  SubIndication = "SIG_CRYPTO_FAILURE"
	CryptoConstraints SubIndication = "CRYPTO_CONSTRAINTS_FAILURE"
	// CryptoConstraintsNoPOE: too weak now, and nothing proves that the signature is older.
	CryptoConstraintsNoPOE SubIndication = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
	Revoked                SubIndication = "REVOKED"
	RevokedNoPOE           SubIndication = "REVOKED_NO_POE"
	RevokedCANoPOE         SubIndication = "REVOKED_CA_NO_POE"
	Expired                SubIndication = "EXPIRED"
	NotYetValid            SubIndication = "NOT_YET_VALID"
	OutOfBoundsNoPOE       SubIndication = "OUT_OF_BOUNDS_NO_POE"
	NoCertificateChain     SubIndication = "NO_CERTIFICATE_CHAIN_FOUND"
	ChainConstraints       SubIndication = "CHAIN_CONSTRAINTS_FAILURE"
	SignatureConstraints   SubIndication = "SIG_CONSTRAINTS_FAILURE"
	TryLater               SubIndication = "TRY_LATER"
	NoSigningCertificate   SubIndication = "NO_SIGNING_CERTIFICATE_FOUND"
)

// Integrity is the verdict on the signed bytes alone.
type Integrity string

// The integrity verdicts.
const (
	Intact  Integrity = "intact"  // digest and signature value are right
	Altered Integrity = "altered" // the signed bytes were changed
	Broken  Integrity = "broken"  // the structure is malformed, or the signature value is wrong
	// Unchecked means that the format, an algorithm or the lack of the signer's
	// certificate did not allow a verdict.
	Unchecked Integrity = "unchecked"
)

// Coverage says how much of the file a signature covers.
type Coverage string

// The kinds of coverage.
const (
	CoversFile     Coverage = "whole-file" // all bytes but its own /Contents
	CoversRevision Coverage = "revision"   // a whole earlier revision of the file
	CoversPart     Coverage = "partial"    // not a whole revision: suspicious
)

// Change is one difference between what was signed and what is there now.
type Change struct {
	// Kind is a short code: "signature-added", "form-filled", "annotation-added", "content-changed", ….
	Kind string `json:"kind"`
	// Allowed reports that the change is permitted after the signature.
	Allowed bool `json:"allowed"`
	// Page counts from 1; zero when the change belongs to no page.
	Page int `json:"page,omitempty"`
	// Object names the PDF object by number, for the support desk.
	Object int    `json:"object,omitempty"`
	Detail string `json:"detail,omitempty"`
	// Role names what a permitted revision is in the life of a document.
	Role Role `json:"role,omitempty"`
	// Field is the form field that it concerns; Rect is its place on Page, as in Signature.
	Field string     `json:"field,omitempty"`
	Rect  [4]float64 `json:"rect,omitempty"`
	// Before and After are the texts that were and are shown, where that can be told.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// Role is what a later revision is in the life of a document (NĐ 30/2020/NĐ-CP,
// Đ14 and 15: after the authorised person signed, the agency numbers and seals).
type Role string

// The roles.
const (
	RoleNumber    Role = "number"     // the number and symbol of the document
	RoleDate      Role = "date"       // its date
	RoleSeal      Role = "seal"       // the agency's seal
	RoleAgency    Role = "agency"     // another signature of an agency
	RoleInitials  Role = "initials"   // further initials
	RolePerson    Role = "person"     // another person's signature
	RoleTimeStamp Role = "time-stamp" // a document time-stamp
	RoleEvidence  Role = "evidence"   // validation data for later
)

// Warning is something that a person should look at although it makes no
// signature wrong.
type Warning struct {
	Code WarningCode `json:"code"`
	// Page, Rect and Field are the place, as in Change.
	Page  int        `json:"page,omitempty"`
	Rect  [4]float64 `json:"rect,omitempty"`
	Field string     `json:"field,omitempty"`
	// Before is the signed text that is covered or was shown, After what is shown now.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	Detail string `json:"detail,omitempty"`
}

// WarningCode names a warning.
type WarningCode string

// The warnings.
const (
	// SignatureOverContent: the mark of a later signature lies over signed content
	// (the attack SSA, and a seal that is set carelessly).
	SignatureOverContent WarningCode = "signature-over-content"
	// AnnotationOverContent: a later annotation lies over signed content (the attack EAA).
	AnnotationOverContent WarningCode = "annotation-over-content"
	// AnnotationChanged: a note that was signed says something else, or is gone.
	AnnotationChanged WarningCode = "annotation-changed"
	// AppearanceSwapped: a form field shows something else than its value.
	AppearanceSwapped WarningCode = "appearance-swapped"
	// TimeSevenHoursOff: the signer's program wrote Vietnam's time as UTC.
	TimeSevenHoursOff WarningCode = "time-seven-hours-off"
	// TimeAfterProof: the claimed time is later than a time-stamp over the signature.
	TimeAfterProof WarningCode = "claimed-time-after-proof"
)

// doubts reports that something may hide what was signed; a policy can ask a
// person to look before it calls the signature valid.
func (c WarningCode) doubts() bool {
	return c == AnnotationOverContent || c == AnnotationChanged || c == AppearanceSwapped
}

// Certificate is what the report says of a certificate.
type Certificate struct {
	SHA256    string    `json:"sha256"`
	Subject   string    `json:"subject"`
	Holder    string    `json:"holder"`
	Unit      string    `json:"unit,omitempty"`
	Title     string    `json:"title,omitempty"`
	Issuer    string    `json:"issuer"`
	Serial    string    `json:"serial"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
}

// MarkPlace is where one mark of a signature stands.
type MarkPlace struct {
	Page int        `json:"page"`
	Rect [4]float64 `json:"rect"` // as in Signature
}

// Signature is the report on one signature.
type Signature struct {
	Field     string `json:"field"`
	SubFilter string `json:"sub_filter"`
	// Page and Rect place the first visible mark; Page is 0 for an invisible one.
	Page int        `json:"page,omitempty"`
	Rect [4]float64 `json:"rect,omitempty"` // x, y, w, h in points from the lower left as shown
	// Places are all visible marks of the signature, the first one included.
	Places []MarkPlace `json:"places,omitempty"`

	Reason string `json:"reason,omitempty"`
	// ClaimedTime is /M; TimeSource says where the time of judgement came from:
	// "claimed", "timestamp" or "now".
	ClaimedTime time.Time `json:"claimed_time,omitzero"`
	TimeSource  string    `json:"time_source"`

	// SigningTime is the signing-time attribute of the CMS, a claim as well.
	SigningTime time.Time `json:"signing_time,omitzero"`
	// ProvenTime is the earliest time by which a time-stamp proves that the
	// signature existed; zero without one.
	ProvenTime time.Time `json:"proven_time,omitzero"`

	// Malformed is what is wrong with the signature's dictionary; such a
	// signature has failed, whatever Integrity says of its bytes.
	Malformed []string `json:"malformed,omitempty"`

	Integrity  Integrity   `json:"integrity"`
	Coverage   Coverage    `json:"coverage"`
	SignedSize int64       `json:"signed_size"` // bytes of the file up to the end of the signed range
	Changes    []Change    `json:"changes,omitempty"`
	Warnings   []Warning   `json:"warnings,omitempty"`
	Signer     Certificate `json:"signer"`
	// Revocation is "good", "revoked", "unknown" or "not-checked".
	Revocation string `json:"revocation"`
	// Level is the PAdES baseline level reached, empty when none.
	Level string `json:"level,omitempty"`
	// LevelNote says why the level is not higher although the file has a time
	// stamp or a security store; for the support desk.
	LevelNote string `json:"level_note,omitempty"`

	Indication    Indication    `json:"indication"`
	SubIndication SubIndication `json:"sub_indication,omitempty"`
	// Why is one line for the support desk.
	Why string `json:"why,omitempty"`
}

// Modified reports that something came after the signature that it does not permit.
func (s Signature) Modified() bool {
	return slices.ContainsFunc(s.Changes, func(c Change) bool { return !c.Allowed && c.Kind != notCompared })
}

// Compared reports that all that came after the signature was looked at. It is
// false for a file that asks for more work than a comparison may take.
func (s Signature) Compared() bool {
	return !slices.ContainsFunc(s.Changes, func(c Change) bool { return c.Kind == notCompared })
}

// Sound reports that the signature is right as far as the file alone can tell:
// intact, over a whole revision, nothing changed since that is not permitted.
// Trust is not in it.
func (s Signature) Sound() bool {
	whole := s.Coverage == CoversFile || s.Coverage == CoversRevision
	return s.Integrity == Intact && whole && len(s.Malformed) == 0 && !s.Modified() && s.Compared()
}

// Report is the verdict on a file.
type Report struct {
	// Indication is the worst of the signatures'; Indeterminate with
	// FormatFailure when the file has none.
	Indication    Indication    `json:"indication"`
	SubIndication SubIndication `json:"sub_indication,omitempty"`
	Signatures    []Signature   `json:"signatures"`
	// Policy names the policy that was applied, with its version.
	Policy string    `json:"policy"`
	At     time.Time `json:"at"`
}

// Word is the plain Vietnamese word for an indication (TT 15/2025/TT-BKHCN, Đ6.4).
func (i Indication) Word() string {
	switch i {
	case TotalPassed:
		return "hợp lệ"
	case TotalFailed:
		return "không hợp lệ"
	case Indeterminate:
		return "chưa đủ căn cứ"
	}
	return "chưa đủ căn cứ"
}
