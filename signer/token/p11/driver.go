package p11

/*
#include <string.h>

// The parts of PKCS #11 v2.40 that are called here. The structures are packed
// on Windows only (v2.40, 2.1).
typedef unsigned long ulong_t;

#ifdef _WIN32
#pragma pack(push, 1)
#endif
struct list {
	unsigned char major, minor;
	void *function[68]; // in the order of CK_FUNCTION_LIST
};
struct attribute {
	ulong_t type;
	void *value;
	ulong_t len;
};
#ifdef _WIN32
#pragma pack(pop)
#endif

enum { LOGIN = 18, GET_ATTRIBUTE_VALUE = 24, SIGN = 43 };

static ulong_t login(void *l, ulong_t session, ulong_t user, void *pin, ulong_t len)
{
	ulong_t (*f)(ulong_t, ulong_t, void *, ulong_t) = ((struct list *)l)->function[LOGIN];
	return f(session, user, pin, len);
}

static ulong_t attribute(void *l, ulong_t session, ulong_t object, ulong_t type, void *value, ulong_t *len)
{
	ulong_t (*f)(ulong_t, ulong_t, struct attribute *, ulong_t) = ((struct list *)l)->function[GET_ATTRIBUTE_VALUE];
	struct attribute a;
	ulong_t rv;

	memset(&a, 0, sizeof a);
	a.type = type;
	a.value = value;
	a.len = *len;
	rv = f(session, object, &a, 1);
	*len = a.len;
	return rv;
}

static ulong_t sign(void *l, ulong_t session, void *data, ulong_t len, void *sig, ulong_t *siglen)
{
	ulong_t (*f)(ulong_t, void *, ulong_t, void *, ulong_t *) = ((struct list *)l)->function[SIGN];
	return f(session, data, len, sig, siglen);
}
*/
import "C"

import (
	"unsafe"

	"github.com/miekg/pkcs11"
)

// driver is a loaded module. Its own methods stand in for three of the
// binding's, which first ask for a length with a NULL buffer: there are drivers
// that answer 0 to that. They also leave no copy of the PIN.
type driver struct {
	*pkcs11.Ctx

	list unsafe.Pointer // CK_FUNCTION_LIST
}

// functions gives the list that the module handed over, or nil: the binding
// ignores the result of C_GetFunctionList and would call through a nil list.
// The list is the second pointer of its C structure.
func functions(c *pkcs11.Ctx) unsafe.Pointer {
	inner := *(**struct{ handle, list unsafe.Pointer })(unsafe.Pointer(c))
	if inner == nil {
		return nil
	}
	return inner.list
}

// Login logs in; a nil PIN is typed on the reader.
func (d *driver) Login(s pkcs11.SessionHandle, user uint, pin []byte) error {
	return result(C.login(d.list, C.ulong_t(s), C.ulong_t(user), unsafe.Pointer(unsafe.SliceData(pin)), C.ulong_t(len(pin))))
}

// The buffers for one attribute, from the first try to the last.
const (
	smallAttribute = 8 << 10
	largeAttribute = 1 << 20
)

// Attribute reads one attribute of an object; nil when it shows none.
func (d *driver) Attribute(s pkcs11.SessionHandle, o pkcs11.ObjectHandle, kind uint) ([]byte, error) {
	for size := smallAttribute; ; size *= 8 {
		b := make([]byte, size)
		n := C.ulong_t(size)
		err := result(C.attribute(d.list, C.ulong_t(s), C.ulong_t(o), C.ulong_t(kind), unsafe.Pointer(&b[0]), &n))
		if codeOf(err) == pkcs11.CKR_BUFFER_TOO_SMALL && size < largeAttribute {
			continue
		}
		if err != nil || n > C.ulong_t(size) { // CK_UNAVAILABLE_INFORMATION is the largest number
			return nil, err
		}
		return b[:n], nil
	}
}

// longestSignature holds a signature of RSA-16384.
const longestSignature = 2 << 10

// Sign ends the operation that SignInit began.
func (d *driver) Sign(s pkcs11.SessionHandle, data []byte) ([]byte, error) {
	sig := make([]byte, longestSignature)
	n := C.ulong_t(len(sig))
	err := result(C.sign(d.list, C.ulong_t(s), unsafe.Pointer(unsafe.SliceData(data)), C.ulong_t(len(data)), unsafe.Pointer(&sig[0]), &n))
	if err != nil || n > C.ulong_t(len(sig)) {
		return nil, err
	}
	return sig[:n], nil
}

// result makes a return value an error of the binding.
func result(rv C.ulong_t) error {
	if rv == pkcs11.CKR_OK {
		return nil
	}
	return pkcs11.Error(rv) //nolint:wrapcheck // failed translates it
}
