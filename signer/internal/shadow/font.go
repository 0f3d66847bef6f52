package shadow

import "kyso/signer/internal/pdf"

// wholeFont is the size in bytes from which a font that is no subset is told:
// it has letters for any other text.
const wholeFont = 128 << 10

// fonts looks at the fonts of a page (ISO 32000-2, 9.9): those that the file
// does not hold come from the reader's computer, and those that it holds whole
// can show any other text after a small update.
func (l *survey) fonts(resources *pdf.Dict, page int) {
	fonts := l.f.Dict(resources.Get("Font"))
	for i, k := range fonts.Keys() {
		if i >= 256 {
			return
		}
		l.font(l.f.Dict(fonts.Get(k)), page)
	}
}

func (l *survey) font(d *pdf.Dict, page int) {
	if d == nil || l.f.Name(d.Get("Subtype")) == "Type3" {
		return
	}
	holder := d
	if below := l.f.Array(d.Get("DescendantFonts")); len(below) > 0 {
		holder = l.f.Dict(below[0])
	}
	descriptor := l.f.Dict(holder.Get("FontDescriptor"))
	name := string(l.f.Name(d.Get("BaseFont")))
	var file *pdf.Stream
	for _, k := range []string{"FontFile", "FontFile2", "FontFile3"} {
		if s, ok := l.f.Resolve(descriptor.Get(k)).(*pdf.Stream); ok {
			file = s
		}
	}
	if file == nil {
		l.add(CodeFontMissing, page, "the font %s is not in the file", name)
		return
	}
	size, _ := l.f.Int(file.Dict.Get("Length1"))
	if size >= wholeFont && !subset(name) {
		l.add(CodeFont, page, "the font %s is in the file with all its letters", name)
	}
}

// subset reports a font name with the tag of a subset: six capitals and a plus
// sign (ISO 32000-2, 9.9.2).
func subset(name string) bool {
	if len(name) < 7 || name[6] != '+' {
		return false
	}
	for i := range 6 {
		if name[i] < 'A' || name[i] > 'Z' {
			return false
		}
	}
	return true
}
