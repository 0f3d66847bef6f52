package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"

	"kyso/signer"
	"kyso/signer/signertest"
)

// signEntry asks pyHanko for a signature.
type signEntry struct {
	Name   string   `json:"name"`
	Kind   string   `json:"kind"`
	Field  string   `json:"field,omitempty"`
	Input  string   `json:"input"`
	Output string   `json:"output"`
	Level  string   `json:"level"`
	Digest string   `json:"digest"`
	Key    string   `json:"key"`
	Cert   string   `json:"cert"`
	Chain  []string `json:"chain"`
	Root   string   `json:"root"`
	TSA    string   `json:"tsa"`
}

type signAnswer struct {
	Name  string `json:"name"`
	Error string `json:"error"`
}

// judgeTheirs has pyHanko sign and judges that, and has pyHanko judge it too.
func (i *interop) judgeTheirs(ctx context.Context) error {
	entries, err := i.theirEntries()
	if err != nil {
		return err
	}
	made, err := ask[signEntry, signAnswer](ctx, i, "sign", entries)
	if err != nil {
		return err
	}
	var judged []judgeEntry
	var wants []string
	for n, e := range entries {
		if made[n].Error != "" {
			return fmt.Errorf("pyHanko does not sign %s: %s", e.Name, made[n].Error)
		}
		judged = append(judged, judgeEntry{Name: e.Name, Path: e.Output, Root: i.root, Known: i.known(), Level: signer.Level(e.Level)})
		wants = append(wants, e.Level)
	}
	return i.judge(ctx, "made by pyHanko", judged, wants)
}

// theirEntries are every kind of key at every level, and documents of some kinds.
func (i *interop) theirEntries() ([]signEntry, error) {
	var out []signEntry
	in := filepath.Join(i.dir, "in.pdf")
	for _, k := range kinds() {
		e, err := i.theirKey(k.name, k.key)
		if err != nil {
			return nil, err
		}
		if k.pss {
			e.Kind = "pss"
		}
		if k.key == "P-521" {
			e.Digest = "sha512"
		}
		for _, level := range levels() {
			e.Name = "pyHanko " + k.name + " " + string(level)
			e.Input, e.Output, e.Level = in, filepath.Join(i.dir, e.Name+".pdf"), string(level)
			out = append(out, e)
		}
	}
	e, err := i.theirKey("papers", "RSA-2048")
	if err != nil {
		return nil, err
	}
	for name, paper := range map[string][]byte{
		"cross-reference stream": signertest.Paper{Stream: true}.Bytes(), "form": signertest.Paper{Form: true}.Bytes(), "hybrid file": hybridPaper(),
	} {
		e.Name = "pyHanko " + name
		e.Input, e.Output, e.Level = filepath.Join(i.dir, "theirs "+name+".pdf"), filepath.Join(i.dir, e.Name+".pdf"), string(signer.LevelLTA)
		if err := os.WriteFile(e.Input, paper, 0o600); err != nil {
			return nil, fmt.Errorf("write the document: %w", err)
		}
		out = append(out, e)
	}
	certified := e
	certified.Name, certified.Kind, certified.Input = "pyHanko certified", "certified", in
	certified.Output = filepath.Join(i.dir, certified.Name+".pdf")
	again := certified
	again.Name, again.Kind, again.Field, again.Input = "pyHanko certified, signed again", "plain", "2", certified.Output
	again.Output = filepath.Join(i.dir, again.Name+".pdf")
	return append(out, certified, again), nil
}

// theirKey makes a person's key and certificate as files.
func (i *interop) theirKey(name, kind string) (signEntry, error) {
	id, err := i.server.Issue(signertest.IssueSpec{Name: "Trần Văn Bình", Key: kind})
	if err != nil {
		return signEntry{}, fmt.Errorf("issue: %w", err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(id.Signer)
	if err != nil {
		return signEntry{}, fmt.Errorf("write the key: %w", err)
	}
	e := signEntry{
		Kind: "plain", Root: i.root, TSA: i.server.BaseURL() + signertest.PathTSA,
		Key: filepath.Join(i.dir, name+".key"), Cert: filepath.Join(i.dir, name+".cer"), Chain: i.known(),
	}
	for path, der := range map[string][]byte{e.Key: key, e.Cert: id.Certificate.Raw} {
		if err := os.WriteFile(path, der, 0o600); err != nil {
			return signEntry{}, fmt.Errorf("write the key: %w", err)
		}
	}
	return e, nil
}
