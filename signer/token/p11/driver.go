package p11

/*
#include <stdlib.h>
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

enum { GET_SLOT_LIST = 4, GET_MECHANISM_LIST = 7, SET_PIN = 11, LOGIN = 18, GET_ATTRIBUTE_VALUE = 24, SIGN = 43 };

static void *function(void *l, int n) { return ((struct list *)l)->function[n]; }

static ulong_t login(void *l, ulong_t session, ulong_t user, void *pin, ulong_t len)
{
	ulong_t (*f)(ulong_t, ulong_t, void *, ulong_t) = function(l, LOGIN);
	return f(session, user, pin, len);
}

static ulong_t set_pin(void *l, ulong_t session, void *old, ulong_t oldlen, void *new, ulong_t newlen)
{
	ulong_t (*f)(ulong_t, void *, ulong_t, void *, ulong_t) = function(l, SET_PIN);
	return f(session, old, oldlen, new, newlen);
}

static ulong_t attribute(void *l, ulong_t session, ulong_t object, ulong_t type, void *value, ulong_t *len)
{
	ulong_t (*f)(ulong_t, ulong_t, struct attribute *, ulong_t) = function(l, GET_ATTRIBUTE_VALUE);
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
	ulong_t (*f)(ulong_t, void *, ulong_t, void *, ulong_t *) = function(l, SIGN);
	return f(session, data, len, sig, siglen);
}

// slots asks with NULL first all the same: that is when a module looks at its
// readers again (v2.40, 5.5). What it answers then is not believed.
static ulong_t slots(void *l, void *list, ulong_t *n)
{
	ulong_t (*f)(unsigned char, void *, ulong_t *) = function(l, GET_SLOT_LIST);
	ulong_t unused = 0, rv = f(1, NULL, &unused);

	return rv ? rv : f(1, list, n);
}

static ulong_t mechanisms(void *l, ulong_t slot, void *list, ulong_t *n)
{
	ulong_t (*f)(ulong_t, void *, ulong_t *) = function(l, GET_MECHANISM_LIST);
	return f(slot, list, n);
}
*/
import "C"

import (
	"unsafe"

	"github.com/miekg/pkcs11"
)

// driver is a loaded module. Its own methods stand in for those of the binding
// that first ask for a length with a NULL buffer: there are drivers that answer
// 0 to that. They also leave no copy of a PIN.
type driver struct {
	*pkcs11.Ctx

	list unsafe.Pointer // CK_FUNCTION_LIST
	// single says that the driver has no locks: it takes one call at a time.
	single bool
}

// bind gives the binding a module that load has loaded. The binding's own New
// ignores the result of C_GetFunctionList and would call through a nil list;
// on Windows it takes a path in the system's code page and does not look for a
// module's other libraries beside it. A Ctx is one pointer to a C structure
// with the library's handle and the list.
func bind(handle, list unsafe.Pointer) *driver {
	type inner struct{ handle, list unsafe.Pointer }
	in := (*inner)(C.calloc(1, C.size_t(unsafe.Sizeof(inner{})))) // for good, as the module
	in.handle, in.list = handle, list
	c := new(pkcs11.Ctx)
	*(**inner)(unsafe.Pointer(c)) = in
	return &driver{Ctx: c, list: list}
}

// A Ctx that is not one pointer any more does not compile.
var _ [unsafe.Sizeof(pkcs11.Ctx{}) - unsafe.Sizeof(uintptr(0))]struct{} = [0]struct{}{}

// Start is C_Initialize. A driver that cannot lock is told that there are no
// threads (v2.40, 5.4), and called as if there were none.
func (d *driver) Start(reserved string) error {
	var text unsafe.Pointer
	if reserved != "" {
		text = unsafe.Pointer(C.CString(reserved)) // for good, as the module
	}
	err := d.Initialize(pkcs11.InitializeWithFlags(pkcs11.CKF_OS_LOCKING_OK), pkcs11.InitializeWithReserved(text))
	if codeOf(err) == pkcs11.CKR_CANT_LOCK {
		d.single = true
		err = d.Initialize(pkcs11.InitializeWithFlags(0), pkcs11.InitializeWithReserved(text))
	}
	return err //nolint:wrapcheck // load translates it
}

// Login logs in; a nil PIN is typed on the reader.
func (d *driver) Login(s pkcs11.SessionHandle, user uint, pin []byte) error {
	return result(C.login(d.list, C.ulong_t(s), C.ulong_t(user), unsafe.Pointer(unsafe.SliceData(pin)), C.ulong_t(len(pin))))
}

// SetPIN replaces the user's PIN; nil for both types them on the reader.
func (d *driver) SetPIN(s pkcs11.SessionHandle, old, fresh []byte) error {
	return result(C.set_pin(d.list, C.ulong_t(s), unsafe.Pointer(unsafe.SliceData(old)), C.ulong_t(len(old)), unsafe.Pointer(unsafe.SliceData(fresh)), C.ulong_t(len(fresh))))
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

// longestList bounds slots and mechanisms.
const longestList = 1 << 10

// Slots lists the slots with a token.
func (d *driver) Slots() ([]uint, error) {
	return numbers(func(list unsafe.Pointer, n *C.ulong_t) C.ulong_t { return C.slots(d.list, list, n) })
}

// Mechanisms lists what the token in slot can do.
func (d *driver) Mechanisms(slot uint) ([]uint, error) {
	return numbers(func(list unsafe.Pointer, n *C.ulong_t) C.ulong_t {
		return C.mechanisms(d.list, C.ulong_t(slot), list, n)
	})
}

// numbers calls a function that fills a list of numbers.
func numbers(call func(list unsafe.Pointer, n *C.ulong_t) C.ulong_t) ([]uint, error) {
	list := make([]C.ulong_t, longestList)
	n := C.ulong_t(len(list))
	if err := result(call(unsafe.Pointer(&list[0]), &n)); err != nil {
		return nil, err
	}
	out := make([]uint, min(n, longestList))
	for i := range out {
		out[i] = uint(list[i])
	}
	return out, nil
}

// result makes a return value an error of the binding.
func result(rv C.ulong_t) error {
	if rv == pkcs11.CKR_OK {
		return nil
	}
	return pkcs11.Error(rv) //nolint:wrapcheck // failed translates it
}
