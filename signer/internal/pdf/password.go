package pdf

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5" //nolint:gosec // ISO 32000-2, 7.6.4 prescribes it
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
)

// padding fills a password up to 32 bytes (ISO 32000-2, algorithm 2).
const padding = "\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08" +
	"\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A"

// maxPassword is how much of a password revision 5 and 6 take, in bytes.
const maxPassword = 127

// lock is what the encryption dictionary says of passwords.
type lock struct {
	revision            int64
	length              int // bytes of the key, as the file states them
	owner, user         []byte
	ownerKey, userKey   []byte // the file's key wrapped, from revision 5 on
	sealed              []byte // the permissions once more, encrypted
	permissions         uint32
	id                  []byte
	unencryptedMetadata bool
}

// unlocked is a file's key and whether the owner's password gave it.
type unlocked struct {
	key   []byte
	owner bool
}

// lock reads the encryption dictionary (ISO 32000-2, tables 20 and 21).
func (f *File) lock(d *Dict, version, revision int64) (*lock, error) {
	p, _ := f.Int(d.Get("P"))
	l := &lock{
		revision: revision, length: 5, permissions: uint32(p),
		owner: f.Bytes(d.Get("O")), user: f.Bytes(d.Get("U")),
		ownerKey: f.Bytes(d.Get("OE")), userKey: f.Bytes(d.Get("UE")), sealed: f.Bytes(d.Get("Perms")),
		unencryptedMetadata: revision >= 4 && f.Resolve(d.Get("EncryptMetadata")) == false,
	}
	if bits, ok := f.Int(d.Get("Length")); ok && version > 1 && bits >= 40 && bits <= 128 {
		l.length = int(bits / 8)
	}
	if version >= 4 {
		l.length = 16
	}
	if a := f.Array(f.trailer.Get("ID")); len(a) > 0 {
		l.id = f.Bytes(a[0])
	}
	owner, user := 32, 16
	if revision >= 5 {
		owner, user = 48, 48
	}
	if len(l.owner) < owner || len(l.user) < user {
		return nil, fmt.Errorf("%w: encryption dictionary", ErrDamaged)
	}
	return l, nil
}

// unlock finds the file's key. A password is tried as the owner's, which gives
// all permissions, then as the user's; then it is as if none had been given.
func (l *lock) unlock(password []byte) (unlocked, error) {
	for _, p := range l.spellings(password) {
		defer clear(p)
		if key := l.asOwner(p); key != nil {
			return unlocked{key, true}, nil
		}
		if key := l.asUser(p); key != nil {
			return unlocked{key, false}, nil
		}
	}
	if key := l.asUser(nil); key != nil {
		return unlocked{key, false}, nil
	}
	if key := l.asOwner(nil); key != nil {
		return unlocked{key, true}, nil
	}
	if len(password) > 0 {
		return unlocked{}, ErrWrongPassword
	}
	return unlocked{}, ErrPassword
}

// spellings are the byte forms in which writers encode a password: the
// prescribed one first (ISO 32000-2, 7.6.4.3.2 and 7.6.4.3.4), then the bytes
// as they came.
func (l *lock) spellings(password []byte) [][]byte {
	if len(password) == 0 {
		return nil
	}
	var out [][]byte
	add := func(b []byte) {
		if l.revision >= 5 {
			b = b[:min(len(b), maxPassword)]
		}
		for _, known := range out {
			if bytes.Equal(known, b) {
				return
			}
		}
		out = append(out, b)
	}
	if l.revision >= 5 {
		add(prepared(password))
	} else if b, ok := toPDFDoc(password); ok {
		add(b)
	}
	add(bytes.Clone(password))
	return out
}

// asOwner gives the file's key when p is the owner's password, else nil.
func (l *lock) asOwner(p []byte) []byte {
	if l.revision >= 5 {
		return l.unwrap(p, l.owner, l.user[:48], l.ownerKey)
	}
	for _, n := range l.lengths() {
		user := bytes.Clone(l.owner[:32])
		defer clear(user)
		key := l.stretch(padded(p), n)
		if l.revision == 2 {
			user = rc4Of(key, user)
		} else {
			for i := 19; i >= 0; i-- {
				user = rc4Of(mixed(key, byte(i)), user)
			}
		}
		if key := l.userMD5(user, n); key != nil {
			return key
		}
	}
	return nil
}

// asUser gives the file's key when p is the user's password, else nil.
func (l *lock) asUser(p []byte) []byte {
	if l.revision >= 5 {
		return l.unwrap(p, l.user, nil, l.userKey)
	}
	for _, n := range l.lengths() {
		if key := l.userMD5(padded(p), n); key != nil {
			return key
		}
	}
	return nil
}

// lengths are the key lengths to try: some writers leave them out, or wrong.
func (l *lock) lengths() []int {
	out := []int{l.length}
	for _, n := range []int{16, 5} {
		if n != l.length {
			out = append(out, n)
		}
	}
	return out
}

// padded is a password of exactly 32 bytes.
func padded(p []byte) []byte { return append(bytes.Clone(p), padding...)[:len(padding)] }

// mixed is every byte of key with x.
func mixed(key []byte, x byte) []byte {
	out := make([]byte, len(key))
	for i := range key {
		out[i] = key[i] ^ x
	}
	return out
}

// stretch makes a key of n bytes, hashed often from revision 3 on.
func (l *lock) stretch(in []byte, n int) []byte {
	sum := md5.Sum(in) //nolint:gosec // as above
	if l.revision >= 3 {
		for range 50 {
			sum = md5.Sum(sum[:n]) //nolint:gosec // as above
		}
	}
	return bytes.Clone(sum[:n])
}

// userMD5 is algorithms 2 and 6 for a padded user's password.
func (l *lock) userMD5(password []byte, n int) []byte {
	in := append(bytes.Clone(password), l.owner[:32]...)
	in = binary.LittleEndian.AppendUint32(in, l.permissions)
	in = append(in, l.id...)
	if l.unencryptedMetadata {
		in = append(in, 0xFF, 0xFF, 0xFF, 0xFF)
	}
	defer clear(in)
	key := l.stretch(in, n)
	if subtle.ConstantTimeCompare(l.userCheck(key), l.user[:16]) != 1 {
		return nil
	}
	return key
}

// userCheck is what the first 16 bytes of /U must be (algorithms 4 and 5).
func (l *lock) userCheck(key []byte) []byte {
	if l.revision == 2 {
		return rc4Of(key, []byte(padding))[:16]
	}
	sum := md5.Sum(append([]byte(padding), l.id...)) //nolint:gosec // as above
	u := sum[:]
	for i := range 20 {
		u = rc4Of(mixed(key, byte(i)), u)
	}
	return u
}

// unwrap is algorithm 2.A: check holds hash, validation salt and key salt;
// data is empty for the user's password and /U for the owner's.
func (l *lock) unwrap(password, check, data, wrapped []byte) []byte {
	hash := func(salt []byte) []byte {
		in := append(append(bytes.Clone(password), salt...), data...)
		defer clear(in)
		if l.revision == 5 {
			sum := sha256.Sum256(in)
			return sum[:]
		}
		return hardenedHash(in, password, data)
	}
	if len(wrapped) < 32 || subtle.ConstantTimeCompare(hash(check[32:40]), check[:32]) != 1 {
		return nil
	}
	block, err := aes.NewCipher(hash(check[40:48]))
	if err != nil {
		return nil // unreachable: a hash has 32 bytes
	}
	key := make([]byte, 32)
	cipher.NewCBCDecrypter(block, make([]byte, aes.BlockSize)).CryptBlocks(key, wrapped[:32])
	return key
}

// sealedPermissions are the flags in /Perms, which a changed /P does not match
// (algorithm 13); all ones when the file has none that can be read.
func (l *lock) sealedPermissions(key []byte) uint32 {
	const none = 0xFFFFFFFF
	block, err := aes.NewCipher(key)
	if err != nil || len(l.sealed) < aes.BlockSize {
		return none
	}
	var b [aes.BlockSize]byte
	block.Decrypt(b[:], l.sealed[:aes.BlockSize])
	if string(b[9:12]) != "adb" {
		return none
	}
	return binary.LittleEndian.Uint32(b[:4])
}

// hardenedHash is algorithm 2.B; in is password, salt and data.
func hardenedHash(in, password, data []byte) []byte {
	sum := sha256.Sum256(in)
	k := sum[:]
	for round := 0; ; round++ {
		e := bytes.Repeat(append(append(bytes.Clone(password), k...), data...), 64)
		block, err := aes.NewCipher(k[:16])
		if err != nil {
			return nil // unreachable: the key has 16 bytes
		}
		cipher.NewCBCEncrypter(block, k[16:32]).CryptBlocks(e, e)
		rest := 0
		for _, c := range e[:16] {
			rest += int(c)
		}
		switch rest % 3 {
		case 0:
			h := sha256.Sum256(e)
			k = h[:]
		case 1:
			h := sha512.Sum384(e)
			k = h[:]
		default:
			h := sha512.Sum512(e)
			k = h[:]
		}
		if done := round + 1; done >= 64 && int(e[len(e)-1]) <= done-32 {
			return k[:32]
		}
	}
}
