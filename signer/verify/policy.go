package verify

import "crypto/x509"

// Policy is what a judge decides by. The zero value is the ordinary policy
// without any trusted root.
type Policy struct {
	// Name chooses the policy: Basic when empty.
	Name PolicyName
	// Anchors are the roots that are trusted.
	Anchors []*x509.Certificate
	// StructureOnly leaves out trust and revocation: a sound signature is then
	// Indeterminate without a sub-indication.
	StructureOnly bool
}

// PolicyName names a policy. What a policy decides never changes: a change
// makes a new version with a new name.
type PolicyName string

// The policies, with their version.
const (
	// Basic asks for a path to a trusted root and for an answer on revocation. A
	// signature without a proof of its time is judged as of now. Where something
	// visible came over the signed content that is not a signature's mark, or a
	// form field shows another text than its value, there is not enough evidence
	// until a person has looked.
	Basic PolicyName = "kyso-basic-2"
	// Lenient is Basic but leaves such things at a warning.
	Lenient PolicyName = "kyso-lenient-1"
	// Strict is Basic and asks for a time-stamp over each signature.
	Strict PolicyName = "kyso-strict-1"
	// Structure judges the file alone, as StructureOnly does.
	Structure PolicyName = "kyso-structure-2"
)

// Policies are the names that Policy.Name may have.
func Policies() []PolicyName { return []PolicyName{Basic, Lenient, Strict, Structure} }

// Title is the name of the policy as a report gives it.
func (p Policy) Title() string {
	switch {
	case p.structureOnly():
		return string(Structure)
	case p.Name == "":
		return string(Basic)
	}
	return string(p.Name)
}

func (p Policy) structureOnly() bool { return p.StructureOnly || p.Name == Structure }

// doubt takes back the verdict on a signature that passed where the policy asks
// for more than the standard.
func (p Policy) doubt(s Signature, passed finding) finding {
	if p.Name != Lenient {
		for _, w := range s.Warnings {
			if w.Code.doubts() {
				return undecided(SignatureConstraints, "something visible came after the signature and needs a look: %s on page %d", w.Code, w.Page)
			}
		}
	}
	if p.Name == Strict && s.ProvenTime.IsZero() && s.SubFilter != subFilterStamp {
		return undecided(SignatureConstraints, "the policy asks for a time-stamp, the signature has none that holds")
	}
	return passed
}
