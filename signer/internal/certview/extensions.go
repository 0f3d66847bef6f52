package certview

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// readExtensions reads what stands behind the key: two unique identifiers that
// nobody uses, and the extensions, which only version 3 has (RFC 5280, 4.1.2.9
// and 4.2).
func readExtensions(c *x509.Certificate, body cryptobyte.String) bool {
	if c.Version < 3 {
		return true
	}
	if !body.SkipOptionalASN1(casn1.Tag(1).ContextSpecific()) || !body.SkipOptionalASN1(casn1.Tag(2).ContextSpecific()) {
		return false
	}
	var outer, list cryptobyte.String
	var present bool
	if !body.ReadOptionalASN1(&outer, &present, explicit(3)) {
		return false
	}
	if !present {
		return true
	}
	if !outer.ReadASN1(&list, casn1.SEQUENCE) {
		return false
	}
	for !list.Empty() {
		e, ok := nextExtension(&list)
		if !ok || len(c.Extensions) >= maxExtensions {
			return false
		}
		twice := slices.ContainsFunc(c.Extensions, func(x pkix.Extension) bool { return x.Id.Equal(e.Id) })
		c.Extensions = append(c.Extensions, e)
		if (twice || !extension(c, e)) && e.Critical {
			c.UnhandledCriticalExtensions = append(c.UnhandledCriticalExtensions, e.Id)
		}
	}
	return true
}

func nextExtension(list *cryptobyte.String) (pkix.Extension, bool) {
	var one, value cryptobyte.String
	var e pkix.Extension
	if !list.ReadASN1(&one, casn1.SEQUENCE) || !one.ReadASN1ObjectIdentifier(&e.Id) {
		return e, false
	}
	if one.PeekASN1Tag(casn1.BOOLEAN) {
		var flag cryptobyte.String
		if !one.ReadASN1(&flag, casn1.BOOLEAN) {
			return e, false
		}
		e.Critical = len(flag) == 1 && flag[0] != 0
	}
	ok := one.ReadASN1(&value, casn1.OCTET_STRING)
	e.Value = value
	return e, ok
}

// extension takes one extension; false when it is not known or cannot be read.
func extension(c *x509.Certificate, e pkix.Extension) bool {
	in := cryptobyte.String(e.Value)
	switch e.Id.String() {
	case "2.5.29.14":
		var id cryptobyte.String
		if !in.ReadASN1(&id, casn1.OCTET_STRING) {
			return false
		}
		c.SubjectKeyId = id
	case "2.5.29.35":
		return authorityKey(c, in)
	case "2.5.29.15":
		return keyUsage(c, in)
	case "2.5.29.19":
		return basicConstraints(c, in)
	case "2.5.29.37":
		return extendedUsage(c, in)
	case "2.5.29.31":
		return listPoints(c, in)
	case "1.3.6.1.5.5.7.1.1":
		return informationAccess(c, in)
	case "2.5.29.17":
		return alternativeNames(in)
	case "2.5.29.32", "2.5.29.33", "2.5.29.36", "2.5.29.54": // policies: not used here
	default:
		return false
	}
	return true
}

// alternativeNames says whether subjectAltName holds a name of a kind that
// somebody here looks at: mail, DNS, directory, URI, IP (RFC 5280, 4.2.1.6). What
// it holds is read where it is compared.
func alternativeNames(in cryptobyte.String) bool {
	var names, value cryptobyte.String
	if !in.ReadASN1(&names, casn1.SEQUENCE) {
		return false
	}
	looked := []casn1.Tag{
		casn1.Tag(1).ContextSpecific(), casn1.Tag(2).ContextSpecific(), casn1.Tag(4).ContextSpecific().Constructed(),
		casn1.Tag(6).ContextSpecific(), casn1.Tag(7).ContextSpecific(),
	}
	known := false
	for !names.Empty() {
		var tag casn1.Tag
		if !names.ReadAnyASN1(&value, &tag) {
			return false
		}
		known = known || slices.Contains(looked, tag)
	}
	return known
}

func authorityKey(c *x509.Certificate, in cryptobyte.String) bool {
	var body, id cryptobyte.String
	var present bool
	if !in.ReadASN1(&body, casn1.SEQUENCE) || !body.ReadOptionalASN1(&id, &present, casn1.Tag(0).ContextSpecific()) {
		return false
	}
	c.AuthorityKeyId = id
	return true
}

func keyUsage(c *x509.Certificate, in cryptobyte.String) bool {
	var bits asn1.BitString
	if !in.ReadASN1BitString(&bits) {
		return false
	}
	for i := range 9 {
		if bits.At(i) != 0 {
			c.KeyUsage |= 1 << i
		}
	}
	return true
}

func basicConstraints(c *x509.Certificate, in cryptobyte.String) bool {
	var body cryptobyte.String
	if !in.ReadASN1(&body, casn1.SEQUENCE) {
		return false
	}
	if body.PeekASN1Tag(casn1.BOOLEAN) {
		var flag cryptobyte.String
		if !body.ReadASN1(&flag, casn1.BOOLEAN) {
			return false
		}
		c.IsCA = len(flag) == 1 && flag[0] != 0
	}
	c.BasicConstraintsValid = true
	if body.Empty() {
		return true
	}
	var most int
	if !body.ReadASN1Integer(&most) || most < 0 {
		return false
	}
	c.MaxPathLen, c.MaxPathLenZero = most, most == 0
	return true
}

// usages are the extended key usages that somebody asks for.
func usages() map[string]x509.ExtKeyUsage {
	return map[string]x509.ExtKeyUsage{
		"2.5.29.37.0":       x509.ExtKeyUsageAny,
		"1.3.6.1.5.5.7.3.1": x509.ExtKeyUsageServerAuth,
		"1.3.6.1.5.5.7.3.2": x509.ExtKeyUsageClientAuth,
		"1.3.6.1.5.5.7.3.3": x509.ExtKeyUsageCodeSigning,
		"1.3.6.1.5.5.7.3.4": x509.ExtKeyUsageEmailProtection,
		"1.3.6.1.5.5.7.3.8": x509.ExtKeyUsageTimeStamping,
		"1.3.6.1.5.5.7.3.9": x509.ExtKeyUsageOCSPSigning,
	}
}

func extendedUsage(c *x509.Certificate, in cryptobyte.String) bool {
	var list cryptobyte.String
	if !in.ReadASN1(&list, casn1.SEQUENCE) {
		return false
	}
	known := usages()
	for !list.Empty() {
		var oid asn1.ObjectIdentifier
		if !list.ReadASN1ObjectIdentifier(&oid) {
			return false
		}
		if usage, ok := known[oid.String()]; ok {
			c.ExtKeyUsage = append(c.ExtKeyUsage, usage)
		} else {
			c.UnknownExtKeyUsage = append(c.UnknownExtKeyUsage, oid)
		}
	}
	return true
}

// listPoints takes the addresses of CRLDistributionPoints (RFC 5280, 4.2.1.13).
func listPoints(c *x509.Certificate, in cryptobyte.String) bool {
	var list cryptobyte.String
	if !in.ReadASN1(&list, casn1.SEQUENCE) {
		return false
	}
	for !list.Empty() {
		var point, name, full cryptobyte.String
		var hasName, hasFull bool
		if !list.ReadASN1(&point, casn1.SEQUENCE) || !point.ReadOptionalASN1(&name, &hasName, explicit(0)) {
			return false
		}
		if !hasName || !name.ReadOptionalASN1(&full, &hasFull, explicit(0)) || !hasFull {
			continue
		}
		c.CRLDistributionPoints = append(c.CRLDistributionPoints, addresses(full)...)
	}
	return true
}

// addresses are the URIs among GeneralNames.
func addresses(names cryptobyte.String) []string {
	var found []string
	for !names.Empty() && len(found) < maxNames {
		var one cryptobyte.String
		var tag casn1.Tag
		if !names.ReadAnyASN1(&one, &tag) {
			return found
		}
		if tag == casn1.Tag(6).ContextSpecific() {
			found = append(found, string(one))
		}
	}
	return found
}

func informationAccess(c *x509.Certificate, in cryptobyte.String) bool {
	var list cryptobyte.String
	if !in.ReadASN1(&list, casn1.SEQUENCE) {
		return false
	}
	for !list.Empty() {
		var one cryptobyte.String
		var method asn1.ObjectIdentifier
		if !list.ReadASN1(&one, casn1.SEQUENCE) || !one.ReadASN1ObjectIdentifier(&method) {
			return false
		}
		switch method.String() {
		case "1.3.6.1.5.5.7.48.1":
			c.OCSPServer = append(c.OCSPServer, addresses(one)...)
		case "1.3.6.1.5.5.7.48.2":
			c.IssuingCertificateURL = append(c.IssuingCertificateURL, addresses(one)...)
		}
	}
	return true
}
