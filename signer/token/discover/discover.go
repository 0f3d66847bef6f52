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
	// Machines are what the file is made for, such as "pe/386"; nil when it is no
	// module. A helper for that machine can load a file that this process cannot.
	Machines []string
	// Writable warns that somebody other than the administrator can replace the file.
	Writable bool
	// Reserved is what the module wants at its start (pReserved): the line
	// x-init-reserved of a p11-kit file.
	Reserved string
	// Missing are libraries that the file needs and that the system's loader will
	// not find, by name: the module would not load. It is a reading of the file and
	// the loader's folders, not a trial; nil when none is missed, or nothing known.
	Missing []string
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
	// USB is the folder with the devices of the bus, empty where there is none.
	USB string
	// Registered lists modules that the operating system knows of; nil for none.
	Registered func() []string
}

// Name is a known file name and its maker.
type Name struct{ File, Maker string }

// System gives the places of this machine.
func System() Places {
	p := Places{Names: Known(runtime.GOOS), Registered: registered}
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
		if home, err := os.UserConfigDir(); err == nil {
			p.ModuleFiles = append(p.ModuleFiles, filepath.Join(home, "pkcs11", "modules"))
		}
		p.USB = usbFolder
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
	for _, c := range p.moduleFiles() {
		found.add(c, false)
	}
	if p.Registered != nil {
		for _, path := range p.Registered() {
			found.add(Candidate{Path: path, Source: Registered}, false)
		}
	}
	return found.all
}

// moduleFiles gives the modules that p11-kit files name (pkcs11.conf(5)). A file
// that is meant for some programs only is not meant for this one.
func (p Places) moduleFiles() []Candidate {
	var out []Candidate
	for _, dir := range p.ModuleFiles {
		files, _ := filepath.Glob(filepath.Join(dir, "*.module")) // the pattern is well formed
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				continue
			}
			lines := moduleLines(string(b))
			c := Candidate{Path: lines["module"], Source: Registered, Reserved: lines["x-init-reserved"]}
			if _, limited := lines["enable-in"]; c.Path == "" || isProxy(c.Path) || limited {
				continue
			}
			if filepath.IsAbs(c.Path) {
				out = append(out, c)
				continue
			}
			for _, home := range p.ModuleHome {
				in := c
				in.Path = filepath.Join(home, c.Path)
				out = append(out, in)
			}
		}
	}
	return out
}

// moduleLines gives the "key: value" lines of a p11-kit file.
func moduleLines(text string) map[string]string {
	lines := map[string]string{}
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(line, ":")
		if key = strings.TrimSpace(key); ok && !strings.HasPrefix(key, "#") {
			lines[key] = strings.TrimSpace(value)
		}
	}
	return lines
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
	if !asked && (errors.Is(c.Err, token.ErrNotDriver) || l.hasTwin(c)) {
		return
	}
	c.Machines, _ = Machines(c.Path) // Look has told the error
	c.Missing = missing(c.Path)
	c.Writable = err == nil && writable(c.Path)
	l.all = append(l.all, c)
}

// hasTwin reports whether a module for another machine is there in this one's
// form too: makers install both, as in System32 and SysWOW64.
func (l *list) hasTwin(c Candidate) bool {
	return isWrongMachine(c.Err) && slices.ContainsFunc(l.all, func(o Candidate) bool {
		return o.Err == nil && strings.EqualFold(filepath.Base(o.Path), filepath.Base(c.Path))
	})
}

func isWrongMachine(err error) bool {
	e, ok := errors.AsType[*token.Error](err)
	return ok && e.Kind == token.KindWrongMachine
}
