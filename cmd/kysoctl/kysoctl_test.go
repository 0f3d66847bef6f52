package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	kysoctl "kyso/cmd/kysoctl"
	"kyso/signer/signertest"
	"kyso/signer/token/provision"
	"kyso/signer/token/tokentest"
)

func TestMain(m *testing.M) {
	testscript.Main(cleaner{m}, map[string]func(){
		"kysoctl":  func() { os.Exit(kysoctl.Main()) },
		"xdg-open": func() { os.Exit(visit()) },
	})
}

// cleaner removes what the tests have built when they end.
type cleaner struct{ *testing.M }

func (c cleaner) Run() int {
	defer tokentest.Cleanup()
	return c.M.Run()
}

// TestScripts holds the contract of docs/cli.md against the command.
func TestScripts(t *testing.T) {
	helper := tokentest.Helper(t)
	server, err := signertest.Start(signertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	module, env := tokentest.SoftHSM(t, token(t, server.PKI))
	own := ownToken(t, server.PKI)
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(e *testscript.Env) error {
			e.Vars = append(e.Vars, env...)
			e.Setenv("MODULE", module)
			e.Setenv("OWN_MODULE", own.Module)
			e.Vars = append(e.Vars, own.Env[0])
			e.Setenv("OWN_CONF", strings.TrimPrefix(own.Env[1], "SOFTHSM2_CONF="))
			e.Setenv("TSA", server.BaseURL()+signertest.PathTSA)
			e.Setenv("HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("KYSO_TOKEN", helper)
			return material(e.WorkDir, server.PKI)
		},
	})
}

// ownToken is a token whose PIN and counter one script changes.
func ownToken(t *testing.T, pki *signertest.PKI) *tokentest.Faults {
	t.Helper()
	made := token(t, pki)
	made.Identities = made.Identities[:1]
	module, env := tokentest.SoftHSM(t, made)
	return tokentest.Faulty(t, module, env, "pin-tries 3")
}

// token is the token of two people: one certificate is fit, one has expired.
func token(t *testing.T, pki *signertest.PKI) provision.Token {
	t.Helper()
	out := provision.Token{Label: "Thiết bị thử", SOPIN: []byte("87654321"), PIN: []byte("246810"), Chain: [][]byte{pki.Issuing().Raw}}
	for i, s := range []signertest.IssueSpec{
		{Name: "Trần Minh Khôi", Unit: "UBND phường Kim Liên", Title: "Chủ tịch"},
		{Name: "Lê Thu Hà", Unit: "UBND phường Kim Liên", Title: "Phó Chủ tịch", Key: "P-256"},
	} {
		id, err := pki.Issue(s)
		if err != nil {
			t.Fatal(err)
		}
		out.Identities = append(out.Identities, provision.Identity{ID: []byte{byte(i + 1)}, Label: s.Name, Key: id.Signer, Certificate: id.Certificate.Raw})
	}
	return out
}

// material writes what the scripts work on: letters, the PIN's file, anchors.
func material(dir string, pki *signertest.PKI) error {
	files := map[string][]byte{
		"a.pdf":          signertest.Paper{}.Bytes(),
		"b.pdf":          signertest.Paper{Stream: true}.Bytes(),
		"c.pdf":          signertest.Paper{}.Bytes(),
		"d.pdf":          signertest.Paper{Stream: true}.Bytes(),
		"e.pdf":          signertest.Paper{}.Bytes(),
		"not-a.pdf":      []byte(strings.Repeat("this is no PDF\n", 20)),
		"pin":            []byte("246810\n"),
		"wrong-pin":      []byte("000000\n"),
		"trust/root.cer": pki.Root().Raw,
		"empty/.keep":    nil,
		"out/.keep":      nil,
		"home/.keep":     nil,
	}
	for name, b := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("make %s: %w", name, err)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}
