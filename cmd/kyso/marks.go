package main

import (
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"kyso/app"
	"kyso/app/placement"
	"kyso/app/present"
	"kyso/app/settings"
	"kyso/app/signing"
)

// marks are the pictures of the person's marks, in memory and in the program's folder.
type marks struct {
	app *app.App

	mu  sync.Mutex
	all map[placement.Role]image.Image
}

var _ present.Marks = (*marks)(nil)

// newMarks reads the pictures; one that cannot be read leaves a mark of text.
func newMarks(a *app.App) *marks {
	m := &marks{app: a, all: map[placement.Role]image.Image{}}
	for role, path := range map[placement.Role]string{
		placement.Approval: first(a.Effective.SignatureImage, a.Handover.SignatureImage),
		placement.Initials: first(a.Effective.InitialsImage, a.Handover.InitialsImage),
		placement.Seal:     first(a.Effective.SealImage, a.Handover.SealImage),
	} {
		if path == "" {
			continue
		}
		picture, err := signing.ReadPicture(path)
		if err != nil {
			slog.Warn("no picture for the mark", slog.String("role", string(role)), slog.String("error", err.Error())) //nolint:sloglint // the program's own log
			continue
		}
		m.all[role] = picture
	}
	return m
}

// Mark gives the picture of a role.
func (m *marks) Mark(r placement.Role) image.Image {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.all[r]
}

// KeepMark writes the picture and has the settings name it.
func (m *marks) KeepMark(r placement.Role, picture image.Image) error {
	path := present.MarkFile(m.app.Folders.Data, r)
	if err := writePicture(path, picture); err != nil {
		return err
	}
	if err := m.name(r, path); err != nil {
		return err
	}
	m.set(r, picture)
	return nil
}

// DropMark takes the picture away; a file that lies elsewhere is the person's and stays.
func (m *marks) DropMark(r placement.Role) error {
	if err := m.name(r, ""); err != nil {
		return err
	}
	m.set(r, nil)
	if err := os.Remove(present.MarkFile(m.app.Folders.Data, r)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the picture: %w", err)
	}
	return nil
}

func (m *marks) set(r placement.Role, picture image.Image) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if picture == nil {
		delete(m.all, r)
		return
	}
	m.all[r] = picture
}

// name has the settings name a picture's file.
func (m *marks) name(r placement.Role, path string) error {
	return m.app.Keep(func(s *settings.Settings) {
		switch r {
		case placement.Initials:
			s.InitialsImage = path
		case placement.Seal:
			s.SealImage = path
		case placement.Approval, placement.Appendix, placement.Copy:
			s.SignatureImage = path
		}
	})
}

// writePicture writes a PNG: the old file or the new one is there.
func writePicture(path string, picture image.Image) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("keep the picture: %w", err)
	}
	t, err := os.CreateTemp(filepath.Dir(path), ".mark-*")
	if err != nil {
		return fmt.Errorf("keep the picture: %w", err)
	}
	defer os.Remove(t.Name()) //nolint:errcheck // gone after the rename
	err = png.Encode(t, picture)
	err = errors.Join(err, t.Sync(), t.Close())
	if err == nil {
		err = os.Rename(t.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("keep the picture: %w", err)
	}
	return nil
}
