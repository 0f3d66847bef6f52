package app

import (
	"crypto/x509"
	"fmt"

	"kyso/signer/truststore"
)

// ReadTrust reads the certificates of a folder as truststore.Read does: what
// kysoctl trust shows is what the program trusts. No folder gives none.
func ReadTrust(dir string) (anchors, others []*x509.Certificate, err error) {
	anchors, others, err = truststore.Read(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("read the trust anchors in %s: %w", dir, err)
	}
	return anchors, others, nil
}
