package curve_test

import (
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"kyso/signer/internal/curve"
)

// openssl runs the tool in a folder of its own.
func openssl(t *testing.T, folder string, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "openssl", args...)
	command.Dir = folder
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("openssl %v: %v\n%s", args, err, out)
	}
}

func read(t *testing.T, folder, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// spki is the object identifiers and the key of a public key that openssl wrote.
func spki(t *testing.T, folder string) (algorithm pkix.AlgorithmIdentifier, key []byte) {
	t.Helper()
	block, _ := pem.Decode(read(t, folder, "public.pem"))
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(block.Bytes, &info); err != nil {
		t.Fatal(err)
	}
	return info.Algorithm, info.Key.RightAlign()
}

func TestASignatureOfOpenSSLVerifiesAndABentOneDoesNot(t *testing.T) {
	message := []byte("Ủy ban nhân dân phường Văn Miếu – Quốc Tử Giám")
	for _, name := range []string{
		"prime192v1", "secp256k1", "brainpoolP192r1", "brainpoolP192t1", "brainpoolP224r1", "brainpoolP224t1", "brainpoolP256r1",
		"brainpoolP256t1", "brainpoolP320r1", "brainpoolP320t1", "brainpoolP384r1", "brainpoolP384t1", "brainpoolP512r1", "brainpoolP512t1",
	} {
		for _, form := range []string{"uncompressed", "compressed"} {
			t.Run(name+" "+form, func(t *testing.T) {
				folder := t.TempDir()
				if err := os.WriteFile(filepath.Join(folder, "message"), message, 0o600); err != nil {
					t.Fatal(err)
				}
				openssl(t, folder, "ecparam", "-name", name, "-genkey", "-noout", "-out", "key.pem")
				openssl(t, folder, "ec", "-in", "key.pem", "-pubout", "-conv_form", form, "-out", "public.pem")
				openssl(t, folder, "dgst", "-sha256", "-sign", "key.pem", "-out", "signature", "message")
				algorithm, point := spki(t, folder)
				var oid asn1.ObjectIdentifier
				if _, err := asn1.Unmarshal(algorithm.Parameters.FullBytes, &oid); err != nil {
					t.Fatal(err)
				}
				key, known, err := curve.NewPublicKey(oid.String(), point)
				if err != nil || !known {
					t.Fatalf("known %v, %v", known, err)
				}
				digest, signature := sha256.Sum256(message), read(t, folder, "signature")
				if !key.Verify(digest[:], signature) {
					t.Error("a right signature does not verify")
				}
				digest[0] ^= 1
				if key.Verify(digest[:], signature) {
					t.Error("a signature over other bytes verifies")
				}
				digest[0] ^= 1
				signature[len(signature)-1] ^= 1
				if key.Verify(digest[:], signature) {
					t.Error("a bent signature verifies")
				}
			})
		}
	}
}

func TestEd448AgreesWithOpenSSL(t *testing.T) {
	folder := t.TempDir()
	message := []byte("Văn phòng")
	if err := os.WriteFile(filepath.Join(folder, "message"), message, 0o600); err != nil {
		t.Fatal(err)
	}
	openssl(t, folder, "genpkey", "-algorithm", "ED448", "-out", "key.pem")
	openssl(t, folder, "pkey", "-in", "key.pem", "-pubout", "-out", "public.pem")
	openssl(t, folder, "pkeyutl", "-sign", "-rawin", "-inkey", "key.pem", "-in", "message", "-out", "signature")
	_, b := spki(t, folder)
	key, err := curve.NewEd448PublicKey(b)
	if err != nil {
		t.Fatal(err)
	}
	signature := read(t, folder, "signature")
	if !key.Verify(message, signature) {
		t.Error("a right signature does not verify")
	}
	for i := range signature {
		bent := append([]byte(nil), signature...)
		bent[i] ^= 0x10
		if i%7 == 0 && key.Verify(message, bent) {
			t.Errorf("a signature with byte %d bent verifies", i)
		}
	}
	if key.Verify([]byte("khac"), signature) {
		t.Error("a signature over another message verifies")
	}
}

func TestAPointThatIsNotOnTheCurveIsNoKey(t *testing.T) {
	const brainpool = "1.3.36.3.3.2.8.1.1.7"
	for name, point := range map[string][]byte{
		"nothing": nil, "infinity": {0}, "zeros": append([]byte{4}, make([]byte, 64)...), "short": {4, 1, 2}, "compressed garbage": append([]byte{2}, make([]byte, 31)...),
	} {
		if _, known, err := curve.NewPublicKey(brainpool, point); !known || err == nil {
			t.Errorf("%s: known %v, error %v, want an error", name, known, err)
		}
	}
	if _, known, _ := curve.NewPublicKey("1.2.3", nil); known {
		t.Error("a curve that nobody knows is known")
	}
	if _, err := curve.NewEd448PublicKey(make([]byte, 20)); err == nil {
		t.Error("20 bytes are an Ed448 key")
	}
}
