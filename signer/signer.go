// Package signer puts PAdES signatures on PDF files and verifies them.
//
// It is a library: fonts, pictures, trust anchors, clock, network and the
// private key are handed in. It writes incremental updates only (ISO 32000-2,
// 7.5.6), so every byte of the file that it was given stays where it is.
//
// It is not a PDF editor and not a viewer: page work on unsigned drafts lives
// with the application.
package signer

import (
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"net/http"
	"time"

	"kyso/signer/verify"
)

// Credential is a certificate together with the use of its private key.
type Credential interface {
	// Certificate is the signer's certificate.
	Certificate() *x509.Certificate
	// SignDigest signs a hash value. A crypto.Hash as opts asks an RSA key for
	// PKCS #1 v1.5 (RFC 8017, 8.2) and an elliptic-curve key for the DER form
	// (RFC 3279, 2.2.3); *rsa.PSSOptions ask for RSASSA-PSS (RFC 8017, 8.1).
	SignDigest(ctx context.Context, digest []byte, opts crypto.SignerOpts) ([]byte, error)
}

// Level is a PAdES baseline level (EN 319 142-1, 6).
type Level string

// The PAdES baseline levels.
const (
	LevelB   Level = "B-B"
	LevelT   Level = "B-T"
	LevelLT  Level = "B-LT"
	LevelLTA Level = "B-LTA"
)

// TSA is a time-stamping server (RFC 3161).
type TSA struct {
	// URL is where requests are posted, http or https.
	URL string
	// Policy is the policy to ask for; nil takes the server's own.
	Policy asn1.ObjectIdentifier
	// Timeout bounds one request; zero means 30 seconds.
	Timeout time.Duration
}

// Request says how to sign one file. The zero values of the optional parts work.
type Request struct {
	Credential Credential
	// Chain is embedded after the signer's certificate: intermediates, leaf side
	// first, as far as they are its issuers; what ends in it is not searched further.
	Chain []*x509.Certificate
	// Intermediates are CA certificates to complete the chain from, in any
	// order; what they leave open is fetched from the addresses in the certificates
	// (AIA, RFC 5280, 4.2.2.1) through Client.
	Intermediates []*x509.Certificate
	// PSS asks an RSA key for RSASSA-PSS instead of PKCS #1 v1.5.
	PSS bool
	// Level is LevelB when empty. A level that cannot be reached is an error,
	// never a lower level.
	Level Level
	// TSAs are the time-stamping servers, tried in this order; needed from
	// LevelT on.
	TSAs []TSA
	// StampSizes, when not nil, remembers how much room a time stamp takes.
	StampSizes *StampSizes
	// Anchors are the trusted roots; needed from LevelLT on, where all material
	// is validated before it is embedded.
	Anchors []*x509.Certificate
	// Client is the network for AIA, TSA, OCSP and CRL; nil is none.
	Client *http.Client
	// Marks are the visible marks; none makes an invisible signature. The first
	// is the principal one; the others are further places of the same signing
	// act, such as initials on every page, and belong to the same signature: they
	// are widgets of one field. pdfium, pikepdf, pyHanko and this package
	// see one signature in several places; poppler and mupdf list it once for each
	// place, always with the same verdict. An existing field keeps its own places,
	// and marks beyond them become stamps as with StampPages.
	Marks []Mark
	// StampPages makes the marks after the first stamp annotations instead of
	// further widgets of the signature field, for readers that expect one widget
	// to a signature (ISO 32000-2, 12.7.5.5). An earlier signature that annotations
	// would harm makes it a *RefusalError.
	StampPages bool
	// Field is the signature field to use; it is created when the file has no
	// empty one of that name. Empty makes a new name.
	Field string
	// Reason, Location and Contact go into the signature dictionary (ISO 32000-2, table 255).
	Reason, Location, Contact string
	// Time is the claimed signing time (/M). It must not be zero.
	Time time.Time
	// Password opens an encrypted document, as its owner's or its user's, in
	// UTF-8. It is not kept; a document that needs none is signed with any.
	Password []byte
	// BeforeCheck, when not nil, is called once the signature is made and before
	// the output is checked.
	BeforeCheck func()
	// Replace allows an existing output file to be replaced. The input is never overwritten.
	Replace bool
}

// Result is a signed file.
type Result struct {
	Path   string
	Size   int64
	SHA256 [sha256.Size]byte
	// Field is the signature field that holds the new signature.
	Field string
	// MissingIssuer is the name of the first issuer of the signer's chain that
	// could not be found, empty when the chain is complete. A reader that has not
	// got it either cannot judge the signature.
	MissingIssuer string
	// Report is the program's own check of the output, made before it got its
	// name. Trust is judged in it from LevelLT on only, with what the file holds.
	Report verify.Report
}
