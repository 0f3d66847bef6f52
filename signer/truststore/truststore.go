// Package truststore is a folder of certificates that a person decided to
// trust: add, remove, show and pin them (TT 15/2025/TT-BKHCN, Đ5: the program
// manages certificates of CAs).
//
// One certificate is one file, SHA256.cer in DER, so that other programs read
// the folder as well. A file that is named like a fingerprint and has another is
// not trusted: it makes every call an error until somebody looks.
//
// An administrator may put files under other names into the folder: .cer, .crt,
// .der, .pem and .p7b. They are read, shown and trusted like the others. What is
// shown is what is trusted: every program reads the folder through this package.
package truststore

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kyso/signer/cert"
	"kyso/signer/internal/certview"
	"kyso/signer/internal/cms"
	"kyso/signer/internal/trust"
)

var (
	// ErrFormat reports bytes that hold no certificate.
	ErrFormat = errors.New("no certificate in it")
	// ErrFingerprint reports a certificate that is not the pinned one.
	ErrFingerprint = errors.New("the certificate has another fingerprint")
	// ErrNotFound reports a fingerprint that the store does not have.
	ErrNotFound = errors.New("not in the trust store")
	// ErrNotCA reports a certificate that cannot be an issuer.
	ErrNotCA = errors.New("not the certificate of a CA")
	// ErrShared reports a certificate in a file with others: it is removed by hand.
	ErrShared = errors.New("the file holds other certificates as well")
	// ErrDamaged reports a file in the folder that is not what its name says.
	ErrDamaged = errors.New("a file of the trust store is not what its name says")
)

const (
	maxFile  = 4 << 20
	maxFiles = 5000
	index    = "index.json"
)

// Entry is one certificate of the store.
type Entry struct {
	cert.Subject

	// Root reports a certificate that issued itself: a path may end at it. The
	// others only complete paths.
	Root bool `json:"root"`
	// Pinned reports that the fingerprint was given by the person who added it.
	Pinned bool `json:"pinned"`
	// Added is when; zero for a file that was put into the folder by hand.
	Added time.Time `json:"added,omitzero"`

	certificate *x509.Certificate
	file        string // base name
	alone       bool   // nothing else is in the file
}

// note is what the index keeps of a certificate.
type note struct {
	Pinned bool      `json:"pinned,omitempty"`
	Added  time.Time `json:"added,omitzero"`
}

// Store is a folder. Its methods may not run at the same time.
type Store struct{ folder string }

// Read reads the certificates of a folder: those that issued themselves are
// anchors, the others complete paths. No folder gives none; one that is not there
// is an error, and so is a file that holds no certificate.
func Read(folder string) (anchors, intermediates []*x509.Certificate, err error) {
	if folder == "" {
		return nil, nil, nil
	}
	return (&Store{folder}).Certificates()
}

// Open takes a folder and makes it when it is not there.
func Open(folder string) (*Store, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("open the trust store: %w", err)
	}
	return &Store{folder}, nil
}

// Add takes the certificates of a file in DER, PEM or PKCS #7. fingerprint is
// the SHA-256 of one of them in hexadecimal, with or without colons, as somebody
// told it; then that one alone is taken and is pinned. When it is empty all are
// taken, and the person must be shown their fingerprints. Adding again is no error.
func (s *Store) Add(data []byte, fingerprint string, at time.Time) ([]Entry, error) {
	found, err := read(data)
	if err != nil {
		return nil, err
	}
	want := Normal(fingerprint)
	if want != "" {
		i := slices.IndexFunc(found, func(c *x509.Certificate) bool { return sumOf(c) == want })
		if i < 0 {
			return nil, fmt.Errorf("%w: %s, not %s", ErrFingerprint, sumOf(found[0]), want)
		}
		found = found[i : i+1]
	}
	notes, err := s.notes()
	if err != nil {
		return nil, err
	}
	var added []Entry
	for _, c := range found {
		old := c.Version < 3 && selfIssued(c) // it has no extensions to say so
		if !c.IsCA && !old {
			return nil, fmt.Errorf("%w: %s", ErrNotCA, c.Subject)
		}
		if err := s.write(sumOf(c)+".cer", c.Raw); err != nil {
			return nil, err
		}
		n := note{Pinned: want != "" || notes[sumOf(c)].Pinned, Added: at.UTC()}
		notes[sumOf(c)] = n
		added = append(added, entry(c, n))
	}
	return added, s.writeNotes(notes)
}

// Remove takes a certificate out. ErrNotFound when it is not there.
func (s *Store) Remove(fingerprint string) error {
	sum := Normal(fingerprint)
	if len(sum) != 2*sha256.Size {
		return fmt.Errorf("%w: %s", ErrNotFound, fingerprint)
	}
	name, err := s.fileOf(sum)
	if err == nil {
		err = os.Remove(filepath.Join(s.folder, name))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s", ErrNotFound, sum)
	}
	if err != nil {
		return fmt.Errorf("remove from the trust store: %w", err)
	}
	notes, err := s.notes()
	if err != nil {
		return err
	}
	delete(notes, sum)
	return s.writeNotes(notes)
}

// fileOf is the file of a certificate. It is an error when the file holds others,
// which must not go with it.
func (s *Store) fileOf(sum string) (string, error) {
	if _, err := os.Lstat(filepath.Join(s.folder, sum+".cer")); err == nil {
		return sum + ".cer", nil
	}
	all, err := s.List()
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(all, func(e Entry) bool { return e.SHA256 == sum })
	if i < 0 {
		return "", fs.ErrNotExist
	}
	if !all[i].alone {
		return "", fmt.Errorf("%w: %s", ErrShared, all[i].file)
	}
	return all[i].file, nil
}

// List shows all certificates, roots first, then by name.
func (s *Store) List() ([]Entry, error) {
	files, err := os.ReadDir(s.folder)
	if err != nil {
		return nil, fmt.Errorf("read the trust store: %w", err)
	}
	notes, err := s.notes()
	if err != nil {
		return nil, err
	}
	var all []Entry
	known := map[string]bool{}
	for _, f := range files {
		if !isCertificate(f.Name()) || f.IsDir() || len(all) >= maxFiles {
			continue
		}
		found, err := s.load(f.Name())
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			e := entry(c, notes[sumOf(c)])
			e.file, e.alone = f.Name(), len(found) == 1
			if !known[e.SHA256] {
				known[e.SHA256] = true
				all = append(all, e)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Entry) int {
		if a.Root != b.Root {
			if a.Root {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return all, nil
}

// Certificates are the roots and the other certificates, as a verification takes them.
func (s *Store) Certificates() (anchors, intermediates []*x509.Certificate, err error) {
	all, err := s.List()
	for _, e := range all {
		if e.Root {
			anchors = append(anchors, e.certificate)
		} else {
			intermediates = append(intermediates, e.certificate)
		}
	}
	return anchors, intermediates, err
}

// Normal is a fingerprint without colons and blanks, in lower case.
func Normal(fingerprint string) string {
	return strings.ToLower(strings.NewReplacer(":", "", " ", "", "\n", "").Replace(fingerprint))
}

// isCertificate reports the name of a file that is to be read.
func isCertificate(name string) bool {
	return slices.Contains([]string{".cer", ".crt", ".der", ".pem", ".p7b"}, strings.ToLower(filepath.Ext(name)))
}

// load reads the certificates of a file; one that is named like a fingerprint
// holds the certificate that has it and nothing else.
func (s *Store) load(name string) ([]*x509.Certificate, error) {
	b, err := os.ReadFile(filepath.Join(s.folder, name))
	if err != nil {
		return nil, fmt.Errorf("read the trust store: %w", err)
	}
	found, err := read(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrDamaged, name, err)
	}
	if sum, ok := strings.CutSuffix(name, ".cer"); ok && isFingerprint(sum) && (len(found) != 1 || sumOf(found[0]) != sum) {
		return nil, fmt.Errorf("%w: %s", ErrDamaged, name)
	}
	return found, nil
}

func isFingerprint(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == sha256.Size
}

func entry(c *x509.Certificate, n note) Entry {
	return Entry{Subject: cert.Of(c), Root: selfIssued(c), Pinned: n.Pinned, Added: n.Added, certificate: c}
}

func selfIssued(c *x509.Certificate) bool {
	if !bytes.Equal(c.RawSubject, c.RawIssuer) {
		return false
	}
	_, err := trust.Issued(c, c)
	return err == nil
}

func sumOf(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}

// read takes certificates in DER, in PEM or in a PKCS #7 message of certificates.
func read(data []byte) ([]*x509.Certificate, error) {
	if len(data) > maxFile {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrFormat, maxFile)
	}
	var ders [][]byte
	for rest := data; ; {
		block, after := pem.Decode(rest)
		if block == nil {
			break
		}
		ders, rest = append(ders, block.Bytes), after
	}
	if ders == nil {
		ders = [][]byte{data}
	}
	var found []*x509.Certificate
	for _, der := range ders {
		if c, err := certview.Parse(der); err == nil {
			found = append(found, c)
		} else if message, err := cms.Parse(der); err == nil {
			found = append(found, message.Certificates...)
		}
	}
	if len(found) == 0 {
		return nil, ErrFormat
	}
	return found, nil
}

func (s *Store) notes() (map[string]note, error) {
	notes := map[string]note{}
	b, err := os.ReadFile(filepath.Join(s.folder, index))
	if errors.Is(err, fs.ErrNotExist) {
		return notes, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &notes)
	}
	if err != nil {
		return nil, fmt.Errorf("read the trust store's index: %w", err)
	}
	return notes, nil
}

func (s *Store) writeNotes(notes map[string]note) error {
	b, err := json.MarshalIndent(notes, "", "\t")
	if err != nil {
		return fmt.Errorf("write the trust store's index: %w", err)
	}
	return s.write(index, b)
}

// write makes a file whole or not at all.
func (s *Store) write(name string, b []byte) error {
	temporary, err := os.CreateTemp(s.folder, ".new-*")
	if err != nil {
		return fmt.Errorf("write to the trust store: %w", err)
	}
	_, err = temporary.Write(b)
	err = errors.Join(err, temporary.Sync(), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), filepath.Join(s.folder, name))
	}
	if err != nil {
		return fmt.Errorf("write to the trust store: %w", errors.Join(err, os.Remove(temporary.Name())))
	}
	return nil
}
