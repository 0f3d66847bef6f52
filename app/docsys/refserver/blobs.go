package refserver

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"

	"kyso/app/blob"
	"kyso/app/docsys/api"
	"kyso/app/signrate"
)

// GetCapabilities implements GET /capabilities.
func (c calls) GetCapabilities(w http.ResponseWriter, r *http.Request) {
	login, providers := c.ways()
	c.send(w, r, http.StatusOK, api.Capabilities{
		Interface: "vn-sign-exchange/1", MaxSinglePut: c.maxBlob, MaxUpload: new(c.maxUpload), Formula: signrate.Formula,
		Uploads: []api.CapabilitiesUploads{"put", "tus"}, Login: login, Providers: providers,
	})
}

// PutBlob implements PUT /blobs/{sha256}.
func (c calls) PutBlob(w http.ResponseWriter, r *http.Request, sha256 string) {
	who := callerOf(r)
	switch known, err := c.hasBlob(r.Context(), sha256, who.unit); {
	case err != nil:
		c.fail(w, r, err)
		return
	case known:
		w.WriteHeader(http.StatusOK)
		return
	}
	size, err := c.blobs.PutAs(r.Context(), http.MaxBytesReader(w, r.Body, c.maxBlob), sha256)
	if err != nil {
		c.fail(w, r, c.refusedBlob(err))
		return
	}
	_, err = c.db.Exec(r.Context(), `INSERT INTO blob(sha256,unit,size,at) VALUES(?,?,?,?) ON CONFLICT DO NOTHING`,
		sha256, who.unit, size, c.clock().UnixMilli())
	if err != nil {
		c.fail(w, r, fmt.Errorf("note a blob: %w", err))
		return
	}
	w.WriteHeader(http.StatusCreated)
}

// refusedBlob tells the client's mistakes from the server's.
func (s *Server) refusedBlob(err error) error {
	var mismatch *blob.MismatchError
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &mismatch):
		return refuse(http.StatusUnprocessableEntity, "digest-mismatch", "Tệp nhận được khác với mã băm", mismatch.Error())
	case errors.Is(err, blob.ErrName):
		return refuse(http.StatusBadRequest, "bad-request", "Mã băm không đúng dạng")
	case errors.As(err, &large):
		return refuse(http.StatusRequestEntityTooLarge, "too-large", "Tệp lớn hơn mức máy chủ nhận")
	}
	return err
}

// HasBlob implements HEAD /blobs/{sha256}.
func (c calls) HasBlob(w http.ResponseWriter, r *http.Request, sha256 string) {
	known, err := c.hasBlob(r.Context(), sha256, callerOf(r).unit)
	switch {
	case err != nil:
		c.fail(w, r, err)
	case known:
		w.WriteHeader(http.StatusOK)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// hasBlob reports whether a unit stored a blob. Blobs of other units stay unknown.
func (s *Server) hasBlob(ctx context.Context, sha256, unit string) (bool, error) {
	var size int64
	err := s.db.QueryRow(ctx, `SELECT size FROM blob WHERE sha256=? AND unit=?`, sha256, unit).Scan(&size)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look up a blob: %w", err)
	}
	return true, nil
}
