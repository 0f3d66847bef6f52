package pades

import (
	"context"
	"fmt"
	"io"
)

// chunk is how much of a file is in memory at a time.
const chunk = 1 << 20

// Signed gives the parts of the update that the signature covers: what stands
// before and behind the room for the CMS.
func (p *Prepared) Signed() [][]byte {
	from, to := p.gap()
	return [][]byte{p.Update[:from], p.Update[to:]}
}

// Stream copies the first size bytes of r, a chunk at a time, and stops when ctx ends.
func Stream(ctx context.Context, w io.Writer, r io.ReaderAt, size int64) error {
	buf := make([]byte, min(chunk, max(size, 1)))
	for done := int64(0); done < size; {
		if err := ctx.Err(); err != nil {
			return err //nolint:wrapcheck // the caller's own
		}
		n, err := r.ReadAt(buf[:min(int64(len(buf)), size-done)], done)
		if n > 0 {
			if _, err := w.Write(buf[:n]); err != nil {
				return fmt.Errorf("write: %w", err)
			}
			done += int64(n)
		}
		if err != nil && done < size {
			return fmt.Errorf("read at %d: %w", done, err)
		}
	}
	return nil
}
