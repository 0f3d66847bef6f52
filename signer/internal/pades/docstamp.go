package pades

import (
	"fmt"

	"kyso/signer/internal/pdf"
)

// PrepareStamp writes, in memory, an update with room for a document time stamp
// (ISO 32000-2, 12.8.5; EN 319 142-1, 5.4.3). It covers the whole file as it is
// then. No certification and no lock forbids it (ISO 32000-2, 12.8.2.2).
func PrepareStamp(f *pdf.File, room int) (*Prepared, error) {
	p := &preparation{f: f, u: f.Update(), o: Options{Room: room, Field: stampName(f)}, claims: Claims(f)}
	if err := p.chooseField(); err != nil {
		return nil, err
	}
	if err := p.newField(); err != nil {
		return nil, err
	}
	return p.write(pdf.NewDict(
		"Type", pdf.Name("DocTimeStamp"),
		"Filter", pdf.Name("Adobe.PPKLite"),
		"SubFilter", pdf.Name("ETSI.RFC3161"),
		"V", pdf.Int(0),
	))
}

// stampName is a name that no field of the form has.
func stampName(f *pdf.File) string {
	taken := map[string]bool{}
	for _, s := range f.SignatureFields() {
		taken[s.Name] = true
	}
	for _, v := range f.Array(f.Dict(f.Catalog().Get("AcroForm")).Get("Fields")) {
		taken[f.Text(f.Dict(v).Get("T"))] = true
	}
	for i := 1; ; i++ {
		if name := fmt.Sprintf("TimeStamp%d", i); !taken[name] {
			return name
		}
	}
}
