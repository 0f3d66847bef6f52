//go:build !windows && !darwin

package handout

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jezek/xgb/xproto"
)

// Clipboard puts files on the clipboard. On X11 the files are on it until another
// program copies something or this program ends. The zero value is ready; Close
// ends it.
type Clipboard struct {
	mu   sync.Mutex
	stop context.CancelFunc // of the answers to the last Copy
	end  chan struct{}
}

// Copy puts files on the clipboard in place of what was there.
func (c *Clipboard) Copy(files []string) error {
	b, err := pack(files)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.halt()
	d, err := connect()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoClipboard, err)
	}
	if err := d.own("CLIPBOARD"); err != nil {
		d.close()
		return errors.Join(ErrNoClipboard, err)
	}
	ctx, cancel := context.WithCancel(context.Background()) //nolint:forbidigo // ended by Close
	c.stop, c.end = cancel, make(chan struct{})
	go func(end chan struct{}) {
		defer close(end)
		d.serve(ctx, b.forms())
	}(c.end)
	return nil
}

// Close gives the clipboard up.
func (c *Clipboard) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.halt()
}

// halt ends the answers to the last Copy.
func (c *Clipboard) halt() {
	if c.stop != nil {
		c.stop()
		<-c.end
		c.stop = nil
	}
}

// serve answers what other programs ask, until one of them owns the clipboard.
func (d *display) serve(ctx context.Context, forms map[string]string) {
	defer d.close()
	for {
		select {
		case <-ctx.Done():
			return
		case e, open := <-d.events:
			if !open {
				return
			}
			switch e := e.(type) {
			case xproto.SelectionRequestEvent:
				d.answer(e, forms)
			case xproto.SelectionClearEvent:
				return
			}
		}
	}
}
