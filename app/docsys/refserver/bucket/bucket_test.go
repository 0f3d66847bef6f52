package bucket_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kyso/app/blob"
	"kyso/app/docsys"
	"kyso/app/docsys/conform"
	"kyso/app/docsys/refserver"
	"kyso/app/docsys/refserver/bucket"
	site "kyso/app/docsys/refserver/refservertest"
)

// gateway starts versitygw, an S3 server over a folder, and gives the settings
// of a bucket on it. `make s3` builds it.
func gateway(t *testing.T) (c bucket.Config, folder string) {
	t.Helper()
	program, err := filepath.Abs("../../../../.tools/versitygw")
	if _, missing := os.Stat(program); err != nil || missing != nil {
		if program, err = exec.LookPath("versitygw"); err != nil {
			t.Skip("versitygw is not there: make s3")
		}
	}
	var listen net.ListenConfig
	l, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	c = bucket.Config{Endpoint: address, Bucket: "kyso", Region: "us-east-1", AccessKey: rand.Text(), SecretKey: rand.Text(), Insecure: true}
	if err := os.Mkdir(filepath.Join(root, c.Bucket), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, "--port", address, "--quiet", "posix", "--sidecar", t.TempDir(), root)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY_ID="+c.AccessKey, "ROOT_SECRET_ACCESS_KEY="+c.SecretKey)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return c, filepath.Join(root, c.Bucket)
}

// open waits until the gateway answers.
func open(t *testing.T, c bucket.Config) *bucket.Store {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	var err error
	for range 200 {
		var s *bucket.Store
		if s, err = bucket.Open(t.Context(), c, t.TempDir(), http.DefaultTransport); err == nil {
			return s
		}
		<-tick.C
	}
	t.Fatal(err)
	return nil
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func TestABucketKeepsFiles(t *testing.T) {
	c, folder := gateway(t)
	s := open(t, c)
	file := bytes.Repeat([]byte("văn bản "), 100_000)
	for range 2 { // the second finds it
		if size, err := s.PutAs(t.Context(), bytes.NewReader(file), hashOf(file)); err != nil || size != int64(len(file)) {
			t.Fatalf("%d, %v", size, err)
		}
	}
	t.Run("it is read as it was", func(t *testing.T) {
		f, err := s.Open(t.Context(), hashOf(file))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(f)
		if err := errors.Join(err, f.Close()); err != nil || !bytes.Equal(got, file) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	})
	t.Run("other bytes than announced are refused", func(t *testing.T) {
		_, err := s.PutAs(t.Context(), strings.NewReader("khác"), hashOf(file))
		if _, ok := errors.AsType[*blob.MismatchError](err); !ok {
			t.Errorf("got %v", err)
		}
	})
	t.Run("what is not there", func(t *testing.T) {
		if _, err := s.Open(t.Context(), hashOf([]byte("không có"))); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("it is listed", func(t *testing.T) {
		n := 0
		for sha, err := range s.All(t.Context()) {
			if n++; err != nil || sha != hashOf(file) {
				t.Errorf("%s, %v", sha, err)
			}
		}
		if n != 1 {
			t.Errorf("%d files", n)
		}
	})
	t.Run("bytes that the store changed are noticed", func(t *testing.T) {
		path := filepath.Join(folder, hashOf(file)[:2], hashOf(file))
		bad := bytes.Clone(file)
		bad[1000] ^= 1
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := s.Open(t.Context(), hashOf(file))
		if _, ok := errors.AsType[*blob.MismatchError](err); !ok {
			t.Errorf("got %v", err)
		}
	})
	t.Run("the wrong keys", func(t *testing.T) {
		bad := c
		bad.SecretKey = rand.Text()
		_, err := bucket.Open(t.Context(), bad, t.TempDir(), http.DefaultTransport)
		if err == nil || strings.Contains(err.Error(), bad.SecretKey) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAServerWithItsFilesInABucket(t *testing.T) {
	c, _ := gateway(t)
	s := open(t, c)
	dir, clock := t.TempDir(), site.NewClock()
	first := site.Start(t, dir, clock, site.Options{NoYear: true})
	for n := range 3 {
		if _, err := first.Number(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	first.Stop()
	local, err := refserver.OpenFolder(dir, false, clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	// Of draft and signed version, which begins with the draft, the server keeps one file.
	for _, want := range [][2]int{{3, 0}, {0, 3}} {
		if copied, same, err := refserver.SyncBlobs(t.Context(), local, s); err != nil || copied != want[0] || same != want[1] {
			t.Errorf("copied %d, same %d, %v; want %v", copied, same, err, want)
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, "blobs")); err != nil {
		t.Fatal(err)
	}
	second := site.Start(t, dir, clock, site.Options{Blobs: s})
	for n := range 3 {
		if _, err := second.Number(t.Context(), 100+n); err != nil {
			t.Fatal(err)
		}
	}
	f, err := second.Server.Check(t.Context())
	if err != nil || len(f.Wrong) > 0 || f.Files != 12 {
		t.Errorf("%+v, %v", f, err)
	}
	t.Run("a large file comes in pieces", func(t *testing.T) {
		me := second.As(site.Chairman)
		d, err := me.Create(t.Context(), "large-0001", docsys.NewDocument{Unit: refserver.KimLienUnit, Type: "Công văn", Subject: "Tệp lớn", Secrecy: "none"})
		if err != nil {
			t.Fatal(err)
		}
		file := bytes.Repeat([]byte("%PDF-1.7 văn bản "), 500_000)
		r, err := me.Submit(t.Context(), conform.Submission(d.ID, "", "draft", "large-0002", file))
		if err != nil {
			t.Fatal(err)
		}
		content, err := me.Content(t.Context(), r.Version)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(content)
		if err := errors.Join(err, content.Close()); err != nil || !bytes.Equal(got, file) {
			t.Errorf("%d bytes of %d, %v", len(got), len(file), err)
		}
		for name, err := range s.OldParts(t.Context(), time.Now().Add(time.Hour)) {
			t.Errorf("left: %s, %v", name, err)
		}
	})
}

func TestABucketKeepsPieces(t *testing.T) {
	c, _ := gateway(t)
	s := open(t, c)
	for range 2 { // removing what is not there is no failure
		if err := s.RemovePart(t.Context(), "P1"); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.PutPart(t.Context(), "P1", []byte("mảnh")); err != nil {
		t.Fatal(err)
	}
	r, err := s.OpenPart(t.Context(), "P1")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(r); err != nil || string(b) != "mảnh" || r.Close() != nil {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := s.OpenPart(t.Context(), "P2"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("one that is not there: %v", err)
	}
	for before, want := range map[time.Time]int{time.Now().Add(-time.Hour): 0, time.Now().Add(time.Hour): 1} {
		n := 0
		for name, err := range s.OldParts(t.Context(), before) {
			if n++; name != "P1" || err != nil {
				t.Errorf("%s, %v", name, err)
			}
		}
		if n != want {
			t.Errorf("%d pieces, want %d", n, want)
		}
	}
	for name, err := range s.All(t.Context()) {
		t.Errorf("a piece is listed as a file: %s, %v", name, err)
	}
}
