package refserver

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// argon2id with OWASP's recommendation for servers (Password Storage Cheat
// Sheet): 19 MiB, two passes, one lane. With the lock after wrong passwords a
// guess costs more than its hash.
const (
	argonPasses = 2
	argonMemory = 19 << 10 // KiB
	argonLanes  = 1
	argonKey    = 32
	argonSalt   = 16
)

var errHash = errors.New("unreadable password hash")

// hashPassword gives the hash in the usual PHC form.
func hashPassword(password string) string {
	var salt [argonSalt]byte
	_, _ = rand.Read(salt[:]) // never fails (crypto/rand)
	key := argon2.IDKey([]byte(password), salt[:], argonPasses, argonMemory, argonLanes, argonKey)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonPasses, argonLanes,
		enc.EncodeToString(salt[:]), enc.EncodeToString(key))
}

// passwordMatches compares in constant time. A hash with other parameters than
// today's is read with its own, within bounds.
func passwordMatches(hash, password string) (bool, error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, errHash
	}
	var memory, passes uint32
	var lanes uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil {
		return false, errors.Join(errHash, err)
	}
	if memory > 8*argonMemory || passes == 0 || passes > 10 || lanes == 0 {
		return false, errHash
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, errors.Join(errHash, err)
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(want) != argonKey {
		return false, errors.Join(errHash, err)
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, lanes, argonKey)
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}
