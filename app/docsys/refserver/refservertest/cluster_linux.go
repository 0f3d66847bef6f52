package refservertest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// StartCluster starts PostgreSQL. As root it runs as the user postgres, since
// PostgreSQL refuses to run as root.
func StartCluster(ctx context.Context, d Durability) (_ *Cluster, err error) {
	initdb, err := program("initdb")
	if err != nil {
		return nil, err
	}
	postgres, err := program("postgres")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "kyso-pg-")
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir, of: map[string]string{}}
	defer func() {
		if err != nil {
			c.Stop()
		}
	}()
	as, err := unprivileged(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	setUp := exec.CommandContext(ctx, initdb, "-D", data, "-U", "kyso", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale", "C.UTF-8") //nolint:gosec // programs of the system
	setUp.SysProcAttr, setUp.Dir = as, dir
	if out, err := setUp.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	if c.log, err = os.Create(filepath.Join(dir, "log")); err != nil {
		return nil, err
	}
	args := []string{"-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "max_connections=200"}
	if d == Forgetful {
		args = append(args, "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")
	}
	run := exec.CommandContext(ctx, postgres, args...) //nolint:gosec // as above
	as.Pdeathsig = syscall.SIGINT                      // a test that is killed leaves no server
	run.SysProcAttr, run.Dir, run.Stdout, run.Stderr = as, dir, c.log, c.log
	if err := run.Start(); err != nil {
		return nil, err
	}
	c.process = run
	return c, c.await(ctx)
}

// Stop ends the cluster and removes it.
func (c *Cluster) Stop() {
	if c.process != nil {
		_ = c.process.Process.Signal(syscall.SIGINT) // fast shutdown
		_ = c.process.Wait()
	}
	if c.log != nil {
		_ = c.log.Close()
	}
	_ = os.RemoveAll(c.dir)
}

// program finds a program of PostgreSQL, which Debian keeps out of the PATH.
func program(name string) (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err == nil && len(found) > 0 {
		return found[len(found)-1], nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", ErrNoPostgres
	}
	return path, nil
}

// unprivileged gives the attributes of a process of the user postgres, and that
// user the folder.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	if os.Geteuid() != 0 {
		return &syscall.SysProcAttr{}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, errU := strconv.ParseUint(u.Uid, 10, 32)
	gid, errG := strconv.ParseUint(u.Gid, 10, 32)
	err = errors.Join(errU, errG, os.Chown(dir, int(uid), int(gid)), os.Chmod(dir, 0o755)) //nolint:gosec // the socket must be reached
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, err
}

func (c *Cluster) url(database string) string {
	return fmt.Sprintf("postgres:///%s?host=%s&user=kyso", database, c.dir)
}

func (c *Cluster) await(ctx context.Context) error {
	db, err := sql.Open("pgx", c.url("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range 1200 {
		if err = db.PingContext(ctx); err == nil {
			return nil
		}
		<-tick.C
	}
	return fmt.Errorf("PostgreSQL does not answer: %w", err)
}

// Make makes an empty database and gives its URL.
func (c *Cluster) Make(tb testing.TB) string {
	tb.Helper()
	db, err := sql.Open("pgx", c.url("postgres"))
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	name := "kyso_" + strings.ToLower(rand.Text()[:12])
	if _, err := db.ExecContext(tb.Context(), "CREATE DATABASE "+name); err != nil {
		tb.Fatal(err)
	}
	return c.url(name)
}
