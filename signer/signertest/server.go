package signertest

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"time"
)

// The paths of the services.
const (
	PathOCSP    = "/ocsp"        // RFC 6960, POST
	PathCRL     = "/crl"         // of the issuing CA
	PathRootCRL = "/root.crl"    // of the root
	PathTSA     = "/tsa"         // RFC 3161, POST
	PathIssuing = "/issuing.cer" // DER
	PathRoot    = "/root.cer"    // DER
)

const maxRequest = 64 << 10

// Server is a PKI that answers on loopback. The caller closes it.
type Server struct {
	*PKI

	http *http.Server
	done chan struct{}
}

// Start makes a PKI and serves it on a free port of 127.0.0.1; BaseURL is set
// from the port.
func Start(o Options) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a local bind does not wait
	if err != nil {
		return nil, fmt.Errorf("start the test PKI: %w", err)
	}
	o.BaseURL = "http://" + listener.Addr().String()
	p, err := New(o)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return p.serve(listener), nil
}

// Serve serves the PKI on an address of the loopback interface.
func (p *PKI) Serve(addr string) (*Server, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("serve the test PKI: %w", err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("serve the test PKI: %s is not a loopback address", addr)
	}
	listener, err := net.Listen("tcp", addr) //nolint:noctx // a local bind does not wait
	if err != nil {
		return nil, fmt.Errorf("serve the test PKI: %w", err)
	}
	return p.serve(listener), nil
}

func (p *PKI) serve(listener net.Listener) *Server {
	s := &Server{
		PKI:  p,
		http: &http.Server{Handler: p.Handler(), ReadHeaderTimeout: 10 * time.Second},
		done: make(chan struct{}),
	}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(listener) // always ends with ErrServerClosed or the listener's end
	}()
	return s
}

// Close stops the server and waits for it.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second) //nolint:forbidigo // Close has no context, and a limit
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close() // connections that a client opened ahead and never used
	}
	<-s.done
	return err
}

// Handler answers on all paths.
func (p *PKI) Handler() http.Handler {
	mux := http.NewServeMux()
	serve := func(pattern, path, contentType string, answer func(request []byte, f Fault) ([]byte, error)) {
		mux.HandleFunc(pattern+" "+path, func(w http.ResponseWriter, r *http.Request) {
			if p.isBroken(path) {
				http.Error(w, "out of order", http.StatusServiceUnavailable)
				return
			}
			f := p.fault(path)
			if misbehaves(w, r, f, contentType) {
				return
			}
			request, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
			if err != nil {
				http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
				return
			}
			body, err := answer(request, f)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			send(w, f, contentType, body)
		})
	}
	serve("POST", PathOCSP, "application/ocsp-response", p.answerOCSP)
	serve("POST", PathTSA, "application/timestamp-reply", p.answerTSA)
	serve("GET", PathCRL, "application/pkix-crl", func(_ []byte, f Fault) ([]byte, error) { return p.crl(PartIssuing, f) })
	serve("GET", PathRootCRL, "application/pkix-crl", func(_ []byte, f Fault) ([]byte, error) { return p.crl(PartRoot, f) })
	serve("GET", PathIssuing, "application/pkix-cert", func(_ []byte, f Fault) ([]byte, error) { return p.certificate(PartIssuing, f), nil })
	serve("GET", PathRoot, "application/pkix-cert", func(_ []byte, f Fault) ([]byte, error) { return p.certificate(PartRoot, f), nil })
	return mux
}

func (p *PKI) isBroken(path string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.broken[path]
}

// CRL is the current revocation list of the issuing CA in DER.
func (p *PKI) CRL() ([]byte, error) { return p.crl(PartIssuing, "") }

// certificate is that of a part, or of another when the fault says so.
func (p *PKI) certificate(part string, f Fault) []byte {
	if f == OtherCertificate {
		part = PartOCSP
	}
	return p.parts[part].Certificate.Raw
}

func (p *PKI) crl(part string, f Fault) ([]byte, error) {
	now := p.clock()
	if f == Stale {
		now = now.Add(-2 * answerLife)
	}
	p.mu.Lock()
	p.crlSeq++
	list := &x509.RevocationList{
		Number:     big.NewInt(now.Unix()<<16 | p.crlSeq&0xffff),
		ThisUpdate: now.Add(-time.Minute),
		NextUpdate: now.Add(answerLife),
	}
	for _, r := range p.revoked {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: r.serial, RevocationTime: r.at})
	}
	p.mu.Unlock()
	issuer := p.parts[part]
	switch f { //nolint:exhaustive // the others are no matter of a list
	case OtherCertificate: // the list of another CA
		issuer = p.parts[map[string]string{PartIssuing: PartRoot, PartRoot: PartIssuing}[part]]
	case WrongResponder, BadSignature:
		var err error
		if issuer, err = p.stranger(issuer); err != nil {
			return nil, err
		}
	}
	return x509.CreateRevocationList(rand.Reader, list, issuer.Certificate, issuer.Signer)
}
