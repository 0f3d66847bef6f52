package refserver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"kyso/app/docsys"
	"kyso/app/docsys/refserver/database"
)

// refuse makes a problem whose text a person can read. Its type is relative to
// the contract.
func refuse(status int, kind, title string, detail ...string) *docsys.Problem {
	retryable := status == http.StatusTooManyRequests || status >= http.StatusInternalServerError
	return &docsys.Problem{Type: "/problems/" + kind, Title: title, Status: status, Detail: strings.Join(detail, " "), Retryable: retryable}
}

// fail answers with a problem. An error that is none is logged and becomes a
// 500 that tells nothing of the inside.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var p *docsys.Problem
	if !errors.As(err, &p) {
		switch {
		case r.Context().Err() != nil:
			p = refuse(http.StatusServiceUnavailable, "timeout", "Máy chủ chưa trả lời kịp")
		case database.IsFull(err) || errors.Is(err, syscall.ENOSPC):
			s.log.ErrorContext(r.Context(), "no room", slog.String("path", r.URL.Path), slog.Any("error", err))
			p = refuse(http.StatusInsufficientStorage, "storage-full", "Máy chủ hết chỗ lưu trữ, sẽ thử lại")
		default:
			s.log.ErrorContext(r.Context(), "call failed", slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Any("error", err))
			p = refuse(http.StatusInternalServerError, "internal", "Máy chủ gặp lỗi, sẽ thử lại")
		}
	}
	if p.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(p.RetryAfter/time.Second)))
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	body, err := json.Marshal(p)
	if err != nil {
		s.log.ErrorContext(r.Context(), "problem not written", slog.Any("error", err))
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // the client is gone when this fails
}

// send answers with v as JSON.
func (s *Server) send(w http.ResponseWriter, r *http.Request, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		s.fail(w, r, fmt.Errorf("encode the answer: %w", err))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client is gone when this fails
}

// receive reads a JSON body and gives its raw bytes too, for the fingerprint.
func receive[T any](w http.ResponseWriter, r *http.Request) (T, []byte, error) {
	var v T
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxJSON))
	if err != nil {
		return v, nil, refuse(http.StatusRequestEntityTooLarge, "too-large", "Yêu cầu quá lớn hoặc bị ngắt", err.Error())
	}
	if bytes.Contains(raw, []byte(`\u0000`)) || !utf8.Valid(raw) {
		return v, nil, refuse(http.StatusBadRequest, "bad-request", "Yêu cầu không đúng dạng", "UTF-8 without NUL")
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v); err != nil {
		return v, nil, refuse(http.StatusBadRequest, "bad-request", "Yêu cầu không đúng dạng", err.Error())
	}
	return v, raw, nil
}

// guard survives a panic of one request and sets what every answer carries.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil && v != http.ErrAbortHandler { //nolint:errorlint // a panic value, not an error
				s.log.ErrorContext(r.Context(), "call panicked", slog.String("path", r.URL.Path), slog.Any("value", v), slog.String("stack", string(debug.Stack())))
				s.fail(w, r, refuse(http.StatusInternalServerError, "internal", "Máy chủ gặp lỗi, sẽ thử lại"))
			}
		}()
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		if !isText(r.URL.Path) || !isText(r.URL.RawQuery) || !isText(r.Header.Get("Idempotency-Key")) {
			s.fail(w, r, refuse(http.StatusBadRequest, "bad-request", "Yêu cầu không đúng dạng", "UTF-8 without NUL"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isText reports whether a part of an address is what a database takes as text.
func isText(s string) bool {
	plain, err := url.QueryUnescape(s)
	return err == nil && utf8.ValidString(plain) && !strings.ContainsRune(plain, 0) && utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}

// limit bounds the time of every call and the number of transfers at once.
func (s *Server) limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		within := answerWithin
		if isTransfer(r) {
			within = transferWithin
			select {
			case s.transfers <- struct{}{}:
				defer func() { <-s.transfers }()
			default:
				busy := refuse(http.StatusTooManyRequests, "busy", "Máy chủ đang bận, sẽ thử lại")
				busy.RetryAfter = 2 * time.Second
				s.fail(w, r, busy)
				return
			}
		}
		ctx, cancel := context.WithTimeout(r.Context(), within)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func isTransfer(r *http.Request) bool {
	return r.Method == http.MethodPut && strings.HasPrefix(r.URL.Path, "/v1/blobs/") ||
		r.Method == http.MethodGet && (strings.HasSuffix(r.URL.Path, "/content") || strings.HasPrefix(r.URL.Path, "/v1/exports/")) || isUpload(r)
}

// isUpload reports a request that may bring a piece of a file.
func isUpload(r *http.Request) bool {
	return (r.Method == http.MethodPatch || r.Method == http.MethodPost) && strings.HasPrefix(r.URL.Path, uploadsPath)
}

func serveContract(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(docsys.Contract) // the client is gone when this fails
}
