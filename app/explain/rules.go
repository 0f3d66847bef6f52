package explain

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"path"
	"syscall"

	"kyso/app/docsys"
	"kyso/app/preview"
	"kyso/app/settings"
	"kyso/app/signing"
	"kyso/app/studio"
	"kyso/signer"
	"kyso/signer/token"
	"kyso/signer/truststore"
)

// codeUnknown names the message of an error that no rule fits.
const codeUnknown = "unknown"

// A text is title, cause and next step in both languages.
type text struct{ vi, en [3]string }

// in gives the text in a language.
func (t text) in(l Language) [3]string {
	if l == English {
		return t.en
	}
	return t.vi
}

// rules are tried in order; the first that fits names the message.
//
//nolint:gochecknoglobals // a constant table
var rules = []rule{
	{"cancelled", cancelled},
	{"token-cancelled", is(token.ErrCancelled)},
	{"pin-wrong", is(token.ErrPINWrong)},
	{"pin-format", is(token.ErrPINFormat)},
	{"pin-locked", is(token.ErrPINLocked)},
	{"pin-final", is(token.ErrPINFinal)},
	{"pin-expired", is(token.ErrPINExpired)},
	{"token-removed", is(token.ErrRemoved)},
	{"login-needed", is(token.ErrLoginNeeded)},
	{"key-missing", is(token.ErrKeyMissing)},
	{"driver-crashed", is(token.ErrCrashed)},
	{"driver-hung", is(token.ErrHung)},
	{"bad-signature", is(token.ErrBadSignature)},
	{"driver-missing", is(token.ErrDriverMissing)},
	{"driver-machine", is(&token.Error{Kind: token.KindWrongMachine})},
	{"not-a-driver", is(token.ErrNotDriver)},
	{"mechanism", is(&token.Error{Kind: token.KindMechanism})},
	{"device-error", is(&token.Error{Kind: token.KindDevice})},
	{"token-unsupported", is(token.ErrUnsupported)},
	{"soft-key-forbidden", is(token.ErrSoftForbidden)},
	{"weak-pin", func(err error) bool { _, ok := errors.AsType[*signing.WeakPINError](err); return ok }},
	{"changed-file", is(signing.ErrChanged)},
	{"batch-busy", is(signing.ErrBusy)},
	{"other-level", is(signing.ErrOtherLevel)},
	{"no-documents", is(signing.ErrNoDocuments)},
	{"policy-owner", is(settings.ErrNotAdministrators)},
	{"policy", is(settings.ErrPolicy)},
	{"not-settings", is(settings.ErrNotSettings)},
	{"picture-format", is(studio.ErrFormat)},
	{"picture-large", is(studio.ErrLarge)},
	{"picture-no-ink", is(studio.ErrNoInk)},
	{"trust-fingerprint", is(truststore.ErrFingerprint)},
	{"trust-not-ca", is(truststore.ErrNotCA)},
	{"trust-damaged", is(truststore.ErrDamaged)},
	{"trust-format", is(truststore.ErrFormat)},
	{"no-token", is(signing.ErrNoToken)},
	{"no-certificate", is(signing.ErrNoCertificate)},
	{"no-approval", is(signing.ErrNoApproval)},
	{"exists", is(signer.ErrExists)},
	{"exists", is(signer.ErrSameFile)},
	{"bad-signature", is(signer.ErrKeyMismatch)},
	{"no-letter", is(signer.ErrNoLetter)},
	{"time-stamp", is(signer.ErrTimeStamp)},
	{"weak-key", is(signer.ErrWeakKey)},
	{"no-place", is(signer.ErrNoPlace)},
	{"field-used", is(signer.ErrFieldUsed)},
	{"field-name", is(signer.ErrFieldName)},
	{"at-level", is(signer.ErrAtLevel)},
	{"no-signature", is(signer.ErrNoSignature)},
	{"unsound", is(signer.ErrUnsound)},
	{"incomplete-request", is(signer.ErrRequest)},
	{"check-failed", is(signer.ErrCheck)},
	{"refused-encrypted", is(preview.ErrPassword)},
	{"refused-encrypted", is(signer.ErrPassword)},
	{"refused-wrong-password", is(preview.ErrWrongPassword)},
	{"refused-wrong-password", is(signer.ErrWrongPassword)},
	{"refused-damaged", is(signer.ErrUnreadable)},
	{"refused-damaged", is(preview.ErrDamaged)},
	{"too-large", is(preview.ErrTooLarge)},
	{"no-folder", is(settings.ErrNoFolder)},
	{"offline", is(docsys.ErrOffline)},
	{"disk-full", is(syscall.ENOSPC)},
	{"read-only", is(syscall.EROFS)},
	{"no-permission", is(fs.ErrPermission)},
	{"no-file", is(fs.ErrNotExist)},
	{"slow", is(context.DeadlineExceeded)},
	{"identity-not-linked", refused("identity-not-linked")},
	{"log-in-required", refused("log-in-required")},
	{"server-refused", func(err error) bool { _, ok := errors.AsType[*docsys.Problem](err); return ok }},
}

// refused makes a rule's test from the kind of a server's refusal.
func refused(kind string) func(error) bool {
	return func(err error) bool {
		p, ok := errors.AsType[*docsys.Problem](err)
		return ok && path.Base(p.Type) == kind
	}
}

// texts are the messages by code.
//
//nolint:gochecknoglobals // a constant table
var texts = joined(generalTexts, tokenTexts, fileTexts, levelTexts, demoTexts, deliveryTexts, batchTexts, settingsTexts, loginTexts)

// joined makes one table.
func joined(tables ...map[string]text) map[string]text {
	all := map[string]text{}
	for _, t := range tables {
		maps.Copy(all, t)
	}
	return all
}
