package docsys

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"kyso/app/docsys/api"
)

// ErrDigest reports that the server stored other bytes than were sent.
var ErrDigest = errors.New("the server stored other bytes")

// pdfType is the media type of a signed file.
const pdfType = "application/pdf"

// Submit stores the file under its hash, unless the server has it already, and
// commits it as the document's next version.
func (c *Client) Submit(ctx context.Context, s Submission) (Receipt, error) {
	if err := c.store(ctx, s); err != nil {
		return Receipt{}, fmt.Errorf("upload %s: %w", s.DocumentID, err)
	}
	if s.Committing != nil {
		if err := s.Committing(); err != nil {
			return Receipt{}, fmt.Errorf("commit %s: %w", s.DocumentID, err)
		}
	}
	params := &api.AddVersionParams{IdempotencyKey: s.Key}
	if s.BaseVersion != "" {
		params.IfMatch = new(quote(s.BaseVersion))
	}
	body := api.NewVersion{Sha256: s.SHA256, Size: s.Size, Stage: api.NewVersionStage(s.Stage)}
	resp, err := c.api.AddVersion(ctx, s.DocumentID, params, body)
	r, err := decode[Receipt](resp, err, http.StatusAccepted)
	if err != nil {
		return Receipt{}, fmt.Errorf("commit %s: %w", s.DocumentID, err)
	}
	if r.SHA256 != s.SHA256 {
		return Receipt{}, fmt.Errorf("commit %s: %w: %s instead of %s", s.DocumentID, ErrDigest, r.SHA256, s.SHA256)
	}
	return r, nil
}

// store uploads a blob once.
func (c *Client) store(ctx context.Context, s Submission) error {
	resp, err := c.api.HasBlob(ctx, s.SHA256)
	if err := expect(resp, err, http.StatusOK); err == nil {
		s.sent(s.Size)
		return nil
	} else if p := (*Problem)(nil); !errors.As(err, &p) || p.Status != http.StatusNotFound {
		return err
	}
	if c.resumes(ctx, s.Size) {
		return c.storeResumably(ctx, s)
	}
	body, err := s.Open()
	if err != nil {
		return fmt.Errorf("open the file: %w", err)
	}
	defer func() { _ = body.Close() }()
	resp, err = c.api.PutBlobWithBody(ctx, s.SHA256, pdfType, Counted(body, s.sent), func(_ context.Context, req *http.Request) error {
		req.ContentLength = s.Size
		req.GetBody = func() (io.ReadCloser, error) {
			again, err := s.Open()
			return Counted(again, s.sent), err
		}
		return nil
	})
	return expect(resp, err, http.StatusOK, http.StatusCreated)
}

// storeResumably uploads a blob by tus. The protocol has no checksum that servers
// agree on, so the server's word that it has the blob under its hash decides; an
// upload of other bytes is begun anew.
func (c *Client) storeResumably(ctx context.Context, s Submission) error {
	if err := c.transfer(ctx, s); err != nil {
		return err
	}
	resp, err := c.api.HasBlob(ctx, s.SHA256)
	err = expect(resp, err, http.StatusOK)
	if p := (*Problem)(nil); errors.As(err, &p) && p.Status == http.StatusNotFound {
		if err := s.forget(); err != nil {
			return err
		}
		return fmt.Errorf("%w: it has no blob %s after the upload", ErrDigest, s.SHA256)
	}
	return err
}

// forget remembers that there is no upload to go on with.
func (s Submission) forget() error {
	if s.Remember == nil {
		return nil
	}
	return s.Remember("")
}

// Counted gives r with told called after each read, with the bytes read so far.
func Counted(r io.ReadCloser, told func(sent int64)) io.ReadCloser {
	return &counted{ReadCloser: r, told: told}
}

// counted counts what is read.
type counted struct {
	io.ReadCloser

	n    int64
	told func(int64)
}

// Read counts what it gives.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if n > 0 {
		c.n += int64(n)
		c.told(c.n)
	}
	return n, err //nolint:wrapcheck // io.EOF must stay io.EOF
}

// Check asks who the server is and whether the log-in still holds.
func (c *Client) Check(ctx context.Context) (Checkup, error) {
	k := Checkup{Verifies: true}
	err := k.Try("reach", func() error {
		d, err := c.Describe(ctx)
		k.System = d.Interface
		return err
	})
	if err != nil {
		return k, err
	}
	return k, k.Try("login", func() error {
		_, err := c.Whoami(ctx)
		return err
	})
}

// Status asks for the server's verification of a version.
func (c *Client) Status(ctx context.Context, version string) (VersionStatus, error) {
	resp, err := c.api.GetVersion(ctx, version)
	s, err := decode[VersionStatus](resp, err, http.StatusOK)
	if err != nil {
		return VersionStatus{}, fmt.Errorf("ask for version %s: %w", version, err)
	}
	return s, nil
}

// NewDocument is a document to register.
type NewDocument = api.NewDocument

// Create registers a document; key makes it idempotent.
func (c *Client) Create(ctx context.Context, key string, d NewDocument) (Document, error) {
	resp, err := c.api.CreateDocument(ctx, &api.CreateDocumentParams{IdempotencyKey: key}, d)
	got, err := decode[Document](resp, err, http.StatusCreated)
	if err != nil {
		return Document{}, fmt.Errorf("register a document: %w", err)
	}
	return got, nil
}

// Document asks for one document.
func (c *Client) Document(ctx context.Context, id string) (Document, error) {
	resp, err := c.api.GetDocument(ctx, id)
	d, err := decode[Document](resp, err, http.StatusOK)
	if err != nil {
		return Document{}, fmt.Errorf("ask for document %s: %w", id, err)
	}
	return d, nil
}

// Waiting lists documents that wait for a signature of the person who is logged in, newest first.
func (c *Client) Waiting(ctx context.Context) ([]Document, error) {
	docs, err := c.list(ctx, api.ListDocumentsParams{Waiting: new(api.ListDocumentsParamsWaiting("me"))})
	if err != nil {
		return nil, fmt.Errorf("ask what waits: %w", err)
	}
	return docs, nil
}

// Unsigned lists the unit's documents of the period that miss the approval, newest first.
func (c *Client) Unsigned(ctx context.Context, unit, period string) ([]Document, error) {
	docs, err := c.list(ctx, api.ListDocumentsParams{
		Unit: &unit, Period: &period, Missing: new(api.ListDocumentsParamsMissing("approval")),
	})
	if err != nil {
		return nil, fmt.Errorf("ask for the unsigned documents of %s: %w", unit, err)
	}
	return docs, nil
}

// list follows the cursor to the end.
func (c *Client) list(ctx context.Context, params api.ListDocumentsParams) ([]Document, error) {
	type page struct {
		Items []Document `json:"items"`
		Next  string     `json:"next"`
	}
	var docs []Document
	for {
		resp, err := c.api.ListDocuments(ctx, &params)
		p, err := decode[page](resp, err, http.StatusOK)
		if err != nil {
			return nil, err
		}
		docs = append(docs, p.Items...)
		if p.Next == "" {
			return docs, nil
		}
		params.Cursor = &p.Next
	}
}

// Step takes a step of a document's way ("submit", "return", "number", "issue",
// "revoke"), or corrects what is said of it ("change"), with the body that the contract has for it; key makes it idempotent.
func (c *Client) Step(ctx context.Context, id, step, key string, body any) (Document, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return Document{}, fmt.Errorf("%s document %s: %w", step, id, err)
	}
	const media = "application/json"
	var resp *http.Response
	switch in := bytes.NewReader(raw); step {
	case "submit":
		resp, err = c.api.SubmitDocumentWithBody(ctx, id, &api.SubmitDocumentParams{IdempotencyKey: key}, media, in)
	case "return":
		resp, err = c.api.ReturnDocumentWithBody(ctx, id, &api.ReturnDocumentParams{IdempotencyKey: key}, media, in)
	case "number":
		resp, err = c.api.NumberDocumentWithBody(ctx, id, &api.NumberDocumentParams{IdempotencyKey: key}, media, in)
	case "issue":
		resp, err = c.api.IssueDocumentWithBody(ctx, id, &api.IssueDocumentParams{IdempotencyKey: key}, media, in)
	case "change":
		resp, err = c.api.ChangeDocumentWithBody(ctx, id, &api.ChangeDocumentParams{IdempotencyKey: key}, media, in)
	case "revoke":
		resp, err = c.api.RevokeDocumentWithBody(ctx, id, &api.RevokeDocumentParams{IdempotencyKey: key}, media, in)
	default:
		return Document{}, fmt.Errorf("%s document %s: no such step", step, id)
	}
	d, err := decode[Document](resp, err, http.StatusOK)
	if err != nil {
		return Document{}, fmt.Errorf("%s document %s: %w", step, id, err)
	}
	return d, nil
}

// Unit is a unit as it is on a day.
type Unit = api.Unit

// Units lists the units of today, parents first.
func (c *Client) Units(ctx context.Context) ([]Unit, error) {
	resp, err := c.api.ListUnits(ctx, &api.ListUnitsParams{})
	list, err := decode[api.UnitList](resp, err, http.StatusOK)
	if err != nil {
		return nil, fmt.Errorf("ask for the units: %w", err)
	}
	return list.Units, nil
}

// Content opens the file of a version; the caller closes it.
func (c *Client) Content(ctx context.Context, version string) (io.ReadCloser, error) {
	resp, err := c.api.GetContent(ctx, version)
	resp, err = do(resp, err, http.StatusOK)
	if err != nil {
		return nil, fmt.Errorf("fetch version %s: %w", version, err)
	}
	return resp.Body, nil
}

// Board gives the rate of a unit, of those below it, and of its months.
func (c *Client) Board(ctx context.Context, unit, period string) (BoardPage, error) {
	resp, err := c.api.GetBoard(ctx, &api.GetBoardParams{Unit: unit, Period: period})
	b, err := decode[BoardPage](resp, err, http.StatusOK)
	if err != nil {
		return BoardPage{}, fmt.Errorf("ask for the board of %s: %w", unit, err)
	}
	return b, nil
}

// quote makes a strong entity tag of a version's name (RFC 9110, 8.8.3).
func quote(version string) string { return `"` + version + `"` }
