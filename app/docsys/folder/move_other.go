//go:build !windows && !linux

package folder

// moveNew moves a file and never replaces one: fs.ErrExist when the name is taken.
func moveNew(from, to string) error { return linkNew(from, to) }
