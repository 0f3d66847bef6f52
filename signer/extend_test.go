package signer_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"kyso/signer"
	"kyso/signer/signertest"
	"kyso/signer/verify"
)

func extendRequest(req signer.Request, level signer.Level) signer.ExtendRequest {
	return signer.ExtendRequest{
		Level: level, TSAs: req.TSAs, Anchors: req.Anchors, Client: req.Client, Time: time.Now().Truncate(time.Second),
	}
}

// mustExtend raises a file and checks that the old one is its beginning.
func mustExtend(t *testing.T, in string, req signer.ExtendRequest) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "extended.pdf")
	res, err := signer.ExtendFile(t.Context(), in, out, req)
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(in)
	if err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(after, before) || int64(len(after)) != res.Size {
		t.Errorf("the output of %d bytes does not begin with the input, or is not as the result says", len(after))
	}
	return out
}

func TestASignatureIsRaisedFromAnyLevelToAnyHigher(t *testing.T) {
	t.Parallel()
	s := servers(t)
	all := []signer.Level{signer.LevelB, signer.LevelT, signer.LevelLT, signer.LevelLTA}
	for i, from := range all {
		for _, to := range all[i+1:] {
			t.Run(string(from)+" to "+string(to), func(t *testing.T) {
				t.Parallel()
				req := levelRequest(t, s, "P-256", from)
				in := mustSign(t, write(t, "in.pdf", signertest.Paper{}.Bytes()), req)
				out := mustExtend(t, in, extendRequest(req, to))
				got := judged(t, out, s, to != signer.LevelT)
				if got.Indication != verify.TotalPassed || got.Level != string(to) {
					t.Errorf("%s, level %q: %s %s", got.Indication, got.Level, got.Why, got.LevelNote)
				}
			})
		}
	}
}

func TestAnArchiveTimeStampIsRenewedAgainAndAgain(t *testing.T) {
	t.Parallel()
	s := servers(t)
	req := levelRequest(t, s, "P-256", signer.LevelLTA)
	path := mustSign(t, write(t, "in.pdf", signertest.Paper{Stream: true}.Bytes()), req)
	for range 3 {
		path = mustExtend(t, path, extendRequest(req, signer.LevelLTA))
	}
	r, err := signer.VerifyFile(t.Context(), path, signer.VerifyOptions{Anchors: req.Anchors, Offline: true, At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Signatures) != 5 || r.Indication != verify.TotalPassed || r.Signatures[0].Level != "B-LTA" {
		t.Errorf("%d signatures, %s, level %s", len(r.Signatures), r.Indication, r.Signatures[0].Level)
	}
}

func TestALockedDocumentIsRaisedAllTheSame(t *testing.T) {
	t.Parallel()
	s := servers(t)
	for name, lock := range map[string]string{
		"every field is locked":          "<</Type/SigFieldLock/Action/All>>",
		"every field, and no change":     "<</Type/SigFieldLock/Action/All/P 1>>",
		"every field, and only filling":  "<</Type/SigFieldLock/Action/All/P 2>>",
		"one other field is locked, too": "<</Type/SigFieldLock/Action/Include/Fields[(name)]>>",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := levelRequest(t, s, "P-256", signer.LevelT)
			req.Field = "S"
			path := mustSign(t, write(t, "in.pdf", field("/Lock"+lock)), req)
			for range 2 { // raised, and renewed
				path = mustExtend(t, path, extendRequest(req, signer.LevelLTA))
				got := judged(t, path, s, true)
				if got.Indication != verify.TotalPassed || got.Level != "B-LTA" {
					t.Errorf("%s, level %q: %s %s", got.Indication, got.Level, got.Why, got.LevelNote)
				}
			}
			run(t, "qpdf", "--check", path)
		})
	}
}

func TestWhatCannotBeRaisedGivesNoFile(t *testing.T) {
	t.Parallel()
	s := servers(t)
	req := levelRequest(t, s, "P-256", signer.LevelLT)
	unsigned := write(t, "in.pdf", signertest.Paper{}.Bytes())
	stored := mustSign(t, unsigned, req)
	spoilt, err := os.ReadFile(stored)
	if err != nil {
		t.Fatal(err)
	}
	spoilt[20] ^= 1
	revoked := levelRequest(t, s, "P-256", signer.LevelB)
	revokedFile := mustSign(t, unsigned, revoked)
	s.Revoke(revoked.Credential.Certificate().SerialNumber, time.Now().Add(-time.Hour))

	for name, test := range map[string]struct {
		in    string
		level signer.Level
		with  func(*signer.ExtendRequest)
		want  error
	}{
		"a file without a signature":      {in: unsigned, level: signer.LevelLTA, want: signer.ErrNoSignature},
		"a file at the level":             {in: stored, level: signer.LevelLT, want: signer.ErrAtLevel},
		"a file at a higher level":        {in: stored, level: signer.LevelT, want: signer.ErrAtLevel},
		"a spoilt signature":              {in: write(t, "spoilt.pdf", spoilt), level: signer.LevelLTA, want: signer.ErrUnsound},
		"a revoked signer":                {in: revokedFile, level: signer.LevelLT, want: signer.ErrMaterial},
		"level B-B":                       {in: stored, level: signer.LevelB, want: signer.ErrRequest},
		"no time":                         {in: stored, level: signer.LevelLTA, with: func(r *signer.ExtendRequest) { r.Time = time.Time{} }, want: signer.ErrRequest},
		"no servers":                      {in: stored, level: signer.LevelLTA, with: func(r *signer.ExtendRequest) { r.TSAs = nil }, want: signer.ErrRequest},
		"anchors that the signer has not": {in: revokedFile, level: signer.LevelLT, with: func(r *signer.ExtendRequest) { r.Anchors = newPKI(t).Chain() }, want: signer.ErrTimeStamp},
		"a file that is no PDF":           {in: write(t, "text.pdf", []byte("Kính gửi")), level: signer.LevelT, want: signer.ErrRefused},
	} {
		t.Run(name, func(t *testing.T) {
			e := extendRequest(req, test.level)
			if test.with != nil {
				test.with(&e)
			}
			out := filepath.Join(t.TempDir(), "out.pdf")
			if _, err := signer.ExtendFile(t.Context(), test.in, out, e); !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			wantNothing(t, out)
		})
	}
}

// wantNothing checks that the folder of out is empty.
func wantNothing(t *testing.T, out string) {
	t.Helper()
	left, err := os.ReadDir(filepath.Dir(out))
	if err != nil || len(left) > 0 {
		t.Errorf("the folder holds %v, %v; want nothing", left, err)
	}
}

func TestAnArchivedSignatureOutlivesTheCertificateOfItsSigner(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64 // days
	clock := func() time.Time { return time.Now().AddDate(0, 0, int(ahead.Load())) }
	s, err := signertest.Start(signertest.Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	paths := map[signer.Level]string{}
	for _, level := range []signer.Level{signer.LevelB, signer.LevelLT, signer.LevelLTA} {
		paths[level] = mustSign(t, write(t, "in.pdf", signertest.Paper{}.Bytes()), levelRequest(t, s, "P-256", level))
	}
	renew := extendRequest(levelRequest(t, s, "P-256", signer.LevelLTA), signer.LevelLTA)
	report := func(path string) verify.Signature {
		r, err := signer.VerifyFile(t.Context(), path, signer.VerifyOptions{
			Anchors: renew.Anchors, Client: renew.Client, At: clock(),
		})
		if err != nil {
			t.Fatal(err)
		}
		return r.Signatures[0]
	}
	for _, years := range []int64{1, 3, 5} { // the certificate ends after two
		ahead.Store(365 * years)
		renew.Time = clock()
		paths[signer.LevelLTA] = mustExtend(t, paths[signer.LevelLTA], renew)
		if got := report(paths[signer.LevelLTA]); got.Indication != verify.TotalPassed || got.Level != "B-LTA" {
			t.Errorf("after %d years: %s, level %s: %s %s", years, got.Indication, got.Level, got.Why, got.LevelNote)
		}
	}
	if got := report(paths[signer.LevelB]); got.Indication == verify.TotalPassed {
		t.Errorf("B-B after its certificate's end: %s", got.Indication)
	}
	out := filepath.Join(t.TempDir(), "late.pdf")
	if _, err := signer.ExtendFile(t.Context(), paths[signer.LevelB], out, renew); !errors.Is(err, signer.ErrMaterial) {
		t.Errorf("B-B raised after its certificate's end: %v", err)
	}
	wantNothing(t, out)
}
