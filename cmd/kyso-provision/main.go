// Command kyso-provision writes demonstration tokens through a PKCS #11 module.
//
//	kyso-provision MODULE < tokens.json
//
// Its input is what kyso/signer/token/provision.Run writes: PINs and keys come
// over standard input only, never as an argument or in the environment. For
// every token it prints one line with its label.
package main

import (
	"fmt"
	"io"
	"os"

	"kyso/signer/token/p11"
	"kyso/signer/token/provision"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: kyso-provision MODULE < tokens.json")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "kyso-provision:", err)
		os.Exit(1)
	}
}

func run(module string, in io.Reader, out io.Writer) error {
	tokens, err := provision.Read(in)
	if err != nil {
		return err
	}
	defer func() {
		for _, t := range tokens {
			clear(t.SOPIN)
			clear(t.PIN)
		}
	}()
	if err := p11.Provision(module, tokens); err != nil {
		return err
	}
	for _, t := range tokens {
		if _, err := fmt.Fprintln(out, t.Label); err != nil {
			return fmt.Errorf("tell what was written: %w", err)
		}
	}
	return nil
}
