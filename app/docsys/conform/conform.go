// Package conform judges whether a document system keeps what the outbox relies
// on. One suite runs against every connector, and against any base URL that
// offers the contract (openapi.yaml), so that a vendor can point it at their own
// system ("kysoctl conform").
//
// It asks and never looks inside, unless the system's owner lets it (Held). It is
// no load test.
package conform

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"kyso/app/docsys"
)

// System is a system to judge.
type System struct {
	Connector docsys.Connector
	// Next makes a submission of a document that was not submitted before; its
	// Open may be called often.
	Next func(ctx context.Context) (docsys.Submission, error)
	// Held gives what the system holds for a submission, one entry for each time
	// that it was stored; nil when nobody can look.
	Held func(ctx context.Context, s docsys.Submission) ([][]byte, error)
}

// Case is one thing that a system must keep.
type Case struct {
	// Name says what is kept, in English and in Vietnamese.
	Name, Vietnamese string
	// Run gives nil when the system keeps it.
	Run func(ctx context.Context) error
}

// ErrKept begins the text of every judgement: what was expected and did not come.
var ErrKept = errors.New("not kept")

// broken makes a judgement.
func broken(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrKept, fmt.Sprintf(format, args...))
}

// Submission makes a submission of bytes, with a key of its own.
func Submission(document, base, stage, key string, file []byte) docsys.Submission {
	sum := sha256.Sum256(file)
	return docsys.Submission{
		Key: key, DocumentID: document, BaseVersion: base, Stage: stage, SHA256: hex.EncodeToString(sum[:]), Size: int64(len(file)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(file)), nil },
	}
}

// Delivery gives the cases that every connector must keep.
func Delivery(s System) []Case {
	return []Case{
		{"a check-up passes and leaves nothing", "kiểm tra kết nối thành công và không để lại gì", s.checkup},
		{"a file is stored as it is", "tệp được lưu nguyên vẹn từng byte", s.stores},
		{"the same key again gives the same receipt and no second document", "gửi lại cùng khóa thì được cùng biên nhận, không sinh văn bản thứ hai", s.again},
		{"the same key gives the same receipt after a restart in between", "cùng khóa, sau khi khởi động lại, vẫn cùng biên nhận", s.restarted},
		{"a submission that was stopped before its commit leaves no document", "dừng trước khi xác nhận thì không có văn bản nào được lưu", s.stopped},
		{"a transfer that breaks in the middle is completed later", "đường truyền đứt giữa chừng thì lần sau gửi được trọn vẹn", s.breaks},
		{"two documents that look alike are both kept", "hai văn bản giống nhau vẫn được giữ cả hai", s.alike},
		{"the status of a stored version can be asked", "hỏi được trạng thái của phiên bản đã lưu", s.status},
	}
}

func (s System) checkup(ctx context.Context) error {
	k, err := s.Connector.Check(ctx)
	if err != nil {
		return broken("the check-up failed: %v", err)
	}
	if len(k.Steps) == 0 || k.System == "" {
		return broken("it names neither itself nor what was tried: %+v", k)
	}
	return nil
}

func (s System) stores(ctx context.Context) error {
	sub, err := s.Next(ctx)
	if err != nil {
		return err
	}
	commits, last := 0, int64(0)
	sub.Committing = func() error { commits++; return nil }
	sub.Progress = func(n int64) { last = n }
	r, err := s.Connector.Submit(ctx, sub)
	if err != nil {
		return broken("submit: %v", err)
	}
	switch {
	case r.SHA256 != sub.SHA256:
		return broken("the receipt is for %s instead of %s", r.SHA256, sub.SHA256)
	case r.Version == "" || r.ReceivedAt.IsZero():
		return broken("the receipt has no version or no time: %+v", r)
	case commits != 1:
		return broken("the commit was announced %d times", commits)
	case last != sub.Size:
		return broken("the progress ended at %d of %d", last, sub.Size)
	}
	return s.holds(ctx, sub)
}

// holds asks the owner whether the system holds exactly the submission, once.
func (s System) holds(ctx context.Context, sub docsys.Submission) error {
	if s.Held == nil {
		return nil
	}
	got, err := s.Held(ctx, sub)
	if err != nil {
		return fmt.Errorf("look into the system: %w", err)
	}
	if len(got) != 1 {
		return broken("it holds the document %d times", len(got))
	}
	if sum := sha256.Sum256(got[0]); hex.EncodeToString(sum[:]) != sub.SHA256 {
		return broken("it holds other bytes: %d instead of %d", len(got[0]), sub.Size)
	}
	return nil
}

func (s System) again(ctx context.Context) error {
	sub, err := s.Next(ctx)
	if err != nil {
		return err
	}
	return s.twice(ctx, sub, sub)
}

// restarted repeats a submission with what it asked to remember, as a program does that was killed.
func (s System) restarted(ctx context.Context) error {
	sub, err := s.Next(ctx)
	if err != nil {
		return err
	}
	second := sub
	sub.Remember = func(resume string) error { second.Resume = resume; return nil }
	first, err := s.Connector.Submit(ctx, sub)
	if err != nil {
		return broken("submit: %v", err)
	}
	return s.repeats(ctx, second, first)
}

func (s System) twice(ctx context.Context, a, b docsys.Submission) error {
	first, err := s.Connector.Submit(ctx, a)
	if err != nil {
		return broken("submit: %v", err)
	}
	return s.repeats(ctx, b, first)
}

func (s System) repeats(ctx context.Context, sub docsys.Submission, first docsys.Receipt) error {
	second, err := s.Connector.Submit(ctx, sub)
	if err != nil {
		return broken("submit again: %v", err)
	}
	if first.Version != second.Version || first.SHA256 != second.SHA256 {
		return broken("the receipts differ: %+v, then %+v", first, second)
	}
	return s.holds(ctx, sub)
}

// errTakenBack is the person who takes a document back.
var errTakenBack = errors.New("taken back")

func (s System) stopped(ctx context.Context) error {
	sub, err := s.Next(ctx)
	if err != nil {
		return err
	}
	stop := sub
	stop.Committing = func() error { return errTakenBack }
	if r, err := s.Connector.Submit(ctx, stop); !errors.Is(err, errTakenBack) {
		return broken("it went on to %+v, %v", r, err)
	}
	if s.Held != nil {
		if got, err := s.Held(ctx, sub); err != nil || len(got) != 0 {
			return broken("it holds %d documents, %v", len(got), err)
		}
	}
	if _, err := s.Connector.Submit(ctx, sub); err != nil {
		return broken("submit after that: %v", err)
	}
	return s.holds(ctx, sub)
}

// errBroken is the line that breaks.
var errBroken = errors.New("the line broke")

// breaks reads half of the file and breaks off.
func (s System) breaks(ctx context.Context) error {
	sub, err := s.Next(ctx)
	if err != nil {
		return err
	}
	half := sub
	half.Remember = func(resume string) error { sub.Resume = resume; return nil }
	half.Open = func() (io.ReadCloser, error) {
		whole, err := sub.Open()
		if err != nil {
			return nil, err
		}
		return struct {
			io.Reader
			io.Closer
		}{io.MultiReader(io.LimitReader(whole, sub.Size/2), failing{}), whole}, nil
	}
	if r, err := s.Connector.Submit(ctx, half); err == nil {
		return broken("half of a file was stored as %+v", r)
	}
	if s.Held != nil {
		if got, err := s.Held(ctx, sub); err != nil || len(got) != 0 {
			return broken("half of a file is there as a document: %d, %v", len(got), err)
		}
	}
	if _, err := s.Connector.Submit(ctx, sub); err != nil {
		return broken("submit after that: %v", err)
	}
	return s.holds(ctx, sub)
}

// failing is a reader whose line broke.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errBroken }

func (s System) alike(ctx context.Context) error {
	a, err := s.Next(ctx)
	if err != nil {
		return err
	}
	b, err := s.Next(ctx)
	if err != nil {
		return err
	}
	b.Metadata = a.Metadata
	first, err := s.Connector.Submit(ctx, a)
	if err != nil {
		return broken("submit the first: %v", err)
	}
	second, err := s.Connector.Submit(ctx, b)
	if err != nil {
		return broken("submit the second: %v", err)
	}
	if first.Version == second.Version {
		return broken("both are version %s", first.Version)
	}
	return errors.Join(s.holds(ctx, a), s.holds(ctx, b))
}

func (s System) status(ctx context.Context) error {
	sub, err := s.Next(ctx)
	if err != nil {
		return err
	}
	r, err := s.Connector.Submit(ctx, sub)
	if err != nil {
		return broken("submit: %v", err)
	}
	st, err := s.Connector.Status(ctx, r.Version)
	if err != nil {
		return broken("status: %v", err)
	}
	switch st.State {
	case "pending", "passed", "failed", "indeterminate", "unsigned", docsys.Unverified:
		return nil
	}
	return broken("nobody knows the state %q", st.State)
}
