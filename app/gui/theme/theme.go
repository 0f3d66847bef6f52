// Package theme has the colours and sizes of the window, light and dark: calm,
// with good contrast, in sizes that a reader of fifty-five is at ease with.
package theme

import (
	"image/color"

	"fyne.io/fyne/v2"
	base "fyne.io/fyne/v2/theme"
)

// The colours that this program has beyond Fyne's.
const (
	ColorSurface     fyne.ThemeColorName = "kyso.surface" // cards and rows
	ColorMuted       fyne.ThemeColorName = "kyso.muted"   // second lines
	ColorNav         fyne.ThemeColorName = "kyso.nav"
	ColorNavText     fyne.ThemeColorName = "kyso.nav.text"
	ColorNavMuted    fyne.ThemeColorName = "kyso.nav.muted"
	ColorNavSelected fyne.ThemeColorName = "kyso.nav.selected"
	ColorDesk        fyne.ThemeColorName = "kyso.desk" // around the pages
	ColorGood        fyne.ThemeColorName = "kyso.good"
	ColorGoodBack    fyne.ThemeColorName = "kyso.good.back"
	ColorCaution     fyne.ThemeColorName = "kyso.caution"
	ColorCautionBack fyne.ThemeColorName = "kyso.caution.back"
	ColorBad         fyne.ThemeColorName = "kyso.bad"
	ColorBadBack     fyne.ThemeColorName = "kyso.bad.back"
	ColorQuiet       fyne.ThemeColorName = "kyso.quiet"
	ColorQuietBack   fyne.ThemeColorName = "kyso.quiet.back"
	ColorPlain       fyne.ThemeColorName = "kyso.plain"
	ColorPlainBack   fyne.ThemeColorName = "kyso.plain.back"
)

// The sizes that this program has beyond Fyne's.
const (
	SizeHero  fyne.ThemeSizeName = "kyso.hero"  // the rate
	SizeSmall fyne.ThemeSizeName = "kyso.small" // chips
)

// Appearance chooses between light and dark.
type Appearance string

// The appearances. System follows the desktop; a choice never made is Light,
// since many desktops do not say what they are.
const (
	Light  Appearance = "light"
	Dark   Appearance = "dark"
	System Appearance = "system"
)

// Theme is the program's theme.
type Theme struct {
	Appearance Appearance
	// Scale enlarges the texts; 0 is 1.
	Scale float32
}

// Of makes the theme of settings: appearance and size of text by their names there.
func Of(appearance, size string) Theme {
	t := Theme{Appearance: Appearance(appearance)}
	switch size {
	case "large":
		t.Scale = 1.15
	case "largest":
		t.Scale = 1.3
	}
	return t
}

var _ fyne.Theme = Theme{}

// rgb makes an opaque colour of 0xRRGGBB.
func rgb(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xff} //nolint:gosec // the low bytes are meant
}

// pair is a colour in the light and in the dark.
type pair struct{ light, dark uint32 }

// palette has the colours that differ from Fyne's own.
//
//nolint:gochecknoglobals // a constant table
var palette = map[fyne.ThemeColorName]pair{
	base.ColorNameBackground:          {0xF3F5F8, 0x12171E},
	base.ColorNameForeground:          {0x17212D, 0xE6ECF3},
	base.ColorNamePrimary:             {0x1B5FAA, 0x4F93DE},
	base.ColorNameForegroundOnPrimary: {0xFFFFFF, 0x07121F},
	base.ColorNameHyperlink:           {0x1B5FAA, 0x7DB4F0},
	base.ColorNameButton:              {0xE2E8F0, 0x2A3441},
	base.ColorNameDisabledButton:      {0xE6EAEF, 0x222A34},
	base.ColorNameDisabled:            {0x6B7888, 0x8593A3},
	base.ColorNamePlaceHolder:         {0x66758A, 0x8C9BAD},
	base.ColorNameInputBackground:     {0xFFFFFF, 0x0E131A},
	base.ColorNameInputBorder:         {0x768AA0, 0x66788F},
	base.ColorNameSeparator:           {0xDCE2EA, 0x2C3643},
	base.ColorNameOverlayBackground:   {0xFFFFFF, 0x1B222C},
	base.ColorNameMenuBackground:      {0xFFFFFF, 0x1B222C},
	base.ColorNameHeaderBackground:    {0xE9EEF4, 0x1B222C},
	base.ColorNameError:               {0xB42318, 0xFF8A7D},
	base.ColorNameSuccess:             {0x1A7A48, 0x63C790},
	base.ColorNameWarning:             {0x8A5A00, 0xF1C25A},
	ColorSurface:                      {0xFFFFFF, 0x1B222C},
	ColorMuted:                        {0x506075, 0xA3B2C4},
	ColorNav:                          {0x14345F, 0x0C1118},
	ColorNavText:                      {0xFFFFFF, 0xE6ECF3},
	ColorNavMuted:                     {0xB9CBE3, 0x93A4B8},
	ColorNavSelected:                  {0x2A5490, 0x22304A},
	ColorDesk:                         {0xDDE3EA, 0x0C1015},
	ColorGood:                         {0x14693D, 0x63C790},
	ColorGoodBack:                     {0xE1F3E8, 0x15301F},
	ColorCaution:                      {0x7A4E00, 0xF1C25A},
	ColorCautionBack:                  {0xFFF1C9, 0x3A2E12},
	ColorBad:                          {0xA61B12, 0xFF9488},
	ColorBadBack:                      {0xFDE7E5, 0x3D1916},
	ColorQuiet:                        {0x44546A, 0xB5C3D2},
	ColorQuietBack:                    {0xE9EEF4, 0x29333F},
	ColorPlain:                        {0x1A4F8F, 0x8DBDF3},
	ColorPlainBack:                    {0xE3EEFA, 0x182C44},
}

// veils has the colours that let what lies under them shine through.
//
//nolint:gochecknoglobals // a constant table
var veils = map[fyne.ThemeColorName][2]color.NRGBA{
	base.ColorNameHover:     {{0x1B, 0x5F, 0xAA, 0x14}, {0x8D, 0xBD, 0xF3, 0x1C}},
	base.ColorNamePressed:   {{0x1B, 0x5F, 0xAA, 0x28}, {0x8D, 0xBD, 0xF3, 0x30}},
	base.ColorNameFocus:     {{0x1B, 0x5F, 0xAA, 0x50}, {0x4F, 0x93, 0xDE, 0x70}},
	base.ColorNameSelection: {{0x1B, 0x5F, 0xAA, 0x24}, {0x4F, 0x93, 0xDE, 0x3C}},
	base.ColorNameShadow:    {{0x0A, 0x1A, 0x30, 0x60}, {0x00, 0x00, 0x00, 0x90}},
	base.ColorNameScrollBar: {{0x17, 0x21, 0x2D, 0x70}, {0xE6, 0xEC, 0xF3, 0x70}},
}

// Color gives a colour by name.
func (t Theme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	switch t.Appearance {
	case Dark:
		variant = base.VariantDark
	case System:
	default:
		variant = base.VariantLight
	}
	dark := variant == base.VariantDark
	if p, ok := palette[name]; ok {
		if dark {
			return rgb(p.dark)
		}
		return rgb(p.light)
	}
	if v, ok := veils[name]; ok {
		if dark {
			return v[1]
		}
		return v[0]
	}
	return base.DefaultTheme().Color(name, variant)
}

// Size gives a size by name, in window units.
func (t Theme) Size(name fyne.ThemeSizeName) float32 {
	size := usual(name)
	switch name {
	case base.SizeNameText, base.SizeNameHeadingText, base.SizeNameSubHeadingText, base.SizeNameCaptionText, SizeSmall, SizeHero, base.SizeNameInlineIcon:
		if t.Scale > 0 {
			size *= t.Scale
		}
	}
	return size
}

// usual is a size without a choice of the person.
func usual(name fyne.ThemeSizeName) float32 {
	switch name {
	case base.SizeNameText:
		return 16
	case base.SizeNameHeadingText:
		return 25
	case base.SizeNameSubHeadingText:
		return 19
	case base.SizeNameCaptionText:
		return 14
	case SizeSmall:
		return 14
	case SizeHero:
		return 42
	case base.SizeNamePadding:
		return 5
	case base.SizeNameInnerPadding:
		return 9
	case base.SizeNameInputRadius, base.SizeNameSelectionRadius:
		return 7
	case base.SizeNameScrollBar:
		return 14
	case base.SizeNameScrollBarSmall:
		return 6
	case base.SizeNameModalBlurRadius:
		return 0 // dimmed is enough, and a page behind a dialog stays readable
	}
	return base.DefaultTheme().Size(name)
}

// Font gives Fyne's own faces: they have every Vietnamese letter.
func (t Theme) Font(style fyne.TextStyle) fyne.Resource { return base.DefaultTheme().Font(style) }

// Icon gives Fyne's own icons.
func (t Theme) Icon(name fyne.ThemeIconName) fyne.Resource { return base.DefaultTheme().Icon(name) }
