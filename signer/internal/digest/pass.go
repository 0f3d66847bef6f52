package digest

import (
	"cmp"
	"context"
	"crypto"
	"fmt"
	"hash"
	"io"
	"slices"
)

// Range is what a signature covers (ISO 32000-2, 12.8.1): the bytes from 0 to
// GapStart, and from GapEnd to End.
type Range struct{ GapStart, GapEnd, End int64 }

// Pass digests signed ranges of one file, all of them in one pass. Ask with
// Want, read with Read, then take with Sum.
type Pass struct {
	parts []*part
	known map[wanted]*part
}

// Function is a hash function: a crypto.Hash, or another value that can be
// compared.
type Function interface{ New() hash.Hash }

type wanted struct {
	r        Range
	function Function
}

// part is one digest on its way.
type part struct {
	wanted

	state hash.Hash // from the gap on
	sum   []byte
}

// Want asks for the digest of a range. A range that is no range is ignored: Sum
// has nothing for it.
func (p *Pass) Want(r Range, f Function) {
	w := wanted{r, f}
	if r.GapStart < 0 || r.GapEnd < r.GapStart || r.End < r.GapEnd || p.known[w] != nil {
		return
	}
	if p.known == nil {
		p.known = map[wanted]*part{}
	}
	p.known[w] = &part{wanted: w}
	p.parts = append(p.parts, p.known[w])
}

// WantFile asks for the SHA-256 of the first size bytes.
func (p *Pass) WantFile(size int64) { p.Want(file(size), crypto.SHA256) }

// Sum is the digest of a range, false when it was not asked for or not read.
func (p *Pass) Sum(r Range, f Function) ([]byte, bool) {
	part := p.known[wanted{r, f}]
	if part == nil || part.sum == nil {
		return nil, false
	}
	return slices.Clone(part.sum), true
}

// FileSum is the digest that WantFile asked for.
func (p *Pass) FileSum(size int64) ([]byte, bool) { return p.Sum(file(size), crypto.SHA256) }

func file(size int64) Range { return Range{size, size, size} }

// Read reads what is asked for and not known yet, each byte of the file once.
func (p *Pass) Read(ctx context.Context, r io.ReaderAt) error {
	trunks := map[Function]*trunk{}
	var all []*trunk
	size := int64(0)
	for _, part := range p.parts {
		if part.sum != nil {
			continue
		}
		size = max(size, part.r.End)
		t := trunks[part.function]
		if t == nil {
			t = &trunk{state: part.function.New()}
			all = append(all, t)
		}
		// A state that cannot be copied is used up by one part.
		if _, ok := t.state.(hash.Cloner); ok {
			trunks[part.function] = t
		}
		t.waiting = append(t.waiting, part)
	}
	if len(all) == 0 {
		return nil
	}
	sinks := make([]Sink, len(all))
	for i, t := range all {
		if err := t.start(); err != nil {
			return err
		}
		sinks[i] = t.take
	}
	if err := Stream(ctx, r, size, sinks...); err != nil {
		return err
	}
	for _, part := range p.parts {
		if part.sum == nil {
			part.sum, part.state = part.state.Sum(nil), nil
		}
	}
	return nil
}

// trunk is the running state of one hash function, from which each part branches
// off at its gap.
type trunk struct {
	at    int64
	state hash.Hash
	// waiting is sorted by the gap; branched are beyond theirs and not at their end.
	waiting, branched []*part
}

// start puts the parts into order. Those whose gap is at the very beginning branch off.
func (t *trunk) start() error {
	slices.SortStableFunc(t.waiting, func(a, b *part) int { return cmp.Compare(a.r.GapStart, b.r.GapStart) })
	return t.branch()
}

// take digests the next bytes of the file.
func (t *trunk) take(b []byte) error {
	for len(b) > 0 {
		n := int64(len(b))
		if len(t.waiting) > 0 { // not beyond the next gap
			n = min(n, t.waiting[0].r.GapStart-t.at)
			_, _ = t.state.Write(b[:n])
		}
		t.feed(b[:n])
		t.at += n
		b = b[n:]
		if err := t.branch(); err != nil {
			return err
		}
	}
	return nil
}

// feed gives bytes to the parts that are beyond their gap.
func (t *trunk) feed(b []byte) {
	end := t.at + int64(len(b))
	t.branched = slices.DeleteFunc(t.branched, func(p *part) bool {
		from, to := max(p.r.GapEnd, t.at), min(p.r.End, end)
		if from < to {
			_, _ = p.state.Write(b[from-t.at : to-t.at])
		}
		return p.r.End <= end
	})
}

// branch copies the state for the parts whose gap begins here.
func (t *trunk) branch() error {
	for len(t.waiting) > 0 && t.waiting[0].r.GapStart == t.at {
		p := t.waiting[0]
		t.waiting = t.waiting[1:]
		p.state = t.state
		if c, ok := t.state.(hash.Cloner); ok {
			state, err := c.Clone()
			if err != nil {
				return fmt.Errorf("digest: %w", err)
			}
			p.state = state
		}
		t.branched = append(t.branched, p)
	}
	return nil
}

// NewState is a hash whose state can be copied, as all of the standard library's
// can.
func NewState(h crypto.Hash) (hash.Cloner, error) {
	if !h.Available() {
		return nil, fmt.Errorf("digest: hash function %d is not linked in", h)
	}
	c, ok := h.New().(hash.Cloner)
	if !ok {
		return nil, fmt.Errorf("digest: the state of %s cannot be copied", h)
	}
	return c, nil
}
