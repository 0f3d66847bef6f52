package present

import (
	"context"
	"path/filepath"
	"slices"
)

// RecentFiles keeps which files of this computer were opened last, the newest
// first; *settings.Recent does.
type RecentFiles interface {
	List() []string
	Add(path string) error
	Clear() error
}

// RecentFile is one of them.
type RecentFile struct{ Name, Folder string }

// Recent is the presenter of the files that were opened last.
type Recent struct {
	services *Services
	loop     Loop
	paths    []string

	// Changed is told the files; Open is asked to open one.
	Changed func([]RecentFile)
	Open    func(path string)
}

func newRecent(s *Services, l Loop) *Recent {
	return &Recent{services: s, loop: l, Changed: func([]RecentFile) {}, Open: func(string) {}}
}

// State gives the files as they are.
func (r *Recent) State() []RecentFile {
	files := make([]RecentFile, len(r.paths))
	for i, p := range r.paths {
		files[i] = RecentFile{Name: filepath.Base(p), Folder: filepath.Dir(p)}
	}
	return files
}

// Refresh looks which of the files are still there.
func (r *Recent) Refresh() { r.after(func() error { return nil }) }

// Choose opens a file of the list.
func (r *Recent) Choose(i int) {
	if i >= 0 && i < len(r.paths) {
		r.Open(r.paths[i])
	}
}

// Clear forgets them all.
func (r *Recent) Clear() {
	if r.services.Recent != nil {
		r.after(r.services.Recent.Clear)
	}
}

// opened remembers a file.
func (r *Recent) opened(path string) {
	if r.services.Recent != nil {
		r.after(func() error { return r.services.Recent.Add(path) })
	}
}

// after changes the list and shows what it is then. A list that cannot be kept
// is no reason to disturb anybody: it stays as it was.
func (r *Recent) after(change func() error) {
	if r.services.Recent == nil {
		return
	}
	r.loop.Go(func(context.Context) func() {
		if change() != nil {
			return func() {}
		}
		paths := r.services.Recent.List()
		return func() {
			if !slices.Equal(paths, r.paths) {
				r.paths = paths
				r.Changed(r.State())
			}
		}
	})
}
