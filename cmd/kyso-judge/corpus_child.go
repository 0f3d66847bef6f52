package main

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"kyso/signer"
	"kyso/signer/signertest"
	"kyso/signer/token"
	"kyso/signer/token/remote"
	"kyso/signer/verify"
)

// childSetup is the first line that a child reads: the token to log in to, and
// the software key.
type childSetup struct {
	Module, Helper string
	Env            []string
	PIN            []byte
	// Key is in PKCS #8, Certificate and Chain are in DER form.
	Key, Certificate []byte
	Chain            [][]byte
}

// childTask is one file to sign. The outputs are Out and the name of a key.
type childTask struct {
	Path, Out string
	Password  []byte
}

// childAnswer says what became of a task.
type childAnswer struct {
	// Opens reports that the reader opened the file.
	Opens bool
	// Code and Text are the refusal's.
	Code, Text string
	Outputs    []childOutput
	// Earlier is the number of sound signatures that the file came with.
	Earlier int
	// Panic is the text of one that was caught.
	Panic string
}

// childOutput is the file that one key signed.
type childOutput struct {
	Key, Path string
	// Error is why there is none.
	Error string
	// Fault is what the program's own validator says against the new signature.
	Fault string
	// Harmed are the fields of earlier signatures that were sound before and are not now.
	Harmed []string
}

// corpusChild signs what it is told on standard input, one line of JSON a file,
// and answers on standard output. It is a process of its own so that a file that
// kills or hangs it costs only itself.
func corpusChild(ctx context.Context, _ []string) int {
	if err := serveChild(ctx, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "kyso-judge:", err)
		return 1
	}
	return 0
}

func serveChild(ctx context.Context, r io.Reader, w io.Writer) error {
	in, out := json.NewDecoder(r), json.NewEncoder(w)
	var setup childSetup
	if err := in.Decode(&setup); err != nil {
		return fmt.Errorf("read the setup: %w", err)
	}
	p := remote.Start(remote.Options{Helper: setup.Helper, Module: setup.Module, Env: setup.Env})
	defer p.Close() //nolint:errcheck // the process ends
	keys, err := credentials(ctx, p, setup)
	if err != nil {
		return err
	}
	for {
		var t childTask
		err := in.Decode(&t)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read a task: %w", err)
		}
		if err := out.Encode(keys.answer(ctx, t)); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
}

// keyring is the keys that every file is signed with.
type keyring struct {
	token, software signer.Credential
	chain           []*x509.Certificate
}

// credentials logs in to the only token and reads the software key.
func credentials(ctx context.Context, p token.Provider, s childSetup) (*keyring, error) {
	infos, err := p.Tokens(ctx)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	if len(infos) != 1 {
		return nil, fmt.Errorf("%d tokens in the folder, want one", len(infos))
	}
	certificates, err := p.Certificates(ctx, infos[0].Slot)
	if err != nil || len(certificates) == 0 {
		return nil, fmt.Errorf("certificates of the token: %d, %w", len(certificates), err)
	}
	session, err := p.OpenSession(ctx, infos[0].Slot, token.Login{PIN: s.PIN})
	if err != nil {
		return nil, fmt.Errorf("log in: %w", err)
	}
	k := &keyring{}
	if k.token, err = token.NewCredential(session, certificates[0]); err != nil {
		return nil, fmt.Errorf("the token's certificate: %w", err)
	}
	software, err := softwareKey(s)
	if err != nil {
		return nil, err
	}
	k.software, k.chain = software.software, software.chain
	return k, nil
}

// softwareKey reads the software key and the chain; there is no token in it.
func softwareKey(s childSetup) (*keyring, error) {
	k := &keyring{}
	var err error
	software := signertest.Identity{}
	if software.Certificate, err = x509.ParseCertificate(s.Certificate); err != nil {
		return nil, fmt.Errorf("the software key's certificate: %w", err)
	}
	key, err := x509.ParsePKCS8PrivateKey(s.Key)
	if err != nil {
		return nil, fmt.Errorf("the software key: %w", err)
	}
	var ok bool
	if software.Signer, ok = key.(crypto.Signer); !ok {
		return nil, fmt.Errorf("a %T does not sign", key)
	}
	k.software = software.Credential()
	for _, der := range s.Chain {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("the chain: %w", err)
		}
		k.chain = append(k.chain, c)
	}
	return k, nil
}

// answer signs one file with both keys.
func (k *keyring) answer(ctx context.Context, t childTask) (a childAnswer) {
	defer func() {
		if p := recover(); p != nil {
			a.Panic = fmt.Sprintf("%v\n%s", p, debug.Stack())
		}
	}()
	found, err := signer.InspectWith(t.Path, t.Password)
	if err != nil {
		a.Text = err.Error()
		return a
	}
	a.Opens = true
	if len(found.Refusals) > 0 {
		a.Code, a.Text = found.Refusals[0].Code, found.Refusals[0].Text
		a.Opens = !slices.Contains([]string{"damaged", "encrypted", "wrong-password", "security-handler"}, a.Code)
		return a
	}
	before := sound(ctx, t.Path, t.Password)
	for _, s := range before {
		if s.Sound() {
			a.Earlier++
		}
	}
	for _, key := range []struct {
		name       string
		credential signer.Credential
		marks      []signer.Mark
	}{{"token", k.token, mark(found)}, {"software", k.software, nil}} {
		o := childOutput{Key: key.name, Path: t.Out + key.name + ".pdf"}
		res, err := signer.SignFile(ctx, t.Path, o.Path, signer.Request{
			Credential: key.credential, Chain: k.chain, Marks: key.marks, Time: time.Now().Truncate(time.Second),
			Password: t.Password, Reason: "Thử kho tệp",
		})
		if refused := (*signer.RefusalError)(nil); errors.As(err, &refused) {
			a.Code, a.Text = refused.Code, refused.Text
		}
		if err != nil {
			o.Error = err.Error()
		} else {
			o.judge(ctx, res.Field, before, t.Password)
		}
		a.Outputs = append(a.Outputs, o)
	}
	return a
}

// judge has the program's own validator look at the output.
func (o *childOutput) judge(ctx context.Context, field string, before map[string]verify.Signature, password []byte) {
	after := sound(ctx, o.Path, password)
	switch s, ok := after[field]; {
	case !ok:
		o.Fault = "the new signature is not found"
	case !s.Sound():
		o.Fault = "the new signature is not sound: " + s.Why
	case s.Coverage != verify.CoversFile:
		o.Fault = "the new signature does not cover the file"
	}
	for name, s := range before {
		if s.Sound() && !after[name].Sound() {
			o.Harmed = append(o.Harmed, name)
		}
	}
	slices.Sort(o.Harmed)
}

// sound are the signatures of a file by field, as the validator judges them without trust.
func sound(ctx context.Context, path string, password []byte) map[string]verify.Signature {
	out := map[string]verify.Signature{}
	r, err := signer.VerifyFile(ctx, path, signer.VerifyOptions{Offline: true, At: time.Now(), Password: password})
	if err != nil {
		return out
	}
	for _, s := range r.Signatures {
		if _, twice := out[s.Field]; !twice {
			out[s.Field] = s
		}
	}
	return out
}

// mark is a small picture at the lower left of the first page.
func mark(found signer.Inspection) []signer.Mark {
	if len(found.Pages) == 0 {
		return nil
	}
	p := found.Pages[0]
	w, h := math.Min(p.W/3, 80), math.Min(p.H/3, 40)
	if w < 1 || h < 1 {
		return nil
	}
	picture := image.NewNRGBA(image.Rect(0, 0, 16, 8))
	for i := range picture.Rect.Dx() {
		picture.SetNRGBA(i, i/2, color.NRGBA{R: 200, A: uint8(255 - 8*i)})
	}
	return []signer.Mark{{Page: 1, Rect: signer.Rect{X: p.W / 20, Y: p.H / 20, W: w, H: h}, Image: picture}}
}
