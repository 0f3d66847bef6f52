// Package app assembles the services of the program: from settings, or from
// what a demonstration hands over, to the road, the inbox, the board and the
// outbox that the window and the command line use.
package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"kyso/app/docsys"
)

// Handover is what a starting program passes to the window over its standard
// input, as one JSON object: where the server is, who is logged in, and which
// token module to use. The demonstration uses it, so that neither the access
// token nor a PIN is ever in an argument, the environment or a file.
type Handover struct {
	// Server is the base address of the document server, Token the bearer token for it.
	Server string `json:"server"`
	Token  string `json:"token"`
	// Modules are PKCS #11 modules to look into, besides those found on the machine.
	Modules []string `json:"modules,omitempty"`
	// Helper is the path of the kyso-token program; empty looks beside this program.
	Helper string `json:"helper,omitempty"`
	// SoftHSM is the configuration file that the helper hands to SoftHSM; demonstration only.
	SoftHSM string `json:"softhsm_conf,omitempty"`
	// SignatureImage is the PNG of the person's signature, InitialsImage that of the initials,
	// SealImage that of the agency's seal.
	SignatureImage string `json:"signature_image,omitempty"`
	InitialsImage  string `json:"initials_image,omitempty"`
	SealImage      string `json:"seal_image,omitempty"`
	// Trust is a folder of trust anchors.
	Trust string `json:"trust,omitempty"`
	// Data is the folder for outbox, cache and signed files; empty means the user's own.
	Data string `json:"data,omitempty"`
	// Demonstration marks every figure and every signature as illustrative.
	Demonstration bool `json:"demonstration"`
	// Hints are shown under the PIN entry; demonstration only.
	Hints []Hint `json:"hints,omitempty"`
	// Person is who is logged in.
	Person docsys.Person `json:"person"`
}

// Hint is a text shown when the PIN of one certificate is asked for.
type Hint struct {
	// CertificateSHA256 is the fingerprint in lower-case hexadecimal.
	CertificateSHA256 string `json:"certificate_sha256"`
	Text              string `json:"text"`
}

// maxHandover bounds what is read: a handover is a few kilobytes.
const maxHandover = 1 << 20

// ReadHandover reads one Handover. Unknown fields are refused, so that a
// misspelt one does not pass in silence. It reads no further than the object,
// so the writer may keep the pipe open.
func ReadHandover(r io.Reader) (Handover, error) {
	dec := json.NewDecoder(io.LimitReader(r, maxHandover))
	dec.DisallowUnknownFields()
	var h Handover
	if err := dec.Decode(&h); err != nil {
		return Handover{}, fmt.Errorf("read the handover: %w", err)
	}
	if h.Server != "" && h.Token == "" {
		return Handover{}, errors.New("read the handover: a server without its token")
	}
	return h, nil
}

// HintFor gives the hint for a certificate, or "".
func (h Handover) HintFor(sha256 string) string {
	if !h.Demonstration {
		return ""
	}
	for _, t := range h.Hints {
		if t.CertificateSHA256 == sha256 {
			return t.Text
		}
	}
	return ""
}
