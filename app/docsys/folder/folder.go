// Package folder delivers signed documents into a folder, local or on a network
// share: the connector that works with a document system as it is, by import
// from a folder.
//
// A document is two files, "name.pdf" and "name.json" (docsys.Sidecar). The
// sidecar comes first, so that whoever sees the PDF finds its metadata; both
// appear complete or not at all, and no file is ever replaced. Files that begin
// with ".kyso-" are under way and not for others.
//
// It verifies no signature, and it does not know whether the system imported a
// file: what is gone from the folder counts as taken.
package folder

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"kyso/app/docsys"
)

// Folder is a docsys.Connector.
type Folder struct {
	root  string
	clock func() time.Time
}

var _ docsys.Connector = (*Folder)(nil)

// New makes a connector for the folder at root, which must exist when it is used.
func New(root string, clock func() time.Time) *Folder { return &Folder{root: root, clock: clock} }

// most bounds the search for a free name.
const most = 1000

// part is the name of a submission's file while it is under way.
func (f *Folder) part(key, extension string) string {
	return filepath.Join(f.root, ".kyso-"+docsys.SafeName(key)+extension)
}

// Submit publishes the file. The name that it gets is remembered before, so that
// a delivery that was interrupted is found again, also when the system has taken
// the file meanwhile.
func (f *Folder) Submit(ctx context.Context, s docsys.Submission) (docsys.Receipt, error) {
	if err := f.reachable(); err != nil {
		return docsys.Receipt{}, err
	}
	r, err := f.submit(ctx, s)
	if err != nil {
		return docsys.Receipt{}, fmt.Errorf("deliver %s to the folder: %w", s.DocumentID, refusal(err))
	}
	return r, nil
}

func (f *Folder) submit(ctx context.Context, s docsys.Submission) (docsys.Receipt, error) {
	if s.Resume != "" {
		if r, done, err := f.goOn(s); done || err != nil {
			return r, err
		}
	}
	if err := f.write(ctx, f.part(s.Key, ".pdf"), s); err != nil {
		return docsys.Receipt{}, err
	}
	if s.Committing != nil {
		if err := s.Committing(); err != nil {
			return docsys.Receipt{}, err
		}
	}
	for n := 1; n < most; n++ {
		name := docsys.Numbered(s.FileStem(), n)
		if taken, err := f.isTaken(name, s.Key); err != nil {
			return docsys.Receipt{}, err
		} else if taken {
			continue
		}
		if err := remember(s, name); err != nil {
			return docsys.Receipt{}, err
		}
		switch ok, err := f.publish(s, name); {
		case err != nil:
			return docsys.Receipt{}, err
		case ok:
			return f.receipt(s, name), nil
		}
	}
	return docsys.Receipt{}, fs.ErrExist
}

// isTaken reports a name of another document's files.
func (f *Folder) isTaken(name, key string) (bool, error) {
	ours, err := f.isOurs(filepath.Join(f.root, name+".json"), key)
	if err != nil || ours {
		return false, err
	}
	for _, extension := range []string{".json", ".pdf"} {
		if _, err := os.Lstat(filepath.Join(f.root, name+extension)); err == nil {
			return true, nil
		}
	}
	return false, nil
}

func remember(s docsys.Submission, name string) error {
	if s.Remember == nil {
		return nil
	}
	return s.Remember(name)
}

func (f *Folder) receipt(s docsys.Submission, name string) docsys.Receipt {
	return docsys.Receipt{Version: name + ".pdf", SHA256: s.SHA256, ReceivedAt: f.clock().UTC()}
}

// goOn continues a delivery that was interrupted around the publication of a
// name; done is false when nothing was published yet.
func (f *Folder) goOn(s docsys.Submission) (_ docsys.Receipt, done bool, err error) {
	final, side := filepath.Join(f.root, s.Resume+".pdf"), filepath.Join(f.root, s.Resume+".json")
	ours, err := f.isOurs(side, s.Key)
	if err != nil {
		return docsys.Receipt{}, false, err
	}
	if sum, err := sumOf(final); err == nil && sum == s.SHA256 && ours {
		_ = os.Remove(f.part(s.Key, ".pdf")) // a second name of the same file, where links publish
		return f.receipt(s, s.Resume), true, nil
	}
	switch _, err := os.Lstat(f.part(s.Key, ".pdf")); {
	case err == nil: // not published, or the file system cannot say it better
		return docsys.Receipt{}, false, nil
	case !errors.Is(err, fs.ErrNotExist):
		return docsys.Receipt{}, false, err
	case ours: // the PDF was published and taken, its sidecar left
		return f.receipt(s, s.Resume), true, nil
	}
	if _, err := os.Lstat(f.part(s.Key, ".json")); err == nil { // the sidecar never came so far
		return docsys.Receipt{}, false, nil
	}
	// Published and taken with its sidecar, or somebody tidied up: a person knows.
	if err := remember(s, ""); err != nil {
		return docsys.Receipt{}, false, err
	}
	return docsys.Receipt{}, false, &docsys.Problem{
		Type: "/problems/taken-or-lost", Status: http.StatusConflict,
		Title:  "Không rõ hệ thống đã lấy văn bản khỏi thư mục chưa",
		Detail: s.Resume + ".pdf không còn trong thư mục. Kiểm tra trên hệ thống văn bản; nếu chưa có thì bấm gửi lại.",
	}
}

// isOurs reports that the sidecar at a path belongs to a key.
func (f *Folder) isOurs(path, key string) (bool, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	side, err := docsys.DecodeSidecar(raw)
	return err == nil && side.Key == key, nil
}

// write writes the PDF under its private name, durably, and reads it back: a
// share may tell of success and hold other bytes.
func (f *Folder) write(ctx context.Context, path string, s docsys.Submission) error {
	if sum, err := sumOf(path); err == nil && sum == s.SHA256 {
		return nil // an earlier life came so far
	}
	in, err := s.Open()
	if err != nil {
		return &ownError{err}
	}
	told := s.Progress
	if told == nil {
		told = func(int64) {}
	}
	in = docsys.Counted(in, told)
	defer in.Close() //nolint:errcheck // only read
	if err := writeFile(path, readerOf(ctx, in)); err != nil {
		return err
	}
	sum, err := sumOf(path)
	if err != nil {
		return err
	}
	if sum != s.SHA256 {
		_ = os.Remove(path)
		return fmt.Errorf("%w: %s instead of %s", docsys.ErrDigest, sum, s.SHA256)
	}
	return nil
}

// publish gives the files their names; ok is false when another document has one of them.
func (f *Folder) publish(s docsys.Submission, name string) (ok bool, err error) {
	final, side := filepath.Join(f.root, name+".pdf"), filepath.Join(f.root, name+".json")
	ours, err := f.isOurs(side, s.Key)
	if err != nil {
		return false, err
	}
	if ours {
		if sum, err := sumOf(final); err == nil && sum == s.SHA256 {
			return true, os.Remove(f.part(s.Key, ".pdf")) // an earlier life published it
		}
	} else {
		if ok, err := f.claim(s, name, final, side); !ok || err != nil {
			return false, err
		}
	}
	err = moveNew(f.part(s.Key, ".pdf"), final)
	if errors.Is(err, fs.ErrExist) { // somebody else's file took the name in between
		return false, os.Remove(side)
	}
	if err != nil {
		return false, err
	}
	return true, syncFolder(f.root)
}

// claim publishes the sidecar, which takes the name.
func (f *Folder) claim(s docsys.Submission, name, final, side string) (bool, error) {
	if _, err := os.Lstat(final); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return false, ignore(err)
	}
	raw, err := docsys.SidecarOf(s, name+".pdf", f.clock()).Encode()
	if err != nil {
		return false, err
	}
	part := f.part(s.Key, ".json")
	if err := writeFile(part, bytesReader(raw)); err != nil {
		return false, err
	}
	err = moveNew(part, side)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	return err == nil, err
}

// ignore is for a name that is there: no error, and not free.
func ignore(err error) error {
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// Status says that nobody verifies here.
func (f *Folder) Status(_ context.Context, version string) (docsys.VersionStatus, error) {
	return docsys.VersionStatus{Version: version, State: docsys.Unverified}, nil
}

// Check writes, renames and removes a file.
func (f *Folder) Check(ctx context.Context) (docsys.Checkup, error) {
	k := docsys.Checkup{System: f.root}
	if err := k.Try("reach", f.reachable); err != nil {
		return k, err
	}
	probe := filepath.Join(f.root, ".kyso-thu")
	defer os.Remove(probe)               //nolint:errcheck // gone when all went well
	defer os.Remove(probe + "-2")        //nolint:errcheck // gone when all went well
	text := []byte("kiểm tra kết nối\n") // Vietnamese letters, as names and contents have
	sum := sha256.Sum256(text)
	steps := []struct {
		name string
		do   func() error
	}{
		{"write", func() error { return writeFile(probe, readerOf(ctx, bytesReader(text))) }},
		{"rename", func() error { return moveNew(probe, probe+"-2") }},
		{"answer", func() error {
			got, err := sumOf(probe + "-2")
			if err == nil && got != hex.EncodeToString(sum[:]) {
				err = docsys.ErrDigest
			}
			return err
		}},
		{"remove", func() error { return os.Remove(probe + "-2") }},
	}
	for _, s := range steps {
		if err := k.Try(s.name, s.do); err != nil {
			return k, fmt.Errorf("check the folder: %w", refusal(err))
		}
	}
	return k, nil
}

// reachable reports the folder's absence as no answer: a share comes back.
func (f *Folder) reachable() error {
	st, err := os.Stat(f.root)
	if err == nil && !st.IsDir() {
		return &docsys.Problem{Type: "/problems/no-folder", Status: http.StatusConflict, Title: "Đường dẫn nhận văn bản không phải là thư mục", Detail: f.root}
	}
	if err != nil {
		return fmt.Errorf("%w: %w", docsys.ErrOffline, hidden{err})
	}
	return nil
}

// refusal makes a problem of what the folder's owner must put right.
func refusal(err error) error {
	if own, ok := errors.AsType[*ownError](err); ok {
		return own
	}
	if errors.Is(err, fs.ErrPermission) {
		return &docsys.Problem{Type: "/problems/no-permission", Status: http.StatusForbidden, Title: "Không được ghi vào thư mục nhận văn bản", Detail: err.Error()}
	}
	if errors.Is(err, fs.ErrNotExist) { // a share that went away meanwhile, not our own copy
		return fmt.Errorf("%w: %w", docsys.ErrOffline, hidden{err})
	}
	return err
}

// ownError is a failure to read the outbox's own copy.
type ownError struct{ err error }

func (e *ownError) Error() string { return "open the file: " + e.err.Error() }
func (e *ownError) Unwrap() error { return e.err }

// hidden keeps the words of an error and not its kind: an absent share must not
// look like an absent document.
type hidden struct{ err error }

func (h hidden) Error() string { return h.err.Error() }

// sumOf gives the SHA-256 of a file in hexadecimal.
func sumOf(path string) (string, error) {
	in, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer in.Close() //nolint:errcheck // only read
	h := sha256.New()
	if _, err := io.Copy(h, in); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
