package signer_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kyso/signer"
	"kyso/signer/signertest"
)

// begun is a signature that was begun without the key, and went through its
// stored form.
func begun(t *testing.T, in string, req signer.Request) *signer.Pending {
	t.Helper()
	req.Credential = signer.Public(req.Credential.Certificate())
	p, err := signer.Begin(t.Context(), in, req)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	read := new(signer.Pending)
	if err := json.Unmarshal(stored, read); err != nil {
		t.Fatal(err)
	}
	return read
}

func valueOf(t *testing.T, c signer.Credential, p *signer.Pending) []byte {
	t.Helper()
	digest, opts := p.ToSign()
	value, err := c.SignDigest(t.Context(), digest, opts)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestASplitSignatureIsWhatSignFileMakes(t *testing.T) {
	server := servers(t)
	big := signertest.Paper{Pages: []signertest.PaperPage{{Content: strings.Repeat("% filler\n", 100_000)}}}
	for name, c := range map[string]struct {
		key   string
		paper signertest.Paper
		pss   bool
		level signer.Level
	}{
		"RSA of 2048 bits":     {key: "RSA-2048"},
		"RSA of 3072 bits":     {key: "RSA-3072", paper: big},
		"PSS":                  {key: "RSA-2048", pss: true, paper: signertest.Paper{Stream: true}},
		"ECDSA on a form":      {key: "P-384", paper: signertest.Paper{Form: true}},
		"with a time stamp":    {key: "P-256", level: signer.LevelT},
		"with all that proves": {key: "P-256", level: signer.LevelLTA, paper: big},
	} {
		t.Run(name, func(t *testing.T) {
			req := levelRequest(t, server, c.key, c.level)
			req.PSS = c.pss
			in, out := write(t, "in.pdf", c.paper.Bytes()), filepath.Join(t.TempDir(), "out.pdf")
			p := begun(t, in, req)
			res, err := signer.Finish(t.Context(), in, out, p, valueOf(t, req.Credential, p), signer.FinishRequest{
				TSAs: req.TSAs, Client: req.Client, Anchors: req.Anchors,
			})
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			if res.SHA256 != sha256.Sum256(got) || res.Field != p.Field() || res.Path != out {
				t.Errorf("the result does not describe the output: %+v", res)
			}
			if c.level == "" {
				judge(t, server.PKI, out, 1)
			}
			// With a signature scheme that gives the same value again the files are equal.
			if strings.HasPrefix(c.key, "RSA") && !c.pss {
				want, err := os.ReadFile(mustSign(t, in, req))
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Error("SignFile gives another file")
				}
			}
		})
	}
}

func TestASplitSignatureIsRefused(t *testing.T) {
	pki := newPKI(t)
	req, other := request(t, pki, "P-256"), request(t, pki, "P-256")
	paper := signertest.Paper{}.Bytes()
	changed := bytes.Replace(paper, []byte("/MediaBox"), []byte("/CropBox "), 1)
	for name, c := range map[string]struct {
		input []byte
		key   signer.Credential
		file  bool
		want  error
	}{
		"when a byte of the input changed":      {input: changed, key: req.Credential, want: signer.ErrInputChanged},
		"when the input grew":                   {input: append(bytes.Clone(paper), '\n'), key: req.Credential, want: signer.ErrInputChanged},
		"when the value is that of another key": {input: paper, key: other.Credential, want: signer.ErrKeyMismatch},
		"when the output is there":              {input: paper, key: req.Credential, file: true, want: signer.ErrExists},
	} {
		t.Run(name, func(t *testing.T) {
			in := write(t, "in.pdf", paper)
			folder := t.TempDir()
			out, want := filepath.Join(folder, "out.pdf"), 0
			p := begun(t, in, req)
			if err := os.WriteFile(in, c.input, 0o600); err != nil {
				t.Fatal(err)
			}
			if c.file {
				want = 1
				if err := os.WriteFile(out, []byte("mine"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := signer.Finish(t.Context(), in, out, p, valueOf(t, c.key, p), signer.FinishRequest{})
			if !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if got := entries(t, folder); len(got) != want {
				t.Errorf("the folder holds %v", got)
			}
		})
	}
}

func TestAStoredSignatureThatWasTamperedWithIsRefused(t *testing.T) {
	pki := newPKI(t)
	req, other := request(t, pki, "P-256"), request(t, pki, "P-256")
	in := write(t, "in.pdf", signertest.Paper{}.Bytes())
	good, err := json.Marshal(begun(t, in, req))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(m map[string]any){
		"another format":            func(m map[string]any) { m["format"] = 2 },
		"another certificate":       func(m map[string]any) { m["certificate"] = other.Credential.Certificate().Raw },
		"no certificate":            func(m map[string]any) { delete(m, "certificate") },
		"another digest":            func(m map[string]any) { m["message_digest"] = make([]byte, 32) },
		"a short digest":            func(m map[string]any) { m["message_digest"] = []byte{1} },
		"other attributes":          func(m map[string]any) { m["signed_attributes"] = []byte{0x31, 0} },
		"a gap outside the update":  func(m map[string]any) { m["byte_range"] = []int64{0, 1 << 40, 1<<40 + 2, 5} },
		"a gap before the update":   func(m map[string]any) { m["byte_range"] = []int64{0, 1, 3, 5} },
		"a gap that ends early":     func(m map[string]any) { m["byte_range"] = []int64{0, 1 << 20, 10, 5} },
		"a range that overflows":    func(m map[string]any) { m["byte_range"] = []int64{0, 1 << 62, 1<<63 - 1, 1<<63 - 1} },
		"no update":                 func(m map[string]any) { delete(m, "update") },
		"a negative size":           func(m map[string]any) { m["size"] = -5 },
		"something else altogether": func(m map[string]any) { clear(m) },
	} {
		t.Run(name, func(t *testing.T) {
			m := map[string]any{}
			if err := json.Unmarshal(good, &m); err != nil {
				t.Fatal(err)
			}
			var exact struct {
				Size      int64    `json:"size"`
				ByteRange [4]int64 `json:"byte_range"`
			}
			if err := json.Unmarshal(good, &exact); err != nil {
				t.Fatal(err)
			}
			m["size"], m["byte_range"] = exact.Size, exact.ByteRange
			change(m)
			bad, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(bad, new(signer.Pending)); !errors.Is(err, signer.ErrPending) {
				t.Errorf("error %v, want ErrPending", err)
			}
		})
	}
	t.Run("an update that the key does not sign", func(t *testing.T) {
		var m map[string]any
		if err := json.Unmarshal(good, &m); err != nil {
			t.Fatal(err)
		}
		var exact struct {
			Update    []byte   `json:"update"`
			Size      int64    `json:"size"`
			ByteRange [4]int64 `json:"byte_range"`
		}
		if err := json.Unmarshal(good, &exact); err != nil {
			t.Fatal(err)
		}
		exact.Update[3] ^= 1
		m["update"], m["size"], m["byte_range"] = exact.Update, exact.Size, exact.ByteRange
		bad, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		p := new(signer.Pending)
		if err := json.Unmarshal(bad, p); err != nil {
			t.Fatal(err)
		}
		_, err = signer.Finish(t.Context(), in, filepath.Join(t.TempDir(), "out.pdf"), p, valueOf(t, req.Credential, p), signer.FinishRequest{})
		if !errors.Is(err, signer.ErrPending) {
			t.Errorf("error %v, want ErrPending", err)
		}
	})
}
