package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// codeView is a code to type on another device, large, and where.
type codeView struct {
	words   *words.Words
	copied  func(text string)
	panel   *control.Panel
	code    *control.Text
	address *widget.Label
	buttons [2]*control.Button
	shown   present.SettingsAsk
}

// newCodeView makes an empty one; copied is told what the person wants in the clipboard.
func newCodeView(w *words.Words, copied func(string)) *codeView {
	v := &codeView{
		words: w, copied: copied, address: wrapped(""),
		code: control.NewText("", base.ColorNameForeground, theme.SizeHero, fyne.TextStyle{Bold: true}).Whole().Aligned(fyne.TextAlignCenter),
	}
	v.address.Alignment = fyne.TextAlignCenter
	icon := control.Icon("copy", base.ColorNameForeground)
	v.buttons[0] = control.NewButtonWithIcon("", icon, func() { v.copyText(0, v.shown.Code) })
	v.buttons[1] = control.NewButtonWithIcon("", icon, func() { v.copyText(1, v.shown.Address) })
	buttons := container.NewHBox(layout.NewSpacer(), v.buttons[1], v.buttons[0], layout.NewSpacer())
	v.panel = control.NewPanel(container.New(layout.NewCustomPaddedVBoxLayout(8), v.address, v.code, buttons))
	v.panel.Hide()
	return v
}

// set shows the code of a question; one without a code takes no room.
func (v *codeView) set(a present.SettingsAsk) {
	if a.Code != v.shown.Code || a.Code == "" {
		v.buttons[0].SetText(v.words.T("settings.identity.copycode"))
		v.buttons[1].SetText(v.words.T("settings.identity.copyaddress"))
	}
	v.shown = a
	v.code.Set(a.Code)
	v.address.SetText(a.Address)
	show(v.panel, a.Code != "")
}

// copyText copies a text and says so on its button.
func (v *codeView) copyText(button int, text string) {
	v.copied(text)
	v.buttons[button].SetText(v.words.T("settings.identity.copied"))
}
