//go:build !windows

package p11

/*
#cgo linux LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

// list loads the library and asks for its function list. On failure it writes
// why, at once: the loader's text belongs to the thread. Symbols are looked up
// late, for some drivers name functions that no system has.
static void *list(const char *path, void **handle, char *why, int n)
{
	unsigned long (*get)(void **), rv;
	void *l = NULL;

	*handle = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
	if (!*handle || !(get = dlsym(*handle, "C_GetFunctionList")))
		snprintf(why, n, "%s", dlerror());
	else if ((rv = get(&l)) || !l) {
		snprintf(why, n, "C_GetFunctionList failed (CKR 0x%lX)", rv);
		return NULL;
	}
	return l;
}
*/
import "C"

import (
	"errors"
	"unsafe"
)

// functions loads the library at path and gives its handle and function list.
func functions(path string) (handle, list unsafe.Pointer, err error) {
	p := C.CString(path)
	defer C.free(unsafe.Pointer(p))
	var why [512]C.char
	if list = C.list(p, &handle, &why[0], C.int(len(why))); list == nil {
		return nil, nil, errors.New(C.GoString(&why[0]))
	}
	return handle, list, nil
}
