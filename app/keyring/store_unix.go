//go:build !windows && !darwin

package keyring

import (
	"os"

	"github.com/godbus/dbus/v5"
)

// reachable reports a session in which the Secret Service may answer. Without a
// session bus the library would start one, for nobody, which outlives the program.
func reachable() bool {
	bus, err := dbus.SessionBusPrivateNoAutoStartup()
	if err == nil {
		_ = bus.Close() // nothing was asked
		return true
	}
	return os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" // there is one, and it tells itself what is wrong
}
