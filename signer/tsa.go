package signer

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"kyso/signer/internal/evidence"
	"kyso/signer/internal/fetch"
	"kyso/signer/internal/timestamp"
	"kyso/signer/internal/trust"
)

// The sizes in bytes that are set aside for a time stamp.
const (
	unknownStamp = 8 << 10 // of a server that was not asked before
	spareStamp   = 512     // on top of the last one's size: serial numbers and times vary
)

// StampSizes remembers how large the time stamps of each server were, so that
// the next signature leaves the right room for one. The zero value works; it may
// be shared by any number of requests at the same time.
type StampSizes struct {
	mu   sync.Mutex
	last map[string]int
}

func (s *StampSizes) keep(url string, size int) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil {
		s.last = map[string]int{}
	}
	s.last[url] = size
}

// room is what to set aside for the time stamp of whichever server answers.
func (s *StampSizes) room(servers []TSA) int {
	most := 0
	for _, t := range servers {
		size := unknownStamp
		if s != nil {
			s.mu.Lock()
			if n, ok := s.last[t.URL]; ok {
				size = n + spareStamp
			}
			s.mu.Unlock()
		}
		most = max(most, size)
	}
	return most
}

// The codes of TSAAnswer, beside those of a fetch that brought nothing:
// "no-network", "unreachable", "timeout", "redirects", "http-status",
// "content-type", "too-large".
const (
	stampFormat      = "format"      // no time stamp at all
	stampRefused     = "refused"     // the server says why
	stampNonce       = "nonce"       // an answer to another request
	stampImprint     = "imprint"     // a time stamp for other data
	stampPolicy      = "policy"      // under another policy
	stampAccuracy    = "accuracy"    // not sure of its time
	stampCertificate = "certificate" // not signed by a certificate for time stamps, valid then
	stampUntrusted   = "untrusted"   // no path to the request's anchors
)

// TSAAnswer is what one server answered.
type TSAAnswer struct {
	URL string
	// Code is "no-network", "unreachable", "timeout", "redirects", "http-status",
	// "content-type", "too-large", "format", "refused", "nonce", "imprint",
	// "policy", "accuracy", "certificate" or "untrusted".
	Code string
	Err  error
}

// TimeStampError reports that no server gave a usable time stamp. Nothing was
// written: a signature without it would be of a lower level.
type TimeStampError struct {
	// Answers are in the order in which the servers were asked.
	Answers []TSAAnswer
}

// Error gives the text for the support desk.
func (e *TimeStampError) Error() string {
	lines := make([]string, len(e.Answers))
	for i, a := range e.Answers {
		lines[i] = fmt.Sprintf("%s: %s: %v", a.URL, a.Code, a.Err)
	}
	return ErrTimeStamp.Error() + ": " + strings.Join(lines, "; ")
}

// Is reports whether target is ErrTimeStamp.
func (e *TimeStampError) Is(target error) bool { return target == ErrTimeStamp }

// Unwrap gives what went wrong at each server.
func (e *TimeStampError) Unwrap() []error {
	out := make([]error, len(e.Answers))
	for i, a := range e.Answers {
		out[i] = a.Err
	}
	return out
}

// stamp has a digest stamped by the first server that gives a usable time stamp.
// The error is a *TimeStampError, or that of ctx.
func (l ladder) stamp(ctx context.Context, digest []byte) ([]byte, *timestamp.Token, error) {
	failed := &TimeStampError{}
	for _, server := range l.tsas {
		der, token, err := l.ask(ctx, server, digest)
		if ctx.Err() != nil {
			return nil, nil, ctx.Err() //nolint:wrapcheck // the caller's own
		}
		if err == nil {
			l.sizes.keep(server.URL, len(der))
			return der, token, nil
		}
		failed.Answers = append(failed.Answers, TSAAnswer{URL: server.URL, Code: stampCode(err), Err: err})
	}
	return nil, nil, failed
}

// ask has one server stamp a SHA-256 digest.
func (l ladder) ask(ctx context.Context, server TSA, digest []byte) ([]byte, *timestamp.Token, error) {
	query := timestamp.NewQuery(crypto.SHA256, digest, server.Policy)
	request, err := query.Request()
	if err != nil {
		return nil, nil, err
	}
	answer, err := fetch.Client{HTTP: l.client}.TimeStamp(ctx, server.URL, request, server.Timeout)
	if err != nil {
		return nil, nil, err
	}
	der, token, err := query.Answer(answer)
	if err != nil {
		return nil, nil, err
	}
	return der, token, l.trusted(ctx, token)
}

var errUntrusted = errors.New("the server's certificate does not lead to a trusted root")

// trusted holds the server's certificate against the anchors. Without anchors,
// which only LevelLT asks for, there is nothing to hold it against.
func (l ladder) trusted(ctx context.Context, token *timestamp.Token) error {
	if len(l.anchors) == 0 {
		return nil
	}
	server := token.Server(nil)
	chain, _, _ := evidence.Chain(ctx, server, evidence.Sources{
		Client: l.client, Anchors: l.anchors, Intermediates: slices.Concat(token.Certificates, l.intermediates),
	})
	for _, path := range trust.Find(server, chain, l.anchors) {
		if err := path.Check(token.Time); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%w: %s", errUntrusted, server.Subject)
}

// stampCode says in a word why there is no time stamp.
func stampCode(err error) string {
	if e, ok := errors.AsType[*fetch.Error](err); ok {
		return string(e.Kind)
	}
	if _, ok := errors.AsType[*timestamp.RefusedError](err); ok {
		return stampRefused
	}
	for code, target := range map[string]error{
		stampNonce: timestamp.ErrNonce, stampImprint: timestamp.ErrImprint, stampPolicy: timestamp.ErrPolicy,
		stampAccuracy: timestamp.ErrAccuracy, stampCertificate: timestamp.ErrServer, stampUntrusted: errUntrusted,
	} {
		if errors.Is(err, target) {
			return code
		}
	}
	return stampFormat
}
