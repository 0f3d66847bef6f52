// Package rehearsal lets people practise the act of signing without a device,
// without a server and without danger.
//
// A Road makes a key in memory with a certificate that says for itself that it
// is for practice and that no trust store knows. It walks the same road as a real
// signature, by the same engine, but nothing is queued, sent, counted or written
// to the journal, and every page carries "BẢN THỬ".
package rehearsal

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"image"
	"io"
	"math/big"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"kyso/app/placement"
	"kyso/app/signing"
	"kyso/signer"
	"kyso/signer/token"
)

// What a rehearsal is called, in the certificate, on the pages and in the file's name.
const (
	Mark         = "BẢN THỬ"
	Organisation = "BẢN THỬ – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ"
	Suffix       = "-banthu"
)

// field begins the names of practice signatures' fields.
const field = "BanThu"

// PIN is the PIN of the practice token. It guards nothing and is shown.
const PIN = "112233"

// lifetime is that of the certificate: no warning about its end is to disturb.
const lifetime = 366 * 24 * time.Hour

// Options are what a rehearsal needs.
type Options struct {
	// Name and Title are the person's, as printed on documents; Name may be empty.
	Name, Title string
	// Folder takes the practice files; it is made when it is needed.
	Folder string
	// Font sets text marks, Heavy the word across the pages (TrueType).
	Font, Heavy []byte
	// Clock tells the time.
	Clock func() time.Time
}

// Road is a signing.Road for practice. Each has a key and a PIN counter of its own.
type Road struct {
	signing.Road

	o     Options
	token *practice
	word  image.Image
}

var _ signing.Road = (*Road)(nil)

// New makes a Road with a fresh key.
func New(o Options) (*Road, error) {
	if o.Name == "" {
		o.Name = "Người ký thử"
	}
	der, key, err := certificate(o)
	if err != nil {
		return nil, fmt.Errorf("prepare a rehearsal: %w", err)
	}
	word, err := aslant(o.Heavy)
	if err != nil {
		return nil, fmt.Errorf("prepare a rehearsal: %w", err)
	}
	t := &practice{key: key, certificate: token.Certificate{Label: Mark, DER: der}}
	desk := signing.NewDesk(signing.Config{
		Modules: func(context.Context) ([]signing.Module, []signing.ModuleState) {
			return []signing.Module{{Path: Mark, Provider: t}}, nil
		},
		Folder: o.Folder, Suffix: Suffix, Font: o.Font, Clock: o.Clock,
	})
	return &Road{Road: desk, o: o, token: t, word: word}, nil
}

// Open logs in to the practice token; the PIN counter is a real one.
func (r *Road) Open(ctx context.Context, k signing.Key, pin []byte) (signing.Seat, error) {
	s, err := r.Road.Open(ctx, k, pin)
	if err != nil {
		return nil, err
	}
	return &seat{Seat: s, road: r, key: k}, nil
}

// seat is a login on the practice token.
type seat struct {
	signing.Seat

	road *Road
	key  signing.Key
}

// Sign signs a practice copy: each page carries the word, and so does the mark.
// The name of the file ends with Suffix.
func (s *seat) Sign(ctx context.Context, j signing.Job, step func(signing.Step)) (signing.Outcome, error) {
	in, err := signer.InspectWith(j.Path, j.Password)
	if err != nil {
		return signing.Outcome{}, fmt.Errorf("rehearse %s: %w", j.Path, err)
	}
	if err := os.MkdirAll(s.road.o.Folder, 0o700); err != nil {
		return signing.Outcome{}, fmt.Errorf("rehearse %s: %w", j.Path, err)
	}
	j.Out, j.Field = "", free(in) // a place of one's own is for real ones
	if j.Image != nil {
		j.Image = stamped(j.Image, s.road.word)
	}
	j = j.Dressed(s.key.Subject)
	j.Block = nil // its lines are there, below the word
	j.Lines = append([]string{Mark}, j.Lines...)
	for n, p := range in.Pages {
		j.Also = append(j.Also, signing.Mark{Page: n + 1, Rect: across(p), Image: s.road.word})
	}
	if j.Page == 0 { // an invisible signature has no mark; its word has
		j.Page, j.Rect, j.Image, j.Lines = 1, j.Also[0].Rect, s.road.word, nil
		j.Also = j.Also[1:]
	}
	return s.Seat.Sign(ctx, j, step)
}

// across is the middle of a page, as wide as it may be.
func across(p signer.PageSize) placement.Rect {
	const share = 0.7
	side := min(p.W, p.H) * share
	return placement.Rect{X: (p.W - side) / 2, Y: (p.H - side) / 2, W: side, H: side}
}

// Practised reports that a document was signed in a rehearsal: it is never to be
// sent, whatever else was signed on it.
func Practised(in signer.Inspection) bool {
	return slices.ContainsFunc(in.Fields, func(f signer.Field) bool { return f.Signed && PractisedField(f.Name) })
}

// PractisedBytes reports that a file that cannot be opened has the certificate of a
// rehearsal in it: encryption leaves the value of a signature as it is (ISO
// 32000-2, 7.6.2).
func PractisedBytes(r io.Reader) (bool, error) {
	want := fmt.Appendf(nil, "%x", poisonID)
	chunk, kept := make([]byte, 64<<10), 0
	for {
		n, err := io.ReadFull(r, chunk[kept:])
		have := bytes.ToLower(chunk[:kept+n])
		switch {
		case bytes.Contains(have, want):
			return true, nil
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return false, nil
		case err != nil:
			return false, fmt.Errorf("look for a rehearsal: %w", err)
		}
		kept = copy(chunk, have[len(have)-len(want)+1:])
	}
}

// PractisedField reports that a signature in a field of that name is one of a rehearsal.
func PractisedField(name string) bool { return strings.HasPrefix(name, field) }

// free gives the first name of a practice field that a document does not have.
func free(in signer.Inspection) string {
	for n := 1; ; n++ {
		name := field + strconv.Itoa(n)
		if !slices.ContainsFunc(in.Fields, func(f signer.Field) bool { return f.Name == name }) {
			return name
		}
	}
}

// poison is a critical extension that keeps every standard-compliant validator
// from accepting a certificate, also one that trusts its issuer (RFC 6962, 3.1;
// RFC 5280, 4.2).
//
//nolint:gochecknoglobals // a constant that Go cannot write as such
var poison = pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 3}, Critical: true, Value: asn1.NullBytes}

// poisonID is the identifier of poison in DER, as every practice certificate has it.
//
//nolint:gochecknoglobals // as above
var poisonID = []byte{0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04, 0x03}

// certificate makes a key, a CA that exists for this certificate only, and the certificate.
func certificate(o Options) (der []byte, key *ecdsa.PrivateKey, err error) {
	ca, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err == nil {
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("make a key: %w", err)
	}
	number, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, nil, fmt.Errorf("make a number: %w", err)
	}
	now := o.Clock()
	issuer := &x509.Certificate{Subject: pkix.Name{CommonName: "CA " + Organisation}}
	// The name itself says it, for viewers that show nothing else of a certificate.
	subject := pkix.Name{CommonName: o.Name + " (" + Mark + ")", Organization: []string{Organisation}}
	if o.Title != "" {
		subject.ExtraNames = []pkix.AttributeTypeAndValue{{Type: asn1.ObjectIdentifier{2, 5, 4, 12}, Value: o.Title}}
	}
	der, err = x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: number, Subject: subject, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(lifetime),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment, BasicConstraintsValid: true,
		ExtraExtensions: []pkix.Extension{poison},
	}, issuer, key.Public(), ca)
	if err != nil {
		return nil, nil, fmt.Errorf("make a certificate: %w", err)
	}
	return der, key, nil
}
