package main

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"kyso/app/association"
	"kyso/assets"
)

// reveal opens the folder of a file in the file manager.
func reveal(path string) {
	var c *exec.Cmd
	switch runtime.GOOS {
	case "windows":
		c = exec.Command("explorer.exe", "/select,"+filepath.FromSlash(path)) //nolint:gosec,noctx // it outlives the window
	case "darwin":
		c = exec.Command("open", "-R", path) //nolint:gosec,noctx // as above
	default:
		c = exec.Command("xdg-open", filepath.Dir(path)) //nolint:gosec,noctx // as above
	}
	if err := c.Start(); err != nil {
		slog.Warn("no file manager", slog.String("error", err.Error())) //nolint:sloglint // the program's own log
		return
	}
	go func() { _ = c.Wait() }() // its end means nothing to us
}

// associate puts the program into the menus of the file manager, or takes it out.
func associate(in bool) error {
	if !in {
		return association.Unregister()
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	return association.Register(program, assets.Icon("kyso"))
}

// speakBase gives Fyne's own dialogs the texts of a language. Fyne chooses by
// the system's language, so they are registered under that one.
func speakBase(language string) error {
	for _, l := range []fyne.Locale{lang.SystemLocale(), "en"} {
		if err := lang.AddTranslationsForLocale(assets.Translation(language), l); err != nil {
			return fmt.Errorf("texts of %s: %w", language, err)
		}
	}
	return nil
}
