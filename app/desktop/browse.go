package desktop

import (
	"context"
	"fmt"
	"net/url"
)

// ErrNoBrowser reports that no browser opens addresses.
var ErrNoBrowser error = &namedError{"no-browser", "no browser opens addresses"}

// Browse opens an address, http or https, in the person's browser.
func Browse(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("open in the browser: %w: %q is no address of a page", ErrNoBrowser, address)
	}
	return browse(ctx, u.String())
}
