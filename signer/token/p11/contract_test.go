package p11_test

import (
	"os"
	"strings"
	"testing"

	"kyso/signer/token/p11"
	"kyso/signer/token/tokentest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	tokentest.Cleanup()
	os.Exit(code)
}

// One provider serves all parts: a module is never finalized, so it keeps the
// token folder that it was initialized with.
func TestProviderKeepsTheContract(t *testing.T) {
	module, env := tokentest.StandardSoftHSM(t)
	name, value, _ := strings.Cut(env[0], "=")
	t.Setenv(name, value)
	p, err := p11.Open(module, "")
	if err != nil {
		t.Fatal(err)
	}
	tokentest.Contract(t, func(*testing.T) tokentest.Fixture { return tokentest.Fixture{Provider: p} })
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}
