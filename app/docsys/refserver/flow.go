package refserver

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"kyso/app/docsys"
)

// The states of a document, in the order of its way (NĐ 30/2020/NĐ-CP, Điều 7
// and 14 to 18): dự thảo, trình ký, đã ký nháy, bị trả lại, chờ ban hành, đã
// cấp số, đã đóng dấu, đã ban hành, bị thay thế, thu hồi.
const (
	stateDraft      = "draft"
	stateSubmitted  = "submitted"
	stateInitialled = "initialled"
	stateReturned   = "returned"
	stateSigned     = "signed"
	stateNumbered   = "numbered"
	stateSealed     = "sealed"
	stateIssued     = "issued"
	stateReplaced   = "replaced"
	stateRevoked    = "revoked"
)

// move is a step of the way: from which states to which.
type move struct {
	from []string
	to   string
}

// moves is the way of a document. Initials, approval and seal are no calls:
// the server takes the step when it has verified the signature.
func moves() map[string]move {
	return map[string]move{
		"submit":  {[]string{stateDraft, stateReturned}, stateSubmitted},
		"initial": {[]string{stateSubmitted}, stateInitialled},
		"approve": {[]string{stateSubmitted, stateInitialled}, stateSigned},
		"return":  {[]string{stateSubmitted, stateInitialled, stateSigned}, stateReturned},
		"number":  {[]string{stateSigned}, stateNumbered},
		"seal":    {[]string{stateNumbered}, stateSealed},
		"issue":   {[]string{stateSealed}, stateIssued},
		"revoke":  {[]string{stateIssued}, stateRevoked},
		"replace": {[]string{stateIssued}, stateReplaced},
	}
}

// stages says what may be committed in a state. What a client calls a file is
// only the reason to look at it; what counts is what the server finds.
func stages() map[string][]string {
	signing := []string{"initialled", "signed"}
	return map[string][]string{
		stateDraft:      {"draft"},
		stateReturned:   {"draft"},
		stateSubmitted:  signing,
		stateInitialled: signing,
		stateSigned:     {"initialled", "signed"},
		stateNumbered:   {"sealed"},
		stateSealed:     {"sealed"},
		stateIssued:     {"draft", "initialled", "signed", "sealed", "copy"},
	}
}

// takesContent reports whether a state takes a file that does not extend the
// one before: nobody's signature can be lost by it.
func takesContent(state string) bool { return state == stateDraft || state == stateReturned }

// next tells what is to be done with a document.
func next(state string, missing []string) string {
	switch state {
	case stateDraft:
		return "submit"
	case stateReturned:
		return "rework"
	case stateSigned:
		return "number"
	case stateNumbered:
		return "seal"
	case stateSealed:
		return "issue"
	}
	for _, kind := range []string{"initials", "approval"} { // in this order
		if slices.Contains(missing, kind) {
			return kind
		}
	}
	return "none"
}

// stateWord is a state as a person calls it.
func stateWord(state string) string {
	return map[string]string{
		stateDraft: "dự thảo", stateSubmitted: "trình ký", stateInitialled: "đã ký nháy", stateReturned: "bị trả lại", stateSigned: "chờ ban hành",
		stateNumbered: "đã cấp số", stateSealed: "đã đóng dấu", stateIssued: "đã ban hành", stateReplaced: "bị thay thế", stateRevoked: "đã thu hồi",
	}[state]
}

// stepBy is who takes a step and why.
type stepBy struct {
	account, name   string
	reason, version string
}

func (who caller) step(reason string) stepBy {
	return stepBy{account: who.account, name: who.name, reason: reason}
}

// take takes a step of the way, or refuses it with 409. The document is locked.
func (w *work) take(ctx context.Context, document, action string, by stepBy) error {
	state, err := w.lockDocument(ctx, document)
	if err != nil {
		return err
	}
	m := moves()[action]
	if !slices.Contains(m.from, state) {
		return wrongState(state)
	}
	return w.enter(ctx, document, action, state, m.to, by)
}

func wrongState(state string) *docsys.Problem {
	return refuse(http.StatusConflict, "wrong-state", "Văn bản không ở bước này", "Trạng thái hiện nay: "+stateWord(state))
}

// enter writes the new state and the step.
//
//nolint:revive // one row of the table
func (w *work) enter(ctx context.Context, document, action, from, to string, by stepBy) error {
	now := w.s.clock().UnixMilli()
	w.note(by.account, "document."+action, document, by.version)
	return w.run(ctx, action+" a document",
		do(`UPDATE document SET state=?, changed_at=? WHERE id=?`, to, now, document),
		do(`INSERT INTO step(document,seq,at,account,by_name,action,from_state,to_state,reason,version)
			VALUES(?,(SELECT coalesce(max(seq),0)+1 FROM step WHERE document=?),?,?,?,?,?,?,?,?)`,
			document, document, now, by.account, by.name, action, from, to, by.reason, by.version))
}

// advance takes the steps for which the server has found the signatures.
func (w *work) advance(ctx context.Context, document string, v versionRow) error {
	state, err := w.lockDocument(ctx, document)
	if err != nil {
		return err
	}
	status, err := w.dutyStatus(ctx, document)
	if err != nil {
		return err
	}
	by := stepBy{version: v.id}
	type rule struct {
		state, action string
		holds         bool
	}
	for _, r := range []rule{
		{stateSubmitted, "initial", status["initials"] == "done" && status["approval"] != "done"},
		{stateSubmitted, "approve", status["approval"] == "done"},
		{stateInitialled, "approve", status["approval"] == "done"},
		{stateNumbered, "seal", status["seal"] == "done" && approved(status)},
	} {
		if state != r.state || !r.holds {
			continue
		}
		m := moves()[r.action]
		if by.name, err = w.signerOf(ctx, v.id, map[string]string{"initial": "initials", "approve": "approval", "seal": "seal"}[r.action]); err != nil {
			return err
		}
		if err := w.enter(ctx, document, r.action, state, m.to, by); err != nil {
			return err
		}
		state = m.to
	}
	return nil
}

// approved reports that nobody's approval is missing: an authority that is found
// to have ended before the signature takes an approval back.
func approved(status map[string]string) bool {
	return status["approval"] == "" || status["approval"] == "done"
}

// needApproval refuses what comes after the approval (NĐ 30/2020/NĐ-CP, Điều 13
// and 32) while it is missing.
func (w *work) needApproval(ctx context.Context, document string) error {
	status, err := w.dutyStatus(ctx, document)
	if err == nil && !approved(status) {
		err = refuse(http.StatusConflict, "not-approved", "Chưa có chữ ký hợp lệ của người có thẩm quyền")
	}
	return err
}

// dutyStatus gives the status by kind: "done" only when all of the kind are.
func (w *work) dutyStatus(ctx context.Context, document string) (map[string]string, error) {
	duties, err := w.obligations(ctx, `o.document=? AND o.status<>'excluded'`, document)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, o := range duties {
		if known, ok := out[o.kind]; !ok || known == "done" {
			out[o.kind] = o.status
		}
	}
	return out, nil
}

func (w *work) signerOf(ctx context.Context, version, kind string) (string, error) {
	rows, err := w.Query(ctx, `SELECT holder FROM signature WHERE version=? AND kind=? AND indication='TOTAL-PASSED' ORDER BY idx DESC LIMIT 1`, version, kind)
	if err != nil {
		return "", fmt.Errorf("look up the signer: %w", err)
	}
	names, err := texts(rows)
	if err != nil {
		return "", fmt.Errorf("look up the signer: %w", err)
	}
	if len(names) == 0 {
		return "", nil
	}
	return names[0], nil
}
