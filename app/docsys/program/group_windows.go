package program

import (
	"os/exec"
	"syscall"
)

// ownGroup shows no console. A kill ends the program; children that it started
// are its own business there.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true} }
