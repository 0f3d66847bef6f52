package refserver_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/api"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
)

// tusCall makes a request of the protocol; header holds pairs, and a pair with an
// empty value takes the header away.
func tusCall(t *testing.T, login, method, url string, body []byte, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+site.Token(login))
	req.Header.Set("Tus-Resumable", "1.0.0")
	if len(body) > 0 || method == http.MethodPatch {
		req.Header.Set("Content-Type", "application/offset+octet-stream")
	}
	for n := 0; n < len(header); n += 2 {
		req.Header.Set(header[n], header[n+1])
		if header[n+1] == "" {
			req.Header.Del(header[n])
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := resp.Header.Get("Tus-Resumable"); got != "1.0.0" {
		t.Errorf("%s %s: Tus-Resumable %q", method, url, got)
	}
	var p api.Problem
	_ = json.Unmarshal(raw, &p) // "" when it is none
	return resp, strings.TrimPrefix(p.Type, "/problems/")
}

func hashed(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func metadata(b []byte) string {
	return "filename " + base64.StdEncoding.EncodeToString([]byte("văn bản.pdf")) + ",sha256 " + base64.StdEncoding.EncodeToString([]byte(hashed(b)))
}

// random gives a file that no other test has.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// begun begins the clerk's upload of a file and gives its address.
func begun(t *testing.T, s *site.Site, file []byte) string {
	t.Helper()
	resp, kind := tusCall(t, site.Clerk, http.MethodPost, s.URL+"/v1/uploads/", nil, "Upload-Length", strconv.Itoa(len(file)), "Upload-Metadata", metadata(file))
	if resp.StatusCode != http.StatusCreated {
		t.Fatalf("begin an upload: %d %s", resp.StatusCode, kind)
	}
	return s.URL + resp.Header.Get("Location")
}

// patched sends bytes and wants an answer.
func patched(t *testing.T, at string, offset int, b []byte, status int, kind string, header ...string) {
	t.Helper()
	resp, got := tusCall(t, site.Clerk, http.MethodPatch, at, b, append([]string{"Upload-Offset", strconv.Itoa(offset)}, header...)...)
	if resp.StatusCode != status || got != kind {
		t.Fatalf("PATCH of %d bytes at %d: %d %q, want %d %q", len(b), offset, resp.StatusCode, got, status, kind)
	}
	if want := strconv.Itoa(offset + len(b)); status == http.StatusNoContent && resp.Header.Get("Upload-Offset") != want {
		t.Fatalf("offset %s, want %s", resp.Header.Get("Upload-Offset"), want)
	}
}

// offsetOf asks how far an upload is; -1 when it is not there.
func offsetOf(t *testing.T, at string) int {
	t.Helper()
	resp, _ := tusCall(t, site.Clerk, http.MethodHead, at, nil)
	if resp.StatusCode == http.StatusNotFound {
		return -1
	}
	n, err := strconv.Atoi(resp.Header.Get("Upload-Offset"))
	if err != nil || resp.StatusCode != http.StatusOK || resp.Header.Get("Upload-Expires") == "" || resp.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("HEAD: %d %v", resp.StatusCode, resp.Header)
	}
	return n
}

// stored reports whether the caller's unit has a blob.
func stored(t *testing.T, s *site.Site, login string, file []byte) bool {
	t.Helper()
	resp, err := http.DefaultClient.Do(authorized(t, login, http.MethodHead, s.URL+"/v1/blobs/"+hashed(file)))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func authorized(t *testing.T, login, method, url string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+site.Token(login))
	return req
}

// pieces counts the files of uploads.
func pieces(t *testing.T, dir string) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "uploads", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

func sound(t *testing.T, s *site.Site) {
	t.Helper()
	if f, err := s.Server.Check(t.Context()); err != nil || len(f.Wrong) > 0 {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestAnUploadInPieces(t *testing.T) {
	dir := t.TempDir()
	s := site.Start(t, dir, site.NewClock(), site.Options{NoYear: true})
	file := random(9<<20 + 5) // more than two of the server's own pieces
	at := begun(t, s, file)
	if got := offsetOf(t, at); got != 0 {
		t.Fatalf("a new upload stands at %d", got)
	}
	patched(t, at, 0, file[:1], http.StatusNoContent, "")
	patched(t, at, 1, nil, http.StatusNoContent, "")
	patched(t, at, 1, file[1:6<<20], http.StatusNoContent, "")
	sound(t, s)
	if got := offsetOf(t, at); got != 6<<20 || stored(t, s, site.Clerk, file) {
		t.Fatalf("it stands at %d", got)
	}
	patched(t, at, 0, file[:3], http.StatusConflict, "wrong-offset")
	patched(t, at, 6<<20, file[6<<20:], http.StatusNoContent, "")
	patched(t, at, len(file), nil, http.StatusNoContent, "")
	if got := offsetOf(t, at); got != len(file) || !stored(t, s, site.Clerk, file) || stored(t, s, site.Outsider, file) || pieces(t, dir) != 0 {
		t.Errorf("it stands at %d, stored %v, for another unit %v, %d pieces left", got, stored(t, s, site.Clerk, file), stored(t, s, site.Outsider, file), pieces(t, dir))
	}
	sound(t, s)
}

func TestOneRequestMayBringAWholeFile(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true})
	for _, size := range []int{0, 1, 4 << 20, 4<<20 + 1} {
		file := random(size)
		resp, kind := tusCall(t, site.Clerk, http.MethodPost, s.URL+"/v1/uploads/", file, "Upload-Length", strconv.Itoa(size), "Upload-Metadata", metadata(file))
		if resp.StatusCode != http.StatusCreated || resp.Header.Get("Upload-Offset") != strconv.Itoa(size) || !stored(t, s, site.Clerk, file) {
			t.Errorf("%d bytes: %d %s, %v", size, resp.StatusCode, kind, resp.Header)
		}
	}
	for range 33 { // one that is refused does not stay open
		file := random(10)
		resp, kind := tusCall(t, site.Clerk, http.MethodPost, s.URL+"/v1/uploads/", file, "Upload-Length", "11", "Upload-Metadata", metadata(file), "Upload-Checksum", "sha1 YQ==")
		if resp.StatusCode != 460 || kind != "checksum-mismatch" {
			t.Fatalf("%d %s", resp.StatusCode, kind)
		}
	}
	resp, _ := tusCall(t, site.Clerk, http.MethodOptions, s.URL+"/v1/uploads/", nil, "Tus-Resumable", "", "Authorization", "")
	if h := resp.Header; resp.StatusCode != http.StatusNoContent || h.Get("Tus-Version") != "1.0.0" || h.Get("Tus-Max-Size") == "" ||
		h.Get("Tus-Extension") != "creation,creation-with-upload,termination,expiration,checksum" {
		t.Errorf("OPTIONS: %d %v", resp.StatusCode, h)
	}
}

func TestUploadsThatAreRefused(t *testing.T) {
	dir := t.TempDir()
	s := site.Start(t, dir, site.NewClock(), site.Options{NoYear: true})
	file := random(1000)
	length, meta := []string{"Upload-Length", "1000"}, []string{"Upload-Metadata", metadata(file)}
	for name, c := range map[string]struct {
		header []string
		status int
		kind   string
	}{
		"no version":               {append([]string{"Tus-Resumable", ""}, append(length, meta...)...), http.StatusPreconditionFailed, "tus-version"},
		"another version":          {append([]string{"Tus-Resumable", "0.2.2"}, append(length, meta...)...), http.StatusPreconditionFailed, "tus-version"},
		"no length":                {meta, http.StatusBadRequest, "bad-request"},
		"a length that is none":    {append([]string{"Upload-Length", "-1"}, meta...), http.StatusBadRequest, "bad-request"},
		"a length that is a word":  {append([]string{"Upload-Length", "x"}, meta...), http.StatusBadRequest, "bad-request"},
		"a file that is too large": {append([]string{"Upload-Length", "99999999999"}, meta...), http.StatusRequestEntityTooLarge, "too-large"},
		"no metadata":              {length, http.StatusBadRequest, "bad-request"},
		"no hash":                  {append([]string{"Upload-Metadata", "filename YQ=="}, length...), http.StatusBadRequest, "bad-metadata"},
		"a hash that is none":      {append([]string{"Upload-Metadata", "sha256 YQ=="}, length...), http.StatusBadRequest, "bad-metadata"},
		"metadata of no form":      {append([]string{"Upload-Metadata", "sha256 §"}, length...), http.StatusBadRequest, "bad-metadata"},
		"metadata without an end":  {append([]string{"Upload-Metadata", metadata(file) + ",x " + strings.Repeat("YQ==", 1)[:2] + strings.Repeat("a", 4000)}, length...), http.StatusBadRequest, "bad-metadata"},
	} {
		if resp, kind := tusCall(t, site.Clerk, http.MethodPost, s.URL+"/v1/uploads/", nil, c.header...); resp.StatusCode != c.status || kind != c.kind {
			t.Errorf("%s: %d %q, want %d %q", name, resp.StatusCode, kind, c.status, c.kind)
		}
	}
	at := begun(t, s, file)
	sum, weak := sha256.Sum256(file[:10]), sha1.Sum(file[:10])
	right, wrong := "sha256 "+base64.StdEncoding.EncodeToString(sum[:]), "sha1 "+base64.StdEncoding.EncodeToString(weak[:])
	patched(t, at, 0, file, http.StatusUnsupportedMediaType, "bad-request", "Content-Type", "application/pdf")
	patched(t, at, 0, append(file, 0), http.StatusRequestEntityTooLarge, "too-large")
	patched(t, at, 0, file[:10], http.StatusBadRequest, "bad-request", "Upload-Checksum", "md5 YQ==")
	patched(t, at, 0, file[:11], 460, "checksum-mismatch", "Upload-Checksum", wrong)
	patched(t, at, 0, file[:11], 460, "checksum-mismatch", "Upload-Checksum", right)
	if got := offsetOf(t, at); got != 0 || pieces(t, dir) != 0 {
		t.Errorf("after refusals it stands at %d with %d pieces", got, pieces(t, dir))
	}
	patched(t, at, 0, file[:10], http.StatusNoContent, "", "Upload-Checksum", right)
	// A body without a length that is too long is found out at its end.
	req := authorized(t, site.Clerk, http.MethodPatch, at)
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(append(file[10:], 0))), -1
	for k, v := range map[string]string{"Tus-Resumable": "1.0.0", "Upload-Offset": "10", "Content-Type": "application/offset+octet-stream"} {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusRequestEntityTooLarge || offsetOf(t, at) != 10 {
		t.Errorf("an endless body: %d, and it stands at %d", resp.StatusCode, offsetOf(t, at))
	}
	sound(t, s)
}

func TestOtherBytesThanAnnouncedLeaveNothing(t *testing.T) {
	dir := t.TempDir()
	s := site.Start(t, dir, site.NewClock(), site.Options{NoYear: true})
	file, other := random(5<<20), random(5<<20)
	at := begun(t, s, file)
	patched(t, at, 0, other[:100], http.StatusNoContent, "")
	patched(t, at, 100, file[100:], http.StatusUnprocessableEntity, "digest-mismatch")
	if got := offsetOf(t, at); got != -1 || stored(t, s, site.Clerk, file) || stored(t, s, site.Clerk, other) || pieces(t, dir) != 0 {
		t.Errorf("it stands at %d, %d pieces are left", got, pieces(t, dir))
	}
	t.Run("the client says so and begins anew", func(t *testing.T) {
		sub := submission(docsys.Document{ID: "x"}, "damage-0001", "draft", file)
		sub.Open = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(other)), nil }
		remembered := []string{}
		sub.Remember = func(at string) error { remembered = append(remembered, at); return nil }
		_, err := s.As(site.Clerk).Submit(t.Context(), sub)
		if !strings.Contains(fmt.Sprint(err), docsys.ErrDigest.Error()) || len(remembered) != 2 || remembered[0] == "" || remembered[1] != "" {
			t.Errorf("%v, remembered %q", err, remembered)
		}
	})
	sound(t, s)
}

func TestAnUploadIsItsAccountsAlone(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true})
	file := random(1000)
	at := begun(t, s, file)
	invented := s.URL + "/v1/uploads/ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for _, login := range []string{site.Chairman, site.Outsider} { // of the same unit, of another one
		for _, method := range []string{http.MethodHead, http.MethodPatch, http.MethodDelete} {
			var answers []string
			for _, url := range []string{at, invented} {
				resp, kind := tusCall(t, login, method, url, file, "Upload-Offset", "0")
				resp.Header.Del("X-Request-Id")
				resp.Header.Del("Date")
				answers = append(answers, fmt.Sprint(resp.StatusCode, kind, resp.Header))
			}
			if answers[0] != answers[1] || !strings.HasPrefix(answers[0], "404") {
				t.Errorf("%s as %s: %s, but of an invented one %s", method, login, answers[0], answers[1])
			}
		}
	}
	patched(t, at, 0, file, http.StatusNoContent, "")
}

func TestUploadsEnd(t *testing.T) {
	dir, clock := t.TempDir(), site.NewClock()
	s := site.Start(t, dir, clock, site.Options{NoYear: true})
	file := random(1000)
	given, left, kept := begun(t, s, file), begun(t, s, file), begun(t, s, file)
	for _, at := range []string{given, left, kept} {
		patched(t, at, 0, file[:500], http.StatusNoContent, "")
	}
	t.Run("given up", func(t *testing.T) {
		resp, _ := tusCall(t, site.Clerk, http.MethodPost, given, nil, "X-HTTP-Method-Override", "DELETE")
		if resp.StatusCode != http.StatusNoContent || offsetOf(t, given) != -1 || pieces(t, dir) != 2 {
			t.Errorf("%d, %d pieces", resp.StatusCode, pieces(t, dir))
		}
	})
	t.Run("expired", func(t *testing.T) {
		clock.Forward(23 * time.Hour)
		patched(t, kept, 500, file[500:600], http.StatusNoContent, "")
		clock.Forward(2 * time.Hour)
		if offsetOf(t, left) != -1 || offsetOf(t, kept) != 600 {
			t.Errorf("%d and %d", offsetOf(t, left), offsetOf(t, kept))
		}
		orphan := filepath.Join(dir, "uploads", "LEFTBYACRASH")
		if err := os.WriteFile(orphan, file, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(orphan, clock.Now().Add(-2*time.Hour), clock.Now().Add(-2*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if err := s.Server.SweepUploads(t.Context()); err != nil || pieces(t, dir) != 2 {
			t.Errorf("%d pieces, %v; want those of the one that goes on", pieces(t, dir), err)
		}
	})
	patched(t, kept, 600, file[600:], http.StatusNoContent, "")
	sound(t, s)
}

func TestAnAccountHasSoManyOpenUploads(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true})
	file := random(10)
	var last string
	for range 32 {
		last = begun(t, s, file)
	}
	begin := func(login string) (int, string) {
		resp, kind := tusCall(t, login, http.MethodPost, s.URL+"/v1/uploads/", nil, "Upload-Length", "10", "Upload-Metadata", metadata(file))
		return resp.StatusCode, kind
	}
	if status, kind := begin(site.Clerk); status != http.StatusTooManyRequests || kind != "too-many-uploads" {
		t.Errorf("one too many: %d %s", status, kind)
	}
	if status, kind := begin(site.Chairman); status != http.StatusCreated {
		t.Errorf("another account: %d %s", status, kind)
	}
	patched(t, last, 0, file, http.StatusNoContent, "")
	if status, kind := begin(site.Clerk); status != http.StatusCreated {
		t.Errorf("after one was finished: %d %s", status, kind)
	}
	huge := func() int {
		resp, _ := tusCall(t, site.Office, http.MethodPost, s.URL+"/v1/uploads/", nil, "Upload-Length", strconv.Itoa(512<<20), "Upload-Metadata", metadata(file))
		return resp.StatusCode
	}
	for range 8 {
		if got := huge(); got != http.StatusCreated {
			t.Fatalf("a large file: %d", got)
		}
	}
	if got := huge(); got != http.StatusTooManyRequests {
		t.Errorf("more bytes than an account may announce: %d", got)
	}
}

// halved sends a PATCH whose body ends in the middle, over a connection of its own.
func halved(t *testing.T, at string, announced int, b []byte) {
	t.Helper()
	req := authorized(t, site.Clerk, http.MethodPatch, at)
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", req.URL.Host)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(conn)
	_, _ = fmt.Fprintf(w, "PATCH %s HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: %d\r\n\r\n",
		req.URL.Path, req.Header.Get("Authorization"), announced)
	_, _ = w.Write(b)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

// Whoever asks on a new line need not wait until the server has noticed that the
// old one is dead.
func TestALineThatHangsIsGivenUp(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true})
	file := random(300_000)
	at := begun(t, s, file)
	body, feed := io.Pipe()
	req := authorized(t, site.Clerk, http.MethodPatch, at)
	req.Body, req.ContentLength = body, int64(len(file))
	for k, v := range map[string]string{"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"} {
		req.Header.Set(k, v)
	}
	ended := make(chan int, 1)
	go func() {
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			ended <- -1
			return
		}
		_ = resp.Body.Close()
		ended <- resp.StatusCode
	}()
	if _, err := feed.Write(file[:200_000]); err != nil {
		t.Fatal(err)
	}
	// What is still in the buffers of the line is lost, and sent again.
	offset := offsetOf(t, at)
	for offset == 0 { // the request has not begun
		offset = offsetOf(t, at)
	}
	patched(t, at, offset, file[offset:], http.StatusNoContent, "")
	_ = feed.CloseWithError(io.ErrUnexpectedEOF)
	if got := <-ended; got != http.StatusRequestTimeout && got != -1 || !stored(t, s, site.Clerk, file) {
		t.Errorf("the hanging request ended with %d, stored %v", got, stored(t, s, site.Clerk, file))
	}
}

func TestWhatArrivedBeforeACutIsKept(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true})
	file := random(6 << 20)
	at := begun(t, s, file)
	halved(t, at, len(file), file[:5<<20])
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		if offsetOf(t, at) == 5<<20 {
			break
		}
		<-tick.C
	}
	patched(t, at, 5<<20, file[5<<20:], http.StatusNoContent, "")
	if !stored(t, s, site.Clerk, file) {
		t.Error("not stored")
	}
}

// Several servers on one database take pieces of one upload, also at once: one
// wins, and the bytes are those of the file.
func TestSeveralServersTakeOneUpload(t *testing.T) {
	dir, clock := t.TempDir(), site.NewClock()
	first := site.Start(t, dir, clock, site.Options{NoYear: true})
	sites := []*site.Site{first, first}
	if url := site.Database(t, dir); url != "" { // SQLite has one server
		sites[1] = site.Start(t, dir, clock, site.Options{NoYear: true, Postgres: url})
	}
	file := random(3 << 20)
	path := strings.TrimPrefix(begun(t, first, file), first.URL)
	const step = 200_000
	for offset := 0; offset < len(file); {
		end := min(offset+step, len(file))
		var mu sync.Mutex
		won := 0
		var wg sync.WaitGroup
		for n := range 4 {
			wg.Go(func() {
				req := authorized(t, site.Clerk, http.MethodPatch, sites[n%2].URL+path)
				req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(file[offset:end])), int64(end-offset)
				for k, v := range map[string]string{"Tus-Resumable": "1.0.0", "Upload-Offset": strconv.Itoa(offset), "Content-Type": "application/offset+octet-stream"} {
					req.Header.Set(k, v)
				}
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				_ = resp.Body.Close()
				mu.Lock()
				defer mu.Unlock()
				switch resp.StatusCode {
				case http.StatusNoContent:
					won++
				case http.StatusConflict:
				default:
					t.Errorf("%d", resp.StatusCode)
				}
			})
		}
		wg.Wait()
		if won != 1 {
			t.Fatalf("%d of 4 won at %d", won, offset)
		}
		offset = end
	}
	if !stored(t, sites[1], site.Clerk, file) || pieces(t, dir) != 0 {
		t.Errorf("stored %v, %d pieces left", stored(t, sites[1], site.Clerk, file), pieces(t, dir))
	}
	sound(t, first)
}

func TestABackupLeavesOpenUploadsOut(t *testing.T) {
	dir, clock := t.TempDir(), site.NewClock()
	s := site.Start(t, dir, clock, site.Options{NoYear: true})
	file := random(1000)
	at := begun(t, s, file)
	patched(t, at, 0, file[:500], http.StatusNoContent, "")
	backup, data := t.TempDir(), t.TempDir()
	if f, err := s.Server.Backup(t.Context(), dir, backup); err != nil || len(f.Wrong) > 0 {
		t.Fatalf("%+v, %v", f, err)
	}
	patched(t, at, 500, file[500:], http.StatusNoContent, "") // the backup took nothing away
	cfg := refserver.Config{Data: data, Verifier: site.Marked, Clock: clock.Now}
	if f, err := refserver.Restore(t.Context(), backup, cfg); err != nil || len(f.Wrong) > 0 {
		t.Fatalf("%+v, %v", f, err)
	}
	again := site.Start(t, data, clock, site.Options{Postgres: site.SQLite, Keep: true, People: []refserver.Person{{Login: site.Clerk}}})
	if got := offsetOf(t, again.URL+strings.TrimPrefix(at, s.URL)); got != -1 {
		t.Errorf("it stands at %d in the restored data", got)
	}
}

// FuzzUploads sends any series of requests to uploads: no answer is the server's own
// failure, the offset never goes back, and what is stored has its hash.
func FuzzUploads(f *testing.F) {
	s := site.Start(f, f.TempDir(), site.NewClock(), site.Options{NoYear: true})
	h := s.Server.Handler()
	f.Add("sha256 "+base64.StdEncoding.EncodeToString([]byte(hashed([]byte("abc")))), "3", "0", "", []byte("abc"))
	f.Add(metadata([]byte("abcdef")), "6", "3", "sha1 YQ==", []byte("abcdef"))
	f.Add(",", "-0", "9223372036854775807", "sha256", []byte{})
	f.Fuzz(func(t *testing.T, meta, length, offset, checksum string, body []byte) {
		call := func(method, path string, body []byte) *http.Response {
			return uploadAsked(t.Context(), t, h, method, path, body, map[string]string{
				"Upload-Metadata": meta, "Upload-Length": length, "Upload-Offset": offset, "Upload-Checksum": checksum,
			})
		}
		begun := call(http.MethodPost, "/v1/uploads/", nil)
		if begun.StatusCode != http.StatusCreated {
			call(http.MethodPost, "/v1/uploads/", body)
			return
		}
		at := begun.Header.Get("Location")
		call(http.MethodPatch, at, body)
		call(http.MethodPatch, at, body)
		if got := call(http.MethodDelete, at, nil).StatusCode; got != http.StatusNoContent && got != http.StatusNotFound {
			t.Errorf("giving it up: %d", got)
		}
		if found, err := s.Server.Check(t.Context()); err != nil || len(found.Wrong) > 0 {
			t.Errorf("%+v, %v", found, err)
		}
	})
}

// uploadAsked gives the answer of a handler to a request of the protocol.
func uploadAsked(ctx context.Context, t *testing.T, h http.Handler, method, path string, body []byte, header map[string]string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, "http://server"+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+site.Token(site.Clerk))
	req.Header.Set("Tus-Resumable", "1.0.0")
	if len(body) > 0 || method == http.MethodPatch {
		req.Header.Set("Content-Type", "application/offset+octet-stream")
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	w := rec.Result()
	if w.StatusCode >= http.StatusInternalServerError {
		t.Errorf("%s %s %v: %d", method, path, header, w.StatusCode)
	}
	return w
}
