package p11

// secret is a PIN that a session keeps: for keys that want it at every signature
// and for a token that forgets its login. It lies outside Go's heap, where
// nothing copies it, and is wiped with the session.
type secret struct {
	b    []byte
	free func()
}

// keep copies a PIN; nil stays nil, for a PIN that is typed on the reader.
func keep(pin []byte) *secret {
	if pin == nil {
		return nil
	}
	b, free := pages(len(pin))
	copy(b, pin)
	return &secret{b: b, free: free}
}

// bytes gives the PIN. It must not be kept.
func (s *secret) bytes() []byte {
	if s == nil {
		return nil
	}
	return s.b
}

// wipe forgets the PIN.
func (s *secret) wipe() {
	if s == nil || s.free == nil {
		return
	}
	clear(s.b)
	s.free()
	s.b, s.free = []byte{}, nil
}
