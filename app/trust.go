package app

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ReadTrust reads the certificates of a folder (.cer, .crt, .der, .pem).
// Self-signed ones are trust anchors, the others help to build chains. No
// folder gives none; a file that is no certificate is an error that names it.
func ReadTrust(dir string) (anchors, others []*x509.Certificate, err error) {
	if dir == "" {
		return nil, nil, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("read trust anchors: %w", err)
	}
	var all []*x509.Certificate
	for _, e := range entries {
		if e.IsDir() || !slices.Contains([]string{".cer", ".crt", ".der", ".pem"}, strings.ToLower(filepath.Ext(e.Name()))) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		cs, err := readCertificates(path)
		if err != nil {
			return nil, nil, fmt.Errorf("read trust anchor %s: %w", path, err)
		}
		all = append(all, cs...)
	}
	anchors, others = splitRoots(all)
	return anchors, others, nil
}

// readCertificates reads a DER file or every certificate of a PEM file.
func readCertificates(path string) ([]*x509.Certificate, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err //nolint:wrapcheck // wrapped with the path by ReadTrust
	}
	if block, _ := pem.Decode(b); block == nil {
		return x509.ParseCertificates(b) //nolint:wrapcheck // wrapped with the path by ReadTrust
	}
	var out []*x509.Certificate
	for {
		var block *pem.Block
		if block, b = pem.Decode(b); block == nil {
			return out, nil
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err //nolint:wrapcheck // wrapped with the path by ReadTrust
		}
		out = append(out, c)
	}
}
