package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// mostRecent is how many files are remembered.
const mostRecent = 10

// Recent are the files of this computer that the person opened last, the newest
// first. They lie in a file of their own beside the settings and leave with no export.
type Recent struct {
	mu   sync.Mutex
	path string
}

// RecentIn gives the recent files kept in the program's folders.
func RecentIn(f Folders) *Recent { return &Recent{path: filepath.Join(f.Data, "recent.json")} }

// List gives the files that are still there. A list that cannot be read is an
// empty one: it is a convenience, and the next Add makes it anew.
func (r *Recent) List() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(r.read(), func(p string) bool {
		_, err := os.Stat(p)
		return errors.Is(err, fs.ErrNotExist)
	})
}

// Add puts a file, by its absolute path, at the head.
func (r *Recent) Add(path string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := slices.DeleteFunc(r.read(), func(p string) bool { return p == path })
	all = slices.Insert(all, 0, path)
	b, err := json.Marshal(all[:min(len(all), mostRecent)])
	if err == nil {
		err = replace(r.path, b)
	}
	if err != nil {
		return fmt.Errorf("remember what was opened: %w", err)
	}
	return nil
}

// Clear forgets them all.
func (r *Recent) Clear() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := os.Remove(r.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget what was opened: %w", err)
	}
	return nil
}

func (r *Recent) read() []string {
	var all []string
	b, err := os.ReadFile(r.path)
	if err != nil || json.Unmarshal(b, &all) != nil {
		return nil
	}
	return all
}
