package cert_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/text/unicode/norm"

	"kyso/signer/cert"
)

var (
	email = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}
	uid   = asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}
	unit  = asn1.ObjectIdentifier{2, 5, 4, 11}
	title = asn1.ObjectIdentifier{2, 5, 4, 12}
	from  = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	until = time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)
	now   = time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
)

func p256(t *testing.T) crypto.Signer {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// issue makes a certificate of the template, issued by an official-looking CA.
func issue(t *testing.T, key crypto.Signer, template x509.Certificate) []byte {
	t.Helper()
	if template.SerialNumber == nil {
		template.SerialNumber = big.NewInt(0x1a2b)
	}
	if template.NotBefore.IsZero() {
		template.NotBefore = from
	}
	if template.NotAfter.IsZero() {
		template.NotAfter = until
	}
	ca := &x509.Certificate{Subject: pkix.Name{CommonName: "CA phục vụ các cơ quan Nhà nước G2"}}
	der, err := x509.CreateCertificate(rand.Reader, &template, ca, key.Public(), p256(t))
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func attribute(oid asn1.ObjectIdentifier, value string) pkix.AttributeTypeAndValue {
	return pkix.AttributeTypeAndValue{Type: oid, Value: value}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		subject pkix.Name
		want    cert.Subject
	}{
		"an official of the government CA": {
			pkix.Name{
				Country: []string{"VN"}, Locality: []string{"Hà Nội"}, Organization: []string{"ỦY BAN NHÂN DÂN QUẬN ĐỐNG ĐA"},
				OrganizationalUnit: []string{"UBND phường Láng Hạ", "Văn phòng"}, CommonName: "Nguyễn Văn An",
				ExtraNames: []pkix.AttributeTypeAndValue{attribute(email, "an@example.vn")},
			},
			cert.Subject{Name: "Nguyễn Văn An", Unit: "ỦY BAN NHÂN DÂN QUẬN ĐỐNG ĐA", Email: "an@example.vn"},
		},
		"a person of a public CA with title and citizen number": {
			pkix.Name{CommonName: "TRẦN THỊ BÌNH", Organization: []string{"PHÒNG NỘI VỤ"}, ExtraNames: []pkix.AttributeTypeAndValue{
				attribute(uid, "MST:0100112233"), attribute(uid, "CCCD:001188000000"), attribute(title, "Trưởng phòng"),
			}},
			cert.Subject{Name: "TRẦN THỊ BÌNH", Unit: "PHÒNG NỘI VỤ", Title: "Trưởng phòng"},
		},
		"decomposed letters are composed": {
			pkix.Name{CommonName: norm.NFD.String("Đặng Quốc Việt"), Organization: []string{norm.NFD.String("Sở Nội vụ")}},
			cert.Subject{Name: "Đặng Quốc Việt", Unit: "Sở Nội vụ"},
		},
		"without O the innermost OU is the unit": {
			pkix.Name{CommonName: "Lê Hoa", ExtraNames: []pkix.AttributeTypeAndValue{attribute(unit, "UBND quận Đống Đa"), attribute(unit, "Phòng Tư pháp")}},
			cert.Subject{Name: "Lê Hoa", Unit: "Phòng Tư pháp"},
		},
		"an agency whose name is its O": {
			pkix.Name{CommonName: "Tạp chí Quê Hương", Organization: []string{"TẠP CHÍ QUÊ HƯƠNG"}},
			cert.Subject{Name: "Tạp chí Quê Hương", Unit: "TẠP CHÍ QUÊ HƯƠNG", Agency: true},
		},
		"an agency by the beginning of its name": {
			pkix.Name{CommonName: "UBND phường Văn Miếu", Organization: []string{"UBND quận Đống Đa"}},
			cert.Subject{Name: "UBND phường Văn Miếu", Unit: "UBND quận Đống Đa", Agency: true},
		},
		"an agency by its tax number": {
			pkix.Name{CommonName: "Hợp tác xã Sao Mai", ExtraNames: []pkix.AttributeTypeAndValue{attribute(uid, "MST:0100112233")}},
			cert.Subject{Name: "Hợp tác xã Sao Mai", Agency: true},
		},
		"a person's number wins over a name that looks like an agency": {
			pkix.Name{CommonName: "Sở Thị Lan", ExtraNames: []pkix.AttributeTypeAndValue{attribute(uid, "CMND:012345678")}},
			cert.Subject{Name: "Sở Thị Lan"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := cert.Parse(issue(t, p256(t), x509.Certificate{Subject: tt.subject}))
			if err != nil {
				t.Fatal(err)
			}
			tt.want.Issuer, tt.want.Serial, tt.want.Key = "CA phục vụ các cơ quan Nhà nước G2", "1a2b", "P-256"
			tt.want.NotBefore, tt.want.NotAfter = from, until
			if d := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(cert.Subject{}, "SHA256")); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if len(got.SHA256) != 64 {
				t.Errorf("got fingerprint %q", got.SHA256)
			}
		})
	}
}

func TestParseRefusesRubbish(t *testing.T) {
	t.Parallel()
	if _, err := cert.Parse([]byte("30")); err == nil {
		t.Error("got no error")
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		key      crypto.Signer
		template x509.Certificate
		noKey    bool
		at       time.Time
		want     cert.Fitness
	}{
		"one for signatures":               {template: x509.Certificate{KeyUsage: x509.KeyUsageDigitalSignature}, want: cert.Fit},
		"one for non-repudiation only":     {template: x509.Certificate{KeyUsage: x509.KeyUsageContentCommitment}, want: cert.Fit},
		"one without key usage":            {want: cert.Fit},
		"one for encryption":               {template: x509.Certificate{KeyUsage: x509.KeyUsageKeyEncipherment}, want: cert.WrongUse},
		"a CA":                             {template: x509.Certificate{IsCA: true, BasicConstraintsValid: true}, want: cert.IsCA},
		"a CA without basic constraints":   {template: x509.Certificate{KeyUsage: x509.KeyUsageCertSign}, want: cert.IsCA},
		"one without its key":              {noKey: true, want: cert.NoKey},
		"one at the last second":           {at: until, want: cert.Fit},
		"one a second after its end":       {at: until.Add(time.Second), want: cert.Expired},
		"one a second before its start":    {at: from.Add(-time.Second), want: cert.NotYetValid},
		"one with RSA below 2048 bits":     {key: weak, want: cert.WeakKey},
		"an expired one without its key":   {noKey: true, at: until.AddDate(1, 0, 0), want: cert.NoKey},
		"an expired one for wrong purpose": {template: x509.Certificate{KeyUsage: x509.KeyUsageKeyAgreement}, at: until.AddDate(1, 0, 0), want: cert.Expired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.key == nil {
				tt.key = p256(t)
			}
			if tt.at.IsZero() {
				tt.at = now
			}
			if got := cert.Judge(issue(t, tt.key, tt.template), !tt.noKey, tt.at); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	if got := cert.Judge([]byte("x"), true, now); got != cert.Unreadable {
		t.Errorf("rubbish: got %s, want %s", got, cert.Unreadable)
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	k := p256(t)
	commits := issue(t, k, x509.Certificate{KeyUsage: x509.KeyUsageContentCommitment})
	longer := issue(t, k, x509.Certificate{KeyUsage: x509.KeyUsageDigitalSignature, NotAfter: until.AddDate(1, 0, 0)})
	plain := issue(t, k, x509.Certificate{KeyUsage: x509.KeyUsageDigitalSignature})
	expired := issue(t, k, x509.Certificate{KeyUsage: x509.KeyUsageContentCommitment, NotAfter: now.Add(-time.Hour)})
	ca := issue(t, k, x509.Certificate{IsCA: true, BasicConstraintsValid: true, NotAfter: until.AddDate(9, 0, 0)})
	rubbish := []byte("x")
	want := [][]byte{commits, longer, plain, expired, ca, rubbish}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, func(a, b []byte) int { return cert.Compare(a, b, now) })
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
