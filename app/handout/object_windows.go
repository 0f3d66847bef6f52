package handout

import (
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"
)

// The interfaces of COM that a drag needs (Win32, oleidl.h, objidl.h).
//
//nolint:gochecknoglobals // constants, which structures cannot be
var (
	iidUnknown    = windows.GUID{Data4: [8]byte{0xC0, 7: 0x46}}
	iidDataObject = windows.GUID{Data1: 0x10E, Data4: [8]byte{0xC0, 7: 0x46}}
	iidDropSource = windows.GUID{Data1: 0x121, Data4: [8]byte{0xC0, 7: 0x46}}
)

// How data is asked for and given.
const (
	aspectContent = 1 // DVASPECT_CONTENT
	mediumGlobal  = 1 // TYMED_HGLOBAL
	wholeContent  = -1
	directionGet  = 1 // DATADIR_GET
)

// formatEtc is FORMATETC.
type formatEtc struct {
	format uint16
	device uintptr
	aspect uint32
	index  int32
	medium uint32
}

// storage is STGMEDIUM.
type storage struct {
	medium uint32
	memory uintptr
	_      uintptr // who frees the memory instead of its receiver: nobody
}

// object is a COM object of this package. What other code holds is its address, at
// which it finds the address of the methods' table. It lives, pinned, until the last
// reference to it is released, by whatever thread.
type object struct {
	methods *uintptr // first: COM looks for it there

	kind windows.GUID // its interface beside IUnknown
	refs uint32       // guarded by living.mu
	pins runtime.Pinner

	data []datum // of an IDataObject
}

// datum is data in one format, given in memory of the system.
type datum struct {
	format uint16
	bytes  []byte
}

// living are the objects that somebody holds, by their addresses.
//
//nolint:gochecknoglobals // other code calls back with an address and nothing else
var living struct {
	mu  sync.Mutex
	all map[uintptr]*object
}

// newObject makes an object with one reference, which is the caller's.
func newObject(kind windows.GUID, methods []uintptr) *object {
	o := &object{methods: &methods[0], kind: kind, refs: 1}
	o.pins.Pin(o)
	o.pins.Pin(o.methods)
	living.mu.Lock()
	defer living.mu.Unlock()
	if living.all == nil {
		living.all = map[uintptr]*object{}
	}
	living.all[o.address()] = o
	return o
}

// address is how other code knows the object.
func (o *object) address() uintptr { return uintptr(unsafe.Pointer(o)) }

// at finds a living object; nil for an address that is none.
func at(address uintptr) *object {
	living.mu.Lock()
	defer living.mu.Unlock()
	return living.all[address]
}

// refer adds n references, 1 or -1, and gives how many there are. The last one ends
// the object.
func refer(address uintptr, n int) uintptr {
	living.mu.Lock()
	defer living.mu.Unlock()
	o := living.all[address]
	if o == nil {
		return 0
	}
	if n < 0 {
		o.refs--
	} else {
		o.refs++
	}
	if o.refs == 0 {
		delete(living.all, address)
		o.pins.Unpin()
	}
	return uintptr(o.refs)
}

// tables are the methods of the two interfaces.
//
//nolint:gochecknoglobals // callbacks are made once: the system has room for 2,000
var tables = sync.OnceValue(func() (t struct{ dataObject, dropSource []uintptr }) {
	unknown := []uintptr{
		windows.NewCallback(queryInterface),
		windows.NewCallback(func(this uintptr) uintptr { return refer(this, 1) }),
		windows.NewCallback(func(this uintptr) uintptr { return refer(this, -1) }),
	}
	t.dropSource = append(unknown[:3:3], windows.NewCallback(queryContinueDrag), windows.NewCallback(giveFeedback))
	t.dataObject = append(unknown[:3:3],
		windows.NewCallback(getData),
		windows.NewCallback(func(uintptr, uintptr, uintptr) uintptr { return result(windows.E_NOTIMPL) }), // GetDataHere
		windows.NewCallback(func(this uintptr, asked *formatEtc) uintptr {
			_, why := look(this, asked)
			return result(why)
		}), // QueryGetData
		windows.NewCallback(canonicalFormat),
		windows.NewCallback(func(uintptr, uintptr, uintptr, uintptr) uintptr { return result(windows.E_NOTIMPL) }), // SetData
		windows.NewCallback(enumFormats),
		windows.NewCallback(func(uintptr, uintptr, uintptr, uintptr, uintptr) uintptr {
			return result(windows.OLE_E_ADVISENOTSUPPORTED)
		}), // DAdvise
		windows.NewCallback(func(uintptr, uintptr) uintptr { return result(windows.OLE_E_ADVISENOTSUPPORTED) }), // DUnadvise
		windows.NewCallback(func(uintptr, uintptr) uintptr { return result(windows.OLE_E_ADVISENOTSUPPORTED) }), // EnumDAdvise
	)
	return t
})

// result is an HRESULT as a method returns it.
func result(h windows.Handle) uintptr { return uintptr(h) }

// queryInterface is IUnknown::QueryInterface.
func queryInterface(this uintptr, asked *windows.GUID, out *uintptr) uintptr {
	if out == nil || asked == nil {
		return result(windows.E_POINTER)
	}
	*out = 0
	o := at(this)
	if o == nil || *asked != iidUnknown && *asked != o.kind {
		return result(windows.E_NOINTERFACE)
	}
	refer(this, 1)
	*out = this
	return result(windows.S_OK)
}

// newDataObject makes an IDataObject that gives data, in the order of preference.
func newDataObject(data ...datum) *object {
	o := newObject(iidDataObject, tables().dataObject)
	o.data = data
	return o
}

// look finds what is asked for; without it why is what IDataObject::QueryGetData says.
func look(this uintptr, asked *formatEtc) (found datum, why windows.Handle) {
	o := at(this)
	if o == nil || asked == nil {
		return datum{}, windows.E_POINTER
	}
	for _, d := range o.data {
		switch {
		case d.format != asked.format:
			continue
		case asked.aspect != aspectContent:
			return datum{}, windows.DV_E_DVASPECT
		case asked.index != wholeContent:
			return datum{}, windows.DV_E_LINDEX
		case asked.medium&mediumGlobal == 0:
			return datum{}, windows.DV_E_TYMED
		}
		return d, windows.S_OK
	}
	return datum{}, windows.DV_E_FORMATETC
}

// getData is IDataObject::GetData; its caller frees the memory.
func getData(this uintptr, asked *formatEtc, out *storage) uintptr {
	if out == nil {
		return result(windows.E_POINTER)
	}
	*out = storage{}
	d, why := look(this, asked)
	if why != windows.S_OK {
		return result(why)
	}
	memory, err := global(d.bytes)
	if err != nil {
		return result(windows.E_OUTOFMEMORY)
	}
	*out = storage{medium: mediumGlobal, memory: memory}
	return result(windows.S_OK)
}

// canonicalFormat is IDataObject::GetCanonicalFormatEtc: no format is another's like.
func canonicalFormat(_, _ uintptr, out *formatEtc) uintptr {
	if out == nil {
		return result(windows.E_POINTER)
	}
	out.device = 0 // it must be, also without an answer
	return result(windows.E_NOTIMPL)
}

// enumFormats is IDataObject::EnumFormatEtc; the shell makes the list.
func enumFormats(this, direction uintptr, out *uintptr) uintptr {
	if out == nil {
		return result(windows.E_POINTER)
	}
	*out = 0
	o := at(this)
	if o == nil || uint32(direction) != directionGet {
		return result(windows.E_NOTIMPL)
	}
	list := make([]formatEtc, len(o.data))
	for i, d := range o.data {
		list[i] = formatEtc{format: d.format, aspect: aspectContent, index: wholeContent, medium: mediumGlobal}
	}
	return shell().call("SHCreateStdEnumFmtEtc", uintptr(len(list)), uintptr(unsafe.Pointer(unsafe.SliceData(list))), uintptr(unsafe.Pointer(out)))
}
