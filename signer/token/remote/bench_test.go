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
// module in this process and in another, in turn, so that what else the machine
// does slows both alike.
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
	module, env = tokentest.StandardSoftHSM(b)
	there := remote.Start(remote.Options{Helper: tokentest.Helper(b), Module: module, Env: env})
	b.Cleanup(func() { _ = there.Close() })
	for _, key := range []string{tokentest.RSA, tokentest.RSA3072, tokentest.EC} {
		b.Run(key, func(b *testing.B) {
			lanes := []*lane{newLane(b, here, key), newLane(b, there, key)}
			for b.Loop() {
				for _, l := range lanes {
					l.sign(b)
				}
			}
			b.ReportMetric(lanes[0].median(), "in-process-µs")
			b.ReportMetric(lanes[1].median(), "helper-µs")
		})
	}
}

// lane is a session with the times that its signatures took.
type lane struct {
	session token.Session
	request token.SignRequest
	took    []time.Duration
}

func newLane(b *testing.B, p token.Provider, label string) *lane {
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
	return &lane{session: s, request: token.SignRequest{Certificate: c, Digest: make([]byte, 32), Hash: crypto.SHA256}}
}

// sign makes one signature, verified as ever.
func (l *lane) sign(b *testing.B) {
	b.Helper()
	start := time.Now()
	if _, err := l.session.Sign(b.Context(), l.request); err != nil {
		b.Fatal(err)
	}
	l.took = append(l.took, time.Since(start))
}

// median is in microseconds.
func (l *lane) median() float64 {
	slices.Sort(l.took)
	return float64(l.took[len(l.took)/2].Microseconds())
}
