package verify

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"strings"

	"kyso/signer/cert"
	"kyso/signer/internal/certview"
	"kyso/signer/internal/cms"
	"kyso/signer/internal/strength"
)

// subFilters are the signature formats that are judged (ISO 32000-2, 12.8.3;
// EN 319 142-1, 5.2).
const (
	subFilterCAdES    = "ETSI.CAdES.detached"
	subFilterDetached = "adbe.pkcs7.detached"
	subFilterSHA1     = "adbe.pkcs7.sha1"
	subFilterRSA      = "adbe.x509.rsa_sha1"
	subFilterStamp    = "ETSI.RFC3161"
)

// Evaluate judges the evidence. It is pure: the same arguments give the same report.
func Evaluate(e Evidence, p Policy) Report {
	report := Report{Policy: p.Title(), At: e.At, Signatures: []Signature{}}
	j := newJudge(e, p)
	for _, s := range e.Signatures {
		report.Signatures = append(report.Signatures, j.signature(s))
	}
	report.Indication, report.SubIndication = worst(report.Signatures)
	if e.Damage != "" {
		report.Indication, report.SubIndication = TotalFailed, FormatFailure
	}
	return report
}

// worst is the verdict on the file: that of its worst signature.
func worst(signatures []Signature) (Indication, SubIndication) {
	if len(signatures) == 0 {
		return Indeterminate, FormatFailure
	}
	rank := map[Indication]int{TotalPassed: 0, Indeterminate: 1, TotalFailed: 2}
	found := signatures[0]
	for _, s := range signatures[1:] {
		if rank[s.Indication] > rank[found.Indication] {
			found = s
		}
	}
	return found.Indication, found.SubIndication
}

// finding is the outcome of one step of the judgement; the zero value lets it go on.
type finding struct {
	indication Indication
	sub        SubIndication
	why        string
}

func (f finding) ends() bool { return f.indication != "" }

func failed(sub SubIndication, format string, args ...any) finding {
	return finding{TotalFailed, sub, fmt.Sprintf(format, args...)}
}

func undecided(sub SubIndication, format string, args ...any) finding {
	return finding{Indeterminate, sub, fmt.Sprintf(format, args...)}
}

// signature judges one signature in the order of EN 319 102-1, 5.3: format,
// identification, cryptography, then the certificate.
func (j *judge) signature(s SignatureEvidence) Signature {
	report := Signature{
		Field: s.Field, SubFilter: s.SubFilter, Page: s.Page, Rect: s.Rect, Places: s.Places, Reason: s.Reason,
		ClaimedTime: s.ClaimedTime, TimeSource: "now",
		Integrity: Broken, Coverage: s.Coverage, SignedSize: s.SignedSize,
		Malformed: s.Malformed, Changes: j.changes(s),
		Revocation: "not-checked",
	}
	report.Warnings = warnings(s.Differences)
	verdict := j.judge(s, &report)
	report.Warnings = append(report.Warnings, timeWarnings(report)...)
	if verdict.indication == TotalPassed {
		verdict = j.policy.doubt(report, verdict)
	}
	report.Indication, report.SubIndication, report.Why = verdict.indication, verdict.sub, verdict.why
	return report
}

func (j *judge) judge(s SignatureEvidence, report *Signature) finding {
	var signed signedBy
	var f finding
	if s.ByteRange != nil || len(s.Malformed) == 0 {
		signed, f = j.crypto(s, report)
		if !f.ends() {
			report.Integrity = Intact
		}
	}
	if len(s.Malformed) > 0 {
		return failed(FormatFailure, "%s", strings.Join(s.Malformed, "; "))
	}
	if f.ends() {
		return f
	}
	if s.Coverage != CoversFile && s.Coverage != CoversRevision {
		return failed(FormatFailure, "the signed range does not end with a revision of the file, or bytes of the file belong to no revision")
	}
	if f := changed(report.Changes); f.ends() {
		return f
	}
	if j.policy.structureOnly() {
		if err := strength.OfHash(signed.hash, j.evidence.At); err != nil {
			return undecided(CryptoConstraints, "signed with %v", err)
		}
	}
	if s.SubFilter == subFilterCAdES {
		if !signed.signer.HasSigningCertificate() {
			return undecided(SignatureConstraints, "no signing-certificate attribute")
		}
		report.Level = levelB
	}
	if j.policy.structureOnly() {
		return undecided("", "trust was not judged")
	}
	return j.trust(signed, report)
}

// changed is the finding on what came after a signature. Where the comparison was
// not finished and found nothing that is forbidden, nothing can be said.
func changed(changes []Change) finding {
	var unfinished finding
	for _, c := range changes {
		switch {
		case c.Allowed:
		case c.Kind == notCompared:
			unfinished = undecided(SignatureConstraints, "not all that came after signing could be compared: %s", c.Detail)
		default:
			return failed(HashFailure, "changed after signing: %s at %s", c.Kind, c.Detail)
		}
	}
	return unfinished
}

// signedBy is a signature whose value was verified.
type signedBy struct {
	certificate *x509.Certificate
	signer      *cms.Signer         // nil for a document time-stamp
	others      []*x509.Certificate // embedded certificates
	hash        cms.Hash            // of the signed bytes, or of what stands for them
}

// crypto parses the CMS structure, finds the signer and verifies the value.
func (j *judge) crypto(s SignatureEvidence, report *Signature) (signedBy, finding) {
	switch s.SubFilter {
	case subFilterCAdES, subFilterDetached, subFilterSHA1:
	case subFilterStamp:
		return j.documentStamp(s, report)
	case subFilterRSA:
		return rawValue(s, report)
	default:
		report.Integrity = Unchecked
		return signedBy{}, undecided(SignatureConstraints, "unknown signature format %q", s.SubFilter)
	}
	data, err := cms.Parse(s.Contents)
	if err != nil {
		return signedBy{}, failed(FormatFailure, "%v", err)
	}
	if len(data.Signers) != 1 {
		return signedBy{}, failed(FormatFailure, "%d signers in one signature", len(data.Signers))
	}
	signer := &data.Signers[0]
	certificate := findSigner(signer, data.Certificates, j.pool)
	if certificate == nil {
		report.Integrity = Unchecked
		return signedBy{}, undecided(NoSigningCertificate, "the signer's certificate is not at hand")
	}
	report.Signer, report.SigningTime = describe(certificate), signer.SigningTime()
	digest, f := contentDigest(s, data, signer)
	if f.ends() {
		if f.indication == Indeterminate {
			report.Integrity = Unchecked
		}
		if f.sub == HashFailure {
			report.Integrity = Altered
		}
		return signedBy{}, f
	}
	if f := checkValue(signer, certificate, data.ContentType, digest, report); f.ends() {
		return signedBy{}, f
	}
	if s.SubFilter != subFilterSHA1 && data.Content != nil { // ISO 32000-2, 12.8.3.3.1 forbids it
		report.Integrity = Intact
		return signedBy{}, failed(FormatFailure, "the signature brings its own content")
	}
	signed := signedBy{certificate: certificate, signer: signer, others: data.Certificates}
	if signed.hash, err = signer.Digest(); err != nil {
		return signedBy{}, undecided(CryptoConstraints, "%v", err)
	}
	if s.SubFilter == subFilterSHA1 { // its content is the SHA-1 of the range
		signed.hash = cms.Standard(crypto.SHA1)
	}
	return signed, finding{}
}

// rawValue verifies a signature without a CMS structure (ISO 32000-1, 12.8.3.2).
func rawValue(s SignatureEvidence, report *Signature) (signedBy, finding) {
	var chain []*x509.Certificate
	for _, der := range s.Certificates {
		if c, err := certview.Parse(der); err == nil {
			chain = append(chain, c)
		}
	}
	if len(chain) == 0 {
		report.Integrity = Unchecked
		return signedBy{}, undecided(NoSigningCertificate, "the signer's certificate is not at hand")
	}
	report.Signer = describe(chain[0])
	key, ok := chain[0].PublicKey.(*rsa.PublicKey)
	if !ok {
		return signedBy{}, failed(FormatFailure, "a key of type %T for %s", chain[0].PublicKey, subFilterRSA)
	}
	hash, digest, err := cms.OpenPKCS1(key, s.Contents)
	switch {
	case errors.Is(err, cms.ErrAlgorithm):
		report.Integrity = Unchecked
		return signedBy{}, undecided(CryptoConstraints, "%v", err)
	case errors.Is(err, cms.ErrSignature):
		return signedBy{}, failed(SigCryptoFailure, "%v", err)
	case err != nil:
		return signedBy{}, failed(FormatFailure, "%v", err)
	case !bytes.Equal(digest, s.Digest):
		report.Integrity = Altered
		return signedBy{}, failed(HashFailure, "%v", cms.ErrDigest)
	}
	return signedBy{certificate: chain[0], others: chain[1:], hash: hash}, finding{}
}

func findSigner(signer *cms.Signer, pools ...[]*x509.Certificate) *x509.Certificate {
	for _, pool := range pools {
		for _, c := range pool {
			if signer.Names(c) {
				return c
			}
		}
	}
	return nil
}

// contentDigest is the digest that the signature must carry. The old format
// adbe.pkcs7.sha1 signs the SHA-1 of the range as content of its own.
func contentDigest(s SignatureEvidence, data *cms.SignedData, signer *cms.Signer) ([]byte, finding) {
	if s.SubFilter != subFilterSHA1 {
		if !data.ContentType.Equal(oidData()) {
			return nil, failed(FormatFailure, "content type %s", data.ContentType)
		}
		if s.Digest == nil {
			return nil, undecided(CryptoConstraints, "the digest algorithm is not supported")
		}
		return s.Digest, finding{}
	}
	if s.Digest == nil || string(data.Content) != string(s.Digest) {
		return nil, failed(HashFailure, "the signed bytes were changed")
	}
	hash, err := signer.Digest()
	if err != nil {
		return nil, undecided(CryptoConstraints, "%v", err)
	}
	h := hash.New()
	h.Write(data.Content)
	return h.Sum(nil), finding{}
}

func checkValue(signer *cms.Signer, c *x509.Certificate, contentType asn1.ObjectIdentifier, digest []byte, report *Signature) finding {
	err := signer.Check(c, contentType, digest)
	switch {
	case err == nil:
		return finding{}
	case errors.Is(err, cms.ErrDigest):
		report.Integrity = Altered
		return failed(HashFailure, "%v", err)
	case errors.Is(err, cms.ErrSignature), errors.Is(err, cms.ErrCertificate):
		return failed(SigCryptoFailure, "%v", err)
	case errors.Is(err, cms.ErrAlgorithm):
		report.Integrity = Unchecked
		return undecided(CryptoConstraints, "%v", err)
	}
	return failed(FormatFailure, "%v", err)
}

// describe is what the report says of a certificate.
func describe(c *x509.Certificate) Certificate {
	out := Certificate{Subject: c.Subject.String(), NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC()}
	subject := cert.Of(c)
	out.SHA256, out.Serial, out.Issuer = subject.SHA256, subject.Serial, subject.Issuer
	out.Holder, out.Unit, out.Title = subject.Name, subject.Unit, subject.Title
	return out
}

func oidData() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1} }
