package evidence

import (
	"context"

	"kyso/signer/internal/pdf"
	"kyso/signer/verify"
)

// Signatures finds what a file says of its signatures, and the steps that its
// comparisons took. With whole the comparisons leave nothing out.
func Signatures(ctx context.Context, f *pdf.File, whole bool) ([]verify.SignatureEvidence, int, error) {
	c := &collector{file: f, whole: whole}
	err := c.signatures(ctx)
	steps := 0
	if c.newest != nil {
		steps = c.newest.steps
	}
	return c.found, steps, err
}
