package refserver

import (
	"context"
	"fmt"
)

// obligation is one duty: the fact that the rates count. All writes of the
// table are in this file, so that the figures move with the facts.
type obligation struct {
	id, document, unit, kind string
	seq                      int
	day, dueOn, status       string
	late                     bool
	origin, responsible      string
	fulfilledBy, authority   string
	fulfilledAt              int64
	reason                   string
}

const obligationColumns = `o.id, o.document, o.unit, o.kind, o.seq, o.day, o.due_on, o.status, o.late, o.origin, o.responsible, o.fulfilled_by, o.fulfilled_at, o.authority, o.reason`

// addObligation inserts a duty; its id is made here.
func (w *work) addObligation(ctx context.Context, o obligation) error {
	o.id = newID()
	if o.seq == 0 {
		o.seq = 1
	}
	if o.origin == "" {
		o.origin = "verified"
	}
	if o.status == "" {
		o.status = "open"
	}
	_, err := w.Exec(ctx, `INSERT INTO obligation(id,document,unit,kind,seq,day,due_on,status,late,origin,responsible,fulfilled_by,fulfilled_at,authority,reason)
		VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`, o.id, o.document, o.unit, o.kind, o.seq, o.day, o.dueOn, o.status, o.late, o.origin, o.responsible,
		o.fulfilledBy, o.fulfilledAt, o.authority, o.reason)
	if err != nil {
		return fmt.Errorf("insert a duty: %w", err)
	}
	w.move(o, 1)
	w.touch(obligation{id: o.id, unit: o.unit, kind: o.kind, origin: o.origin}, o.day)
	return nil
}

// obligations reads the duties that match a condition on o.
func (w *work) obligations(ctx context.Context, where string, args ...any) ([]obligation, error) {
	rows, err := w.Query(ctx, `SELECT `+obligationColumns+` FROM obligation o WHERE `+where+` ORDER BY o.id FOR UPDATE`, args...)
	if err != nil {
		return nil, fmt.Errorf("read duties: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []obligation
	for rows.Next() {
		var o obligation
		err := rows.Scan(&o.id, &o.document, &o.unit, &o.kind, &o.seq, &o.day, &o.dueOn, &o.status, &o.late, &o.origin, &o.responsible, &o.fulfilledBy, &o.fulfilledAt, &o.authority, &o.reason)
		if err != nil {
			return nil, fmt.Errorf("read duties: %w", err)
		}
		out = append(out, o)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read duties: %w", err)
	}
	return out, nil
}

// changeObligations changes the duties that match a condition on o, and gives their number.
func (w *work) changeObligations(ctx context.Context, change func(*obligation), where string, args ...any) (int, error) {
	found, err := w.obligations(ctx, where, args...)
	if err != nil {
		return 0, err
	}
	for _, o := range found {
		w.move(o, -1)
		old := o
		change(&o)
		if o.status != "done" {
			o.fulfilledBy, o.fulfilledAt, o.authority, o.late = "", 0, "", false
		}
		_, err := w.Exec(ctx, `UPDATE obligation SET day=?, due_on=?, status=?, late=?, origin=?, responsible=?, fulfilled_by=?, fulfilled_at=?, authority=?, reason=? WHERE id=?`,
			o.day, o.dueOn, o.status, o.late, o.origin, o.responsible, o.fulfilledBy, o.fulfilledAt, o.authority, o.reason, o.id)
		if err != nil {
			return 0, fmt.Errorf("change a duty: %w", err)
		}
		w.move(o, 1)
		w.touch(old, o.day)
	}
	return len(found), nil
}
