package p11

import (
	"errors"

	"github.com/miekg/pkcs11"

	"kyso/signer/token"
)

// kinds says what a PKCS #11 return value means for the person.
// CKR_FUNCTION_FAILED and its like never mean a wrong PIN.
//
//nolint:gochecknoglobals // a constant table
var kinds = map[uint]token.Kind{
	pkcs11.CKR_PIN_INCORRECT: token.KindPINWrong,
	pkcs11.CKR_PIN_INVALID:   token.KindPINFormat,
	pkcs11.CKR_PIN_LEN_RANGE: token.KindPINFormat,
	pkcs11.CKR_PIN_EXPIRED:   token.KindPINExpired,
	pkcs11.CKR_PIN_LOCKED:    token.KindPINLocked,

	pkcs11.CKR_CANCEL:            token.KindCancelled,
	pkcs11.CKR_FUNCTION_CANCELED: token.KindCancelled,

	pkcs11.CKR_SLOT_ID_INVALID:        token.KindRemoved,
	pkcs11.CKR_DEVICE_REMOVED:         token.KindRemoved,
	pkcs11.CKR_SESSION_CLOSED:         token.KindRemoved,
	pkcs11.CKR_SESSION_HANDLE_INVALID: token.KindRemoved,
	pkcs11.CKR_TOKEN_NOT_PRESENT:      token.KindRemoved,
	pkcs11.CKR_TOKEN_NOT_RECOGNIZED:   token.KindRemoved,

	pkcs11.CKR_USER_NOT_LOGGED_IN: token.KindLoginNeeded,

	pkcs11.CKR_KEY_HANDLE_INVALID:    token.KindKeyMissing,
	pkcs11.CKR_OBJECT_HANDLE_INVALID: token.KindKeyMissing,

	pkcs11.CKR_MECHANISM_INVALID:          token.KindMechanism,
	pkcs11.CKR_MECHANISM_PARAM_INVALID:    token.KindMechanism,
	pkcs11.CKR_KEY_TYPE_INCONSISTENT:      token.KindMechanism,
	pkcs11.CKR_KEY_FUNCTION_NOT_PERMITTED: token.KindMechanism,

	pkcs11.CKR_FUNCTION_NOT_SUPPORTED: token.KindUnsupported,
	pkcs11.CKR_TOKEN_WRITE_PROTECTED:  token.KindUnsupported,
	pkcs11.CKR_SESSION_READ_ONLY:      token.KindUnsupported,

	pkcs11.CKR_GENERAL_ERROR:    token.KindDevice,
	pkcs11.CKR_FUNCTION_FAILED:  token.KindDevice,
	pkcs11.CKR_DEVICE_ERROR:     token.KindDevice,
	pkcs11.CKR_DEVICE_MEMORY:    token.KindDevice,
	pkcs11.CKR_OPERATION_ACTIVE: token.KindDevice, // left over: a new session has none
}

// codeOf gives the return value in an error of the binding, or CKR_OK.
func codeOf(err error) uint {
	if rv, ok := errors.AsType[pkcs11.Error](err); ok {
		return uint(rv)
	}
	return pkcs11.CKR_OK
}

// failure translates an error of the binding.
func failure(op string, err error) *token.Error {
	if known, ok := errors.AsType[*token.Error](err); ok {
		return known
	}
	e := &token.Error{Kind: token.KindOther, Op: op, Code: codeOf(err)}
	if k, ok := kinds[e.Code]; ok {
		e.Kind = k
	}
	if e.Code == pkcs11.CKR_OK {
		e.Detail = err.Error()
	}
	return e
}

// ambiguous reports return values that real readers give both for a removed
// token and for one that is in trouble: only the slot list can tell.
func ambiguous(code uint) bool {
	switch code {
	case pkcs11.CKR_GENERAL_ERROR, pkcs11.CKR_FUNCTION_FAILED, pkcs11.CKR_DEVICE_ERROR:
		return true
	default:
		return false
	}
}
