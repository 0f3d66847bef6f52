package explain_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"kyso/app/docsys"
	"kyso/app/explain"
	"kyso/app/settings"
	"kyso/app/signing"
	"kyso/signer"
	"kyso/signer/cert"
	"kyso/signer/token"
)

func TestEveryErrorHasThreeLinesInBothLanguages(t *testing.T) {
	cases := map[string]struct {
		err  error
		code string
	}{
		"a wrong PIN":                     {&token.Error{Kind: token.KindPINWrong, Op: "login", Code: 0xA0}, "pin-wrong"},
		"a PIN of a wrong form":           {&token.Error{Kind: token.KindPINFormat}, "pin-format"},
		"a locked token":                  {&token.Error{Kind: token.KindPINLocked}, "pin-locked"},
		"a last try nobody confirmed":     {&token.Error{Kind: token.KindPINFinal}, "pin-final"},
		"a token that cannot do it":       {&token.Error{Kind: token.KindUnsupported}, "token-unsupported"},
		"a key in a file":                 {&token.Error{Kind: token.KindSoftForbidden}, "soft-key-forbidden"},
		"a removed token":                 {fmt.Errorf("sign a.pdf: %w", &token.Error{Kind: token.KindRemoved, Op: "sign"}), "token-removed"},
		"a driver that is not there":      {&token.Error{Kind: token.KindDriverMissing}, "driver-missing"},
		"a driver for another machine":    {&token.Error{Kind: token.KindWrongMachine}, "driver-machine"},
		"a driver that crashed":           {&token.Error{Kind: token.KindCrashed}, "driver-crashed"},
		"a driver that hangs":             {&token.Error{Kind: token.KindHung}, "driver-hung"},
		"a device error":                  {&token.Error{Kind: token.KindDevice, Code: 5}, "device-error"},
		"no token in a driver":            {signing.ErrNoToken, "no-token"},
		"no certificate that fits":        {signing.ErrNoCertificate, "no-certificate"},
		"an expired certificate":          {&signing.UnfitError{Fit: cert.Expired}, "unfit-expired"},
		"a revoked certificate":           {&signing.UnfitError{Fit: cert.Revoked}, "unfit-revoked"},
		"no server":                       {fmt.Errorf("ask: %w", docsys.ErrOffline), "offline"},
		"a refusal of the server":         {&docsys.Problem{Status: 422, Title: "Không nhận"}, "server-refused"},
		"an account nobody linked":        {&docsys.Problem{Type: "/problems/identity-not-linked", Status: 403, Title: "Chưa có tài khoản"}, "identity-not-linked"},
		"nobody is logged in":             {&docsys.Problem{Type: "/problems/log-in-required", Status: 401, Title: "Cần đăng nhập lại"}, "log-in-required"},
		"no HOME":                         {settings.ErrNoFolder, "no-folder"},
		"a read-only folder":              {&fs.PathError{Op: "open", Path: "/a", Err: syscall.EROFS}, "read-only"},
		"a full disk":                     {&fs.PathError{Op: "write", Path: "/a", Err: syscall.ENOSPC}, "disk-full"},
		"a file that is gone":             {&fs.PathError{Op: "open", Path: "/a", Err: syscall.ENOENT}, "no-file"},
		"an output that exists":           {fmt.Errorf("sign: %w", signer.ErrExists), "exists"},
		"no time stamp":                   {fmt.Errorf("sign: %w", stampless()), "time-stamp"},
		"a certificate without a path":    {fmt.Errorf("sign: %w", &signer.MaterialError{Code: "no-path", Certificate: "CN=A"}), "material-no-path"},
		"a revocation nobody knows":       {&signer.MaterialError{Code: "unknown", Certificate: "CN=A"}, "material-unknown"},
		"a revoked certificate in LT":     {&signer.MaterialError{Code: "revoked", Certificate: "CN=A"}, "material-revoked"},
		"a certificate expired before":    {&signer.MaterialError{Code: "expired", Certificate: "CN=A"}, "material-expired"},
		"a certificate used wrongly":      {&signer.MaterialError{Code: "constraint", Certificate: "CN=A"}, "material"},
		"a level without its servers":     {fmt.Errorf("%w: level B-T needs a server", signer.ErrRequest), "incomplete-request"},
		"a document at the level":         {fmt.Errorf("extend: %w", signer.ErrAtLevel), "at-level"},
		"a document without a signature":  {fmt.Errorf("extend: %w", signer.ErrNoSignature), "no-signature"},
		"a signature that does not hold":  {fmt.Errorf("extend: %w", signer.ErrUnsound), "unsound"},
		"a weak key":                      {fmt.Errorf("sign: %w", signer.ErrWeakKey), "weak-key"},
		"a certified file":                {&signer.RefusalError{Code: "certified-no-changes"}, "refused-certified-no-changes"},
		"an encrypted file":               {&signer.RefusalError{Code: "encrypted"}, "refused-encrypted"},
		"an encrypted file to judge":      {fmt.Errorf("verify: %w: %w", signer.ErrUnreadable, signer.ErrPassword), "refused-encrypted"},
		"a wrong password":                {&signer.RefusalError{Code: "wrong-password"}, "refused-wrong-password"},
		"encryption for recipients":       {&signer.RefusalError{Code: "security-handler"}, "refused-security-handler"},
		"a file that is no PDF":           {fmt.Errorf("verify: %w", signer.ErrUnreadable), "refused-damaged"},
		"a refusal without its own words": {&signer.RefusalError{Code: "something-new", Text: "x"}, "refused"},
		"an error that names its message": {fmt.Errorf("start: %w", named{}), "demo-port"},
		"a cancel":                        {context.Canceled, "cancelled"},
		"a time limit":                    {context.DeadlineExceeded, "slow"},
		"an error that nobody foresaw":    {errors.New("boom"), "unknown"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for _, lang := range []explain.Language{explain.Vietnamese, explain.English} {
				got := explain.For(c.err, lang)
				if got.Code != c.code {
					t.Errorf("code: got %q, want %q", got.Code, c.code)
				}
				for _, line := range []string{got.Title, got.Cause, got.Next} {
					if strings.TrimSpace(line) == "" || strings.Contains(line, "{") {
						t.Errorf("%s: a line is empty or unfinished: %q", lang, got.Lines())
					}
				}
			}
			if vi, en := explain.For(c.err, explain.Vietnamese), explain.For(c.err, explain.English); vi.Title == en.Title {
				t.Errorf("both languages say %q", vi.Title)
			}
		})
	}
}

func TestNoErrorHasNoMessage(t *testing.T) {
	if got := explain.For(nil, explain.Vietnamese); got != (explain.Message{}) {
		t.Errorf("got %+v", got)
	}
}

func TestTheFileIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vắng mặt.pdf")
	_, err := os.Open(path)
	if got := explain.For(fmt.Errorf("open: %w", err), explain.Vietnamese); !strings.Contains(got.Cause, path) {
		t.Errorf("%q does not name %s", got.Cause, path)
	}
}

func stampless() error {
	return &signer.TimeStampError{Answers: []signer.TSAAnswer{
		{URL: "http://tsa.ca.gov.vn", Code: "timeout", Err: context.DeadlineExceeded},
		{URL: "http://tsa.example.vn", Code: "refused", Err: errors.New("badAlg")},
	}}
}

func TestEveryTimeStampingServerIsNamedWithWhatItDid(t *testing.T) {
	for lang, want := range map[explain.Language]string{
		explain.Vietnamese: "http://tsa.ca.gov.vn: không trả lời kịp; http://tsa.example.vn: từ chối yêu cầu.",
		explain.English:    "http://tsa.ca.gov.vn: did not answer in time; http://tsa.example.vn: refused the request.",
	} {
		if got := explain.For(stampless(), lang); got.Cause != want || got.Code != "time-stamp" {
			t.Errorf("got %q, %s, want %q", got.Cause, got.Code, want)
		}
	}
}

// named is an error of a part that package explain does not link.
type named struct{}

func (named) Error() string       { return "port 1 is taken" }
func (named) ExplainCode() string { return "demo-port" }

func TestFindingsOfAPlanHaveWordsOfTheirOwn(t *testing.T) {
	say := map[string]func(signer.Finding, explain.Language) explain.Message{"refusal": explain.Refusal, "warning": explain.Warning}
	for kind, codes := range map[string][]string{
		"refusal": {
			"encrypted", "wrong-password", "security-handler", "certified-no-changes", "locked", "dynamic-xfa", "damaged",
			"trailing-bytes", "permission", "annotations-not-allowed", "seed-value", "no-place", "field-used", "field-name", "no-letter",
		},
		"warning": {
			"repaired", "javascript", "hidden-layers", "seed-value", "untagged", "locks-after", "covered-content",
			"alternate-objects", "unused-objects", "field-shows-other", "fillable-fields", "replaceable-font",
			"font-not-embedded", "print-differs", "xfa-form", "external-references", "launch-action", "embedded-files",
			"multimedia", "not-fully-examined",
		},
	} {
		general := say[kind](signer.Finding{Code: "something-new", Text: "x"}, explain.Vietnamese)
		for _, code := range codes {
			vi := say[kind](signer.Finding{Code: code, Text: "x"}, explain.Vietnamese)
			en := say[kind](signer.Finding{Code: code, Text: "x"}, explain.English)
			if vi.Code == general.Code || vi.Title == "" || vi.Next == "" || vi.Title == en.Title || strings.Contains(vi.Lines()+en.Lines(), "{") {
				t.Errorf("%s %s: %+v, %+v", kind, code, vi, en)
			}
		}
		if !strings.Contains(general.Lines(), "x") {
			t.Errorf("%s without its own words: %q", kind, general.Lines())
		}
	}
}
