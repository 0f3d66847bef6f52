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
func (w *work) record(ctx context.Context, v versionRow, report verify.Report, state string) (int, error) {
	raw, err := json.Marshal(report)
	if err != nil {
		return 0, fmt.Errorf("encode the report: %w", err)
	}
	if err := w.run(ctx, "store the report", do(`UPDATE version SET report=? WHERE id=?`, string(raw), v.id)); err != nil {
		return 0, err
	}
	for idx, sig := range report.Signatures {
		found, err := w.attribute(ctx, v, sig)
		if err != nil {
			return 0, err
		}
		if found.id, err = w.insertSignature(ctx, v, idx, sig, found); err != nil {
			return 0, err
		}
		if state != "failed" && sig.Indication == verify.TotalPassed {
			if err := w.fulfil(ctx, v, found); err != nil {
				return 0, err
			}
		}
	}
	var n int
	err = w.QueryRow(ctx, `SELECT count(*) FROM obligation o JOIN signature s ON s.id=o.fulfilled_by WHERE s.version=?`, v.id).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count what was fulfilled: %w", err)
	}
	return n, nil
}

// attribution is what the server knows of a signature besides its report.
type attribution struct {
	id       string
	kind     string // "approval", "initials", "seal", "unknown"
	person   string
	signedAt time.Time
}

// attribute finds whose certificate it is and what the signature means. The
// claimed time counts only as far back as it is not later than the receipt.
func (w *work) attribute(ctx context.Context, v versionRow, sig verify.Signature) (attribution, error) {
	a := attribution{kind: "unknown", signedAt: time.UnixMilli(v.receivedAt)}
	if !sig.ClaimedTime.IsZero() && sig.ClaimedTime.Before(a.signedAt) {
		a.signedAt = sig.ClaimedTime
	}
	var certKind string
	err := w.QueryRow(ctx, `SELECT person, kind FROM person_cert WHERE sha256=?`, strings.ToLower(sig.Signer.SHA256)).Scan(&a.person, &certKind)
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

func (w *work) insertSignature(ctx context.Context, v versionRow, idx int, sig verify.Signature, a attribution) (string, error) {
	var id string
	err := w.QueryRow(ctx, `INSERT INTO signature(id,version,idx,field,kind,cert_sha256,holder,person,signed_at,time_source,indication,sub_indication,why,verified_at)
		VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)
		ON CONFLICT(version,idx) DO UPDATE SET kind=excluded.kind, person=excluded.person, indication=excluded.indication,
			sub_indication=excluded.sub_indication, why=excluded.why, verified_at=excluded.verified_at RETURNING id`,
		newID(), v.id, idx, sig.Field, a.kind, strings.ToLower(sig.Signer.SHA256), sig.Signer.Holder, a.person, a.signedAt.UnixMilli(), sig.TimeSource,
		string(sig.Indication), string(sig.SubIndication), sig.Why, w.s.clock().UnixMilli()).Scan(&id)
	if err != nil {
		return "", fmt.Errorf("store a signature: %w", err)
	}
	return id, nil
}

// fulfil marks the duties that the signature's holder had the authority to
// fulfil on the day of the signature; a seal is the unit's own. A figure of the
// demonstration that a real signature fulfils is illustrative no more.
func (w *work) fulfil(ctx context.Context, v versionRow, a attribution) error {
	if a.person == "" {
		return nil
	}
	day := dayOf(a.signedAt)
	where, args := `o.document=? AND o.kind=? AND o.status IN ('open','pending') AND `, []any{v.document, a.kind}
	switch may := map[string]string{"approval": "approve", "initials": "initial"}[a.kind]; {
	case may != "":
		where += `EXISTS (SELECT 1 FROM authority a WHERE a.person=? AND a.unit=o.unit AND a.may=? AND a.valid_from<=? AND (a.valid_to='' OR a.valid_to>?))`
		args = append(args, a.person, may, day, day)
	case a.kind == "seal":
		where += `EXISTS (SELECT 1 FROM person p WHERE p.id=? AND p.unit=o.unit)`
		args = append(args, a.person)
	default:
		return nil
	}
	n, err := w.changeObligations(ctx, func(o *obligation) {
		o.status, o.origin, o.reason = "done", "verified", ""
		o.fulfilledBy, o.fulfilledAt = a.id, a.signedAt.UnixMilli()
		o.late = o.day != "" && o.dueOn != "" && day > o.dueOn
	}, where, args...)
	if err != nil || n > 0 {
		return err
	}
	// Somebody signed who may not: the head of the unit can register the authority.
	_, err = w.changeObligations(ctx, func(o *obligation) { o.reason = "no-authority" }, `o.document=? AND o.kind=? AND o.status IN ('open','pending')`, v.document, a.kind)
	return err
}
