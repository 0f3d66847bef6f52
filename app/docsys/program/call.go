package program

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"kyso/app/docsys"
)

const (
	// maxLine and maxLines bound what a program may say in one call.
	maxLine  = 1 << 20
	maxLines = 100_000
	// maxComplaint bounds what is kept of standard error: its end.
	maxComplaint = 4 << 10
	// farewell is how long a program may run on after the line that ends the call.
	farewell = 5 * time.Second
)

// errSilent stops a program that says nothing.
var errSilent = errors.New("the connector program said nothing for too long")

// call runs the program once. hear is told every line but the last one; a reply
// of it is written to the program, an error of it ends the call.
func (p *Program) call(ctx context.Context, r Request, hear func(Line) (*Reply, error)) (Line, error) {
	r.Kyso, r.Login, r.Password = Version, p.o.Login, p.o.Password
	request, err := json.Marshal(r) //nolint:gosec // G117: the program logs in with it; it goes over a pipe
	if err != nil {
		return Line{}, fmt.Errorf("write the request: %w", err)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	cmd := exec.CommandContext(ctx, p.o.Path, p.o.Arguments...) //nolint:gosec // G204: the administrator's choice
	complaint := &tail{}
	cmd.Env, cmd.Stderr, cmd.WaitDelay = environment(), complaint, farewell
	ownGroup(cmd)
	in, err := cmd.StdinPipe()
	if err != nil {
		return Line{}, fmt.Errorf("start the connector program: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return Line{}, fmt.Errorf("start the connector program: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return Line{}, &docsys.Problem{
			Type: "/problems/no-program", Status: 409, Title: "Không chạy được chương trình kết nối", Detail: err.Error(),
		}
	}
	watch := time.AfterFunc(p.o.Silence, func() { stop(errSilent) })
	defer watch.Stop()
	last, err := converse(out, in, request, func(l Line) (*Reply, error) {
		watch.Reset(p.o.Silence)
		return hear(l)
	})
	_ = in.Close()
	if err != nil {
		stop(err)
	} else { // what it still does may not take long
		bye := time.AfterFunc(farewell, func() { stop(nil) })
		defer bye.Stop()
	}
	ended := cmd.Wait()
	return last, verdict(ctx, err, ended, complaint)
}

// verdict says why a call failed, nil when it did not.
func verdict(ctx context.Context, err, ended error, complaint *tail) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(context.Cause(ctx), errSilent):
		return fmt.Errorf("%w (%s)", errSilent, complaint)
	case errors.Is(err, errMute): // it went away without a word
		return fmt.Errorf("%w: %w: %v (%s)", ErrStrange, err, ended, complaint) //nolint:errorlint // an exit status is for reading
	}
	return err
}

// errMute reports a program whose output ended before the line that ends a call.
var errMute = errors.New("it ended without an answer")

// converse writes the request and reads lines until one ends the call.
func converse(out io.Reader, in io.Writer, request []byte, hear func(Line) (*Reply, error)) (Line, error) {
	sent := make(chan error, 1)
	go func() { // a program may talk before it has read everything
		_, err := in.Write(append(request, '\n'))
		sent <- err
	}()
	lines := bufio.NewScanner(out)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	for n := 0; lines.Scan(); n++ {
		if n == maxLines {
			return Line{}, strange("more than %d lines", maxLines)
		}
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		l, err := parse(lines.Bytes())
		if err != nil || l.ends() {
			return l, err
		}
		reply, failed := hear(l)
		if reply != nil {
			err := <-sent // the request went first
			if err == nil {
				err = json.NewEncoder(in).Encode(reply)
			}
			sent <- nil
			if err != nil {
				failed = errors.Join(failed, fmt.Errorf("answer the connector program: %w", err))
			}
		}
		if failed != nil {
			return Line{}, failed
		}
	}
	if err := lines.Err(); err != nil {
		return Line{}, strange("%v", err)
	}
	return Line{}, errMute
}

// parse reads one line; a refusal comes as an error.
func parse(raw []byte) (Line, error) {
	var l Line
	if err := json.Unmarshal(raw, &l); err != nil {
		return Line{}, strange("not a JSON object: %v", err)
	}
	if l.Problem != nil {
		return Line{}, l.Problem.problem()
	}
	return l, nil
}

// environment is what a program gets of ours: nothing that could be a secret.
func environment() []string {
	var out []string
	for _, name := range []string{
		"PATH", "HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR",
		"LANG", "LC_ALL", "TZ", "JAVA_HOME", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
	} {
		if v, ok := os.LookupEnv(name); ok {
			out = append(out, name+"="+v)
		}
	}
	return out
}

// tail keeps the end of what is written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

// Write never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	if over := len(t.b) - maxComplaint; over > 0 {
		t.b = t.b[over:]
	}
	return len(p), nil
}

// String gives the end, as one line.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(strings.Fields(strings.ToValidUTF8(string(t.b), "?")), " ")
}
