package signer_test

import (
	"context"
	"crypto"
	"crypto/x509"
	"net/http"
	"os"
	"testing"
	"time"

	"kyso/signer"
	"kyso/signer/signertest"
	"kyso/signer/verify"
)

// servers starts a PKI with its servers.
func servers(t *testing.T) *signertest.Server {
	t.Helper()
	s, err := signertest.Start(signertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// levelRequest asks for a level with everything that it needs.
func levelRequest(t *testing.T, s *signertest.Server, key string, level signer.Level) signer.Request {
	t.Helper()
	req := request(t, s.PKI, key)
	req.Time = time.Now().Truncate(time.Second)
	req.Level = level
	req.TSAs = []signer.TSA{{URL: s.BaseURL() + signertest.PathTSA}}
	req.Anchors = []*x509.Certificate{s.Root()}
	req.Client = &http.Client{Timeout: 5 * time.Second}
	return req
}

func TestEveryLevelIsReachedWithEveryKindOfKey(t *testing.T) {
	t.Parallel()
	s := servers(t)
	for name, test := range map[string]struct {
		key string
		pss bool
	}{
		"RSA": {"RSA-2048", false}, "RSA with PSS": {"RSA-2048", true},
		"P-256": {"P-256", false}, "P-384": {"P-384", false}, "P-521": {"P-521", false},
	} {
		for _, level := range []signer.Level{signer.LevelB, signer.LevelT, signer.LevelLT, signer.LevelLTA} {
			t.Run(name+" at "+string(level), func(t *testing.T) {
				t.Parallel()
				req := levelRequest(t, s, test.key, level)
				req.PSS = test.pss
				out := mustSign(t, write(t, "in.pdf", signertest.Paper{}.Bytes()), req)
				// From B-LT on the file alone must do.
				got := judged(t, out, s, level == signer.LevelLT || level == signer.LevelLTA)
				if got.Indication != verify.TotalPassed || got.Level != string(level) {
					t.Errorf("%s, level %q: %s", got.Indication, got.Level, got.Why)
				}
			})
		}
	}
}

// judged is the report on the first signature.
func judged(t *testing.T, path string, s *signertest.Server, offline bool) verify.Signature {
	t.Helper()
	r, err := signer.VerifyFile(t.Context(), path, signer.VerifyOptions{
		Anchors: []*x509.Certificate{s.Root()}, Client: &http.Client{Timeout: 5 * time.Second}, At: time.Now(), Offline: offline,
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Signatures) == 0 {
		t.Fatal("no signature")
	}
	return r.Signatures[0]
}

func TestATimeStampLargerThanItsRoomIsAskedForOnceMore(t *testing.T) {
	t.Parallel()
	s := servers(t)
	s.Misbehave(signertest.PathTSA, signertest.Large)
	req := levelRequest(t, s, "P-256", signer.LevelLTA)
	req.StampSizes = &signer.StampSizes{}
	asked := &counting{Credential: req.Credential}
	req.Credential = asked
	for _, want := range []int{2, 1} { // the second time the size is known
		asked.n = 0
		out := mustSign(t, write(t, "in.pdf", signertest.Paper{}.Bytes()), req)
		if got := judged(t, out, s, true); got.Level != "B-LTA" || asked.n != want {
			t.Errorf("level %s, the key was asked %d times, want %d", got.Level, asked.n, want)
		}
	}
	s.Misbehave(signertest.PathTSA, "")
	small := mustSign(t, write(t, "in.pdf", signertest.Paper{}.Bytes()), req)
	if info, err := os.Stat(small); err != nil || info.Size() < 50<<10 {
		t.Errorf("%v, %v: the room is that of the last time stamp", info.Size(), err)
	}
	smaller := mustSign(t, write(t, "in.pdf", signertest.Paper{}.Bytes()), req)
	if info, err := os.Stat(smaller); err != nil || info.Size() > 40<<10 {
		t.Errorf("%v, %v: the room is that of the last time stamp", info.Size(), err)
	}
}

// counting counts how often the key is asked.
type counting struct {
	signer.Credential

	n int
}

func (c *counting) SignDigest(ctx context.Context, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	c.n++
	return c.Credential.SignDigest(ctx, digest, opts)
}
