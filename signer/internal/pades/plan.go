// Package pades puts a signature into a PDF document in steps that can be
// taken apart: look (Inspect), Prepare the update in memory, Copy and digest the
// file in one pass, Embed the CMS.
//
// It makes the signature dictionary, the form and the ByteRange (ISO 32000-2,
// 12.8; EN 319 142-1). It has no key, and it judges no signature.
package pades

import (
	"fmt"

	"kyso/signer/internal/pdf"
)

// The codes of findings.
const (
	CodeCertified   = "certified-no-changes"    // DocMDP with P = 1
	CodeLocked      = "locked"                  // a lock covers the field
	CodeDynamicXFA  = "dynamic-xfa"             // the page is built by a script
	CodeTrailing    = "trailing-bytes"          // bytes behind a signed revision
	CodePermission  = "permission"              // the encryption forbids it
	CodeAnnotations = "annotations-not-allowed" // a stamp would harm an earlier signature
	CodeEncrypted   = "encrypted"               // a password is needed
	CodeDamaged     = "damaged"                 // unreadable

	CodeWrongPassword = "wrong-password"   // the given one does not open it
	CodeHandler       = "security-handler" // encrypted, but not by a password

	CodeRebuilt    = "repaired"      // warning: read by scanning
	CodeSeedValue  = "seed-value"    // a condition of the field; a refusal or a warning
	CodeLocksAfter = "locks-after"   // warning: the signature locks the document
	CodeUntagged   = "untagged"      // warning: PDF/UA is not kept
	CodeJavaScript = "javascript"    // warning
	CodeHidden     = "hidden-layers" // warning
)

// Finding is something about a document that stops a signature or that the
// signer should know.
type Finding struct {
	Code string
	// Text is for the support desk.
	Text string
	// Page counts from 1; zero when it belongs to no page.
	Page int
}

// Inspection is what is to be known of a document before it is signed.
type Inspection struct {
	Pages     []pdf.Page
	Fields    []pdf.SignatureField
	Refusals  []Finding
	Warnings  []Finding
	Encrypted bool
}

// Inspect looks at a document and changes nothing.
func Inspect(f *pdf.File) Inspection {
	in := Inspection{Pages: f.Pages(), Fields: f.SignatureFields(), Encrypted: f.Encrypted()}
	refuse := func(code, format string, args ...any) {
		in.Refusals = append(in.Refusals, Finding{Code: code, Text: fmt.Sprintf(format, args...)})
	}
	warn := func(code, text string) { in.Warnings = append(in.Warnings, Finding{Code: code, Text: text}) }
	root := f.Catalog()
	if docMDP(f) == 1 {
		refuse(CodeCertified, "DocMDP with P = 1 allows no change")
	}
	if lockedAll(f, in.Fields) {
		refuse(CodeLocked, "an earlier signature locks the whole document")
	}
	form := f.Dict(root.Get("AcroForm"))
	if needs := f.Resolve(root.Get("NeedsRendering")); needs == true && form.Has("XFA") {
		refuse(CodeDynamicXFA, "the page content comes from an XFA script")
	}
	// Bits 4, 6 and 9: change, annotate, fill in (ISO 32000-2, table 22).
	if f.Permissions()&(1<<3|1<<5|1<<8) == 0 {
		refuse(CodePermission, "the encryption permits neither changes nor filling in")
	}
	if signed(in.Fields) {
		if rest := len(meaningful(f.Trailing())); rest > 0 {
			refuse(CodeTrailing, "%d bytes behind the last revision", rest)
		}
	}
	if f.Rebuilt() {
		warn(CodeRebuilt, "the cross-reference table is unusable")
	}
	if hasScript(f, root) {
		warn(CodeJavaScript, "the document runs JavaScript")
	}
	if off := f.Array(f.Dict(f.Dict(root.Get("OCProperties")).Get("D")).Get("OFF")); len(off) > 0 {
		warn(CodeHidden, "the document has layers that are not shown")
	}
	return in
}

func signed(fields []pdf.SignatureField) bool {
	for _, s := range fields {
		if s.Value != nil {
			return true
		}
	}
	return false
}

// meaningful is b without white space and NUL.
func meaningful(b []byte) []byte {
	for i, c := range b {
		switch c {
		case 0, ' ', '\t', '\r', '\n', '\f':
		default:
			return b[i:]
		}
	}
	return nil
}

func hasScript(f *pdf.File, root *pdf.Dict) bool {
	if f.Dict(f.Dict(root.Get("Names")).Get("JavaScript")) != nil {
		return true
	}
	return f.Name(f.Dict(root.Get("OpenAction")).Get("S")) == "JavaScript"
}
