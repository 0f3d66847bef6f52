package settings

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// administrators reports that nobody but an administrator can change the file: it
// belongs to the administrators or the system, and gives nobody else the right to. That
// the person who runs the program cannot write it would not do: everybody can make
// a file in ProgramData that others cannot write, or that is marked as read-only.
func administrators(path string) bool {
	sd, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
	return err == nil && onlyAdministrators(sd)
}

// changing are the rights by which a file is changed, replaced or given away.
const changing = windows.FILE_WRITE_DATA | windows.FILE_APPEND_DATA | windows.DELETE | windows.WRITE_DAC | windows.WRITE_OWNER |
	windows.GENERIC_WRITE | windows.GENERIC_ALL

// onlyAdministrators judges the owner of a file and the list of who may do what. A file
// without a list is everybody's.
func onlyAdministrators(sd *windows.SECURITY_DESCRIPTOR) bool {
	owner, _, err := sd.Owner()
	if err != nil || owner == nil || !trusted(owner) {
		return false
	}
	list, _, err := sd.DACL()
	if err != nil || list == nil {
		return false
	}
	for i := range uint32(list.AceCount) {
		var entry *windows.ACCESS_ALLOWED_ACE
		if windows.GetAce(list, i, &entry) != nil {
			return false
		}
		switch {
		case entry.Header.AceType == windows.ACCESS_DENIED_ACE_TYPE, entry.Header.AceFlags&windows.INHERIT_ONLY_ACE != 0:
		case entry.Header.AceType != windows.ACCESS_ALLOWED_ACE_TYPE: // with a condition: it may hold
			return false
		case entry.Mask&changing != 0 && !trusted((*windows.SID)(unsafe.Pointer(&entry.SidStart))): //nolint:gosec // the layout of the entry
			return false
		}
	}
	return true
}

// trusted reports the administrators, the system, its installer, and whoever owns the file.
func trusted(who *windows.SID) bool {
	if who.IsWellKnown(windows.WinBuiltinAdministratorsSid) || who.IsWellKnown(windows.WinLocalSystemSid) {
		return true
	}
	switch who.String() {
	case "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464", // TrustedInstaller
		"S-1-3-4": // OWNER RIGHTS, in a list
		return true
	}
	return false
}
