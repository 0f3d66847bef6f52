package docsys

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
)

// tusVersion is the protocol (https://tus.io/protocols/resumable-upload).
const tusVersion = "1.0.0"

// resumeFrom is the size from which a file is sent so that a broken transfer can
// go on, where the server offers it; smaller ones are sent again at once.
const resumeFrom = 1 << 20

// resumes reports that a file is sent by tus: the server offers it, and the file
// is large or larger than one PUT may be.
func (c *Client) resumes(ctx context.Context, size int64) bool {
	if size < resumeFrom {
		return false
	}
	c.mu.Lock()
	known := c.offers
	c.mu.Unlock()
	if known == nil {
		d, err := c.Describe(ctx)
		if err != nil {
			return false // the PUT tells what is wrong
		}
		c.mu.Lock()
		c.offers = &d
		c.mu.Unlock()
		known = &d
	}
	return slices.Contains(known.Uploads, "tus")
}

// transfer sends the file by tus: it asks how much of it the server has and goes on
// from there, as long as that helps. The upload's address is remembered, so that a
// later life of the program goes on, too.
func (c *Client) transfer(ctx context.Context, s Submission) error {
	at := s.Resume
	for before := int64(-1); ; {
		if at == "" {
			address, err := c.newUpload(ctx, s)
			if err != nil {
				return err
			}
			at = address
		}
		offset, err := c.offset(ctx, at)
		if isGone(err) { // the server forgot it: once more from the start
			if at = ""; s.Resume == "" {
				return fmt.Errorf("%w: %v", ErrOffline, err) //nolint:errorlint // no refusal of the document
			}
			s.Resume = ""
			continue
		}
		if err != nil {
			return err
		}
		s.sent(offset)
		if offset >= s.Size {
			return nil
		}
		if offset <= before {
			return fmt.Errorf("%w: the transfer stands at %d of %d", ErrOffline, offset, s.Size)
		}
		before = offset
		switch err := c.patch(ctx, s, at, offset); {
		case isDamage(err): // and the server keeps nothing
			return errors.Join(fmt.Errorf("%w: %v", ErrDigest, err), s.forget()) //nolint:errorlint // no refusal of the document
		case err != nil && !errors.Is(err, ErrOffline) && !isCut(err) && !isGone(err):
			return err
		}
	}
}

// newUpload asks for an upload and remembers its address. The hash goes along in
// the metadata, as the server keeps the bytes under it.
func (c *Client) newUpload(ctx context.Context, s Submission) (string, error) {
	base, err := url.Parse(c.api.Server)
	if err != nil {
		return "", fmt.Errorf("begin an upload: %w", err)
	}
	resp, err := c.tus(ctx, tusRequest{method: http.MethodPost, at: base.JoinPath("uploads/").String(), header: map[string]string{
		"Upload-Length":   strconv.FormatInt(s.Size, 10),
		"Upload-Metadata": "sha256 " + base64.StdEncoding.EncodeToString([]byte(s.SHA256)) + ",filetype " + base64.StdEncoding.EncodeToString([]byte(pdfType)),
	}}, http.StatusCreated)
	if err != nil {
		return "", fmt.Errorf("begin an upload: %w", err)
	}
	_ = resp.Body.Close()
	at, err := base.JoinPath("uploads/").Parse(resp.Header.Get("Location"))
	if err != nil || resp.Header.Get("Location") == "" {
		return "", fmt.Errorf("begin an upload: %w: no address for it", ErrStrange)
	}
	if at.Host != base.Host || at.Scheme != base.Scheme { // it would see the token
		return "", fmt.Errorf("begin an upload: %w: its address is another server's", ErrStrange)
	}
	if s.Remember != nil {
		if err := s.Remember(at.String()); err != nil {
			return "", err
		}
	}
	return at.String(), nil
}

// ErrStrange reports an answer that the contract does not allow.
var ErrStrange = errors.New("the server does not keep to the contract")

// offset asks how many bytes the server has.
func (c *Client) offset(ctx context.Context, at string) (int64, error) {
	resp, err := c.tus(ctx, tusRequest{method: http.MethodHead, at: at}, http.StatusOK, http.StatusNoContent)
	if err != nil {
		return 0, fmt.Errorf("ask how far the upload is: %w", err)
	}
	_ = resp.Body.Close()
	n, err := strconv.ParseInt(resp.Header.Get("Upload-Offset"), 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("ask how far the upload is: %w: offset %q", ErrStrange, resp.Header.Get("Upload-Offset"))
	}
	return n, nil
}

// patch sends the file from an offset. What arrived of it is the server's to say.
func (c *Client) patch(ctx context.Context, s Submission, at string, offset int64) error {
	file, err := s.Open()
	if err != nil {
		return fmt.Errorf("open the file: %w", err)
	}
	defer func() { _ = file.Close() }()
	if _, err := io.CopyN(io.Discard, file, offset); err != nil {
		return fmt.Errorf("open the file: %w", err)
	}
	body := Counted(file, func(n int64) { s.sent(offset + n) })
	resp, err := c.tus(ctx, tusRequest{
		method: http.MethodPatch, at: at, body: io.LimitReader(body, s.Size-offset), size: s.Size - offset,
		header: map[string]string{"Upload-Offset": strconv.FormatInt(offset, 10), "Content-Type": "application/offset+octet-stream"},
	}, http.StatusNoContent)
	if err != nil {
		return fmt.Errorf("send the file: %w", err)
	}
	_ = resp.Body.Close()
	return nil
}

// tusRequest is one request of the protocol.
type tusRequest struct {
	method, at string
	header     map[string]string
	body       io.Reader
	size       int64
}

// tus makes a request. A conflict or a lock means that the server still holds an
// earlier request: later.
func (c *Client) tus(ctx context.Context, r tusRequest, want ...int) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, r.at, r.body)
	if err != nil {
		return nil, err //nolint:wrapcheck // wrapped by the caller
	}
	if r.body != nil {
		req.ContentLength = r.size
	}
	req.Header.Set("Tus-Resumable", tusVersion)
	for k, v := range r.header {
		req.Header.Set(k, v)
	}
	if err := c.authorize(ctx, req); err != nil {
		return nil, err
	}
	resp, err := c.doer.Do(req)
	resp, err = do(resp, err, want...)
	if p, ok := errors.AsType[*Problem](err); ok && p.Status == http.StatusConflict {
		p.Retryable = true
	}
	return resp, err
}

// statusChecksum is what tus answers to a request whose bytes were damaged.
const statusChecksum = 460

// isCut reports the answers to a request that the line cut short or damaged, or to
// one while the server still works on such a request: its offset says how to go on.
func isCut(err error) bool {
	p, ok := errors.AsType[*Problem](err)
	return ok && slices.Contains([]int{http.StatusBadRequest, http.StatusRequestTimeout, http.StatusConflict, http.StatusLocked, statusChecksum}, p.Status)
}

// isDamage reports that a whole upload has another hash than announced.
func isDamage(err error) bool {
	p, ok := errors.AsType[*Problem](err)
	return ok && p.Status == http.StatusUnprocessableEntity && path.Base(p.Type) == "digest-mismatch"
}

// isGone reports an upload that the server does not know any more.
func isGone(err error) bool {
	p, ok := errors.AsType[*Problem](err)
	return ok && (p.Status == http.StatusNotFound || p.Status == http.StatusGone)
}
