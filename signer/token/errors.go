package token

import "fmt"

// Kind says what an error means for the person, whatever the module called it.
type Kind string

// The kinds of errors, with the PKCS #11 return values they come from.
const (
	KindPINWrong      Kind = "pin-wrong"            // CKR_PIN_INCORRECT: one try is spent
	KindPINFormat     Kind = "pin-format"           // CKR_PIN_INVALID, CKR_PIN_LEN_RANGE
	KindPINExpired    Kind = "pin-expired"          // CKR_PIN_EXPIRED
	KindPINLocked     Kind = "pin-locked"           // CKR_PIN_LOCKED, or the token says so: nothing is sent
	KindPINFinal      Kind = "pin-final"            // one try is left and nobody confirmed it: nothing is sent
	KindCancelled     Kind = "canceled"             // CKR_FUNCTION_CANCELED, CKR_CANCEL
	KindRemoved       Kind = "token-removed"        // CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT, …
	KindLoginNeeded   Kind = "login-needed"         // CKR_USER_NOT_LOGGED_IN
	KindKeyMissing    Kind = "key-missing"          // CKR_KEY_HANDLE_INVALID, no private key found
	KindMechanism     Kind = "mechanism"            // CKR_MECHANISM_INVALID, …
	KindUnsupported   Kind = "unsupported"          // CKR_FUNCTION_NOT_SUPPORTED, CKR_TOKEN_WRITE_PROTECTED, …
	KindSoftForbidden Kind = "soft-key-forbidden"   // a key in a file, and the administrator allows none
	KindDevice        Kind = "device-error"         // CKR_DEVICE_ERROR, CKR_GENERAL_ERROR, … with the token present
	KindCrashed       Kind = "driver-crashed"       // the helper process ended
	KindHung          Kind = "driver-hung"          // a limit passed; the helper was ended
	KindBadSignature  Kind = "bad-signature"        // the token's signature does not verify
	KindDriverMissing Kind = "driver-missing"       // no such file
	KindWrongMachine  Kind = "driver-wrong-machine" // a module for another processor or bitness
	KindNotDriver     Kind = "not-a-driver"         // a file that is no PKCS #11 module
	KindOther         Kind = "other"
)

// Error is an error of a token or its driver. Compare with errors.Is against
// one of the Err values, or take the Kind with errors.As.
type Error struct {
	Kind Kind
	// Op is the operation that failed: "list", "login", "sign", "load", ….
	Op string
	// Code is the PKCS #11 return value, zero when there was none.
	Code uint
	// Detail is for the support desk. It never holds a PIN.
	Detail string
}

// Error gives the text for the support desk.
func (e *Error) Error() string {
	s := string(e.Kind)
	if e.Op != "" {
		s = e.Op + ": " + s
	}
	if e.Code != 0 {
		s += fmt.Sprintf(" (CKR 0x%X)", e.Code)
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

// Is reports whether target is an *Error of the same kind.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && t.Op == ""
}

// The sentinels for errors.Is.
var (
	ErrPINWrong      = &Error{Kind: KindPINWrong}
	ErrPINFormat     = &Error{Kind: KindPINFormat}
	ErrPINLocked     = &Error{Kind: KindPINLocked}
	ErrPINFinal      = &Error{Kind: KindPINFinal}
	ErrPINExpired    = &Error{Kind: KindPINExpired}
	ErrCancelled     = &Error{Kind: KindCancelled}
	ErrRemoved       = &Error{Kind: KindRemoved}
	ErrLoginNeeded   = &Error{Kind: KindLoginNeeded}
	ErrKeyMissing    = &Error{Kind: KindKeyMissing}
	ErrUnsupported   = &Error{Kind: KindUnsupported}
	ErrSoftForbidden = &Error{Kind: KindSoftForbidden}
	ErrCrashed       = &Error{Kind: KindCrashed}
	ErrHung          = &Error{Kind: KindHung}
	ErrBadSignature  = &Error{Kind: KindBadSignature}
	ErrDriverMissing = &Error{Kind: KindDriverMissing}
	ErrWrongMachine  = &Error{Kind: KindWrongMachine}
	ErrNotDriver     = &Error{Kind: KindNotDriver}
)
