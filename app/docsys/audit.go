package docsys

import (
	"context"
	"fmt"
	"net/http"

	"kyso/app/docsys/api"
	"kyso/app/docsys/auditlog"
)

// Audit asks for the server's newest checkpoint and takes it into the memory of
// earlier ones; the caller stores what it gives. An error that wraps
// auditlog.ErrRewritten or auditlog.ErrUnsigned says that the server shows
// another history than before; the memory then stays as it was.
func (c *Client) Audit(ctx context.Context, m auditlog.Memory) (auditlog.Memory, error) {
	resp, err := c.api.GetCheckpoint(ctx)
	got, err := decode[api.Checkpoint](resp, err, http.StatusOK)
	if err != nil {
		return m, fmt.Errorf("ask for the checkpoint: %w", err)
	}
	next, err := m.Advance(got.Note, got.Verifier, func(from, to int64) ([]string, error) {
		resp, err := c.api.GetConsistency(ctx, &api.GetConsistencyParams{From: from, To: to})
		proof, err := decode[api.Consistency](resp, err, http.StatusOK)
		return proof.Proof, err
	})
	if err != nil {
		return m, fmt.Errorf("check the audit log: %w", err)
	}
	return next, nil
}
