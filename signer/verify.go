package signer

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"kyso/signer/internal/evidence"
	"kyso/signer/verify"
)

// ErrUnreadable reports a file that is no PDF, or one that its password does not
// open (then the error is ErrPassword or ErrWrongPassword as well): it cannot be
// judged.
var ErrUnreadable = evidence.ErrUnreadable

// fetchTimeout is the time limit of one request when the caller gives no client.
const fetchTimeout = 20 * time.Second

// VerifyOptions say what to trust and whom to ask.
type VerifyOptions struct {
	// Anchors are the trusted roots. Without any no signature is TotalPassed.
	Anchors []*x509.Certificate
	// Intermediates are issuers that signatures may leave out.
	Intermediates []*x509.Certificate
	// Client reaches OCSP responders, revocation lists and issuers' certificates;
	// one with a time limit and no proxy settings of its own when nil.
	Client *http.Client
	// Offline asks nobody; then only answers kept in the file can prove that a
	// certificate was not revoked.
	Offline bool
	// Policy names the policy; verify.Basic when empty.
	Policy verify.PolicyName
	// At is the time of judgement. It must not be zero: a caller that means now
	// says time.Now().
	At time.Time
	// Password opens an encrypted file. It is not kept.
	Password []byte
}

// Verify judges all signatures of a PDF file of size bytes. A bad signature, or
// none, is a report, not an error. The error is ErrUnreadable, that of ctx, or
// that of reading the file: then nothing was judged.
func Verify(ctx context.Context, r io.ReaderAt, size int64, o VerifyOptions) (verify.Report, error) {
	e, err := Collect(ctx, r, size, o)
	if err != nil {
		return verify.Report{}, err
	}
	return verify.Evaluate(e, verify.Policy{Name: o.Policy, Anchors: o.Anchors}), nil
}

// Collect gathers what Verify judges and judges nothing. Kept as it is, it gives
// the same report again: see verify.Evaluate.
func Collect(ctx context.Context, r io.ReaderAt, size int64, o VerifyOptions) (verify.Evidence, error) {
	if o.At.IsZero() {
		return verify.Evidence{}, errors.New("verify: no time of judgement")
	}
	e, err := evidence.Gather(ctx, r, size, o.At, o.sources())
	if err != nil {
		return verify.Evidence{}, fmt.Errorf("verify: %w", err)
	}
	return e, nil
}

// VerifyFile is Verify for a file by its path.
func VerifyFile(ctx context.Context, path string, o VerifyOptions) (verify.Report, error) {
	file, err := os.Open(path)
	if err != nil {
		return verify.Report{}, fmt.Errorf("verify: %w", err)
	}
	defer file.Close() //nolint:errcheck // read only
	info, err := file.Stat()
	if err != nil {
		return verify.Report{}, fmt.Errorf("verify: %w", err)
	}
	return Verify(ctx, file, info.Size(), o)
}
