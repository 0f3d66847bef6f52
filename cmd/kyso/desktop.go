package main

import (
	"fmt"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"kyso/app/association"
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
