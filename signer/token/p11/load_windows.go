package p11

/*
// ask calls C_GetFunctionList.
static void *ask(void *entry, unsigned long *rv)
{
	unsigned long (*get)(void **) = entry;
	void *l = 0;

	*rv = get(&l);
	return *rv ? 0 : l;
}
*/
import "C"

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// functions loads the library at path and gives its handle and function list.
// The path is in UTF-16, and the libraries that it needs are looked for in its
// own folder first.
func functions(path string) (handle, list unsafe.Pointer, err error) {
	h, err := windows.LoadLibraryEx(path, 0, windows.LOAD_WITH_ALTERED_SEARCH_PATH)
	if err != nil {
		return nil, nil, fmt.Errorf("the system's loader refused it: %w", err)
	}
	entry, err := windows.GetProcAddress(h, "C_GetFunctionList")
	if err != nil {
		return nil, nil, errors.New("it does not export C_GetFunctionList")
	}
	var rv C.ulong
	list = C.ask(pointer(entry), &rv)
	if list == nil {
		return nil, nil, fmt.Errorf("C_GetFunctionList failed (CKR 0x%X)", uint(rv))
	}
	return pointer(uintptr(h)), list, nil
}

// pointer makes an address of the system's loader a pointer. It is not Go's memory.
func pointer(address uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }
