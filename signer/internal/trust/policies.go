package trust

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
)

const (
	anyPolicy   = "2.5.29.32.0"
	maxPolicies = 256 // of one certificate
)

var errPolicies = errors.New("malformed policies")

// policies is the state of policy processing (RFC 5280, 6.1.2): how many more
// certificates may come until something is required or forbidden, and the lowest
// level of the valid policy tree. A node of the tree is told by its policy alone,
// for what is expected below it follows from that.
type policies struct {
	explicit, mapping, inhibitAny int
	// level is the policies of the last certificate, each with those expected
	// below it. It is nil when the tree is empty.
	level map[string][]string
}

// checkPolicies processes the policies of the path; any policy is acceptable, so
// a path fails only where a CA requires one that those below do not have.
func (p Path) checkPolicies() error {
	n := len(p) - 1 // the anchor is trusted as it is
	s := policies{explicit: n + 1, mapping: n + 1, inhibitAny: n + 1, level: map[string][]string{anyPolicy: {anyPolicy}}}
	for i := n - 1; i >= 0; i-- {
		c, last := p[i], i == 0
		err := s.descend(c, last)
		if err == nil {
			err = s.prepare(c, last)
		}
		if err != nil {
			return fmt.Errorf("%w: the policies of %s: %w", ErrConstraint, c.Subject, err)
		}
	}
	return nil
}

// descend makes the next level of the tree (6.1.3 d to f).
func (s *policies) descend(c *x509.Certificate, last bool) error {
	asserted, err := policiesOf(c)
	if err != nil {
		return err
	}
	next := map[string][]string{}
	_, openAbove := s.level[anyPolicy]
	expected := s.expected()
	for _, policy := range asserted {
		if policy != anyPolicy && (expected[policy] || openAbove) {
			next[policy] = []string{policy}
		}
	}
	if slices.Contains(asserted, anyPolicy) && (s.inhibitAny > 0 || !last && selfIssued(c)) {
		for policy := range expected {
			if _, ok := next[policy]; !ok {
				next[policy] = []string{policy}
			}
		}
	}
	if s.level = next; len(next) == 0 {
		s.level = nil
	}
	if s.explicit == 0 && s.level == nil {
		return errors.New("its issuer requires a policy that it does not have")
	}
	return nil
}

// expected are the policies that the next certificate may have.
func (s *policies) expected() map[string]bool {
	expected := map[string]bool{}
	for _, list := range s.level {
		for _, policy := range list {
			expected[policy] = true
		}
	}
	return expected
}

// prepare maps policies and counts down for the next certificate (6.1.4), or
// wraps up behind the last (6.1.5).
func (s *policies) prepare(c *x509.Certificate, last bool) error {
	require, inhibitMapping, err := policyConstraints(c)
	if err != nil {
		return err
	}
	if last {
		s.explicit = max(s.explicit-1, 0)
		if require == 0 {
			s.explicit = 0
		}
		if s.explicit == 0 && s.level == nil {
			return errors.New("it requires a policy that the path does not have")
		}
		return nil
	}
	if err := s.translate(c); err != nil {
		return err
	}
	if !selfIssued(c) {
		s.explicit, s.mapping, s.inhibitAny = max(s.explicit-1, 0), max(s.mapping-1, 0), max(s.inhibitAny-1, 0)
	}
	inhibitAny, err := skipCerts(extension(c, oidInhibitAny()))
	if err != nil {
		return err
	}
	for _, limit := range []struct {
		count *int
		skip  int
	}{{&s.explicit, require}, {&s.mapping, inhibitMapping}, {&s.inhibitAny, inhibitAny}} {
		if limit.skip >= 0 {
			*limit.count = min(*limit.count, limit.skip)
		}
	}
	return nil
}

// translate applies policy mappings (6.1.4 a and b).
func (s *policies) translate(c *x509.Certificate) error {
	mappings, err := mappingsOf(c)
	if err != nil {
		return err
	}
	_, openHere := s.level[anyPolicy]
	for issuer, subjects := range mappings {
		_, known := s.level[issuer]
		switch {
		case s.mapping == 0:
			delete(s.level, issuer)
		case known, openHere:
			s.level[issuer] = subjects
		}
	}
	if len(s.level) == 0 {
		s.level = nil
	}
	return nil
}

// policiesOf are the policies of a certificate without their qualifiers. Malformed
// ones are none, unless they are critical.
func policiesOf(c *x509.Certificate) ([]string, error) {
	for _, e := range c.Extensions {
		if !e.Id.Equal(oidPolicies()) {
			continue
		}
		list, err := readPolicies(e.Value)
		if err != nil && !e.Critical {
			return nil, nil
		}
		return list, err
	}
	return nil, nil
}

func readPolicies(der []byte) ([]string, error) {
	in := cryptobyte.String(der)
	var list cryptobyte.String
	if !in.ReadASN1(&list, casn1.SEQUENCE) || !in.Empty() {
		return nil, errPolicies
	}
	var out []string
	for !list.Empty() {
		var one cryptobyte.String
		var id asn1.ObjectIdentifier
		if !list.ReadASN1(&one, casn1.SEQUENCE) || !one.ReadASN1ObjectIdentifier(&id) || len(out) >= maxPolicies {
			return nil, errPolicies
		}
		out = append(out, id.String())
	}
	return out, nil
}

// mappingsOf are the policies of the subject's domain by those of the issuer's (4.2.1.5).
func mappingsOf(c *x509.Certificate) (map[string][]string, error) {
	der := extension(c, oidPolicyMappings())
	if der == nil {
		return nil, nil //nolint:nilnil // no extension, no mappings
	}
	in := cryptobyte.String(der)
	var list cryptobyte.String
	if !in.ReadASN1(&list, casn1.SEQUENCE) || !in.Empty() {
		return nil, errPolicies
	}
	out := map[string][]string{}
	for n := 0; !list.Empty(); n++ {
		var one cryptobyte.String
		var issuer, subject asn1.ObjectIdentifier
		if !list.ReadASN1(&one, casn1.SEQUENCE) || !one.ReadASN1ObjectIdentifier(&issuer) || !one.ReadASN1ObjectIdentifier(&subject) ||
			!one.Empty() || n >= maxPolicies || issuer.String() == anyPolicy || subject.String() == anyPolicy {
			return nil, errPolicies
		}
		out[issuer.String()] = append(out[issuer.String()], subject.String())
	}
	return out, nil
}

// policyConstraints are requireExplicitPolicy and inhibitPolicyMapping, −1 for
// one that is not there (4.2.1.11).
func policyConstraints(c *x509.Certificate) (require, inhibit int, err error) {
	require, inhibit = -1, -1
	der := extension(c, oidPolicyConstraints())
	if der == nil {
		return require, inhibit, nil
	}
	in := cryptobyte.String(der)
	var body cryptobyte.String
	if !in.ReadASN1(&body, casn1.SEQUENCE) || !in.Empty() {
		return 0, 0, errPolicies
	}
	for n, count := range []*int{&require, &inhibit} {
		tag := casn1.Tag(n).ContextSpecific()
		if !body.PeekASN1Tag(tag) {
			continue
		}
		var value int64
		if !body.ReadASN1Int64WithTag(&value, tag) || value < 0 {
			return 0, 0, errPolicies
		}
		*count = int(min(value, maxDepth+1))
	}
	if !body.Empty() {
		return 0, 0, errPolicies
	}
	return require, inhibit, nil
}

// skipCerts is a number of certificates, −1 for no extension.
func skipCerts(der []byte) (int, error) {
	if der == nil {
		return -1, nil
	}
	in := cryptobyte.String(der)
	var value int64
	if !in.ReadASN1Int64WithTag(&value, casn1.INTEGER) || !in.Empty() || value < 0 {
		return 0, errPolicies
	}
	return int(min(value, maxDepth+1)), nil
}

func oidPolicies() asn1.ObjectIdentifier          { return asn1.ObjectIdentifier{2, 5, 29, 32} }
func oidPolicyMappings() asn1.ObjectIdentifier    { return asn1.ObjectIdentifier{2, 5, 29, 33} }
func oidPolicyConstraints() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 5, 29, 36} }
func oidInhibitAny() asn1.ObjectIdentifier        { return asn1.ObjectIdentifier{2, 5, 29, 54} }
