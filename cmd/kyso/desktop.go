package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"kyso/app/association"
	"kyso/app/gui"
	"kyso/app/tray"
	"kyso/assets"
)

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

// notify gives what the window calls to show a passing note of the desktop.
func (j *join) notify(a fyne.App) func(title, text string, then func()) {
	return func(title, text string, then func()) {
		j.loop.Go(func(ctx context.Context) func() { // the desktop may take its time
			a.SendNotification(fyne.NewNotification(title, text))
			if then != nil {
				linger(ctx)
			}
			return then
		})
	}
}

// linger waits until a note is surely shown where another program shows it, which
// Fyne starts and does not wait for.
func linger(ctx context.Context) {
	if runtime.GOOS != "windows" {
		return
	}
	const shown = 5 * time.Second
	ctx, cancel := context.WithTimeout(ctx, shown)
	defer cancel()
	<-ctx.Done()
}

// tray gives what the window calls to show its icon beside the clock.
func (j *join) tray(icon *tray.Icon) func([]gui.TrayItem) {
	return func(menu []gui.TrayItem) {
		items := make([]tray.Item, len(menu))
		for n, m := range menu {
			items[n].Text = m.Text
			if m.Do != nil {
				items[n].Do = func() { j.loop.Tell(m.Do) }
			}
		}
		icon.Show(assets.WindowIcon(), appName, items)
	}
}
