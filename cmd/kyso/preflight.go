package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/go-gl/glfw/v3.4/glfw"

	"kyso/app/explain"
)

// The reasons why no window can be shown.
var (
	errNoDisplay = errors.New("no display")
	errNoOpenGL  = errors.New("no OpenGL")
)

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

// displayMessage explains what preflight found.
func displayMessage(err error, lang explain.Language) (explain.Message, bool) {
	var m explain.Message
	switch {
	case errors.Is(err, errNoDisplay) && lang == explain.English:
		m = explain.Message{
			Title: "The window cannot be shown.", Cause: "There is no display: neither DISPLAY nor WAYLAND_DISPLAY leads to one.",
			Next: "Start the program from the desktop, or use kysoctl in the terminal.",
		}
	case errors.Is(err, errNoDisplay):
		m = explain.Message{
			Title: "Không mở được cửa sổ.", Cause: "Máy không có màn hình đồ họa: DISPLAY và WAYLAND_DISPLAY đều không dùng được.",
			Next: "Hãy chạy chương trình từ màn hình làm việc, hoặc dùng lệnh kysoctl trong cửa sổ dòng lệnh.",
		}
	case errors.Is(err, errNoOpenGL) && lang == explain.English:
		m = explain.Message{
			Title: "The window cannot be shown.", Cause: "This computer has no OpenGL 2 that works; this is common on virtual machines and remote desktops.",
			Next: "Update the graphics driver, or install the variant of the program with its own OpenGL (Mesa). kysoctl works without.",
		}
	case errors.Is(err, errNoOpenGL):
		m = explain.Message{
			Title: "Không mở được cửa sổ.", Cause: "Máy này không có OpenGL 2 dùng được; thường gặp trên máy ảo và khi kết nối từ xa.",
			Next: "Hãy cập nhật trình điều khiển đồ họa, hoặc cài bản có kèm OpenGL (Mesa). Lệnh kysoctl vẫn dùng được.",
		}
	default:
		return m, false
	}
	m.Detail = err.Error()
	return m, true
}
