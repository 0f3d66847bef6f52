package cms

import "encoding/asn1"

// oid makes an object identifier; the constants below are strings so that
// nothing in the package can be changed from outside.
func oid(arcs ...int) asn1.ObjectIdentifier { return arcs }

func oidData() asn1.ObjectIdentifier       { return oid(1, 2, 840, 113549, 1, 7, 1) } // RFC 5652, 4
func oidSignedData() asn1.ObjectIdentifier { return oid(1, 2, 840, 113549, 1, 7, 2) } // RFC 5652, 5.1

func oidContentType() asn1.ObjectIdentifier   { return oid(1, 2, 840, 113549, 1, 9, 3) } // RFC 5652, 11.1
func oidMessageDigest() asn1.ObjectIdentifier { return oid(1, 2, 840, 113549, 1, 9, 4) } // RFC 5652, 11.2
func oidSigningCertificateV2() asn1.ObjectIdentifier { // RFC 5035, 3
	return oid(1, 2, 840, 113549, 1, 9, 16, 2, 47)
}

func oidSHA256() asn1.ObjectIdentifier { return oid(2, 16, 840, 1, 101, 3, 4, 2, 1) } // RFC 5754, 2.2
func oidSHA384() asn1.ObjectIdentifier { return oid(2, 16, 840, 1, 101, 3, 4, 2, 2) } // RFC 5754, 2.3

func oidSHA512() asn1.ObjectIdentifier { return oid(2, 16, 840, 1, 101, 3, 4, 2, 3) } // RFC 5754, 2.4

func oidPSS() asn1.ObjectIdentifier  { return oid(1, 2, 840, 113549, 1, 1, 10) } // RFC 4055, 3.1
func oidMGF1() asn1.ObjectIdentifier { return oid(1, 2, 840, 113549, 1, 1, 8) }  // RFC 4055, 2.2

func oidRSASHA256() asn1.ObjectIdentifier   { return oid(1, 2, 840, 113549, 1, 1, 11) } // RFC 8017, A.2.4
func oidRSASHA384() asn1.ObjectIdentifier   { return oid(1, 2, 840, 113549, 1, 1, 12) } // RFC 8017, A.2.4
func oidECDSASHA256() asn1.ObjectIdentifier { return oid(1, 2, 840, 10045, 4, 3, 2) }   // RFC 5758, 3.2
func oidECDSASHA384() asn1.ObjectIdentifier { return oid(1, 2, 840, 10045, 4, 3, 3) }   // RFC 5758, 3.2
func oidECDSASHA512() asn1.ObjectIdentifier { return oid(1, 2, 840, 10045, 4, 3, 4) }   // RFC 5758, 3.2
