//go:build gles

package main

import "github.com/go-gl/glfw/v3.4/glfw"

// contextHints asks for the context that Fyne asks for: OpenGL ES 2.0.
func contextHints() {
	glfw.WindowHint(glfw.ClientAPI, glfw.OpenGLESAPI)
	glfw.WindowHint(glfw.ContextVersionMajor, 2)
	glfw.WindowHint(glfw.ContextVersionMinor, 0)
}
