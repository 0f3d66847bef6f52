package webdav

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"kyso/app/docsys"
)

// methods of RFC 4918.
const (
	methodMove     = "MOVE"
	methodPropfind = "PROPFIND"
)

// at is the address of a name in the collection.
func (c *Collection) at(name string) string { return c.base.String() + url.PathEscape(name) }

// request is what is asked of the server.
type request struct {
	method string
	name   string // empty for the collection itself
	body   io.Reader
	size   int64
	header map[string]string
}

// do asks and gives an answer whose status is wanted; others are problems.
func (c *Collection) do(ctx context.Context, r request, want ...int) (*http.Response, error) {
	address := c.base.String()
	if r.name != "" {
		address = c.at(r.name)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, r.body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.method, r.name, err)
	}
	if r.body != nil {
		req.ContentLength = r.size
	}
	for k, v := range r.header {
		req.Header.Set(k, v)
	}
	if c.login != "" {
		req.SetBasicAuth(c.login, c.password)
	}
	resp, err := c.client.Do(req)
	resp, err = docsys.Answer(resp, err, want...)
	if p, ok := errors.AsType[*docsys.Problem](err); ok {
		if title := titles[p.Status]; title != "" {
			p.Title = title
		}
		p.Detail = r.method + " " + r.name
	}
	return resp, err
}

// titles say what a WebDAV server's refusal means.
//
//nolint:gochecknoglobals // a constant table
var titles = map[int]string{
	http.StatusMovedPermanently:      "Địa chỉ WebDAV đã chuyển, hãy sửa trong phần thiết lập",
	http.StatusFound:                 "Địa chỉ WebDAV chuyển sang nơi khác, hãy sửa trong phần thiết lập",
	http.StatusUnauthorized:          "Máy chủ WebDAV không nhận tên đăng nhập hoặc mật khẩu",
	http.StatusForbidden:             "Máy chủ WebDAV không cho ghi vào thư mục này",
	http.StatusNotFound:              "Không có thư mục WebDAV này",
	http.StatusMethodNotAllowed:      "Địa chỉ này không phải là thư mục WebDAV",
	http.StatusConflict:              "Thư mục WebDAV chưa được tạo",
	http.StatusPreconditionFailed:    "Đã có tệp trùng tên",
	http.StatusRequestEntityTooLarge: "Tệp lớn hơn mức máy chủ WebDAV nhận",
	http.StatusLocked:                "Tệp đang bị khóa trên máy chủ WebDAV",
	http.StatusInsufficientStorage:   "Máy chủ WebDAV hết chỗ",
}

// ask is do for answers without a body of interest.
func (c *Collection) ask(ctx context.Context, r request, want ...int) error {
	resp, err := c.do(ctx, r, want...)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	return nil
}

// put stores a file; servers answer 201, and 204 or 200 when the name was there.
func (c *Collection) put(ctx context.Context, name, media string, body io.Reader, size int64) error {
	r := request{method: http.MethodPut, name: name, body: body, size: size, header: map[string]string{"Content-Type": media}}
	return c.ask(ctx, r, http.StatusCreated, http.StatusNoContent, http.StatusOK)
}

// move renames and never replaces: 412 when the name is taken (RFC 4918, 9.9.4).
func (c *Collection) move(ctx context.Context, from, to string) error {
	r := request{method: methodMove, name: from, header: map[string]string{"Destination": c.at(to), "Overwrite": "F"}}
	return c.ask(ctx, r, http.StatusCreated, http.StatusNoContent)
}

// A server locks a file until it has noticed that its transfer broke off: so often
// and so long its removal is tried again.
const (
	unlockTries = 10
	unlockPause = 200 * time.Millisecond
)

// remove removes a file; one that is not there is no error.
func (c *Collection) remove(ctx context.Context, name string) error {
	for try := 1; ; try++ {
		err := c.ask(ctx, request{method: http.MethodDelete, name: name}, http.StatusNoContent, http.StatusOK, http.StatusAccepted)
		p, ok := errors.AsType[*docsys.Problem](err)
		switch {
		case isAbsent(err):
			return nil
		case !ok || p.Status != http.StatusLocked || try == unlockTries:
			return err
		}
		select {
		case <-time.After(unlockPause):
		case <-ctx.Done():
			return err
		}
	}
}

// exists asks whether a name is taken.
func (c *Collection) exists(ctx context.Context, name string) (bool, error) {
	err := c.ask(ctx, request{method: http.MethodHead, name: name}, http.StatusOK)
	if isAbsent(err) {
		return false, nil
	}
	return err == nil, err
}

// open begins to read a file as it is stored, past every cache.
func (c *Collection) open(ctx context.Context, name string) (io.ReadCloser, error) {
	header := map[string]string{"Accept-Encoding": "identity", "Cache-Control": "no-cache"}
	resp, err := c.do(ctx, request{method: http.MethodGet, name: name, header: header}, http.StatusOK)
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}

// sum reads a file and gives its SHA-256 in hexadecimal.
func (c *Collection) sum(ctx context.Context, name string) (string, error) {
	body, err := c.open(ctx, name)
	if err != nil {
		return "", err
	}
	defer func() { _ = body.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, body); err != nil {
		return "", fmt.Errorf("read %s: %w: %w", name, docsys.ErrOffline, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// read reads a small file.
func (c *Collection) read(ctx context.Context, name string) ([]byte, error) {
	body, err := c.open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(body, maxSidecar))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w: %w", name, docsys.ErrOffline, err)
	}
	return raw, nil
}

// isCollection asks for the collection's own properties (RFC 4918, 9.1).
func (c *Collection) isCollection(ctx context.Context, k *docsys.Checkup) error {
	resp, err := c.do(ctx, request{method: methodPropfind, header: map[string]string{"Depth": "0"}}, http.StatusMultiStatus)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if server := resp.Header.Get("Server"); server != "" {
		k.System += " (" + server + ")"
	}
	return nil
}
