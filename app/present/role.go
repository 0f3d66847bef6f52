package present

import (
	"slices"
	"strings"

	"kyso/app/docsys"
	"kyso/app/placement"
)

// roleOf says what is asked of the person on a document: the approval of whom
// it names, else initials where they are missing.
func roleOf(d *docsys.Document, p docsys.Person) placement.Role {
	named := d.SignerName != "" && strings.EqualFold(d.SignerName, p.Name)
	switch {
	case named, coIssues(d, p):
		return placement.Approval
	case slices.Contains(d.Missing, "initials") && (p.Role == "signer" || d.SignerName != ""):
		return placement.Initials
	case p.Role == "clerk":
		return placement.Seal
	}
	return placement.Approval
}

// coIssues reports that the person's unit issues a document together with the
// leading one, whose signer the document names: here the person signs for his own.
func coIssues(d *docsys.Document, p docsys.Person) bool {
	return d != nil && p.Unit != d.Unit && slices.ContainsFunc(d.CoIssuers, func(c docsys.CoIssuer) bool { return c.Unit == p.Unit })
}

// signerOf names who is printed on the document, as far as it is known.
func signerOf(d *docsys.Document, p docsys.Person) placement.Signer {
	if d != nil && d.SignerName != "" && !coIssues(d, p) {
		return placement.Signer{Name: d.SignerName, Title: d.SignerTitle}
	}
	return placement.Signer{Name: p.Name, Title: p.Title}
}

// rolesOf are the roles in which a person may sign a file of this computer: marks
// of the agency are the clerk's to place (NĐ 30/2020/NĐ-CP, Đ32). Where no server
// says who the person is, the certificate decides.
func rolesOf(p docsys.Person) []placement.Role {
	person := []placement.Role{placement.Approval, placement.Initials}
	agency := []placement.Role{placement.Seal, placement.Appendix, placement.Copy}
	switch p.Role {
	case "":
		return append(person, agency...)
	case "clerk":
		return append(agency, person...)
	}
	return person
}

// unitOf is the unit of a document, empty for a file of this computer.
func unitOf(d *docsys.Document) string {
	if d == nil {
		return ""
	}
	return d.Unit
}
