package certview

import "crypto/x509"

// Read is the parser that is used where crypto/x509 refuses.
func Read(der []byte) (*x509.Certificate, bool) {
	c := &x509.Certificate{Raw: der, MaxPathLen: -1}
	ok := read(c)
	return c, ok
}
