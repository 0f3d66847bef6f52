//go:build linux

package tray_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"

	"kyso/app/desktop/bustest"
	"kyso/app/tray"
)

// watcher is the desktop's part: programs register their icons with it.
type watcher struct{ icons chan dbus.Sender }

// RegisterStatusNotifierItem is called by a program with an icon.
func (w watcher) RegisterStatusNotifierItem(_ string, from dbus.Sender) *dbus.Error {
	w.icons <- from
	return nil
}

const watcherName = "org.kde.StatusNotifierWatcher"

// watch puts a watcher on the bus; host says that a panel shows the icons.
func watch(t *testing.T, bus *dbus.Conn, host bool) watcher {
	t.Helper()
	w := watcher{make(chan dbus.Sender, 4)}
	if err := bus.Export(w, "/StatusNotifierWatcher", watcherName); err != nil {
		t.Fatal(err)
	}
	if _, err := prop.Export(bus, "/StatusNotifierWatcher", prop.Map{watcherName: {"IsStatusNotifierHostRegistered": {Value: host}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := bus.RequestName(watcherName, 0); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestOnlyADesktopThatShowsIconsHasATray(t *testing.T) {
	none := func(t *testing.T) {
		t.Helper()
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+t.TempDir()+"/none")
	}
	empty := func(t *testing.T) { t.Helper(); bustest.Start(t) }
	watched := func(host bool) func(*testing.T) {
		return func(t *testing.T) { t.Helper(); watch(t, bustest.Start(t), host) }
	}
	cases := map[string]struct {
		bus  func(*testing.T)
		want bool
	}{
		"there is no bus":                {none, false},
		"a bus has no watcher":           {empty, false},
		"a watcher has no panel to tell": {watched(false), false},
		"a panel shows the icons":        {watched(true), true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.bus(t)
			if got := tray.Available(t.Context()); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// entry is a line of a menu on the bus (com.canonical.dbusmenu).
type entry struct {
	ID         int32
	Properties map[string]dbus.Variant
	Children   []dbus.Variant
}

// menu reads the menu of an icon.
func menu(t *testing.T, item dbus.BusObject) (ids []int32, texts []string) {
	t.Helper()
	var revision uint32
	var root entry
	if err := item.CallWithContext(t.Context(), "com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root); err != nil {
		t.Fatal(err)
	}
	for _, child := range root.Children {
		var e entry
		if err := dbus.Store([]any{child.Value()}, &e); err != nil {
			t.Fatal(err)
		}
		text, _ := e.Properties["label"].Value().(string)
		if on, is := e.Properties["enabled"].Value().(bool); is && !on {
			text += " (off)"
		}
		ids, texts = append(ids, e.ID), append(texts, text)
	}
	return ids, texts
}

// shown says that this process may show the icon, for a process has one.
const shown = "KYSO_TEST_TRAY"

func TestTheIconHasAMenu(t *testing.T) {
	if raced {
		t.Skip("fyne.io/systray counts the versions of a menu without a lock; make test runs this without the race detector, too")
	}
	if os.Getenv(shown) == "" {
		c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTheIconHasAMenu$")
		c.Env = append(os.Environ(), shown+"=1")
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	bus := bustest.Start(t)
	w := watch(t, bus, true)
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewNRGBA(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	chosen := make(chan string, 1)
	items := func(left string) []tray.Item {
		return []tray.Item{{Text: "Mở", Do: func() { chosen <- "open" }}, {Text: left}, {Text: "Thoát", Do: func() { chosen <- "quit" }}}
	}
	var icon tray.Icon
	icon.Show(picture.Bytes(), "Ký số", items("Còn 2"))
	item := bus.Object(string(<-w.icons), "/StatusNotifierItem/menu")
	ids, texts := menu(t, item)
	if want := []string{"Mở", "Còn 2 (off)", "Thoát"}; !slices.Equal(texts, want) {
		t.Fatalf("got menu %q, want %q", texts, want)
	}
	for n, want := range map[int]string{0: "open", 2: "quit"} {
		if err := item.CallWithContext(t.Context(), "com.canonical.dbusmenu.Event", 0, ids[n], "clicked", dbus.MakeVariant(""), uint32(0)).Err; err != nil {
			t.Fatal(err)
		}
		if got := <-chosen; got != want {
			t.Errorf("line %d does %q, want %q", n, got, want)
		}
	}
	icon.Show(nil, "", items("Còn 1"))
	again, texts := menu(t, item)
	if want := []string{"Mở", "Còn 1 (off)", "Thoát"}; !slices.Equal(texts, want) || !slices.Equal(again, ids) {
		t.Errorf("got menu %q of lines %v, want %q and the same lines %v", texts, again, want, ids)
	}
	icon.Show(nil, "", items("")[:1])
	if _, texts := menu(t, item); !slices.Equal(texts, []string{"Mở"}) {
		t.Errorf("got menu %q", texts)
	}
	icon.Close()
	if err := item.CallWithContext(t.Context(), "com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{}).Err; err == nil {
		t.Error("the icon is still there")
	}
}
