// Package program delivers signed documents through a program of a vendor, such
// as one around the Java SDK of the document exchange axis: for systems without
// a public interface.
//
// A call starts the program with its configured arguments, writes one Request to
// its standard input, and reads Lines from its standard output, one JSON object a
// line (UTF-8), until one ends the call. Whatever the program does, the call ends:
// with its context, after a silence, or when it says too much. Its standard error
// is kept for the support desk.
//
// The program runs with the person's rights. It is the administrator who chooses it.
package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"kyso/app/docsys"
)

// Options are what a connector works with.
type Options struct {
	// Path is the program, absolute; Arguments are handed to it.
	Path      string
	Arguments []string
	// Login and Password are written to its standard input.
	Login, Password string
	// Scratch is a folder for the file while it is handed over; empty means the system's.
	Scratch string
	// Silence is how long the program may say nothing; 0 means DefaultSilence.
	Silence time.Duration
}

// DefaultSilence is how long a program may say nothing before it is killed.
const DefaultSilence = 5 * time.Minute

// Program is a docsys.Connector.
type Program struct{ o Options }

var _ docsys.Connector = (*Program)(nil)

// ErrPath reports a program that is not named by an absolute path: what the
// search path finds may be another one tomorrow.
var ErrPath error = pathError{}

// pathError names the message that a person reads (package explain).
type pathError struct{}

func (pathError) Error() string { return "a connector program needs an absolute path" }

// ExplainCode names the message.
func (pathError) ExplainCode() string { return "connector" }

// New makes a connector.
func New(o Options) (*Program, error) {
	if !filepath.IsAbs(o.Path) {
		return nil, fmt.Errorf("use %q: %w", o.Path, ErrPath)
	}
	if o.Silence == 0 {
		o.Silence = DefaultSilence
	}
	return &Program{o}, nil
}

// Submit has the program store and commit the file.
func (p *Program) Submit(ctx context.Context, s docsys.Submission) (docsys.Receipt, error) {
	dir, err := os.MkdirTemp(p.o.Scratch, "kyso-*")
	if err != nil {
		return docsys.Receipt{}, fmt.Errorf("deliver %s: %w", s.DocumentID, err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a folder of the system's temporary ones
	file := filepath.Join(dir, "document.pdf")
	if err := copyTo(file, s); err != nil {
		return docsys.Receipt{}, fmt.Errorf("deliver %s: %w", s.DocumentID, err)
	}
	last, err := p.call(ctx, Request{Call: "submit", Submission: &Submission{
		Key: s.Key, Document: s.DocumentID, BaseVersion: s.BaseVersion, Stage: s.Stage, SHA256: s.SHA256, Size: s.Size,
		File: file, Metadata: s.Metadata, Resume: s.Resume,
	}}, func(l Line) (*Reply, error) { return hear(s, l) })
	switch {
	case err != nil:
		return docsys.Receipt{}, fmt.Errorf("deliver %s: %w", s.DocumentID, err)
	case last.Receipt == nil:
		return docsys.Receipt{}, fmt.Errorf("deliver %s: %w", s.DocumentID, strange("no receipt"))
	case last.Receipt.SHA256 != s.SHA256:
		return docsys.Receipt{}, fmt.Errorf("deliver %s: %w: %s instead of %s", s.DocumentID, docsys.ErrDigest, last.Receipt.SHA256, s.SHA256)
	}
	return *last.Receipt, nil
}

// hear does what a line of a submission asks for.
func hear(s docsys.Submission, l Line) (*Reply, error) {
	switch {
	case l.Progress != nil && s.Progress != nil:
		s.Progress(min(max(0, *l.Progress), s.Size))
	case l.Remember != nil:
		if s.Remember != nil {
			if err := s.Remember(*l.Remember); err != nil {
				return &Reply{}, err
			}
		}
		return &Reply{OK: true}, nil
	case l.Committing:
		if s.Committing != nil {
			if err := s.Committing(); err != nil {
				return &Reply{}, err
			}
		}
		return &Reply{OK: true}, nil
	}
	return nil, nil //nolint:nilnil // most lines want no reply
}

// copyTo writes the submission's file where the program finds it.
func copyTo(path string, s docsys.Submission) error {
	in, err := s.Open()
	if err != nil {
		return fmt.Errorf("open the file: %w", err)
	}
	defer in.Close() //nolint:errcheck // only read
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("hand the file over: %w", err)
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("hand the file over: %w", err)
	}
	return nil
}

// Status asks the program for the system's verification.
func (p *Program) Status(ctx context.Context, version string) (docsys.VersionStatus, error) {
	last, err := p.call(ctx, Request{Call: "status", Version: version}, silent)
	if err == nil && last.Status == nil {
		err = strange("no status")
	}
	if err != nil {
		return docsys.VersionStatus{}, fmt.Errorf("ask for version %s: %w", version, err)
	}
	return *last.Status, nil
}

// Check has the program try its connection.
func (p *Program) Check(ctx context.Context) (docsys.Checkup, error) {
	k := docsys.Checkup{System: filepath.Base(p.o.Path)}
	last, err := p.call(ctx, Request{Call: "check"}, func(l Line) (*Reply, error) {
		if l.Step != "" {
			k.Steps = append(k.Steps, docsys.CheckStep{Name: l.Step})
		}
		return nil, nil //nolint:nilnil // no reply is wanted
	})
	if err == nil && last.Result == nil {
		err = strange("no result")
	}
	k.Steps = append(k.Steps, docsys.CheckStep{Name: "answer", Err: err})
	if err != nil {
		return k, fmt.Errorf("check the connector program: %w", err)
	}
	k.System, k.Verifies = last.Result.System, last.Result.Verifies
	return k, nil
}

func silent(Line) (*Reply, error) { return nil, nil } //nolint:nilnil // no reply is wanted

// ErrStrange reports a program that does not keep to the protocol.
var ErrStrange = errors.New("the connector program does not keep to the protocol")

func strange(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrStrange, fmt.Sprintf(format, args...))
}
