// Package bucket keeps the files of a document server in a bucket of an
// S3-compatible store.
//
// A file goes through a folder of this machine first: its hash is known before
// a byte is sent, and a broken transfer leaves no object. What is read is
// compared with its hash before the first byte is given away: a store that
// loses or changes bytes is noticed.
package bucket

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"kyso/app/blob"
	"kyso/app/docsys/refserver"
)

// Config is a bucket; it must exist. The keys are secret: they come from a file
// and are in no error.
type Config struct {
	Endpoint  string `json:"endpoint"` // "s3.example.vn:9000", without a scheme
	Bucket    string `json:"bucket"`
	Region    string `json:"region"`
	AccessKey string `json:"access_key"`
	SecretKey string `json:"secret_key"`
	// Insecure talks without TLS; only to a loopback address.
	Insecure bool `json:"insecure"`
}

// ReadConfig reads the JSON of a configuration.
func ReadConfig(path string) (Config, error) {
	var c Config
	raw, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return c, fmt.Errorf("read the bucket's settings: %w", err)
	}
	if json.Unmarshal(raw, &c) != nil || c.Endpoint == "" || c.Bucket == "" {
		return c, fmt.Errorf("read the bucket's settings: %s needs endpoint, bucket, access_key and secret_key", path)
	}
	return c, nil
}

// Store is a bucket. Its methods may be called from several goroutines.
type Store struct {
	client *minio.Client
	bucket string
	spool  *blob.Dir
	reads  string // folder of files that are being read
}

var _ refserver.Blobs = (*Store)(nil)

// Open connects to a bucket; spool is a folder of this process alone.
func Open(ctx context.Context, c Config, spool string, transport http.RoundTripper) (*Store, error) {
	host, _, _ := strings.Cut(c.Endpoint, ":")
	if c.Insecure && host != "127.0.0.1" && host != "localhost" {
		return nil, errors.New("open the bucket: without TLS only on this machine")
	}
	client, err := minio.New(c.Endpoint, &minio.Options{
		Creds: credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""), Secure: !c.Insecure, Region: c.Region, Transport: transport,
	})
	if err != nil {
		return nil, fmt.Errorf("open the bucket: %w", err)
	}
	ok, err := client.BucketExists(ctx, c.Bucket)
	if err != nil {
		return nil, fmt.Errorf("open the bucket %s: %w", c.Bucket, err)
	}
	if !ok {
		return nil, fmt.Errorf("open the bucket %s: it does not exist", c.Bucket)
	}
	dir, err := blob.OpenDir(spool)
	if err != nil {
		return nil, err
	}
	return &Store{client: client, bucket: c.Bucket, spool: dir, reads: spool}, nil
}

func object(sha string) string { return sha[:2] + "/" + sha }

// PutAs stores a file; after a nil error the store has confirmed it.
func (s *Store) PutAs(ctx context.Context, r io.Reader, sha string) (int64, error) {
	size, err := s.spool.PutAs(r, sha)
	if err != nil {
		return 0, err
	}
	// Two calls may store the same bytes: whoever comes second finds no file to remove.
	defer func() { _ = os.Remove(s.spool.Path(sha)) }()
	if info, err := s.client.StatObject(ctx, s.bucket, object(sha), minio.StatObjectOptions{}); err == nil && info.Size == size {
		return size, nil
	}
	f, err := s.spool.Open(sha)
	if errors.Is(err, fs.ErrNotExist) {
		return s.stored(ctx, sha, size)
	}
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	info, err := s.client.PutObject(ctx, s.bucket, object(sha), f, size, minio.PutObjectOptions{
		ContentType: "application/pdf", DisableMultipart: true, SendContentMd5: true,
	})
	if err != nil {
		return 0, fmt.Errorf("store file %s: %w", sha, err)
	}
	if info.Size != size {
		return 0, fmt.Errorf("store file %s: %d bytes of %d arrived", sha, info.Size, size)
	}
	return size, nil
}

// stored reports a file that another call has stored.
func (s *Store) stored(ctx context.Context, sha string, size int64) (int64, error) {
	if _, err := s.client.StatObject(ctx, s.bucket, object(sha), minio.StatObjectOptions{}); err != nil {
		return 0, fmt.Errorf("store file %s: %w", sha, err)
	}
	return size, nil
}

// Open fetches a file, compares its hash and opens it.
func (s *Store) Open(ctx context.Context, sha string) (refserver.File, error) {
	if s.spool.Path(sha) == "" {
		return nil, blob.ErrName
	}
	o, err := s.client.GetObject(ctx, s.bucket, object(sha), minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("fetch file %s: %w", sha, err)
	}
	defer func() { _ = o.Close() }()
	f, err := os.CreateTemp(s.reads, "part-read-*")
	if err != nil {
		return nil, fmt.Errorf("fetch file %s: %w", sha, err)
	}
	t := &temporary{f}
	if err := fetch(t.File, o, sha); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func fetch(to *os.File, from io.Reader, sha string) error {
	err := blob.Copy(to, from, sha)
	if e, ok := errors.AsType[minio.ErrorResponse](err); ok && e.Code == minio.NoSuchKey {
		return fmt.Errorf("fetch file %s: %w", sha, fs.ErrNotExist)
	}
	if err == nil {
		_, err = to.Seek(0, io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("fetch file %s: %w", sha, err)
	}
	return nil
}

// temporary is a file that goes when it is closed.
type temporary struct{ *os.File }

// Close closes and removes the file.
func (t *temporary) Close() error {
	return errors.Join(t.File.Close(), os.Remove(t.Name()))
}

// Remove removes a file.
func (s *Store) Remove(ctx context.Context, sha string) error {
	if s.spool.Path(sha) == "" {
		return blob.ErrName
	}
	if err := s.client.RemoveObject(ctx, s.bucket, object(sha), minio.RemoveObjectOptions{}); err != nil {
		return fmt.Errorf("remove file %s: %w", sha, err)
	}
	return nil
}

// All lists the files of the bucket.
func (s *Store) All(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for o := range s.client.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Recursive: true}) {
			if o.Err != nil {
				yield("", fmt.Errorf("list the bucket: %w", o.Err))
				return
			}
			if _, sha, ok := strings.Cut(o.Key, "/"); ok && s.spool.Path(sha) != "" && !yield(sha, nil) {
				return
			}
		}
	}
}

// pieces is the folder of the bucket for uploads that are under way.
const pieces = "uploads/"

// PutPart stores a piece of an upload; after a nil error the store has confirmed it.
func (s *Store) PutPart(ctx context.Context, name string, b []byte) error {
	_, err := s.client.PutObject(ctx, s.bucket, pieces+name, bytes.NewReader(b), int64(len(b)), minio.PutObjectOptions{
		ContentType: "application/octet-stream", DisableMultipart: true, SendContentMd5: true,
	})
	if err != nil {
		return fmt.Errorf("store a piece: %w", err)
	}
	return nil
}

// OpenPart opens a piece; whether it is what was stored, the hash of the whole tells.
func (s *Store) OpenPart(ctx context.Context, name string) (io.ReadCloser, error) {
	o, err := s.client.GetObject(ctx, s.bucket, pieces+name, minio.GetObjectOptions{})
	if err == nil {
		if _, err = o.Stat(); err != nil {
			_ = o.Close()
		}
	}
	if e, ok := errors.AsType[minio.ErrorResponse](err); ok && e.Code == minio.NoSuchKey {
		return nil, fmt.Errorf("fetch a piece: %w", fs.ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("fetch a piece: %w", err)
	}
	return o, nil
}

// RemovePart removes a piece; S3 says nothing about one that is not there.
func (s *Store) RemovePart(ctx context.Context, name string) error {
	if err := s.client.RemoveObject(ctx, s.bucket, pieces+name, minio.RemoveObjectOptions{}); err != nil {
		return fmt.Errorf("remove a piece: %w", err)
	}
	return nil
}

// OldParts lists the pieces that were stored before a time.
func (s *Store) OldParts(ctx context.Context, before time.Time) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for o := range s.client.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: pieces, Recursive: true}) {
			if o.Err != nil {
				yield("", fmt.Errorf("list the pieces: %w", o.Err))
				return
			}
			if o.LastModified.Before(before) && !yield(strings.TrimPrefix(o.Key, pieces), nil) {
				return
			}
		}
	}
}
