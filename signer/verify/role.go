package verify

import (
	"crypto/x509"
	"regexp"
	"strings"

	"kyso/signer/cert"
	"kyso/signer/internal/cms"
)

// initialsWidth is the greatest width of a mark of initials, in points (about 21 mm).
const initialsWidth = 60

// role says what a later signature is: after the authorised person's come the
// number, the date and the seal of the agency, or further initials.
func (j *judge) role(d Difference, after int64) Role {
	switch {
	case d.Place == InTimeStamp:
		return RoleTimeStamp
	case d.Place == InSecurityStore:
		return RoleEvidence
	case d.Place != InSignature || d.Action != Added:
		return ""
	}
	for _, s := range j.evidence.Signatures {
		if s.Field != d.Field || s.SignedSize <= after {
			continue
		}
		c := j.signerOf(s)
		if c == nil {
			return ""
		}
		if cert.Of(c).Agency {
			return agencyRole(s)
		}
		if small := s.Page > 0 && s.Rect[2] <= initialsWidth; small || strings.Contains(strings.ToLower(s.Reason), "ký nháy") {
			return RoleInitials
		}
		return RolePerson
	}
	return ""
}

func (j *judge) signerOf(s SignatureEvidence) *x509.Certificate {
	data, err := cms.Parse(s.Contents)
	if err != nil || len(data.Signers) != 1 {
		return nil
	}
	return findSigner(&data.Signers[0], data.Certificates, j.pool)
}

// agencyRole tells what the mark of an agency's signature is by what it says.
func agencyRole(s SignatureEvidence) Role {
	switch text := s.Text; {
	case s.Page == 0:
		return RoleAgency
	case text == "":
		return RoleSeal
	case isNumber(text):
		return RoleNumber
	case isDate(text):
		return RoleDate
	}
	return RoleAgency
}

// isNumber reports a number with a symbol, as in "Số: 123/QĐ-UBND", or a number alone.
func isNumber(text string) bool {
	return regexp.MustCompile(`^(?i:số\s*:?\s*)?\d{1,6}(\s*/\s*[\pL\d&.-]+)?$`).MatchString(strings.TrimSpace(text))
}

// isDate reports a date and nothing else: "24/11/2026", "ngày 24 tháng 11 năm 2026", a place before it.
func isDate(text string) bool {
	return regexp.MustCompile(`^(?i:[\pL\s.-]{0,40},?\s*)?((?i:ngày\s+)?\d{1,2}\s+(?i:tháng)\s+\d{1,2}\s+(?i:năm)\s+\d{4}|\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d{2}-\d{2})$`).
		MatchString(strings.TrimSpace(text))
}
