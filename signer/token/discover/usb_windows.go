package discover

import (
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/windows"
)

// plugged lists the devices of the USB bus that are present now (SetupAPI).
// Places.USB is not looked at.
func (p Places) plugged() []Device {
	set, err := windows.SetupDiGetClassDevsEx(nil, "USB", 0, windows.DIGCF_PRESENT|windows.DIGCF_ALLCLASSES, 0, "")
	if err != nil {
		return nil
	}
	defer func() { _ = set.Close() }()
	var found []Device
	for i := 0; ; i++ {
		data, err := set.EnumDeviceInfo(i)
		if errors.Is(err, windows.ERROR_NO_MORE_ITEMS) || i > maxDevices {
			return found
		}
		if err != nil {
			continue
		}
		id, err := set.DeviceInstanceID(data)
		if err != nil {
			continue
		}
		d, ok := parseInstance(id)
		if !ok {
			continue
		}
		for _, property := range []windows.SPDRP{windows.SPDRP_FRIENDLYNAME, windows.SPDRP_DEVICEDESC} {
			if v, err := set.DeviceRegistryProperty(data, property); err == nil && d.Name == "" {
				d.Name, _ = v.(string)
			}
		}
		found = append(found, d)
	}
}

// maxDevices bounds one look at the bus.
const maxDevices = 4096

// parseInstance reads the numbers of a name such as
// USB\VID_096E&PID_0309\5&1A2B3C4D&0&2.
func parseInstance(id string) (Device, bool) {
	upper := strings.ToUpper(id)
	number := func(key string) (uint16, bool) {
		_, rest, ok := strings.Cut(upper, key)
		if !ok || len(rest) < 4 {
			return 0, false
		}
		n, err := strconv.ParseUint(rest[:4], 16, 16)
		return uint16(n), err == nil
	}
	vendor, ok := number("VID_")
	product, also := number("PID_")
	return Device{Vendor: vendor, Product: product}, ok && also
}
