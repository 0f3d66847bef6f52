package cert

import (
	"bytes"
	"cmp"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// The attribute types that crypto/x509 does not name (RFC 4519, RFC 5280 appendix A).
//
//nolint:gochecknoglobals // constants that Go cannot write as such
var (
	oidCommonName   = asn1.ObjectIdentifier{2, 5, 4, 3}
	oidOrganization = asn1.ObjectIdentifier{2, 5, 4, 10}
	oidUnit         = asn1.ObjectIdentifier{2, 5, 4, 11}
	oidTitle        = asn1.ObjectIdentifier{2, 5, 4, 12}
	oidUID          = asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}
	oidEmail        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}
)

// Parse reads what a certificate says of its holder. It judges nothing.
func Parse(der []byte) (Subject, error) {
	x, err := x509.ParseCertificate(der)
	if err != nil {
		return Subject{}, fmt.Errorf("read a certificate: %w", err)
	}
	return Of(x), nil
}

// Of is Parse for a certificate that was read already.
func Of(x *x509.Certificate) Subject {
	sum := sha256.Sum256(x.Raw)
	s := Subject{
		Name:      first(x.Subject, oidCommonName),
		Title:     first(x.Subject, oidTitle),
		Email:     first(x.Subject, oidEmail),
		Issuer:    first(x.Issuer, oidCommonName),
		Serial:    hex.EncodeToString(x.SerialNumber.Bytes()),
		SHA256:    hex.EncodeToString(sum[:]),
		NotBefore: x.NotBefore,
		NotAfter:  x.NotAfter,
		Key:       keyName(x),
	}
	if s.Email == "" && len(x.EmailAddresses) > 0 {
		s.Email = clean(x.EmailAddresses[0])
	}
	if s.Issuer == "" {
		s.Issuer = cmp.Or(first(x.Issuer, oidOrganization), first(x.Issuer, oidUnit))
	}
	s.Unit = unit(x.Subject)
	s.Agency = isAgency(x.Subject, s.Name)
	return s
}

// clean brings a text to NFC and takes blanks at its ends away; tools disagree
// on the form of Vietnamese letters, and the eye cannot tell.
func clean(s string) string { return norm.NFC.String(strings.TrimSpace(s)) }

// all gives the values of an attribute in the order in which the certificate has them.
func all(n pkix.Name, oid asn1.ObjectIdentifier) []string {
	var values []string
	for _, a := range n.Names {
		if s, ok := a.Value.(string); ok && a.Type.Equal(oid) {
			if s = clean(s); s != "" {
				values = append(values, s)
			}
		}
	}
	return values
}

func first(n pkix.Name, oid asn1.ObjectIdentifier) string {
	if values := all(n, oid); len(values) > 0 {
		return values[0]
	}
	return ""
}

// unit gives O, or the innermost OU when there is none: the government CA
// writes the agency into O and the way down to the office into several OU, the
// widest first.
func unit(n pkix.Name) string {
	if o := first(n, oidOrganization); o != "" {
		return o
	}
	if units := all(n, oidUnit); len(units) > 0 {
		return units[len(units)-1]
	}
	return ""
}

// isAgency tells an agency's certificate from a person's. No certificate says
// it outright, so it goes by what they have in common, in this order:
//
//  1. a personal number in UID (CCCD:, CMND:, HC: for a passport) or a title
//     (T) is a person;
//  2. a CN equal to O or to an OU, letters' case aside, is an agency;
//  3. a CN that begins as agencies' names do is an agency;
//  4. a tax number in UID (MST:) and no personal one is an agency;
//  5. else it is a person.
func isAgency(n pkix.Name, name string) bool {
	taxed := false
	for _, id := range all(n, oidUID) {
		kind, _, _ := strings.Cut(strings.ToUpper(id), ":")
		switch strings.TrimSpace(kind) {
		case "CCCD", "CMND", "HC":
			return false
		case "MST":
			taxed = true
		}
	}
	if first(n, oidTitle) != "" {
		return false
	}
	for _, o := range append(all(n, oidOrganization), all(n, oidUnit)...) {
		if strings.EqualFold(o, name) {
			return true
		}
	}
	return beginsAsAgency(name) || taxed
}

// agencyWords begin the names of state agencies, party bodies and their units.
// Words that are also family names are not among them.
//
//nolint:gochecknoglobals // a constant table
var agencyWords = []string{
	"ỦY BAN", "UỶ BAN", "UBND", "HỘI ĐỒNG", "HĐND", "VĂN PHÒNG", "VP ", "PHÒNG", "SỞ ", "BỘ ", "CỤC ", "CHI CỤC", "TỔNG CỤC", "VỤ ", "BAN ",
	"TRUNG TÂM", "TRƯỜNG ", "BỆNH VIỆN", "CÔNG AN", "TÒA ÁN", "TOÀ ÁN", "VIỆN ", "THANH TRA", "KHO BẠC", "CHI NHÁNH", "CÔNG TY", "ĐẢNG ỦY", "ĐẢNG UỶ",
	"HUYỆN ỦY", "QUẬN ỦY", "TỈNH ỦY", "THÀNH ỦY", "MẶT TRẬN", "LIÊN ĐOÀN", "TỔNG CÔNG TY", "TRẠM ", "HẠT ", "ĐÀI ", "BẢO HIỂM XÃ HỘI",
}

func beginsAsAgency(name string) bool {
	upper := strings.ToUpper(name) + " "
	for _, w := range agencyWords {
		if strings.HasPrefix(upper, w) {
			return true
		}
	}
	return false
}

// keyName names the kind and size of the key.
func keyName(x *x509.Certificate) string {
	switch k := x.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA-%d", k.N.BitLen())
	case *ecdsa.PublicKey:
		return k.Params().Name
	case interface{ Name() string }: // a curve that the standard library does not have
		return k.Name()
	default:
		return x.PublicKeyAlgorithm.String()
	}
}

// The smallest keys for document signatures (TT 15/2025/TT-BKHCN, annexes).
const (
	minRSA   = 2048
	minCurve = 256
)

// Judge says whether the certificate may make a document signature at a time.
// It goes by the certificate alone: chain and revocation are the validator's.
// hasKey is false when the token is known to have no private key for it; most
// tokens tell that only after the login.
func Judge(der []byte, hasKey bool, at time.Time) Fitness {
	x, err := x509.ParseCertificate(der)
	switch {
	case err != nil:
		return Unreadable
	case isCA(x):
		return IsCA
	case !hasKey:
		return NoKey
	case at.Before(x.NotBefore):
		return NotYetValid
	case at.After(x.NotAfter):
		return Expired
	case x.KeyUsage != 0 && x.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0:
		return WrongUse
	case isWeak(x):
		return WeakKey
	default:
		return Fit
	}
}

func isCA(x *x509.Certificate) bool {
	return x.IsCA || x.KeyUsage&x509.KeyUsageCertSign != 0
}

func isWeak(x *x509.Certificate) bool {
	switch k := x.PublicKey.(type) {
	case *rsa.PublicKey:
		return k.N.BitLen() < minRSA
	case *ecdsa.PublicKey:
		return k.Params().BitSize < minCurve
	default:
		return true // TT 15/2025/TT-BKHCN names RSA and ECDSA only
	}
}

// Compare orders certificates for the choice of a person: those that may sign
// first, then those with nonRepudiation, then those that last longer; CA
// certificates come last. Equal ones keep an order of their own, so that a list
// does not jump. It never looks at the issuer's name.
func Compare(a, b []byte, at time.Time) int {
	return cmp.Or(
		cmp.Compare(rank(a, at), rank(b, at)),
		-cmp.Compare(commits(a), commits(b)),
		-notAfter(a).Compare(notAfter(b)),
		bytes.Compare(a, b),
	)
}

// rank puts what may sign before what may not, CAs and rubbish last.
func rank(der []byte, at time.Time) int {
	switch Judge(der, true, at) {
	case Fit:
		return 0
	case IsCA:
		return 2
	case Unreadable:
		return 3
	default:
		return 1
	}
}

func commits(der []byte) int {
	if x, err := x509.ParseCertificate(der); err == nil && x.KeyUsage&x509.KeyUsageContentCommitment != 0 {
		return 1
	}
	return 0
}

func notAfter(der []byte) time.Time {
	x, err := x509.ParseCertificate(der)
	if err != nil {
		return time.Time{}
	}
	return x.NotAfter
}
