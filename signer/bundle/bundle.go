// Package bundle keeps what a verdict rests on: the certificates, the answers
// on revocation, the times and where they come from, the hash of the file, and
// the result (TT 15/2025/TT-BKHCN, Đ5.4 and Đ6.2).
//
// A bundle is one ZIP file that other programs can open. It can be replayed
// years later, without network, file and clock: the same policy on the same
// evidence gives the same report, byte for byte. It holds neither the document
// nor its name. Equal bundles have equal bytes.
package bundle

import (
	"archive/zip"
	"bytes"
	"cmp"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"kyso/signer/internal/certview"
	"kyso/signer/verify"
)

var (
	// ErrFormat reports a file that is no bundle.
	ErrFormat = errors.New("not an evidence bundle")
	// ErrReplay reports a bundle whose report does not follow from its evidence.
	ErrReplay = errors.New("the report does not follow from the evidence")
)

const (
	version = 1
	// maxPart and maxBundle bound what is read, in bytes.
	maxPart   = 64 << 20
	maxBundle = 256 << 20
	maxParts  = 10_000
)

// Bundle is evidence with the verdict on it.
type Bundle struct {
	// SHA256 is the hash of the judged file.
	SHA256   [sha256.Size]byte
	Evidence verify.Evidence
	Policy   verify.PolicyName
	// Anchors are the roots that were trusted.
	Anchors []*x509.Certificate
	// Report is the verdict in JSON, as Marshal gives it.
	Report []byte
}

// New makes a bundle and judges the evidence for it.
func New(fileHash [sha256.Size]byte, e verify.Evidence, p verify.Policy) (*Bundle, error) {
	b := &Bundle{SHA256: fileHash, Evidence: e, Policy: verify.PolicyName(p.Title()), Anchors: p.Anchors}
	var err error
	b.Report, err = Marshal(verify.Evaluate(e, b.policy()))
	return b, err
}

func (b *Bundle) policy() verify.Policy { return verify.Policy{Name: b.Policy, Anchors: b.Anchors} }

// Marshal is the form of a report that is kept.
func Marshal(r verify.Report) ([]byte, error) {
	out, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return nil, fmt.Errorf("write the report: %w", err)
	}
	return append(out, '\n'), nil
}

// Replay judges the evidence again. The error is ErrReplay when another report
// comes out than the one that was kept.
func (b *Bundle) Replay() (verify.Report, error) {
	r := verify.Evaluate(b.Evidence, b.policy())
	again, err := Marshal(r)
	if err != nil {
		return r, err
	}
	if !bytes.Equal(again, b.Report) {
		return r, ErrReplay
	}
	return r, nil
}

// manifest is the file that says what the bundle is.
type manifest struct {
	Version int    `json:"version"`
	SHA256  string `json:"file_sha256"`
	Policy  string `json:"policy"`
	// Times says for each signature where its time comes from.
	Times []timeSource `json:"times"`
	// Parts are the SHA-256 of all other files.
	Parts map[string]string `json:"parts"`
}

type timeSource struct {
	Field  string `json:"field"`
	Source string `json:"source"`
	Time   string `json:"time,omitempty"`
}

// The names of the parts; certificates and answers are numbered.
const (
	nameManifest = "manifest.json"
	nameEvidence = "evidence.json"
	nameReport   = "report.json"
	certificates = "certificates/"
	answers      = "answers/"
	anchors      = "anchors/"
)

// Export writes the bundle.
func (b *Bundle) Export(w io.Writer) error {
	parts, err := b.parts()
	if err != nil {
		return err
	}
	m := manifest{Version: version, SHA256: hex.EncodeToString(b.SHA256[:]), Policy: string(b.Policy), Parts: map[string]string{}}
	var report verify.Report
	if err := json.Unmarshal(b.Report, &report); err != nil {
		return fmt.Errorf("read the report: %w", err)
	}
	for _, s := range report.Signatures {
		t := timeSource{Field: s.Field, Source: s.TimeSource}
		if at := cmp.Or(s.ProvenTime, s.ClaimedTime); !at.IsZero() {
			t.Time = at.UTC().Format("2006-01-02T15:04:05Z")
		}
		m.Times = append(m.Times, t)
	}
	for _, p := range parts {
		sum := sha256.Sum256(p.data)
		m.Parts[p.name] = hex.EncodeToString(sum[:])
	}
	first, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	z := zip.NewWriter(w)
	for _, p := range slices.Insert(parts, 0, part{nameManifest, first}) {
		f, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate}) // no time: equal bundles have equal bytes
		if err == nil {
			_, err = f.Write(p.data)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", p.name, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write the bundle: %w", err)
	}
	return nil
}

type part struct {
	name string
	data []byte
}

// parts are the files of the bundle but for the manifest. What stands in files of
// its own is left out of evidence.json.
func (b *Bundle) parts() ([]part, error) {
	e := b.Evidence
	e.Certificates, e.Answers = nil, slices.Clone(e.Answers)
	var out []part
	for i := range e.Answers {
		out = append(out, part{fmt.Sprintf("%s%04d.%s", answers, i, e.Answers[i].Kind), e.Answers[i].Body})
		e.Answers[i].Body = nil
	}
	for i, der := range b.Evidence.Certificates {
		out = append(out, part{fmt.Sprintf("%s%04d.cer", certificates, i), der})
	}
	for i, c := range b.Anchors {
		out = append(out, part{fmt.Sprintf("%s%04d.cer", anchors, i), c.Raw})
	}
	if len(out) > maxParts {
		return nil, fmt.Errorf("%w: %d parts", ErrFormat, len(out))
	}
	evidence, err := json.MarshalIndent(e, "", "\t")
	if err != nil {
		return nil, fmt.Errorf("write the evidence: %w", err)
	}
	return append([]part{{nameReport, b.Report}, {nameEvidence, evidence}}, out...), nil
}

// Import reads a bundle of size bytes. The error wraps ErrFormat for one that is
// not whole. What it says is not judged: Replay does that.
func Import(r io.ReaderAt, size int64) (*Bundle, error) {
	if size > maxBundle {
		return nil, fmt.Errorf("%w: %d bytes", ErrFormat, size)
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	parts, err := readParts(z)
	if err != nil {
		return nil, err
	}
	var m manifest
	if err := json.Unmarshal(parts[nameManifest], &m); err != nil {
		return nil, fmt.Errorf("%w: manifest: %w", ErrFormat, err)
	}
	if m.Version != version {
		return nil, fmt.Errorf("%w: version %d", ErrFormat, m.Version)
	}
	sum, err := hex.DecodeString(m.SHA256)
	if err != nil || len(sum) != sha256.Size || len(parts) != len(m.Parts)+1 {
		return nil, fmt.Errorf("%w: manifest", ErrFormat)
	}
	for name, want := range m.Parts {
		if got := sha256.Sum256(parts[name]); hex.EncodeToString(got[:]) != want {
			return nil, fmt.Errorf("%w: %s is not what the manifest says", ErrFormat, name)
		}
	}
	b := &Bundle{SHA256: [sha256.Size]byte(sum), Policy: verify.PolicyName(m.Policy), Report: parts[nameReport]}
	return b, b.read(parts)
}

func readParts(z *zip.Reader) (map[string][]byte, error) {
	if len(z.File) > maxParts+3 {
		return nil, fmt.Errorf("%w: %d files", ErrFormat, len(z.File))
	}
	parts := map[string][]byte{}
	left := int64(maxBundle)
	for _, f := range z.File {
		if _, twice := parts[f.Name]; twice {
			return nil, fmt.Errorf("%w: %s twice", ErrFormat, f.Name)
		}
		opened, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrFormat, f.Name, err)
		}
		data, err := io.ReadAll(io.LimitReader(opened, min(maxPart, left)+1))
		err = errors.Join(err, opened.Close())
		if left -= int64(len(data)); err != nil || len(data) > maxPart || left < 0 {
			return nil, fmt.Errorf("%w: %s: too large, or %w", ErrFormat, f.Name, err)
		}
		parts[f.Name] = data
	}
	return parts, nil
}

func (b *Bundle) read(parts map[string][]byte) error {
	if err := json.Unmarshal(parts[nameEvidence], &b.Evidence); err != nil {
		return fmt.Errorf("%w: evidence: %w", ErrFormat, err)
	}
	for i := range b.Evidence.Answers {
		body, ok := parts[fmt.Sprintf("%s%04d.%s", answers, i, b.Evidence.Answers[i].Kind)]
		if !ok {
			return fmt.Errorf("%w: answer %d is missing", ErrFormat, i)
		}
		b.Evidence.Answers[i].Body = body
	}
	names := make([]string, 0, len(parts))
	for name := range parts {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		switch {
		case strings.HasPrefix(name, certificates):
			b.Evidence.Certificates = append(b.Evidence.Certificates, parts[name])
		case strings.HasPrefix(name, anchors):
			c, err := certview.Parse(parts[name])
			if err != nil {
				return fmt.Errorf("%w: %s: %w", ErrFormat, name, err)
			}
			b.Anchors = append(b.Anchors, c)
		}
	}
	return nil
}
