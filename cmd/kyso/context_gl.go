//go:build !gles

package main

import "github.com/go-gl/glfw/v3.4/glfw"

// contextHints asks for the context that Fyne asks for: OpenGL 2.1.
func contextHints() {
	glfw.WindowHint(glfw.ContextVersionMajor, 2)
	glfw.WindowHint(glfw.ContextVersionMinor, 1)
}
