package verdict_test

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kyso/app/verdict"
	"kyso/signer/verify"
)

// make interop holds such reports against the published schema.
func TestTheReportOfETSISaysTheVerdictOnEachSignature(t *testing.T) {
	r := report()
	for i := range r.Signatures {
		r.Signatures[i].Signer.SHA256 = strings.Repeat("cd", 32)
	}
	r.Signatures[1].Why = "changed\x01 <after> signing"
	var out bytes.Buffer
	if err := verdict.New("a.pdf", bytes.Repeat([]byte{0xab}, 32), r).ETSI(&out); err != nil {
		t.Fatal(err)
	}
	var got struct {
		XMLName    xml.Name `xml:"http://uri.etsi.org/19102/v1.4.1# ValidationReport"`
		Signatures []struct {
			Field  string   `xml:"SignatureIdentifier>DAIdentifier"`
			Best   string   `xml:"ValidationTimeInfo>BestSignatureTime>POETime"`
			Digest string   `xml:"SignersDocument>DigestAlgAndValue>DigestValue"`
			Main   string   `xml:"SignatureValidationStatus>MainIndication"`
			Sub    []string `xml:"SignatureValidationStatus>SubIndication"`
			Data   []string `xml:"SignatureValidationStatus>AssociatedValidationReportData>AdditionalValidationReportData>ReportData>Value"`
			Signer struct {
				Reference string `xml:"VOReference,attr"`
			} `xml:"SignerInformation>SignerCertificate"`
		} `xml:"SignatureValidationReport"`
		Objects []struct {
			ID string `xml:"id,attr"`
		} `xml:"SignatureValidationObjects>ValidationObject"`
	}
	if err := xml.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if len(got.Signatures) != 2 || len(got.Objects) != 1 {
		t.Fatalf("%d signatures, %d objects\n%s", len(got.Signatures), len(got.Objects), out.String())
	}
	one, two := got.Signatures[0], got.Signatures[1]
	want := []string{
		"KySo1", "2026-11-24T07:06:09Z", base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xab}, 32)),
		"urn:etsi:019102:mainindication:total-passed", got.Objects[0].ID,
		"KySo2", "urn:etsi:019102:mainindication:total-failed", "urn:etsi:019102:subindication:HASH_FAILURE",
	}
	said := []string{one.Field, one.Best, one.Digest, one.Main, one.Signer.Reference, two.Field, two.Main, strings.Join(two.Sub, " ")}
	if d := cmp.Diff(want, said); d != "" || len(one.Sub) != 0 {
		t.Errorf("sub-indications of the first %v, the rest (-want +got):\n%s", one.Sub, d)
	}
	if !strings.Contains(strings.Join(two.Data, "|"), "content-changed forbidden page=1") {
		t.Errorf("the change is not told: %q", two.Data)
	}
	if err := verdict.New("a.pdf", nil, verify.Report{}).ETSI(&out); !errors.Is(err, verdict.ErrNoSignature) {
		t.Errorf("without a signature: %v, want %v", err, verdict.ErrNoSignature)
	}
}
