//go:build !windows && !darwin

package tray

import (
	"context"

	"github.com/godbus/dbus/v5"
)

// available asks the session bus for a watcher of icons with a host that shows them
// (freedesktop.org, Status Notifier Item, StatusNotifierWatcher).
func available(ctx context.Context) bool {
	bus, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return false
	}
	defer bus.Close() //nolint:errcheck // the call is over
	const watcher = "org.kde.StatusNotifierWatcher"
	var host dbus.Variant
	err = bus.Object(watcher, "/StatusNotifierWatcher").
		CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart, watcher, "IsStatusNotifierHostRegistered").Store(&host)
	shows, is := host.Value().(bool)
	return err == nil && is && shows
}

// native gives the picture in the form that the system wants.
func native(png []byte) []byte { return png }
