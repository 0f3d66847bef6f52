package conform

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"kyso/app/docsys"
)

// Server is a server that says that it keeps the contract.
type Server struct {
	// Base is its address without "/v1".
	Base string
	// Token is a bearer token of an account that may register documents of Unit and
	// add versions: a clerk or a signer of a system for tests. Documents are made.
	Token, Unit string
	Client      *http.Client
}

// subject is what the documents of the suite are called.
const subject = "Kiểm tra sự phù hợp của hệ thống (tự động)"

// Submissions is the server as a System: each submission is the first version of
// a document that is registered for it.
func (s Server) Submissions() System {
	c := docsys.NewClient(s.Base, s.Token, s.Client)
	return System{
		Connector: c,
		Next: func(ctx context.Context) (docsys.Submission, error) {
			d, err := c.Create(ctx, key(), s.document())
			if err != nil {
				return docsys.Submission{}, fmt.Errorf("register a document: %w", err)
			}
			return Submission(d.ID, "", "draft", key(), paper()), nil
		},
		Held: func(ctx context.Context, sub docsys.Submission) ([][]byte, error) { return held(ctx, c, sub) },
	}
}

func (s Server) document() docsys.NewDocument {
	return docsys.NewDocument{Unit: s.Unit, Type: "Công văn", Subject: subject, Secrecy: "none"}
}

// held reads the document's newest version.
func held(ctx context.Context, c *docsys.Client, sub docsys.Submission) ([][]byte, error) {
	d, err := c.Document(ctx, sub.DocumentID)
	if err != nil || d.Version == "" {
		return nil, err
	}
	r, err := c.Content(ctx, d.Version)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read version %s: %w", d.Version, err)
	}
	return [][]byte{b}, nil
}

// key makes an idempotency key.
func key() string { return "conform-" + rand.Text() }

// paper makes a small PDF that no other is like.
func paper() []byte {
	return fmt.Appendf(nil, "%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"+
		"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n%% %s\ntrailer<</Root 1 0 R>>\n%%%%EOF\n", rand.Text())
}

// Contract gives the cases that a server of the contract must keep besides those
// of Delivery.
func Contract(s Server) []Case {
	return []Case{
		{"the capabilities are public and name the interface", "thông tin khả năng là công khai và nêu tên giao diện", s.capabilities},
		{"nothing else is answered without a log-in", "ngoài ra không trả lời khi chưa đăng nhập", s.loggedOut},
		{"a refusal is a problem of RFC 9457 with a title and retryable", "lời từ chối theo RFC 9457, có tiêu đề và retryable", s.problems},
		{"bytes with another hash are refused and not kept", "tệp khác mã băm bị từ chối và không được giữ", s.mismatch},
		{"the same bytes can be put again", "gửi lại cùng một tệp vẫn được", s.putAgain},
		{"a document needs an Idempotency-Key", "đăng ký văn bản phải có Idempotency-Key", s.keyNeeded},
		{"the same key and request give the same document", "cùng khóa, cùng yêu cầu thì cùng một văn bản", s.sameDocument},
		{"the same key with another request is refused", "cùng khóa mà khác yêu cầu thì bị từ chối", s.otherRequest},
		{"a number is given once in a unit and year", "một số, ký hiệu chỉ dùng một lần", s.numberTaken},
		{"a secret document is refused", "văn bản mật bị từ chối", s.secret},
		{"a version needs its bytes first", "phải có tệp trước khi thêm phiên bản", s.blobFirst},
		{"a doubled commit makes one version", "xác nhận hai lần cùng lúc chỉ sinh một phiên bản", s.doubled},
		{"a later version names the one that it extends", "phiên bản sau phải nêu phiên bản được nối tiếp", s.lostUpdate},
		{"a signed version keeps every byte of the one before", "phiên bản đã ký giữ nguyên mọi byte của bản trước", s.prefix},
		{"the content comes with its digest and in ranges", "nội dung trả về kèm mã băm và theo từng đoạn", s.content},
		{"what nobody knows is 404, and nonsense is 400", "không có thì 404, sai dạng thì 400", s.unknown},
	}
}

// call is one request.
type call struct {
	method, path string
	body         any // []byte as they are, nil for none, else JSON
	header       map[string]string
	anonymous    bool
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// member gives a text member of a JSON object.
func (a answer) member(name string) string {
	var v map[string]any
	if json.Unmarshal(a.body, &v) != nil {
		return ""
	}
	text, _ := v[name].(string)
	return text
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 16 << 20

// ask makes a request.
func (s Server) ask(ctx context.Context, c call) (answer, error) {
	var body []byte
	media := "application/json"
	switch b := c.body.(type) {
	case nil:
	case []byte:
		body, media = b, "application/pdf"
	default:
		var err error
		if body, err = json.Marshal(b); err != nil {
			return answer{}, fmt.Errorf("write the request: %w", err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, c.method, strings.TrimRight(s.Base, "/")+"/v1"+c.path, bytes.NewReader(body))
	if err != nil {
		return answer{}, fmt.Errorf("write the request: %w", err)
	}
	if c.body != nil {
		req.Header.Set("Content-Type", media)
	}
	if !c.anonymous {
		req.Header.Set("Authorization", "Bearer "+s.Token)
	}
	for k, v := range c.header {
		req.Header.Set(k, v)
	}
	resp, err := s.Client.Do(req)
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", c.method, c.path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", c.method, c.path, err)
	}
	return answer{resp.StatusCode, resp.Header, raw}, nil
}

// wants makes a request whose status must be one of some.
func (s Server) wants(ctx context.Context, c call, want ...int) (answer, error) {
	a, err := s.ask(ctx, c)
	if err != nil {
		return a, err
	}
	if slices.Contains(want, a.status) {
		return a, nil
	}
	return a, broken("%s %s gave %d instead of %v: %.200s", c.method, c.path, a.status, want, a.body)
}

// register makes a document and gives its id.
func (s Server) register(ctx context.Context) (string, error) {
	a, err := s.wants(ctx, s.creation(key(), s.document()), http.StatusCreated)
	if err != nil {
		return "", err
	}
	return a.member("id"), nil
}

func (s Server) creation(key string, d docsys.NewDocument) call {
	return call{method: http.MethodPost, path: "/documents", body: d, header: map[string]string{"Idempotency-Key": key}}
}

// put stores bytes and gives their hash.
func (s Server) put(ctx context.Context, file []byte, want ...int) (string, error) {
	sum := sha256.Sum256(file)
	sha := hex.EncodeToString(sum[:])
	_, err := s.wants(ctx, call{method: http.MethodPut, path: "/blobs/" + sha, body: file}, want...)
	return sha, err
}

// commit makes the call that adds a version.
func commit(document, base, sha, key string, size int) call {
	c := call{
		method: http.MethodPost, path: "/documents/" + document + "/versions", header: map[string]string{"Idempotency-Key": key},
		body: map[string]any{"sha256": sha, "size": size, "stage": "draft"},
	}
	if base != "" {
		c.header["If-Match"] = `"` + base + `"`
	}
	return c
}

// draft is a document with a first version.
type draft struct {
	id, version string
	file        []byte
}

// first registers a document with a first version.
func (s Server) first(ctx context.Context) (d draft, err error) {
	if d.id, err = s.register(ctx); err != nil {
		return d, err
	}
	d.file = paper()
	sha, err := s.put(ctx, d.file, http.StatusCreated, http.StatusOK)
	if err != nil {
		return d, err
	}
	a, err := s.wants(ctx, commit(d.id, "", sha, key(), len(d.file)), http.StatusAccepted)
	d.version = a.member("version")
	return d, err
}

func (s Server) capabilities(ctx context.Context) error {
	a, err := s.wants(ctx, call{method: http.MethodGet, path: "/capabilities", anonymous: true}, http.StatusOK)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(a.member("interface"), "vn-sign-exchange/1") {
		return broken("the interface is %q", a.member("interface"))
	}
	return nil
}

func (s Server) loggedOut(ctx context.Context) error {
	for _, c := range []call{
		{method: http.MethodGet, path: "/documents"},
		{method: http.MethodPost, path: "/documents", body: s.document(), header: map[string]string{"Idempotency-Key": key()}},
		{method: http.MethodPut, path: "/blobs/" + strings.Repeat("0", 2*sha256.Size), body: paper()},
	} {
		c.anonymous = true
		if _, err := s.wants(ctx, c, http.StatusUnauthorized); err != nil {
			return err
		}
	}
	return nil
}

func (s Server) problems(ctx context.Context) error {
	a, err := s.wants(ctx, call{method: http.MethodGet, path: "/documents/conform-nothing"}, http.StatusNotFound)
	if err != nil {
		return err
	}
	var p struct {
		Title     string `json:"title"`
		Status    int    `json:"status"`
		Retryable *bool  `json:"retryable"`
	}
	if media := a.header.Get("Content-Type"); !strings.HasPrefix(media, "application/problem+json") {
		return broken("the media type is %q", media)
	}
	if json.Unmarshal(a.body, &p) != nil || p.Title == "" || p.Status != a.status || p.Retryable == nil {
		return broken("the problem is %s", a.body)
	}
	return nil
}

func (s Server) mismatch(ctx context.Context) error {
	sum := sha256.Sum256(paper())
	path := "/blobs/" + hex.EncodeToString(sum[:])
	if _, err := s.wants(ctx, call{method: http.MethodPut, path: path, body: paper()}, http.StatusUnprocessableEntity); err != nil {
		return err
	}
	_, err := s.wants(ctx, call{method: http.MethodHead, path: path}, http.StatusNotFound)
	return err
}

func (s Server) putAgain(ctx context.Context) error {
	file := paper()
	if _, err := s.put(ctx, file, http.StatusCreated); err != nil {
		return err
	}
	sha, err := s.put(ctx, file, http.StatusOK)
	if err != nil {
		return err
	}
	_, err = s.wants(ctx, call{method: http.MethodHead, path: "/blobs/" + sha}, http.StatusOK)
	return err
}

func (s Server) keyNeeded(ctx context.Context) error {
	_, err := s.wants(ctx, call{method: http.MethodPost, path: "/documents", body: s.document()}, http.StatusBadRequest)
	return err
}

func (s Server) sameDocument(ctx context.Context) error {
	k := key()
	a, err := s.wants(ctx, s.creation(k, s.document()), http.StatusCreated)
	if err != nil {
		return err
	}
	b, err := s.wants(ctx, s.creation(k, s.document()), http.StatusCreated)
	if err != nil {
		return err
	}
	if a.member("id") == "" || a.member("id") != b.member("id") {
		return broken("the documents are %q and %q", a.member("id"), b.member("id"))
	}
	return nil
}

func (s Server) otherRequest(ctx context.Context) error {
	k, other := key(), s.document()
	other.Subject += " khác"
	if _, err := s.wants(ctx, s.creation(k, s.document()), http.StatusCreated); err != nil {
		return err
	}
	_, err := s.wants(ctx, s.creation(k, other), http.StatusUnprocessableEntity)
	return err
}

func (s Server) numberTaken(ctx context.Context) error {
	d := s.document()
	d.Number, d.Notation, d.IssuedOn = new("9"+digits()), new("KT-CONFORM"), new("2026-01-05")
	if _, err := s.wants(ctx, s.creation(key(), d), http.StatusCreated); err != nil {
		return err
	}
	_, err := s.wants(ctx, s.creation(key(), d), http.StatusConflict)
	return err
}

// digits makes a number that was hardly given before.
func digits() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return fmt.Sprintf("%010d", uint32(b[0])<<24|uint32(b[1])<<16|uint32(b[2])<<8|uint32(b[3]))
}

func (s Server) secret(ctx context.Context) error {
	for _, mark := range []string{"mat", "toi_mat", "tuyet_mat"} {
		d := map[string]any{"unit": s.Unit, "type": "Công văn", "subject": subject, "secrecy": mark}
		c := call{method: http.MethodPost, path: "/documents", body: d, header: map[string]string{"Idempotency-Key": key()}}
		if _, err := s.wants(ctx, c, http.StatusUnprocessableEntity); err != nil {
			return err
		}
	}
	return nil
}

func (s Server) blobFirst(ctx context.Context) error {
	document, err := s.register(ctx)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(paper())
	_, err = s.wants(ctx, commit(document, "", hex.EncodeToString(sum[:]), key(), 1), http.StatusUnprocessableEntity)
	return err
}

// doubled sends one commit several times at once, as a line does that repeats.
func (s Server) doubled(ctx context.Context) error {
	document, err := s.register(ctx)
	if err != nil {
		return err
	}
	file := paper()
	sha, err := s.put(ctx, file, http.StatusCreated, http.StatusOK)
	if err != nil {
		return err
	}
	const times = 4
	c := commit(document, "", sha, key(), len(file))
	var wg sync.WaitGroup
	var answers [times]answer
	var errs [times]error
	for n := range times {
		wg.Go(func() { answers[n], errs[n] = s.ask(ctx, c) })
	}
	wg.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	last, err := s.wants(ctx, c, http.StatusAccepted)
	if err != nil {
		return err
	}
	for _, a := range answers {
		if a.status == http.StatusConflict { // "in progress": asked again later
			continue
		}
		if a.status != http.StatusAccepted || a.member("version") != last.member("version") {
			return broken("one of the doubled commits gave %d: %.200s", a.status, a.body)
		}
	}
	return nil
}

func (s Server) lostUpdate(ctx context.Context) error {
	d, err := s.first(ctx)
	if err != nil {
		return err
	}
	later := append(bytes.Clone(d.file), "\n% later\n"...)
	sha, err := s.put(ctx, later, http.StatusCreated, http.StatusOK)
	if err != nil {
		return err
	}
	if _, err := s.wants(ctx, commit(d.id, "", sha, key(), len(later)), http.StatusPreconditionRequired); err != nil {
		return err
	}
	if _, err := s.wants(ctx, commit(d.id, "conform-nothing", sha, key(), len(later)), http.StatusPreconditionFailed); err != nil {
		return err
	}
	_, err = s.wants(ctx, commit(d.id, d.version, sha, key(), len(later)), http.StatusAccepted)
	return err
}

func (s Server) prefix(ctx context.Context) error {
	d, err := s.first(ctx)
	if err != nil {
		return err
	}
	other := append(paper(), "\n% another file\n"...)
	sha, err := s.put(ctx, other, http.StatusCreated, http.StatusOK)
	if err != nil {
		return err
	}
	submit := call{
		method: http.MethodPost, path: "/documents/" + d.id + "/submit", body: map[string]any{}, header: map[string]string{"Idempotency-Key": key()},
	}
	if _, err := s.wants(ctx, submit, http.StatusOK); err != nil {
		return err
	}
	c := commit(d.id, d.version, sha, key(), len(other))
	c.body = map[string]any{"sha256": sha, "size": len(other), "stage": "signed"} // a draft may be replaced, a signed file extends it
	_, err = s.wants(ctx, c, http.StatusUnprocessableEntity)
	return err
}

func (s Server) content(ctx context.Context) error {
	d, err := s.first(ctx)
	if err != nil {
		return err
	}
	c := call{method: http.MethodGet, path: "/versions/" + d.version + "/content"}
	a, err := s.wants(ctx, c, http.StatusOK)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(d.file)
	if want := "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"; a.header.Get("Repr-Digest") != want {
		return broken("the digest is %q instead of %q", a.header.Get("Repr-Digest"), want)
	}
	if !bytes.Equal(a.body, d.file) {
		return broken("other bytes came back")
	}
	c.header = map[string]string{"Range": "bytes=5-8"}
	if a, err = s.wants(ctx, c, http.StatusPartialContent); err != nil {
		return err
	}
	if !bytes.Equal(a.body, d.file[5:9]) {
		return broken("the range 5-8 is %q", a.body)
	}
	return nil
}

func (s Server) unknown(ctx context.Context) error {
	for _, path := range []string{"/documents/conform-nothing", "/versions/conform-nothing", "/versions/conform-nothing/content"} {
		if _, err := s.wants(ctx, call{method: http.MethodGet, path: path}, http.StatusNotFound); err != nil {
			return err
		}
	}
	c := call{method: http.MethodPost, path: "/documents", body: "nonsense", header: map[string]string{"Idempotency-Key": key()}}
	_, err := s.wants(ctx, c, http.StatusBadRequest)
	return err
}
