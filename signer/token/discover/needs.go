package discover

import (
	"debug/elf"
	"debug/pe"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// missing names the libraries that a module needs and that the loader of this
// system will not find. A file of another system, or none at all, misses nothing.
func missing(path string) []string {
	switch runtime.GOOS {
	case "linux":
		return missingELF(path)
	case "windows":
		return missingPE(path, os.Getenv("SystemRoot"))
	default:
		return nil
	}
}

// missingELF looks where ld.so(8) does: the folders that the file names, the
// environment's, those of ld.so.conf, the system's own.
func missingELF(path string) []string {
	e, err := elf.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = e.Close() }() // read only
	needed, err := e.ImportedLibraries()
	if err != nil {
		return nil
	}
	folders := slices.Concat(ownFolders(e, path), filepath.SplitList(os.Getenv("LD_LIBRARY_PATH")),
		confFolders("/etc/ld.so.conf", 0), loaderFolders())
	return slices.DeleteFunc(needed, func(name string) bool {
		if filepath.IsAbs(name) {
			return fits(name, e)
		}
		return slices.ContainsFunc(folders, func(dir string) bool { return fits(filepath.Join(dir, name), e) })
	})
}

// ownFolders are the folders that a file itself names for its libraries.
func ownFolders(e *elf.File, path string) []string {
	var out []string
	for _, tag := range []elf.DynTag{elf.DT_RPATH, elf.DT_RUNPATH} {
		lists, err := e.DynString(tag)
		if err != nil {
			continue
		}
		for _, list := range lists {
			for _, dir := range filepath.SplitList(list) {
				out = append(out, strings.NewReplacer("$ORIGIN", filepath.Dir(path), "${ORIGIN}", filepath.Dir(path)).Replace(dir))
			}
		}
	}
	return out
}

// loaderFolders are the folders of libraries that need no word in ld.so.conf.
func loaderFolders() []string {
	out := []string{"/lib", "/usr/lib", "/lib64", "/usr/lib64", "/lib32", "/usr/lib32"}
	for _, triplet := range []string{"x86_64-linux-gnu", "i386-linux-gnu", "aarch64-linux-gnu"} {
		out = append(out, filepath.Join("/lib", triplet), filepath.Join("/usr/lib", triplet))
	}
	return out
}

// confDepth bounds files of ld.so.conf that include others.
const confDepth = 4

// confFolders reads ld.so.conf(5) and what it includes.
func confFolders(file string, depth int) []string {
	b, err := os.ReadFile(file)
	if err != nil || depth > confDepth {
		return nil
	}
	var out []string
	for line := range strings.Lines(string(b)) {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if pattern, ok := strings.CutPrefix(line, "include "); ok {
			if pattern = strings.TrimSpace(pattern); !filepath.IsAbs(pattern) {
				pattern = filepath.Join(filepath.Dir(file), pattern)
			}
			more, _ := filepath.Glob(pattern) // a malformed pattern includes nothing
			for _, m := range more {
				out = append(out, confFolders(m, depth+1)...)
			}
		} else if filepath.IsAbs(line) {
			out = append(out, line)
		}
	}
	return out
}

// fits reports a library at path for the same processor as e: the loader passes
// over others.
func fits(path string, e *elf.File) bool {
	l, err := elf.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = l.Close() }() // read only
	return l.Machine == e.Machine && l.Class == e.Class
}

// missingPE looks beside the file and in the folder of system libraries under
// root, that of 32 bits for a file of 32 bits. Names of API sets
// ("api-ms-win-…") are no files.
func missingPE(path, root string) []string {
	p, err := pe.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = p.Close() }() // read only
	symbols, err := p.ImportedSymbols()
	if err != nil {
		return nil
	}
	system := filepath.Join(root, "System32")
	if p.Machine == pe.IMAGE_FILE_MACHINE_I386 {
		if wow := filepath.Join(root, "SysWOW64"); exists(wow) {
			system = wow
		}
	}
	var out []string
	for _, s := range symbols {
		_, name, ok := strings.Cut(s, ":")
		low := strings.ToLower(name)
		if !ok || slices.Contains(out, name) || strings.HasPrefix(low, "api-ms-") || strings.HasPrefix(low, "ext-ms-") {
			continue
		}
		if !exists(filepath.Join(filepath.Dir(path), name)) && !exists(filepath.Join(system, name)) && !exists(filepath.Join(root, name)) {
			out = append(out, name)
		}
	}
	return out
}

func exists(path string) bool {
	_, err := os.Stat(path) //nolint:gosec // G703: it looks whether a file is there, and opens none
	return err == nil
}
