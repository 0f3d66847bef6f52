package main_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"kyso/app/journal"
	"kyso/app/settings"
)

// listenTo starts a program of the folder that make windows prepares and keeps what it prints.
func listenTo(t *testing.T, program string, args ...string) *window {
	t.Helper()
	c := exec.CommandContext(context.WithoutCancel(t.Context()), program, args...)
	out, in := io.Pipe()
	c.Stdout, c.Stderr = in, in
	w := &window{more: make(chan struct{}, 1)}
	start(t, c)
	t.Cleanup(func() { _ = in.Close() })
	go w.read(bufio.NewScanner(out))
	return w
}

// pointer moves the pointer and presses its buttons, by a program of the system below Wine, for
// whose end nobody can wait from here. Places are of the window.
func pointer(t *testing.T, at [2]int, format string, places ...[2]int) {
	t.Helper()
	var numbers []any
	for _, p := range places {
		numbers = append(numbers, at[0]+p[0], at[1]+p[1])
	}
	if err := exec.CommandContext(t.Context(), "xdotool.exe", strings.Fields(fmt.Sprintf(format, numbers...))...).Start(); err != nil {
		t.Fatalf("xdotool: %v", err)
	}
}

// origin is where the window's contents begin on the screen.
func origin(t *testing.T, title string) [2]int {
	t.Helper()
	name, err := windows.UTF16PtrFromString(title)
	if err != nil {
		t.Fatal(err)
	}
	user := windows.NewLazySystemDLL("user32.dll")
	found, _, err := user.NewProc("FindWindowW").Call(0, uintptr(unsafe.Pointer(name)))
	if found == 0 {
		t.Fatalf("no window %s: %v", title, err)
	}
	var at struct{ x, y int32 }
	if ok, _, err := user.NewProc("ClientToScreen").Call(found, uintptr(unsafe.Pointer(&at))); ok == 0 {
		t.Fatal(err)
	}
	return [2]int{int(at.x), int(at.y)}
}

// signedOnce gives a data folder with one file that was signed, and its path.
func signedOnce(t *testing.T) (data, path string) {
	t.Helper()
	data = t.TempDir()
	f, err := settings.FindFolders(data)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(f.Signed(), "Quyết định số 12, đã ký.pdf")
	if err := os.WriteFile(path, []byte("%PDF-1.7"), 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(filepath.Join(f.Data, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	err = j.Append(journal.Entry{At: time.Now(), Kind: "signed", Title: "Quyết định số 12", Path: path, SHA256: strings.Repeat("a", 64), Role: "approval", Signer: "Trần Minh Khôi"})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return data, path
}

func TestASignedFileIsDraggedOutOfTheWindowOnWindows(t *testing.T) {
	data, path := signedOnce(t)
	w := listenTo(t, "kyso.exe", "--data", data, "--trace", "--lang", "vi")
	w.wait(t, "window painted")
	target := listenTo(t, "target.exe", "drop", "1240", "700", "190", "190")
	target.wait(t, "ready 00000000")
	at := origin(t, "Ký số văn bản")

	sent, journal, handle := [2]int{60, 163}, [2]int{60, 267}, [2]int{291, 179}
	pointer(t, at, "mousemove %d %d click 1", journal)
	w.wait(t, "history 1")
	pointer(t, at, "sleep 1 mousemove %d %d sleep 0.3 mousedown 1 sleep 0.3 mousemove_relative 30 30 sleep 0.3 mousemove_relative 30 30 sleep 0.3 mousemove 1300 800", handle)
	target.wait(t, "entered allowed 1")
	pointer(t, at, "mouseup 1")
	target.wait(t, "dropped |"+path)

	w.forget()
	pointer(t, at, "sleep 0.5 mousemove %d %d click 1", sent) // the window knows that the button is up
	w.wait(t, "place sent")
}
