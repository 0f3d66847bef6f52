//go:build !linux

package refservertest

import (
	"context"
	"testing"
)

// StartCluster gives ErrNoPostgres.
func StartCluster(context.Context, Durability) (*Cluster, error) { return nil, ErrNoPostgres }

// Stop does nothing: there is no cluster.
func (c *Cluster) Stop() {}

// Make is not called: there is no cluster.
func (c *Cluster) Make(tb testing.TB) string {
	tb.Helper()
	tb.Fatal(ErrNoPostgres)
	return ""
}
