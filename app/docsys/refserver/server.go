// Package refserver is a document server that implements the contract of
// package docsys in full, over SQLite or PostgreSQL and a folder of files.
//
// It counts only what it verified itself: a claim of a client changes no
// figure. It is not a document-management system: it knows of a document what
// the signing rate and the inbox need.
package refserver

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"kyso/app/docsys/api"
	"kyso/app/docsys/refserver/database"
	"kyso/app/docsys/refserver/identity"
	"kyso/signer/verify"
)

//go:embed migrations/sqlite/*.sql migrations/postgres/*.sql
var migrations embed.FS

// Verifier judges the signatures of a PDF as of a time. An error means that it
// could not judge; a bad signature is a report.
type Verifier func(ctx context.Context, r io.ReaderAt, size int64, at time.Time) (verify.Report, error)

// Config says how to run a server. Data, Verifier and Clock are required.
type Config struct {
	// Data is the folder of database, files and key; it is made.
	Data string
	// Postgres is the URL of a database (postgres://…) that takes the place of
	// the one in Data. Servers that share it share the files and the key too.
	Postgres string
	// Blobs takes the place of the files in Data when it is not nil.
	Blobs    Blobs
	Verifier Verifier
	Clock    func() time.Time
	// Logger is silent when nil.
	Logger *slog.Logger
	// Provider lets officials log in with accounts elsewhere; nil knows local ones only.
	Provider *identity.Provider
	// MaxBlob bounds one file that is uploaded by one PUT; zero means 64 MiB.
	MaxBlob int64
	// CloseDay is the day of the month at whose end the figures of the month
	// before are closed; zero means 5, a negative one that only an administrator closes.
	CloseDay int
	// InitialsApart asks for initials also from somebody who submits a document and
	// approves it himself; else the approval stands for them.
	InitialsApart bool
	// MaxUpload bounds one file that is uploaded in pieces; zero means 512 MiB.
	MaxUpload int64
}

const (
	databaseFile    = "server.db"
	workers         = 2 // verifications at the same time
	defaultMaxBlob  = 64 << 20
	defaultCloseDay = 5
	maxJSON         = 256 << 10
	answerWithin    = 30 * time.Second // a JSON call
	transferWithin  = 10 * time.Minute // an upload or a download, on a bad line
	maxTransfers    = 32               // at the same time
)

// Server is an open reference server.
type Server struct {
	db        *database.DB
	blobs     Blobs
	verify    Verifier
	clock     func() time.Time
	log       *slog.Logger
	maxBlob   int64
	maxUpload int64
	closeDay  int
	// initialsApart is Config.InitialsApart.
	initialsApart bool
	bell          bell
	rights        rights
	shown         []byte // the contract, as HTML
	gauges        *gauges
	// provider is nil where only local accounts log in.
	provider *identity.Provider

	signer   note.Signer // of the audit log's checkpoints
	verifier string      // its public key

	transfers chan struct{} // slots
	hashing   chan struct{} // slots for argon2id, which takes 19 MiB each

	mu       sync.Mutex
	handover map[[32]byte]string   // hash of a token of this run → account
	bodies   map[string][]*watched // of uploads, that are being read

	firstPassword string

	base   func() context.Context // of the server's life
	jobs   chan struct{}          // wakes the worker
	cancel context.CancelFunc
	worker sync.WaitGroup
}

// Open opens or makes the server's data, and starts its worker, which goes on
// with what an earlier run left unverified. The caller calls Close.
func Open(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.Verifier == nil {
		return nil, errors.New("open the document server: a verifier is required")
	}
	s, err := OpenIdle(ctx, cfg)
	if err != nil {
		return nil, err
	}
	// The worker outlives the call; Close ends it.
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.cancel = cancel
	for range workers {
		s.worker.Go(func() { s.runJobs(work) })
	}
	s.worker.Go(func() { s.runCalendar(work) })
	s.worker.Go(func() { s.sweepUploads(work) })
	return s, nil
}

// OpenIdle is Open for tasks on the data: nothing is verified, and Verifier may be nil.
func OpenIdle(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.Clock == nil {
		return nil, errors.New("open the document server: a clock is required")
	}
	s := &Server{
		verify: cfg.Verifier, clock: cfg.Clock, log: cfg.Logger, maxBlob: cfg.MaxBlob, maxUpload: cfg.MaxUpload, closeDay: cfg.CloseDay, initialsApart: cfg.InitialsApart, provider: cfg.Provider,
		transfers: make(chan struct{}, maxTransfers), hashing: make(chan struct{}, 2),
		handover: map[[32]byte]string{}, bodies: map[string][]*watched{}, jobs: make(chan struct{}, 1), cancel: func() {}, gauges: newGauges(),
		base: func() context.Context { return context.WithoutCancel(ctx) },
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.maxBlob == 0 {
		s.maxBlob = defaultMaxBlob
	}
	if s.closeDay == 0 {
		s.closeDay = defaultCloseDay
	}
	if s.maxUpload == 0 {
		s.maxUpload = defaultMaxUpload
	}
	if err := s.openData(ctx, cfg); err != nil {
		return nil, fmt.Errorf("open the document server: %w", err)
	}
	if err := s.prepare(ctx, cfg); err != nil {
		return nil, errors.Join(fmt.Errorf("open the document server: %w", err), s.db.Close())
	}
	return s, nil
}

// prepare makes what a new database lacks.
func (s *Server) prepare(ctx context.Context, cfg Config) error {
	var err error
	if s.rights, err = readRights(); err != nil {
		return err
	}
	if s.shown, err = renderPage(s.rights); err != nil {
		return err
	}
	s.gauges.registry.MustRegister(newCollector(s))
	if err := s.openAuditKey(ctx, filepath.Join(cfg.Data, auditKeyFile)); err != nil {
		return err
	}
	if cfg.Verifier == nil {
		return nil // a task beside the server, which may be at work
	}
	if err := s.freeJobs(ctx); err != nil {
		return err
	}
	return s.firstRun(ctx)
}

func (s *Server) openData(ctx context.Context, cfg Config) error {
	dir := cfg.Data
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	var err error
	if s.blobs = cfg.Blobs; s.blobs == nil {
		if s.blobs, err = OpenFolder(dir, cfg.Postgres != "" || cfg.Verifier == nil, cfg.Clock()); err != nil {
			return err
		}
	}
	files := mustMigrations()
	if cfg.Postgres != "" {
		s.db, err = database.OpenPostgres(ctx, cfg.Postgres, files)
	} else {
		s.db, err = database.OpenFile(ctx, filepath.Join(dir, databaseFile), files)
	}
	s.blobs = shortened{s.blobs, s.db}
	return err
}

// background is a context for what no caller waits for.
func (s *Server) background(within time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(s.base(), within)
}

// FirstPassword is the administrator's one-time password when this Open made
// the data, else "". It is kept nowhere.
func (s *Server) FirstPassword() string { return s.firstPassword }

// Close stops the worker, waits for it, and closes the data. Requests in
// flight must have ended (http.Server.Shutdown).
func (s *Server) Close() error {
	s.EndWaits()
	s.cancel()
	s.worker.Wait()
	return s.db.Close()
}

// Handler serves the contract below /v1/, its text at /openapi.yaml, and a page
// that shows it at /.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /openapi.yaml", serveContract)
	mux.HandleFunc("GET /{$}", s.servePage)
	mux.HandleFunc("GET /problems/{kind}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/#problem-"+url.PathEscape(r.PathValue("kind")), http.StatusFound)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, refuse(http.StatusNotFound, "not-found", "Không có địa chỉ này"))
	})
	h := api.HandlerWithOptions(calls{s}, api.StdHTTPServerOptions{
		BaseURL: "/v1", BaseRouter: mux, Middlewares: []api.MiddlewareFunc{s.authorize},
		ErrorHandlerFunc: func(w http.ResponseWriter, r *http.Request, err error) {
			s.fail(w, r, refuse(http.StatusBadRequest, "bad-request", "Yêu cầu không đúng dạng", err.Error()))
		},
	})
	return s.guard(s.resumable(s.limit(s.measure(h))))
}

// calls holds the operations of the contract, away from Server's own methods.
type calls struct{ *Server }

var _ api.ServerInterface = calls{}
