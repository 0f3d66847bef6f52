package doctor

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"kyso/signer/token"
	"kyso/signer/token/discover"
)

// checkDrivers looks into the files of all drivers and has each that can be
// loaded asked for its tokens.
func (c Config) checkDrivers(context.Context) result {
	var got result
	all := c.Modules()
	for i, m := range all {
		order := fmt.Sprintf("%03d", i+1)
		if p, ok := c.open(m); ok {
			run := func(ctx context.Context) result { return askDriver(ctx, m, p) }
			got.then = append(got.then, check{Drivers, "driver", order, c.Limits.Driver, run})
			continue
		}
		f := unusable(m)
		f.order = order
		got.findings = append(got.findings, f)
	}
	if len(all) == 0 {
		got.findings = append(got.findings, Finding{Group: Drivers, State: Bad, Code: "driver-none"})
	}
	return got
}

// open gives the provider of a module that can be loaded.
func (c Config) open(m discover.Candidate) (token.Provider, bool) {
	if m.Err != nil && !errors.Is(m.Err, token.ErrWrongMachine) || c.Open == nil {
		return nil, false
	}
	return c.Open(m)
}

// unusable says why a driver is not even tried.
func unusable(m discover.Candidate) Finding {
	f := Finding{Group: Drivers, State: Warn, Code: "driver-other", Values: driverValues(m), Details: driverDetails(m)}
	if m.Source == discover.Chosen {
		f.State = Bad // the person relies on it
	}
	switch {
	case errors.Is(m.Err, token.ErrDriverMissing):
		f.Code = "driver-missing"
	case errors.Is(m.Err, token.ErrNotDriver):
		f.Code = "driver-not"
	case errors.Is(m.Err, token.ErrWrongMachine):
		f.Code = "driver-machine"
	}
	if m.Err != nil {
		f.Details = append(f.Details, failure("error", m.Err))
	}
	return f
}

// driverValues are what the texts on a driver name.
func driverValues(m discover.Candidate) []Value {
	name := m.Maker
	if name == "" {
		name = filepath.Base(m.Path)
	}
	return []Value{
		file("driver", name), plain("machine", machines(m.Machines)), plain("program", machines([]string{"/" + runtime.GOARCH})),
		plain("libraries", strings.Join(m.Missing, ", ")),
	}
}

func driverDetails(m discover.Candidate) []Value {
	out := []Value{file("path", m.Path), wordOf("found", string(m.Source))}
	if m.Maker != "" {
		out = append(out, plain("maker", m.Maker))
	}
	if len(m.Machines) > 0 {
		out = append(out, plain("made-for", strings.Join(m.Machines, ", ")))
	}
	if m.Writable {
		out = append(out, wordOf("writable", "yes"))
	}
	if len(m.Missing) > 0 {
		out = append(out, plain("missing", strings.Join(m.Missing, ", ")))
	}
	return out
}

// machines writes processors as people call them: "pe/386" is 32 bits.
func machines(all []string) string {
	var out []string
	for _, m := range all {
		_, processor, _ := strings.Cut(m, "/")
		switch processor {
		case "386":
			processor = "32 bit"
		case "amd64":
			processor = "64 bit"
		case "arm64":
			processor = "ARM 64 bit"
		}
		out = append(out, processor)
	}
	return strings.Join(out, ", ")
}

// askDriver loads a driver and lists its tokens and their certificates.
func askDriver(ctx context.Context, m discover.Candidate, p token.Provider) result {
	var got result
	tokens, err := p.Tokens(ctx)
	if err != nil {
		got.findings = append(got.findings, failedDriver(m, err))
		return got
	}
	f := Finding{Group: Drivers, State: OK, Code: "driver-ok", Values: driverValues(m), Details: driverDetails(m)}
	f.Values = append(f.Values, plain("count", strconv.Itoa(len(tokens))))
	switch {
	case isTrustStore(m):
		f.Code = "driver-trust"
	case len(tokens) == 0:
		f.Code = "driver-empty"
	}
	slots, err := p.Slots(ctx)
	if err == nil {
		f.Details = append(f.Details, plain("slots", strconv.Itoa(len(slots))))
	}
	got.findings = append(got.findings, f)
	if isTrustStore(m) {
		return got
	}
	for _, t := range tokens {
		certificates, err := p.Certificates(ctx, t.Slot)
		if err != nil {
			got.findings = append(got.findings, unreadToken(m, t, err))
			continue
		}
		got.findings = append(got.findings, tokenFinding(m, t, len(certificates)))
		got.holdings = append(got.holdings, token.Holding{Module: m.Path, Token: t, Certificates: certificates})
	}
	return got
}

// isTrustStore reports the module that shows the system's CA certificates as if
// they were a token; nobody signs with it.
func isTrustStore(m discover.Candidate) bool {
	return strings.HasPrefix(filepath.Base(m.Path), "p11-kit-trust.")
}

// failedDriver says why a driver that looked well does not work.
func failedDriver(m discover.Candidate, err error) Finding {
	f := Finding{Group: Drivers, State: Bad, Code: "driver-failed", Values: driverValues(m), Details: append(driverDetails(m), failure("error", err))}
	switch {
	case errors.Is(err, token.ErrHung), errors.Is(err, context.DeadlineExceeded), errors.Is(err, token.ErrCancelled):
		f.Code = "driver-hung"
	case errors.Is(err, token.ErrCrashed):
		f.Code = "driver-crashed"
	case len(m.Missing) > 0:
		f.Code = "driver-libraries"
	}
	return f
}

// slotOrder is the place of a token's finding.
func slotOrder(slot uint) string { return fmt.Sprintf("%010d", slot) }

func unreadToken(m discover.Candidate, t token.Info, err error) Finding {
	f := Finding{Group: Tokens, State: Bad, Code: "token-unread", Values: []Value{private("token", t.Label)}, order: slotOrder(t.Slot)}
	f.Details = append(tokenDetails(m, t), failure("error", err))
	if errors.Is(err, token.ErrHung) || errors.Is(err, token.ErrCrashed) {
		f.Details = append(f.Details, wordOf("driver-state", "fails"))
	}
	return f
}

// tokenFinding tells the state of a token's PIN counter.
func tokenFinding(m discover.Candidate, t token.Info, certificates int) Finding {
	f := Finding{Group: Tokens, State: OK, Code: "token-ready", order: slotOrder(t.Slot)}
	switch {
	case t.Soft:
		f.State, f.Code = Warn, "token-soft"
	case t.PIN == token.PINLow:
		f.State, f.Code = Warn, "token-low"
	case t.PIN == token.PINFinal:
		f.State, f.Code = Bad, "token-final"
	case t.PIN == token.PINLocked:
		f.State, f.Code = Bad, "token-locked"
	case t.PIN == token.PINUnset:
		f.State, f.Code = Bad, "token-unset"
	case certificates == 0:
		f.State, f.Code = Bad, "token-empty"
	}
	f.Values = []Value{private("token", t.Label), plain("count", strconv.Itoa(certificates))}
	f.Details = append(tokenDetails(m, t), wordOf("pin", "pin-"+string(t.PIN)))
	return f
}

func tokenDetails(m discover.Candidate, t token.Info) []Value {
	out := []Value{
		file("driver", filepath.Base(m.Path)), plain("slot", strconv.FormatUint(uint64(t.Slot), 10)), serial("serial", t.Serial),
		maker("device", strings.TrimSpace(t.Manufacturer+" "+t.Model)),
	}
	if t.Firmware != "" || t.Hardware != "" {
		out = append(out, plain("firmware", firstText(t.Firmware, "–")+" / "+firstText(t.Hardware, "–")))
	}
	if t.MaxPIN > 0 {
		out = append(out, plain("pin-length", fmt.Sprintf("%d–%d", t.MinPIN, t.MaxPIN)))
	}
	if t.PINPad {
		out = append(out, wordOf("pin-pad", "yes"))
	}
	return out
}

// checkDevices looks for tokens that are plugged in and have no driver.
func (c Config) checkDevices(context.Context) result {
	var got result
	if c.Devices == nil {
		return got
	}
	devices := c.Devices()
	if len(devices) == 0 {
		return got
	}
	without := discover.Unserved(devices, c.Modules())
	got.unserved = len(without)
	for _, d := range devices {
		f := Finding{Group: Tokens, State: OK, Code: "usb-served"}
		for _, w := range without {
			if w.Vendor == d.Vendor && w.Product == d.Product {
				f.State, f.Code = Bad, "usb-unserved"
			}
		}
		id := fmt.Sprintf("%04X:%04X", d.Vendor, d.Product)
		f.Values = []Value{maker("device", firstText(d.Name, id)), plain("makers", strings.Join(d.Makers, ", "))}
		f.Details = []Value{plain("usb", id)}
		got.findings = append(got.findings, f)
	}
	return got
}

// firstText gives the first text that is not empty.
func firstText(all ...string) string {
	for _, t := range all {
		if t != "" {
			return t
		}
	}
	return ""
}
