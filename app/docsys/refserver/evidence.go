package refserver

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"kyso/signer/verify"
)

// Initials are told from an approval by their reason or by the name of their
// field: no standard has a mark for them.
const (
	initialsReason = "Ký nháy"
	initialsField  = "KyNhay"
)

// record writes the signatures that the server found and lets them fulfil
// duties. A failed version fulfils nothing. It gives the number of duties that
// stand fulfilled by this version.
func (s *Server) record(ctx context.Context, tx *sql.Tx, v versionRow, report verify.Report, state string) (int, error) {
	raw, err := json.Marshal(report)
	if err != nil {
		return 0, fmt.Errorf("encode the report: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE version SET report=? WHERE id=?`, string(raw), v.id); err != nil {
		return 0, fmt.Errorf("store the report: %w", err)
	}
	for idx, sig := range report.Signatures {
		found, err := s.attribute(ctx, tx, v, sig)
		if err != nil {
			return 0, err
		}
		if found.id, err = s.insertSignature(ctx, tx, v, idx, sig, found); err != nil {
			return 0, err
		}
		if state != "failed" && sig.Indication == verify.TotalPassed {
			if err := s.fulfil(ctx, tx, v, found); err != nil {
				return 0, err
			}
		}
	}
	var n int
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM obligation o JOIN signature s ON s.id=o.fulfilled_by WHERE s.version=?`, v.id).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count what was fulfilled: %w", err)
	}
	return n, nil
}

// attribution is what the server knows of a signature besides its report.
type attribution struct {
	id       int64
	kind     string // "approval", "initials", "seal", "unknown"
	person   sql.NullString
	signedAt time.Time
}

// attribute finds whose certificate it is and what the signature means. The
// claimed time counts only as far back as it is not later than the receipt.
func (s *Server) attribute(ctx context.Context, tx *sql.Tx, v versionRow, sig verify.Signature) (attribution, error) {
	a := attribution{kind: "unknown", signedAt: time.UnixMilli(v.receivedAt)}
	if !sig.ClaimedTime.IsZero() && sig.ClaimedTime.Before(a.signedAt) {
		a.signedAt = sig.ClaimedTime
	}
	var certKind string
	err := tx.QueryRowContext(ctx, `SELECT person, kind FROM person_cert WHERE sha256=?`, strings.ToLower(sig.Signer.SHA256)).Scan(&a.person, &certKind)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return a, nil
	case err != nil:
		return a, fmt.Errorf("look up a certificate: %w", err)
	case certKind == "agency":
		a.kind = "seal"
	case sig.Reason == initialsReason || strings.HasPrefix(sig.Field, initialsField):
		a.kind = "initials"
	default:
		a.kind = "approval"
	}
	return a, nil
}

//nolint:revive // one row of the table
func (s *Server) insertSignature(ctx context.Context, tx *sql.Tx, v versionRow, idx int, sig verify.Signature, a attribution) (int64, error) {
	var id int64
	err := tx.QueryRowContext(ctx, `INSERT INTO signature(version,idx,field,kind,cert_sha256,holder,person,signed_at,time_source,indication,sub_indication,why,verified_at)
		VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)
		ON CONFLICT(version,idx) DO UPDATE SET kind=excluded.kind, person=excluded.person, indication=excluded.indication,
			sub_indication=excluded.sub_indication, why=excluded.why, verified_at=excluded.verified_at RETURNING id`,
		v.id, idx, sig.Field, a.kind, strings.ToLower(sig.Signer.SHA256), sig.Signer.Holder, a.person, a.signedAt.UnixMilli(), sig.TimeSource,
		sig.Indication, sig.SubIndication, sig.Why, s.clock().UnixMilli()).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("store a signature: %w", err)
	}
	return id, nil
}

// fulfil marks the duties that the signature's holder had the authority to
// fulfil on the day of the signature. A figure of the demonstration that a real
// signature fulfils is illustrative no more.
func (s *Server) fulfil(ctx context.Context, tx *sql.Tx, v versionRow, a attribution) error {
	may, ok := map[string]string{"approval": "approve", "initials": "initial"}[a.kind]
	if !ok || !a.person.Valid {
		return nil
	}
	day := dayOf(a.signedAt)
	_, err := tx.ExecContext(ctx, `UPDATE obligation SET status='done', origin='verified', fulfilled_by=?, fulfilled_at=?
		WHERE document=? AND kind=? AND status IN ('open','pending') AND EXISTS (
			SELECT 1 FROM authority a WHERE a.person=? AND a.unit=obligation.unit AND a.may=? AND a.valid_from<=? AND (a.valid_to IS NULL OR a.valid_to>?))`,
		a.id, a.signedAt.UnixMilli(), v.document, a.kind, a.person, may, day, day)
	if err != nil {
		return fmt.Errorf("fulfil a duty: %w", err)
	}
	return nil
}
