package refserver

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"unicode/utf8"

	"kyso/app/docsys"
	"kyso/app/docsys/api"
)

// maxBasis is the contract's bound of the agency's rule, in letters.
const maxBasis = 200

// GetTemplates implements GET /templates.
func (c calls) GetTemplates(w http.ResponseWriter, r *http.Request, params api.GetTemplatesParams) {
	m, err := readTemplates(c.db.QueryRow(r.Context(), newestTemplates))
	if err != nil {
		c.fail(w, r, err)
		return
	}
	tag := templatesTag(m.Version)
	w.Header().Set("ETag", tag)
	if value(params.IfNoneMatch) == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	c.send(w, r, http.StatusOK, m)
}

// PutTemplates implements PUT /templates.
func (c calls) PutTemplates(w http.ResponseWriter, r *http.Request, params api.PutTemplatesParams) {
	in, _, err := receive[docsys.MarkTemplates](w, r)
	if err == nil {
		in, err = c.setTemplates(r.Context(), callerOf(r).account, in, value(params.IfMatch))
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	w.Header().Set("ETag", templatesTag(in.Version))
	c.send(w, r, http.StatusOK, in)
}

const newestTemplates = `SELECT version, body FROM mark_template ORDER BY version DESC LIMIT 1`

// readTemplates reads the newest templates; without any the version is 0.
func readTemplates(row *sql.Row) (docsys.MarkTemplates, error) {
	m := docsys.MarkTemplates{Templates: []docsys.MarkTemplate{}}
	var version int
	var body string
	err := row.Scan(&version, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return m, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(body), &m)
	}
	if err != nil {
		return m, fmt.Errorf("read the templates of marks: %w", err)
	}
	m.Version = version
	return m, nil
}

// setTemplates adds templates after those that base names.
func (s *Server) setTemplates(ctx context.Context, account string, m docsys.MarkTemplates, base string) (docsys.MarkTemplates, error) {
	why := m.Check()
	switch {
	case base == "":
		return m, refuse(http.StatusPreconditionRequired, "base-required", "Phải nêu bản mẫu được thay (If-Match)")
	case why != "":
		return m, refuse(http.StatusUnprocessableEntity, "bad-template", "Mẫu chữ ký không đúng quy định", why)
	case utf8.RuneCountInString(m.Basis) > maxBasis:
		return m, refuse(http.StatusUnprocessableEntity, "bad-template", "Mẫu chữ ký không đúng quy định", "basis too long")
	}
	m.Templates = append([]docsys.MarkTemplate{}, m.Templates...) // the contract has arrays, never null
	for i := range m.Templates {
		m.Templates[i].Lines = append([]string{}, m.Templates[i].Lines...)
	}
	err := s.inTx(ctx, func(tx *work) error {
		now, err := readTemplates(tx.QueryRow(ctx, newestTemplates))
		if err != nil {
			return err
		}
		if templatesTag(now.Version) != base {
			return refuse(http.StatusPreconditionFailed, "newer-templates", "Mẫu chữ ký đã được người khác sửa")
		}
		m.Version = now.Version + 1
		body, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("encode the templates of marks: %w", err)
		}
		// Whoever else set them meanwhile has this version: one of the two fails.
		n, err := tx.Exec(ctx, `INSERT INTO mark_template(version,body,account,at) VALUES(?,?,?,?) ON CONFLICT (version) DO NOTHING`,
			m.Version, string(body), account, s.clock().UnixMilli())
		if err != nil {
			return fmt.Errorf("set the templates of marks: %w", err)
		}
		if n == 0 {
			return refuse(http.StatusPreconditionFailed, "newer-templates", "Mẫu chữ ký đã được người khác sửa")
		}
		tx.note(account, "templates.set", strconv.Itoa(m.Version), "")
		return nil
	})
	return m, err
}

func templatesTag(version int) string { return `"t` + strconv.Itoa(version) + `"` }
