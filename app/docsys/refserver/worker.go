package refserver

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"kyso/signer/verify"
)

const (
	verifyWithin = 2 * time.Minute
	jobBase      = 30 * time.Second
	jobCap       = time.Hour
	jobFor       = 7 * 24 * time.Hour // then an undecided signature counts as missing
	idle         = time.Minute
)

// wakeWorker makes the worker look for jobs.
func (s *Server) wakeWorker() {
	select {
	case s.jobs <- struct{}{}:
	default: // a look is already asked for
	}
}

// runJobs verifies versions, one after the other, until ctx ends. Jobs are
// rows, so that a restart goes on with them.
func (s *Server) runJobs(ctx context.Context) {
	for {
		wait, err := s.runDueJobs(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			s.log.ErrorContext(ctx, "verification job failed", slog.Any("error", err))
			wait = jobBase
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-s.jobs:
			timer.Stop()
		case <-timer.C:
		}
	}
}

type job struct {
	version string
	tries   int
	since   time.Time
}

// runDueJobs runs what is due and gives the time until the next one.
func (s *Server) runDueJobs(ctx context.Context) (time.Duration, error) {
	for {
		var j job
		var runAt, since int64
		err := s.db.Read.QueryRowContext(ctx, `SELECT version, run_at, tries, since FROM job ORDER BY run_at, version LIMIT 1`).Scan(&j.version, &runAt, &j.tries, &since)
		if errors.Is(err, sql.ErrNoRows) {
			return idle, nil
		}
		if err != nil {
			return 0, fmt.Errorf("look for a job: %w", err)
		}
		if wait := time.UnixMilli(runAt).Sub(s.clock()); wait > 0 {
			return min(wait, idle), nil
		}
		j.since = time.UnixMilli(since)
		if err := s.runJob(ctx, j); err != nil {
			return 0, fmt.Errorf("verify version %s: %w", j.version, err)
		}
	}
}

// runJob verifies one version and writes what came of it in one transaction.
func (s *Server) runJob(ctx context.Context, j job) error {
	v, err := scanVersion(s.db.Read.QueryRowContext(ctx, `SELECT `+versionColumns+` FROM version WHERE id=?`, j.version))
	if err != nil {
		return err
	}
	report, verdict := s.judge(ctx, v)
	if ctx.Err() != nil {
		return fmt.Errorf("stopped: %w", ctx.Err()) // the job stays
	}
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		fulfilled, err := s.record(ctx, tx, v, report, verdict.state)
		if err != nil {
			return err
		}
		if verdict.state == "passed" && fulfilled == 0 && (v.stage == "signed" || v.stage == "initialled") {
			verdict.why = "Chữ ký hợp lệ nhưng chưa được tính: chứng thư chưa đăng ký cho người có thẩm quyền của đơn vị"
		}
		return s.settle(ctx, tx, j, v, verdict)
	})
}

// verdict is the state of a version and its reason.
type verdict struct{ state, why string }

// judge verifies the stored bytes. It never fails: what cannot be judged is indeterminate.
func (s *Server) judge(ctx context.Context, v versionRow) (verify.Report, verdict) {
	f, err := s.blobs.Open(v.sha256)
	if err != nil {
		return verify.Report{}, verdict{"indeterminate", "Máy chủ không đọc được tệp"}
	}
	defer func() { _ = f.Close() }()
	ctx, cancel := context.WithTimeout(ctx, verifyWithin)
	defer cancel()
	report, err := s.verify(ctx, f, v.size, s.clock())
	if errors.Is(err, ErrUnreadable) {
		return verify.Report{}, verdict{"failed", "Tệp không phải PDF đọc được"}
	}
	if err != nil {
		s.log.WarnContext(ctx, "version not judged", slog.String("version", v.id), slog.Any("error", err))
		return verify.Report{}, verdict{"indeterminate", "Máy chủ chưa kiểm tra được: " + err.Error()}
	}
	if len(report.Signatures) == 0 {
		if v.stage == "draft" || v.stage == "copy" {
			return report, verdict{state: "unsigned"}
		}
		return report, verdict{"failed", "Tệp không có chữ ký số nào"}
	}
	why := ""
	for _, sig := range report.Signatures {
		if sig.Indication == report.Indication && sig.Indication != verify.TotalPassed {
			why = fmt.Sprintf("Chữ ký %s %s: %s", sig.Field, sig.Indication.Word(), sig.Why)
			break
		}
	}
	switch report.Indication {
	case verify.TotalPassed:
		return report, verdict{state: "passed"}
	case verify.TotalFailed:
		return report, verdict{"failed", why}
	case verify.Indeterminate:
	}
	return report, verdict{"indeterminate", why}
}

// settle writes the verdict and ends or delays the job. A failed version is
// withdrawn: the document's newest version is the one before it.
func (s *Server) settle(ctx context.Context, tx *sql.Tx, j job, v versionRow, d verdict) error {
	now := s.clock()
	again := d.state == "indeterminate" && now.Sub(j.since) < jobFor
	type step struct {
		query string
		args  []any
	}
	steps := []step{{`UPDATE version SET state=?, why=? WHERE id=?`, []any{d.state, d.why, v.id}}}
	if d.state == "failed" {
		steps = append(steps, step{
			`UPDATE document SET current=(SELECT id FROM version WHERE document=? AND state<>'failed' ORDER BY seq DESC LIMIT 1) WHERE id=?`,
			[]any{v.document, v.document},
		})
	}
	if again {
		wait := jobCap
		if j.tries < 10 {
			wait = min(jobCap, jobBase<<j.tries)
		}
		steps = append(steps, step{`UPDATE job SET tries=tries+1, run_at=? WHERE version=?`, []any{now.Add(wait).UnixMilli(), v.id}})
	} else {
		steps = append(steps,
			step{`UPDATE obligation SET status='open' WHERE document=? AND status='pending'`, []any{v.document}},
			step{`DELETE FROM job WHERE version=?`, []any{v.id}})
	}
	for _, st := range steps {
		if _, err := tx.ExecContext(ctx, st.query, st.args...); err != nil {
			return fmt.Errorf("write the verdict: %w", err)
		}
	}
	return s.note(ctx, tx, "", "version."+d.state, v.id, d.why)
}
