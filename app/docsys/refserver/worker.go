package refserver

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"kyso/app/docsys/refserver/database"
	"kyso/signer/verify"
)

const (
	verifyWithin = 2 * time.Minute
	jobBase      = 30 * time.Second
	jobCap       = time.Hour
	jobFor       = 7 * 24 * time.Hour // then an undecided signature counts as missing
	leaseFor     = 2 * verifyWithin   // then a job counts as abandoned
	jobPause     = 10 * time.Millisecond
	idleAlone    = time.Minute
	idleShared   = 2 * time.Second // other servers make jobs too
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
	lease   string // names this run; another server's run has another one
}

// runDueJobs runs what is due and gives the time until the next one.
func (s *Server) runDueJobs(ctx context.Context) (time.Duration, error) {
	for {
		j, wait, err := s.claimJob(ctx)
		if err != nil || j.version == "" {
			return wait, err
		}
		if err := s.runJob(ctx, j); err != nil {
			return 0, errors.Join(fmt.Errorf("verify version %s: %w", j.version, err), s.releaseJob(ctx, j))
		}
	}
}

// claimJob takes a due job for a while: so servers and workers that share a
// database each work on another one, and what a crash left is taken up again.
// Without a due job it gives the time until the next one.
func (s *Server) claimJob(ctx context.Context) (job, time.Duration, error) {
	var j job
	wait := s.idle()
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		j, wait = job{}, s.idle()
		now := s.clock()
		var since, runAt int64
		err := tx.QueryRow(ctx, `SELECT version, tries, since, run_at FROM job WHERE run_at<=? OR run_at>? ORDER BY run_at, version LIMIT 1 FOR UPDATE SKIP LOCKED`,
			now.UnixMilli(), now.Add(jobCap+leaseFor).UnixMilli()). // later than any job is put off: the clock was set back
			Scan(&j.version, &j.tries, &since, &runAt)
		if errors.Is(err, sql.ErrNoRows) {
			var first sql.NullInt64
			if err := tx.QueryRow(ctx, `SELECT min(run_at) FROM job`).Scan(&first); err != nil {
				return fmt.Errorf("look for a job: %w", err)
			}
			if first.Valid {
				wait = max(jobPause, min(wait, time.UnixMilli(first.Int64).Sub(now)))
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("look for a job: %w", err)
		}
		j.since, j.lease = time.UnixMilli(since), newID()
		if _, err := tx.Exec(ctx, `UPDATE job SET lease=?, run_at=? WHERE version=?`, j.lease, now.Add(leaseFor).UnixMilli(), j.version); err != nil {
			return fmt.Errorf("claim a job: %w", err)
		}
		return nil
	})
	return j, wait, err
}

// idle is how long a worker sleeps: other servers cannot wake it.
func (s *Server) idle() time.Duration {
	if s.db.Engine() == database.Postgres {
		return idleShared
	}
	return idleAlone
}

// releaseJob lets a job be taken again at once, also when the server stops.
func (s *Server) releaseJob(ctx context.Context, j job) error {
	at := s.clock()
	if ctx.Err() == nil { // it failed; a server that stops leaves it to the next run
		at = at.Add(jobBase)
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerWithin)
	defer cancel()
	_, err := s.db.Exec(end, `UPDATE job SET lease='', run_at=? WHERE version=? AND lease=?`, at.UnixMilli(), j.version, j.lease)
	if err != nil {
		return fmt.Errorf("release a job: %w", err)
	}
	return nil
}

// freeJobs takes up at once what an earlier run left. Only with a file: there
// no other server can be at work on it.
func (s *Server) freeJobs(ctx context.Context) error {
	if s.db.Engine() != database.SQLite {
		return nil
	}
	if _, err := s.db.Exec(ctx, `UPDATE job SET lease='', run_at=? WHERE lease<>''`, s.clock().UnixMilli()); err != nil {
		return fmt.Errorf("take up jobs: %w", err)
	}
	return nil
}

// runJob verifies one version and writes what came of it in one transaction.
func (s *Server) runJob(ctx context.Context, j job) error {
	v, err := scanVersion(s.db.QueryRow(ctx, `SELECT `+versionColumns+` FROM version WHERE id=?`, j.version))
	if err != nil {
		return err
	}
	s.shorten(ctx, v)
	report, d, err := s.verdictOn(ctx, v)
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return fmt.Errorf("stopped: %w", ctx.Err()) // the job stays
	}
	return s.inTx(ctx, func(w *work) error {
		if _, err := w.lockDocument(ctx, v.document); err != nil {
			return err
		}
		var lease string
		err := w.QueryRow(ctx, `SELECT lease FROM job WHERE version=?`, v.id).Scan(&lease)
		if errors.Is(err, sql.ErrNoRows) || err == nil && lease != j.lease {
			return nil // somebody else has done it, or does it anew
		}
		if err != nil {
			return fmt.Errorf("look up the job: %w", err)
		}
		fulfilled, err := w.record(ctx, v, report, d.state)
		if err != nil {
			return err
		}
		verdict := d
		if d.state == "passed" && fulfilled == 0 && (v.stage == "signed" || v.stage == "initialled") {
			verdict.why = "Chữ ký hợp lệ nhưng chưa được tính: chứng thư chưa đăng ký cho người có thẩm quyền của đơn vị"
		}
		if err := w.settle(ctx, j, v, verdict); err != nil {
			return err
		}
		return w.advance(ctx, v.document, v)
	})
}

// verdict is the state of a version and its reason.
type verdict struct{ state, why string }

// verdictOn verifies a version. One that passed has passed for good: the server
// had the file while its certificates were valid, which a later look could not
// prove any more. Its report is read again, for people and authorities that were
// registered since.
func (s *Server) verdictOn(ctx context.Context, v versionRow) (verify.Report, verdict, error) {
	if v.state != "passed" {
		report, d := s.judge(ctx, v)
		return report, d, nil
	}
	var raw string
	var report verify.Report
	if err := s.db.QueryRow(ctx, `SELECT report FROM version WHERE id=?`, v.id).Scan(&raw); err != nil {
		return report, verdict{}, fmt.Errorf("read a report: %w", err)
	}
	if err := json.Unmarshal([]byte(raw), &report); err != nil {
		return report, verdict{}, fmt.Errorf("read a report: %w", err)
	}
	return report, verdict{state: "passed"}, nil
}

// judge verifies the stored bytes. It never fails: what cannot be judged is indeterminate.
func (s *Server) judge(ctx context.Context, v versionRow) (verify.Report, verdict) {
	f, err := s.blobs.Open(ctx, v.sha256)
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
func (w *work) settle(ctx context.Context, j job, v versionRow, d verdict) error {
	now := w.s.clock()
	steps := []statement{do(`UPDATE version SET state=?, why=? WHERE id=?`, d.state, d.why, v.id)}
	if d.state == "failed" {
		steps = append(steps, do(`UPDATE document SET current=coalesce((SELECT id FROM version WHERE document=? AND state<>'failed' ORDER BY seq DESC LIMIT 1),'') WHERE id=?`,
			v.document, v.document))
	}
	w.note("", "version."+d.state, v.id, d.why)
	w.s.gauges.verdicts.WithLabelValues(d.state).Inc()
	if again := d.state == "indeterminate" && now.Sub(j.since) < jobFor; again {
		wait := jobCap
		if j.tries < 10 {
			wait = min(jobCap, jobBase<<j.tries)
		}
		steps = append(steps, do(`UPDATE job SET tries=tries+1, lease='', run_at=? WHERE version=?`, now.Add(wait).UnixMilli(), v.id))
		return w.run(ctx, "write the verdict", steps...)
	}
	steps = append(steps, do(`DELETE FROM job WHERE version=?`, v.id))
	if err := w.run(ctx, "write the verdict", steps...); err != nil {
		return err
	}
	var waiting int
	err := w.QueryRow(ctx, newestChain+`SELECT count(*) FROM job j JOIN chain c ON c.id=j.version`, v.document).Scan(&waiting)
	if err != nil {
		return fmt.Errorf("look for other verifications: %w", err)
	}
	if waiting > 0 {
		return nil // a version of the newest content is still being verified
	}
	_, err = w.changeObligations(ctx, func(o *obligation) { o.status = "open" }, `o.document=? AND o.status='pending'`, v.document)
	return err
}
