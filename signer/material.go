package signer

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kyso/signer/internal/evidence"
	"kyso/signer/internal/pades"
	"kyso/signer/internal/revocation"
	"kyso/signer/internal/trust"
	"kyso/signer/verify"
)

// The codes of MaterialError.
const (
	materialNoPath     = "no-path"       // no path to an anchor
	materialExpired    = "expired"       // not valid any more when it was used
	materialNotYet     = "not-yet-valid" // not valid yet
	materialWeak       = "weak"          // an algorithm that proves nothing
	materialConstraint = "constraint"    // used for what it is not meant for
	materialRevoked    = "revoked"       // revoked before it was used
	materialUnknown    = "unknown"       // no usable answer on its revocation
)

// MaterialError reports that what level B-LT keeps in the file could not be had,
// or does not prove a certificate good. Nothing was written.
type MaterialError struct {
	// Certificate is the subject of the certificate in question.
	Certificate string
	// Code is "no-path", "expired", "not-yet-valid", "weak", "constraint",
	// "revoked" or "unknown".
	Code string
	// RevokedAt is set for "revoked".
	RevokedAt time.Time
	// Tried are what the addresses in the certificates gave, for the support desk.
	Tried []string
	// Err is the cause, may be nil.
	Err error
}

// Error gives the text for the support desk.
func (e *MaterialError) Error() string {
	s := fmt.Sprintf("%v: %s: %s", ErrMaterial, e.Code, e.Certificate)
	if !e.RevokedAt.IsZero() {
		s += " on " + e.RevokedAt.UTC().Format(time.RFC3339)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if len(e.Tried) > 0 {
		s += " (" + strings.Join(e.Tried, "; ") + ")"
	}
	return s
}

// Is reports whether target is ErrMaterial.
func (e *MaterialError) Is(target error) bool { return target == ErrMaterial }

// Unwrap gives the cause.
func (e *MaterialError) Unwrap() error { return e.Err }

// leaf is a certificate that is to be proven good at the time at.
type leaf struct {
	certificate *x509.Certificate
	// others may stand above it.
	others []*x509.Certificate
	at     time.Time
}

// material gathers paths and revocation answers for the leaves and judges them
// before they may be embedded: a path to an anchor, valid at the leaf's time,
// and for every certificate below the anchor an answer that is fresh at now,
// signed by the right responder, and does not say that it was revoked by then. An
// answer that the file holds already may be as old as the leaf's time: it was
// taken up then. The error is a *MaterialError, or that of ctx.
func (l ladder) material(ctx context.Context, now time.Time, leaves ...leaf) (pades.Material, error) {
	var out pades.Material
	for _, x := range leaves {
		s := evidence.Sources{
			Client: l.client, Anchors: l.anchors, Intermediates: slices.Concat(x.others, l.intermediates),
		}
		if x.certificate == nil {
			return out, &MaterialError{Code: materialNoPath, Err: errors.New("the certificate of a server is not at hand")}
		}
		e := evidence.OfCertificate(ctx, x.certificate, now, s)
		if err := ctx.Err(); err != nil {
			return out, err //nolint:wrapcheck // the caller's own
		}
		for _, a := range l.stored.Answers {
			if a.Source == verify.SourceFile {
				e.Answers = append(e.Answers, a)
			}
		}
		m, err := proof{leaf: x, now: now, evidence: e, anchors: l.anchors}.find()
		if err != nil {
			return out, err
		}
		out.Add(m)
	}
	return out, nil
}

// proof looks for the material of one leaf in what was gathered.
type proof struct {
	leaf     leaf
	now      time.Time
	evidence verify.Evidence
	anchors  []*x509.Certificate
}

// find gives the material of the first path that proves the leaf good, or says
// what is wrong with the first path.
func (p proof) find() (pades.Material, error) {
	paths := trust.Find(p.leaf.certificate, parsed(p.evidence.Certificates), p.anchors)
	if len(paths) == 0 {
		return pades.Material{}, p.failed(p.leaf.certificate, materialNoPath, nil)
	}
	var first error
	for _, path := range paths {
		m, err := p.path(path)
		if err == nil {
			return m, nil
		}
		if first == nil {
			first = err
		}
	}
	return pades.Material{}, first
}

func parsed(certificates [][]byte) []*x509.Certificate {
	var out []*x509.Certificate
	for _, der := range certificates {
		if c, err := x509.ParseCertificate(der); err == nil {
			out = append(out, c)
		}
	}
	return out
}

func (p proof) failed(c *x509.Certificate, code string, err error) *MaterialError {
	return &MaterialError{Certificate: c.Subject.String(), Code: code, Tried: p.evidence.Failures, Err: err}
}

func (p proof) path(path trust.Path) (pades.Material, error) {
	if err := path.Check(p.leaf.at); err != nil {
		code := materialConstraint
		for sign, target := range map[string]error{
			materialExpired: trust.ErrExpired, materialNotYet: trust.ErrNotYetValid, materialWeak: trust.ErrWeak,
		} {
			if errors.Is(err, target) {
				code = sign
			}
		}
		return pades.Material{}, p.failed(path[0], code, err)
	}
	var m pades.Material
	for i, c := range path {
		m.Certificates = append(m.Certificates, c.Raw)
		if i == len(path)-1 {
			break
		}
		found, err := p.status(c, path.Issuer(i), 0)
		if err != nil {
			return m, err
		}
		m.Add(found)
	}
	return m, nil
}

// maxResponders is how far the chain of responders is followed that are
// themselves to be asked for.
const maxResponders = 2

// status finds the answer that proves a certificate good: the newest usable one,
// unless any says that the certificate was revoked before the leaf's time.
func (p proof) status(c, issuer *x509.Certificate, depth int) (pades.Material, error) {
	var best *verify.Answer
	var at time.Time
	for i, a := range p.evidence.Answers {
		s, err := p.judge(a, c, issuer)
		if err != nil || s.State == revocation.Unknown {
			continue
		}
		if s.State == revocation.Revoked && !s.RevokedAt.After(p.leaf.at) {
			e := p.failed(c, materialRevoked, nil)
			e.RevokedAt = s.RevokedAt
			return pades.Material{}, e
		}
		if best == nil || s.ThisUpdate.After(at) {
			best, at = &p.evidence.Answers[i], s.ThisUpdate
		}
	}
	switch {
	case best == nil:
		return pades.Material{}, p.failed(c, materialUnknown, nil)
	case best.Kind == verify.AnswerCRL:
		return pades.Material{CRLs: [][]byte{best.Body}}, nil
	}
	return p.responder(best.Body, issuer, depth)
}

// responder adds to an OCSP answer what proves its responder good, when the
// responder's certificate asks for that by naming a place to ask.
func (p proof) responder(answer []byte, issuer *x509.Certificate, depth int) (pades.Material, error) {
	m := pades.Material{OCSPs: [][]byte{answer}}
	for _, c := range revocation.Responders(answer, issuer) {
		if c.Equal(issuer) {
			continue
		}
		m.Certificates = append(m.Certificates, c.Raw)
		asks := len(c.OCSPServer)+len(c.CRLDistributionPoints) > 0
		if revocation.MayBeUnchecked(c) || !asks || depth >= maxResponders {
			continue
		}
		more, err := p.status(c, issuer, depth+1)
		if err != nil {
			return m, err
		}
		m.Add(more)
	}
	return m, nil
}

// judge judges an answer at the leaf's time and, unless the file holds it
// already, now.
func (p proof) judge(a verify.Answer, c, issuer *x509.Certificate) (revocation.Status, error) {
	s, err := judgeAnswer(a, c, issuer, p.leaf.at)
	if err == nil && a.Source != verify.SourceFile {
		s, err = judgeAnswer(a, c, issuer, p.now)
	}
	return s, err
}

func judgeAnswer(a verify.Answer, c, issuer *x509.Certificate, at time.Time) (revocation.Status, error) {
	if a.Kind == verify.AnswerOCSP {
		return revocation.OCSP(a.Body, c, issuer, a.Nonce, at)
	}
	return revocation.CRL(a.Body, c, issuer, at)
}
