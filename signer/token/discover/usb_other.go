//go:build !windows

package discover

import "path/filepath"

// plugged lists the devices of the USB bus as Linux shows it.
func (p Places) plugged() []Device {
	if p.USB == "" {
		return nil
	}
	folders, err := filepath.Glob(filepath.Join(p.USB, "*"))
	if err != nil {
		return nil
	}
	var found []Device
	for _, dir := range folders {
		found = append(found, Device{Vendor: usbNumber(dir, "idVendor"), Product: usbNumber(dir, "idProduct"), Name: usbText(dir, "product")})
	}
	return found
}
