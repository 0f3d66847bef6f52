package discover

import (
	"fmt"
	"slices"
)

// maker lists the file names of one maker's modules. They were gathered from
// installers, public code and product guides, not all seen in use.
type maker struct {
	name                   string
	windows, linux, darwin []string
}

// makers is the table of known modules: the CAs that officials have first.
//
//nolint:gochecknoglobals // a constant table
var makers = []maker{
	{name: "SafeNet (VGCA)", windows: []string{"eTPKCS11.dll", "eToken.dll", "IDPrimePKCS1164.dll", "IDPrimePKCS11.dll"}, linux: []string{"libeTPkcs11.so", "libeToken.so", "libIDPrimePKCS11.so"}, darwin: []string{"libeTPkcs11.dylib"}},
	{name: "Bit4id (VGCA)", windows: []string{"bit4xpki.dll", "bit4ipki.dll"}, linux: []string{"libbit4xpki.so", "libbit4ipki.so"}, darwin: []string{"libbit4xpki.dylib"}},
	{name: "GemSafe", windows: []string{"gclib.dll"}},
	{name: "Viettel-CA", windows: descending("viettel-ca_v%d.dll", 6, 1, "viettel-ca.dll"), darwin: []string{"viettel-ca_v6.dylib"}},
	{name: "VNPT-CA", windows: []string{"vnptca_p11_v8.dll", "vnptca_p11_v10.dll", "vnptca_p11_v9.dll", "vnptca_p11_v7.dll", "vnptca_p11_v6.dll", "vnpt-ca_csp11.dll", "vnpt-ca_v34.dll", "vnpt-ca_v4.dll", "vnpt-ca_cl_v1.dll"}, darwin: []string{"libvnptca_p11_v8.dylib"}},
	{name: "FPT-CA", windows: descending("fptca_v%d.dll", 6, 3, "fpt-ca.dll", "fpt-ca_v4.dll", "fpt-ca_v5.dll", "fpt-ca-stx.dll"), linux: []string{"fptca_v4.so"}},
	{name: "BKAV-CA", windows: []string{"BkavCA.dll", "BkavCAv2S.dll", "BkavCAv25.dll", "bkavcaetoken.dll", "st3csp11.dll"}},
	{name: "CA2 (Nacencomm)", windows: descending("nca_v%d.dll", 9, 4, "CA2_v34.dll", "CA2_csp11.dll", "ncca_csp11_v1.dll")},
	{name: "SmartSign (Vina-CA)", windows: descending("Vina-CAv%d.dll", 10, 2, "Vina-CA.dll")},
	{name: "NewCA (Newtel)", windows: []string{"NEWTEL-CA.dll", "newca_v4.dll"}},
	{name: "FastCA", windows: []string{"fca_v1.dll"}},
	{name: "I-CA", windows: []string{"ica_csp11_v1.dll"}},
	{name: "Safe-CA", windows: []string{"Safe-ca_v1.dll", "Safe-ca_v2.dll"}},
	{name: "EFY-CA", windows: []string{"efy-ca_v1.dll"}},
	{name: "MISA-CA", windows: []string{"misaca_csp11_v2.dll"}},
	{name: "CK-CA", windows: []string{"CKCA.dll"}},
	{name: "Feitian", windows: []string{"eps2003csp11.dll", "eps2003csp11v2.dll", "ShuttleCsp11_3003.dll", "ngp11v211.dll"}, linux: []string{"libcastle.so.1.0.0", "libcastle_v2.so"}, darwin: []string{"libcastle.1.0.0.dylib"}},
	{name: "WatchData", windows: []string{"SignatureP11.dll", "WDPKCS.dll"}, linux: []string{"libwdpkcs_SignatureP11.so"}, darwin: []string{"libwdpkcs_Proxkey.dylib"}},
	{name: "SafeSign", windows: []string{"aetpkss1.dll"}, linux: []string{"libaetpkss.so"}},
	{name: "Athena", windows: []string{"asepkcs.dll"}, linux: []string{"libASEP11.so"}, darwin: []string{"libASEP11.dylib"}},
	{name: "ACOS", windows: []string{"acospkcs11.dll"}},
	{name: "Longmai", windows: []string{"CryptoIDA_pkcs11.dll"}},
	{name: "IDEMIA", windows: []string{"OcsPKCS11.dll"}},
	{name: "YubiKey", windows: []string{"libykcs11.dll"}, linux: []string{"libykcs11.so"}, darwin: []string{"libykcs11.dylib"}},
	{name: "OpenSC", windows: []string{"opensc-pkcs11.dll"}, linux: []string{"opensc-pkcs11.so"}, darwin: []string{"opensc-pkcs11.so"}},
	{name: "SoftHSM", windows: []string{`C:\SoftHSM2\lib\softhsm2-x64.dll`}, linux: []string{"libsofthsm2.so"}, darwin: []string{"libsofthsm2.so"}},
}

// descending writes a family of numbered names from high to low, then the rest.
func descending(format string, high, low int, rest ...string) []string {
	var out []string
	for n := high; n >= low; n-- {
		out = append(out, fmt.Sprintf(format, n))
	}
	return slices.Concat(out, rest)
}

// Known gives the known names for an operating system (a runtime.GOOS).
func Known(system string) []Name {
	var names []Name
	for _, m := range makers {
		files := m.linux
		switch system {
		case "windows":
			files = m.windows
		case "darwin":
			files = m.darwin
		}
		for _, f := range files {
			names = append(names, Name{File: f, Maker: m.name})
		}
	}
	return names
}
