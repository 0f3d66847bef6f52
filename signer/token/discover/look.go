// Package discover finds PKCS #11 modules on this machine and looks into their
// files without loading them. It does not know tokens: that takes a Provider.
package discover

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"kyso/signer/token"
)

// entry is the function that every PKCS #11 module exports (v2.40, 5.4).
const entry = "C_GetFunctionList"

// errNoModule says that a file is readable and exports no entry.
var errNoModule = errors.New("it does not export " + entry)

// Look reports whether the file can be loaded into this process as a PKCS #11
// module. It returns nil or a *token.Error of KindDriverMissing,
// KindWrongMachine or KindNotDriver. The path must be absolute, so that the
// system's search path never decides which file is loaded.
func Look(path string) error {
	if !filepath.IsAbs(path) {
		return &token.Error{Kind: token.KindDriverMissing, Op: "load", Detail: path + ": not an absolute path"}
	}
	machines, err := Machines(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &token.Error{Kind: token.KindDriverMissing, Op: "load", Detail: path + ": no such file"}
	case errors.Is(err, fs.ErrPermission):
		return &token.Error{Kind: token.KindDriverMissing, Op: "load", Detail: path + ": may not be read"}
	case err != nil:
		return &token.Error{Kind: token.KindNotDriver, Op: "load", Detail: path + ": " + err.Error()}
	case !slices.Contains(machines, native()):
		return &token.Error{Kind: token.KindWrongMachine, Op: "load", Detail: path + ": made for " + strings.Join(machines, ", ") + ", this program is " + native()}
	}
	return nil
}

// native names the file format and processor of this process as Machines does.
func native() string {
	format := "elf"
	switch runtime.GOOS {
	case "windows":
		format = "pe"
	case "darwin", "ios":
		format = "mach-o"
	}
	return format + "/" + runtime.GOARCH
}

// Machines gives the format and processors that a module file is made for, such
// as "elf/amd64" or "pe/386"; a Mach-O file may have several. The error wraps
// the operating system's when the file cannot be read.
func Machines(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err //nolint:wrapcheck // Look words it
	}
	defer func() { _ = f.Close() }() // read only
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	var magic [4]byte
	if _, err := io.ReadFull(f, magic[:]); err != nil {
		return nil, errNoModule
	}
	switch {
	case string(magic[:]) == elf.ELFMAG:
		return lookELF(f)
	case magic[0] == 'M' && magic[1] == 'Z':
		return lookPE(f)
	case binary.BigEndian.Uint32(magic[:]) == macho.MagicFat:
		return lookFat(f)
	default:
		return lookMachO(f)
	}
}

func lookELF(f io.ReaderAt) ([]string, error) {
	e, err := elf.NewFile(f)
	if err != nil {
		return nil, errNoModule
	}
	symbols, err := e.DynamicSymbols()
	if err != nil {
		return nil, errNoModule
	}
	for _, s := range symbols {
		if s.Name == entry && s.Section != elf.SHN_UNDEF {
			return []string{"elf/" + elfMachine(e.Machine)}, nil
		}
	}
	return nil, errNoModule
}

func elfMachine(m elf.Machine) string {
	switch m {
	case elf.EM_X86_64:
		return "amd64"
	case elf.EM_386:
		return "386"
	case elf.EM_AARCH64:
		return "arm64"
	default:
		return m.String()
	}
}

func lookFat(f io.ReaderAt) ([]string, error) {
	fat, err := macho.NewFatFile(f)
	if err != nil {
		return nil, errNoModule
	}
	var machines []string
	for _, a := range fat.Arches {
		if machoExports(a.File) {
			machines = append(machines, "mach-o/"+machoMachine(a.Cpu))
		}
	}
	if machines == nil {
		return nil, errNoModule
	}
	return machines, nil
}

func lookMachO(f io.ReaderAt) ([]string, error) {
	o, err := macho.NewFile(f)
	if err != nil || !machoExports(o) {
		return nil, errNoModule
	}
	return []string{"mach-o/" + machoMachine(o.Cpu)}, nil
}

func machoMachine(c macho.Cpu) string {
	switch c {
	case macho.CpuAmd64:
		return "amd64"
	case macho.CpuArm64:
		return "arm64"
	case macho.Cpu386:
		return "386"
	default:
		return c.String()
	}
}

func machoExports(o *macho.File) bool {
	if o.Symtab == nil {
		return false
	}
	return slices.ContainsFunc(o.Symtab.Syms, func(s macho.Symbol) bool { return s.Name == "_"+entry && s.Sect != 0 })
}

func lookPE(f io.ReaderAt) ([]string, error) {
	p, err := pe.NewFile(f)
	if err != nil || !peExports(p) {
		return nil, errNoModule
	}
	return []string{"pe/" + peMachine(p.Machine)}, nil
}

func peMachine(m uint16) string {
	switch m {
	case pe.IMAGE_FILE_MACHINE_AMD64:
		return "amd64"
	case pe.IMAGE_FILE_MACHINE_I386:
		return "386"
	case pe.IMAGE_FILE_MACHINE_ARM64:
		return "arm64"
	default:
		return "another processor"
	}
}

// maxExports bounds the names that are read from one file.
const maxExports = 65536

// peExports walks the export directory (PE format, "The .edata Section").
func peExports(p *pe.File) bool {
	var rva uint32
	switch h := p.OptionalHeader.(type) {
	case *pe.OptionalHeader64:
		rva = h.DataDirectory[pe.IMAGE_DIRECTORY_ENTRY_EXPORT].VirtualAddress
	case *pe.OptionalHeader32:
		rva = h.DataDirectory[pe.IMAGE_DIRECTORY_ENTRY_EXPORT].VirtualAddress
	}
	directory := peRead(p, rva, 40)
	if rva == 0 || len(directory) < 40 {
		return false
	}
	count := min(binary.LittleEndian.Uint32(directory[24:]), maxExports)
	names := peRead(p, binary.LittleEndian.Uint32(directory[32:]), int(count)*4)
	for ; len(names) >= 4; names = names[4:] {
		name := peRead(p, binary.LittleEndian.Uint32(names), len(entry)+1)
		if string(bytes.TrimRight(name, "\x00")) == entry {
			return true
		}
	}
	return false
}

// peRead reads up to n bytes at a relative virtual address.
func peRead(p *pe.File, rva uint32, n int) []byte {
	for _, s := range p.Sections {
		if rva >= s.VirtualAddress && rva-s.VirtualAddress < s.VirtualSize {
			b := make([]byte, n)
			k, err := s.ReadAt(b, int64(rva-s.VirtualAddress))
			if err != nil && !errors.Is(err, io.EOF) {
				return nil
			}
			return b[:k]
		}
	}
	return nil
}
