package pdf

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5" //nolint:gosec // ISO 32000-2, 7.6.4 prescribes it
	"crypto/rand"
	"crypto/rc4" //nolint:gosec // ISO 32000-2, 7.6.4 prescribes it
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
)

// cipherName is the algorithm of a crypt filter.
type cipherName string

const (
	cipherRC4      cipherName = "V2"
	cipherAES128   cipherName = "AESV2"
	cipherAES256   cipherName = "AESV3"
	cipherIdentity cipherName = "None"
)

// crypt is the standard security handler (ISO 32000-2, 7.6.4), opened with the
// empty user password.
type crypt struct {
	key              []byte
	streams, strings cipherName
	permissions      uint32
	dict             Ref // the encryption dictionary is not encrypted itself
}

// padding fills a password up to 32 bytes (ISO 32000-2, algorithm 2).
const padding = "\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08" +
	"\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A"

// openCrypt prepares decryption when the trailer asks for it.
func (f *File) openCrypt() error {
	entry := f.trailer.Get("Encrypt")
	if f.crypt != nil || entry == nil {
		return nil
	}
	d := f.Dict(entry)
	if d == nil {
		return fmt.Errorf("%w: the encryption dictionary is missing", ErrDamaged)
	}
	if h := f.Name(d.Get("Filter")); h != "Standard" {
		return fmt.Errorf("%w: security handler %s", ErrEncrypted, h)
	}
	c := &crypt{streams: cipherRC4, strings: cipherRC4}
	c.dict, _ = entry.(Ref)
	p, _ := f.Int(d.Get("P"))
	c.permissions = uint32(p)
	version, _ := f.Int(d.Get("V"))
	revision, _ := f.Int(d.Get("R"))
	if version >= 4 {
		c.streams, c.strings = f.cryptFilter(d, "StmF"), f.cryptFilter(d, "StrF")
	}
	var err error
	if c.streams == cipherIdentity && c.strings == cipherIdentity {
		// Only attachments are encrypted: no key is needed for the rest.
	} else if revision >= 5 {
		c.key, err = f.keyAES256(d, revision)
	} else {
		c.key, err = f.keyMD5(d, version, revision, c.permissions)
	}
	if err != nil {
		return err
	}
	f.crypt = c
	// What was read before the key was known is read again.
	f.cache, f.streams, f.held = map[int]any{}, map[int]*objectStream{}, 0
	return nil
}

func (f *File) cryptFilter(d *Dict, key string) cipherName {
	name := f.Name(d.Get(key))
	if name == "" || name == "Identity" {
		return cipherIdentity
	}
	return cipherName(f.Name(f.Dict(f.Dict(d.Get("CF")).Get(string(name))).Get("CFM")))
}

// keyAES256 is algorithm 2.A for the empty password, the user's or the owner's.
func (f *File) keyAES256(d *Dict, revision int64) ([]byte, error) {
	u, o := f.Bytes(d.Get("U")), f.Bytes(d.Get("O"))
	if len(u) < 48 || len(o) < 48 {
		return nil, fmt.Errorf("%w: encryption dictionary", ErrDamaged)
	}
	for _, who := range []struct{ check, data, wrapped []byte }{
		{u, nil, f.Bytes(d.Get("UE"))},
		{o, u[:48], f.Bytes(d.Get("OE"))},
	} {
		hash := func(salt []byte) []byte {
			in := append(append([]byte(nil), salt...), who.data...)
			if revision == 5 {
				sum := sha256.Sum256(in)
				return sum[:]
			}
			return hardenedHash(in, who.data)
		}
		if subtle.ConstantTimeCompare(hash(who.check[32:40]), who.check[:32]) != 1 || len(who.wrapped) < 32 {
			continue
		}
		block, err := aes.NewCipher(hash(who.check[40:48]))
		if err != nil {
			return nil, fmt.Errorf("encryption key: %w", err)
		}
		key := make([]byte, 32)
		cipher.NewCBCDecrypter(block, make([]byte, aes.BlockSize)).CryptBlocks(key, who.wrapped[:32])
		return key, nil
	}
	return nil, fmt.Errorf("%w: a password is needed", ErrEncrypted)
}

// hardenedHash is algorithm 2.B for the empty password; data is the user's
// check value when the owner's password is tried.
func hardenedHash(in, data []byte) []byte {
	sum := sha256.Sum256(in)
	k := sum[:]
	for round := 0; ; round++ {
		one := append(append([]byte(nil), k...), data...)
		e := bytes.Repeat(one, 64)
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

// keyMD5 is algorithms 2 and 4 to 6 for the empty password.
func (f *File) keyMD5(d *Dict, version, revision int64, permissions uint32) ([]byte, error) {
	n := int64(5)
	if bits, ok := f.Int(d.Get("Length")); ok && version > 1 && bits >= 40 && bits <= 128 {
		n = bits / 8
	}
	if version >= 4 {
		n = 16
	}
	o, u := f.Bytes(d.Get("O")), f.Bytes(d.Get("U"))
	if len(o) < 32 || len(u) < 16 {
		return nil, fmt.Errorf("%w: encryption dictionary", ErrDamaged)
	}
	var id []byte
	if a := f.Array(f.trailer.Get("ID")); len(a) > 0 {
		id = f.Bytes(a[0])
	}
	in := append([]byte(padding), o[:32]...)
	in = binary.LittleEndian.AppendUint32(in, permissions)
	in = append(in, id...)
	if sealed := f.Resolve(d.Get("EncryptMetadata")); revision >= 4 && sealed == false {
		in = append(in, 0xFF, 0xFF, 0xFF, 0xFF)
	}
	for _, n := range []int64{n, 16, 5} { // some writers leave the length out or wrong
		sum := md5.Sum(in) //nolint:gosec // as above
		if revision >= 3 {
			for range 50 {
				sum = md5.Sum(sum[:n]) //nolint:gosec // as above
			}
		}
		key := append([]byte(nil), sum[:n]...)
		if check := userCheck(key, id, revision); subtle.ConstantTimeCompare(check, u[:len(check)]) == 1 {
			return key, nil
		}
	}
	return nil, fmt.Errorf("%w: a password is needed", ErrEncrypted)
}

// userCheck is what the first 16 bytes of /U must be for the empty password.
func userCheck(key, id []byte, revision int64) []byte {
	if revision == 2 {
		return rc4Of(key, []byte(padding))[:16]
	}
	sum := md5.Sum(append([]byte(padding), id...)) //nolint:gosec // as above
	u := sum[:]
	for i := range 20 {
		k := make([]byte, len(key))
		for j := range k {
			k[j] = key[j] ^ byte(i)
		}
		u = rc4Of(k, u)
	}
	return u
}

func rc4Of(key, b []byte) []byte {
	out := make([]byte, len(b))
	c, err := rc4.NewCipher(key) //nolint:gosec // as above
	if err != nil {
		return out
	}
	c.XORKeyStream(out, b)
	return out
}

// objectKey is algorithm 1 and 1.A.
func (c *crypt) objectKey(name cipherName, r Ref) []byte {
	if name == cipherAES256 {
		return c.key
	}
	b := append([]byte(nil), c.key...)
	b = append(b, byte(r.Number), byte(r.Number>>8), byte(r.Number>>16), byte(r.Gen), byte(r.Gen>>8))
	if name == cipherAES128 {
		b = append(b, "sAlT"...)
	}
	sum := md5.Sum(b) //nolint:gosec // as above
	return sum[:min(16, len(c.key)+5)]
}

func (c *crypt) openStream(b []byte, r Ref) ([]byte, error) { return c.open(c.streams, b, r) }

func (c *crypt) open(name cipherName, b []byte, r Ref) ([]byte, error) {
	switch name {
	case cipherIdentity:
		return b, nil
	case cipherRC4:
		return rc4Of(c.objectKey(name, r), b), nil
	case cipherAES128, cipherAES256:
	default:
		return nil, fmt.Errorf("%w: crypt filter %s", ErrEncrypted, name)
	}
	if len(b) < 2*aes.BlockSize {
		return nil, errors.New("encrypted data too short")
	}
	block, err := aes.NewCipher(c.objectKey(name, r))
	if err != nil {
		return nil, fmt.Errorf("object key: %w", err)
	}
	out := make([]byte, (len(b)-aes.BlockSize)/aes.BlockSize*aes.BlockSize)
	cipher.NewCBCDecrypter(block, b[:aes.BlockSize]).CryptBlocks(out, b[aes.BlockSize:aes.BlockSize+len(out)])
	if pad := int(out[len(out)-1]); pad >= 1 && pad <= aes.BlockSize {
		out = out[:len(out)-pad]
	}
	return out, nil
}

func (c *crypt) seal(name cipherName, b []byte, r Ref) ([]byte, error) {
	switch name {
	case cipherIdentity:
		return b, nil
	case cipherRC4:
		return rc4Of(c.objectKey(name, r), b), nil
	case cipherAES128, cipherAES256:
	default:
		return nil, fmt.Errorf("%w: crypt filter %s", ErrEncrypted, name)
	}
	block, err := aes.NewCipher(c.objectKey(name, r))
	if err != nil {
		return nil, fmt.Errorf("object key: %w", err)
	}
	pad := aes.BlockSize - len(b)%aes.BlockSize
	out := make([]byte, aes.BlockSize+len(b)+pad)
	if _, err := rand.Read(out[:aes.BlockSize]); err != nil {
		return nil, fmt.Errorf("random: %w", err)
	}
	text := out[aes.BlockSize:]
	copy(text, b)
	for i := len(b); i < len(text); i++ {
		text[i] = byte(pad)
	}
	cipher.NewCBCEncrypter(block, out[:aes.BlockSize]).CryptBlocks(text, text) //nolint:gosec // the vector is random
	return out, nil
}

// openStrings decrypts the strings of an object. /Contents of a signature is
// never encrypted (ISO 32000-2, 7.6.2).
func (c *crypt) openStrings(v any, r Ref) any {
	if r == c.dict {
		return v
	}
	switch t := v.(type) {
	case String:
		if b, err := c.open(c.strings, t.value, r); err == nil {
			t.value = b
		}
		t.sealed = true
		return t
	case Array:
		for i := range t {
			t[i] = c.openStrings(t[i], r)
		}
	case *Dict:
		for i, k := range t.keys {
			if raw, ok := t.values[i].(String); ok && k == "Contents" && t.Has("ByteRange") {
				raw.sealed = true // written back as it is
				t.values[i] = raw
				continue
			}
			t.values[i] = c.openStrings(t.values[i], r)
		}
	case *Stream:
		if t.Dict.Get("Type") != Name("XRef") {
			c.openStrings(t.Dict, r)
		}
	}
	return v
}
