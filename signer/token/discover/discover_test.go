package discover_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"kyso/signer/token"
	"kyso/signer/token/discover"
	"kyso/signer/token/tokentest"
)

// write writes a file into a folder of the test's own.
func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// softHSM gives the bytes of a real module.
func softHSM(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile(tokentest.SoftHSMModule)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// forMachine is SoftHSM's module with another processor in its ELF header.
func forMachine(t *testing.T, machine uint16) []byte {
	t.Helper()
	b := softHSM(t)
	binary.LittleEndian.PutUint16(b[18:], machine) // e_machine
	return b
}

// library is a PE file (the parts that are looked at) that exports one name.
func library(name string, machine uint16) []byte {
	b := make([]byte, 0x400)
	copy(b, "MZ")
	binary.LittleEndian.PutUint32(b[0x3c:], 0x40)
	copy(b[0x40:], "PE\x00\x00")
	coff := b[0x44:]
	binary.LittleEndian.PutUint16(coff, machine)
	binary.LittleEndian.PutUint16(coff[2:], 1)    // sections
	binary.LittleEndian.PutUint16(coff[16:], 240) // optional header
	optional := coff[20:]
	binary.LittleEndian.PutUint16(optional, 0x20b)
	binary.LittleEndian.PutUint32(optional[108:], 16)
	binary.LittleEndian.PutUint32(optional[112:], 0x1000) // export directory
	binary.LittleEndian.PutUint32(optional[116:], 0x100)
	section := optional[240:]
	copy(section, ".edata")
	binary.LittleEndian.PutUint32(section[8:], 0x200)
	binary.LittleEndian.PutUint32(section[12:], 0x1000)
	binary.LittleEndian.PutUint32(section[16:], 0x200)
	binary.LittleEndian.PutUint32(section[20:], 0x200)
	exports := b[0x200:]
	binary.LittleEndian.PutUint32(exports[24:], 1)      // names
	binary.LittleEndian.PutUint32(exports[32:], 0x1030) // their table
	binary.LittleEndian.PutUint32(exports[0x30:], 0x1040)
	copy(exports[0x40:], name)
	return b
}

func TestLook(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		path string
		want token.Kind
	}{
		"a real module":                       {tokentest.SoftHSMModule, ""},
		"a missing file":                      {filepath.Join(t.TempDir(), "x.so"), token.KindDriverMissing},
		"a relative path":                     {"libsofthsm2.so", token.KindDriverMissing},
		"a folder":                            {t.TempDir(), token.KindNotDriver},
		"an empty file":                       {write(t, "x.so", nil), token.KindNotDriver},
		"a text":                              {write(t, "x.so", []byte("driver")), token.KindNotDriver},
		"a module that is cut off":            {write(t, "x.so", softHSM(t)[:5000]), token.KindNotDriver},
		"a module for another processor":      {write(t, "x.so", forMachine(t, 183)), token.KindWrongMachine},
		"a module for an unknown processor":   {write(t, "x.so", forMachine(t, 2)), token.KindWrongMachine},
		"a Windows module on another system":  {write(t, "x.dll", library("C_GetFunctionList", 0x8664)), token.KindWrongMachine},
		"a Windows library that is no driver": {write(t, "x.dll", library("DllGetClassObject", 0x8664)), token.KindNotDriver},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := discover.Look(tt.path)
			var e *token.Error
			if errors.As(err, &e); (tt.want == "") != (err == nil) || (e != nil && e.Kind != tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestMachines(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		path, want string
	}{
		"the system's own":   {tokentest.SoftHSMModule, "elf/" + runtime.GOARCH},
		"64 bits of Windows": {write(t, "x.dll", library("C_GetFunctionList", 0x8664)), "pe/amd64"},
		"32 bits of Windows": {write(t, "x.dll", library("C_GetFunctionList", 0x14c)), "pe/386"},
		"Windows on ARM":     {write(t, "x.dll", library("C_GetFunctionList", 0xaa64)), "pe/arm64"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := discover.Machines(tt.path)
			if err != nil || !slices.Equal(got, []string{tt.want}) {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

func TestModulesOfThisMachineHaveSoftHSMOnce(t *testing.T) {
	t.Parallel()
	n := 0
	for _, c := range discover.Modules(nil) {
		if !filepath.IsAbs(c.Path) {
			t.Errorf("%s: not absolute", c.Path)
		}
		if c.Maker == "SoftHSM" || filepath.Base(c.Path) == "libsofthsm2.so" {
			n++
			if c.Err != nil {
				t.Error(c.Err)
			}
		}
	}
	if n != 1 {
		t.Errorf("SoftHSM is listed %d times, want once", n)
	}
}

func TestModules(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	put := func(name string, content []byte) string {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	chosen := put("home/Chữ ký số/chosen.so", softHSM(t))
	known := put("lib/libeToken.so", softHSM(t))
	foreign := put("lib/fptca_v4.so", forMachine(t, 3))
	put("lib/libcastle.so.1.0.0", []byte("a script"))
	registered := put("pkcs11/maker.so", softHSM(t))
	put("pkcs11/p11-kit-proxy.so", softHSM(t))
	put("modules/a.module", []byte("# a comment\nmodule: maker.so\n"))
	put("modules/b.module", []byte("module: p11-kit-proxy.so\n"))
	put("modules/c.module", []byte("module: "+known+"\ncritical: no\n"))
	put("modules/d.module", []byte("module: only.so\nenable-in: another-program\n"))
	put("pkcs11/only.so", softHSM(t))
	text := put("pkcs11/text.so", softHSM(t))
	put("modules/e.module", []byte("module: text.so\nx-init-reserved: configdir='/x y'\n"))
	put("lib32/libeToken.so", forMachine(t, 3))
	missing := filepath.Join(root, "missing.so")

	places := discover.Places{
		Folders:     []string{filepath.Join(root, "lib"), filepath.Join(root, "lib32")},
		ModuleFiles: []string{filepath.Join(root, "modules")},
		ModuleHome:  []string{filepath.Join(root, "pkcs11")},
		Names:       []discover.Name{{File: "libeToken.so", Maker: "SafeNet"}, {File: "fptca_v4.so", Maker: "FPT-CA"}, {File: "libcastle.so.1.0.0", Maker: "Feitian"}},
	}
	want := []struct {
		path, maker string
		source      discover.Source
		err         token.Kind
		reserved    string
		machine     string
	}{
		{chosen, "", discover.Chosen, "", "", "elf/" + runtime.GOARCH},
		{missing, "", discover.Chosen, token.KindDriverMissing, "", ""},
		{known, "SafeNet", discover.KnownName, "", "", "elf/" + runtime.GOARCH},
		{foreign, "FPT-CA", discover.KnownName, token.KindWrongMachine, "", "elf/386"},
		{registered, "", discover.Registered, "", "", "elf/" + runtime.GOARCH},
		{text, "", discover.Registered, "", "configdir='/x y'", "elf/" + runtime.GOARCH},
	}
	got := places.Modules([]string{chosen, missing, chosen, missing})
	if len(got) != len(want) {
		t.Fatalf("got %d modules, want %d: %v", len(got), len(want), got)
	}
	for i, w := range want {
		var kind token.Kind
		if e, ok := errors.AsType[*token.Error](got[i].Err); ok {
			kind = e.Kind
		}
		g := got[i]
		machine := strings.Join(g.Machines, " ")
		if g.Path != w.path || g.Maker != w.maker || g.Source != w.source || kind != w.err || g.Reserved != w.reserved || machine != w.machine {
			t.Errorf("module %d: got %v, want %v", i, g, w)
		}
	}
}

func TestAFileThatOthersCanReplaceIsMarked(t *testing.T) {
	t.Parallel()
	system := discover.Named([]string{tokentest.SoftHSMModule})[0]
	if system.Writable {
		t.Errorf("%s: got writable", system.Path)
	}
	open := write(t, "open.so", softHSM(t))
	if err := os.Chmod(open, 0o666); err != nil {
		t.Fatal(err)
	}
	folder := write(t, "folder.so", softHSM(t))
	if err := os.Chmod(filepath.Dir(folder), 0o777); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link.so")
	if err := os.Symlink(open, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{open, folder, link} {
		if c := discover.Named([]string{path})[0]; !c.Writable || c.Err != nil {
			t.Errorf("%s: got writable %t, %v", path, c.Writable, c.Err)
		}
	}
}

func TestDevicesWithoutTheirDriver(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	plug := func(port, vendor, product, name string) {
		for file, text := range map[string]string{"idVendor": vendor, "idProduct": product, "product": name} {
			if err := os.MkdirAll(filepath.Join(root, port), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(root, port, file), []byte(text+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	plug("1-1", "0529", "0620", "Token JC")
	plug("1-2", "096e", "0807", "ePass2003")
	plug("1-3", "096e", "060d", "Feitian R502 Reader")
	plug("1-4", "046d", "c077", "USB Optical Mouse")
	plug("usb1", "zzzz", "", "")
	devices := discover.Places{USB: root}.Devices()
	if len(devices) != 2 {
		t.Fatalf("got %v, want two tokens", devices)
	}
	modules := []discover.Candidate{
		{Path: "/lib/libeToken.so", Maker: "SafeNet (VGCA)"},
		{Path: "/lib/fptca_v4.so", Maker: "FPT-CA", Err: token.ErrNotDriver},
	}
	got := discover.Unserved(devices, modules)
	if len(got) != 1 || got[0].Vendor != 0x096E || got[0].Product != 0x0807 || got[0].Name != "ePass2003" {
		t.Errorf("got %v, want the ePass2003 alone", got)
	}
	if none := (discover.Places{}).Devices(); none != nil {
		t.Errorf("without a bus: got %v", none)
	}
}

// The modules that officials' tokens come with, as they were gathered from
// installers and product guides.
func TestTheKnownNamesAreThere(t *testing.T) {
	t.Parallel()
	for system, names := range map[string]string{
		"windows": `eTPKCS11.dll eToken.dll IDPrimePKCS1164.dll bit4xpki.dll bit4ipki.dll gclib.dll
			viettel-ca_v6.dll viettel-ca_v5.dll viettel-ca_v4.dll viettel-ca_v3.dll viettel-ca_v2.dll viettel-ca_v1.dll viettel-ca.dll
			vnptca_p11_v8.dll vnptca_p11_v10.dll vnptca_p11_v9.dll vnptca_p11_v7.dll vnptca_p11_v6.dll
			vnpt-ca_csp11.dll vnpt-ca_v34.dll vnpt-ca_v4.dll vnpt-ca_cl_v1.dll
			fptca_v3.dll fptca_v4.dll fptca_v5.dll fptca_v6.dll fpt-ca.dll fpt-ca_v4.dll fpt-ca_v5.dll fpt-ca-stx.dll
			BkavCA.dll BkavCAv2S.dll BkavCAv25.dll bkavcaetoken.dll st3csp11.dll
			CA2_v34.dll CA2_csp11.dll nca_v4.dll nca_v5.dll nca_v6.dll nca_v7.dll nca_v8.dll nca_v9.dll ncca_csp11_v1.dll
			Vina-CA.dll Vina-CAv2.dll Vina-CAv3.dll Vina-CAv4.dll Vina-CAv5.dll Vina-CAv10.dll NEWTEL-CA.dll newca_v4.dll
			fca_v1.dll ica_csp11_v1.dll Safe-ca_v1.dll Safe-ca_v2.dll efy-ca_v1.dll misaca_csp11_v2.dll CKCA.dll
			eps2003csp11.dll eps2003csp11v2.dll ShuttleCsp11_3003.dll ngp11v211.dll SignatureP11.dll WDPKCS.dll
			aetpkss1.dll asepkcs.dll acospkcs11.dll CryptoIDA_pkcs11.dll OcsPKCS11.dll opensc-pkcs11.dll`,
		"linux": `libeTPkcs11.so libeToken.so libIDPrimePKCS11.so libbit4xpki.so libbit4ipki.so fptca_v4.so libcastle.so.1.0.0
			libcastle_v2.so libwdpkcs_SignatureP11.so libaetpkss.so libASEP11.so opensc-pkcs11.so libykcs11.so libsofthsm2.so`,
		"darwin": `libeTPkcs11.dylib libbit4xpki.dylib viettel-ca_v6.dylib libvnptca_p11_v8.dylib libcastle.1.0.0.dylib
			libwdpkcs_Proxkey.dylib libASEP11.dylib opensc-pkcs11.so`,
	} {
		known := discover.Known(system)
		for name := range strings.FieldsSeq(names) {
			if !slices.ContainsFunc(known, func(n discover.Name) bool { return n.File == name && n.Maker != "" }) {
				t.Errorf("%s: %s is not known", system, name)
			}
		}
	}
}

func TestMissingLibrariesAreNamed(t *testing.T) {
	t.Parallel()
	if got := discover.Named([]string{tokentest.SoftHSMModule})[0].Missing; len(got) > 0 {
		t.Errorf("got %q for a module that loads", got)
	}
	lacking := bytes.Replace(softHSM(t), []byte("libcrypto.so"), []byte("libcrypta.so"), 1)
	c := discover.Named([]string{write(t, "x.so", lacking)})[0]
	if len(c.Missing) != 1 || !strings.HasPrefix(c.Missing[0], "libcrypta.so") || c.Err != nil {
		t.Errorf("got %q, %v, want one library and a file that is a module", c.Missing, c.Err)
	}
	// A library of another processor is none.
	if got := discover.Named([]string{write(t, "y.so", forMachine(t, 183))})[0].Missing; len(got) == 0 {
		t.Error("the libraries of this processor count for another one")
	}
}
