// Package preview shows PDF pages as pictures and gives their text with places.
//
// Pages are drawn by pdfium compiled to WebAssembly, in a sandbox without files
// or network. It never changes a file and never decides about signatures.
package preview

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	pdfiumerrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// The limits. A file beyond them is refused before it is read.
const (
	maxFile   = 512 << 20 // bytes
	maxPages  = 20_000
	maxPixels = 40_000_000 // of one picture
	// maxOpen bounds the documents that are open at once; each has its own sandbox.
	maxOpen = 8
)

// The errors that a caller tells apart.
var (
	ErrPassword = errors.New("the file is encrypted and asks for a password")
	// ErrWrongPassword reports that the one given does not open the file.
	ErrWrongPassword = errors.New("the file is encrypted and that is not its password")
	ErrDamaged       = errors.New("not a PDF file, or one that is damaged")
	ErrTooLarge      = errors.New("the file or picture is larger than the limit")
	ErrClosed        = errors.New("the document is closed")
)

// Renderer opens documents. It is safe for concurrent use.
type Renderer struct {
	cache wazero.CompilationCache // nil without a folder
	ready chan struct{}           // closed when pool and err are set
	pool  pdfium.Pool
	err   error

	closing sync.Once
}

// New starts the renderer in the background and returns at once; the first Open
// waits for it. In cacheDir the compiled code is kept, which shortens the next
// start from seconds to a tenth of one; an empty or unusable folder only costs
// that time. The caller closes the renderer.
func New(cacheDir string) *Renderer {
	r := &Renderer{ready: make(chan struct{})}
	go r.start(cacheDir)
	return r
}

// start compiles the module and makes the pool, then closes ready.
func (r *Renderer) start(cacheDir string) {
	defer close(r.ready)
	config := wazero.NewRuntimeConfig().WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling)
	kept, _ := filepath.Glob(filepath.Join(cacheDir, "wazero-*", "*"))
	if cacheDir != "" {
		if cache, err := wazero.NewCompilationCacheWithDir(cacheDir); err == nil {
			r.cache = cache
			config = config.WithCompilationCache(cache)
		}
	}
	r.pool, r.err = webassembly.Init(webassembly.Config{
		MinIdle: 1, MaxIdle: 1, MaxTotal: maxOpen,
		FSConfig:      wazero.NewFSConfig(), // no files at all
		RuntimeConfig: config,
		Stdout:        io.Discard, Stderr: io.Discard,
	})
	if r.err != nil {
		r.err = fmt.Errorf("start the page renderer: %w", r.err)
	}
	if len(kept) == 0 {
		debug.FreeOSMemory() // the compiler took hundreds of megabytes, once
	}
}

// Close ends the renderer and every document that is still open.
func (r *Renderer) Close() error {
	var err error
	r.closing.Do(func() {
		<-r.ready
		if r.pool != nil {
			err = r.pool.Close()
		}
		if r.cache != nil {
			err = errors.Join(err, r.cache.Close(context.Background())) //nolint:forbidigo // closing must not be cut short
		}
	})
	return err
}

// Open is OpenWith without a password.
func (r *Renderer) Open(ctx context.Context, path string) (*Document, error) {
	return r.OpenWith(ctx, path, nil)
}

// OpenWith opens the file at path for reading, with a password (UTF-8) if the
// file needs one. The file stays open until the document is closed. The error is
// ErrPassword, ErrWrongPassword, ErrDamaged or ErrTooLarge where one of them
// fits, or the file system's own.
func (r *Renderer) OpenWith(ctx context.Context, path string, password []byte) (*Document, error) {
	select {
	case <-r.ready:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if r.err != nil {
		return nil, r.err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open for view: %w", err)
	}
	d, err := r.open(ctx, f, password)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s for view: %w", path, err), f.Close())
	}
	return d, nil
}

// open makes the sandbox of one document. On success the document owns f.
func (r *Renderer) open(ctx context.Context, f *os.File, password []byte) (*Document, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, ErrTooLarge
	}
	instance, err := r.pool.GetInstanceWithContext(ctx)
	if err != nil {
		return nil, err
	}
	request := &requests.OpenDocument{FileReader: f, FileReaderSize: info.Size()}
	if len(password) > 0 {
		s := string(password)
		request.Password = &s
	}
	opened, err := instance.OpenDocument(request)
	if err != nil {
		return nil, errors.Join(sentinel(err, len(password) > 0), instance.Close())
	}
	d := &Document{file: f, instance: instance, doc: opened.Document}
	if d.sizes, err = d.readSizes(); err != nil {
		return nil, errors.Join(err, instance.Close())
	}
	form, err := instance.FPDF_GetFormType(&requests.FPDF_GetFormType{Document: d.doc})
	d.form = err == nil && form.FormType != enums.FPDF_FORMTYPE_NONE
	return d, nil
}

// sentinel turns pdfium's word for a failed opening into one of this package's.
func sentinel(err error, tried bool) error {
	switch {
	case errors.Is(err, pdfiumerrors.ErrPassword) && tried:
		return ErrWrongPassword
	case errors.Is(err, pdfiumerrors.ErrPassword), errors.Is(err, pdfiumerrors.ErrSecurity):
		return ErrPassword
	default:
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
}
