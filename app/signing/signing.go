// Package signing is the road of a document: check, place, sign, verify our own
// output, outbox, receipt. Window, command line and bridge walk the same road;
// nobody has a private one.
package signing

import (
	"context"
	"image"
	"time"

	"kyso/app/docsys"
	"kyso/app/placement"
	"kyso/signer"
	"kyso/signer/cert"
	"kyso/signer/token"
	"kyso/signer/verify"
)

// Key is a certificate on a token that was found on this machine.
type Key struct {
	// Module is the path of the PKCS #11 module that shows it.
	Module      string
	Token       token.Info
	Certificate token.Certificate
	// Subject is what the certificate says of its holder.
	Subject cert.Subject
	// Fit says whether a signature may be made with it now, else why not.
	Fit cert.Fitness
	// LastTry is the person's word, given after a warning, that the last try of the
	// PIN may be spent. Keys never sets it and a batch does not heed it.
	LastTry bool
}

// Soft reports a key in a file instead of a token. It must be shown as such.
func (k Key) Soft() bool { return k.Token.Soft }

// Device is a token as a module shows it.
type Device struct {
	Module string
	Token  token.Info
}

// Found is the answer of a search for keys.
type Found struct {
	Keys []Key
	// Tokens are the tokens that are in, also those without a certificate.
	Tokens []Device
	// Modules are the modules that were looked into, with what came of it.
	Modules []ModuleState
}

// ModuleState says what became of one PKCS #11 module.
type ModuleState struct {
	Path   string
	Tokens int
	Err    error // nil when it was loaded and asked
}

// Job is one document to sign.
type Job struct {
	// Path is the PDF to sign. It is never changed.
	Path string
	// Document is the document of the system; nil for a local file.
	Document *docsys.Document
	Role     placement.Role
	// Page and Rect place the mark as shown; Page 0 makes an invisible signature.
	Page int
	Rect placement.Rect
	// Image is the picture of the signature; may be nil when Lines is not.
	Image image.Image
	Lines []string
	// Template is how the agency wants the mark; nil where it says nothing. Dressed
	// makes Lines of it where there is neither picture nor text.
	Template *docsys.MarkTemplate
	// Block takes the place of Lines: what it says has the time of the signature.
	Block *Block
	// Also are further marks of the same signature, such as initials on pages.
	Also  []Mark
	Field string
	// Out is the file to write, or an existing folder; empty means the
	// program's own folder of signed documents.
	Out  string
	Time time.Time
	// Password opens an encrypted document; it is not kept.
	Password []byte
	// NotSecret is the person's word that a document with a doubtful mark of
	// secrecy is not secret.
	NotSecret bool
}

// Mark is one mark of a signature besides the principal one: initials.
type Mark struct {
	Page  int
	Rect  placement.Rect
	Image image.Image
	// Template is how the agency wants it, Lines what Dressed made of that.
	Template *docsys.MarkTemplate
	Lines    []string
}

// Step is a place on the road; the window and the command line show it.
type Step string

// The steps, in order.
const (
	StepPlan   Step = "plan"   // may it be signed at all
	StepSign   Step = "sign"   // digest, token, CMS
	StepCheck  Step = "check"  // our own check, then the name
	StepQueue  Step = "queue"  // the outbox holds it
	StepUpload Step = "upload" // the server holds it
	StepAnswer Step = "answer" // the server verified it itself
)

// Outcome is a signed document.
type Outcome struct {
	Path   string
	SHA256 string
	// Field is the signature field that holds the signature.
	Field string
	// Level is the PAdES level that was reached: the one that was asked for.
	Level string
	// MissingIssuer is the name of an issuer that could not be found for the
	// embedded chain, empty when it is complete.
	MissingIssuer string
	Report        verify.Report
	// Certificate is what was found out about the signer's certificate before the
	// signature. Where its issuer could not be asked, the person is told
	// (TT 15/2025/TT-BKHCN, Đ5).
	Certificate verify.Status
	// Queued is the outbox item, empty for a local file.
	Queued string
}

// Unchecked reports that nobody could say whether the signer's certificate was
// revoked.
func (o Outcome) Unchecked() bool { return o.Certificate.Revocation != good }

// Finding is something that the signer should know of a document.
type Finding = signer.Finding

// Forecast is what is known of a document before a PIN is asked for.
type Forecast struct {
	// Refusal is why the document will not be signed, a *signer.RefusalError; nil
	// when nothing stands in the way.
	Refusal error
	// Warnings do not stop the signature.
	Warnings []Finding
}

// Road signs documents. See Desk for the implementation that the program uses.
type Road interface {
	// Foresee tells what a signature in the file at path would meet. It needs no
	// token and writes nothing; password opens an encrypted file. The error is
	// that of reading the file.
	Foresee(ctx context.Context, path string, password []byte) (Forecast, error)
	// Keys looks for tokens and certificates.
	Keys(ctx context.Context) (Found, error)
	// Open logs in to the key's token, once for any number of documents.
	// The caller wipes pin. A wrong PIN is never tried again; the last try is spent
	// with k.LastTry only, else the error is token.ErrPINFinal.
	Open(ctx context.Context, k Key, pin []byte) (Seat, error)
}

// Seat is a login under which documents are signed.
type Seat interface {
	// Sign walks one document to the outbox. step is told each step before it begins.
	Sign(ctx context.Context, j Job, step func(Step)) (Outcome, error)
	// Close logs out.
	Close(ctx context.Context) error
}
