package seeds_test

import (
	"bytes"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kyso/signer/signertest"
	"kyso/signer/signertest/seeds"
)

func TestTheCorpusIsCutIntoItsPieces(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("KYSO_CORPUS", folder)
	signed := "%PDF-1.7\n1 0 obj<</Type/Sig/ByteRange[0 1 2 3]/Contents <30" + strings.Repeat("01", 600) + "0000>>>endobj\n"
	for name, b := range map[string][]byte{
		"a.pdf":     signertest.Paper{}.Bytes(),
		"sub/b.PDF": signertest.Paper{Stream: true}.Bytes(),
		"c.pdf":     []byte(signed + "2 0 obj<</Filter/Standard/V 1>>endobj trailer<</Encrypt 2 0 R/ID[<01><02>]>>"),
		"readme.md": []byte("not one of them"),
	} {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for kind, want := range map[seeds.Kind]struct {
		count int
		part  string
	}{
		seeds.File:         {3, "%PDF-1.7"},
		seeds.Value:        {8, "<<"},
		seeds.Table:        {1, "0000000000 65535 f"},
		seeds.XRefStream:   {1, "/W[1 3 2]"},
		seeds.ObjectStream: {1, "/First"},
		seeds.Encryption:   {1, "/Encrypt <</Filter/Standard/V 1>>/ID[<01><02>]"},
		seeds.CMS:          {1, "\x30\x01\x01"},
		seeds.Content:      {0, ""},
		seeds.TimeStamp:    {0, ""},
		seeds.OCSP:         {0, ""},
		seeds.CRL:          {0, ""},
	} {
		pieces := seeds.Corpus(t, kind, 1<<16)
		if len(pieces) != want.count {
			t.Errorf("%s: %d pieces, want %d", kind, len(pieces), want.count)
		}
		for _, p := range pieces {
			if !bytes.Contains(p, []byte(want.part)) {
				t.Errorf("%s: a piece without %q: %.80q", kind, want.part, p)
			}
		}
	}
}

func TestAnOfficeIsTheSameEachTime(t *testing.T) {
	one, again, other := seeds.NewOffice(t, "one"), seeds.NewOffice(t, "one"), seeds.NewOffice(t, "other")
	same := func(a, b *x509.Certificate) bool { return a.Equal(b) }
	if !same(one.An.Certificate, again.An.Certificate) || !same(one.Issuing(), again.Issuing()) {
		t.Error("the same office has other certificates")
	}
	if same(one.An.Certificate, other.An.Certificate) || same(one.Issuing(), other.Issuing()) {
		t.Error("another office has the same certificates")
	}
}
