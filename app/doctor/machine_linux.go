package doctor

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// systemName names distribution and kernel.
func systemName() string {
	name := "Linux"
	if b, err := os.ReadFile("/etc/os-release"); err == nil {
		for line := range strings.Lines(string(b)) {
			if v, ok := strings.CutPrefix(strings.TrimSpace(line), "PRETTY_NAME="); ok {
				name = strings.Trim(v, `"'`)
			}
		}
	}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		name += ", kernel " + unix.ByteSliceToString(u.Release[:])
	}
	return name
}

// pcscSocket is where pcscd listens; systemd starts it at the first call.
const pcscSocket = "/run/pcscd/pcscd.comm"

// SystemService asks pcscd for its state and its readers.
func SystemService(ctx context.Context) ServiceState { return askPCSC(ctx, pcscSocket) }

// askPCSC asks the service that listens on a socket.
func askPCSC(ctx context.Context, socket string) ServiceState {
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", socket)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ServiceState{Code: "absent"}
	case errors.Is(err, fs.ErrPermission):
		return ServiceState{Code: "denied", Detail: err.Error()}
	case errors.Is(err, syscall.ECONNREFUSED):
		return ServiceState{Code: "stopped", Detail: err.Error()}
	case err != nil:
		return ServiceState{Code: "unknown", Detail: err.Error()}
	}
	defer func() { _ = c.Close() }() // nothing was asked for that stays
	readers, err := pcscReaders(ctx, c)
	if err != nil {
		return ServiceState{Code: "running", Detail: err.Error()}
	}
	return ServiceState{Code: "running", Readers: readers}
}

// The messages of pcsc-lite between client and service (winscard_msg.h, protocol
// 4): a header of size and command, then the body. Numbers have the machine's order.
const (
	pcscVersion = 0x11 // CMD_VERSION
	pcscReadAll = 0x12 // CMD_GET_READERS_STATE

	pcscMajor, pcscMinor = 4, 4

	pcscMaxReaders = 16
	pcscName       = 128
	pcscStateAt    = pcscName + 4 // behind the name and the counter of events
	pcscRecord     = pcscName + 4 + 4 + 4 + 36 + 4 + 4
	pcscPresent    = 0x0004 // SCARD_PRESENT in the service's own reckoning
	pcscAnswerTime = 5 * time.Second
)

// pcscReaders lists the readers that the service knows.
func pcscReaders(ctx context.Context, c net.Conn) ([]Reader, error) {
	deadline, ok := ctx.Deadline()
	if limit := time.Now().Add(pcscAnswerTime); !ok || deadline.After(limit) {
		deadline = limit
	}
	if err := c.SetDeadline(deadline); err != nil {
		return nil, fmt.Errorf("ask the smart-card service: %w", err)
	}
	order := binary.NativeEndian
	hello := order.AppendUint32(nil, 12)
	for _, n := range []uint32{pcscVersion, pcscMajor, pcscMinor, 0} {
		hello = order.AppendUint32(hello, n)
	}
	answer := make([]byte, 12)
	if _, err := c.Write(hello); err != nil {
		return nil, fmt.Errorf("ask the smart-card service: %w", err)
	}
	if _, err := io.ReadFull(c, answer); err != nil {
		return nil, fmt.Errorf("ask the smart-card service: %w", err)
	}
	if rv := order.Uint32(answer[8:]); rv != 0 {
		return nil, fmt.Errorf("the smart-card service speaks protocol %d.%d (0x%X)", order.Uint32(answer), order.Uint32(answer[4:]), rv)
	}
	if _, err := c.Write(order.AppendUint32(order.AppendUint32(nil, 0), pcscReadAll)); err != nil {
		return nil, fmt.Errorf("ask for the readers: %w", err)
	}
	all := make([]byte, pcscMaxReaders*pcscRecord)
	if _, err := io.ReadFull(c, all); err != nil {
		return nil, fmt.Errorf("ask for the readers: %w", err)
	}
	readers := []Reader{}
	for ; len(all) >= pcscRecord; all = all[pcscRecord:] {
		name, _, _ := strings.Cut(string(all[:pcscName]), "\x00")
		if name == "" {
			continue
		}
		readers = append(readers, Reader{
			Name: strings.ToValidUTF8(name, "\uFFFD"),
			Card: order.Uint32(all[pcscStateAt:])&pcscPresent != 0,
		})
	}
	return readers, nil
}
