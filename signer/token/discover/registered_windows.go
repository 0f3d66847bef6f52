package discover

import (
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows/registry"
)

// providers is the key with the machine's cryptographic service providers.
const providers = `SOFTWARE\Microsoft\Cryptography\Defaults\Provider`

// registered gives the files of the installed cryptographic service providers.
// Makers keep their PKCS #11 module there: X_s.dll stands beside X.dll, or the
// provider is the module itself.
func registered() []string {
	root, err := registry.OpenKey(registry.LOCAL_MACHINE, providers, registry.ENUMERATE_SUB_KEYS)
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
		path := imagePath(name)
		if path == "" {
			continue
		}
		if base, ok := strings.CutSuffix(strings.ToLower(path), "_s.dll"); ok {
			out = append(out, path[:len(base)]+".dll")
		}
		out = append(out, path)
	}
	return out
}

// imagePath reads where one provider's file lies; a bare name lies in System32.
func imagePath(provider string) string {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, providers+`\`+provider, registry.QUERY_VALUE)
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
		path = filepath.Join(os.Getenv("SystemRoot"), "System32", path)
	}
	return path
}
