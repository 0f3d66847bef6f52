package signer_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kyso/signer"
	"kyso/signer/signertest"
)

// entries are the names in a folder.
func entries(t *testing.T, folder string) []string {
	t.Helper()
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

func TestAFailureLeavesTheFolderAsItWas(t *testing.T) {
	pki := newPKI(t)
	paper := signertest.Paper{}.Bytes()
	good := request(t, pki, "P-256")
	other := request(t, pki, "P-256")
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	noKey := errors.New("the token is gone")
	with := func(change func(r *signer.Request)) signer.Request {
		r := good
		change(&r)
		return r
	}
	for name, c := range map[string]struct {
		ctx  context.Context //nolint:containedctx // a table
		req  signer.Request
		want error
	}{
		"a file is there already": {req: with(func(r *signer.Request) { r.Reason = "exists" }), want: signer.ErrExists},
		"the token fails": {req: with(func(r *signer.Request) {
			r.Credential = failing{good.Credential.Certificate(), nil, noKey}
		}), want: noKey},
		"the token signs with another key": {req: with(func(r *signer.Request) {
			r.Credential = failing{good.Credential.Certificate(), other.Credential, nil}
		}), want: signer.ErrKeyMismatch},
		"the work is called off": {ctx: dead, req: good, want: context.Canceled},
		"a level without what it needs": {req: with(func(r *signer.Request) {
			r.Level = signer.LevelLT
		}), want: signer.ErrRequest},
		"a level that is none": {req: with(func(r *signer.Request) {
			r.Level = "B-X"
		}), want: signer.ErrRequest},
		"no time":       {req: with(func(r *signer.Request) { r.Time = time.Time{} }), want: signer.ErrRequest},
		"no credential": {req: with(func(r *signer.Request) { r.Credential = nil }), want: signer.ErrRequest},
		"a weak key": {req: with(func(r *signer.Request) {
			r.Credential = failing{weak(t), nil, noKey}
		}), want: signer.ErrWeakKey},
		"a name for a field with a full stop": {req: with(func(r *signer.Request) { r.Field = "a.b" }), want: signer.ErrFieldName},
	} {
		t.Run(name, func(t *testing.T) {
			in := write(t, "in.pdf", paper)
			folder := t.TempDir()
			out := filepath.Join(folder, "out.pdf")
			want := 0
			if errors.Is(c.want, signer.ErrExists) {
				want = 1
				if err := os.WriteFile(out, []byte("mine"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			ctx := c.ctx
			if ctx == nil {
				ctx = t.Context()
			}
			_, err := signer.SignFile(ctx, in, out, c.req)
			if !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if got := entries(t, folder); len(got) != want {
				t.Errorf("the folder holds %v", got)
			}
			if b, _ := os.ReadFile(out); want == 1 && string(b) != "mine" {
				t.Error("the file that was there is gone")
			}
		})
	}
}

// failing gives an error or another key's signature.
type failing struct {
	certificate *x509.Certificate
	other       signer.Credential
	err         error
}

func (f failing) Certificate() *x509.Certificate { return f.certificate }

func (f failing) SignDigest(ctx context.Context, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if f.other != nil {
		return f.other.SignDigest(ctx, digest, opts)
	}
	return nil, f.err
}

// weak is a certificate of an RSA key of 1024 bits.
func weak(t *testing.T) *x509.Certificate {
	t.Helper()
	t.Setenv("GODEBUG", "rsa1024min=0")
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return &x509.Certificate{PublicKey: &key.PublicKey}
}

func TestTheInputIsNeverTheOutput(t *testing.T) {
	req := request(t, newPKI(t), "P-256")
	req.Replace = true
	in := write(t, "in.pdf", signertest.Paper{}.Bytes())
	link := filepath.Join(t.TempDir(), "link.pdf")
	if err := os.Symlink(in, link); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{in, link} {
		if _, err := signer.SignFile(t.Context(), in, out, req); !errors.Is(err, signer.ErrSameFile) {
			t.Errorf("output %s: %v, want ErrSameFile", out, err)
		}
	}
}

func TestAnOutputIsReplacedOnlyWhenAsked(t *testing.T) {
	pki := newPKI(t)
	req := request(t, pki, "P-256")
	in := write(t, "in.pdf", signertest.Paper{}.Bytes())
	out := write(t, "out.pdf", []byte("old"))
	req.Replace = true
	if _, err := signer.SignFile(t.Context(), in, out, req); err != nil {
		t.Fatal(err)
	}
	judge(t, pki, out, 1)
	if got := entries(t, filepath.Dir(out)); len(got) != 1 {
		t.Errorf("the folder holds %v", got)
	}
}

func TestAFileThatAppearsWhileSigningStays(t *testing.T) {
	req := request(t, newPKI(t), "P-256")
	out := filepath.Join(t.TempDir(), "out.pdf")
	req.BeforeCheck = func() {
		if err := os.WriteFile(out, []byte("mine"), 0o600); err != nil {
			t.Error(err)
		}
	}
	_, err := signer.SignFile(t.Context(), write(t, "in.pdf", signertest.Paper{}.Bytes()), out, req)
	if !errors.Is(err, signer.ErrExists) {
		t.Errorf("error %v, want ErrExists", err)
	}
	if b, _ := os.ReadFile(out); string(b) != "mine" {
		t.Errorf("the other program's file is gone: %q", b)
	}
}

func TestADamagedOutputGetsNoName(t *testing.T) {
	req := request(t, newPKI(t), "P-256")
	for name, at := range map[string]int64{"in the document": 40, "in the signature": -3000} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			r := req
			r.BeforeCheck = func() { flip(t, folder, at) }
			_, err := signer.SignFile(t.Context(), write(t, "in.pdf", signertest.Paper{}.Bytes()), filepath.Join(folder, "out.pdf"), r)
			if !errors.Is(err, signer.ErrCheck) {
				t.Errorf("error %v, want ErrCheck", err)
			}
			if got := entries(t, folder); len(got) != 0 {
				t.Errorf("the folder holds %v", got)
			}
		})
	}
}

// flip changes a byte of the only file in a folder; a negative place counts
// from the end.
func flip(t *testing.T, folder string, at int64) {
	t.Helper()
	path := filepath.Join(folder, entries(t, folder)[0])
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if at < 0 {
		at += int64(len(b))
	}
	b[at] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
