package token

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"slices"
)

// Holding is a token as one module shows it.
type Holding struct {
	// Module is the path of the module, or whatever tells the caller's providers
	// apart.
	Module       string
	Token        Info
	Certificates []Certificate
	// Also are the other places where Join found the same token.
	Also []Place
}

// Place is a slot of a module.
type Place struct {
	Module string
	Slot   uint
}

// Join keeps each token once. Makers install several modules for one device, so
// two holdings of different modules that share a certificate, other than a CA's,
// are one token. The first stays, in the order of all; where the others are is in its Also.
func Join(all []Holding) []Holding {
	var joined []Holding
	for _, h := range all {
		i := slices.IndexFunc(joined, func(o Holding) bool { return o.Module != h.Module && sharesCertificate(o, h) })
		if i < 0 {
			joined = append(joined, h)
			continue
		}
		joined[i].Also = append(slices.Clip(joined[i].Also), Place{Module: h.Module, Slot: h.Token.Slot})
	}
	return joined
}

func sharesCertificate(a, b Holding) bool {
	return slices.ContainsFunc(a.Certificates, func(c Certificate) bool {
		return !isCA(c) && slices.ContainsFunc(b.Certificates, func(d Certificate) bool { return c.Fingerprint() == d.Fingerprint() })
	})
}

// isCA reports whether a certificate is a CA's, which many tokens carry.
func isCA(c Certificate) bool {
	x, err := x509.ParseCertificate(c.DER)
	return err == nil && x.IsCA
}

// Holder gives the token that shows the certificate with this SHA-256, and the
// certificate as it shows it. After a token was pulled, that is how the same one
// is known again, in whatever slot. When no token shows it the error is of
// KindRemoved, unless one could not be read: then it is that token's.
func Holder(ctx context.Context, l Lister, fingerprint [sha256.Size]byte) (Info, Certificate, error) {
	tokens, err := l.Tokens(ctx)
	if err != nil {
		return Info{}, Certificate{}, err
	}
	var unread error
	for _, i := range tokens {
		all, err := l.Certificates(ctx, i.Slot)
		if n := slices.IndexFunc(all, func(c Certificate) bool { return c.Fingerprint() == fingerprint }); n >= 0 {
			return i, all[n], nil
		}
		if unread == nil {
			unread = err
		}
	}
	if unread != nil {
		return Info{}, Certificate{}, unread
	}
	return Info{}, Certificate{}, &Error{Kind: KindRemoved, Op: "find"}
}
