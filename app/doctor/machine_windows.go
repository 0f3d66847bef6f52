package doctor

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/windows"
)

// refused is how the system says that nobody listens on a port.
const refused = windows.WSAECONNREFUSED

// freeSpace is what is left for this person on the disk of a folder, in bytes.
func freeSpace(dir string) (uint64, error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, fmt.Errorf("free space of %s: %w", dir, err)
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(name, &free, nil, nil); err != nil {
		return 0, fmt.Errorf("free space of %s: %w", dir, err)
	}
	return free, nil
}

// systemName names the version of Windows.
func systemName() string {
	v := windows.RtlGetVersion()
	return fmt.Sprintf("Windows %d.%d.%d", v.MajorVersion, v.MinorVersion, v.BuildNumber)
}

// SystemService asks the service manager for the smart-card service (SCardSvr).
// It needs no rights of an administrator.
func SystemService(context.Context) ServiceState {
	m, err := windows.OpenSCManager(nil, nil, windows.SC_MANAGER_CONNECT)
	if err != nil {
		return ServiceState{Code: "unknown", Detail: err.Error()}
	}
	defer func() { _ = windows.CloseServiceHandle(m) }()
	name, err := windows.UTF16PtrFromString("SCardSvr")
	if err != nil {
		return ServiceState{Code: "unknown", Detail: err.Error()}
	}
	s, err := windows.OpenService(m, name, windows.SERVICE_QUERY_STATUS)
	switch {
	case errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST):
		return ServiceState{Code: "absent", Detail: err.Error()}
	case errors.Is(err, windows.ERROR_ACCESS_DENIED):
		return ServiceState{Code: "denied", Detail: err.Error()}
	case err != nil:
		return ServiceState{Code: "unknown", Detail: err.Error()}
	}
	defer func() { _ = windows.CloseServiceHandle(s) }()
	var status windows.SERVICE_STATUS
	if err := windows.QueryServiceStatus(s, &status); err != nil {
		return ServiceState{Code: "unknown", Detail: err.Error()}
	}
	if status.CurrentState == windows.SERVICE_RUNNING {
		return ServiceState{Code: "running"}
	}
	return ServiceState{Code: "stopped"}
}
