package refserver

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"kyso/app/docsys/api"
)

// ChangeDocument implements PATCH /documents/{id}.
func (c calls) ChangeDocument(w http.ResponseWriter, r *http.Request, id string, p api.ChangeDocumentParams) {
	in, raw, err := receive[api.DocumentChange](w, r)
	var why string
	if err == nil {
		why, err = reason(value(in.Reason), false)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.walk(w, r, id, p.IdempotencyKey, raw, func(ctx context.Context, tx *work, who caller) error {
		return tx.correct(ctx, id, in, who.step(why))
	})
}

// correct changes what is said of a document, as far as its state allows, and
// enters the change in its history.
func (w *work) correct(ctx context.Context, id string, in api.DocumentChange, by stepBy) error {
	state, err := w.lockDocument(ctx, id)
	if err != nil {
		return err
	}
	changes, err := w.changesOf(ctx, id, in)
	if err != nil || len(changes) == 0 {
		return err
	}
	if err := allowed(state, by.reason, changes); err != nil {
		return err
	}
	for _, c := range changes {
		if err := w.run(ctx, "correct a document", do(`UPDATE document SET `+c.column+`=? WHERE id=?`, c.to, id)); err != nil {
			return err
		}
	}
	if err := w.reassign(ctx, id, changes); err != nil {
		return err
	}
	return w.enter(ctx, id, "change", state, state, by)
}

// reassign has the duty to approve follow the name of the signer: a document
// that was returned keeps the duty of its first submission.
func (w *work) reassign(ctx context.Context, id string, changes []change) error {
	if !slices.ContainsFunc(changes, func(c change) bool { return c.column == "signer_name" }) {
		return nil
	}
	d, err := w.documentRow(ctx, id)
	if err != nil {
		return err
	}
	signer, err := w.namedSigner(ctx, d)
	if err != nil {
		return err
	}
	_, err = w.changeObligations(ctx, func(o *obligation) { o.responsible = signer }, `o.document=? AND o.unit=? AND o.kind='approval' AND o.status IN ('open','pending')`, id, d.unit)
	return err
}

// change is one thing that is said anew.
type change struct {
	column string
	to     any
}

// changesOf are the things that are said otherwise than before, with the bounds
// of the contract.
func (w *work) changesOf(ctx context.Context, id string, in api.DocumentChange) ([]change, error) {
	d, err := scanDocument(w.QueryRow(ctx, `SELECT `+documentColumns+documentTables+`WHERE d.id=?`, id))
	if err != nil {
		return nil, err
	}
	var changes []change
	text := func(column string, is, to *string) {
		if to != nil && strings.TrimSpace(*to) != *is {
			*is = strings.TrimSpace(*to)
			changes = append(changes, change{column, *is})
		}
	}
	text("type", &d.Type, in.Type)
	text("subject", &d.Subject, in.Subject)
	text("notation", &d.Notation, in.Notation)
	text("drafter", &d.Drafter, in.Drafter)
	text("signer_name", &d.SignerName, in.SignerName)
	text("signer_title", &d.SignerTitle, in.SignerTitle)
	if in.Urgent != nil && *in.Urgent != d.Urgent {
		changes = append(changes, change{"urgent", *in.Urgent})
	}
	return changes, checkTexts(api.NewDocument{
		Type: d.Type, Subject: d.Subject, Notation: &d.Notation, Drafter: &d.Drafter, SignerName: &d.SignerName, SignerTitle: &d.SignerTitle,
	})
}

// allowed says whether a document in a state may be changed so. Who signs, and
// the notation, were decided with the submission.
func allowed(state, reason string, changes []change) error {
	if takesContent(state) {
		return nil
	}
	underWay := slices.Contains([]string{stateSubmitted, stateInitialled, stateSigned, stateNumbered, stateSealed}, state)
	if !underWay {
		return wrongState(state)
	}
	if slices.ContainsFunc(changes, func(c change) bool {
		return slices.Contains([]string{"notation", "signer_name", "signer_title"}, c.column)
	}) {
		return wrongState(state)
	}
	if reason == "" {
		return refuse(http.StatusUnprocessableEntity, "reason-required", "Phải nêu lý do")
	}
	return nil
}
