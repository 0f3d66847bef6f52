package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	_ "crypto/sha1"   //nolint:gosec // old signatures have it
	_ "crypto/sha256" // registers SHA-256
	_ "crypto/sha512" // registers SHA-384 and SHA-512
	"encoding/hex"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"kyso/signer/verify"
)

// askOpenSSL has OpenSSL verify a signature over the bytes that /ByteRange
// names: "good", "bad", or "none" where it cannot be asked; and what it says.
func askOpenSSL(ctx context.Context, file io.ReaderAt, s verify.SignatureEvidence) (verdict, says string) {
	folder, err := os.MkdirTemp("", "kyso-judge")
	if err != nil {
		return "none", err.Error()
	}
	defer os.RemoveAll(folder) //nolint:errcheck // a temporary folder
	r := s.ByteRange
	signed := io.MultiReader(io.NewSectionReader(file, r[0], r[1]), io.NewSectionReader(file, r[2], r[3]))
	content, err := io.ReadAll(signed)
	if err != nil {
		return "none", err.Error()
	}
	at := func(name string) string { return filepath.Join(folder, name) }
	for name, b := range map[string][]byte{"content": content, "signature": s.Contents} {
		if err := os.WriteFile(at(name), b, 0o600); err != nil {
			return "none", err.Error()
		}
	}
	cms := []string{"cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in", at("signature"), "-out", at("out")}
	switch s.SubFilter {
	case "ETSI.CAdES.detached", "adbe.pkcs7.detached":
		return openSSL(ctx, append(cms, "-content", at("content"))...)
	case "adbe.pkcs7.sha1":
		if verdict, says = openSSL(ctx, cms...); verdict == "good" {
			return sameDigest(crypto.SHA1, content, at("out"))
		}
		return verdict, says
	case "ETSI.RFC3161":
		if verdict, says = openSSL(ctx, cms...); verdict == "good" {
			return sameImprint(ctx, content, at("signature"))
		}
		return verdict, says
	}
	return "none", "OpenSSL has no command for " + s.SubFilter
}

// openSSL runs it; its errors are what it says. What it does not support, or a
// signer's certificate that is not embedded, is no verdict on the bytes.
func openSSL(ctx context.Context, args ...string) (verdict, says string) {
	out, err := exec.CommandContext(ctx, "openssl", args...).CombinedOutput() //nolint:gosec // arguments of our own
	if err == nil {
		return "good", ""
	}
	var all []string
	for line := range strings.Lines(string(out)) {
		if parts := strings.Split(line, ":"); len(parts) > 5 && strings.Contains(line, "error") {
			all = append(all, strings.TrimSpace(parts[5]))
		}
	}
	says = strings.Join(all, ", ")
	for _, unable := range []string{"unsupported", "unknown", "invalid digest", "signer certificate not found"} {
		if strings.Contains(says, unable) {
			return "none", says
		}
	}
	return "bad", says
}

func sameDigest(h crypto.Hash, content []byte, path string) (verdict, says string) {
	signed, err := os.ReadFile(path)
	if err != nil {
		return "none", err.Error()
	}
	sum := h.New()
	sum.Write(content)
	if bytes.Equal(signed, sum.Sum(nil)) {
		return "good", ""
	}
	return "bad", "the digest is another"
}

// sameImprint compares the imprint that "openssl ts" prints with the content.
func sameImprint(ctx context.Context, content []byte, token string) (verdict, says string) {
	out, err := exec.CommandContext(ctx, "openssl", "ts", "-reply", "-token_in", "-in", token, "-text").Output() //nolint:gosec // a file of our own
	if err != nil {
		return "bad", "openssl ts: " + err.Error()
	}
	hashes := map[string]crypto.Hash{"sha1": crypto.SHA1, "sha256": crypto.SHA256, "sha384": crypto.SHA384, "sha512": crypto.SHA512}
	name := regexp.MustCompile(`Hash Algorithm: (\w+)`).FindSubmatch(out)
	if name == nil {
		return "none", "openssl ts prints no hash algorithm"
	}
	h, ok := hashes[string(name[1])]
	if !ok {
		return "none", "hash algorithm " + string(name[1])
	}
	var imprint []byte
	for _, row := range regexp.MustCompile(`(?m)^    [0-9a-f]{4} - ((?:[0-9a-f]{2}[ -]?)+)`).FindAllSubmatch(out, -1) {
		b, err := hex.DecodeString(strings.NewReplacer(" ", "", "-", "").Replace(string(row[1])))
		if err != nil {
			return "none", err.Error()
		}
		imprint = append(imprint, b...)
	}
	sum := h.New()
	sum.Write(content)
	if bytes.Equal(imprint, sum.Sum(nil)) {
		return "good", ""
	}
	return "bad", "the imprint is of other data"
}

// askPdfsig runs pdfsig and reads its verdicts on the bytes, by field.
func askPdfsig(ctx context.Context, path string) map[string]string {
	verdicts := map[string]string{}
	out, err := exec.CommandContext(ctx, "pdfsig", "-nocert", path).Output() //nolint:gosec // the file that is judged
	if err != nil && len(out) == 0 {
		return verdicts
	}
	field := ""
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if name, ok := strings.CutPrefix(line, "- Signature Field Name: "); ok {
			field = name
		}
		if said, ok := strings.CutPrefix(line, "- Signature Validation: "); ok {
			switch {
			case said == "Signature is Valid.":
				verdicts[field] = "good"
			case strings.Contains(said, "Invalid"), strings.Contains(said, "Mismatch"), strings.Contains(said, "Decoding"):
				verdicts[field] = "bad"
			}
		}
	}
	return verdicts
}
