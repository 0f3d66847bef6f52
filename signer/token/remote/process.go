package remote

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"kyso/signer/token"
)

// process is one run of the helper.
type process struct {
	cmd *exec.Cmd
	to  *os.File // requests

	writing sync.Mutex

	mu      sync.Mutex
	last    uint64
	waiting map[uint64]chan reply
	long    int // logins, signatures and changes of a PIN that wait for an answer

	dead  chan struct{} // closed when the process has ended and cause is set
	cause *token.Error
	ours  atomic.Bool // ended by a cancel or by Close
}

// start starts the helper and waits until it has loaded the module.
func start(ctx context.Context, o Options) (*process, error) {
	p := &process{waiting: map[uint64]chan reply{}, dead: make(chan struct{})}
	from, err := p.spawn(o)
	if err != nil {
		return nil, &token.Error{Kind: token.KindOther, Op: "start", Detail: err.Error()}
	}
	ready := make(chan reply, 1)
	p.waiting[0] = ready
	go p.read(from)
	limit := time.NewTimer(o.Limits.Start)
	defer limit.Stop()
	select {
	case r := <-ready:
		return p.loaded(r)
	case <-p.dead:
		select {
		case r := <-ready: // it said why before it ended
			return p.loaded(r)
		default:
			return nil, p.crashed("load")
		}
	case <-ctx.Done():
		p.end()
		return nil, stopped(ctx, "load")
	case <-limit.C:
		p.kill()
		return nil, &token.Error{Kind: token.KindHung, Op: "load", Detail: o.Module}
	}
}

// loaded takes the helper's first reply.
func (p *process) loaded(r reply) (*process, error) {
	if r.Error != nil {
		p.end()
		return nil, r.Error
	}
	return p, nil
}

// crashed is the error of an operation during which the helper ended.
func (p *process) crashed(op string) *token.Error {
	return &token.Error{Kind: p.cause.Kind, Op: op, Detail: p.cause.Detail}
}

// spawn starts the command with its two private pipes. What the driver prints
// goes nowhere: it could hold anything.
func (p *process) spawn(o Options) (from *os.File, err error) {
	theirIn, to, err := os.Pipe()
	if err != nil {
		return nil, err //nolint:wrapcheck // start words it
	}
	from, theirOut, err := os.Pipe()
	if err != nil {
		closeAll(theirIn, to)
		return nil, err //nolint:wrapcheck // start words it
	}
	p.to = to
	args := []string{o.Module}
	if o.Reserved != "" {
		args = append(args, o.Reserved)
	}
	p.cmd = exec.Command(o.Helper, args...) //nolint:gosec,noctx // an absolute path; it outlives the call that started it
	p.cmd.Env = append(os.Environ(), o.Env...)
	attach(p.cmd, theirIn, theirOut)
	err = p.cmd.Start()
	closeAll(theirIn, theirOut)
	if err != nil {
		closeAll(to, from)
		return nil, err //nolint:wrapcheck // start words it
	}
	return from, nil
}

func closeAll(files ...*os.File) {
	for _, f := range files {
		_ = f.Close() // nothing is buffered
	}
}

// read hands replies to those who wait, until the helper's pipe ends.
func (p *process) read(from *os.File) {
	for {
		var r reply
		if _, err := readFrame(from, &r); err != nil {
			break
		}
		p.mu.Lock()
		c := p.waiting[r.ID]
		delete(p.waiting, r.ID)
		p.mu.Unlock()
		if c != nil {
			c <- r
		}
	}
	_ = p.cmd.Process.Kill() // a pipe that ended or broke is the end of the helper
	closeAll(from, p.to)
	detail := "the helper ended"
	if err := p.cmd.Wait(); err != nil {
		detail = "the helper ended: " + err.Error()
	}
	p.cause = &token.Error{Kind: token.KindCrashed, Detail: detail}
	close(p.dead)
}

// ask sends a request and waits for its reply. A limit ends the helper, and so
// does a cancel of a login or a signature: nobody can call a driver back.
//
// Drivers may hold one lock for all calls. So a list that waits behind a login
// or a signature has no limit of its own: that call's ends it.
func (p *process) ask(ctx context.Context, q request, secret []byte, limit time.Duration) (reply, error) {
	if ctx.Err() != nil {
		return reply{}, stopped(ctx, q.Op)
	}
	if len(secret) > maxSecret {
		return reply{}, &token.Error{Kind: token.KindPINFormat, Op: q.Op, Detail: "longer than any PIN"}
	}
	answer, done := p.expect(&q)
	defer done()
	p.writing.Lock()
	err := writeFrame(p.to, q, secret)
	p.writing.Unlock()
	if err != nil {
		p.kill()
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	cancelled := ctx.Done()
	if q.Op == opChangePIN {
		cancelled = nil // half a change would be worse than a late answer
	}
	for {
		select {
		case r := <-answer:
			return answered(r)
		case <-p.dead:
			select {
			case r := <-answer: // it answered before it ended
				return answered(r)
			default:
				return reply{}, p.crashed(q.Op)
			}
		case <-timer.C:
			if !q.isLong() && p.works() {
				timer.Reset(limit)
				continue
			}
			p.kill()
			return reply{}, &token.Error{Kind: token.KindHung, Op: q.Op, Detail: "no answer within " + limit.String()}
		case <-cancelled:
			if q.isLong() {
				p.end()
			}
			return reply{}, stopped(ctx, q.Op)
		}
	}
}

// isLong reports whether a request makes the token work.
func (q request) isLong() bool { return q.Op == opLogin || q.Op == opSign || q.Op == opChangePIN }

// expect numbers a request and gives where its reply will come; done forgets it.
func (p *process) expect(q *request) (answer chan reply, done func()) {
	answer = make(chan reply, 1)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last++
	q.ID = p.last
	p.waiting[q.ID] = answer
	long, id := 0, q.ID
	if q.isLong() {
		long = 1
	}
	p.long += long
	return answer, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.waiting, id)
		p.long -= long
	}
}

// works reports whether the token works on a call.
func (p *process) works() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.long > 0
}

func answered(r reply) (reply, error) {
	if r.Error != nil {
		return reply{}, r.Error
	}
	return r, nil
}

// stopped says why a call ended before its answer came.
func stopped(ctx context.Context, op string) *token.Error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &token.Error{Kind: token.KindHung, Op: op, Detail: "the caller's time limit passed"}
	}
	return &token.Error{Kind: token.KindCancelled, Op: op}
}

func (p *process) pid() int { return p.cmd.Process.Pid }

func (p *process) isDead() bool {
	select {
	case <-p.dead:
		return true
	default:
		return false
	}
}

// endedByUs reports whether the helper was ended by a cancel or by Close.
func (p *process) endedByUs() bool { return p.ours.Load() }

// end ends the helper on purpose.
func (p *process) end() {
	p.ours.Store(true)
	p.kill()
}

// kill ends the helper and waits until it is gone. The module is not asked to
// finalize: drivers hang there.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.dead
}
