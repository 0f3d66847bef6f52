// Package digest reads a file once and digests it on the way.
//
// A signature covers a file but for a gap, so signatures of one file share most
// of their bytes: a running state is copied at each gap, and the bytes are
// hashed once, not once for every signature.
package digest

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
)

// A file is read in blocks; so many are in memory at a time, that reading,
// hashing and writing run side by side. For a small file that is not worth it.
const (
	blockSize = 256 << 10
	blocks    = 4
	smallFile = 1 << 20
	smallPart = 16 << 10
)

// Sink takes the bytes of a file in their order. It must not keep b.
type Sink func(b []byte) error

// Stream gives the first size bytes of r to every sink, in constant memory. The
// sinks may run side by side; all have ended when Stream returns. It ends with the
// first error, or that of ctx.
func Stream(ctx context.Context, r io.ReaderAt, size int64, sinks ...Sink) error {
	if size <= smallFile {
		return inTurn(ctx, r, size, sinks)
	}
	parent := ctx
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	free := make(chan *block, blocks)
	for range blocks {
		free <- &block{buf: make([]byte, blockSize)}
	}
	var running sync.WaitGroup
	queues := make([]chan *block, len(sinks))
	for i, sink := range sinks {
		queues[i] = make(chan *block, blocks)
		running.Go(func() { drain(ctx, cancel, sink, queues[i], free) })
	}
	err := fill(ctx, r, size, free, queues)
	for _, q := range queues {
		close(q)
	}
	running.Wait()
	if parent.Err() != nil {
		return parent.Err() //nolint:wrapcheck // the caller's own
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause //nolint:wrapcheck // a sink's own error
	}
	return err
}

// drain gives the blocks of a queue to a sink until there are no more, and frees
// those that nobody else is waiting for.
func drain(ctx context.Context, cancel context.CancelCauseFunc, sink Sink, queue <-chan *block, free chan<- *block) {
	for b := range queue {
		if ctx.Err() == nil {
			if err := sink(b.buf[:b.n]); err != nil {
				cancel(err)
			}
		}
		if b.users.Add(-1) == 0 {
			free <- b
		}
	}
}

// block is a part of the file that every sink sees before it is filled again.
type block struct {
	buf   []byte
	n     int
	users atomic.Int32
}

// fill reads the file into free blocks and hands them on.
func fill(ctx context.Context, r io.ReaderAt, size int64, free <-chan *block, queues []chan *block) error {
	for at := int64(0); at < size; {
		var b *block
		select {
		case b = <-free:
		case <-ctx.Done():
			return context.Cause(ctx) //nolint:wrapcheck // a sink's own error, or the caller's
		}
		b.n = int(min(int64(len(b.buf)), size-at))
		if err := readFull(r, b.buf[:b.n], at); err != nil {
			return err
		}
		at += int64(b.n)
		b.users.Store(int32(len(queues))) //nolint:gosec // a handful
		for _, q := range queues {
			q <- b // never waits: a queue has room for all blocks
		}
	}
	return nil
}

// smallParts are what small files are read into: a batch reads each of its files
// twice.
//
//nolint:gochecknoglobals // a pool belongs to all
var smallParts = sync.Pool{New: func() any { return new([smallPart]byte) }}

// inTurn is Stream for a small file.
func inTurn(ctx context.Context, r io.ReaderAt, size int64, sinks []Sink) error {
	part := smallParts.Get().(*[smallPart]byte) //nolint:forcetypeassert // New makes no other
	defer smallParts.Put(part)
	b := part[:]
	for at := int64(0); at < size; at += int64(len(b)) {
		if err := ctx.Err(); err != nil {
			return err //nolint:wrapcheck // the caller's own
		}
		b = b[:min(int64(len(b)), size-at)]
		if err := readFull(r, b, at); err != nil {
			return err
		}
		for _, sink := range sinks {
			if err := sink(b); err != nil {
				return err
			}
		}
	}
	return ctx.Err() //nolint:wrapcheck // the caller's own
}

// readFull reads all of b. A file that ends earlier is an error.
func readFull(r io.ReaderAt, b []byte, at int64) error {
	n, err := r.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("read at %d: %w", at+int64(n), err)
}
