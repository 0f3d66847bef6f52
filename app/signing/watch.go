package signing

import (
	"context"
	"sync"
	"time"

	"kyso/signer/token"
)

// rediscover is how often Watch looks for drivers that were installed meanwhile.
const rediscover = 30 * time.Second

// Plugged is what Watch saw of one module: all its tokens that are in now, or why
// they cannot be listed.
type Plugged struct {
	Module string
	Tokens []token.Info
	Err    error
}

// Watch tells changed the tokens of every module once, and again within two
// seconds when one comes or goes, until ctx ends. It looks at the slots only, so
// that no token blinks while nothing changes (token.Watch). The calls come one
// after the other, in goroutines of Watch, which returns when all have ended.
func (d *Desk) Watch(ctx context.Context, changed func(Plugged)) {
	var all sync.WaitGroup
	defer all.Wait()
	var one sync.Mutex
	watched := map[string]bool{}
	tick := time.NewTicker(rediscover)
	defer tick.Stop()
	for {
		modules, _ := d.c.Modules(ctx)
		for _, m := range modules {
			if watched[m.Path] {
				continue
			}
			watched[m.Path] = true
			all.Go(func() {
				token.Watch(ctx, m.Provider, token.WatchEvery, func(c token.Change) {
					one.Lock()
					defer one.Unlock()
					changed(Plugged{Module: m.Path, Tokens: c.Tokens, Err: c.Err})
				})
			})
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
