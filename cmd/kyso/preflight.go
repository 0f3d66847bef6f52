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

// preflight makes a hidden window with the context that the real one needs.
// Without it, a missing OpenGL ends in a crash on Linux, and on Windows in a
// process that shows nothing and never ends.
//
// The caller destroys it by release once the real window is there: until then it
// keeps the driver loaded, which is most of the time that a window takes.
func preflight(env func(string) string) (release func(), err error) {
	if runtime.GOOS == "linux" {
		if env("DISPLAY") == "" && env("WAYLAND_DISPLAY") == "" {
			return nil, errNoDisplay
		}
		// Native Wayland has no input method for Vietnamese.
		if env("DISPLAY") != "" && env("FYNE_PLATFORM") == "" {
			if err := os.Setenv("FYNE_PLATFORM", "x11"); err != nil {
				return nil, fmt.Errorf("choose the display: %w", err)
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
		return nil, fmt.Errorf("%w: %w", errNoDisplay, err)
	}
	glfw.WindowHint(glfw.Visible, glfw.False) // the hints are those that Fyne sets, too
	contextHints()
	w, err := glfw.CreateWindow(64, 64, "", nil, nil)
	if err != nil {
		glfw.Terminate()
		return nil, fmt.Errorf("%w: %w", errNoOpenGL, err)
	}
	return w.Destroy, nil
}
