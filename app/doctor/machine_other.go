//go:build !linux && !windows

package doctor

import (
	"context"
	"runtime"
)

// systemName names the system.
func systemName() string { return runtime.GOOS }

// SystemService does not know the smart-card service of this system.
func SystemService(context.Context) ServiceState { return ServiceState{Code: "unknown"} }
