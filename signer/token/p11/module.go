// Package p11 gives the tokens of a PKCS #11 module that is loaded into this
// process. It is the only importer of github.com/miekg/pkcs11.
//
// A vendor's module may crash, hang or print, and nobody can cancel a call into
// it. So only the commands kyso-token and kyso-provision load one; everything
// else talks to them through package remote. A module is never finalized and
// never unloaded: its process is ended instead.
package p11

import (
	"strings"

	"github.com/miekg/pkcs11"

	"kyso/signer/token"
	"kyso/signer/token/discover"
)

// load loads and initializes the module at path. Reserved is what the module
// wants in pReserved of its arguments (v2.40, 3.7), empty for nearly all.
func load(path, reserved string) (*driver, error) {
	if err := discover.Look(path); err != nil {
		return nil, err
	}
	handle, list, err := functions(path)
	if err != nil {
		return nil, &token.Error{Kind: token.KindNotDriver, Op: "load", Detail: path + ": " + err.Error()}
	}
	d := bind(handle, list)
	if err := d.Start(reserved); err != nil && codeOf(err) != pkcs11.CKR_CRYPTOKI_ALREADY_INITIALIZED {
		return nil, failure("load", err)
	}
	return d, nil
}

// text cleans a fixed-width field: the standard wants it padded with blanks,
// some modules end it with NUL and leave garbage behind.
func text(s string) string {
	s, _, _ = strings.Cut(s, "\x00")
	return strings.ToValidUTF8(strings.TrimRight(s, " "), "\uFFFD")
}
