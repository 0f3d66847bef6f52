package app

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"kyso/signer"
	"kyso/signer/verify"
)

// How long a verdict is good for in this program's memory, and how many are
// kept: a document is opened again before it is signed and after.
const (
	verdictLife = 10 * time.Minute
	maxVerdicts = 64
)

// askLimit bounds the questions to CAs about the signatures of one file.
const askLimit = 20 * time.Second

// verdicts remembers reports by what they depend on.
type verdicts struct {
	mu   sync.Mutex
	kept []keptVerdict // the oldest first
}

type keptVerdict struct {
	key    [sha256.Size]byte
	report verify.Report
}

// find gives a report that is young enough.
func (v *verdicts) find(key [sha256.Size]byte, now time.Time) (verify.Report, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.kept = slices.DeleteFunc(v.kept, func(k keptVerdict) bool { return now.Sub(k.report.At) > verdictLife })
	for _, k := range v.kept {
		if k.key == key {
			return k.report, true
		}
	}
	return verify.Report{}, false
}

// keep remembers a report.
func (v *verdicts) keep(key [sha256.Size]byte, r verify.Report) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.kept) >= maxVerdicts {
		v.kept = slices.Delete(v.kept, 0, 1)
	}
	v.kept = append(v.kept, keptVerdict{key, r})
}

// Examine judges the signatures of the file at path with the trusted roots of the
// options, else of the settings. With ask it asks CAs what the file leaves open,
// for at most askLimit; without it the network is not used. A file without
// signatures is a report without any. The same file is judged once in a while
// only, an encrypted one each time; password opens it and is not kept. The
// error is that of reading.
func (a *App) Examine(ctx context.Context, path string, password []byte, ask bool) (verify.Report, error) {
	anchors, others, err := ReadTrust(a.trustFolder(a.effective()))
	if err != nil {
		return verify.Report{}, fmt.Errorf("examine %s: %w", path, err)
	}
	now := time.Now()
	var key [sha256.Size]byte
	if len(password) == 0 {
		if key, err = verdictKey(path, ask, anchors, others); err != nil {
			return verify.Report{}, fmt.Errorf("examine %s: %w", path, err)
		}
		if r, ok := a.verdicts.find(key, now); ok {
			return r, nil
		}
	}
	o := signer.VerifyOptions{Anchors: anchors, Intermediates: others, Offline: !ask, At: now, Password: password}
	if ask {
		o.Client = a.HTTP()
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, askLimit)
		defer cancel()
	}
	r, err := signer.VerifyFile(ctx, path, o)
	if err != nil {
		return verify.Report{}, fmt.Errorf("examine %s: %w", path, err)
	}
	if len(password) == 0 {
		a.verdicts.keep(key, r)
	}
	return r, nil
}

// verdictKey is the hash of all that a verdict depends on but the time.
func verdictKey(path string, ask bool, certificates ...[]*x509.Certificate) (key [sha256.Size]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return key, err //nolint:wrapcheck // wrapped with the path by Examine
	}
	defer f.Close() //nolint:errcheck // read only
	file := sha256.New()
	if _, err := io.Copy(file, f); err != nil {
		return key, err //nolint:wrapcheck // wrapped with the path by Examine
	}
	all := sha256.New()
	all.Write(file.Sum(nil))
	if ask {
		all.Write([]byte{1})
	}
	for _, group := range certificates {
		for _, c := range group {
			sum := sha256.Sum256(c.Raw)
			all.Write(sum[:])
		}
		all.Write([]byte{0})
	}
	return [sha256.Size]byte(all.Sum(nil)), nil
}
