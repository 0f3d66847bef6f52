package refserver

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kyso/signer"
	"kyso/signer/verify"
)

// ErrUnreadable is what a Verifier wraps for a file that is no PDF or needs a
// password: such a version fails instead of being tried again.
var ErrUnreadable = errors.New("not a readable PDF")

// Trusting makes a Verifier from the certificates in the folder dir (.cer, .crt
// and .pem, DER or PEM): self-signed ones are trusted, the others complete
// chains. hc reaches OCSP responders and revocation lists and has time limits.
func Trusting(dir string, hc *http.Client) (Verifier, error) {
	anchors, intermediates, err := readTrust(dir)
	if err != nil {
		return nil, fmt.Errorf("read the trusted certificates: %w", err)
	}
	return func(ctx context.Context, r io.ReaderAt, size int64, at time.Time) (verify.Report, error) {
		report, err := signer.Verify(ctx, r, size, signer.VerifyOptions{Anchors: anchors, Intermediates: intermediates, Client: hc, At: at})
		if errors.Is(err, signer.ErrUnreadable) {
			return report, fmt.Errorf("%w: %w", ErrUnreadable, err)
		}
		return report, err
	}, nil
}

func readTrust(dir string) (anchors, intermediates []*x509.Certificate, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("open the folder: %w", err)
	}
	for _, e := range entries {
		if !slices.Contains([]string{".cer", ".crt", ".pem"}, strings.ToLower(filepath.Ext(e.Name()))) {
			continue
		}
		found, err := readCertificates(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		for _, c := range found {
			if bytes.Equal(c.RawSubject, c.RawIssuer) && c.CheckSignatureFrom(c) == nil {
				anchors = append(anchors, c)
			} else {
				intermediates = append(intermediates, c)
			}
		}
	}
	return anchors, intermediates, nil
}

func readCertificates(path string) ([]*x509.Certificate, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read it: %w", err)
	}
	if !bytes.Contains(raw, []byte("-----BEGIN")) {
		c, err := x509.ParseCertificate(raw)
		if err != nil {
			return nil, fmt.Errorf("parse it: %w", err)
		}
		return []*x509.Certificate{c}, nil
	}
	var found []*x509.Certificate
	for block, rest := pem.Decode(raw); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("parse it: %w", err)
		}
		found = append(found, c)
	}
	return found, nil
}
