package trust

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"

	"kyso/signer/internal/certview"
)

// maxGeneralNames bounds the names of one extension.
const maxGeneralNames = 1024

// The kinds of GeneralName by their tag (RFC 5280, 4.2.1.6).
const (
	nameEmail     = 1
	nameDNS       = 2
	nameDirectory = 4
	nameURI       = 6
	nameIP        = 7
)

// generalName is one name: its kind, and what it says. A directory name is a Name in DER.
type generalName struct {
	kind  int
	value []byte
}

var errNames = errors.New("malformed names")

// generalNames reads GeneralNames without their SEQUENCE.
func generalNames(in cryptobyte.String) ([]generalName, error) {
	var out []generalName
	for !in.Empty() {
		var value cryptobyte.String
		var tag casn1.Tag
		if !in.ReadAnyASN1(&value, &tag) || len(out) >= maxGeneralNames || tag&0xc0 != 0x80 {
			return nil, errNames
		}
		out = append(out, generalName{int(tag & 0x1f), value})
	}
	return out, nil
}

// constraints are NameConstraints (RFC 5280, 4.2.1.10).
type constraints struct{ permitted, excluded []generalName }

func constraintsOf(c *x509.Certificate) (constraints, error) {
	var out constraints
	der := extension(c, oidNameConstraints())
	if der == nil {
		return out, nil
	}
	in := cryptobyte.String(der)
	var body cryptobyte.String
	if !in.ReadASN1(&body, casn1.SEQUENCE) || !in.Empty() {
		return out, errNames
	}
	for n, list := range []*[]generalName{&out.permitted, &out.excluded} {
		var trees cryptobyte.String
		var present bool
		if !body.ReadOptionalASN1(&trees, &present, casn1.Tag(n).ContextSpecific().Constructed()) {
			return out, errNames
		}
		for !trees.Empty() {
			var tree cryptobyte.String
			// A minimum or a maximum is never there (4.2.1.10): it would stand behind the name.
			if !trees.ReadASN1(&tree, casn1.SEQUENCE) {
				return out, errNames
			}
			names, err := generalNames(tree)
			if err != nil || len(names) != 1 {
				return out, errNames
			}
			*list = append(*list, names[0])
		}
	}
	if !body.Empty() {
		return out, errNames
	}
	return out, nil
}

// namesOf are the names of a certificate that constraints speak of: the subject,
// those in subjectAltName, and without these an address in the subject.
func namesOf(c *x509.Certificate) ([]generalName, error) {
	var out []generalName
	subject := cryptobyte.String(c.RawSubject)
	var body cryptobyte.String
	if !subject.ReadASN1(&body, casn1.SEQUENCE) {
		return nil, errNames
	}
	if !body.Empty() {
		out = append(out, generalName{nameDirectory, c.RawSubject})
	}
	if der := extension(c, oidAlternativeName()); der != nil {
		in := cryptobyte.String(der)
		var list cryptobyte.String
		if !in.ReadASN1(&list, casn1.SEQUENCE) || !in.Empty() {
			return nil, errNames
		}
		more, err := generalNames(list)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	if !slices.ContainsFunc(out, func(n generalName) bool { return n.kind == nameEmail }) {
		for _, a := range c.Subject.Names {
			if address, ok := a.Value.(string); ok && a.Type.Equal(oidEmailAddress()) {
				out = append(out, generalName{nameEmail, []byte(address)})
			}
		}
	}
	return out, nil
}

// checkNames holds the names of each certificate against the constraints of those
// above it, the anchor's included (RFC 5280, 6.1.3 b and c; RFC 5937). What a CA
// issued to itself is not held against them, unless it is the last.
func (p Path) checkNames() error {
	var above []constraints
	for i, c := range slices.Backward(p) {
		if len(above) > 0 && (i == 0 || !selfIssued(c)) {
			if err := allowedBy(c, above); err != nil {
				return fmt.Errorf("%w: %w", ErrConstraint, err)
			}
		}
		if i == 0 {
			break
		}
		own, err := constraintsOf(c)
		if err != nil {
			return fmt.Errorf("%w: the name constraints of %s: %w", ErrConstraint, c.Subject, err)
		}
		if len(own.permitted)+len(own.excluded) > 0 {
			above = append(above, own)
		}
	}
	return nil
}

func allowedBy(c *x509.Certificate, above []constraints) error {
	names, err := namesOf(c)
	if err != nil {
		return fmt.Errorf("the names of %s: %w", c.Subject, err)
	}
	for _, limits := range above {
		for _, name := range names {
			if err := limits.allow(name); err != nil {
				return fmt.Errorf("a name of %s: %w", c.Subject, err)
			}
		}
	}
	return nil
}

// allow holds one name against the constraints of one certificate. Constraints of
// another kind say nothing of it.
func (l constraints) allow(name generalName) error {
	for _, limit := range l.excluded {
		if limit.kind != name.kind {
			continue
		}
		in, err := name.within(limit)
		if err == nil && in {
			err = errors.New("its issuer excludes it")
		}
		if err != nil {
			return err
		}
	}
	constrained := false
	for _, limit := range l.permitted {
		if limit.kind != name.kind {
			continue
		}
		constrained = true
		in, err := name.within(limit)
		if err != nil {
			return err
		}
		if in {
			return nil
		}
	}
	if constrained {
		return errors.New("its issuer does not permit it")
	}
	return nil
}

// within reports that a name lies in a subtree of the same kind.
func (n generalName) within(limit generalName) (bool, error) {
	switch n.kind {
	case nameDirectory:
		return withinDirectory(n.value, limit.value)
	case nameDNS:
		return withinHost(string(n.value), string(limit.value), true), nil
	case nameEmail:
		return withinEmail(string(n.value), string(limit.value))
	case nameURI:
		u, err := url.Parse(string(n.value))
		if err != nil || u.Hostname() == "" {
			return false, errNames
		}
		return withinHost(u.Hostname(), string(limit.value), false), nil
	case nameIP:
		return withinNetwork(n.value, limit.value)
	}
	return false, fmt.Errorf("constraints on names of kind %d are not known", n.kind)
}

// withinDirectory reports that a name begins with the parts of another.
func withinDirectory(name, limit []byte) (bool, error) {
	a, ok1 := certview.Relative(name)
	b, ok2 := certview.Relative(limit)
	if !ok1 || !ok2 {
		return false, errNames
	}
	return len(a) >= len(b) && slices.Equal(a[:len(b)], b), nil
}

// withinHost reports that a host is the limit or, where that begins with a full
// stop or below is set, a part of it.
func withinHost(host, limit string, below bool) bool {
	host, limit = strings.ToLower(strings.TrimSuffix(host, ".")), strings.ToLower(strings.TrimSuffix(limit, "."))
	switch {
	case limit == "":
		return true
	case strings.HasPrefix(limit, "."):
		return strings.HasSuffix(host, limit)
	}
	return host == limit || below && strings.HasSuffix(host, "."+limit)
}

// withinEmail holds an address against one address, a host, or a domain.
func withinEmail(address, limit string) (bool, error) {
	at := strings.LastIndexByte(address, '@')
	if at <= 0 {
		return false, errNames
	}
	local, host := address[:at], address[at+1:]
	if at = strings.LastIndexByte(limit, '@'); at >= 0 {
		return local == limit[:at] && strings.EqualFold(host, limit[at+1:]), nil
	}
	return withinHost(host, limit, false), nil
}

// withinNetwork holds an address against an address with its mask behind it.
func withinNetwork(address, limit []byte) (bool, error) {
	if len(address) != 4 && len(address) != 16 || len(limit) != 8 && len(limit) != 32 {
		return false, errNames
	}
	if len(limit) != 2*len(address) {
		return false, nil
	}
	masked := make([]byte, len(address))
	net, mask := limit[:len(address)], limit[len(address):]
	for i := range masked {
		masked[i] = address[i]&mask[i] ^ net[i]&mask[i]
	}
	return bytes.Equal(masked, make([]byte, len(address))), nil
}

func oidNameConstraints() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 5, 29, 30} }
func oidAlternativeName() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 5, 29, 17} }
func oidEmailAddress() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}
}
