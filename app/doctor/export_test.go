//go:build linux

package doctor

import "context"

// AskPCSC asks the service at a socket of the test's own.
func AskPCSC(ctx context.Context, socket string) ServiceState { return askPCSC(ctx, socket) }
