package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"kyso/app/docsys"
	"kyso/app/doctor"
	"kyso/app/explain"
	"kyso/app/present"
)

// clinic is the doctor as the window sees it.
type clinic struct{ join *join }

// Check looks at this machine and at the window's screen.
func (c clinic) Check(ctx context.Context, s present.Screen, told func(doctor.Progress)) doctor.Report {
	config := c.join.app.Checkup(appVersion)
	config.Screen = doctor.Screen(s)
	return doctor.Run(ctx, config, told)
}

// Language is the person's.
func (c clinic) Language() explain.Language { return c.join.lang }

// Save writes the support file into the person's folder of downloads, under a
// name that is free.
func (c clinic) Save(r doctor.Report) (string, error) {
	dir := downloads(c.join.app.Folders.Data)
	base := "kyso-ho-tro-" + r.Began.In(docsys.Hanoi()).Format("20060102-1504")
	for n := 1; ; n++ {
		name := base + ".zip"
		if n > 1 {
			name = base + "-" + strconv.Itoa(n) + ".zip"
		}
		path := filepath.Join(dir, name)
		if err := r.SaveZip(path, c.join.lang); !errors.Is(err, fs.ErrExist) {
			return path, err
		}
	}
}

// downloads is where the person finds files again: the folder of downloads, else
// the home, else the program's own.
func downloads(own string) string {
	home, err := os.UserHomeDir()
	if err != nil {
		return own
	}
	for _, dir := range []string{xdgDownloads(home), filepath.Join(home, "Downloads"), home} {
		if st, err := os.Stat(dir); dir != "" && err == nil && st.IsDir() {
			return dir
		}
	}
	return own
}

// xdgDownloads reads the folder's name on Linux, where it is in the desktop's
// language (user-dirs.dirs); empty where there is none.
func xdgDownloads(home string) string {
	config, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	b, err := os.ReadFile(filepath.Join(config, "user-dirs.dirs"))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "XDG_DOWNLOAD_DIR="); ok {
			return strings.Replace(strings.Trim(v, `"`), "$HOME", home, 1)
		}
	}
	return ""
}

// keepLog has the program's log kept in its folder, for the support file; a log
// that cannot be opened costs only that. The caller ends it.
func keepLog(folder string) (end func()) {
	beside := slog.NewTextHandler(os.Stderr, nil)
	l, err := doctor.OpenLog(folder, beside)
	if err != nil {
		slog.New(beside).Warn("no log is kept", slog.String("error", err.Error()))
		return func() {}
	}
	slog.SetDefault(slog.New(l))
	return func() {
		slog.SetDefault(slog.New(beside))
		_ = l.Close() // what was written is there
	}
}
