package signer

import (
	"context"
	"crypto/x509"
	"net/http"

	"kyso/signer/internal/evidence"
	"kyso/signer/verify"
)

// CheckCertificate judges a certificate before anything is signed with it: the
// path to an anchor and the answers of OCSP or CRL at o.At (NĐ 23/2025/NĐ-CP,
// Đ15; TT 15/2025/TT-BKHCN, Đ5). A certificate that is not good is a verdict, not
// an error; so is a status that nobody could tell.
func CheckCertificate(ctx context.Context, c *x509.Certificate, o VerifyOptions) verify.Status {
	e := evidence.OfCertificate(ctx, c, o.At, o.sources())
	return verify.EvaluateCertificate(c, e, verify.Policy{Anchors: o.Anchors})
}

// sources are where the options let evidence be looked for.
func (o VerifyOptions) sources() evidence.Sources {
	s := evidence.Sources{Anchors: o.Anchors, Intermediates: o.Intermediates, Client: o.Client, Password: o.Password}
	switch {
	case o.Offline:
		s.Client = nil
	case o.Client == nil:
		s.Client = &http.Client{Timeout: fetchTimeout}
	}
	return s
}
