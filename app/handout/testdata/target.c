/* A window that takes files by a drop, or a reader of the clipboard, on Windows. It
 * prints what it got, as UTF-8. For tests only.
 *
 * target drop X Y WIDTH HEIGHT    prints ready, entered, left and dropped
 * target clipboard                prints what OLE finds on the clipboard
 * target hold                     holds the clipboard open until its input ends
 */
#define COBJMACROS
#include <windows.h>
#include <ole2.h>
#include <shellapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void say_wide(const WCHAR *text) {
	char out[4096];
	WideCharToMultiByte(CP_UTF8, 0, text, -1, out, sizeof out, NULL, NULL);
	fputs(out, stdout);
}

/* paths prints the files of a list, as DragQueryFile reads it. */
static void paths(IDataObject *data) {
	FORMATETC drop = {CF_HDROP, NULL, DVASPECT_CONTENT, -1, TYMED_HGLOBAL};
	STGMEDIUM medium = {0};
	HRESULT h = IDataObject_GetData(data, &drop, &medium);
	if (h != S_OK) {
		printf(" nothing %08lx", h);
		return;
	}
	WCHAR name[1024];
	UINT n = DragQueryFileW((HDROP)medium.hGlobal, 0xFFFFFFFF, NULL, 0);
	for (UINT i = 0; i < n; i++) {
		DragQueryFileW((HDROP)medium.hGlobal, i, name, 1024);
		fputs("|", stdout);
		say_wide(name);
	}
	ReleaseStgMedium(&medium);
}

/* effect prints the preferred effect. */
static void effect(IDataObject *data) {
	FORMATETC f = {RegisterClipboardFormatW(L"Preferred DropEffect"), NULL, DVASPECT_CONTENT, -1, TYMED_HGLOBAL};
	STGMEDIUM medium = {0};
	HRESULT h = IDataObject_GetData(data, &f, &medium);
	if (h != S_OK) {
		printf("effect nothing %08lx\n", h);
		return;
	}
	DWORD *e = GlobalLock(medium.hGlobal);
	printf("effect %lu\n", *e);
	GlobalUnlock(medium.hGlobal);
	ReleaseStgMedium(&medium);
}

/* formats prints what is offered, in order. */
static void formats(IDataObject *data) {
	IEnumFORMATETC *all = NULL;
	FORMATETC f;
	WCHAR name[256];
	printf("formats");
	if (IDataObject_EnumFormatEtc(data, DATADIR_GET, &all) == S_OK) {
		while (IEnumFORMATETC_Next(all, 1, &f, NULL) == S_OK) {
			if (f.cfFormat < 0xC000)
				printf("|%u", f.cfFormat);
			else if (GetClipboardFormatNameW(f.cfFormat, name, 256)) {
				fputs("|", stdout);
				say_wide(name);
			}
			printf(" %lu %ld %lu", f.dwAspect, f.lindex, f.tymed);
		}
		IEnumFORMATETC_Release(all);
	}
	all = NULL;
	HRESULT h = IDataObject_EnumFormatEtc(data, DATADIR_SET, &all);
	printf("|set %08lx\n", h);
}

/* answers prints what is said to questions that have no good answer. */
static void answers(IDataObject *data) {
	FORMATETC text = {CF_TEXT, NULL, DVASPECT_CONTENT, -1, TYMED_HGLOBAL}, stream = {CF_HDROP, NULL, DVASPECT_CONTENT, -1, TYMED_ISTREAM},
		  icon = {CF_HDROP, NULL, DVASPECT_ICON, -1, TYMED_HGLOBAL}, page = {CF_HDROP, NULL, DVASPECT_CONTENT, 3, TYMED_HGLOBAL},
		  good = {CF_HDROP, NULL, DVASPECT_CONTENT, -1, TYMED_HGLOBAL | TYMED_ISTREAM}, same = {0};
	STGMEDIUM medium = {0};
	DWORD link;
	IUnknown *other = NULL;
	printf("answers %08lx %08lx %08lx %08lx %08lx", IDataObject_QueryGetData(data, &good), IDataObject_QueryGetData(data, &text),
	       IDataObject_QueryGetData(data, &stream), IDataObject_QueryGetData(data, &icon), IDataObject_QueryGetData(data, &page));
	printf("|get %08lx set %08lx canonical %08lx advise %08lx stream %08lx\n", IDataObject_GetData(data, &text, &medium),
	       IDataObject_SetData(data, &text, &medium, FALSE), IDataObject_GetCanonicalFormatEtc(data, &good, &same),
	       IDataObject_DAdvise(data, &good, 0, NULL, &link), IDataObject_QueryInterface(data, &IID_IStream, (void **)&other));
}

static DWORD last;

static HRESULT STDMETHODCALLTYPE query(IDropTarget *t, REFIID id, void **out) {
	*out = IsEqualGUID(id, &IID_IUnknown) || IsEqualGUID(id, &IID_IDropTarget) ? t : NULL;
	return *out ? S_OK : E_NOINTERFACE;
}
static ULONG STDMETHODCALLTYPE keep(IDropTarget *t) { (void)t; return 2; }
static HRESULT STDMETHODCALLTYPE enter(IDropTarget *t, IDataObject *data, DWORD keys, POINTL at, DWORD *e) {
	(void)t; (void)keys; (void)at;
	FORMATETC drop = {CF_HDROP, NULL, DVASPECT_CONTENT, -1, TYMED_HGLOBAL};
	last = *e & DROPEFFECT_COPY && IDataObject_QueryGetData(data, &drop) == S_OK ? DROPEFFECT_COPY : DROPEFFECT_NONE;
	printf("entered allowed %lu\n", *e);
	*e = last;
	return S_OK;
}
static HRESULT STDMETHODCALLTYPE over(IDropTarget *t, DWORD keys, POINTL at, DWORD *e) {
	(void)t; (void)keys; (void)at;
	*e = last;
	return S_OK;
}
static HRESULT STDMETHODCALLTYPE leave(IDropTarget *t) {
	(void)t;
	puts("left");
	return S_OK;
}
static HRESULT STDMETHODCALLTYPE drop(IDropTarget *t, IDataObject *data, DWORD keys, POINTL at, DWORD *e) {
	(void)t; (void)keys; (void)at;
	formats(data);
	effect(data);
	answers(data);
	fputs("dropped ", stdout);
	paths(data);
	puts("");
	*e = DROPEFFECT_COPY;
	return S_OK;
}

static IDropTargetVtbl methods = {query, keep, keep, enter, over, leave, drop};
static IDropTarget target = {&methods};

int main(int n, char **args) {
	setvbuf(stdout, NULL, _IONBF, 0);
	OleInitialize(NULL);
	if (n == 2 && !strcmp(args[1], "clipboard")) {
		IDataObject *data;
		HRESULT h = OleGetClipboard(&data);
		if (h != S_OK) {
			printf("none %08lx\n", h);
			return 1;
		}
		fputs("clipboard ", stdout);
		paths(data);
		puts("");
		IDataObject_Release(data);
		OleUninitialize();
		return 0;
	}
	if (n == 2 && !strcmp(args[1], "hold")) {
		printf("held %d\n", OpenClipboard(NULL));
		getchar();
		CloseClipboard();
		return 0;
	}
	if (n != 6)
		return 2;
	WNDCLASSW class = {.lpfnWndProc = DefWindowProcW, .hInstance = GetModuleHandleW(NULL), .lpszClassName = L"target"};
	RegisterClassW(&class);
	HWND w = CreateWindowExW(WS_EX_TOPMOST | WS_EX_NOACTIVATE, L"target", L"target", WS_POPUP | WS_VISIBLE, atoi(args[2]), atoi(args[3]), atoi(args[4]),
				 atoi(args[5]), NULL, NULL, class.hInstance, NULL);
	printf("ready %08lx\n", RegisterDragDrop(w, &target));
	MSG m;
	while (GetMessageW(&m, NULL, 0, 0) > 0)
		DispatchMessageW(&m);
	return 0;
}
