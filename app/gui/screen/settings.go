package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
)

// SettingsState is what the settings show.
type SettingsState struct {
	Language   words.Language
	Appearance theme.Appearance
	// Server, Person, Folder and Version inform.
	Server, Person, Folder, Version string
}

// SettingsActs are what the person can change.
type SettingsActs struct {
	Language   func(words.Language)
	Appearance func(theme.Appearance)
}

// NewSettings makes the screen of settings.
func NewSettings(w *words.Words, s SettingsState, a SettingsActs) fyne.CanvasObject {
	languages := []words.Language{words.Vietnamese, words.English}
	names := []string{"Tiếng Việt", "English"}
	language := widget.NewRadioGroup(names, nil)
	language.Horizontal = true
	for i, l := range languages {
		if l == s.Language {
			language.SetSelected(names[i])
		}
	}
	language.OnChanged = func(text string) {
		for i, n := range names {
			if n == text {
				a.Language(languages[i])
			}
		}
	}
	looks := []theme.Appearance{theme.Light, theme.Dark, theme.System}
	lookNames := []string{w.T("settings.light"), w.T("settings.dark"), w.T("settings.system")}
	look := widget.NewRadioGroup(lookNames, nil)
	look.Horizontal = true
	for i, l := range looks {
		if l == s.Appearance || (s.Appearance == "" && l == theme.Light) {
			look.SetSelected(lookNames[i])
		}
	}
	look.OnChanged = func(text string) {
		for i, n := range lookNames {
			if n == text {
				a.Appearance(looks[i])
			}
		}
	}
	server := s.Server
	if server == "" {
		server = w.T("settings.noserver")
	}
	chosen := control.NewPanel(container.NewVBox(subheading(w.T("settings.language")), language, subheading(w.T("settings.look")), look))
	facts := widget.NewForm(
		widget.NewFormItem(w.T("settings.server"), wrapped(server)),
		widget.NewFormItem(w.T("settings.person"), wrapped(s.Person)),
		widget.NewFormItem(w.T("settings.folder"), wrapped(s.Folder)),
		widget.NewFormItem(w.T("settings.version"), wrapped(s.Version)),
	)
	about := control.NewPanel(container.NewVBox(subheading(w.T("settings.about")), facts))
	body := container.NewVBox(head(heading(w.T("settings.title")), quiet(w.T("settings.sub"))), chosen, about)
	return container.NewVScroll(padded(body, 8, 20))
}
