// Package signertest is a throwaway public-key infrastructure: a root, an
// issuing CA, an OCSP responder, a CRL and a time-stamping server, for tests
// and for the demonstration.
//
// The keys live in memory or behind crypto.Signer, never in a file. It is not a
// CA to trust: it checks nothing before it issues.
package signertest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"sync"
	"time"
)

// Names of the two CAs.
const (
	RootName    = "Root CA thử nghiệm Ký số"
	IssuingName = "CA thử nghiệm Ký số G1"
)

// The parts of a PKI, as Parts names them.
const (
	PartRoot    = "root"
	PartIssuing = "issuing"
	PartOCSP    = "ocsp"
	PartTSA     = "tsa"
)

const (
	caLifetime   = 15 * 365 * 24 * time.Hour
	leafLifetime = 2 * 365 * 24 * time.Hour
	answerLife   = 24 * time.Hour // nextUpdate of OCSP answers and CRLs
)

// Identity is a certificate with its private key.
type Identity struct {
	Certificate *x509.Certificate
	Signer      crypto.Signer
}

// Options say how to make a PKI. The zero value works.
type Options struct {
	// BaseURL is written into the certificates as the place of the servers,
	// without a slash at the end; empty leaves those extensions out.
	BaseURL string
	// Key is the kind of the CA keys: "P-256" when empty, "RSA-2048", ….
	Key string
	// Keys are the private keys of the parts that are not to be made anew, for
	// instance keys of a token. The names are those of Parts.
	Keys map[string]crypto.Signer
	// Clock is the servers' clock; time.Now when nil.
	Clock func() time.Time
}

// PKI is a root, an issuing CA and its services. It may be used by several
// goroutines at the same time.
type PKI struct {
	baseURL string
	clock   func() time.Time
	parts   map[string]Identity

	mu      sync.Mutex
	revoked map[string]revocation // by decimal serial
	broken  map[string]bool       // by path
	faults  map[string]Fault      // by path
	crlSeq  int64
}

type revocation struct {
	serial *big.Int
	at     time.Time
}

// New makes a PKI.
func New(o Options) (*PKI, error) {
	p := open(nil, o)
	p.parts = map[string]Identity{}
	for _, name := range []string{PartRoot, PartIssuing, PartOCSP, PartTSA} {
		key, err := partKey(name, o)
		if err != nil {
			return nil, fmt.Errorf("make the %s key: %w", name, err)
		}
		if err := p.issuePart(name, key); err != nil {
			return nil, fmt.Errorf("issue the %s certificate: %w", name, err)
		}
	}
	return p, nil
}

// Open takes up a PKI that was made earlier from its parts, so that its servers
// run again with the same certificates. Options.Key and Options.Keys are not used.
func Open(parts map[string]Identity, o Options) (*PKI, error) {
	for _, name := range []string{PartRoot, PartIssuing, PartOCSP, PartTSA} {
		id, ok := parts[name]
		if !ok || id.Certificate == nil || id.Signer == nil {
			return nil, fmt.Errorf("open the PKI: part %q is missing", name)
		}
		public, ok := id.Signer.Public().(interface{ Equal(crypto.PublicKey) bool })
		if !ok || !public.Equal(id.Certificate.PublicKey) {
			return nil, fmt.Errorf("open the PKI: key and certificate of part %q do not match", name)
		}
	}
	return open(parts, o), nil
}

func open(parts map[string]Identity, o Options) *PKI {
	clock := o.Clock
	if clock == nil {
		clock = time.Now
	}
	p := &PKI{
		baseURL: o.BaseURL,
		clock:   clock,
		parts:   map[string]Identity{},
		revoked: map[string]revocation{},
		broken:  map[string]bool{},
		faults:  map[string]Fault{},
	}
	maps.Copy(p.parts, parts)
	return p
}

// Parts are the identities of the PKI by the names PartRoot, PartIssuing,
// PartOCSP and PartTSA, in a form that Open takes.
func (p *PKI) Parts() map[string]Identity {
	return maps.Clone(p.parts)
}

// BaseURL is the place of the servers as the certificates name it.
func (p *PKI) BaseURL() string { return p.baseURL }

// Root is the trust anchor.
func (p *PKI) Root() *x509.Certificate { return p.parts[PartRoot].Certificate }

// Issuing is the certificate of the CA that Issue uses.
func (p *PKI) Issuing() *x509.Certificate { return p.parts[PartIssuing].Certificate }

// Chain is what stands between a certificate of Issue and the root, leaf side first.
func (p *PKI) Chain() []*x509.Certificate { return []*x509.Certificate{p.Issuing()} }

// Revoke enters a serial number as revoked from the given time on. Revoking it
// again changes the time.
func (p *PKI) Revoke(serial *big.Int, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.revoked[serial.String()] = revocation{serial: new(big.Int).Set(serial), at: at}
}

// Break makes the service at a path (PathOCSP, …) answer with "503 Service
// Unavailable", or mends it.
func (p *PKI) Break(path string, broken bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken[path] = broken
}

// NewKey makes a private key: "RSA-2048", "RSA-3072", "RSA-4096", "P-256", "P-384" or "P-521".
func NewKey(kind string) (crypto.Signer, error) {
	switch kind {
	case "", "P-256":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "P-384":
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "P-521":
		return ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case "RSA-2048":
		return rsa.GenerateKey(rand.Reader, 2048)
	case "RSA-3072":
		return rsa.GenerateKey(rand.Reader, 3072)
	case "RSA-4096":
		return rsa.GenerateKey(rand.Reader, 4096)
	}
	return nil, errors.New("unknown kind of key: " + kind)
}

func partKey(name string, o Options) (crypto.Signer, error) {
	if key := o.Keys[name]; key != nil {
		return key, nil
	}
	return NewKey(o.Key)
}

func newSerial() (*big.Int, error) {
	limit := new(big.Int).Lsh(big.NewInt(1), 120)
	serial, err := rand.Int(rand.Reader, limit)
	if err != nil {
		return nil, err
	}
	return serial.Add(serial, limit), nil // never zero, always positive
}
