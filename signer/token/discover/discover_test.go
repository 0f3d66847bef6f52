package discover_test

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
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
	missing := filepath.Join(root, "missing.so")

	places := discover.Places{
		Folders:     []string{filepath.Join(root, "lib")},
		ModuleFiles: []string{filepath.Join(root, "modules")},
		ModuleHome:  []string{filepath.Join(root, "pkcs11")},
		Names:       []discover.Name{{File: "libeToken.so", Maker: "SafeNet"}, {File: "fptca_v4.so", Maker: "FPT-CA"}, {File: "libcastle.so.1.0.0", Maker: "Feitian"}},
	}
	want := []struct {
		path, maker string
		source      discover.Source
		err         token.Kind
	}{
		{chosen, "", discover.Chosen, ""},
		{missing, "", discover.Chosen, token.KindDriverMissing},
		{known, "SafeNet", discover.KnownName, ""},
		{foreign, "FPT-CA", discover.KnownName, token.KindWrongMachine},
		{registered, "", discover.Registered, ""},
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
		if g := got[i]; g.Path != w.path || g.Maker != w.maker || g.Source != w.source || kind != w.err {
			t.Errorf("module %d: got %v, want %v", i, g, w)
		}
	}
}
