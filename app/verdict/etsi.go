package verdict

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"kyso/signer/verify"
)

// The names of ETSI TS 119 102-2 (V1.4.1).
const (
	etsiNamespace = "http://uri.etsi.org/19102/v1.4.1#"
	urn           = "urn:etsi:019102:"
)

// ErrNoSignature reports a file without a signature.
var ErrNoSignature = errors.New("the file has no signature to report on")

// The elements of the report that are filled; names with a prefix are those of
// the schemas that it imports.
type (
	etsiReport struct {
		XMLName    xml.Name        `xml:"ValidationReport"`
		Namespace  string          `xml:"xmlns,attr"`
		DS         string          `xml:"xmlns:ds,attr"`
		XAdES      string          `xml:"xmlns:xades,attr"`
		Signatures []etsiSignature `xml:"SignatureValidationReport"`
		Objects    []etsiObject    `xml:"SignatureValidationObjects>ValidationObject,omitempty"`
	}
	etsiSignature struct {
		Identifier etsiIdentifier  `xml:"SignatureIdentifier"`
		Policy     etsiPolicy      `xml:"ValidationConstraintsEvaluationReport>SignatureValidationPolicy"`
		Time       etsiTime        `xml:"ValidationTimeInfo"`
		Document   *etsiDigest     `xml:"SignersDocument>DigestAlgAndValue,omitempty"`
		Attributes *etsiAttributes `xml:"SignatureAttributes,omitempty"`
		Signer     *etsiSigner     `xml:"SignerInformation,omitempty"`
		Process    string          `xml:"SignatureValidationProcess>SignatureValidationProcessID"`
		Status     etsiStatus      `xml:"SignatureValidationStatus"`
	}
	etsiIdentifier struct {
		ID          string `xml:"id,attr"`
		HashOnly    bool   `xml:"HashOnly"`
		DocHashOnly bool   `xml:"DocHashOnly"`
		Field       string `xml:"DAIdentifier,omitempty"`
	}
	etsiPolicy struct {
		Implied string `xml:"SignaturePolicyIdentifier>xades:SignaturePolicyImplied"`
		Name    string `xml:"PolicyName"`
	}
	etsiTime struct {
		At   string `xml:"ValidationTime"`
		Best string `xml:"BestSignatureTime>POETime"`
		Type string `xml:"BestSignatureTime>TypeOfProof"`
	}
	etsiDigest struct {
		Method etsiMethod `xml:"ds:DigestMethod"`
		Value  string     `xml:"ds:DigestValue"`
	}
	etsiMethod struct {
		Algorithm string `xml:"Algorithm,attr"`
	}
	etsiAttributes struct {
		SigningTime string `xml:"SigningTime>Time,omitempty"`
	}
	etsiSigner struct {
		Certificate etsiReference `xml:"SignerCertificate"`
		Name        string        `xml:"Signer,omitempty"`
	}
	etsiReference struct {
		To string `xml:"VOReference,attr"`
	}
	etsiStatus struct {
		Main string     `xml:"MainIndication"`
		Sub  string     `xml:"SubIndication,omitempty"`
		Data []etsiData `xml:"AssociatedValidationReportData>AdditionalValidationReportData>ReportData,omitempty"`
	}
	etsiData struct {
		Type  string `xml:"Type"`
		Value string `xml:"Value"`
	}
	etsiObject struct {
		ID     string     `xml:"id,attr"`
		Type   string     `xml:"ObjectType"`
		Digest etsiDigest `xml:"ValidationObjectRepresentation>DigestAlgAndValue"`
	}
)

// ETSI writes the report as a validation report of ETSI TS 119 102-2, without a
// signature of its own. It has one part for each signature; ErrNoSignature is the
// error for a file without any, for which that report has no form. Certificates
// are told by their digests.
func (s Sheet) ETSI(w io.Writer) error {
	if len(s.Signatures) == 0 {
		return ErrNoSignature
	}
	report := etsiReport{
		Namespace: etsiNamespace, DS: "http://www.w3.org/2000/09/xmldsig#", XAdES: "http://uri.etsi.org/01903/v1.3.2#",
	}
	known := map[string]bool{}
	for i, one := range s.Signatures {
		report.Signatures = append(report.Signatures, s.etsi(i, one.Judged))
		if sum := one.Judged.Signer.SHA256; sum != "" && !known[sum] {
			known[sum] = true
			report.Objects = append(report.Objects, etsiObject{certificateID(sum), urn + "validationObject:certificate", digestOf(sum)})
		}
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write the report as XML: %w", err)
	}
	e := xml.NewEncoder(w)
	e.Indent("", "\t")
	if err := e.Encode(report); err != nil {
		return fmt.Errorf("write the report as XML: %w", err)
	}
	return nil
}

func (s Sheet) etsi(i int, v verify.Signature) etsiSignature {
	out := etsiSignature{
		Identifier: etsiIdentifier{ID: fmt.Sprintf("S-%d", i+1), Field: v.Field},
		Policy:     etsiPolicy{Name: s.Policy},
		Time:       etsiTime{At: dateTime(s.At), Best: dateTime(s.At), Type: urn + "poetype:validation"},
		Process:    urn + "validationprocess:" + process(v.Level),
		Status:     etsiStatus{Main: urn + "mainindication:" + strings.ToLower(string(v.Indication)), Data: reportData(v)},
	}
	if v.SubIndication != "" {
		out.Status.Sub = urn + "subindication:" + string(v.SubIndication)
	}
	if !v.ProvenTime.IsZero() {
		out.Time.Best, out.Time.Type = dateTime(v.ProvenTime), urn+"poetype:provided"
	}
	if s.SHA256 != "" {
		d := digestOf(s.SHA256)
		out.Document = &d
	}
	if !v.ClaimedTime.IsZero() {
		out.Attributes = &etsiAttributes{dateTime(v.ClaimedTime)}
	}
	if v.Signer.SHA256 != "" {
		out.Signer = &etsiSigner{etsiReference{certificateID(v.Signer.SHA256)}, v.Signer.Holder}
	}
	return out
}

// process names the validation process that led to the level (EN 319 102-1, 5.3,
// 5.5 and 5.6).
func process(level string) string {
	switch level {
	case "B-LTA":
		return "LTA"
	case "B-T", "B-LT":
		return "LTVM"
	}
	return "Basic"
}

// reportData is what the standard has no element for.
func reportData(v verify.Signature) []etsiData {
	const own = "urn:kyso:report:"
	var out []etsiData
	add := func(kind, value string) {
		if value != "" {
			out = append(out, etsiData{own + kind, value})
		}
	}
	add("integrity", string(v.Integrity))
	add("coverage", string(v.Coverage))
	add("level", v.Level)
	add("revocation", v.Revocation)
	add("reason", v.Why)
	for _, c := range v.Changes {
		allowed := "forbidden"
		if c.Allowed {
			allowed = "permitted"
		}
		add("change", fmt.Sprintf("%s %s page=%d %s", c.Kind, allowed, c.Page, c.Detail))
	}
	for _, w := range v.Warnings {
		add("warning", fmt.Sprintf("%s page=%d", w.Code, w.Page))
	}
	return out
}

func certificateID(sum string) string { return "C-" + sum }

func dateTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// digestOf is a SHA-256 in hexadecimal as the schemas want it.
func digestOf(sum string) etsiDigest {
	b, _ := hex.DecodeString(sum) // of our own making
	return etsiDigest{etsiMethod{"http://www.w3.org/2001/04/xmlenc#sha256"}, base64.StdEncoding.EncodeToString(b)}
}
