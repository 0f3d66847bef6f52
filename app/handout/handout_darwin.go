package handout

import (
	"context"
	"errors"
)

// CanDrag reports that files can be dragged out of the window here.
func CanDrag() bool { return false }

// Drag is files on their way to another program's window.
type Drag struct{}

// Begin is not possible here: CanDrag says so.
func Begin([]string) (*Drag, error) { return nil, errors.ErrUnsupported }

// Move tells that the pointer moved.
func (*Drag) Move() {}

// Drop tells that the button was let go.
func (*Drag) Drop() {}

// Wait reports whether another program took the files.
func (*Drag) Wait(context.Context) (bool, error) { return false, errors.ErrUnsupported }

// Clipboard would put files on the clipboard.
type Clipboard struct{}

// Copy is not possible here.
func (*Clipboard) Copy([]string) error { return ErrNoClipboard }

// Close does nothing here.
func (*Clipboard) Close() {}
