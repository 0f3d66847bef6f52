package auditlog_test

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"kyso/app/docsys/auditlog"
)

// tree is a log in memory.
type tree struct {
	stored   []tlog.Hash
	size     int64
	signer   note.Signer
	verifier string
}

func newTree(t *testing.T) *tree {
	t.Helper()
	private, verifier, err := note.GenerateKey(rand.Reader, "test.log")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	return &tree{signer: signer, verifier: verifier}
}

func (l *tree) reader() tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			out[i] = l.stored[x]
		}
		return out, nil
	})
}

func (l *tree) add(t *testing.T, entries ...string) {
	t.Helper()
	for _, e := range entries {
		h, err := tlog.StoredHashes(l.size, []byte(e), l.reader())
		if err != nil {
			t.Fatal(err)
		}
		l.stored = append(l.stored, h...)
		l.size++
	}
}

func (l *tree) checkpoint(t *testing.T) string {
	t.Helper()
	root, err := tlog.TreeHash(l.size, l.reader())
	if err != nil {
		t.Fatal(err)
	}
	signed, err := note.Sign(&note.Note{Text: auditlog.Checkpoint{Origin: "test.log", Size: l.size, Root: root}.Text()}, l.signer)
	if err != nil {
		t.Fatal(err)
	}
	return string(signed)
}

func texts(hashes []tlog.Hash) []string {
	out := []string{}
	for _, h := range hashes {
		out = append(out, base64.StdEncoding.EncodeToString(h[:]))
	}
	return out
}

func (l *tree) consistency(from, to int64) ([]string, error) {
	p, err := tlog.ProveTree(to, from, l.reader())
	return texts(p), err
}

func TestEveryEntryIsIncludedInEverySize(t *testing.T) {
	l := newTree(t)
	for n := range int64(40) {
		l.add(t, fmt.Sprint("entry ", n))
		c, err := auditlog.Open(l.checkpoint(t), l.verifier)
		if err != nil {
			t.Fatal(err)
		}
		for seq := range l.size {
			p, err := tlog.ProveRecord(l.size, seq, l.reader())
			if err != nil {
				t.Fatal(err)
			}
			if err := auditlog.CheckInclusion(c, seq, []byte(fmt.Sprint("entry ", seq)), texts(p)); err != nil {
				t.Errorf("entry %d of %d: %v", seq, l.size, err)
			}
			if err := auditlog.CheckInclusion(c, seq, []byte("another"), texts(p)); !errors.Is(err, auditlog.ErrProof) {
				t.Errorf("another entry as %d of %d: %v", seq, l.size, err)
			}
		}
	}
}

func TestAMemoryAdvancesWithTheLog(t *testing.T) {
	l := newTree(t)
	var m auditlog.Memory
	for n := range int64(40) {
		l.add(t, fmt.Sprint("entry ", n))
		if n%3 == 1 {
			continue
		}
		var err error
		if m, err = m.Advance(l.checkpoint(t), l.verifier, l.consistency); err != nil || m.Last.Size != n+1 {
			t.Fatalf("size %d: %+v, %v", n+1, m.Last, err)
		}
	}
}

func TestARewrittenLogIsFound(t *testing.T) {
	honest := newTree(t)
	honest.add(t, "a", "b", "c", "d", "e")
	var m auditlog.Memory
	m, err := m.Advance(honest.checkpoint(t), honest.verifier, honest.consistency)
	if err != nil {
		t.Fatal(err)
	}
	rewritten := func(entries ...string) *tree {
		other := newTree(t)
		other.signer, other.verifier = honest.signer, honest.verifier
		other.add(t, entries...)
		return other
	}
	cases := map[string]struct {
		log  *tree
		want error
	}{
		"an entry is changed":             {rewritten("a", "b", "x", "d", "e"), auditlog.ErrRewritten},
		"an entry is changed, others new": {rewritten("a", "b", "x", "d", "e", "f", "g"), auditlog.ErrRewritten},
		"an entry is taken out":           {rewritten("a", "b", "d", "e", "f", "g"), auditlog.ErrRewritten},
		"the end is cut off":              {rewritten("a", "b", "c"), auditlog.ErrRewritten},
		"another key signs":               {newTree(t), auditlog.ErrUnsigned},
		"it only grew":                    {rewritten("a", "b", "c", "d", "e", "f"), nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := m.Advance(c.log.checkpoint(t), c.log.verifier, c.log.consistency)
			if !errors.Is(err, c.want) || (err != nil) != (c.want != nil) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if c.want != nil && got != m {
				t.Error("the memory moved")
			}
		})
	}
	t.Run("no answer is no alarm", func(t *testing.T) {
		down := errors.New("no network")
		_, err := m.Advance(rewritten("a", "b", "c", "d", "e", "f").checkpoint(t), honest.verifier, func(int64, int64) ([]string, error) { return nil, down })
		if !errors.Is(err, down) || errors.Is(err, auditlog.ErrRewritten) {
			t.Errorf("got %v", err)
		}
	})
}

func FuzzOpen(f *testing.F) {
	private, verifier, err := note.GenerateKey(rand.Reader, "test.log")
	if err != nil {
		f.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		f.Fatal(err)
	}
	good, err := note.Sign(&note.Note{Text: auditlog.Checkpoint{Origin: "test.log", Size: 7}.Text()}, signer)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(good), verifier)
	f.Add("test.log\n-1\nAAAA\n\n— test.log AAAA\n", verifier)
	f.Fuzz(func(t *testing.T, signed, key string) {
		c, err := auditlog.Open(signed, key)
		if err == nil && (c.Size < 0 || c.Origin == "") {
			t.Errorf("opened %+v", c)
		}
	})
}
