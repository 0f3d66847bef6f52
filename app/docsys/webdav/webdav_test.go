package webdav_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/conform"
	"kyso/app/docsys/webdav"
	"kyso/app/docsys/webdav/webdavtest"
)

func at() time.Time { return time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC) }

// connector makes a connector for a site.
func connector(t *testing.T, s webdavtest.Site) *webdav.Collection {
	t.Helper()
	c, err := webdav.New(webdav.Options{URL: s.URL, Login: s.Login, Password: s.Password, Client: &http.Client{Timeout: 10 * time.Second}, Clock: at})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// next makes a submission of a new document.
func next(name string) docsys.Submission {
	file := append([]byte("%PDF-1.7\n"), strings.Repeat(rand.Text(), 5000)...)
	s := conform.Submission("d-"+rand.Text(), "", "signed", rand.Text(), file)
	s.Metadata = docsys.Metadata{FileName: name, Subject: "V/v thử"}
	return s
}

// held reads every document whose sidecar has the submission's key.
func held(root string, s docsys.Submission) ([][]byte, error) {
	sides, err := filepath.Glob(filepath.Join(root, "*.json"))
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for _, path := range sides {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if side, err := docsys.DecodeSidecar(raw); err != nil || side.Key != s.Key {
			continue
		} else if b, err := os.ReadFile(filepath.Join(root, side.File)); err == nil {
			out = append(out, b)
		}
	}
	return out, nil
}

func TestForeignServersKeepWhatTheOutboxReliesOn(t *testing.T) {
	for name, begin := range map[string]func(testing.TB) webdavtest.Site{"Apache mod_dav": webdavtest.Apache, "rclone serve webdav": webdavtest.Rclone} {
		t.Run(name, func(t *testing.T) {
			s := begin(t)
			n := 0
			system := conform.System{
				Connector: connector(t, s),
				Next: func(context.Context) (docsys.Submission, error) {
					n++
					return next(fmt.Sprintf("công văn số %d, 50%% #?.pdf", n)), nil
				},
				Held: func(_ context.Context, sub docsys.Submission) ([][]byte, error) { return held(s.Root, sub) },
			}
			for _, c := range conform.Delivery(system) {
				t.Run(c.Name, func(t *testing.T) {
					if err := c.Run(t.Context()); err != nil {
						t.Error(err)
					}
					if left, _ := filepath.Glob(filepath.Join(s.Root, ".kyso-*")); len(left) > 0 {
						t.Errorf("left behind: %v", left)
					}
				})
			}
			t.Run("a name that is taken is left alone", func(t *testing.T) { takenName(t, s) })
			t.Run("a wrong password asks for the log-in", func(t *testing.T) {
				s.Password = "sai"
				_, err := connector(t, s).Check(t.Context())
				if p, ok := errors.AsType[*docsys.Problem](err); !ok || p.Status != http.StatusUnauthorized {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

// A server may store what came of a transfer that broke after it has said that there
// is nothing to remove.
func TestWhatComesLateOfABrokenTransferIsRemovedAtTheEnd(t *testing.T) {
	s := webdavtest.Rclone(t)
	target, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	broken := ""
	line := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := path.Base(r.URL.Path)
		switch {
		case r.Method == http.MethodPut && broken == "":
			broken = name
			panic(http.ErrAbortHandler)
		case r.Method == http.MethodDelete && name == broken:
			if _, err := os.Stat(filepath.Join(s.Root, broken)); err != nil {
				w.WriteHeader(http.StatusNotFound)
				if err := os.WriteFile(filepath.Join(s.Root, broken), []byte("half a fi"), 0o600); err != nil {
					t.Error(err)
				}
				return
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(line.Close)
	at := s
	at.URL = line.URL
	sub := next("đứt giữa chừng.pdf")
	sub.Remember = func(resume string) error { sub.Resume = resume; return nil }
	if _, err := connector(t, at).Submit(t.Context(), sub); err == nil {
		t.Fatal("the transfer did not break")
	}
	if _, err := connector(t, at).Submit(t.Context(), sub); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(s.Root, ".kyso-*")); len(left) > 0 || broken == "" {
		t.Errorf("left behind: %v", left)
	}
}

func takenName(t *testing.T, s webdavtest.Site) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.Root, "trùng tên.pdf"), []byte("của người khác"), 0o644); err != nil {
		t.Fatal(err)
	}
	sub := next("trùng tên.pdf")
	r, err := connector(t, s).Submit(t.Context(), sub)
	if err != nil || r.Version != "trùng tên (2).pdf" {
		t.Fatalf("got %+v, %v", r, err)
	}
	if b, err := os.ReadFile(filepath.Join(s.Root, "trùng tên.pdf")); err != nil || string(b) != "của người khác" {
		t.Errorf("the other file is %q, %v", b, err)
	}
}

func TestAServerThatKeepsOtherBytesIsFoundOut(t *testing.T) {
	s := webdavtest.Site{}
	lies := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodPut:
			w.WriteHeader(http.StatusCreated)
		case http.MethodGet:
			if strings.Contains(r.URL.Path, ".kyso-") {
				w.WriteHeader(http.StatusOK)
				_, _ = w.Write([]byte("something else"))
				return
			}
			w.WriteHeader(http.StatusNotFound)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	t.Cleanup(lies.Close)
	s.URL = lies.URL
	if _, err := connector(t, s).Submit(t.Context(), next("a.pdf")); !errors.Is(err, docsys.ErrDigest) {
		t.Errorf("got %v, want ErrDigest", err)
	}
}

func TestARedirectIsNoSuccess(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/login" {
			return // a page of a portal
		}
		http.Redirect(w, r, "/login", http.StatusFound)
	}))
	t.Cleanup(web.Close)
	_, err := connector(t, webdavtest.Site{URL: web.URL + "/dav"}).Submit(t.Context(), next("a.pdf"))
	if p, ok := errors.AsType[*docsys.Problem](err); !ok || p.Status != http.StatusFound || p.Retryable {
		t.Errorf("got %v, want the redirect told", err)
	}
}

func TestAPasswordIsNotShownToEverybody(t *testing.T) {
	for address, want := range map[string]error{
		"http://nas.phuong.vn/dav": webdav.ErrPlain, "https://nas.phuong.vn/dav": nil, "http://127.0.0.1:8080/dav": nil,
	} {
		_, err := webdav.New(webdav.Options{URL: address, Login: "a", Password: "b", Client: http.DefaultClient, Clock: at})
		if !errors.Is(err, want) {
			t.Errorf("%s gave %v, want %v", address, err, want)
		}
	}
	for _, address := range []string{"", "nas", "ftp://nas/", "http://"} {
		if _, err := webdav.New(webdav.Options{URL: address, Client: http.DefaultClient, Clock: at}); err == nil {
			t.Errorf("%q was taken", address)
		}
	}
}
