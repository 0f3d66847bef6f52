package timestamp

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// The reasons why an answer is no time stamp for what was asked, besides
// ErrFormat, ErrImprint, ErrServer and *RefusedError.
var (
	// ErrNonce reports the answer to another request.
	ErrNonce = errors.New("the time stamp answers another request")
	// ErrPolicy reports a time stamp under another policy than was asked for.
	ErrPolicy = errors.New("the time stamp is under another policy")
	// ErrAccuracy reports a server that is not sure of its time.
	ErrAccuracy = errors.New("the time stamp is not accurate enough")
)

// maxAccuracy is how far the time of a new time stamp may be off.
const maxAccuracy = time.Minute

// RefusedError is what a server says that gives no time stamp (RFC 3161, 2.4.2).
type RefusedError struct {
	// Status is the PKIStatus.
	Status int
	// Failure is the number of the bit in PKIFailureInfo, −1 when there is none.
	Failure int
	// Texts are in the server's own words.
	Texts []string
}

// Error gives the text for the support desk.
func (e *RefusedError) Error() string {
	s := fmt.Sprintf("the server gives no time stamp: status %d", e.Status)
	if e.Failure >= 0 {
		s += fmt.Sprintf(", failure %d", e.Failure)
		if word := failures()[e.Failure]; word != "" {
			s += " (" + word + ")"
		}
	}
	if len(e.Texts) > 0 {
		s += fmt.Sprintf(": %.200q", strings.Join(e.Texts, "; "))
	}
	return s
}

// failures are the names of PKIFailureInfo's bits.
func failures() map[int]string {
	return map[int]string{
		0: "badAlg", 2: "badRequest", 5: "badDataFormat", 14: "timeNotAvailable",
		15: "unacceptedPolicy", 16: "unacceptedExtension", 17: "addInfoNotAvailable", 25: "systemFailure",
	}
}

// Query is a time-stamp request (RFC 3161, 2.4.1). It asks for the server's
// certificate.
type Query struct {
	Hash    crypto.Hash
	Imprint []byte
	// Policy is nil for the server's own.
	Policy asn1.ObjectIdentifier
	Nonce  *big.Int
}

// NewQuery makes a request with a random nonce of 64 bits.
func NewQuery(hash crypto.Hash, imprint []byte, policy asn1.ObjectIdentifier) Query {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return Query{Hash: hash, Imprint: imprint, Policy: policy, Nonce: new(big.Int).SetBytes(b[:])}
}

// Request is the query in DER.
func (q Query) Request() ([]byte, error) {
	var algorithm asn1.ObjectIdentifier
	switch q.Hash {
	case crypto.SHA256:
		algorithm = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	case crypto.SHA384:
		algorithm = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	case crypto.SHA512:
		algorithm = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}
	default:
		return nil, fmt.Errorf("time-stamp request: hash function %s", q.Hash)
	}
	type imprint struct {
		Hash   pkix.AlgorithmIdentifier
		Digest []byte
	}
	der, err := asn1.Marshal(struct {
		Version int
		Imprint imprint
		Policy  asn1.ObjectIdentifier `asn1:"optional"`
		Nonce   *big.Int
		CertReq bool
	}{1, imprint{pkix.AlgorithmIdentifier{Algorithm: algorithm, Parameters: asn1.NullRawValue}, q.Imprint}, q.Policy, q.Nonce, true})
	if err != nil {
		return nil, fmt.Errorf("time-stamp request: %w", err)
	}
	return der, nil
}

// response is TimeStampResp (RFC 3161, 2.4.2).
type response struct {
	Status struct {
		Status  int
		Texts   []string       `asn1:"optional"`
		Failure asn1.BitString `asn1:"optional"`
	}
	Token asn1.RawValue `asn1:"optional"`
}

// Answer judges what a server answered and returns the token in DER with its
// parsed form. The token must be for this query and its server's certificate
// must be in it; whether the server is trusted is left open. The errors are
// *RefusedError, ErrFormat, ErrImprint, ErrNonce, ErrPolicy, ErrAccuracy and
// ErrServer.
func (q Query) Answer(der []byte) ([]byte, *Token, error) {
	var r response
	rest, err := asn1.Unmarshal(der, &r)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%d bytes too many", len(rest))
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%w: response: %w", ErrFormat, err)
	}
	// granted and grantedWithMods bring a token, everything else does not.
	if r.Status.Status != 0 && r.Status.Status != 1 {
		return nil, nil, &RefusedError{Status: r.Status.Status, Failure: failure(r.Status.Failure), Texts: r.Status.Texts}
	}
	if len(r.Token.FullBytes) == 0 {
		return nil, nil, fmt.Errorf("%w: granted without a token", ErrFormat)
	}
	token, err := Parse(r.Token.FullBytes)
	if err != nil {
		return nil, nil, err
	}
	if err := q.check(token); err != nil {
		return nil, nil, err
	}
	return r.Token.FullBytes, token, nil
}

func (q Query) check(t *Token) error {
	switch {
	case t.Hash != q.Hash || !bytes.Equal(t.Imprint, q.Imprint):
		return ErrImprint
	case t.nonce == nil || t.nonce.Cmp(q.Nonce) != 0:
		return ErrNonce
	case q.Policy != nil && !t.Policy.Equal(q.Policy):
		return fmt.Errorf("%w: %s, asked for %s", ErrPolicy, t.Policy, q.Policy)
	case t.Accuracy > maxAccuracy:
		return fmt.Errorf("%w: %s", ErrAccuracy, t.Accuracy)
	}
	server := t.Server(nil)
	if server == nil {
		return fmt.Errorf("%w: its certificate was asked for and is not there", ErrServer)
	}
	if hash, err := t.signer.Digest(); err != nil || hash.Is(crypto.SHA1) || hash.Is(crypto.MD5) {
		return fmt.Errorf("%w: signed with SHA-1 or an unknown hash function", ErrServer)
	}
	return t.Verify(server, q.Imprint)
}

// failure is the first bit that is set, −1 when none is.
func failure(b asn1.BitString) int {
	for i := range b.BitLength {
		if b.At(i) == 1 {
			return i
		}
	}
	return -1
}

// accuracy is Accuracy (RFC 3161, 2.4.2).
type accuracy struct {
	Seconds int `asn1:"optional"`
	Millis  int `asn1:"optional,tag:0"`
	Micros  int `asn1:"optional,tag:1"`
}

func (a accuracy) duration() (time.Duration, error) {
	if a.Seconds < 0 || a.Seconds > 1<<30 || a.Millis < 0 || a.Millis > 999 || a.Micros < 0 || a.Micros > 999 {
		return 0, fmt.Errorf("%w: accuracy", ErrFormat)
	}
	return time.Duration(a.Seconds)*time.Second + time.Duration(a.Millis)*time.Millisecond + time.Duration(a.Micros)*time.Microsecond, nil
}
