package digest_test

import (
	"bytes"
	"context"
	"crypto"
	_ "crypto/md5" // registers what old signatures use
	_ "crypto/sha1"
	_ "crypto/sha3"
	_ "crypto/sha512"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"kyso/signer/internal/digest"
)

func random(seed uint64, n int) ([]byte, *rand.Rand) {
	r := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b, r
}

func TestOnePassGivesTheDigestOfEveryRange(t *testing.T) {
	functions := []crypto.Hash{crypto.MD5, crypto.SHA1, crypto.SHA256, crypto.SHA384, crypto.SHA512, crypto.SHA3_256}
	for name, size := range map[string]int{
		"a file of no bytes": 0, "a small file": 1000, "exactly one block": 256 << 10, "a few parts": 900_001, "exactly a small file": 1 << 20, "many blocks": 3<<20 + 1,
	} {
		t.Run(name, func(t *testing.T) {
			b, r := random(uint64(size), size)
			ranges := []digest.Range{{0, 0, int64(size)}, {0, int64(size), int64(size)}}
			for range 20 {
				cut := []int64{r.Int64N(int64(size) + 1), r.Int64N(int64(size) + 1), r.Int64N(int64(size) + 1)}
				slices.Sort(cut)
				ranges = append(ranges, digest.Range{cut[0], cut[1], cut[2]})
			}
			var p digest.Pass
			p.WantFile(int64(size))
			for i, x := range ranges {
				p.Want(x, functions[i%len(functions)])
				p.Want(x, functions[i%len(functions)])
			}
			counted := &counting{ReaderAt: bytes.NewReader(b)}
			if err := p.Read(t.Context(), counted); err != nil {
				t.Fatal(err)
			}
			if counted.n != int64(size) {
				t.Errorf("%d bytes read of %d", counted.n, size)
			}
			for i, x := range ranges {
				h := functions[i%len(functions)].New()
				h.Write(b[:x.GapStart])
				h.Write(b[x.GapEnd:x.End])
				if got, ok := p.Sum(x, functions[i%len(functions)]); !ok || !bytes.Equal(got, h.Sum(nil)) {
					t.Errorf("%+v with %s: wrong", x, functions[i%len(functions)])
				}
			}
			h := crypto.SHA256.New()
			h.Write(b)
			if got, ok := p.FileSum(int64(size)); !ok || !bytes.Equal(got, h.Sum(nil)) {
				t.Error("the whole file: wrong")
			}
		})
	}
}

func TestWhatWasNotReadHasNoDigest(t *testing.T) {
	b, _ := random(1, 100)
	var p digest.Pass
	x := digest.Range{GapStart: 10, GapEnd: 20, End: 30}
	if _, ok := p.Sum(x, crypto.SHA256); ok {
		t.Error("not asked for, and there")
	}
	p.Want(x, crypto.SHA256)
	p.Want(digest.Range{GapStart: 20, GapEnd: 10, End: 30}, crypto.SHA256)
	if _, ok := p.Sum(x, crypto.SHA256); ok {
		t.Error("not read, and there")
	}
	if err := p.Read(t.Context(), bytes.NewReader(b)); err != nil {
		t.Fatal(err)
	}
	if _, ok := p.Sum(digest.Range{GapStart: 20, GapEnd: 10, End: 30}, crypto.SHA256); ok {
		t.Error("no range, and there")
	}
	again := &counting{ReaderAt: bytes.NewReader(b)}
	if err := p.Read(t.Context(), again); err != nil || again.n != 0 {
		t.Errorf("what is known was read again: %d bytes, %v", again.n, err)
	}
}

type counting struct {
	io.ReaderAt

	n int64
}

func (c *counting) ReadAt(b []byte, at int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(b, at)
	c.n += int64(n)
	return n, err
}

func TestAStreamEndsWithTheFirstError(t *testing.T) {
	full := errors.New("the disk is full")
	dead, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("some reason"))
	for size, kind := range map[int]string{1000: "a block", 5 << 20: "many blocks"} {
		b, _ := random(1, size)
		for name, c := range map[string]struct {
			ctx  context.Context //nolint:containedctx // a table
			end  int
			sink digest.Sink
			want error
		}{
			"a sink fails":        {ctx: t.Context(), end: size, sink: func([]byte) error { return full }, want: full},
			"the file ends early": {ctx: t.Context(), end: size - 1, sink: func([]byte) error { return nil }, want: io.ErrUnexpectedEOF},
			"the work is off":     {ctx: dead, end: size, sink: func([]byte) error { return nil }, want: context.Canceled},
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				seen := 0
				other := func(b []byte) error { seen += len(b); return nil }
				err := digest.Stream(c.ctx, bytes.NewReader(b[:c.end]), int64(size), other, c.sink)
				if !errors.Is(err, c.want) {
					t.Errorf("error %v, want %v", err, c.want)
				}
			})
		}
	}
}
