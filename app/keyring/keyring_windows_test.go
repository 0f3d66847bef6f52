package keyring_test

import (
	"context"
	"testing"
	"unsafe"

	"golang.org/x/sys/windows"

	"kyso/app/keyring"
)

func TestTheCredentialManager(t *testing.T) { keeps(t) }

// What is kept is the person's, on this computer, under a name that they know in the Credential
// Manager.
func TestTheCredentialManagerListsWhatIsKept(t *testing.T) {
	const target, login = "https://van-ban.phuong.vn", "văn thư"
	if err := keyring.Keep(t.Context(), target, login, "mật khẩu"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := keyring.Forget(context.Background(), target, login); err != nil {
			t.Error(err)
		}
	})
	name, err := windows.UTF16PtrFromString("Ký số:" + login + " @ " + target)
	if err != nil {
		t.Fatal(err)
	}
	const generic = 1
	var found *struct {
		flags, kind    uint32
		target, remark *uint16
		written        windows.Filetime
		size           uint32
		secret         *byte
		persist        uint32
	}
	api := windows.NewLazySystemDLL("advapi32.dll")
	if r, _, err := api.NewProc("CredReadW").Call(uintptr(unsafe.Pointer(name)), generic, 0, uintptr(unsafe.Pointer(&found))); r == 0 {
		t.Fatalf("read with the system's own call: %v", err)
	}
	defer api.NewProc("CredFree").Call(uintptr(unsafe.Pointer(found)))
	const thisComputer = 2 // CRED_PERSIST_LOCAL_MACHINE: not on others that the person uses
	if found.kind != generic || found.persist != thisComputer || string(unsafe.Slice(found.secret, found.size)) != "mật khẩu" {
		t.Errorf("got kind %d, persistence %d, %d bytes", found.kind, found.persist, found.size)
	}
}
