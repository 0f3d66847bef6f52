"""A window that takes files, by a drop or from the clipboard, and prints what it got.

Usage: target.py X Y WIDTH HEIGHT. Each line of its input is the name of a form, which
it reads from the clipboard. For tests only.
"""
import sys

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")
from gi.repository import Gdk, GLib, Gtk


def say(*words):
    print(*words, flush=True)


x, y, width, height = map(int, sys.argv[1:])
window = Gtk.Window(title="target", decorated=False)
window.set_default_size(width, height)
window.move(x, y)
window.drag_dest_set(Gtk.DestDefaults.ALL, [], Gdk.DragAction.COPY)
window.drag_dest_add_uri_targets()
window.connect("drag-data-received", lambda w, c, x, y, data, i, t: say("dropped", *data.get_uris()))
window.connect("drag-leave", lambda *_: say("left"))
window.connect("map-event", lambda *_: say("ready") or False)
window.show_all()


def asked(source, condition):
    line = sys.stdin.readline().strip()
    if not line:
        Gtk.main_quit()
        return False
    clipboard = Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD)
    found = clipboard.wait_for_contents(Gdk.Atom.intern(line, False))
    say("clipboard", line, repr(found.get_data()) if found else "nothing")
    return True


GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, asked)
Gtk.main()
