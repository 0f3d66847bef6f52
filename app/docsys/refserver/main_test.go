package refserver_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"

	site "kyso/app/docsys/refserver/refservertest"
)

// TestMain runs the whole suite on SQLite and then on a real PostgreSQL;
// KYSO_ENGINE=sqlite or postgres takes one of them.
func TestMain(m *testing.M) {
	os.Exit(onBothEngines(m))
}

func onBothEngines(m *testing.M) int {
	flag.Parse() //nolint:revive // m.Run has not read them yet, and FuzzX must be known before
	only := os.Getenv("KYSO_ENGINE")
	if flag.Lookup("test.fuzz").Value.String() != "" {
		only = "sqlite"
	}
	if only != "postgres" {
		if code := m.Run(); code != 0 || only == "sqlite" {
			return code
		}
	}
	cluster, err := site.StartCluster(context.Background(), site.Forgetful)
	if errors.Is(err, site.ErrNoPostgres) {
		fmt.Fprintln(os.Stderr, "PostgreSQL is not installed: the suite did not run on it")
		return 0
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer cluster.Stop()
	site.On(cluster)
	if code := m.Run(); code != 0 {
		fmt.Fprintln(os.Stderr, "the failures above are those on PostgreSQL")
		return code
	}
	return 0
}
