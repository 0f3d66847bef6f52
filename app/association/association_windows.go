package association

import (
	"errors"
	"fmt"

	"golang.org/x/sys/windows/registry"
)

// The keys under HKEY_CURRENT_USER: the menu of PDF files whatever opens them,
// and the list of "open with".
const (
	verbKey = `Software\Classes\SystemFileAssociations\.pdf\shell\` + id
	openKey = `Software\Classes\Applications\kyso.exe`
)

// value is one value of the registry; an empty name is the key's own.
type value struct{ key, name, text string }

// Register offers the program at path in Explorer's menu of PDF files. The icon is
// that of the program itself. A second call replaces what the first wrote.
func Register(program string, _ []byte) error {
	command := `"` + program + `" "%1"`
	for _, v := range []value{
		{verbKey, "", menuText},
		{verbKey, "Icon", program},
		{verbKey + `\command`, "", command},
		{openKey, "FriendlyAppName", name},
		{openKey + `\shell\open\command`, "", command},
		{openKey + `\SupportedTypes`, ".pdf", ""},
	} {
		if err := v.write(); err != nil {
			return fmt.Errorf("register with Explorer: %w", err)
		}
	}
	return nil
}

// write writes the value and the keys above it.
func (v value) write() error {
	k, _, err := registry.CreateKey(registry.CURRENT_USER, v.key, registry.SET_VALUE)
	if err != nil {
		return err //nolint:wrapcheck // wrapped by Register
	}
	return errors.Join(k.SetStringValue(v.name, v.text), k.Close())
}

// Unregister takes back what Register wrote; what is not there is no error.
func Unregister() error {
	for _, key := range []string{
		verbKey + `\command`, verbKey,
		openKey + `\shell\open\command`, openKey + `\shell\open`, openKey + `\shell`, openKey + `\SupportedTypes`, openKey,
	} {
		if err := registry.DeleteKey(registry.CURRENT_USER, key); err != nil && !errors.Is(err, registry.ErrNotExist) {
			return fmt.Errorf("leave Explorer: %w", err)
		}
	}
	return nil
}
