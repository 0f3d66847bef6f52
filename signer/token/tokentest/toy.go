package tokentest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	_ "embed"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

//go:embed toyp11/toyp11.c
var toySource []byte

// Toy compiles toyp11/toyp11.c, a module with a token of its own, to path. The
// compiler is a command with its arguments, so that the module may be for
// another system or processor; more are further arguments at the end.
func Toy(tb testing.TB, compiler []string, path string, more ...string) {
	tb.Helper()
	dir := tb.TempDir()
	for name, content := range map[string][]byte{"toyp11.c": toySource, "key.h": toyKey(tb)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	args := append(append([]string{}, compiler[1:]...), "-shared", "-O2", "-Wall", "-I"+pkcs11Headers(tb), "-I"+dir, "-o", path, filepath.Join(dir, "toyp11.c"))
	//nolint:gosec // the test names the compiler
	cc := exec.CommandContext(tb.Context(), compiler[0], append(args, more...)...)
	if out, err := cc.CombinedOutput(); err != nil {
		tb.Fatalf("compile the module: %v\n%s", err, out)
	}
}

// pkcs11Headers is the folder of pkcs11.h, which the binding brings.
func pkcs11Headers(tb testing.TB) string {
	tb.Helper()
	out, err := exec.CommandContext(tb.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/miekg/pkcs11").Output()
	if err != nil {
		tb.Fatalf("find pkcs11.h: %v", err)
	}
	return strings.TrimSpace(string(out))
}

// toyKey makes a key and writes it as C. It is short: the module computes with
// it by hand.
func toyKey(tb testing.TB) []byte {
	tb.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024) //nolint:gosec // it signs a test's digest
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Trình điều khiển thử"}, NotAfter: time.Unix(1<<33, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		tb.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "#define SIZE %d\n", key.Size())
	for name, value := range map[string][]byte{"modulus": key.N.Bytes(), "exponent": key.D.FillBytes(make([]byte, key.Size())), "certificate": der} {
		fmt.Fprintf(&b, "static const unsigned char %s[] = {", name)
		for _, c := range value {
			fmt.Fprintf(&b, "%d,", c)
		}
		b.WriteString("};\n")
	}
	return []byte(b.String())
}
