//go:build !windows

package p11

/*
#cgo linux LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdlib.h>

// list loads the library and asks for its function list. Of the three results
// one tells what went wrong: handle, entry point, return value. Symbols are
// looked up late: some drivers name functions that no system has.
static void *list(const char *path, void **handle, unsigned long *rv)
{
	unsigned long (*get)(void **);
	void *l = NULL;

	*rv = 0;
	*handle = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
	if (!*handle || !(get = dlsym(*handle, "C_GetFunctionList")))
		return NULL;
	*rv = get(&l);
	return *rv ? NULL : l;
}
*/
import "C"

import (
	"errors"
	"fmt"
	"unsafe"
)

// functions loads the library at path and gives its handle and function list.
func functions(path string) (handle, list unsafe.Pointer, err error) {
	p := C.CString(path)
	defer C.free(unsafe.Pointer(p))
	var rv C.ulong
	list = C.list(p, &handle, &rv)
	switch {
	case handle == nil:
		return nil, nil, errors.New(C.GoString(C.dlerror()))
	case list == nil:
		return nil, nil, fmt.Errorf("C_GetFunctionList failed (CKR 0x%X)", uint(rv))
	}
	return handle, list, nil
}
