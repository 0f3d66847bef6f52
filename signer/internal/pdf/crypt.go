package pdf

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5" //nolint:gosec // ISO 32000-2, 7.6.4 prescribes it
	"crypto/rand"
	"crypto/rc4" //nolint:gosec // ISO 32000-2, 7.6.4 prescribes it
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

// crypt is the standard security handler (ISO 32000-2, 7.6.4), unlocked. It
// holds the file's key, never a password.
type crypt struct {
	key              []byte
	streams, strings cipherName
	permissions      uint32
	owner            bool
	plainMetadata    bool
	filters          map[Name]cipherName
	dict             Ref // the encryption dictionary is not encrypted itself
}

// openCrypt prepares decryption when the trailer asks for it.
func (f *File) openCrypt(password []byte) error {
	entry := f.trailer.Get("Encrypt")
	if f.crypt != nil || entry == nil {
		return nil
	}
	d := f.Dict(entry)
	if d == nil {
		return fmt.Errorf("%w: the encryption dictionary is missing", ErrDamaged)
	}
	if h := f.Name(d.Get("Filter")); h != "Standard" {
		return fmt.Errorf("%w: %s", ErrHandler, h)
	}
	version, _ := f.Int(d.Get("V"))
	revision, _ := f.Int(d.Get("R"))
	if version < 1 || version == 3 || version > 5 || revision < 2 || revision > 6 {
		return fmt.Errorf("%w: version %d, revision %d", ErrHandler, version, revision)
	}
	c, err := f.newCrypt(d, version)
	if err != nil {
		return err
	}
	c.dict, _ = entry.(Ref)
	if c.streams != cipherIdentity || c.strings != cipherIdentity {
		// Else only attachments are encrypted: no key is needed for the rest.
		l, err := f.lock(d, version, revision)
		if err != nil {
			return err
		}
		k, err := l.unlock(password)
		if err != nil {
			return err
		}
		c.key, c.owner = k.key, k.owner
		if revision >= 5 {
			c.permissions &= l.sealedPermissions(k.key)
		}
	}
	f.crypt = c
	// What was read before the key was known is read again.
	f.forget()
	return nil
}

// newCrypt reads which ciphers the dictionary names (ISO 32000-2, table 20 and 25).
func (f *File) newCrypt(d *Dict, version int64) (*crypt, error) {
	c := &crypt{streams: cipherRC4, strings: cipherRC4, filters: map[Name]cipherName{"Identity": cipherIdentity}}
	p, _ := f.Int(d.Get("P"))
	c.permissions = uint32(p)
	if version < 4 {
		return c, nil
	}
	c.plainMetadata = f.Resolve(d.Get("EncryptMetadata")) == false
	filters := f.Dict(d.Get("CF"))
	for _, name := range filters.Keys() {
		if name != "Identity" {
			c.filters[Name(name)] = cipherName(f.Name(f.Dict(filters.Get(name)).Get("CFM")))
		}
	}
	var err1, err2 error
	c.streams, err1 = c.filter(f.Name(d.Get("StmF")))
	c.strings, err2 = c.filter(f.Name(d.Get("StrF")))
	return c, errors.Join(err1, err2)
}

// filter is the cipher of a crypt filter's name.
func (c *crypt) filter(name Name) (cipherName, error) {
	if name == "" {
		name = "Identity"
	}
	switch cipher := c.filters[name]; cipher {
	case cipherIdentity, cipherRC4, cipherAES128, cipherAES256:
		return cipher, nil
	default:
		return cipher, fmt.Errorf("%w: crypt filter %s %s", ErrHandler, name, cipher)
	}
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

// streamCipher is the cipher of a stream: that of its own Crypt filter, none for
// metadata that is left readable, else that of all streams (ISO 32000-2, 7.6.6).
func (f *File) streamCipher(d *Dict) (cipherName, error) {
	names, params := f.filters(d)
	if len(names) > 0 && names[0] == "Crypt" {
		return f.crypt.filter(f.Name(params[0].Get("Name")))
	}
	if f.crypt.plainMetadata && f.Name(d.Get("Type")) == "Metadata" {
		return cipherIdentity, nil
	}
	return f.crypt.streams, nil
}

func (f *File) openStream(s *Stream, b []byte) ([]byte, error) {
	name, err := f.streamCipher(s.Dict)
	if err != nil {
		return nil, err
	}
	return f.crypt.open(name, b, s.Ref)
}

func (c *crypt) open(name cipherName, b []byte, r Ref) ([]byte, error) {
	switch name {
	case cipherIdentity:
		return b, nil
	case cipherRC4:
		return rc4Of(c.objectKey(name, r), b), nil
	case cipherAES128, cipherAES256:
	default:
		return nil, fmt.Errorf("%w: cipher %s", ErrHandler, name)
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
		return nil, fmt.Errorf("%w: cipher %s", ErrHandler, name)
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
