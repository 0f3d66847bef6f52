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
// duties. A failed version fulfils nothing, nor does one whose content was
// replaced: only what the newest file still contains counts. It gives the number of duties that
// stand fulfilled by this version.
func (w *work) record(ctx context.Context, v versionRow, report verify.Report, state string) (int, error) {
	raw, err := json.Marshal(report)
	if err != nil {
		return 0, fmt.Errorf("encode the report: %w", err)
	}
	if err := w.run(ctx, "store the report", do(`UPDATE version SET report=? WHERE id=?`, string(raw), v.id)); err != nil {
		return 0, err
	}
	newest, err := w.inNewest(ctx, v)
	if err != nil {
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
		if newest && state != "failed" && sig.Indication == verify.TotalPassed {
			if err := w.fulfil(ctx, v, found); err != nil {
				return 0, err
			}
		}
	}
	var n int
	err = w.QueryRow(ctx, `SELECT count(*) FROM obligation o JOIN signature s ON s.id=o.fulfilled_by WHERE o.document=? AND s.version=?`, v.document, v.id).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count what was fulfilled: %w", err)
	}
	return n, nil
}

// newestChain are the newest version of a document and those that it extends.
const newestChain = `WITH RECURSIVE chain(id, base) AS (SELECT v.id, v.base FROM document d JOIN version v ON v.id=d.current WHERE d.id=?
	UNION ALL SELECT v.id, v.base FROM chain c JOIN version v ON v.id=c.base) `

// inNewest reports whether the newest file of the document begins with the version's bytes.
func (w *work) inNewest(ctx context.Context, v versionRow) (bool, error) {
	var n int
	if err := w.QueryRow(ctx, newestChain+`SELECT count(*) FROM chain WHERE id=?`, v.document, v.id).Scan(&n); err != nil {
		return false, fmt.Errorf("look for the version in the newest file: %w", err)
	}
	return n > 0, nil
}

// attribution is what the server knows of a signature besides its report.
type attribution struct {
	id       string
	kind     string // "approval", "initials", "seal", "unknown"
	person   string
	signedAt time.Time
}

// timeOf is the time of a valid time-stamp, which nobody can choose, else the
// time that the signer claims; zero without either.
func timeOf(sig verify.Signature) time.Time {
	if sig.TimeSource == "timestamp" && !sig.ProvenTime.IsZero() {
		return sig.ProvenTime
	}
	return sig.ClaimedTime
}

// attribute finds whose certificate it is and what the signature means. Its
// time is never later than the receipt.
func (w *work) attribute(ctx context.Context, v versionRow, sig verify.Signature) (attribution, error) {
	a := attribution{kind: "unknown", signedAt: time.UnixMilli(v.receivedAt)}
	if at := timeOf(sig); !at.IsZero() && at.Before(a.signedAt) {
		a.signedAt = at
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
	authorities := map[string]string{}
	where, args := `o.document=? AND o.kind=? AND o.status IN ('open','pending') AND `, []any{v.document, a.kind}
	switch may := mayOf(a.kind); {
	case may != "":
		var err error
		if authorities, err = w.authorities(ctx, a, may); err != nil {
			return err
		}
		where += `EXISTS (SELECT 1 FROM authority a WHERE a.person=? AND a.unit=o.unit AND a.may=? AND a.valid_from<=? AND (a.valid_to='' OR a.valid_to>?))`
		args = append(args, a.person, may, a.day(), a.day())
	case a.kind == "seal":
		where += `EXISTS (SELECT 1 FROM person p WHERE p.id=? AND p.unit=o.unit)`
		args = append(args, a.person)
	default:
		return nil
	}
	n, err := w.changeObligations(ctx, a.done(authorities), where, args...)
	if err != nil {
		return err
	}
	if a.kind == "approval" && len(authorities) > 0 {
		if err := w.coverInitials(ctx, v, a); err != nil {
			return err
		}
	}
	if n > 0 {
		return nil
	}
	// Somebody signed who may not: the head of the unit can register the authority.
	_, err = w.changeObligations(ctx, func(o *obligation) { o.reason = noAuthority }, `o.document=? AND o.kind=? AND o.status IN ('open','pending')`, v.document, a.kind)
	return err
}

// noAuthority is why a duty is open although somebody signed.
const noAuthority = "no-authority"

// mayOf is what an authority must allow for a kind of signature; "" for a seal.
func mayOf(kind string) string {
	return map[string]string{"approval": "approve", "initials": "initial"}[kind]
}

// day is the day of the signature, on which the authority must hold.
func (a attribution) day() string { return dayOf(a.signedAt) }

// done gives the change of a duty that the signature fulfils, with the
// authorities by unit.
func (a attribution) done(authorities map[string]string) func(*obligation) {
	return func(o *obligation) {
		o.status, o.origin, o.reason = "done", "verified", ""
		o.fulfilledBy, o.fulfilledAt, o.authority = a.id, a.signedAt.UnixMilli(), authorities[o.unit]
		o.late = o.day != "" && o.dueOn != "" && a.day() > o.dueOn
	}
}

// authorities are those of the holder that held on the day of the signature, by
// unit: one's own before one on behalf, then the one that was given last.
func (w *work) authorities(ctx context.Context, a attribution, may string) (map[string]string, error) {
	rows, err := w.Query(ctx, `SELECT unit, id FROM authority WHERE person=? AND may=? AND valid_from<=? AND (valid_to='' OR valid_to>?)
		ORDER BY CASE form WHEN 'self' THEN 1 ELSE 0 END, valid_from, id`, a.person, may, a.day(), a.day())
	if err != nil {
		return nil, fmt.Errorf("look for authorities: %w", err)
	}
	out := map[string]string{}
	_, err = scanAll(rows, func(rows *sql.Rows) (unit string, err error) {
		var id string
		err = rows.Scan(&unit, &id)
		out[unit] = id   // the last one stays
		return unit, err //nolint:wrapcheck // below
	})
	if err != nil {
		return nil, fmt.Errorf("look for authorities: %w", err)
	}
	return out, nil
}

// coverInitials lets the approval of somebody who submitted the document himself
// stand for the initials that he may give, unless the office wants both.
func (w *work) coverInitials(ctx context.Context, v versionRow, a attribution) error {
	if w.s.initialsApart {
		return nil
	}
	authorities, err := w.authorities(ctx, a, mayOf("initials"))
	if err != nil {
		return err
	}
	_, err = w.changeObligations(ctx, a.done(authorities), `o.document=? AND o.kind='initials' AND o.status IN ('open','pending')
		AND (SELECT count(DISTINCT a.may) FROM authority a WHERE a.person=? AND a.unit=o.unit AND a.valid_from<=? AND (a.valid_to='' OR a.valid_to>?))=2
		AND EXISTS (SELECT 1 FROM account c WHERE c.person=? AND c.id=(SELECT t.account FROM step t
			WHERE t.document=o.document AND t.action IN ('create','submit') ORDER BY t.seq DESC LIMIT 1))`,
		v.document, a.person, a.day(), a.day(), a.person)
	return err
}
