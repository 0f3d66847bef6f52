package signertest

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Fault is a way in which a service misbehaves.
type Fault string

// Faults of every service.
const (
	Slow         Fault = "slow"          // takes the request and never answers
	Dead         Fault = "dead"          // closes the connection
	HTTPError    Fault = "http-error"    // 500
	RedirectLoop Fault = "redirect-loop" // to itself
	Huge         Fault = "huge"          // an answer without an end
	Garbage      Fault = "garbage"       // bytes that mean nothing
	Truncated    Fault = "truncated"     // the first half of the right answer
	WrongType    Fault = "wrong-type"    // the right answer as text/html
)

// Faults of the time-stamping server.
const (
	Refused       Fault = "refused"        // a PKIStatus of rejection with a text
	WrongNonce    Fault = "wrong-nonce"    // the answer to another request
	WrongImprint  Fault = "wrong-imprint"  // a time stamp for other data
	WrongPolicy   Fault = "wrong-policy"   // under another policy
	Inaccurate    Fault = "inaccurate"     // an hour off, as it says itself
	Large         Fault = "large"          // a good time stamp of 20 kB, full of certificates
	NoCertificate Fault = "no-certificate" // does not send its certificate
	BadSignature  Fault = "bad-signature"  // a wrong signature value; of OCSP and CRL, too
)

// Faults of the time-stamping server and of the OCSP responder.
const (
	Expired  Fault = "expired"   // signs with a certificate that has expired
	WrongEKU Fault = "wrong-eku" // signs with a certificate that is not for this
)

// Faults of the OCSP responder, the revocation lists and the certificates.
const (
	OtherCertificate Fault = "other-certificate" // speaks of another certificate, or is one
	WrongResponder   Fault = "wrong-responder"   // signed by nobody whom the CA appointed
	Stale            Fault = "stale"             // nextUpdate is in the past
)

// Misbehave makes the service at a path (PathTSA, …) fail in a way, until
// another fault takes its place; an empty fault mends it.
func (p *PKI) Misbehave(path string, f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults[path] = f
}

func (p *PKI) fault(path string) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.faults[path]
}

// misbehaves answers with a fault of the transport and reports that it did.
func misbehaves(w http.ResponseWriter, r *http.Request, f Fault, contentType string) bool {
	switch f {
	case Slow:
		_, _ = io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxRequest)) // only then is the client's end seen
		<-r.Context().Done()
	case Dead:
		if h, ok := w.(http.Hijacker); ok {
			if c, _, err := h.Hijack(); err == nil {
				_ = c.Close()
			}
		}
	case HTTPError:
		http.Error(w, "out of order", http.StatusInternalServerError)
	case RedirectLoop:
		w.Header().Set("Location", r.URL.Path)
		w.WriteHeader(http.StatusTemporaryRedirect)
	case Huge:
		w.Header().Set("Content-Type", contentType)
		block := make([]byte, 1<<20)
		for range 64 { // more than any client should take
			if _, err := w.Write(block); err != nil {
				break
			}
		}
	case Garbage:
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write([]byte("<html>Vui lòng đăng nhập</html>"))
	default:
		return false
	}
	return true
}

// send writes an answer, spoilt by the faults that spoil any.
func send(w http.ResponseWriter, f Fault, contentType string, body []byte) {
	switch f { //nolint:exhaustive // the others are no matter of sending
	case WrongType:
		contentType = "text/html"
	case Truncated:
		w.Header().Set("Content-Length", strconv.Itoa(len(body)/2))
		body = body[:len(body)/2]
	}
	w.Header().Set("Content-Type", contentType)
	_, _ = w.Write(body) // the peer went away: nobody to tell
}

// disguised is a part of the PKI with another certificate for the same key, as a
// fault wants it.
func (p *PKI) disguised(part string, f Fault) (Identity, error) {
	id := p.parts[part]
	now := p.clock()
	t := &x509.Certificate{
		NotBefore: now.Add(-48 * time.Hour), NotAfter: now.Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true, Subject: id.Certificate.Subject,
	}
	t.ExtraExtensions = extendedUsage(id.Certificate)
	switch f {
	case Expired:
		t.NotAfter = now.Add(-time.Hour)
	case WrongEKU:
		usage, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 2}}) // id-kp-clientAuth
		if err != nil {
			return id, err
		}
		t.ExtraExtensions = []pkix.Extension{{Id: oidExtKeyUsage(), Critical: true, Value: usage}}
	case WrongResponder:
		return p.stranger(id)
	default:
		return id, nil
	}
	c, err := create(t, p.parts[PartIssuing], id.Signer.Public())
	return Identity{Certificate: c, Signer: id.Signer}, err
}

// stranger has the name of an identity and another key, which nobody certified.
func (*PKI) stranger(id Identity) (Identity, error) {
	key, err := NewKey("P-256")
	if err != nil {
		return id, fmt.Errorf("make a key: %w", err)
	}
	t := *id.Certificate
	c, err := create(&x509.Certificate{
		Subject: t.Subject, NotBefore: t.NotBefore, NotAfter: t.NotAfter, KeyUsage: t.KeyUsage,
		BasicConstraintsValid: true, IsCA: t.IsCA, ExtraExtensions: extendedUsage(&t),
	}, Identity{Signer: key}, key.Public())
	return Identity{Certificate: c, Signer: key}, err
}

// extendedUsage are the extensions that say what a certificate is for.
func extendedUsage(c *x509.Certificate) []pkix.Extension {
	var out []pkix.Extension
	for _, e := range c.Extensions {
		if e.Id.Equal(oidExtKeyUsage()) || e.Id.Equal(oidNoCheck()) {
			out = append(out, e)
		}
	}
	return out
}

// spoilt signs wrongly when the fault is BadSignature.
func spoilt(key crypto.Signer, f Fault) (crypto.Signer, error) {
	if f != BadSignature {
		return key, nil
	}
	kind, ok := map[string]string{"*ecdsa.PublicKey": "P-256", "*rsa.PublicKey": "RSA-2048"}[fmt.Sprintf("%T", key.Public())]
	if !ok {
		return nil, errors.New("no other key of this kind")
	}
	return NewKey(kind)
}
