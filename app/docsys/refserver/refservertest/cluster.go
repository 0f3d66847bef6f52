package refservertest

import (
	"errors"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// Cluster is a throwaway PostgreSQL on a socket in a temporary folder: no
// network, no password. The caller calls Stop.
type Cluster struct {
	dir     string
	process *exec.Cmd
	log     *os.File
	mu      sync.Mutex
	of      map[string]string // database by data folder
}

// Durability says whether a commit of a cluster waits for the disk.
type Durability bool

// No test cuts the power, so most need not wait; what measures must.
const (
	Forgetful Durability = false
	Durable   Durability = true
)

// ErrNoPostgres reports that PostgreSQL is not installed (Debian: postgresql),
// or that this is not Linux.
var ErrNoPostgres = errors.New("PostgreSQL is not installed")

// cluster is where Start keeps its data; nil for SQLite.
//
//nolint:gochecknoglobals // one suite runs on two engines, chosen in TestMain
var cluster *Cluster

// On lets every Start from now on use a database of the cluster; nil is SQLite.
func On(c *Cluster) { cluster = c }

// Database is the URL of the database that belongs to a data folder, made when
// there is none yet; "" for SQLite, which keeps it in the folder.
func Database(tb testing.TB, dir string) string {
	tb.Helper()
	if cluster == nil {
		return ""
	}
	cluster.mu.Lock()
	defer cluster.mu.Unlock()
	if cluster.of[dir] == "" {
		cluster.of[dir] = cluster.Make(tb)
	}
	return cluster.of[dir]
}

// Folder is the folder in which the database of a data folder lies.
func Folder(dir string) string {
	if cluster == nil {
		return dir
	}
	return cluster.dir
}
