package remote_test

import (
	"crypto"
	"slices"
	"strings"
	"testing"
	"time"

	"kyso/signer/token"
	"kyso/signer/token/p11"
	"kyso/signer/token/remote"
	"kyso/signer/token/tokentest"
)

// BenchmarkSign is what the helper adds to a signature, as medians: the same
// module in this process and in another.
//
//	go test -run '^$' -bench Sign -benchtime 1000x ./signer/token/remote
func BenchmarkSign(b *testing.B) {
	module, env := tokentest.StandardSoftHSM(b)
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		b.Setenv(name, value)
	}
	here, err := p11.Open(module, "")
	if err != nil {
		b.Fatal(err)
	}
	there := remote.Start(remote.Options{Helper: tokentest.Helper(b), Module: module, Env: env})
	b.Cleanup(func() { _ = there.Close() })
	for _, key := range []string{tokentest.RSA, tokentest.RSA3072, tokentest.EC} {
		b.Run(key+"/in process", func(b *testing.B) { medianOfSignatures(b, here, key) })
		b.Run(key+"/helper", func(b *testing.B) { medianOfSignatures(b, there, key) })
	}
}

// medianOfSignatures reports the median of b.N signatures, verified as ever.
func medianOfSignatures(b *testing.B, p token.Provider, label string) {
	b.Helper()
	tokens, err := p.Tokens(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	leader := tokens[slices.IndexFunc(tokens, func(i token.Info) bool { return i.Label == tokentest.Leader })]
	all, err := p.Certificates(b.Context(), leader.Slot)
	if err != nil {
		b.Fatal(err)
	}
	c := all[slices.IndexFunc(all, func(c token.Certificate) bool { return c.Label == label })]
	s, err := p.OpenSession(b.Context(), leader.Slot, token.Login{PIN: []byte(tokentest.LeaderPIN)})
	if err != nil {
		b.Fatal(err)
	}
	r := token.SignRequest{Certificate: c, Digest: make([]byte, 32), Hash: crypto.SHA256}
	took := make([]time.Duration, 0, b.N)
	for b.Loop() {
		start := time.Now()
		if _, err := s.Sign(b.Context(), r); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "median-µs")
	if err := s.Close(b.Context()); err != nil {
		b.Error(err)
	}
}
