// Command winparent stands for the program on a system where the tests
// themselves do not run, Windows under Wine: it does one thing with a helper and
// prints what came of it.
//
//	winparent sign HELPER MODULE     list, log in, sign, close: the kind of the first error, or "signed LABEL"
//	winparent survive HELPER MODULE  a second helper after one that died or hangs: the same twice, the second
//	                                 without TOYP11
//	winparent registered             the modules that the system's registry names
package main

import (
	"context"
	"crypto"
	_ "crypto/sha256"
	"errors"
	"fmt"
	"os"
	"time"

	"kyso/signer/token"
	"kyso/signer/token/discover"
	"kyso/signer/token/remote"
)

func main() {
	switch os.Args[1] {
	case "registered":
		for _, c := range discover.Modules(nil) {
			if c.Source == discover.Registered {
				fmt.Printf("%s %s %t\n", c.Path, kind(c.Err), c.Writable)
			}
		}
	case "sign":
		fmt.Println(sign(os.Args[2], os.Args[3]))
	case "survive":
		fmt.Println(sign(os.Args[2], os.Args[3]))
		if err := os.Unsetenv("TOYP11"); err != nil {
			fmt.Println(err)
		}
		fmt.Println(sign(os.Args[2], os.Args[3]))
	}
}

// sign does all that a signature takes.
func sign(helper, module string) (result string) {
	ctx := context.Background()
	p := remote.Start(remote.Options{Helper: helper, Module: module, Limits: remote.Limits{Start: 10 * time.Second, Sign: 3 * time.Second}})
	defer func() {
		start := time.Now()
		if err := p.Close(); err != nil {
			result = err.Error()
		}
		if d := time.Since(start); d > 2*time.Second {
			result = "closed after " + d.String()
		}
	}()
	tokens, err := p.Tokens(ctx)
	if err != nil || len(tokens) != 1 {
		return kind(err)
	}
	certificates, err := p.Certificates(ctx, tokens[0].Slot)
	if err != nil || len(certificates) != 1 {
		return kind(err)
	}
	_, err = p.OpenSession(ctx, tokens[0].Slot, token.Login{PIN: []byte("11111111")})
	if !errors.Is(err, token.ErrPINWrong) {
		return "a wrong PIN gives " + kind(err)
	}
	s, err := p.OpenSession(ctx, tokens[0].Slot, token.Login{PIN: []byte("87654321")})
	if err != nil {
		return kind(err)
	}
	if _, err := s.Sign(ctx, token.SignRequest{Certificate: certificates[0], Digest: make([]byte, 32), Hash: crypto.SHA256}); err != nil {
		return kind(err)
	}
	if err := s.Close(ctx); err != nil {
		return kind(err)
	}
	return "signed " + tokens[0].Label
}

// kind names an error, in one word where it has one.
func kind(err error) string {
	if err == nil {
		return "none"
	}
	if e, ok := errors.AsType[*token.Error](err); ok {
		return string(e.Kind)
	}
	return err.Error()
}
