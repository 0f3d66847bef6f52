package remote

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/windows"
)

// pipesVariable tells the helper the numbers of its two inherited handles.
const pipesVariable = "KYSO_TOKEN_PIPES"

// attach lets the command inherit its ends of the pipes, and hides its window.
func attach(cmd *exec.Cmd, in, out *os.File) {
	a, b := syscall.Handle(in.Fd()), syscall.Handle(out.Fd())
	for _, h := range []syscall.Handle{a, b} {
		// A handle that cannot be inherited shows as a helper that ends at once.
		_ = syscall.SetHandleInformation(h, syscall.HANDLE_FLAG_INHERIT, syscall.HANDLE_FLAG_INHERIT)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		HideWindow:                 true,
		CreationFlags:              windows.CREATE_NO_WINDOW,
		AdditionalInheritedHandles: []syscall.Handle{a, b},
	}
	cmd.Env = append(cmd.Env, fmt.Sprintf("%s=%d,%d", pipesVariable, a, b))
}

// Pipes gives the helper its ends of the two pipes, for Serve. Processes that a
// driver starts do not inherit them.
func Pipes() (in, out *os.File, err error) {
	first, second, _ := strings.Cut(os.Getenv(pipesVariable), ",")
	a, errA := strconv.ParseUint(first, 10, 64)
	b, errB := strconv.ParseUint(second, 10, 64)
	if errA != nil || errB != nil {
		return nil, nil, errNotStarted
	}
	for _, h := range []uint64{a, b} {
		if err := windows.SetHandleInformation(windows.Handle(h), windows.HANDLE_FLAG_INHERIT, 0); err != nil {
			return nil, nil, errNotStarted
		}
	}
	return os.NewFile(uintptr(a), "requests"), os.NewFile(uintptr(b), "replies"), nil
}

// Exit ends the process without DllMain of the driver, where some hang.
func Exit(code int) {
	_ = windows.TerminateProcess(windows.CurrentProcess(), uint32(code)) //nolint:gosec // 0 or 1
	os.Exit(code)
}
