package signer

import (
	"context"
	"fmt"

	"kyso/signer/internal/cms"
)

// checkLevel refuses a level that cannot be reached with what the request has.
func (j *job) checkLevel() error {
	if j.req.Level != "" && j.req.Level != LevelB {
		return fmt.Errorf("level %s: %w", j.req.Level, ErrNotAvailable)
	}
	return nil
}

// stampSignature makes the CMS of a signature value. From B-T on it holds a time
// stamp over the value (EN 319 142-1, 5.3), so that it is had before embedding.
func (*job) stampSignature(_ context.Context, b *cms.Builder, value []byte) ([]byte, error) {
	der, err := b.Build(value)
	if err != nil {
		return nil, fmt.Errorf("build the CMS: %w", err)
	}
	return der, nil
}

// growLT appends the document security store (EN 319 142-1, 5.4.2). Below B-LT
// there is nothing to append.
func (*job) growLT(context.Context, *output) error { return nil }

// growLTA appends a document time stamp (EN 319 142-1, 5.4.3). Below B-LTA there
// is nothing to append.
func (*job) growLTA(context.Context, *output) error { return nil }
