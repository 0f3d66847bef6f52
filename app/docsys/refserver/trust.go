package refserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"kyso/signer"
	"kyso/signer/truststore"
	"kyso/signer/verify"
)

// ErrUnreadable is what a Verifier wraps for a file that is no PDF or needs a
// password: such a version fails instead of being tried again.
var ErrUnreadable = errors.New("not a readable PDF")

// Trusting makes a Verifier from the certificates in the folder dir, as
// truststore.Read takes them. hc reaches OCSP responders and revocation lists and has time limits.
func Trusting(dir string, hc *http.Client) (Verifier, error) {
	if dir == "" {
		return nil, errors.New("no folder of trusted certificates is named")
	}
	anchors, intermediates, err := truststore.Read(dir)
	if err != nil {
		return nil, fmt.Errorf("read the trusted certificates: %w", err)
	}
	return func(ctx context.Context, r io.ReaderAt, size int64, at time.Time) (verify.Report, error) {
		report, err := signer.Verify(ctx, r, size, signer.VerifyOptions{Anchors: anchors, Intermediates: intermediates, Client: hc, At: at})
		if errors.Is(err, signer.ErrUnreadable) {
			return report, fmt.Errorf("%w: %w", ErrUnreadable, err)
		}
		return report, err
	}, nil
}
