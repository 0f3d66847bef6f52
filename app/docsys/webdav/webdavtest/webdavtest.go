// Package webdavtest runs foreign WebDAV servers for tests, on loopback.
package webdavtest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Site is a WebDAV server with the folder that it serves.
type Site struct {
	URL  string // of the collection
	Root string // the folder behind it
	// Login and Password open it.
	Login, Password string
}

// freePort gives a port of the loopback that was free just now.
func freePort(tb testing.TB) string {
	tb.Helper()
	l, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// start runs a server until the test ends and waits until it listens.
func start(tb testing.TB, port, command string, args ...string) {
	tb.Helper()
	path, err := exec.LookPath(command)
	if err != nil {
		tb.Fatalf("%s is missing; .ci/install test brings it", command)
	}
	cmd := exec.CommandContext(tb.Context(), path, args...) //nolint:gosec // G204: a server that the test names
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	log := new(strings.Builder)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = cmd.Wait() })
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 500 {
		c, err := new(net.Dialer).DialContext(tb.Context(), "tcp", "127.0.0.1:"+port)
		if err == nil {
			_ = c.Close()
			return
		}
		<-tick.C
	}
	tb.Fatalf("%s does not listen: %s", command, log)
}

// Apache runs mod_dav with a password.
func Apache(tb testing.TB) Site {
	tb.Helper()
	dir, port := tb.TempDir(), freePort(tb)
	root := filepath.Join(dir, "www", "van-ban")
	if err := os.MkdirAll(root, 0o700); err != nil {
		tb.Fatal(err)
	}
	// Apache changes to another user when it is started by root.
	for _, d := range []string{filepath.Dir(dir), dir, filepath.Dir(root), root} {
		if err := os.Chmod(d, 0o777); err != nil { //nolint:gosec // G302: that user must reach it
			tb.Fatal(err)
		}
	}
	const modules = "/usr/lib/apache2/modules"
	conf := fmt.Sprintf(`ServerRoot %[1]s
ServerName localhost
Listen 127.0.0.1:%[2]s
PidFile %[1]s/apache.pid
ErrorLog %[1]s/error.log
LoadModule mpm_event_module %[3]s/mod_mpm_event.so
LoadModule authn_core_module %[3]s/mod_authn_core.so
LoadModule authn_file_module %[3]s/mod_authn_file.so
LoadModule authz_core_module %[3]s/mod_authz_core.so
LoadModule authz_user_module %[3]s/mod_authz_user.so
LoadModule auth_basic_module %[3]s/mod_auth_basic.so
LoadModule dav_module %[3]s/mod_dav.so
LoadModule dav_fs_module %[3]s/mod_dav_fs.so
DocumentRoot %[1]s/www
DavLockDB %[1]s/locks
<Directory %[1]s/www>
  Dav On
  AuthType Basic
  AuthName kyso
  AuthUserFile %[1]s/users
  Require valid-user
</Directory>
`, dir, port, modules)
	if os.Getuid() == 0 {
		conf += "User www-data\nGroup www-data\n"
	}
	// van-thu:mat-khau, as "htpasswd -s" writes it
	users := "van-thu:{SHA}HWrmKWNDzJ07BNQ52utQRRwPcEI=\n"
	for name, text := range map[string]string{"apache.conf": conf, "users": users} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil { //nolint:gosec // G306: as above
			tb.Fatal(err)
		}
	}
	start(tb, port, "apache2", "-X", "-f", filepath.Join(dir, "apache.conf"))
	return Site{"http://127.0.0.1:" + port + "/van-ban", root, "van-thu", "mat-khau"}
}

// Rclone runs "rclone serve webdav".
func Rclone(tb testing.TB) Site {
	tb.Helper()
	root, port := tb.TempDir(), freePort(tb)
	start(tb, port, "rclone", "serve", "webdav", root, "--addr", "127.0.0.1:"+port, "--user", "van-thu", "--pass", "mat-khau",
		"--config", filepath.Join(tb.TempDir(), "rclone.conf"), "--vfs-cache-mode", "off", "--dir-cache-time", "0s")
	return Site{"http://127.0.0.1:" + port, root, "van-thu", "mat-khau"}
}
