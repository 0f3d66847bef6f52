package database

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"sync"
)

// maxPrepared bounds the statements that are kept. The server has about 200;
// lists with many parts make some more.
const maxPrepared = 400

// prepared keeps the statements of a pool, so that SQLite does not parse them
// for every call: that was a quarter of a write's time. PostgreSQL's driver
// keeps its own. A nil *prepared keeps none.
type prepared struct {
	pool *sql.DB
	mu   sync.Mutex
	by   map[string]*sql.Stmt
}

func newPrepared(pool *sql.DB) *prepared {
	return &prepared{pool: pool, by: map[string]*sql.Stmt{}}
}

// find gives a statement that is kept, else nil.
func (p *prepared) find(query string) *sql.Stmt {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.by[query]
}

// keep prepares a statement and keeps it. One that cannot be prepared tells its
// error when it is run.
func (p *prepared) keep(ctx context.Context, query string) *sql.Stmt {
	if p == nil {
		return nil
	}
	if s := p.find(query); s != nil {
		return s
	}
	s, err := p.pool.PrepareContext(ctx, query)
	if err != nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if other := p.by[query]; other != nil || len(p.by) >= maxPrepared {
		_ = s.Close()
		return other
	}
	p.by[query] = s
	return s
}

// texts are the statements that are kept.
func (p *prepared) texts() []string {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Collect(maps.Keys(p.by))
}

// close ends them all.
func (p *prepared) close() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.by {
		_ = s.Close()
	}
	clear(p.by)
}
