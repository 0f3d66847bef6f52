package signer

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"kyso/signer/internal/cms"
	"kyso/signer/internal/pades"
)

// Public is a Credential that has no key at hand, for Begin.
func Public(c *x509.Certificate) Credential { return public{c} }

type public struct{ certificate *x509.Certificate }

// Certificate is the signer's certificate.
func (p public) Certificate() *x509.Certificate { return p.certificate }

// SignDigest fails.
func (public) SignDigest(context.Context, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("the private key is elsewhere")
}

// Pending is a signature between Begin and Finish. It can be stored as JSON and
// finished by another process, or on another computer that has the same input.
// It holds no secret.
type Pending struct {
	state pendingState
	// digest is what the key signs, as scheme says.
	digest []byte
	scheme cms.Scheme
}

// pendingFormat is the number of the JSON form; one with another number is refused.
const pendingFormat = 1

type pendingState struct {
	Format int `json:"format"`
	// Size and SHA256 are the input's.
	Size   int64  `json:"size"`
	SHA256 []byte `json:"sha256"`
	// Update is what will be appended, with room for the CMS at the gap in ByteRange.
	Update    []byte   `json:"update"`
	ByteRange [4]int64 `json:"byte_range"`
	Field     string   `json:"field"`
	// Message is the digest of the signed bytes; Attributes are the signed
	// attributes in DER, whose digest the key signs.
	Message     []byte   `json:"message_digest"`
	Attributes  []byte   `json:"signed_attributes"`
	Certificate []byte   `json:"certificate"`
	Chain       [][]byte `json:"chain,omitempty"`
	// MissingIssuer is that of Result.
	MissingIssuer string    `json:"missing_issuer,omitempty"`
	PSS           bool      `json:"pss,omitempty"`
	Level         Level     `json:"level,omitempty"`
	Time          time.Time `json:"time"`
}

// FinishRequest says how to finish what Begin began. The level is the one that
// Begin was asked for: room was left for it.
type FinishRequest struct {
	// TSAs, StampSizes, Anchors, Intermediates and Client are those of Request.
	TSAs          []TSA
	StampSizes    *StampSizes
	Anchors       []*x509.Certificate
	Intermediates []*x509.Certificate
	Client        *http.Client
	// Password opens an encrypted document.
	Password []byte
	// BeforeCheck and Replace are those of Request.
	BeforeCheck func()
	Replace     bool
}

// Begin does all of a signature that goes before the key: it reads the file in,
// decides, prepares and digests. It needs the certificate, not the key, writes
// nothing, and ends with what the key has to sign.
//
// The errors are those of SignFile.
func Begin(ctx context.Context, in string, req Request) (*Pending, error) {
	j := &job{in: in, req: req}
	defer j.close()
	if err := j.open(ctx); err != nil {
		return nil, err
	}
	if err := j.digest(ctx, nil); err != nil {
		return nil, err
	}
	attributes, err := j.builder.Attributes()
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	p := &Pending{digest: j.toSign, scheme: j.scheme, state: pendingState{
		Format: pendingFormat, Size: j.prepared.Base, SHA256: j.output.sum(),
		Update: j.prepared.Update, ByteRange: j.prepared.ByteRange, Field: j.prepared.Field,
		Message: j.message, Attributes: attributes, Certificate: j.certificate.Raw,
		MissingIssuer: j.missing, PSS: req.PSS, Level: req.Level, Time: req.Time,
	}}
	for _, c := range j.chain {
		p.state.Chain = append(p.state.Chain, c.Raw)
	}
	return p, nil
}

// ToSign is what the key has to sign, and how: the arguments of
// Credential.SignDigest, and of crypto.Signer.
func (p *Pending) ToSign() (digest []byte, opts crypto.SignerOpts) {
	return bytes.Clone(p.digest), p.scheme.Options()
}

// Field is the signature field that will hold the signature.
func (p *Pending) Field() string { return p.state.Field }

// MarshalJSON gives the stored form.
func (p *Pending) MarshalJSON() ([]byte, error) {
	b, err := json.Marshal(p.state)
	if err != nil {
		return nil, fmt.Errorf("pending signature: %w", err)
	}
	return b, nil
}

// UnmarshalJSON reads the stored form. The error wraps ErrPending when it is
// none, or does not agree with itself.
func (p *Pending) UnmarshalJSON(b []byte) error {
	var read Pending
	if err := json.Unmarshal(b, &read.state); err != nil {
		return fmt.Errorf("%w: %w", ErrPending, err)
	}
	j, err := read.job()
	if err != nil {
		return err
	}
	read.digest, read.scheme = j.toSign, j.scheme
	*p = read
	return nil
}

// job is the job as it was when Begin ended, without files.
func (p *Pending) job() (*job, error) {
	s := p.state
	bad := func(what string, err error) (*job, error) {
		return nil, fmt.Errorf("%w: %s: %w", ErrPending, what, err)
	}
	if s.Format != pendingFormat {
		return nil, fmt.Errorf("%w: format %d", ErrPending, s.Format)
	}
	r := s.ByteRange
	if s.Size <= 0 || r[0] != 0 || r[1] <= s.Size || r[2] < r[1]+2 || r[3] <= 0 || r[2]-s.Size >= int64(len(s.Update)) ||
		r[3] != s.Size+int64(len(s.Update))-r[2] {
		return nil, fmt.Errorf("%w: ByteRange", ErrPending)
	}
	j := &job{message: s.Message, missing: s.MissingIssuer, prepared: &pades.Prepared{
		Field: s.Field, Base: s.Size, Update: bytes.Clone(s.Update), ByteRange: r,
	}}
	var err error
	if j.certificate, err = x509.ParseCertificate(s.Certificate); err != nil {
		return bad("certificate", err)
	}
	for _, der := range s.Chain {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return bad("chain", err)
		}
		j.chain = append(j.chain, c)
	}
	if j.scheme, err = cms.SchemeFor(j.certificate, s.PSS); err != nil {
		return bad("key", err)
	}
	if j.builder, err = cms.NewBuilder(j.scheme, j.certificate, j.chain, j.message); err != nil {
		return bad("attributes", err)
	}
	// What is signed is made again here, so that a stored form cannot have a key
	// sign anything but a document's signature by this certificate.
	if attributes, err := j.builder.Attributes(); err != nil || !bytes.Equal(attributes, s.Attributes) {
		return nil, fmt.Errorf("%w: signed attributes", ErrPending)
	}
	if j.toSign, err = j.builder.Digest(); err != nil {
		return bad("attributes", err)
	}
	return j, nil
}

// Finish completes a signature with the value that the key made of
// p.ToSign: the file in, which must be the one that Begin read, goes to out with
// the signature, through the same steps as in SignFile and with the same
// promises. p is unchanged; it may be finished again, with the same value.
//
// The errors are those of SignFile; ErrInputChanged when in is not the same file,
// ErrKeyMismatch when value is not the signature, ErrPending when p does not
// agree with itself, ErrNoRoom when a time stamp did not fit: then begin anew.
func Finish(ctx context.Context, in, out string, p *Pending, value []byte, req FinishRequest) (Result, error) { //nolint:revive // argument-limit: SignFile's, with what the key gave
	if out == "" {
		return Result{}, fmt.Errorf("%w: no output", ErrRequest)
	}
	j, err := p.job()
	if err != nil {
		return Result{}, err
	}
	defer j.close()
	j.in, j.out = in, out
	j.req = Request{
		Chain: j.chain, Level: p.state.Level, PSS: p.state.PSS, Time: p.state.Time,
		TSAs: req.TSAs, StampSizes: req.StampSizes, Anchors: req.Anchors, Intermediates: req.Intermediates,
		Client: req.Client, Password: req.Password, BeforeCheck: req.BeforeCheck, Replace: req.Replace,
	}
	if err := j.checkLevel(); err != nil {
		return Result{}, err
	}
	if err := j.checkValue(value); err != nil {
		return Result{}, err
	}
	if err := j.openFiles(); err != nil {
		return Result{}, err
	}
	removeLeftovers(filepath.Dir(out), time.Now())
	if err := j.copySame(ctx, p.state); err != nil {
		return Result{}, err
	}
	return j.complete(ctx, value)
}

// copySame copies the input and compares it with the one that was digested.
func (j *job) copySame(ctx context.Context, s pendingState) error {
	if j.before.Size() != s.Size {
		return fmt.Errorf("finish %s: %w: %d bytes, %d before", j.in, ErrInputChanged, j.before.Size(), s.Size)
	}
	if err := j.copy(ctx); err != nil {
		return err
	}
	if !bytes.Equal(j.output.sum(), s.SHA256) {
		return fmt.Errorf("finish %s: %w", j.in, ErrInputChanged)
	}
	if !bytes.Equal(j.message, s.Message) {
		return fmt.Errorf("finish %s: %w: message digest", j.in, ErrPending)
	}
	return nil
}
