package certview_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"slices"
	"testing"

	"kyso/signer/internal/certview"
	"kyso/signer/internal/cms"
	"kyso/signer/signertest/seeds"
)

// FuzzParse holds the parser to its contract: it never panics; it says
// ErrFormat or gives a certificate with the bytes that it was given; and what
// crypto/x509 takes our own parser reads alike, in all that a path depends on.
func FuzzParse(f *testing.F) {
	office := seeds.NewOffice(f, "office")
	for _, id := range office.Parts() {
		f.Add(id.Certificate.Raw)
	}
	f.Add(office.An.Certificate.Raw)
	for _, b := range seeds.Corpus(f, seeds.CMS, 16<<10) {
		if parsed, err := cms.Parse(b); err == nil {
			for _, c := range parsed.Certificates {
				f.Add(c.Raw)
			}
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 16<<10 {
			t.Skip("too long to be quick")
		}
		c, err := certview.Parse(b)
		if err != nil {
			if !errors.Is(err, certview.ErrFormat) {
				t.Errorf("error %v", err)
			}
			return
		}
		if c.SerialNumber == nil || !bytes.Equal(c.Raw, b) {
			t.Errorf("%x: %+v", b, c)
		}
		if want, err := x509.ParseCertificate(b); err == nil {
			readAlike(t, b, want)
		}
	})
}

func readAlike(t *testing.T, b []byte, want *x509.Certificate) {
	t.Helper()
	got, ok := certview.Read(b)
	if !ok {
		t.Fatal("crypto/x509 reads it, our parser does not")
	}
	same := map[string]bool{
		"the serial number":      got.SerialNumber.Cmp(want.SerialNumber) == 0,
		"the names":              bytes.Equal(got.RawIssuer, want.RawIssuer) && bytes.Equal(got.RawSubject, want.RawSubject),
		"the key":                bytes.Equal(got.RawSubjectPublicKeyInfo, want.RawSubjectPublicKeyInfo) && (want.PublicKey == nil || got.PublicKey != nil),
		"what is signed":         bytes.Equal(got.RawTBSCertificate, want.RawTBSCertificate) && bytes.Equal(got.Signature, want.Signature),
		"the dates":              got.NotBefore.Equal(want.NotBefore) && got.NotAfter.Equal(want.NotAfter),
		"the version":            got.Version == want.Version,
		"the constraints":        got.BasicConstraintsValid == want.BasicConstraintsValid && got.IsCA == want.IsCA,
		"the length of the path": !want.BasicConstraintsValid || got.MaxPathLen == want.MaxPathLen && got.MaxPathLenZero == want.MaxPathLenZero,
		"the usage":              got.KeyUsage == want.KeyUsage,
		"the extended usage":     slices.Equal(got.ExtKeyUsage, want.ExtKeyUsage) || len(want.UnknownExtKeyUsage) > 0 || len(got.UnknownExtKeyUsage) > 0,
		"the key identifiers":    bytes.Equal(got.SubjectKeyId, want.SubjectKeyId) && bytes.Equal(got.AuthorityKeyId, want.AuthorityKeyId),
		"the extensions":         len(got.Extensions) == len(want.Extensions),
	}
	for what, ok := range same {
		if !ok {
			t.Errorf("%s: read %+v, crypto/x509 %+v", what, got, want)
		}
	}
	for _, id := range want.UnhandledCriticalExtensions {
		if id.String() == "2.5.29.17" && bytes.IndexByte(b, 0xa4) >= 0 {
			continue // a directory name, which crypto/x509 does not look at and we do
		}
		if !slices.ContainsFunc(got.UnhandledCriticalExtensions, id.Equal) {
			t.Errorf("crypto/x509 does not handle %s", id)
		}
	}
}
