package main

import (
	"fmt"
	"os"
	"runtime"

	"github.com/go-gl/glfw/v3.4/glfw"
)

// The reasons why no window can be shown.
var (
	errNoDisplay error = startError{"no-display", "no display"}
	errNoOpenGL  error = startError{"no-opengl", "no OpenGL"}
)

// startError is an error that names the message a person reads.
type startError struct{ code, text string }

func (e startError) Error() string { return e.text }

// ExplainCode names the message (package explain).
func (e startError) ExplainCode() string { return e.code }

// preflight makes and destroys a hidden window with the context that the real
// one needs. Without it, a missing OpenGL ends in a crash on Linux, and on
// Windows in a process that shows nothing and never ends.
func preflight(env func(string) string) (err error) {
	if runtime.GOOS == "linux" {
		if env("DISPLAY") == "" && env("WAYLAND_DISPLAY") == "" {
			return errNoDisplay
		}
		// Native Wayland has no input method for Vietnamese.
		if env("DISPLAY") != "" && env("FYNE_PLATFORM") == "" {
			if err := os.Setenv("FYNE_PLATFORM", "x11"); err != nil {
				return fmt.Errorf("choose the display: %w", err)
			}
			glfw.InitHint(glfw.PlatformHint, int(glfw.PlatformX11))
		}
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errNoOpenGL, p)
		}
	}()
	if err := glfw.Init(); err != nil {
		return fmt.Errorf("%w: %w", errNoDisplay, err)
	}
	defer glfw.Terminate()
	glfw.WindowHint(glfw.Visible, glfw.False)
	contextHints()
	w, err := glfw.CreateWindow(64, 64, "", nil, nil)
	if err != nil {
		return fmt.Errorf("%w: %w", errNoOpenGL, err)
	}
	w.Destroy()
	return nil
}
