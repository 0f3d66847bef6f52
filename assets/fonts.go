package assets

import "embed"

//go:embed fonts/*.ttf
var fonts embed.FS

// The styles of Liberation Serif: a face with the widths of Times New Roman and
// every Vietnamese letter (SIL Open Font License 1.1, fonts/OFL.txt).

// SerifRegular returns the upright face as a TrueType file. The caller owns the bytes.
func SerifRegular() []byte { return font("LiberationSerif-Regular.ttf") }

// SerifBold returns the bold face as a TrueType file. The caller owns the bytes.
func SerifBold() []byte { return font("LiberationSerif-Bold.ttf") }

// SerifItalic returns the italic face as a TrueType file. The caller owns the bytes.
func SerifItalic() []byte { return font("LiberationSerif-Italic.ttf") }

// SerifBoldItalic returns the bold italic face as a TrueType file. The caller owns the bytes.
func SerifBoldItalic() []byte { return font("LiberationSerif-BoldItalic.ttf") }

// font reads an embedded file. It panics when the file was not built in, which
// the package's tests rule out.
func font(name string) []byte {
	b, err := fonts.ReadFile("fonts/" + name)
	if err != nil {
		panic("assets: " + err.Error())
	}
	return b
}
