// Command kyso-token is the process that loads a vendor's PKCS #11 module and
// sees the PIN. Ký số starts it; it talks over two private pipes (package
// remote) and imports no network, PDF or window code.
//
//	kyso-token MODULE [RESERVED]
//
// RESERVED is a text that some modules want at their start (pReserved).
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"kyso/signer/token"
	"kyso/signer/token/p11"
	"kyso/signer/token/remote"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "kyso-token:", err)
		remote.Exit(1)
	}
	remote.Exit(0) // not a return: a driver may hang in its own clean-up
}

func run(args []string) error {
	in, out, err := remote.Pipes()
	if err != nil {
		return err
	}
	if len(args) != 1 && len(args) != 2 {
		return fmt.Errorf("want a module, got %d arguments", len(args))
	}
	if err := remote.Harden(); err != nil {
		return err
	}
	open := func() (token.Provider, error) { return p11.Open(args[0], strings.Join(args[1:], "")) }
	return remote.Serve(context.Background(), open, in, out)
}
