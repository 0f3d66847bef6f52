package seeds

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Kind is what a piece of a PDF file is.
type Kind string

// The kinds of pieces.
const (
	File         Kind = "file"          // a whole file
	Value        Kind = "value"         // what stands between obj and endobj, without a stream
	Table        Kind = "table"         // from xref up to startxref
	XRefStream   Kind = "xref stream"   // its dictionary, the keyword stream, its data as they are
	ObjectStream Kind = "object stream" // likewise
	Content      Kind = "content"       // a stream of operators, decoded
	Encryption   Kind = "encryption"    // "/Encrypt <<…>>/ID[…]", for a trailer
	CMS          Kind = "CMS"           // a signature value in DER or BER
	TimeStamp    Kind = "time stamp"    // a time-stamp token
	OCSP         Kind = "OCSP"          // an OCSP response
	CRL          Kind = "CRL"           // a revocation list
)

const (
	maxFile   = 1 << 20 // bytes of a file that is cut up
	maxPieces = 300     // of one kind
	maxCuts   = 16      // of one file, before they are judged
	maxTaken  = 3       // of one file
)

// Corpus cuts pieces of a kind, none longer than most bytes, out of the PDF
// files below the folder that KYSO_CORPUS names; the same ones in each run. It
// gives nothing when the variable is not set, and fails when no file is there.
func Corpus(tb testing.TB, kind Kind, most int) [][]byte {
	tb.Helper()
	folder := os.Getenv("KYSO_CORPUS")
	if folder == "" {
		return nil
	}
	var pieces [][]byte
	seen := map[[sha256.Size]byte]bool{}
	for _, path := range files(tb, folder) {
		if len(pieces) >= maxPieces {
			break
		}
		file, err := os.ReadFile(path)
		if err != nil {
			tb.Fatalf("KYSO_CORPUS: %v", err)
		}
		taken := 0
		for _, piece := range cut(kind, file) {
			sum := sha256.Sum256(piece)
			if len(piece) <= most && taken < maxTaken && !seen[sum] {
				seen[sum] = true
				pieces = append(pieces, piece)
				taken++
			}
		}
	}
	return pieces
}

// files are the paths of the PDF files that are not too large, shuffled but
// always in the same order, so that every folder gives some.
func files(tb testing.TB, folder string) []string {
	tb.Helper()
	order := map[string][sha256.Size]byte{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error { //nolint:gosec // G703: the folder that the person names
		if err != nil || d.IsDir() || !strings.EqualFold(filepath.Ext(path), ".pdf") {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Size() <= maxFile {
			order[path] = sha256.Sum256([]byte(filepath.ToSlash(name)))
		}
		return err
	})
	if err != nil {
		tb.Fatalf("KYSO_CORPUS: %v", err)
	}
	if len(order) == 0 {
		tb.Fatalf("KYSO_CORPUS: no PDF files below %s", folder)
	}
	return slices.SortedFunc(maps.Keys(order), func(a, b string) int {
		x, y := order[a], order[b]
		return bytes.Compare(x[:], y[:])
	})
}

// cut finds the pieces of a kind by their looks, for the files are damaged on purpose.
func cut(kind Kind, file []byte) [][]byte {
	switch kind {
	case File:
		return [][]byte{file}
	case Value:
		return around(file, " obj", " obj", "endobj")
	case Table:
		return around(file, "\nxref", "\n", "startxref")
	case XRefStream:
		return append(around(file, "/Type/XRef", " obj", "endstream"), around(file, "/Type /XRef", " obj", "endstream")...)
	case ObjectStream:
		return append(around(file, "/Type/ObjStm", " obj", "endstream"), around(file, "/Type /ObjStm", " obj", "endstream")...)
	case Encryption:
		return encryption(file)
	case Content:
		return streams(file, func(b []byte) bool { return bytes.Contains(b, []byte(" Tf")) && bytes.Contains(b, []byte("ET")) })
	case CMS, TimeStamp:
		return signatures(file, kind == TimeStamp)
	case OCSP:
		return stored(file, func(b []byte) bool { return bytes.HasPrefix(b[4:], []byte{0x0a, 1, 0, 0xa0}) })
	case CRL:
		return stored(file, func(b []byte) bool {
			_, err := x509.ParseRevocationList(b)
			return err == nil
		})
	}
	return nil
}

// around cuts a piece about each mark: what follows the word from, before the
// mark or with it, until the word to.
func around(file []byte, mark, from, to string) [][]byte {
	var out [][]byte
	for at := 0; len(out) < maxCuts; {
		i := bytes.Index(file[at:], []byte(mark))
		if i < 0 {
			break
		}
		at += i + len(mark)
		start := bytes.LastIndex(file[:at], []byte(from))
		length := bytes.Index(file[at:], []byte(to))
		if start < 0 || length < 0 {
			continue
		}
		out = append(out, bytes.Clone(file[start+len(from):at+length]))
	}
	return out
}

func encryption(file []byte) [][]byte {
	if !bytes.Contains(file, []byte("/Encrypt")) {
		return nil
	}
	id := []byte("/ID[<00><00>]")
	if found := around(file, "/ID", "/ID", "]"); len(found) > 0 {
		id = append(append([]byte("/ID"), found[0]...), ']')
	}
	var out [][]byte
	for _, mark := range []string{"/Filter/Standard", "/Filter /Standard"} {
		for _, d := range around(file, mark, " obj", "endobj") {
			out = append(out, append(append([]byte("/Encrypt "), d...), id...))
		}
	}
	return out
}

// signatures are the /Contents of signatures, or the time-stamp tokens in them.
func signatures(file []byte, stamps bool) [][]byte {
	if !bytes.Contains(file, []byte("/ByteRange")) {
		return nil
	}
	var out [][]byte
	for _, digits := range append(around(file, "/Contents<", "<", ">"), around(file, "/Contents <", "<", ">")...) {
		value, err := hex.DecodeString(string(digits))
		if err != nil || len(value) < 500 || value[0] != 0x30 {
			continue
		}
		value = append(bytes.TrimRight(value, "\x00"), 0, 0)
		if !stamps {
			out = append(out, value)
			continue
		}
		out = append(out, tokens(value)...)
	}
	return out
}

// tokens finds the value itself if it is a time-stamp token, and those in its attributes.
func tokens(value []byte) [][]byte {
	info := []byte("\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x04")      // id-ct-TSTInfo
	attribute := []byte("\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0e") // id-aa-signatureTimeStampToken
	_, after, ok := bytes.Cut(value, attribute)
	if !ok {
		if bytes.Contains(value, info) {
			return [][]byte{value}
		}
		return nil
	}
	rest := cryptobyte.String(after)
	var set, token cryptobyte.String
	if !rest.ReadASN1(&set, casn1.SET) || !set.ReadASN1Element(&token, casn1.SEQUENCE) {
		return nil
	}
	return [][]byte{token}
}

// stored are the streams of a signed file that hold DER of the wanted looks.
func stored(file []byte, looksRight func([]byte) bool) [][]byte {
	if !bytes.Contains(file, []byte("/ByteRange")) {
		return nil
	}
	return streams(file, func(b []byte) bool { return b[0] == 0x30 && looksRight(b) })
}

// streams are the decoded streams of the wanted looks.
func streams(file []byte, looksRight func([]byte) bool) [][]byte {
	var out [][]byte
	for rest := file; len(out) < maxCuts; {
		_, after, ok := bytes.Cut(rest, []byte("stream"))
		if !ok {
			break
		}
		after = bytes.TrimLeft(after, "\r\n")
		data, end, _ := bytes.Cut(after, []byte("endstream"))
		rest = end
		if z, err := zlib.NewReader(bytes.NewReader(data)); err == nil {
			data, _ = io.ReadAll(io.LimitReader(z, maxFile)) // what could be read
		}
		data = bytes.TrimRight(data, "\r\n")
		if len(data) > 64 && looksRight(data) {
			out = append(out, data)
		}
	}
	return out
}
