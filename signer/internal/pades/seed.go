package pades

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"math"
	"slices"
	"strings"

	"kyso/signer/internal/pdf"
)

// Terms are what the author of a signature field may set conditions on.
type Terms struct {
	Certificate *x509.Certificate
	// Chain are the issuers at hand, in any order.
	Chain []*x509.Certificate
	// Hash is the hash function in the words of seed values: "SHA256".
	Hash   string
	Reason string
	// TimeStamped and Revocation report that the signature will carry a time
	// stamp and validation material. TSAs are the addresses of the servers.
	TimeStamped, Revocation bool
	TSAs                    []string
}

// The bits of /Ff in a seed value dictionary (ISO 32000-2, table 237).
const (
	needsFilter = 1 << iota
	needsSubFilter
	needsVersion
	needsReasons
	needsLegalAttestation
	needsRevocation
	needsDigestMethod
	needsLockDocument
	needsAppearanceFilter
)

// The bits of /Ff in a certificate seed value dictionary (ISO 32000-2, table 238).
const (
	needsSubject = 1 << iota
	needsIssuer
	needsPolicy
	needsSubjectDN
	_
	needsKeyUsage
	needsURL
)

// seedVersion is the highest version of seed values that is understood.
const seedVersion = 3

// seed judges terms by a seed value dictionary.
type seed struct {
	f        *pdf.File
	d        *pdf.Dict
	terms    Terms
	refusals []Finding
	warnings []Finding
}

// seedValues gives the conditions that a field sets and that are not met.
// Required ones are refusals, the others warnings.
func seedValues(f *pdf.File, field *pdf.Dict, t Terms) (refusals, warnings []Finding) {
	d := f.Dict(field.Get("SV"))
	if d == nil {
		return nil, nil
	}
	s := &seed{f: f, d: d, terms: t}
	flags, _ := f.Int(d.Get("Ff"))
	s.format(flags)
	s.act(flags)
	s.timeStamp()
	if t.Certificate != nil {
		s.certificate(f.Dict(d.Get("Cert")))
	}
	return s.refusals, s.warnings
}

// miss notes a condition that is not met.
func (s *seed) miss(required bool, format string, args ...any) {
	note := Finding{Code: CodeSeedValue, Text: "the field's seed values: " + fmt.Sprintf(format, args...)}
	if required {
		s.refusals = append(s.refusals, note)
		return
	}
	s.warnings = append(s.warnings, note)
}

// format judges how the signature is written.
func (s *seed) format(flags int64) {
	if n := s.f.Name(s.d.Get("Filter")); n != "" && n != filter {
		s.miss(flags&needsFilter != 0, "/Filter %s", n)
	}
	if a := s.names("SubFilter"); len(a) > 0 && !slices.Contains(a, subFilter) {
		s.miss(flags&needsSubFilter != 0, "/SubFilter %s", strings.Join(a, ", "))
	}
	if v, ok := s.f.Float(s.d.Get("V")); ok && v > seedVersion {
		s.miss(flags&needsVersion != 0, "version %g", v)
	}
	if a := s.names("DigestMethod"); len(a) > 0 && s.terms.Hash != "" && !slices.Contains(a, s.terms.Hash) {
		s.miss(flags&needsDigestMethod != 0, "/DigestMethod %s; the key goes with %s", strings.Join(a, ", "), s.terms.Hash)
	}
}

// names is an array of names or texts.
func (s *seed) names(key string) []string {
	var out []string
	for _, v := range s.f.Array(s.d.Get(key)) {
		if n := s.f.Name(v); n != "" {
			out = append(out, string(n))
		} else {
			out = append(out, s.f.Text(v))
		}
	}
	return out
}

// act judges what is said by signing.
func (s *seed) act(flags int64) {
	if s.d.Has("Reasons") {
		s.reasons(flags&needsReasons != 0)
	}
	if p, ok := s.f.Int(s.f.Dict(s.d.Get("MDP")).Get("P")); ok && p != 0 {
		s.miss(true, "a certification with P = %d is asked for; this makes approval signatures", p)
	}
	if a := s.names("LegalAttestation"); len(a) > 0 {
		s.miss(flags&needsLegalAttestation != 0, "a legal attestation: %s", strings.Join(a, "; "))
	}
	if s.f.Resolve(s.d.Get("AddRevInfo")) == true && !s.terms.Revocation {
		s.miss(flags&needsRevocation != 0, "revocation information must be included: level B-LT or B-LTA")
	}
	if s.f.Name(s.d.Get("LockDocument")) == "true" && flags&needsLockDocument == 0 {
		s.miss(false, "the author would like the document locked; it is not")
	}
	if t := s.f.Text(s.d.Get("AppearanceFilter")); t != "" {
		s.miss(flags&needsAppearanceFilter != 0, "the appearance named %q", t)
	}
}

func (s *seed) reasons(required bool) {
	allowed := s.names("Reasons")
	if len(allowed) == 0 || len(allowed) == 1 && allowed[0] == "." { // no reason may be given
		if s.terms.Reason != "" {
			s.miss(required, "no reason may be given")
		}
		return
	}
	if !slices.Contains(allowed, s.terms.Reason) {
		s.miss(required, "the reason must be one of: %s", strings.Join(allowed, "; "))
	}
}

func (s *seed) timeStamp() {
	d := s.f.Dict(s.d.Get("TimeStamp"))
	if d == nil {
		return
	}
	flags, _ := s.f.Int(d.Get("Ff"))
	url := string(s.f.Bytes(d.Get("URL")))
	switch {
	case !s.terms.TimeStamped:
		s.miss(flags&1 != 0, "a time stamp of %s: level B-T or higher", url)
	case url != "" && !slices.Contains(s.terms.TSAs, url):
		s.miss(false, "the time stamp should come from %s", url)
	}
}

// locksDocument reports that the field requires the document to be locked when
// it is signed.
func locksDocument(f *pdf.File, field *pdf.Dict) bool {
	d := f.Dict(field.Get("SV"))
	flags, _ := f.Int(d.Get("Ff"))
	return flags&needsLockDocument != 0 && f.Name(d.Get("LockDocument")) == "true"
}

// certificate judges the signer's certificate.
func (s *seed) certificate(d *pdf.Dict) {
	if d == nil {
		return
	}
	flags, _ := s.f.Int(d.Get("Ff"))
	before := len(s.refusals) + len(s.warnings)
	cert := s.terms.Certificate
	if a := s.f.Array(d.Get("Subject")); len(a) > 0 && !s.lists(a, []*x509.Certificate{cert}) {
		s.miss(flags&needsSubject != 0, "another certificate is asked for")
	}
	if a := s.f.Array(d.Get("Issuer")); len(a) > 0 && !s.lists(a, s.terms.Chain) {
		s.miss(flags&needsIssuer != 0, "the certificate is of none of the issuers asked for")
	}
	if a := s.f.Array(d.Get("OID")); len(a) > 0 && !s.policy(a) {
		s.miss(flags&needsPolicy != 0, "the certificate has none of the policies asked for")
	}
	if a := s.f.Array(d.Get("SubjectDN")); len(a) > 0 && !s.subject(a) {
		s.miss(flags&needsSubjectDN != 0, "the subject of the certificate is not the one asked for")
	}
	if a := s.f.Array(d.Get("KeyUsage")); len(a) > 0 && !s.usage(a) {
		s.miss(flags&needsKeyUsage != 0, "the key usage of the certificate is not the one asked for")
	}
	if url := string(s.f.Bytes(d.Get("URL"))); url != "" && len(s.refusals)+len(s.warnings) > before {
		s.miss(flags&needsURL != 0, "a fitting certificate is to be had at %s", url)
	}
}

// lists reports that an array of DER certificates has one of certs.
func (s *seed) lists(a pdf.Array, certs []*x509.Certificate) bool {
	for _, v := range a {
		der := s.f.Bytes(v)
		for _, c := range certs {
			if c != nil && bytes.Equal(c.Raw, der) {
				return true
			}
		}
	}
	return false
}

func (s *seed) policy(a pdf.Array) bool {
	for _, v := range a {
		oid := strings.TrimPrefix(string(s.f.Bytes(v)), "urn:oid:")
		for _, p := range s.terms.Certificate.PolicyIdentifiers {
			if p.String() == oid {
				return true
			}
		}
	}
	return false
}

// attributeName gives the object identifier of a short attribute name
// (RFC 4519, RFC 2985).
func attributeName(key string) string {
	switch strings.ToLower(key) {
	case "cn":
		return "2.5.4.3"
	case "sn":
		return "2.5.4.4"
	case "serialnumber":
		return "2.5.4.5"
	case "c":
		return "2.5.4.6"
	case "l":
		return "2.5.4.7"
	case "st":
		return "2.5.4.8"
	case "o":
		return "2.5.4.10"
	case "ou":
		return "2.5.4.11"
	case "title":
		return "2.5.4.12"
	case "gn", "givenname":
		return "2.5.4.42"
	case "uid":
		return "0.9.2342.19200300.100.1.1"
	case "dc":
		return "0.9.2342.19200300.100.1.25"
	case "e", "email", "emailaddress":
		return "1.2.840.113549.1.9.1"
	}
	return key
}

// subject reports that the certificate has every attribute of one of the
// dictionaries.
func (s *seed) subject(a pdf.Array) bool {
	has := map[string]bool{}
	for _, n := range s.terms.Certificate.Subject.Names {
		if text, ok := n.Value.(string); ok {
			has[n.Type.String()+"="+text] = true
		}
	}
	return slices.ContainsFunc(a, func(v any) bool {
		d := s.f.Dict(v)
		if d == nil {
			return false
		}
		for _, k := range d.Keys() {
			if !has[attributeName(k)+"="+s.f.Text(d.Get(k))] {
				return false
			}
		}
		return true
	})
}

// usage compares the key usage with patterns of 0, 1 and X, one letter for
// each bit from digitalSignature on.
func (s *seed) usage(a pdf.Array) bool {
	have := s.terms.Certificate.KeyUsage
	return slices.ContainsFunc(a, func(v any) bool {
		for i, c := range s.f.Bytes(v) {
			set := i < math.MaxUint8 && have&(1<<i) != 0
			if c == '0' && set || c == '1' && !set {
				return false
			}
		}
		return true
	})
}
