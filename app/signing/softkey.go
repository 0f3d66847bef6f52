package signing

import (
	"fmt"

	"kyso/signer/token"
)

// SoftUse is what an administrator allows keys in files (.p12) for.
type SoftUse string

// The uses. The zero value allows none.
const (
	SoftNone   SoftUse = ""
	SoftTrials SoftUse = "trials" // files of this computer only: nothing goes to the document system
	SoftAgency SoftUse = "agency" // an agency's key, for what agencies sign: seals, appendices, copies
)

// allow refuses a soft key that may not sign at all.
func (d *Desk) allow(k Key) error {
	if !k.Soft() || d.c.SoftKeys == SoftTrials || d.c.SoftKeys == SoftAgency && k.Subject.Agency {
		return nil
	}
	return softForbidden(k, "no use of it is allowed")
}

// allowJob refuses a soft key for a job that is none of its uses.
func (d *Desk) allowJob(k Key, j Job) error {
	if err := d.allow(k); err != nil || !k.Soft() {
		return err
	}
	switch {
	case d.c.SoftKeys == SoftTrials && (j.Document != nil || d.delivers(j)):
		return softForbidden(k, "allowed for trials, and this document is the document system's")
	case d.c.SoftKeys == SoftAgency && !AgencyRole(j.Role):
		return softForbidden(k, "allowed for what the agency signs")
	}
	return nil
}

func softForbidden(k Key, why string) error {
	return fmt.Errorf("sign with %s: %w", k.Module, &token.Error{Kind: token.KindSoftForbidden, Op: "sign", Detail: why})
}
