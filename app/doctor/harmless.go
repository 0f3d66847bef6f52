package doctor

import (
	"regexp"
	"strings"

	"kyso/signer/token"
)

// phrases are pieces of errors that name nobody: those of this program, of Go
// and of the operating systems.
//
//nolint:gochecknoglobals // a constant table
var phrases = []string{
	// kinds of token errors
	string(token.KindPINWrong), string(token.KindPINFormat), string(token.KindPINExpired), string(token.KindPINLocked), string(token.KindPINFinal),
	string(token.KindCancelled), string(token.KindRemoved), string(token.KindLoginNeeded), string(token.KindKeyMissing), string(token.KindUnsupported),
	string(token.KindDevice), string(token.KindCrashed), string(token.KindHung), string(token.KindBadSignature), string(token.KindDriverMissing),
	string(token.KindWrongMachine), string(token.KindNotDriver), "keeps failing", "not an absolute path", "may not be read", "it does not export C_GetFunctionList",
	"not a regular file", "cannot open shared object file", "undefined symbol", "wrong ELF class", "invalid ELF header", "signal: segmentation fault", "signal: aborted", "signal: killed",
	"exit status", "C_Initialize", "C_GetFunctionList", "C_GetSlotList", "C_GetTokenInfo",
	// files
	"no such file or directory", "permission denied", "no space left on device", "read-only file system", "input/output error", "is a directory", "not a directory",
	"too many open files", "file exists", "file already closed", "database is locked", "database disk image is malformed", "file is not a database", "disk I/O error",
	"invalid character", "unexpected end of JSON input", "cannot unmarshal", "unexpected EOF", "EOF",
	"Access is denied", "The system cannot find the file specified", "The system cannot find the path specified", "File not found", "The specified module could not be found",
	"is not a valid Win32 application", "There is not enough space on the disk", "The process cannot access the file because it is being used by another process",
	"The specified service does not exist as an installed service", "Service does not exist",
	// networks
	"actively refused", "Connection refused", "connectex", "wsarecv", "A socket operation was attempted to an unreachable host",
	"connection refused", "connection reset by peer", "broken pipe", "no route to host", "network is unreachable", "no such host", "i/o timeout", "server misbehaving",
	"context deadline exceeded", "context canceled", "Client.Timeout exceeded", "TLS handshake timeout", "first record does not look like a TLS handshake",
	"server gave HTTP response to HTTPS client", "stopped after", "redirects", "http-status", "content-type", "too-large", "unreachable", "malformed", "timeout",
	"certificate signed by unknown authority", "certificate has expired or is not yet valid", "certificate is valid for", "proxyconnect",
	"the server cannot be reached", "the document server cannot be reached", "not the document server", "idempotency",
	// time stamps and revocation
	"the time stamp answers another request", "the time stamp is under another policy", "the time stamp is not accurate enough", "not a well-formed time-stamp token",
	"the time stamp is for other data", "the time stamp is not signed by a time-stamping server", "the server gives no time stamp",
	"the server's certificate does not lead to a trusted root", "unusable revocation answer", "the responder does not know the certificate",
	"OCSP", "CRL", "not the certificate", "signature", "nonce", "stale", "out of its time",
	"asn1: structure error", "asn1: syntax error", "x509",
}

// numbers are codes: of PKCS #11, of HTTP, of exits.
//
//nolint:gochecknoglobals // compiled constants
var (
	codes   = regexp.MustCompile(`CKR 0x[0-9A-F]{1,8}|0x[0-9A-F]{1,8}\b|\bstatus \d{1,3}\b|\bHTTP \d{3}\b|\berrno \d{1,3}\b|\bPKIStatus \d\b`)
	allowed = allowedPattern()
)

// allowedPattern matches a phrase or a code.
func allowedPattern() *regexp.Regexp {
	parts := []string{codes.String()}
	for _, p := range phrases {
		parts = append(parts, `\b`+regexp.QuoteMeta(p)+`\b`)
	}
	return regexp.MustCompile(strings.Join(parts, "|"))
}

// harmless keeps of an error's words only known phrases and codes; the rest may
// name files, people, agencies.
func harmless(s string) string {
	if s == "" {
		return ""
	}
	var out []string
	for _, m := range allowed.FindAllString(s, 40) {
		if len(out) == 0 || out[len(out)-1] != m {
			out = append(out, m)
		}
	}
	if len(out) == 0 {
		return hidden
	}
	return strings.Join(out, "; ")
}
