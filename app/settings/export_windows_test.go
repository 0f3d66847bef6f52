package settings

import "golang.org/x/sys/windows"

// OnlyAdministrators judges a file whose rights are written in SDDL.
func OnlyAdministrators(sddl string) (bool, error) {
	sd, err := windows.SecurityDescriptorFromString(sddl)
	if err != nil {
		return false, err
	}
	return onlyAdministrators(sd), nil
}
