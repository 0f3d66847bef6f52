package trust_test

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"testing"
	"time"

	"kyso/signer/internal/certview"
	"kyso/signer/internal/trust"
	"kyso/signer/signertest"
)

// link is what a certificate of a made chain has beside the usual.
type link struct {
	subject    pkix.Name
	emails     []string
	dns        []string
	extensions []pkix.Extension
}

func named(parts ...string) pkix.Name {
	ids := []asn1.ObjectIdentifier{{2, 5, 4, 6}, {2, 5, 4, 10}, {2, 5, 4, 11}, {2, 5, 4, 3}}
	var name pkix.Name
	for i, part := range parts {
		if part != "" {
			name.ExtraNames = append(name.ExtraNames, pkix.AttributeTypeAndValue{Type: ids[i], Value: part})
		}
	}
	return name
}

// chain makes a path from the root down; the first link is the root's.
func chain(t *testing.T, links ...link) trust.Path {
	t.Helper()
	var path trust.Path
	key, err := signertest.NewKey("P-256")
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range links {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(int64(i + 1)), Subject: l.subject, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
			BasicConstraintsValid: true, IsCA: i < len(links)-1, EmailAddresses: l.emails, DNSNames: l.dns, ExtraExtensions: l.extensions,
		}
		parent := template
		if i > 0 {
			parent = path[0]
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		c, err := certview.Parse(der)
		if err != nil {
			t.Fatal(err)
		}
		path = append(trust.Path{c}, path...)
	}
	return path
}

func der(t *testing.T, v any) []byte {
	t.Helper()
	b, err := asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// tree is a GeneralSubtree.
func tree(t *testing.T, kind int, value []byte) asn1.RawValue {
	t.Helper()
	name := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: kind, IsCompound: kind == 4 || kind == 0, Bytes: value}
	return asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagSequence, IsCompound: true, Bytes: der(t, name)}
}

// limits are critical NameConstraints.
func limits(t *testing.T, permitted, excluded []asn1.RawValue) []pkix.Extension {
	t.Helper()
	var body []byte
	for tag, list := range [][]asn1.RawValue{permitted, excluded} {
		var all []byte
		for _, one := range list {
			all = append(all, der(t, one)...)
		}
		if len(list) > 0 {
			body = append(body, der(t, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, IsCompound: true, Bytes: all})...)
		}
	}
	value := der(t, asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagSequence, IsCompound: true, Bytes: body})
	return []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 30}, Critical: true, Value: value}}
}

func directory(t *testing.T, parts ...string) asn1.RawValue {
	t.Helper()
	return tree(t, 4, der(t, named(parts...).ToRDNSequence()))
}

func text(t *testing.T, kind int, value string) asn1.RawValue {
	t.Helper()
	return tree(t, kind, []byte(value))
}

func TestTheNamesBelowACAStayWithinItsConstraints(t *testing.T) {
	const email, dns = 1, 2
	only := func(trees ...asn1.RawValue) []pkix.Extension { return limits(t, trees, nil) }
	not := func(trees ...asn1.RawValue) []pkix.Extension { return limits(t, nil, trees) }
	person := link{subject: named("VN", "UBND quận", "Văn phòng", "An")}
	at := func(l link, change func(*link)) link { change(&l); return l }
	mail := func(address string) link { return at(person, func(l *link) { l.emails = []string{address} }) }
	host := func(name string) link { return at(person, func(l *link) { l.dns = []string{name} }) }
	other := link{subject: named("VN", "Công ty", "", "An")}
	for name, c := range map[string]struct {
		limits    []pkix.Extension
		good, bad link
	}{
		"permitted directory":     {only(directory(t, "VN", "UBND quận")), person, other},
		"in other letters":        {only(directory(t, "vn", "ubnd  QUẬN")), person, other},
		"one of two directories":  {only(directory(t, "LA"), directory(t, "VN", "UBND quận")), person, other},
		"excluded directory":      {not(directory(t, "VN", "Công ty")), person, other},
		"permitted host of mail":  {only(text(t, email, "hanoi.gov.vn")), mail("an@hanoi.gov.vn"), mail("an@sub.hanoi.gov.vn")},
		"permitted domain":        {only(text(t, email, ".gov.vn")), mail("an@hanoi.gov.vn"), mail("an@gov.vn.example")},
		"permitted address":       {only(text(t, email, "an@hanoi.gov.vn")), mail("an@HANOI.gov.vn"), mail("binh@hanoi.gov.vn")},
		"excluded host of mail":   {not(text(t, email, "example.vn")), mail("an@hanoi.gov.vn"), mail("an@example.vn")},
		"permitted server":        {only(text(t, dns, "gov.vn")), host("www.gov.vn"), host("www.notgov.vn")},
		"excluded server":         {not(text(t, dns, "gov.vn")), host("example.vn"), host("a.b.gov.vn")},
		"a kind that is not held": {only(text(t, dns, "gov.vn")), person, host("x.example")},
		"a kind that is unknown": {only(tree(t, 0, der(t, 1))), person, at(person, func(l *link) {
			l.extensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: []byte{0x30, 5, 0xa0, 3, 2, 1, 1}}}
		})},
	} {
		t.Run(name, func(t *testing.T) {
			// The same constraints in the root, in the CA above, and in the CA itself.
			for where := range 3 {
				for leaf, want := range map[*link]error{&c.good: nil, &c.bad: trust.ErrConstraint} {
					links := []link{{subject: leaf.subject}, {subject: leaf.subject}, {subject: leaf.subject}, *leaf}
					for i := range 3 { // of the leaf's own tree, so that only the leaf decides
						links[i].subject.ExtraNames = append(links[i].subject.ExtraNames[:2:2], pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: string(rune('A' + i))})
					}
					links[where].extensions = c.limits
					if err := chain(t, links...).Check(time.Now()); !errors.Is(err, want) {
						t.Errorf("constraints at %d: %v, want %v", where, err, want)
					}
				}
			}
		})
	}
}

func TestPoliciesThatACARequiresAreThere(t *testing.T) {
	oid := func(last int) asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, last} }
	policies := func(ids ...asn1.ObjectIdentifier) pkix.Extension {
		var all []struct{ ID asn1.ObjectIdentifier }
		for _, id := range ids {
			all = append(all, struct{ ID asn1.ObjectIdentifier }{id})
		}
		return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 32}, Value: der(t, all)}
	}
	anyPolicy := asn1.ObjectIdentifier{2, 5, 29, 32, 0}
	require := pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 36}, Critical: true, Value: []byte{0x30, 3, 0x80, 1, 0}}
	later := pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 36}, Critical: true, Value: []byte{0x30, 3, 0x80, 1, 3}}
	noMapping := pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 36}, Critical: true, Value: []byte{0x30, 6, 0x80, 1, 0, 0x81, 1, 0}}
	noAny := pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 54}, Critical: true, Value: []byte{2, 1, 0}}
	type pair struct{ A, B asn1.ObjectIdentifier }
	maps := pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 33}, Critical: true, Value: der(t, []pair{{oid(1), oid(2)}})}
	list := func(e ...pkix.Extension) []pkix.Extension { return e }
	for name, c := range map[string]struct {
		above, ca, leaf []pkix.Extension
		want            error
	}{
		"none required, none there":            {},
		"none required, another there":         {leaf: list(policies(oid(9)))},
		"required and there":                   {above: list(policies(anyPolicy)), ca: list(require, policies(oid(1))), leaf: list(policies(oid(1)))},
		"required and not there":               {above: list(policies(anyPolicy)), ca: list(require, policies(oid(1))), want: trust.ErrConstraint},
		"required, and another there":          {above: list(policies(anyPolicy)), ca: list(require, policies(oid(1))), leaf: list(policies(oid(2))), want: trust.ErrConstraint},
		"required further down than there is":  {above: list(later)},
		"required, the CA has any":             {above: list(require, policies(anyPolicy)), ca: list(policies(anyPolicy)), leaf: list(policies(oid(1)))},
		"required, any is inhibited":           {above: list(require, policies(oid(1)), noAny), ca: list(policies(anyPolicy)), leaf: list(policies(oid(1))), want: trust.ErrConstraint},
		"required, the CA in between has none": {above: list(require, policies(oid(1))), leaf: list(policies(oid(1))), want: trust.ErrConstraint},
		"mapped":                               {above: list(policies(oid(1)), require), ca: list(policies(oid(1)), maps), leaf: list(policies(oid(2)))},
		"mapped, but the old one is there":     {above: list(policies(oid(1)), require), ca: list(policies(oid(1)), maps), leaf: list(policies(oid(1))), want: trust.ErrConstraint},
		"mapping is inhibited":                 {above: list(policies(oid(1)), noMapping), ca: list(policies(oid(1)), maps), leaf: list(policies(oid(2))), want: trust.ErrConstraint},
		"the leaf requires and has none":       {leaf: list(require), want: trust.ErrConstraint},
		"malformed constraints":                {ca: list(pkix.Extension{Id: require.Id, Critical: true, Value: []byte{0x30, 3, 0x82, 1, 0}}), want: trust.ErrConstraint},
	} {
		t.Run(name, func(t *testing.T) {
			path := chain(t, link{subject: named("VN", "", "", "root")}, link{subject: named("VN", "", "", "above"), extensions: c.above},
				link{subject: named("VN", "", "", "CA"), extensions: c.ca}, link{subject: named("VN", "", "", "An"), extensions: c.leaf})
			if err := path.Check(time.Now()); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// Nobody may take a certificate for what its issuer limited in a way that he does
// not understand (RFC 5280, 4.2).
func TestUnknownCriticalExtensionsAreRefused(t *testing.T) {
	unknown := func(critical bool) pkix.Extension {
		return pkix.Extension{Id: asn1.ObjectIdentifier{1, 2, 3, 4}, Critical: critical, Value: []byte{5, 0}}
	}
	for name, c := range map[string]struct {
		at       int
		critical bool
		want     error
	}{
		"critical in the leaf":     {2, true, trust.ErrConstraint},
		"critical in the CA":       {1, true, trust.ErrConstraint},
		"critical in the root":     {0, true, trust.ErrConstraint},
		"not critical in the leaf": {2, false, nil},
		"not critical in the CA":   {1, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			links := []link{{subject: named("VN", "", "", "root")}, {subject: named("VN", "", "", "CA")}, {subject: named("VN", "", "", "An")}}
			links[c.at].extensions = []pkix.Extension{unknown(c.critical)}
			if err := chain(t, links...).Check(time.Now()); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}
