package remote_test

import (
	"testing"

	"kyso/signer/token/remote"
	"kyso/signer/token/tokentest"
)

func TestAModuleBehindAnotherKeepsTheContract(t *testing.T) {
	tokentest.Contract(t, func(t *testing.T) tokentest.Fixture {
		t.Helper()
		return tokentest.Fixture{Provider: setUp(t, remote.Limits{}).p}
	})
}

func TestProviderKeepsTheContract(t *testing.T) {
	tokentest.Contract(t, func(t *testing.T) tokentest.Fixture {
		t.Helper()
		module, env := tokentest.StandardSoftHSM(t)
		p := remote.Start(remote.Options{Helper: tokentest.Helper(t), Module: module, Env: env})
		t.Cleanup(func() {
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		})
		return tokentest.Fixture{Provider: p}
	})
}
