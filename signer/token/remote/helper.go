package remote

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// HelperFor gives the helper that can load a module made for machines, such as
// "pe/386" (discover.Candidate.Machines): the given one for this processor, else
// the one beside it that has the processor in its name, kyso-token-386.exe
// beside kyso-token.exe. Officials have drivers of 32 bits on systems of 64. It
// reports false when there is none.
func HelperFor(helper string, machines []string) (path string, ok bool) {
	if slices.ContainsFunc(machines, func(m string) bool { return processor(m) == runtime.GOARCH }) {
		return helper, true
	}
	ext := filepath.Ext(helper)
	if !strings.EqualFold(ext, ".exe") {
		ext = ""
	}
	for _, m := range machines {
		path := strings.TrimSuffix(helper, ext) + "-" + processor(m) + ext
		if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() {
			return path, true
		}
	}
	return "", false
}

// processor is what stands behind the file's format.
func processor(machine string) string {
	_, processor, _ := strings.Cut(machine, "/")
	return processor
}
