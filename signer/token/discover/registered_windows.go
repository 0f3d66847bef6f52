package discover

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/windows/registry"
)

// providers is the key with the machine's cryptographic service providers.
const providers = `SOFTWARE\Microsoft\Cryptography\Defaults\Provider`

// registered gives the files of the installed cryptographic service providers,
// of 64 bits and of 32. Makers keep their PKCS #11 module there: X_s.dll stands
// beside X.dll, or the provider is the module itself.
func registered() []string {
	root := os.Getenv("SystemRoot")
	return slices.Concat(
		registeredIn(registry.WOW64_64KEY, filepath.Join(root, "System32")),
		registeredIn(registry.WOW64_32KEY, filepath.Join(root, "SysWOW64")))
}

// registeredIn reads one view of the registry; bare names lie in folder.
func registeredIn(view uint32, folder string) []string {
	root, err := registry.OpenKey(registry.LOCAL_MACHINE, providers, registry.ENUMERATE_SUB_KEYS|view)
	if err != nil {
		return nil
	}
	defer func() { _ = root.Close() }()
	names, err := root.ReadSubKeyNames(-1)
	if err != nil {
		return nil
	}
	var out []string
	for _, name := range names {
		path := imagePath(name, view, folder)
		if path == "" {
			continue
		}
		if n := len(path) - len("_s.dll"); n > 0 && strings.EqualFold(path[n:], "_s.dll") {
			out = append(out, path[:n]+".dll")
		}
		out = append(out, path)
	}
	return out
}

// imagePath reads where one provider's file lies.
func imagePath(provider string, view uint32, folder string) string {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, providers+`\`+provider, registry.QUERY_VALUE|view)
	if err != nil {
		return ""
	}
	defer func() { _ = k.Close() }()
	path, _, err := k.GetStringValue("Image Path")
	if err != nil || path == "" {
		return ""
	}
	if expanded, err := registry.ExpandString(path); err == nil {
		path = expanded
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(folder, path)
	}
	return path
}
