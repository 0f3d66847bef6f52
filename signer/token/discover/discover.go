package discover

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"kyso/signer/token"
)

// Source says how a candidate was found.
type Source string

// The sources, in the order in which Modules asks them.
const (
	Chosen     Source = "chosen"     // the person or the caller named it
	KnownName  Source = "known-name" // a maker's file name in one of the system's folders
	Registered Source = "registered" // Windows registry or a p11-kit module file
)

// Candidate is a file that may be a PKCS #11 module.
type Candidate struct {
	// Path is absolute.
	Path string
	// Maker is the maker or CA of a known name; empty for others.
	Maker  string
	Source Source
	// Err is nil when the file can be loaded, else Look's *token.Error.
	Err error
}

// Named looks into the given files and nothing else.
func Named(paths []string) []Candidate {
	var found list
	for _, p := range paths {
		found.add(Candidate{Path: p, Source: Chosen}, true)
	}
	return found.all
}

// Modules lists the modules of this machine: the files in extra, which are
// listed even when they are missing, then known names, then registered ones.
// A file that several names lead to is listed once. The p11-kit proxy is left
// out unless it is in extra, for it shows the tokens of the others again.
//
// One token may still show through two modules. The caller joins those by the
// fingerprints of their certificates.
func Modules(extra []string) []Candidate {
	return System().Modules(extra)
}

// Places are the folders of a machine that modules are looked for in.
type Places struct {
	// Folders are where files with known names lie.
	Folders []string
	// ModuleFiles are folders with p11-kit *.module files, ModuleHome is the
	// folder that relative names in them start from.
	ModuleFiles []string
	ModuleHome  []string
	// Names are the known file names; an absolute one is looked for where it says.
	Names []Name
	// Registered lists modules that the operating system knows of; nil for none.
	Registered func() []string
}

// Name is a known file name and its maker.
type Name struct{ File, Maker string }

// System gives the places of this machine.
func System() Places {
	p := Places{Names: known(runtime.GOOS), Registered: registered}
	switch runtime.GOOS {
	case "windows":
		root := os.Getenv("SystemRoot")
		p.Folders = []string{filepath.Join(root, "System32"), filepath.Join(root, "SysWOW64")}
		for _, v := range []string{"ProgramFiles", "ProgramFiles(x86)"} {
			if dir := os.Getenv(v); dir != "" {
				p.Folders = append(p.Folders, filepath.Join(dir, "OpenSC Project", "OpenSC", "pkcs11"), filepath.Join(dir, "Yubico", "Yubico PIV Tool", "bin"))
			}
		}
	case "darwin":
		p.Folders = []string{"/usr/local/lib", "/Library/OpenSC/lib", "/Library/bit4id/pkcs11", "/opt/homebrew/lib", "/opt/homebrew/lib/softhsm", "/usr/local/lib/softhsm"}
	default:
		p.Folders, p.ModuleHome = linuxFolders()
		p.ModuleFiles = []string{"/etc/pkcs11/modules", "/usr/share/p11-kit/modules"}
	}
	return p
}

// linuxFolders gives the folders of shared libraries and those of p11-kit.
func linuxFolders() (folders, homes []string) {
	triplet := map[string]string{"amd64": "x86_64-linux-gnu", "386": "i386-linux-gnu", "arm64": "aarch64-linux-gnu"}[runtime.GOARCH]
	for _, lib := range []string{"/usr/lib", "/usr/lib64", filepath.Join("/usr/lib", triplet), "/usr/local/lib", "/lib", filepath.Join("/lib", triplet)} {
		for _, sub := range []string{"", "pkcs11", "softhsm", "bit4id"} {
			folders = append(folders, filepath.Join(lib, sub))
		}
		homes = append(homes, filepath.Join(lib, "pkcs11"))
	}
	return folders, homes
}

// Modules does what the function of this name does, in these places.
func (p Places) Modules(extra []string) []Candidate {
	var found list
	for _, path := range extra {
		found.add(Candidate{Path: path, Source: Chosen}, true)
	}
	for _, n := range p.Names {
		for _, dir := range p.Folders {
			path := n.File
			if !filepath.IsAbs(path) {
				path = filepath.Join(dir, n.File)
			}
			found.add(Candidate{Path: path, Maker: n.Maker, Source: KnownName}, false)
		}
	}
	for _, path := range p.moduleFiles() {
		found.add(Candidate{Path: path, Source: Registered}, false)
	}
	if p.Registered != nil {
		for _, path := range p.Registered() {
			found.add(Candidate{Path: path, Source: Registered}, false)
		}
	}
	return found.all
}

// moduleFiles gives the modules that p11-kit files name (pkcs11.conf(5)).
func (p Places) moduleFiles() []string {
	var out []string
	for _, dir := range p.ModuleFiles {
		files, _ := filepath.Glob(filepath.Join(dir, "*.module")) // the pattern is well formed
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				continue
			}
			name := moduleLine(string(b))
			switch {
			case name == "" || isProxy(name):
			case filepath.IsAbs(name):
				out = append(out, name)
			default:
				for _, home := range p.ModuleHome {
					out = append(out, filepath.Join(home, name))
				}
			}
		}
	}
	return out
}

// moduleLine gives the value of the "module:" line.
func moduleLine(text string) string {
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(line, ":")
		if ok && strings.TrimSpace(key) == "module" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func isProxy(path string) bool { return strings.HasPrefix(filepath.Base(path), "p11-kit-proxy.") }

// list collects candidates and keeps each file once.
type list struct {
	all  []Candidate
	seen []os.FileInfo
}

// add looks into a candidate. A missing file is kept only when it was asked for,
// and so is a file that is not a module at all.
func (l *list) add(c Candidate, asked bool) {
	if slices.ContainsFunc(l.all, func(o Candidate) bool { return o.Path == c.Path }) {
		return
	}
	st, err := os.Stat(c.Path)
	if err != nil && !asked {
		return
	}
	if err == nil {
		if slices.ContainsFunc(l.seen, func(s os.FileInfo) bool { return os.SameFile(s, st) }) {
			return
		}
		l.seen = append(l.seen, st)
	}
	c.Err = Look(c.Path)
	if !asked && errors.Is(c.Err, token.ErrNotDriver) {
		return
	}
	l.all = append(l.all, c)
}
