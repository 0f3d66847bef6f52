package verify

import "crypto/x509"

// Status is the verdict on a certificate by itself, before anything is signed
// with it.
type Status struct {
	Indication    Indication    `json:"indication"`
	SubIndication SubIndication `json:"sub_indication,omitempty"`
	// Revocation is "good", "revoked", "unknown" or "not-checked".
	Revocation string `json:"revocation"`
	// Why is one line for the support desk.
	Why string `json:"why,omitempty"`
}

// EvaluateCertificate judges a certificate at the time of the evidence: its path
// to an anchor, and what is known of its revocation (NĐ 23/2025/NĐ-CP, Đ15).
func EvaluateCertificate(c *x509.Certificate, e Evidence, p Policy) Status {
	j := newJudge(e, p)
	trial := Signature{Revocation: "not-checked", ClaimedTime: e.At}
	f := j.certificate(c, nil, e.At, &trial)
	return Status{Indication: f.indication, SubIndication: f.sub, Revocation: trial.Revocation, Why: f.why}
}
