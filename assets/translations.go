package assets

import "embed"

//go:embed translations/*.json
var translations embed.FS

//go:embed icons/*.svg icons/kyso.png
var icons embed.FS

// Translation returns the texts of a language, "vi" or "en", as JSON. The
// caller owns the bytes.
func Translation(language string) []byte {
	b, err := translations.ReadFile("translations/" + language + ".json")
	if err != nil {
		panic("assets: " + err.Error())
	}
	return b
}

// WindowIcon is the program's icon as a PNG of 256 pixels, for the window and beside the clock: drawing
// it from the SVG would take a tenth of the program's start.
func WindowIcon() []byte {
	b, err := icons.ReadFile("icons/kyso.png")
	if err != nil {
		panic("assets: " + err.Error())
	}
	return b
}

// Icon returns an icon of the program as SVG, by its name without ".svg". The
// caller owns the bytes.
func Icon(name string) []byte {
	b, err := icons.ReadFile("icons/" + name + ".svg")
	if err != nil {
		panic("assets: " + err.Error())
	}
	return b
}
