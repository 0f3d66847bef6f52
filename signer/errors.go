package signer

import (
	"errors"
	"fmt"

	"kyso/signer/internal/cms"
	"kyso/signer/internal/pades"
	"kyso/signer/internal/pdf"
	"kyso/signer/internal/stamp"
)

// The errors that a caller may tell apart. Compare with errors.Is.
var (
	// ErrExists reports an output file that is there already.
	ErrExists = errors.New("the output file exists")
	// ErrSameFile reports an output that is the input.
	ErrSameFile = errors.New("the output is the input file")
	// ErrWeakKey reports a key that no new signature may be made with.
	ErrWeakKey = cms.ErrWeakKey
	// ErrKeyMismatch reports a signature value that does not verify with the
	// certificate of the credential.
	ErrKeyMismatch = errors.New("the signature value does not belong to the certificate")
	// ErrNoPlace reports a mark whose place is not on a page of the document.
	ErrNoPlace = pades.ErrNoPlace
	// ErrFieldUsed reports a field that is filled, locked, or no signature field.
	ErrFieldUsed = pades.ErrFieldUsed
	// ErrFieldName reports a name that a new field cannot have.
	ErrFieldName = pades.ErrFieldName
	// ErrNoLetter reports a text with a letter that the font does not have.
	ErrNoLetter = stamp.ErrNoLetter
	// ErrCheck reports an output that did not pass the program's own check. It
	// got no name.
	ErrCheck = errors.New("the signed file did not pass its check")
	// ErrTimeStamp is what every *TimeStampError is.
	ErrTimeStamp = errors.New("no usable time stamp")
	// ErrMaterial is what every *MaterialError is.
	ErrMaterial = errors.New("no material that proves the certificate good")
	// ErrNotSigned reports a file of a batch that ended before its turn.
	ErrNotSigned = errors.New("the batch ended before this file was signed")
	// ErrInputChanged reports a file that is not the one that Begin read.
	ErrInputChanged = errors.New("the input is not the file that was prepared")
	// ErrPending reports a stored signature that cannot be finished.
	ErrPending = errors.New("not a pending signature")
	// ErrNoRoom reports a time stamp that is larger than the room left for it.
	ErrNoRoom = pades.ErrTooSmall
	// ErrNoSignature reports a file without a signature to raise.
	ErrNoSignature = errors.New("the document has no signature")
	// ErrUnsound reports a file with a signature that does not hold: raising it
	// would prove nothing.
	ErrUnsound = errors.New("a signature of the document does not hold")
	// ErrAtLevel reports a file whose signatures have reached the level already.
	ErrAtLevel = errors.New("the document is at this level already")
	// ErrRequest reports a request that lacks something.
	ErrRequest = errors.New("incomplete request")
	// ErrPassword reports an encrypted file that needs a password, and none was given.
	ErrPassword = pdf.ErrPassword
	// ErrWrongPassword reports a password that does not open the file.
	ErrWrongPassword = pdf.ErrWrongPassword
	// ErrRefused is what every *RefusalError is.
	ErrRefused = errors.New("the document must not be signed")
)

// RefusalError says why a document is not signed. Nothing was written.
type RefusalError struct {
	// Code is one of "encrypted" (a password is needed), "wrong-password",
	// "security-handler", "certified-no-changes", "locked", "dynamic-xfa",
	// "damaged", "trailing-bytes", "permission", "annotations-not-allowed", "seed-value".
	Code string
	// Text is for the support desk.
	Text string
	// Page counts from 1; zero when it belongs to no page.
	Page int
}

// Error gives the text for the support desk.
func (e *RefusalError) Error() string { return fmt.Sprintf("refused (%s): %s", e.Code, e.Text) }

// Is reports whether target is ErrRefused.
func (e *RefusalError) Is(target error) bool { return target == ErrRefused }
