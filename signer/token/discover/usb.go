package discover

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Device is a token or reader that is plugged in, as the USB bus tells it.
type Device struct {
	// Vendor and Product are the numbers of the USB descriptor.
	Vendor, Product uint16
	// Name is what the device says of itself; it may be empty.
	Name string
	// Makers are the makers of modules for such devices, as in Candidate.Maker.
	Makers []string
}

// vendors are the USB vendors of tokens and the makers of modules for them.
// Vietnam's public CAs sell Feitian's and WatchData's devices under names and
// modules of their own. The numbers are those of the list of supported devices
// of the CCID driver and of usb.ids.
//
//nolint:gochecknoglobals // a constant table
var vendors = map[uint16][]string{
	0x0529: {"SafeNet (VGCA)"},
	0x08E6: {"SafeNet (VGCA)", "GemSafe"},
	0x25DD: {"Bit4id (VGCA)"},
	0x096E: {
		"Feitian", "Viettel-CA", "VNPT-CA", "FPT-CA", "BKAV-CA", "CA2 (Nacencomm)", "SmartSign (Vina-CA)", "NewCA (Newtel)",
		"FastCA", "I-CA", "Safe-CA", "EFY-CA", "MISA-CA", "CK-CA",
	},
	0x163C: {"WatchData", "VNPT-CA", "CA2 (Nacencomm)", "BKAV-CA"},
	0x0DC3: {"Athena"},
	0x1059: {"SafeSign"},
	0x1A74: {"IDEMIA"},
	0x1050: {"YubiKey", "OpenSC"},
	0x20A0: {"OpenSC"},
}

// usbFolder is where Linux shows the USB bus.
const usbFolder = "/sys/bus/usb/devices"

// Devices lists the plugged-in devices of known makers of tokens. Plain readers
// are left out: a reader without a card needs no module. It knows the bus of
// Linux, and of Windows through its SetupAPI; it is empty elsewhere.
func (p Places) Devices() []Device {
	var found []Device
	for _, d := range p.plugged() {
		d.Makers = vendors[d.Vendor]
		if d.Makers != nil && !isReader(d.Name) {
			found = append(found, d)
		}
	}
	return found
}

func isReader(name string) bool {
	low := strings.ToLower(name)
	return strings.Contains(low, "reader") || strings.Contains(low, "lector")
}

func usbText(dir, name string) string {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	return strings.ToValidUTF8(strings.TrimSpace(string(b)), "\uFFFD")
}

func usbNumber(dir, name string) uint16 {
	n, err := strconv.ParseUint(usbText(dir, name), 16, 16)
	if err != nil {
		return 0
	}
	return uint16(n)
}

// Unserved gives the devices for which no module of their makers can be loaded:
// their driver is to be installed. OpenSC may know a device all the same.
func Unserved(devices []Device, modules []Candidate) []Device {
	return slices.DeleteFunc(slices.Clone(devices), func(d Device) bool {
		return slices.ContainsFunc(modules, func(c Candidate) bool { return c.Err == nil && slices.Contains(d.Makers, c.Maker) })
	})
}
