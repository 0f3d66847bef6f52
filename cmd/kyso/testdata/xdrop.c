/* xdrop drops a file on a window, as a file manager does (XDND version 5).
 * Usage: xdrop X Y URI     X and Y are root coordinates inside the target window.
 * It exits 0 when the target reported that it took the drop. For tests only. */
#include <X11/Xatom.h>
#include <X11/Xlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>

static Display *d;
static Window self;
static Atom aware, enter, position, status, drop, finished, selection, copy, urilist;

static Atom atom(const char *name) { return XInternAtom(d, name, False); }

/* is w a window that takes drops? */
static int takes_drops(Window w) {
	Atom type; int format; unsigned long n, left; unsigned char *data = NULL;
	int found = XGetWindowProperty(d, w, aware, 0, 1, False, AnyPropertyType, &type, &format, &n, &left, &data) == Success && n > 0;
	if (data) XFree(data);
	return found;
}

/* the window under the point that takes drops */
static Window target_at(Window w, int x, int y) {
	Window child; int wx, wy;
	while (w && !takes_drops(w)) {
		if (!XTranslateCoordinates(d, DefaultRootWindow(d), w, x, y, &wx, &wy, &child)) return 0;
		w = child;
	}
	return w;
}

static void tell(Window to, Atom what, long a, long b, long c, long e) {
	XEvent ev = {0};
	ev.xclient.type = ClientMessage; ev.xclient.window = to; ev.xclient.message_type = what; ev.xclient.format = 32;
	ev.xclient.data.l[0] = (long)self;
	ev.xclient.data.l[1] = a; ev.xclient.data.l[2] = b; ev.xclient.data.l[3] = c; ev.xclient.data.l[4] = e;
	XSendEvent(d, to, False, NoEventMask, &ev);
	XFlush(d);
}

/* answers a request for the dragged data */
static void give(XSelectionRequestEvent *q, const char *uri) {
	XEvent ev = {0};
	XChangeProperty(d, q->requestor, q->property, urilist, 8, PropModeReplace, (const unsigned char *)uri, (int)strlen(uri));
	ev.xselection.type = SelectionNotify; ev.xselection.requestor = q->requestor; ev.xselection.selection = q->selection;
	ev.xselection.target = q->target; ev.xselection.property = q->property; ev.xselection.time = q->time;
	XSendEvent(d, q->requestor, False, NoEventMask, &ev);
	XFlush(d);
}

/* the next event, or 0 after five seconds without one */
static int next(XEvent *ev) {
	while (!XPending(d)) {
		fd_set set; struct timeval limit = {5, 0};
		FD_ZERO(&set); FD_SET(ConnectionNumber(d), &set);
		if (select(ConnectionNumber(d) + 1, &set, NULL, NULL, &limit) <= 0) return 0;
	}
	XNextEvent(d, ev);
	return 1;
}

int main(int argc, char **argv) {
	if (argc != 4 || !(d = XOpenDisplay(NULL))) return 2;
	int x = atoi(argv[1]), y = atoi(argv[2]);
	aware = atom("XdndAware"); enter = atom("XdndEnter"); position = atom("XdndPosition"); status = atom("XdndStatus");
	drop = atom("XdndDrop"); finished = atom("XdndFinished"); selection = atom("XdndSelection");
	copy = atom("XdndActionCopy"); urilist = atom("text/uri-list");
	self = XCreateSimpleWindow(d, DefaultRootWindow(d), 0, 0, 1, 1, 0, 0, 0);
	XSetSelectionOwner(d, selection, self, CurrentTime);
	Window to = target_at(DefaultRootWindow(d), x, y);
	if (!to) { fprintf(stderr, "no window takes drops there\n"); return 3; }
	tell(to, enter, 5L << 24, (long)urilist, 0, 0);
	tell(to, position, 0, (long)x << 16 | y, CurrentTime, (long)copy);
	for (XEvent ev; next(&ev);) {
		if (ev.type == SelectionRequest) give(&ev.xselectionrequest, argv[3]);
		if (ev.type != ClientMessage) continue;
		if (ev.xclient.message_type == status) {
			if (!(ev.xclient.data.l[1] & 1)) { fprintf(stderr, "the window refuses\n"); return 4; }
			tell(to, drop, 0, CurrentTime, 0, 0);
		}
		if (ev.xclient.message_type == finished) return ev.xclient.data.l[1] ? 0 : 5; /* GLFW puts the number of bytes there */
	}
	fprintf(stderr, "no answer\n");
	return 6;
}
