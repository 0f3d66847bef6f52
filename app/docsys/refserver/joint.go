package refserver

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"kyso/app/docsys"
)

// maxIssuers bounds the units that issue a document together.
const maxIssuers = 20

// checkIssuers refuses units that cannot issue a document together with its own.
func checkIssuers(unit string, with []string) error {
	for i, u := range with {
		if u == "" || u == unit || slices.Contains(with[:i], u) || len(with) > maxIssuers {
			return refuse(http.StatusUnprocessableEntity, "bad-issuers", "Danh sách cơ quan cùng ban hành không đúng")
		}
	}
	return nil
}

// addIssuers notes the units that issue a document together with its own, in the
// order in which they sign.
func (w *work) addIssuers(ctx context.Context, document string, units []string) error {
	for i, u := range units {
		if err := w.needUnit(ctx, u); err != nil {
			return err
		}
		if err := w.run(ctx, "note an issuing unit", do(`INSERT INTO document_issuer(document,unit,position) VALUES(?,?,?)`, document, u, i+1)); err != nil {
			return err
		}
	}
	return nil
}

// issuers are the units that issue a document together with its own.
func (w *work) issuers(ctx context.Context, document string) ([]string, error) {
	rows, err := w.Query(ctx, `SELECT unit FROM document_issuer WHERE document=? ORDER BY position, unit`, document)
	if err != nil {
		return nil, fmt.Errorf("read the issuing units: %w", err)
	}
	units, err := texts(rows)
	if err != nil {
		return nil, fmt.Errorf("read the issuing units: %w", err)
	}
	return units, nil
}

// addJointDuties makes a duty to approve for each unit that issues the document
// together with its own: every duty is of one unit, so sums count nothing twice.
func (w *work) addJointDuties(ctx context.Context, id string, d documentRow) error {
	units, err := w.issuers(ctx, id)
	if err != nil {
		return err
	}
	for _, u := range units {
		if err := w.addObligation(ctx, obligation{document: id, unit: u, kind: "approval", day: d.issuedOn, dueOn: d.dueOn}); err != nil {
			return err
		}
	}
	return nil
}

// sharedDocument is visibleDocument for reading and signing: the units that
// issue a document together with its own may do so, too. The other steps of its
// way are the leading unit's.
func (s *Server) sharedDocument(ctx context.Context, who caller, id string) (docsys.Document, error) {
	d, err := s.visibleDocument(ctx, who, id)
	if !isRefusal(err, "not-found") {
		return d, err
	}
	d, found := scanDocument(s.db.QueryRow(ctx, `SELECT `+documentColumns+documentTables+`WHERE d.id=?`, id))
	if errors.Is(found, sql.ErrNoRows) {
		return docsys.Document{}, err
	}
	if found != nil {
		return docsys.Document{}, found
	}
	for _, i := range d.CoIssuers {
		allowed := s.permitted(ctx, who, i.Unit)
		if allowed == nil {
			return d, nil
		}
		if !isRefusal(allowed, "other-unit") {
			return docsys.Document{}, allowed
		}
	}
	return docsys.Document{}, err
}

// issuesTogether reports that a unit issues documents together with others.
func (s *Server) issuesTogether(ctx context.Context, unit string) (bool, error) {
	var n int
	if err := s.db.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 FROM document_issuer WHERE unit=? LIMIT 1) one`, unit).Scan(&n); err != nil {
		return false, fmt.Errorf("look for joint documents: %w", err)
	}
	return n > 0, nil
}
