//go:build !windows

package remote

import (
	"os"
	"os/exec"
	"syscall"
)

// The helper's ends of the pipes.
const (
	inDescriptor  = 3
	outDescriptor = 4
)

// attach gives the command its ends of the pipes as descriptors 3 and 4.
func attach(cmd *exec.Cmd, in, out *os.File) { cmd.ExtraFiles = []*os.File{in, out} }

// Pipes gives the helper its ends of the two pipes, for Serve. Processes that a
// driver starts do not inherit them.
func Pipes() (in, out *os.File, err error) {
	for _, d := range []int{inDescriptor, outDescriptor} {
		var st syscall.Stat_t
		if err := syscall.Fstat(d, &st); err != nil {
			return nil, nil, errNotStarted
		}
		syscall.CloseOnExec(d)
	}
	return os.NewFile(inDescriptor, "requests"), os.NewFile(outDescriptor, "replies"), nil
}

// Exit ends the process without running a driver's own clean-up.
func Exit(code int) {
	os.Exit(code) //nolint:revive // for the helper's main: elsewhere it is TerminateProcess
}
