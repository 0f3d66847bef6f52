package signer_test

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"kyso/signer"
	"kyso/signer/signertest"
)

// watched counts how often the key is asked, and whether twice at a time.
type watched struct {
	signer.Credential

	asked, now, most atomic.Int64
	// before, when not nil, is called with the number of the call, from 1.
	before func(ctx context.Context, n int64) error
}

func (w *watched) SignDigest(ctx context.Context, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	n := w.asked.Add(1)
	w.most.Store(max(w.most.Load(), w.now.Add(1)))
	defer w.now.Add(-1)
	if w.before != nil {
		if err := w.before(ctx, n); err != nil {
			return nil, err
		}
	}
	return w.Credential.SignDigest(ctx, digest, opts)
}

// papers are n jobs on documents of their own, with outputs in one folder.
func papers(t *testing.T, n int, req signer.Request) (jobs []signer.Job, folder string) {
	t.Helper()
	from := t.TempDir()
	folder = t.TempDir()
	for i := range n {
		in := filepath.Join(from, fmt.Sprintf("in%03d.pdf", i))
		if err := os.WriteFile(in, signertest.Paper{Stream: i%2 == 1}.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, signer.Job{In: in, Out: filepath.Join(folder, fmt.Sprintf("out%03d.pdf", i)), Request: req})
	}
	return jobs, folder
}

// batch signs the jobs and gives the outcomes by index; each must come once.
func batch(t *testing.T, ctx context.Context, c signer.Credential, jobs iter.Seq[signer.Job]) (map[int]signer.Outcome, error) { //nolint:revive // context-as-argument: the test's own first
	t.Helper()
	got := map[int]signer.Outcome{}
	err := signer.SignFiles(ctx, c, jobs, func(o signer.Outcome) {
		if _, twice := got[o.Index]; twice {
			t.Errorf("two outcomes of job %d", o.Index)
		}
		got[o.Index] = o
	})
	return got, err
}

func TestABatchSignsEveryFileOnce(t *testing.T) {
	pki := newPKI(t)
	req := request(t, pki, "RSA-2048")
	key := &watched{Credential: req.Credential}
	req.Credential = nil
	jobs, folder := papers(t, 40, req)
	got, err := batch(t, t.Context(), key, slices.Values(jobs))
	if err != nil {
		t.Fatal(err)
	}
	if key.asked.Load() != 40 || key.most.Load() != 1 {
		t.Errorf("the key was asked %d times, %d at a time", key.asked.Load(), key.most.Load())
	}
	for i, job := range jobs {
		o := got[i]
		if o.Err != nil || o.Result.Path != job.Out || o.Job.In != job.In || !o.Result.Report.Signatures[0].Sound() {
			t.Errorf("job %d: %+v", i, o)
		}
	}
	if got := entries(t, folder); len(got) != 40 {
		t.Errorf("the folder holds %v", got)
	}
	judge(t, pki, jobs[7].Out, 1)
}

func TestAFileThatCannotBeSignedDoesNotStopTheOthers(t *testing.T) {
	req := request(t, newPKI(t), "P-256")
	key := &watched{Credential: req.Credential}
	jobs, folder := papers(t, 10, req)
	jobs[0].In = filepath.Join(folder, "nothing here.pdf")
	jobs[2].Request.Marks = []signer.Mark{{Page: 9, Rect: signer.Rect{X: 10, Y: 10, W: 50, H: 50}, Image: quarters(10)}}
	if err := os.WriteFile(jobs[4].In, []byte("no document"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(jobs[6].Out, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	jobs[9].Out = ""
	got, err := batch(t, t.Context(), key, slices.Values(jobs))
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]error{
		0: os.ErrNotExist, 2: signer.ErrNoPlace, 4: signer.ErrRefused, 6: signer.ErrExists, 9: signer.ErrRequest,
	}
	for i := range jobs {
		if !errors.Is(got[i].Err, want[i]) || (want[i] == nil) != (got[i].Err == nil) {
			t.Errorf("job %d: error %v, want %v", i, got[i].Err, want[i])
		}
	}
	if n := key.asked.Load(); n != 5 {
		t.Errorf("the key was asked %d times", n)
	}
	if got := entries(t, folder); len(got) != 6 {
		t.Errorf("the folder holds %v", got)
	}
}

func TestAKeyThatFailsEndsTheBatchAndKeepsWhatIsSigned(t *testing.T) {
	pki := newPKI(t)
	good, other := request(t, pki, "P-256"), request(t, pki, "P-256")
	gone := errors.New("the token is gone")
	for name, c := range map[string]struct {
		key  signer.Credential
		stop func(ctx context.Context, n int64) error
		want error
	}{
		"the token is removed": {key: good.Credential, want: gone, stop: func(_ context.Context, n int64) error {
			if n == 5 {
				return gone
			}
			return nil
		}},
		"the PIN is wrong": {key: good.Credential, want: gone, stop: func(context.Context, int64) error { return gone }},
		"another key signs": {
			key: failing{good.Credential.Certificate(), other.Credential, nil}, want: signer.ErrKeyMismatch,
		},
	} {
		t.Run(name, func(t *testing.T) {
			key := &watched{Credential: c.key, before: c.stop}
			jobs, folder := papers(t, 30, good)
			got, err := batch(t, t.Context(), key, slices.Values(jobs))
			if !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			signed, failed := 0, 0
			for i, o := range got {
				switch {
				case o.Err == nil:
					signed++
				case errors.Is(o.Err, signer.ErrNotSigned):
				case errors.Is(o.Err, c.want):
					failed++
				default:
					t.Errorf("job %d: %v", i, o.Err)
				}
			}
			if asked := int(key.asked.Load()); failed != 1 || signed != asked-1 {
				t.Errorf("%d signed, %d failed, the key was asked %d times", signed, failed, asked)
			}
			if len(got) > signed+10 {
				t.Errorf("%d jobs were taken for %d signatures", len(got), signed)
			}
			if names := entries(t, folder); len(names) != signed {
				t.Errorf("%d signed, the folder holds %v", signed, names)
			}
		})
	}
}

func TestACancelledBatchFinishesWhatIsSignedAndNothingElse(t *testing.T) {
	req := request(t, newPKI(t), "P-256")
	ctx, cancel := context.WithCancel(t.Context())
	key := &watched{Credential: req.Credential, before: func(ctx context.Context, n int64) error {
		if n < 4 {
			return nil
		}
		cancel()
		return ctx.Err()
	}}
	jobs, folder := papers(t, 30, req)
	got, err := batch(t, ctx, key, slices.Values(jobs))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	signed := 0
	for _, o := range got {
		if o.Err == nil {
			signed++
		} else if !errors.Is(o.Err, context.Canceled) {
			t.Errorf("job %d: %v", o.Index, o.Err)
		}
	}
	if signed != 3 || len(entries(t, folder)) != 3 {
		t.Errorf("%d signed, the folder holds %v", signed, entries(t, folder))
	}
}

func TestABatchLooksAFewFilesAhead(t *testing.T) {
	req := request(t, newPKI(t), "P-256")
	jobs, _ := papers(t, 40, req)
	var taken atomic.Int64
	key := &watched{Credential: req.Credential, before: func(_ context.Context, n int64) error {
		if ahead := taken.Load() - n; ahead > 5 {
			return fmt.Errorf("%d files ahead", ahead)
		}
		return nil
	}}
	if _, err := batch(t, t.Context(), key, func(yield func(signer.Job) bool) {
		for _, j := range jobs {
			taken.Add(1)
			if !yield(j) {
				return
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
}

func TestABatchReachesALevel(t *testing.T) {
	s := servers(t)
	req := levelRequest(t, s, "P-256", signer.LevelLTA)
	req.StampSizes = new(signer.StampSizes)
	jobs, _ := papers(t, 8, req)
	got, err := batch(t, t.Context(), req.Credential, slices.Values(jobs))
	if err != nil {
		t.Fatal(err)
	}
	for i := range jobs {
		if got[i].Err != nil {
			t.Errorf("job %d: %v", i, got[i].Err)
		} else if l := judged(t, jobs[i].Out, s, true).Level; l != string(signer.LevelLTA) {
			t.Errorf("job %d: level %s", i, l)
		}
	}
}

func TestABatchWithoutACertificateIsRefused(t *testing.T) {
	for _, c := range []signer.Credential{nil, failing{}} {
		if _, err := batch(t, t.Context(), c, slices.Values([]signer.Job(nil))); !errors.Is(err, signer.ErrRequest) {
			t.Errorf("error %v", err)
		}
	}
}

// queueing is a key that makes one signature after the other by itself.
type queueing struct {
	*watched

	one sync.Mutex
}

func (*queueing) Queues() bool { return true }

func TestSignaturesWaitForAKeyThatQueues(t *testing.T) {
	req := request(t, newPKI(t), "P-256")
	gone := errors.New("the token is gone")
	for name, c := range map[string]struct {
		fail int64
		want error
	}{"all goes well": {}, "the token is removed": {fail: 7, want: gone}} {
		t.Run(name, func(t *testing.T) {
			key := &queueing{watched: &watched{Credential: req.Credential}}
			key.before = func(_ context.Context, n int64) error {
				key.one.Lock() // as a provider does
				defer key.one.Unlock()
				if c.fail > 0 && n >= c.fail {
					return gone
				}
				return nil
			}
			jobs, folder := papers(t, 40, req)
			got, err := batch(t, t.Context(), key, slices.Values(jobs))
			if !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			signed := 0
			for _, o := range got {
				if o.Err == nil {
					signed++
				}
			}
			asked := key.asked.Load()
			if c.fail == 0 && (signed != 40 || asked != 40) || c.fail > 0 && (signed != int(c.fail)-1 || asked > c.fail+7) {
				t.Errorf("%d signed, the key was asked %d times", signed, asked)
			}
			if key.most.Load() > 8 || len(entries(t, folder)) != signed {
				t.Errorf("%d at a time, the folder holds %v", key.most.Load(), entries(t, folder))
			}
		})
	}
}
