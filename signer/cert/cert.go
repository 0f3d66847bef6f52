// Package cert reads what a signing certificate says: who holds it, in which
// unit and capacity, who issued it, and what it may be used for.
package cert

import "time"

// Subject is what a certificate says of its holder, in NFC.
//
// Officials of the government CA carry C, L, O, several OU and CN; public CAs
// carry UID with a prefix (CCCD:, CMND:, MST:) and T for the title.
type Subject struct {
	Name  string `json:"name"`            // CN
	Unit  string `json:"unit,omitempty"`  // O, or the innermost OU when there is no O
	Title string `json:"title,omitempty"` // T (2.5.4.12)
	Email string `json:"email,omitempty"`
	// Agency reports that the certificate belongs to an agency, not a person.
	Agency bool   `json:"agency"`
	Issuer string `json:"issuer"` // CN of the issuer
	Serial string `json:"serial"` // hexadecimal
	// SHA256 is the fingerprint in lower-case hexadecimal.
	SHA256    string    `json:"sha256"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	// Key is "RSA-2048", "P-256", ….
	Key string `json:"key"`
}

// Fitness says whether a certificate may make a document signature at a time.
type Fitness string

// The reasons. Only Fit may sign; the others are shown greyed with the reason.
const (
	Fit         Fitness = "fit"
	IsCA        Fitness = "is-ca"         // a certificate of a CA
	NoKey       Fitness = "no-key"        // the token has no private key for it
	NotYetValid Fitness = "not-yet-valid" // before NotBefore
	Expired     Fitness = "expired"       // after NotAfter
	WrongUse    Fitness = "wrong-use"     // key usage without digitalSignature and nonRepudiation
	WeakKey     Fitness = "weak-key"      // RSA below 2048 bits (TT 15/2025/TT-BKHCN, annexes)
	Unreadable  Fitness = "unreadable"    // not a certificate
	Revoked     Fitness = "revoked"       // its issuer says so; Judge, which asks nobody, never finds it
)
